#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: deps/install is silent and stays offline when all is there, names what is missing where it
# cannot install, and asks apt for exactly what is missing. apt and dpkg are stand-ins that only log.
. "$(dirname "$0")/common.sh"
NET='unshare -n'
[ "$(id -u)" = 0 ] || NET='unshare -Urn'

# A PATH with the tools of deps/install and nothing else.
tools() {
	mkdir -p "$TMP/$1" && local t
	for t in sh sed tr cat id mktemp rm tail env; do ln -sf "$(command -v $t)" "$TMP/$1/$t"; done
}

# dpkg-query that knows every package but $2.
fake_dpkg() {
	printf '#!/bin/sh\nfor p in "$@"; do :; done\n[ "$p" != %s ] || exit 1\nprintf installed\n' "$2" >"$TMP/$1/dpkg-query"
	chmod +x "$TMP/$1/dpkg-query"
}

silent_and_offline() {
	local out
	# what looks after the code is not needed for a check
	out=$($NET deps/install deps/debian.txt build test 2>&1) && [ -z "$out" ] || { echo "$out"; return 1; }
}

names_all_without_dpkg() {
	tools nodpkg
	PATH=$TMP/nodpkg deps/install deps/debian.txt >"$TMP/out" 2>"$TMP/err" || return 1
	[ ! -s "$TMP/out" ] || return 1
	sed 's/#.*//' deps/debian.txt | tr -s ' \t\n' '\n' | grep . | while read -r p; do
		grep -qx "  $p" "$TMP/err" || echo "$p"
	done >"$TMP/unnamed"
	none_in "$TMP/unnamed"
}

names_missing_without_apt() {
	tools noapt
	fake_dpkg noapt libcmocka-dev
	! PATH=$TMP/noapt deps/install deps/debian.txt >"$TMP/out" 2>"$TMP/err" || return 1
	grep -q 'missing.*: libcmocka-dev$' "$TMP/err"
}

asks_apt_for_the_missing_ones() {
	tools apt
	fake_dpkg apt libcmocka-dev
	printf '#!/bin/sh\necho "$@" >>"%s"\n' "$TMP/apt.log" >"$TMP/apt/apt-get"
	printf '#!/bin/sh\n"$@"\n' >"$TMP/apt/sudo"
	chmod +x "$TMP/apt/apt-get" "$TMP/apt/sudo"
	PATH=$TMP/apt deps/install deps/debian.txt >"$TMP/out" 2>&1 || { cat "$TMP/out"; return 1; }
	grep -q 'installing libcmocka-dev$' "$TMP/out" && grep -q ' update$' "$TMP/apt.log" &&
		grep -q ' install --no-install-recommends libcmocka-dev$' "$TMP/apt.log" &&
		[ "$(wc -l <"$TMP/apt.log")" -eq 2 ]
}

tells_when_apt_fails() {
	tools failing
	fake_dpkg failing libcmocka-dev
	printf '#!/bin/sh\necho no network >&2\nexit 100\n' >"$TMP/failing/apt-get"
	printf '#!/bin/sh\n"$@"\n' >"$TMP/failing/sudo"
	chmod +x "$TMP/failing/apt-get" "$TMP/failing/sudo"
	! PATH=$TMP/failing deps/install deps/debian.txt >"$TMP/out" 2>&1 || return 1
	grep -q 'no network' "$TMP/out" && grep -q 'could not install: libcmocka-dev' "$TMP/out"
}

a_part_is_asked_for_alone() {
	local n
	tools part
	fake_dpkg part libcmocka-dev
	PATH=$TMP/part deps/install deps/debian.txt test >"$TMP/out" 2>&1 && [ ! -s "$TMP/out" ] || return 1
	! PATH=$TMP/part deps/install deps/debian.txt look build >"$TMP/out" 2>&1 || return 1
	grep -q 'missing.*: libcmocka-dev$' "$TMP/out" || return 1
	# every package is in one of the parts that make asks for
	n=$(for part in build test look; do PATH=$TMP/nodpkg deps/install deps/debian.txt $part 2>&1 | tail -n +2; done | wc -l)
	[ "$n" -eq "$(sed 's/#.*//' deps/debian.txt | grep -c .)" ]
}

ci_runs_the_readme_command() { grep -q 'make .*check' .ci/run && [ -x .ci/run ]; }

try silent_and_offline_when_all_is_there silent_and_offline
try names_everything_on_another_system names_all_without_dpkg
try names_what_is_missing_without_apt names_missing_without_apt
try asks_apt_for_exactly_what_is_missing asks_apt_for_the_missing_ones
try tells_when_apt_fails tells_when_apt_fails
try a_part_is_asked_for_alone a_part_is_asked_for_alone
try ci_runs_make_check ci_runs_the_readme_command
finish
