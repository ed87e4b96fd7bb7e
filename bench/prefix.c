// The practical limit: all that a Procfile runner has to do, and nothing else. Spawns `sh -c` for each line
// of a Procfile, waits with epoll, finds line ends with memchr, puts 28 bytes before each line ("HH:MM:SS name
// padded to 16 | "), writes. No colours, no restart, no second thought.
//
//   prefix PROCFILE
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1024, BLOCK = 64 * 1024, HELD = 2 * BLOCK, OUT = 256 * 1024, PREFIX = 28, CLOCK = 8 };

struct source {
  int fd;
  pid_t pid;
  size_t held; // bytes of an unfinished line at the start of `bytes`
  char prefix[PREFIX + 1];
  char *bytes;
};

static struct source sources[MOST];
static int count;
static char out[OUT];
static size_t filled;

static void flush_out(void) {
  for (size_t done = 0; done < filled;) {
    ssize_t n = write(1, out + done, filled - done);
    if (n < 0 && errno != EINTR) exit(0); // the reader is gone
    if (n > 0) done += (size_t)n;
  }
  filled = 0;
}

static void put_line(const struct source *from, const char *line, size_t length) {
  if (filled + PREFIX + length + 1 > OUT) flush_out();
  memcpy(out + filled, from->prefix, PREFIX);
  memcpy(out + filled + PREFIX, line, length);
  filled += PREFIX + length;
  out[filled++] = '\n';
}

/** Puts every whole line of what was read, and keeps the rest for the next read. */
static void put_lines(struct source *from, size_t length) {
  const char *at = from->bytes, *end = at + length, *newline;
  while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
    put_line(from, at, (size_t)(newline - at));
    at = newline + 1;
  }
  from->held = (size_t)(end - at);
  if (from->held >= BLOCK) { // a line without end goes out in pieces
    put_line(from, at, from->held);
    from->held = 0;
  }
  memmove(from->bytes, at, from->held);
}

/** False at the end of the source. */
static int take(struct source *from) {
  ssize_t n = read(from->fd, from->bytes + from->held, BLOCK);
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  if (n == 0) {
    if (from->held) put_line(from, from->bytes, from->held);
    close(from->fd);
    return 0;
  }
  put_lines(from, from->held + (size_t)n);
  return 1;
}

static void stamp_prefixes(void) {
  static time_t stamped;
  time_t now = time(NULL);
  if (now == stamped) return;
  stamped = now;
  char clock[CLOCK + 1];
  strftime(clock, sizeof clock, "%H:%M:%S", localtime(&now));
  for (int i = 0; i < count; i++) memcpy(sources[i].prefix, clock, CLOCK);
}

static void spawn(const char *name, const char *command) {
  struct source *made = &sources[count++];
  int ends[2];
  if (pipe2(ends, O_CLOEXEC)) exit(125);
  snprintf(made->prefix, sizeof made->prefix, "--:--:-- %-16.16s | ", name);
  made->fd = ends[0];
  made->bytes = malloc(HELD);
  made->pid = fork();
  if (made->pid == 0) {
    setpgid(0, 0);
    dup2(ends[1], 1);
    dup2(ends[1], 2);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
  }
  close(ends[1]);
}

static void spawn_all(const char *procfile) {
  FILE *file = fopen(procfile, "r");
  static char line[BLOCK];
  if (!file) exit(2);
  while (count < MOST && fgets(line, sizeof line, file)) {
    char *colon = strchr(line, ':');
    if (!colon) continue;
    *colon = '\0';
    spawn(line, colon + 1);
  }
  fclose(file);
}

static void stop(int signal) {
  for (int i = 0; i < count; i++) kill(-sources[i].pid, signal);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  int poll = epoll_create1(EPOLL_CLOEXEC);
  spawn_all(argv[1]);
  signal(SIGTERM, stop);
  signal(SIGINT, stop);
  for (int i = 0; i < count; i++) {
    struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = &sources[i]};
    epoll_ctl(poll, EPOLL_CTL_ADD, sources[i].fd, &wanted);
  }
  for (int open = count; open > 0;) {
    struct epoll_event ready[64];
    int n = epoll_wait(poll, ready, 64, -1);
    stamp_prefixes();
    for (int i = 0; i < n; i++) open -= !take(ready[i].data.ptr);
    flush_out();
  }
  while (wait(NULL) > 0) continue;
  return 0;
}
