/* What the programs share: numbers by formula, Adam, and the conversation of contestants/serve.mjs. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static inline float number(int i, int seed, double scale) {
  uint32_t h = ((uint32_t)i + (uint32_t)seed * 7919u) * 2654435761u;
  h = (h ^ (h >> 15)) * 2246822519u;
  h ^= h >> 13;
  return (float)((h / 2147483648.0 - 1) * scale);
}

static inline void numbers(float *x, int n, int seed, double scale) {
  for (int i = 0; i < n; i++) x[i] = number(i, seed, scale);
}

/* Prints the length of a gradient and its component along a fixed direction. */
static inline void fingerprint(const float *g, int n) {
  double square = 0, along = 0;
  for (int i = 0; i < n; i++) {
    square += (double)g[i] * g[i];
    along += (double)g[i] * number(i, 99, 1);
  }
  printf("[%.9g,%.9g]", sqrt(square), along);
}

static inline void adam(float *p, const float *g, float *m, float *v, int n, int t, double lr) {
  const float b1 = 0.1f, b2 = 0.999f, b3 = 0.001f;
  const float step = (float)(lr / (1 - pow(0.9, t))), root = (float)sqrt(1 - pow(0.999, t));
  for (int i = 0; i < n; i++) {
    m[i] += b1 * (g[i] - m[i]);
    v[i] = v[i] * b2 + b3 * g[i] * g[i];
    p[i] -= step * m[i] / (sqrtf(v[i]) / root + 1e-8f);
  }
}

static float sigmoid(float x) { return 1 / (1 + expf(-x)); }

/* Set by `prepare`. */
static void (*run)(void);

/* Does the first steps of a workload, prints what they gave and sets `run`; 0 if it has no such workload. */
static int prepare(const char *words);

int main(void) {
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    if (!strncmp(line, "prepare ", 8)) {
      if (!prepare(line + 8)) printf("{\"unsupported\":\"no %s\"}", line + 8);
    } else if (!strncmp(line, "run ", 4)) {
      struct timespec a, b;
      const int n = atoi(line + 4);
      clock_gettime(CLOCK_MONOTONIC, &a);
      for (int i = 0; i < n; i++) run();
      clock_gettime(CLOCK_MONOTONIC, &b);
      printf("{\"seconds\":%.9f}", (b.tv_sec - a.tv_sec) + (b.tv_nsec - a.tv_nsec) * 1e-9);
    } else if (!strcmp(line, "about")) {
      printf("{\"name\":\"C\",\"version\":\"cc %s\"}", __VERSION__);
    } else {
      struct rusage usage;
      getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
      const double unit = 1;
#else
      const double unit = 1024;
#endif
      printf("{\"bytes\":%.0f}", usage.ru_maxrss * unit);
    }
    printf("\n");
    fflush(stdout);
  }
  return 0;
}
