#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: what `make install` leaves is enough. A program compiles with pkg-config from the installed
# prefix and runs, the installed kazasu runs, DESTDIR and LIBDIR are honoured, uninstall takes all away.
. "$(dirname "$0")/common.sh"
P=$TMP/prefix
D=$TMP/destdir
MULTI=/usr/lib/multi-arch

installs_into_a_prefix() { make -s install PREFIX="$P" >"$TMP/log" 2>&1 || { cat "$TMP/log"; return 1; }; }

compiles_and_runs_a_program() {
	local flags out
	flags=$(PKG_CONFIG_PATH=$P/lib/pkgconfig pkg-config --cflags --libs libcard) || return 1
	# shellcheck disable=SC2086 # words
	gcc -std=c11 -Wall -Werror -o "$TMP/example" tests/unit/example.c $flags || return 1
	out=$(LD_LIBRARY_PATH=$P/lib "$TMP/example") || return 1
	[[ $out == "昭和55年2月17日 "?* ]]
}

pkgconfig_fields_are_right() {
	local v=PKG_CONFIG_PATH=$P/lib/pkgconfig
	[ "$(env "$v" pkg-config --modversion libcard)" = "$(sed -n 's/^VERSION *:= *//p' Makefile)" ] &&
		[ "$(env "$v" pkg-config --variable=libdir libcard)" = "$P/lib" ] &&
		[ "$(env "$v" pkg-config --variable=includedir libcard)" = "$P/include" ]
}

flows_compile_too() {
	local flags
	flags=$(PKG_CONFIG_PATH=$P/lib/pkgconfig pkg-config --cflags --libs libcardflow) || return 1
	[[ $flags == *-lcardflow* && $flags == *-lcard\ * || $flags == *-lcard ]] || { echo "$flags"; return 1; }
	printf '#include <cardflow/version.h>\n#include <card/card.h>\n#include <stdio.h>\nint main(void){return puts(flow_version()) < 0;}\n' >"$TMP/flow.c"
	# shellcheck disable=SC2086 # words
	gcc -std=c11 -Wall -Werror -o "$TMP/flow" "$TMP/flow.c" $flags && LD_LIBRARY_PATH=$P/lib "$TMP/flow" | grep -qx 0.1.0
}

library_links_are_right() {
	[ "$(readlink "$P/lib/libcard.so")" = libcard.so.0 ] && [ "$(readlink "$P/lib/libcard.so.0")" = libcard.so.0.1.0 ] &&
		readelf -d "$P/lib/libcard.so" | grep -q 'SONAME.*\[libcard.so.0\]'
}

# Away from the tree: nothing of build/ may be needed.
programs_run_from_there() {
	mkdir -p "$TMP/away" && cd "$TMP/away" || return 1
	local exit=0
	env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 "$P/bin/kazasu" --version | grep -q '^kazasu 0\.1\.0' &&
		env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 "$P/bin/kazasu" status --json --test-roots --reader sim:test-person >status.json 2>err &&
		grep -q '"token": *"card"' status.json &&
		env -i PATH=/usr/bin:/bin "$P/bin/kazasu-vcard" --help >/dev/null &&
		! ldd "$P/bin/kazasu" | grep -q "not found" && ldd "$P/bin/kazasu" | grep -q "libcard.so.0 => $P/" || exit=1
	[ $exit = 0 ] || cat err
	cd - >/dev/null && return $exit
}

has_all_parts() {
	local f
	for f in include/card/card.h share/man/man3/card_pin_verify.3 share/man/man3/card_pin.3 \
		share/kazasu/trust/jpki-auth-3.pem share/bash-completion/completions/kazasu \
		share/locale/ja/LC_MESSAGES/kazasu.mo lib/libcardflow.so.0; do
		[ -s "$P/$f" ] || echo "$f"
	done >"$TMP/missing"
	[ ! -e "$P/include/card/sim.h" ] || echo 'include/card/sim.h is not for others' >>"$TMP/missing"
	find "$P" -name '*.a' >>"$TMP/missing"
	none_in "$TMP/missing"
}

honours_destdir_and_libdir() {
	make -s install DESTDIR="$D" PREFIX=/usr LIBDIR=$MULTI >"$TMP/log" 2>&1 || { cat "$TMP/log"; return 1; }
	[ -e "$D$MULTI/libcard.so.0" ] && [ -e "$D$MULTI/pkgconfig/libcard.pc" ] && [ ! -e "$D/usr/lib/libcard.so" ] &&
		grep -qx "libdir=$MULTI" "$D$MULTI/pkgconfig/libcard.pc" && ! grep -rq "$D" "$D$MULTI/pkgconfig" &&
		"$D/usr/bin/kazasu" --version >/dev/null
}

uninstalls_what_it_installed() {
	echo mine >"$P/bin/other"
	make -s uninstall PREFIX="$P" >"$TMP/log" 2>&1 || { cat "$TMP/log"; return 1; }
	find "$P" ! -type d ! -path "$P/bin/other" >"$TMP/left"
	[ -e "$P/bin/other" ] && none_in "$TMP/left" && [ ! -e "$P/share/kazasu" ]
}

try installs_into_a_prefix installs_into_a_prefix
try a_program_compiles_and_runs_with_pkg_config compiles_and_runs_a_program
try libcardflow_brings_libcard_with_it flows_compile_too
try pkg_config_fields_are_right pkgconfig_fields_are_right
try library_links_are_right library_links_are_right
try installed_programs_run_from_there programs_run_from_there
try every_part_is_installed has_all_parts
try destdir_and_libdir_are_honoured honours_destdir_and_libdir
try uninstall_takes_all_away_and_nothing_else uninstalls_what_it_installed
finish
