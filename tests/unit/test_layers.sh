#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: a folder of libcard sees the headers of its own and the lower layers only; an include of a
# higher one does not build. The virtual card sees the transport and base and nothing else.
# shellcheck disable=SC2046 # lists of names and flags are meant to be split
. "$(dirname "$0")/common.sh"

# layer: the public headers it may include
declare -A BELOW=(
	[base]="base" [codec]="base codec" [pki]="base codec pki" [reader]="base codec reader"
	[applet]="base codec pki reader applet" [token]="base codec pki reader applet token" [sim]="base"
)
LAYERS="base codec pki reader applet token"

# The headers of a layer, as the Makefile lists them.
headers() { sed -n "s/^$1_PUB *:= *//p" Makefile; }

builds() { # LAYER HEADER
	echo "#include <card/$2>" | gcc -std=c11 -Ibuild/inc/"$1" "${@:3}" -fsyntax-only -x c - 2>/dev/null
}

allowed() { # LAYER HEADER
	local l
	for l in ${BELOW[$1]}; do [[ " $(headers "$l") " == *" $2 "* ]] && return 0; done
	[ "$1" = sim ] && [[ $2 == reader.h || $2 == sim.h ]]
}

every_header_has_a_layer() {
	local h l found
	for h in libcard/include/card/*.h; do
		h=${h##*/} found=
		[ "$h" = card.h ] || [ "$h" = sim.h ] && continue
		for l in $LAYERS; do [[ " $(headers "$l") " == *" $h "* ]] && found=1; done
		[ -n "$found" ] || echo "$h"
	done >"$TMP/homeless"
	none_in "$TMP/homeless"
}

upward_includes_do_not_build() {
	local l h n=0
	for l in "${!BELOW[@]}"; do
		for h in libcard/include/card/*.h; do
			h=${h##*/}
			allowed "$l" "$h" && continue
			n=$((n + 1))
			builds "$l" "$h" && echo "$l includes $h"
		done
	done >"$TMP/upward"
	none_in "$TMP/upward"
}

downward_includes_build() {
	local l h
	for l in "${!BELOW[@]}"; do
		for h in libcard/include/card/*.h; do
			h=${h##*/}
			allowed "$l" "$h" || continue
			builds "$l" "$h" $(pkg-config --cflags libpcsclite libcrypto) || echo "$l cannot include $h"
		done
	done >"$TMP/blocked"
	none_in "$TMP/blocked"
}

# What the Makefile hands to the compiler is what was tried above.
makefile_uses_these_folders() {
	local l
	for l in $LAYERS; do
		grep -q "^${l}_BELOW *:= ${BELOW[$l]}\$" Makefile || { echo "$l"; return 1; }
	done
	python3 - <<'PY'
import json
for e in json.load(open("build/compile_commands.json")):
    parts = e["file"].split("/")
    if parts[:2] == ["libcard", "card"]:
        paths = [a[2:] for a in e["arguments"] if a.startswith("-I") and "PCSC" not in a]
        assert "libcard/include" not in paths, e["file"]
        assert [p for p in paths if p.startswith("build/inc/")] == ["build/inc/" + parts[2]], e["file"]
PY
}

virtual_card_is_independent() {
	grep -nE '^#include' libcard/sim/*.c libcard/sim/*.h |
		grep -vE '#include (<card/(error|bytes|secret|date|log|reader|sim)\.h>|"[a-z0-9_]+\.h"|<(openssl|sys|jansson|cairo|pango)[a-z0-9_/.]*>|<[a-z0-9_/.-]+\.h>)' >"$TMP/odd"
	grep -nE '^#include <(card|cardflow)/' libcard/sim/*.c libcard/sim/*.h |
		grep -vE '<card/(error|bytes|secret|date|log|reader|sim)\.h>' >>"$TMP/odd"
	grep -nE '^#include "' libcard/sim/*.c libcard/sim/*.h | sed 's/^\([^:]*:[0-9]*\):#include "\(.*\)".*/\1 \2/' |
		while read -r where h; do [ -e "libcard/sim/$h" ] || echo "$where $h"; done >>"$TMP/odd"
	none_in "$TMP/odd"
}

make -s build/compile_commands.json || exit 1
try every_public_header_has_a_layer every_header_has_a_layer
try upward_includes_do_not_build upward_includes_do_not_build
try downward_includes_build downward_includes_build
try makefile_uses_these_folders makefile_uses_these_folders
try virtual_card_is_independent virtual_card_is_independent
finish
