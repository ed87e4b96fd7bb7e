# What a round supervises: sh program.sh ROOT INSTANCE SHAPE. Each process of it writes its pid to ROOT/pids and holds
# ROOT/locks/INSTANCE-ROLE; one that finds the lock taken is a second copy, and writes that to ROOT/twice.
root=$1 instance=$2 shape=$3
self=${0%/*}

record() {
  # Descendants hold the lock as well, as a real program's hold its port.
  exec 9>"$root/locks/$instance-$1"
  flock -n 9 || echo "$instance $1 $$" >>"$root/twice"
  read -r stat <"/proc/$$/stat"
  echo "$instance $1 $stat" >>"$root/pids"
}
live() {
  i=0
  while :; do
    sleep 0.3
    echo "$instance $((i += 1))"
  done
}
other() { sh "$self/program.sh" "$root" "$instance" "$1"; }

case $shape in
  job | eat) record "$shape"; exec sleep 100000 ;;
  # A background job that stays in the group.
  web) record web; other job & live ;;
  # A job in a session of its own that holds the output.
  apart) record apart; setsid sh "$self/program.sh" "$root" "$instance" job & live ;;
  # One that has let go of the output too.
  silent) record silent; setsid sh "$self/program.sh" "$root" "$instance" job </dev/null >/dev/null 2>&1 & live ;;
  # The second fork of a daemon: its parent ends at once.
  daemon) record daemon; (setsid sh "$self/program.sh" "$root" "$instance" job </dev/null >/dev/null 2>&1 &) ; live ;;
  deaf) trap '' TERM; record deaf; live ;;
  slow) trap 'sleep 0.3; exit 0' TERM; record slow; live ;;
  feed) record feed; live ;;
  nest) record nest; sh -c "sh '$self/program.sh' '$root' '$instance' job; :" & live ;;
  flood) record flood; while :; do yes "$instance has much to print" | head -n 5000; sleep 0.2; done ;;
  crash) record crash; other job & sleep 0.1; echo crashing; exit 3 ;;
  # Programs that lose the environment by which procsup finds them.
  cleared) record cleared; env -i PATH="$PATH" setsid sh "$self/program.sh" "$root" "$instance" job >/dev/null 2>&1 & live ;;
  titled) record titled; setsid perl -e '
    open(my $lock, ">", "$ARGV[0]/locks/$ARGV[1]-job"); flock($lock, 6) or note("twice", "job $$");
    open(my $stat, "<", "/proc/self/stat"); note("pids", "job " . <$stat>); $0 = "titled: " . "x" x 8000;
    sub note { open(my $file, ">>", "$ARGV[0]/$_[0]"); chomp(my $text = $_[1]); print $file "$ARGV[1] $text\n" }
    sleep 100000' "$root" "$instance" </dev/null >/dev/null 2>&1 & live ;;
esac
