# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# expect.sh — for scripts that drive programs as built and look at their answers. Source it; it goes to
# the top of the tree.
#
#   expect NAME EXIT PATTERN COMMAND…   one test: the exit code, and a pattern (may be '') in what it printed
#   sec LINES COMMAND…                  K (the script's own function) with secrets, one a line
#   config TEXT                         what kazasu.conf says
#   expect_end                          prints the closing lines, exits 0 or 1
#
#   $work   a folder of this run, also $HOME; what the last test printed is in $work/out
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config HOME=$work LC_ALL=C.UTF-8
unset LANGUAGE
passed=0 failed=0

expect() {
	local name=$1 want=$2 pattern=$3 rc
	shift 3
	"$@" >"$work/out" 2>&1 </dev/null
	rc=$?
	if [ "$rc" = "$want" ] && { [ -z "$pattern" ] || grep -q -e "$pattern" "$work/out"; }; then
		passed=$((passed + 1))
		printf '[       OK ] %s\n' "$name"
	else
		failed=$((failed + 1))
		printf '[  ERROR   ] %s: exit %s, want %s, pattern %s\n' "$name" "$rc" "$want" "$pattern"
		cat "$work/out"
	fi
}

sec() {
	local lines=$1
	shift
	printf '%b' "$lines" | { exec 3<&0; K --pin-fd 3 "$@"; }
}

config() { mkdir -p "$XDG_CONFIG_HOME/kazasu" && printf '%b' "$1" >"$XDG_CONFIG_HOME/kazasu/kazasu.conf"; }

expect_end() {
	printf '[  PASSED  ] %d test(s).\n' "$passed"
	[ "$failed" = 0 ] && exit 0
	printf '[  FAILED  ] %d test(s).\n' "$failed"
	exit 1
}
