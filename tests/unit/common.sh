# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# For scripts that test the tree and what was built. `try NAME COMMAND…` runs a test; `finish` adds up.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
passed=0 failed=()

try() {
	local name=$1
	shift
	echo "[ RUN      ] $name"
	if "$@"; then
		echo "[       OK ] $name"
		passed=$((passed + 1))
	else
		echo "[  FAILED  ] $name"
		failed+=("$name")
	fi
}

# Succeeds if FILE is empty, else shows it.
none_in() {
	[ ! -s "$1" ] && return 0
	head -40 "$1"
	return 1
}

finish() {
	echo "[  PASSED  ] $passed test(s)."
	[ ${#failed[@]} -eq 0 ] && exit 0
	echo "[  FAILED  ] ${#failed[@]} test(s), listed below:"
	printf '[  FAILED  ] %s\n' "${failed[@]}"
	exit 1
}
