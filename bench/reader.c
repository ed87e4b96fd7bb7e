// Reads a runner's output from stdin to its end (or to SIGTERM) and says what arrived, as JSON on stdout:
// lines per writer, lines missing in between, lines out of order, other lines, when the last of the writers'
// lines arrived, and how long each tick took. reader.js is the same for machines without a C compiler.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WRITERS = 1000, BODY = 79, DIGITS = 10, SEQUENCE_AT = 6, MOST_TICKS = 100000, BUFFER = 1024 * 1024 };

static struct {
  long long lines, next;
  char digits[DIGITS]; // `next` in decimal: the expected line is recognised by comparing, not by parsing
} writers[WRITERS];
static long long missing, disordered, foreign, last, ticks[MOST_TICKS];
static int tick_count;
static volatile sig_atomic_t told_to_end;

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long number_at(const char *digits, int count) {
  long long value = 0;
  for (int i = 0; i < count; i++) value = value * 10 + (digits[i] - '0');
  return value;
}

static void count_up(char *digits) {
  for (int i = DIGITS - 1; i >= 0 && ++digits[i] > '9'; i--) digits[i] = '0';
}

static void expect(int writer, long long next) {
  char text[24];
  snprintf(text, sizeof text, "%0*lld", DIGITS, next);
  memcpy(writers[writer].digits, text, DIGITS);
  writers[writer].next = next;
}

static void unexpected(int writer, long long sequence) {
  if (sequence < writers[writer].next) {
    disordered++;
  } else {
    missing += sequence - writers[writer].next;
    expect(writer, sequence + 1);
  }
}

/** Some runners end a line with a carriage return or with the end of a colour. */
static const char *without_trimmings(const char *from, const char *end) {
  for (;;) {
    const char *escape = memrchr(from, '\x1b', (size_t)(end - from));
    if (end > from && end[-1] == '\r') end--;
    else if (escape && end[-1] == 'm' && end - escape < 8) end = escape;
    else return end;
  }
}

/** Filling that is not all there means that two lines were mixed. */
static int whole(const char *body, size_t head) {
  static const char filling[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
  return memcmp(body + head, filling, BODY - head) == 0;
}

static void take_line(const char *from, const char *end, long long arrived) {
  if (end[-1] != 'x') end = without_trimmings(from, end);
  const char *body = end - BODY;
  if (body < from || body[0] != '@' || body[5] != ':' || !whole(body, body[1] == 'T' ? 27 : 17)) {
    foreign++;
    return;
  }
  if (body[1] == 'T') {
    if (tick_count < MOST_TICKS) ticks[tick_count++] = arrived - number_at(body + SEQUENCE_AT, 20);
    return;
  }
  int writer = (int)number_at(body + 2, 3);
  if (writer < 0 || writer >= WRITERS) {
    foreign++;
    return;
  }
  writers[writer].lines++;
  last = arrived;
  if (memcmp(body + SEQUENCE_AT, writers[writer].digits, DIGITS)) {
    unexpected(writer, number_at(body + SEQUENCE_AT, DIGITS));
  } else {
    writers[writer].next++;
    count_up(writers[writer].digits);
  }
}

static void report(void) {
  printf("{\"lines\":{");
  const char *comma = "";
  for (int i = 0; i < WRITERS; i++) {
    if (!writers[i].lines) continue;
    printf("%s\"%d\":%lld", comma, i, writers[i].lines);
    comma = ",";
  }
  printf("},\"missing\":%lld,\"disordered\":%lld,\"foreign\":%lld,\"lastNs\":%lld,\"ticks\":[", missing, disordered,
         foreign, last);
  for (int i = 0; i < tick_count; i++) printf("%s%lld", i ? "," : "", ticks[i]);
  printf("]}\n");
}

static void end_now(int signal) {
  (void)signal;
  told_to_end = 1;
}

int main(void) {
  static char buffer[BUFFER];
  size_t held = 0;
  for (int i = 0; i < WRITERS; i++) expect(i, 0);
  struct sigaction action = {.sa_handler = end_now}; // without SA_RESTART: the read must end
  sigaction(SIGTERM, &action, NULL);
  while (!told_to_end) {
    ssize_t n = read(0, buffer + held, BUFFER - held);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    long long arrived = now();
    const char *at = buffer, *end = buffer + held + n, *newline;
    while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
      if (newline > at) take_line(at, newline, arrived);
      at = newline + 1;
    }
    held = (size_t)(end - at);
    if (held == BUFFER) held = 0; // no line of ours
    memmove(buffer, at, held);
  }
  report();
}
