/*
 * Writing one symbol at a time with LSTM(64, H) and Linear(H, 64). The recurrent weights are stored transposed, so that the
 * products run over columns and the compiler needs no sums across lanes.
 */
#include "common.h"

enum { V = 64, STEPS = 100 };

static int H, written[STEPS];
static float *wih, *whh, *bias, *w, *b, *h, *c, *z, *logits;

static void generate(void) {
  const int rows = 4 * H;
  int symbol = 0;
  memset(h, 0, H * sizeof *h);
  memset(c, 0, H * sizeof *c);
  for (int step = 0; step < STEPS; step++) {
    const float *column = wih + symbol * rows;
    for (int i = 0; i < rows; i++) z[i] = bias[i] + column[i];
    for (int j = 0; j < H; j++) {
      const float *row = whh + j * rows, s = h[j];
      for (int i = 0; i < rows; i++) z[i] += s * row[i];
    }
    for (int i = 0; i < H; i++) {
      c[i] = sigmoid(z[H + i]) * c[i] + sigmoid(z[i]) * tanhf(z[2 * H + i]);
      h[i] = sigmoid(z[3 * H + i]) * tanhf(c[i]);
    }
    memcpy(logits, b, V * sizeof *b);
    for (int j = 0; j < H; j++)
      for (int k = 0; k < V; k++) logits[k] += h[j] * w[j * V + k];
    symbol = 0;
    for (int k = 1; k < V; k++)
      if (logits[k] > logits[symbol]) symbol = k;
    written[step] = symbol;
  }
}

/* A (rows × columns) by formula, stored as its transpose. */
static float *transposed(int rows, int columns, int seed, double scale) {
  float *x = malloc(sizeof *x * rows * columns);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++) x[j * rows + i] = number(i * columns + j, seed, scale);
  return x;
}

static int prepare(const char *words) {
  if (sscanf(words, "generate %d", &H) != 1) return 0;
  const double scale = 2 / sqrt(H);
  wih = transposed(4 * H, V, 1, scale);
  whh = transposed(4 * H, H, 2, scale);
  bias = malloc(sizeof *bias * 4 * H);
  for (int i = 0; i < 4 * H; i++) bias[i] = number(i, 3, scale) + number(i, 4, scale);
  w = transposed(V, H, 5, scale);
  b = transposed(1, V, 6, scale);
  h = malloc(sizeof *h * H);
  c = malloc(sizeof *c * H);
  z = malloc(sizeof *z * 4 * H);
  logits = malloc(sizeof *logits * V);
  run = generate;
  run();
  printf("{\"gradients\":[],\"losses\":[");
  for (int i = 0; i < 20; i++) printf(i ? ",%d" : "%d", written[i]);
  printf("]}");
  return 1;
}
