// The child in every measure. writer.js is the same for machines without a C compiler.
//
//   writer DIR flood I BLOCK SECONDS BYTES   waits for DIR/gate, writes 80-byte lines in writes of BLOCK bytes
//                                            for so long or so many bytes, and stays
//   writer DIR tick I MS                     waits for DIR/gate, then a line with its time every MS
//   writer DIR idle I                        stays
//   writer DIR once I                        ends at once
//   writer DIR die I MS                      ends with status 1 after MS
//   writer DIR pour I BLOCK SECONDS          zeros in writes of BLOCK bytes, for so long; says of how many bytes
//
// What the bench must know goes to the FIFO DIR/marks: "kind I pid nanoseconds lines".
// Those that stay do so because most runners end everything when the first process ends.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// 4096 lines are five blocks of 64 KiB: block ends fall inside lines, as they do in life.
enum { POURED_BYTES = 131072 }; // the largest block that is poured
enum { LINE = 80, LINES = 4096, DIGITS = 10, SEQUENCE_AT = 6, LIFE_SECONDS = 180 };

static const char *dir;
static int number;

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int open_in_dir(const char *name, int flags) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  int fd = open(path, flags | O_CLOEXEC);
  if (fd < 0) exit(3); // the bench is gone
  return fd;
}

static void mark(const char *kind, long long at, long long lines) {
  char text[128];
  int length = snprintf(text, sizeof text, "%s %d %d %lld %lld\n", kind, number, getpid(), at, lines);
  int fd = open_in_dir("marks", O_WRONLY | O_NONBLOCK);
  if (write(fd, text, (size_t)length) != length) exit(3);
  close(fd);
}

static void wait_for_gate(void) {
  mark("ready", now(), 0);
  open_in_dir("gate", O_RDONLY); // the open blocks until the bench opens the other end
}

static void write_all(const char *bytes, size_t length) {
  while (length) {
    ssize_t n = write(1, bytes, length);
    if (n < 0 && errno == EAGAIN) {
      struct pollfd out = {.fd = 1, .events = POLLOUT};
      poll(&out, 1, -1);
    } else if (n < 0 && errno != EINTR) {
      exit(4);
    } else if (n > 0) {
      bytes += n;
      length -= (size_t)n;
    }
  }
}

/** Returns when the runner has taken all that was written, whatever it gave us as stdout. */
static void wait_until_read(void) {
  struct stat out;
  fstat(1, &out);
  unsigned long question = S_ISFIFO(out.st_mode) ? FIONREAD : S_ISSOCK(out.st_mode) ? SIOCOUTQ : TIOCOUTQ;
  for (int left = 0; ioctl(1, question, &left) == 0 && left > 0;) usleep(500);
}

static void count_up(char *digits) {
  for (int i = DIGITS - 1; i >= 0 && ++digits[i] > '9'; i--) digits[i] = '0';
}

/** A line: "@L", the writer in three digits, ":", the line's number in ten, ":", and letters up to 79 bytes. */
static void lay_line(char *line) {
  memset(line, 'x', LINE - 1);
  line[LINE - 1] = '\n';
  char head[32];
  memcpy(line, head, (size_t)snprintf(head, sizeof head, "@L%03d:%0*d:", number, DIGITS, 0));
}

static void flood(size_t block, double seconds, long long most) {
  static char lines[LINE * LINES], sequence[DIGITS];
  memset(sequence, '0', DIGITS);
  for (int i = 0; i < LINES; i++) lay_line(lines + i * LINE);
  wait_for_gate();
  long long written = 0, deadline = now() + (long long)(seconds * 1e9);
  size_t step = block < LINE * 16 ? LINE * 16 : block; // the clock is asked once in so many bytes
  for (size_t at = sizeof lines; written < most && now() < deadline;) {
    if (at >= sizeof lines) {
      at = 0;
      for (int i = 0; i < LINES; i++, count_up(sequence)) memcpy(lines + i * LINE + SEQUENCE_AT, sequence, DIGITS);
    }
    for (size_t end = at + step; at < end; at += block, written += (long long)block) write_all(lines + at, block);
  }
  size_t cut = (size_t)(written % LINE);
  if (cut) {
    size_t at = (size_t)(written % (LINE * LINES));
    write_all(lines + at, LINE - cut);
    written += (long long)(LINE - cut);
  }
  wait_until_read();
  mark("done", now(), written / LINE);
}

/** The first stage of a pipeline: it says at once that it begins, and what it has got rid of at the end. */
static void pour(size_t block, double seconds) {
  static char bytes[POURED_BYTES];
  long long written = 0, began = now(), deadline = began + (long long)(seconds * 1e9);
  mark("start", began, 0);
  while (now() < deadline) { // the clock is asked once in so many bytes
    for (size_t step = 0; step < sizeof bytes; step += block) write_all(bytes, block);
    written += (long long)(sizeof bytes);
  }
  mark("done", now(), written);
}

/** A time at which we should have written but were kept waiting counts from when it was due, or the worst
    waits would hide the ticks that never were. */
static void tick(long long every) {
  char line[LINE];
  lay_line(line);
  wait_for_gate();
  for (long long due = now(), before = due;; due += every) {
    struct timespec at = {due / 1000000000LL, due % 1000000000LL};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
    char head[40];
    memcpy(line, head, (size_t)snprintf(head, sizeof head, "@T%03d:%020lld:", number, before > due ? due : now()));
    write_all(line, LINE);
    before = now();
  }
}

int main(int argc, char **argv) {
  long long started = now();
  if (argc < 4) return 2;
  alarm(LIFE_SECONDS); // nothing is left running, whatever becomes of the runner and the bench
  dir = argv[1];
  number = atoi(argv[3]);
  const char *mode = argv[2];
  if (!strcmp(mode, "flood") && argc == 7) flood((size_t)atol(argv[4]), atof(argv[5]), atoll(argv[6]));
  if (!strcmp(mode, "tick") && argc == 5) tick(atoll(argv[4]) * 1000000LL);
  if (!strcmp(mode, "pour") && argc == 6) {
    pour((size_t)atol(argv[4]), atof(argv[5]));
    return 0;
  }
  if (!strcmp(mode, "idle") || !strcmp(mode, "once") || !strcmp(mode, "die")) mark("start", started, 0);
  if (!strcmp(mode, "once")) return 0;
  if (!strcmp(mode, "die") && argc == 5) {
    usleep((useconds_t)atoi(argv[4]) * 1000);
    mark("death", now(), 0);
    _exit(1);
  }
  for (;;) pause();
}
