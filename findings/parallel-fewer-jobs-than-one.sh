#!/bin/sh
# How many jobs GNU parallel runs at once when `-j -N` leaves less than one, and when `-j N%` does.
#
# Guessed before: one, in both cases. The manual of this version says of both: "If the evaluated number is less than 1 then 1
# will be used".
#
# Seen with GNU parallel 20221122 (Debian), whatever the number of cores:
#
#   -j 1% and less   as guessed: both values run
#   -j -100000       no value runs: "parallel: Error: Cannot run any jobs.", status 255. So a script with `-j -2`, meant to leave
#                    two cores to others, works on four cores and fails on two
#
# For a pool of ours: at least one job at once, in each form, and the test has a count below zero.
set -eu
version=20221122+ds-2
command -v perl >/dev/null && command -v dpkg-deb >/dev/null || { echo 'skipped: no perl or no dpkg-deb'; exit 0; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get download -qq "parallel=$version" >/dev/null 2>&1 || { echo "skipped: parallel $version is not to be had"; exit 0; }
dpkg-deb -x parallel_*.deb .
HOME=$dir
export HOME

run() {
  set +e
  said=$(perl usr/bin/parallel --will-cite -k "$@" echo ::: a b 2>&1 | tr '\n' ' ')
  perl usr/bin/parallel --will-cite "$@" true ::: a b >/dev/null 2>&1
  status=$?
  set -e
  echo "$* | $said| status $status"
}
seen=$(run -j 1%; run -j 0.001%; run -j -100000)
echo "$seen"
expected='-j 1% | a b | status 0
-j 0.001% | a b | status 0
-j -100000 | parallel: Error: Cannot run any jobs. | status 255'
[ "$seen" = "$expected" ] || { echo 'this has changed'; exit 1; }
