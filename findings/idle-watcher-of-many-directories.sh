#!/bin/sh
# What watchdog (the watcher of `flask --debug`, if it is installed) does with a tree of many directories in which nothing
# happens (Linux).
#
# Guessed before: nothing. A watcher whose queue of events is full reads its tree again, once, and says so once.
#
# Seen with Python 3.11, 9000 directories, fs.inotify.max_queued_events 16384, no change for 6 seconds:
#
#   watchdog 6.0.0, 7.0.0   as guessed: silent
#   watchdog 7.1.0          "Inotify queue overflowed; reconciling recursive watches" again and again. With 3000 directories
#                           it is silent. Its mask has IN_OPEN and IN_CLOSE_NOWRITE (read in its source, not traced), so
#                           reading the tree again makes two events for each directory, which fill the queue again.
#
# `flask --debug` 3.1.3 watches all of sys.path: where many packages are installed it writes several lines a second.
#
# For a watcher of ours: what it reads after an overflow must not be an event of its own mask; tests watch more directories
# than half of max_queued_events. For the log of a program: it is the program's output, and not ours to hide.
set -eu
command -v python3 >/dev/null || { echo 'skipped: python3 is missing'; exit 0; }
[ "$(cat /proc/sys/fs/inotify/max_queued_events 2>/dev/null)" = 16384 ] ||
  { echo 'skipped: needs Linux with fs.inotify.max_queued_events 16384'; exit 0; }
[ "$(cat /proc/sys/fs/inotify/max_user_watches)" -gt 20000 ] || { echo 'skipped: too few inotify watches'; exit 0; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >idle.py <<'PY'
import logging, os, time
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer

overflows = 0


class Count(logging.Handler):
    def emit(self, record):
        global overflows
        overflows += 'reconciling' in record.getMessage()


logging.getLogger('watchdog').addHandler(Count())
for at in range(9000):
    os.makedirs(f'tree/{at // 100}/{at}')
observer = Observer()
observer.schedule(FileSystemEventHandler(), 'tree', recursive=True)
observer.start()
time.sleep(6)
print('silent' if overflows == 0 else 'overflows again and again' if overflows > 2 else f'{overflows} overflows', flush=True)
os._exit(0)
PY

status=0
# $1: the version. $2: what was seen.
check() {
  python3 -m venv "venv-$1"
  "venv-$1/bin/pip" install -q --disable-pip-version-check "watchdog==$1"
  rm -rf tree
  seen=$("venv-$1/bin/python" idle.py 2>/dev/null)
  echo "watchdog $1: $seen"
  [ "$seen" = "$2" ] || { echo "  expected: $2"; status=1; }
}
check 6.0.0 silent
check 7.0.0 silent
check 7.1.0 'overflows again and again'
exit $status
