/*
 * The AbAcAd lesson by hand: RNN(4, 3) or LSTM(4, 3), Linear(3, 4), cross-entropy, backward through 299 steps, Adam.
 * Sizes are constants, the input is an index and the loops are plain, so that the compiler can do its best.
 */
#include "common.h"

enum { T = 299, V = 4, H = 3 };

/* Parameters in PyTorch's order, for G gates. */
#define PARAMETERS(G) \
  struct { float wih[G * H][V], whh[G * H][H], bih[G * H], bhh[G * H], w[V][H], b[V]; }

typedef PARAMETERS(1) Rnn;
typedef PARAMETERS(4) Lstm;

static int x[T], y[T], t_adam;
static float loss;
static double lr;

static void text(void) {
  static const int cycle[6] = {0, 1, 0, 2, 0, 3};
  for (int t = 0; t < T; t++) x[t] = cycle[t % 6], y[t] = cycle[(t + 1) % 6];
}

/* Linear, softmax and cross-entropy of all steps; leaves dh, and adds to dw and db. */
static void head(const float h[T][H], const float w[V][H], const float b[V], float dh[T][H], float dw[V][H], float db[V]) {
  double sum = 0;
  for (int t = 0; t < T; t++) {
    float z[V], top = -INFINITY, total = 0;
    for (int k = 0; k < V; k++) {
      z[k] = b[k];
      for (int j = 0; j < H; j++) z[k] += w[k][j] * h[t][j];
      if (z[k] > top) top = z[k];
    }
    const float right = z[y[t]];
    for (int k = 0; k < V; k++) total += z[k] = expf(z[k] - top);
    sum += logf(total) - (right - top);
    for (int j = 0; j < H; j++) dh[t][j] = 0;
    for (int k = 0; k < V; k++) {
      const float g = (z[k] / total - (k == y[t])) / T;
      db[k] += g;
      for (int j = 0; j < H; j++) dw[k][j] += g * h[t][j], dh[t][j] += g * w[k][j];
    }
  }
  loss = (float)(sum / T);
}

/* One epoch of the RNN: h = tanh(W_ih x + b_ih + W_hh h + b_hh). */
static void rnn_gradient(const Rnn *p, Rnn *g) {
  static float h[T][H], dh[T][H];
  static const float zero[H];
  float table[V][H];
  memset(g, 0, sizeof *g);
  for (int v = 0; v < V; v++)
    for (int i = 0; i < H; i++) table[v][i] = p->wih[i][v] + p->bih[i] + p->bhh[i];
  for (int t = 0; t < T; t++) {
    const float *before = t ? h[t - 1] : zero;
    for (int i = 0; i < H; i++) {
      float z = table[x[t]][i];
      for (int j = 0; j < H; j++) z += p->whh[i][j] * before[j];
      h[t][i] = tanhf(z);
    }
  }
  head(h, p->w, p->b, dh, g->w, g->b);
  float next[H] = {0};
  for (int t = T - 1; t >= 0; t--) {
    const float *before = t ? h[t - 1] : zero;
    float dz[H];
    for (int i = 0; i < H; i++) dz[i] = (dh[t][i] + next[i]) * (1 - h[t][i] * h[t][i]);
    for (int j = 0; j < H; j++) next[j] = 0;
    for (int i = 0; i < H; i++) {
      g->bih[i] += dz[i];
      g->wih[i][x[t]] += dz[i];
      for (int j = 0; j < H; j++) g->whh[i][j] += dz[i] * before[j], next[j] += dz[i] * p->whh[i][j];
    }
  }
  memcpy(g->bhh, g->bih, sizeof g->bih);
}

/* One epoch of the LSTM, gates in the order i f g o. */
static void lstm_gradient(const Lstm *p, Lstm *g) {
  static float h[T][H], c[T][H], gate[T][4][H], th[T][H], dh[T][H];
  static const float zero[H];
  float table[V][4 * H];
  memset(g, 0, sizeof *g);
  for (int v = 0; v < V; v++)
    for (int i = 0; i < 4 * H; i++) table[v][i] = p->wih[i][v] + p->bih[i] + p->bhh[i];
  for (int t = 0; t < T; t++) {
    const float *hb = t ? h[t - 1] : zero, *cb = t ? c[t - 1] : zero;
    float z[4 * H];
    for (int i = 0; i < 4 * H; i++) {
      z[i] = table[x[t]][i];
      for (int j = 0; j < H; j++) z[i] += p->whh[i][j] * hb[j];
    }
    for (int i = 0; i < H; i++) {
      gate[t][0][i] = sigmoid(z[i]);
      gate[t][1][i] = sigmoid(z[H + i]);
      gate[t][2][i] = tanhf(z[2 * H + i]);
      gate[t][3][i] = sigmoid(z[3 * H + i]);
      c[t][i] = gate[t][1][i] * cb[i] + gate[t][0][i] * gate[t][2][i];
      th[t][i] = tanhf(c[t][i]);
      h[t][i] = gate[t][3][i] * th[t][i];
    }
  }
  head(h, p->w, p->b, dh, g->w, g->b);
  float next[H] = {0}, dc[H] = {0};
  for (int t = T - 1; t >= 0; t--) {
    const float *hb = t ? h[t - 1] : zero, *cb = t ? c[t - 1] : zero;
    float dz[4 * H];
    for (int i = 0; i < H; i++) {
      const float in = gate[t][0][i], forget = gate[t][1][i], cell = gate[t][2][i], out = gate[t][3][i];
      const float up = dh[t][i] + next[i];
      dc[i] += up * out * (1 - th[t][i] * th[t][i]);
      dz[i] = dc[i] * cell * in * (1 - in);
      dz[H + i] = dc[i] * cb[i] * forget * (1 - forget);
      dz[2 * H + i] = dc[i] * in * (1 - cell * cell);
      dz[3 * H + i] = up * th[t][i] * out * (1 - out);
      dc[i] *= forget;
    }
    for (int j = 0; j < H; j++) next[j] = 0;
    for (int i = 0; i < 4 * H; i++) {
      g->bih[i] += dz[i];
      g->wih[i][x[t]] += dz[i];
      for (int j = 0; j < H; j++) g->whh[i][j] += dz[i] * hb[j], next[j] += dz[i] * p->whh[i][j];
    }
  }
  memcpy(g->bhh, g->bih, sizeof g->bih);
}

static union { Rnn rnn; Lstm lstm; } parameters, gradients, m, v;

static void rnn_epoch(void) {
  rnn_gradient(&parameters.rnn, &gradients.rnn);
  adam((float *)&parameters, (float *)&gradients, (float *)&m, (float *)&v, sizeof(Rnn) / 4, ++t_adam, lr);
}

static void lstm_epoch(void) {
  lstm_gradient(&parameters.lstm, &gradients.lstm);
  adam((float *)&parameters, (float *)&gradients, (float *)&m, (float *)&v, sizeof(Lstm) / 4, ++t_adam, lr);
}

static int prepare(const char *words) {
  const int is_lstm = !strcmp(words, "lesson lstm");
  if (!is_lstm && strcmp(words, "lesson rnn")) return 0;
  const int rows = (is_lstm ? 4 : 1) * H;
  const int sizes[6] = {rows * V, rows * H, rows, rows, V * H, V};
  text();
  memset(&m, 0, sizeof m);
  memset(&v, 0, sizeof v);
  t_adam = 0;
  lr = 0.1;
  for (int k = 0, at = 0; k < 6; at += sizes[k++]) numbers((float *)&parameters + at, sizes[k], k + 1, 0.5);
  run = is_lstm ? lstm_epoch : rnn_epoch;
  float losses[3];
  for (int step = 0; step < 3; step++) {
    run();
    losses[step] = loss;
    if (step > 0) continue;
    printf("{\"gradients\":[");
    for (int k = 0, at = 0; k < 6; at += sizes[k++]) {
      if (k) printf(",");
      fingerprint((float *)&gradients + at, sizes[k]);
    }
  }
  /* Training all but stands still after the comparison, see unroll.mjs. */
  lr = 1e-7;
  printf("],\"losses\":[%.9g,%.9g,%.9g]}", losses[0], losses[1], losses[2]);
  return 1;
}
