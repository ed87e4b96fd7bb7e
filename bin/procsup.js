#!/bin/sh
':' //; case " $* " in *" start "*|*" up "*) ;; *) { true 9>&1; } 2>/dev/null || exec 1</dev/null ;; esac; _procsup_odd='^[A-Za-z_][A-Za-z0-9_]*='
':' //; case "$1" in ps|stats|top|logs|events|why|ls|down|stop|restart|scale|reload|kill|wait|attach|completion) exec node "$0" "$@" ;; esac
':' //; [ -z "$BASH_VERSION" ] || { export PROCSUP_SOFT_NOFILE="$(ulimit -Sn)" PROCSUP_IGNORED="$(trap)"; exec node "$0" "$@"; }
':' //; _procsup_told=$(ulimit -Sn; LC_ALL=C grep -zahvE "$_procsup_odd" /proc/$$/environ /proc/$$/status 2>/dev/null)
':' //; export PROCSUP_SOFT_NOFILE="${_procsup_told%%[!0-9a-z]*}" PROCSUP_IGNORED="$_procsup_told"; _procsup_at=0
':' //; case "$_procsup_told" in "$PROCSUP_SOFT_NOFILE"|"$PROCSUP_SOFT_NOFILE"?Name:*) exec node "$0" "$@" ;; esac
':' //; _procsup_told=${_procsup_told##*SigIgn:}; PROCSUP_IGNORED="${_procsup_told%%SigCgt*}"
':' //; _procsup_hex() { LC_ALL=C grep -zahvE "$_procsup_odd" /proc/$$/environ | od -An -v -tx1 -j "$1" -N 50000 2>/dev/null | tr -d ' \n'; }
':' //; while _procsup_piece=$(_procsup_hex $((_procsup_at * 50000))) && [ -n "$_procsup_piece" ]; do export PROCSUP_ODD_ENV_$_procsup_at="$_procsup_piece"; _procsup_at=$((_procsup_at + 1)); done
':' //; exec node "$0" "$@"

// The lines above are read by sh only, the rest by Node only. Some things are known to sh only, so it writes them down:
// the soft limit of open files, which Node raises before any script runs; the signals that were ignored, which Node
// resets; and variables such as `app.name`, which are no names to most shells and are lost in `exec node`. Commands that only
// ask a supervisor start no programs, and need none of that. A closed stdout
// would be opened by Node as /dev/null, so that nobody hears of lost output: one that cannot be written takes its place.
// `start` supervises without it.
require('../dist/load-bundle.cjs').boot();
