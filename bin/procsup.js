#!/bin/sh
':' //; export PROCSUP_SOFT_NOFILE="$(ulimit -Sn)"; exec node "$0" "$@"

// The line above is read by sh only, the rest by Node only. Node raises the soft limit of open files
// before any script runs, and nothing can tell afterwards what it was: so sh writes it down first.
require('../dist/load-bundle.cjs').boot();
