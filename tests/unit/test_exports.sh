#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: libcard.so exports what its public headers declare, all of it and nothing else; each export
# has a manual page with the prototype the compiler agrees to; no library carries the virtual card.
# shellcheck disable=SC2046 # lists of names and flags are meant to be split
. "$(dirname "$0")/common.sh"
HEADERS=$(find libcard/include/card -name '*.h' ! -name sim.h | sort)

exported() { nm -D --defined-only "$1" | awk '$2 ~ /^[TDBRVW]$/ {sub(/@.*/, "", $3); print $3}' | sort -u; }

# Functions marked CARD_API in headers.
declared() {
	python3 - "$@" <<'PY'
import re, sys
for path in sys.argv[1:]:
    text = re.sub(r"/\*.*?\*/", "", open(path, encoding="utf-8").read(), flags=re.S)
    text = re.sub(r"^#.*$", "", text, flags=re.M)
    for m in re.finditer(r"\bCARD_API\b([^;{]*?)\b(\w+)\s*\(", text):
        print(m.group(2))
PY
}

only_card_names() { exported build/lib/libcard.so | grep -v '^card_' >"$TMP/odd"; none_in "$TMP/odd"; }

as_declared() { # LIBRARY HEADER…
	local lib=$1
	shift
	declared "$@" | sort -u >"$TMP/declared"
	exported "$lib" >"$TMP/exported"
	[ -s "$TMP/declared" ] || return 1
	diff "$TMP/declared" "$TMP/exported" >"$TMP/diff"
	none_in "$TMP/diff"
}

every_header_is_in_card_h() {
	local h
	for h in $HEADERS; do
		h=card/${h##*/}
		[ "$h" = card/card.h ] || grep -q "#include <$h>" libcard/include/card/card.h || echo "$h"
	done >"$TMP/missing"
	none_in "$TMP/missing"
}

headers_stand_alone() {
	local h
	for h in $HEADERS libcard/include/cardflow/*.h; do
		h=${h#libcard/include/}
		echo "#include <$h>" | gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -Ilibcard/include \
			-fsyntax-only -x c - || return 1
		command -v g++ >/dev/null || continue
		echo "#include <$h>" | g++ -std=c++11 -Wall -Ilibcard/include -fsyntax-only -x c++ - \
			2>"$TMP/cxx" || { cat "$TMP/cxx"; return 1; }
	done
	return 0
}

every_export_has_a_page() {
	{ exported build/lib/libcard.so; exported build/lib/libcardflow.so; } | while read -r f; do [ -s "build/man/man3/$f.3" ] || echo "$f"; done >"$TMP/missing"
	none_in "$TMP/missing"
}

# The prototypes as the pages show them, declared once more after the headers: a difference does
# not compile. A page without the prototype of its function is named.
pages_have_the_right_prototypes() {
	python3 - build/man/man3 >"$TMP/prototypes.c" <<'PY'
import glob, os, re, sys
pages, text = {}, {}
for path in glob.glob(sys.argv[1] + "/*.3"):
    name = os.path.basename(path)[:-2]
    body = open(path, encoding="utf-8").read()
    link = re.match(r"\.so man3/(\w+)\.3$", body.strip())
    pages[name] = link.group(1) if link else name
    if not link:
        text[name] = body.replace("\\&", "").replace("\\-", "-").replace("\\e", "\\")
print("#include <card/card.h>")
for h in sorted(glob.glob("libcard/include/cardflow/*.h")):
    print(f"#include <cardflow/{os.path.basename(h)}>")
for name, page in sorted(pages.items()):
    synopsis = text[page].split(".SH SYNOPSIS")[1].split(".SH DESCRIPTION")[0]
    lines = [l for l in synopsis.split("\n") if re.search(r"\b" + name + r"\(", l)]
    if name in text and not lines:
        continue  # the page of a header
    if len(lines) != 1:
        print(f"#error no prototype of {name}")
    else:
        print(lines[0])
PY
	[ "$(grep -c ';$' "$TMP/prototypes.c")" -eq "$({ exported build/lib/libcard.so; exported build/lib/libcardflow.so; } | wc -l)" ] || return 1
	gcc -std=c11 -Werror -Ilibcard/include -fsyntax-only "$TMP/prototypes.c"
}

pages_are_well_formed() {
	command -v mandoc >/dev/null || { grep -L '^\.SH NAME' $(grep -L '^\.so' build/man/man3/*.3) >"$TMP/bad"; none_in "$TMP/bad"; return; }
	mandoc -T lint -W error $(grep -L '^\.so' build/man/man3/*.3) >"$TMP/bad" 2>&1
	none_in "$TMP/bad"
}

# What only the virtual card defines must not be in a library, exported or not.
no_virtual_card_inside() {
	local so
	nm --defined-only build/obj/libcardsim.a | awk '$2 ~ /^[TtDdBbRr]$/ && $3 ~ /^(card_)?sim/ {print $3}' |
		sort -u >"$TMP/sim"
	[ "$(wc -l <"$TMP/sim")" -gt 10 ] || return 1
	for so in build/lib/*.so; do
		{ nm --defined-only "$so"; nm -D --defined-only "$so"; } | awk '{print $3}' | sort -u |
			comm -12 - "$TMP/sim" | sed "s|^|$so: |"
	done >"$TMP/inside"
	none_in "$TMP/inside"
}

modules_export_their_entry_points_only() {
	local so
	for so in build/lib/kazasu-pkcs11*.so; do
		[ -e "$so" ] || continue
		exported "$so" | grep -vE '^C_Get(FunctionList|Interface|InterfaceList)$' | sed "s|^|$so: |"
	done >"$TMP/odd"
	[ ! -e build/lib/kazasu-provider.so ] ||
		exported build/lib/kazasu-provider.so | grep -v '^OSSL_provider_init$' >>"$TMP/odd"
	exported build/lib/libcardflow.so | grep -vE '^(flow|journal|purpose)_' >>"$TMP/odd"
	none_in "$TMP/odd"
}

hardened() {
	local f
	for f in build/lib/*.so build/bin/*; do
		[ -L "$f" ] && continue
		{ readelf -d "$f" | grep -q 'BIND_NOW\|FLAGS.*NOW' && readelf -lW "$f" | grep -q GNU_RELRO &&
			! readelf -lW "$f" | grep GNU_STACK | grep -q E && readelf -hW "$f" | grep -q 'Type:.*DYN'; } ||
			echo "$f"
	done >"$TMP/soft"
	none_in "$TMP/soft"
}

try libcard_exports_card_names_only only_card_names
try libcard_exports_what_its_headers_declare as_declared build/lib/libcard.so $HEADERS
try libcardflow_exports_what_its_headers_declare as_declared build/lib/libcardflow.so libcard/include/cardflow/*.h
try card_h_includes_every_header every_header_is_in_card_h
try each_header_compiles_alone headers_stand_alone
try every_export_has_a_manual_page every_export_has_a_page
try manual_pages_have_the_right_prototypes pages_have_the_right_prototypes
try manual_pages_are_well_formed pages_are_well_formed
try no_library_carries_the_virtual_card no_virtual_card_inside
try modules_export_their_entry_points_only modules_export_their_entry_points_only
try programs_and_libraries_are_hardened hardened
finish
