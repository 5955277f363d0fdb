#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: the tree holds sources only, each with its licence; no machine's paths, no private keys, no
# generated binaries, no promises for later; scripts parse. Patterns are split so as not to find themselves.
# shellcheck disable=SC2046 # lists of names and flags are meant to be split
. "$(dirname "$0")/common.sh"
git ls-files >"$TMP/files" 2>/dev/null
[ -s "$TMP/files" ] || find . -type f ! -path './build/*' ! -path './out/*' ! -path './.git*' | sed 's|^\./||' >"$TMP/files"
while read -r f; do [ ! -f "$f" ] || echo "$f"; done <"$TMP/files" >"$TMP/there" && mv "$TMP/there" "$TMP/files"

# Lines of text files that match, their names before them.
lines_with() { xargs -d '\n' grep -nHIE "$1" <"$TMP/files"; }

scripts() { xargs -d '\n' awk 'FNR == 1 && /^#!.*[\/ ](ba)?sh( |$)/ {print FILENAME} {nextfile}' <"$TMP/files"; }

licence_lines() {
	grep -E '\.(c|h|sh|py|map|js|css|html)$|(^|/)Makefile$|^tests/.*/?run$|^deps/install$|^\.ci/run$' "$TMP/files" |
		xargs -d '\n' awk 'function bare() {if (file != "" && !has) print file}
			FNR == 1 {bare(); file = FILENAME; has = 0}
			/SPDX-License-Identifier: Apache-2\.0/ {has = 1}
			FNR == 3 {nextfile}
			END {bare()}' >"$TMP/bare"
	none_in "$TMP/bare"
}

no_machine_paths() {
	lines_with '(/ho''me/[a-z]|/ro''ot/|/wo''rk/(main|shared)|/tmp/w''t/)' | grep -vE '^(LICENSE|docs/|README|CONTRIBUTING)[^:]*:[0-9]+:.*example' >"$TMP/paths"
	none_in "$TMP/paths"
}

no_private_keys() { lines_with 'BEGIN ([A-Z]+ )?PRIV''ATE KEY' >"$TMP/keys"; none_in "$TMP/keys"; }

no_generated_files() {
	grep -E '\.(o|a|so|d|mo|gcda|gcno|pyc|pdf|p7s|exe|jp2|der|p12|pfx)$|^(build|out)/' "$TMP/files" >"$TMP/made"
	xargs -d '\n' grep -LI . <"$TMP/files" | while read -r f; do
		case $f in
		*.png | *.jpg | *.woff2) ! head -c 4 "$f" | grep -qa "^.ELF" || echo "$f" ;;
		*) [ ! -s "$f" ] || echo "$f: not text" ;;
		esac
	done >>"$TMP/made"
	none_in "$TMP/made"
}

no_promises() { lines_with '\b(TO''DO|FIX''ME|XX''X)\b' | grep -v '63C\|XX''X''X' >"$TMP/later"; none_in "$TMP/later"; }

text_is_clean() {
	lines_with '[[:space:]]+$' | grep -E '^[^:]+\.(c|h|sh|py):' >"$TMP/blanks"
	grep -E '\.(c|h|sh|py|md|json)$' "$TMP/files" | python3 -c 'import sys
for f in sys.stdin.read().split("\n")[:-1]:
    data = open(f, "rb").read()
    if data and not data.endswith(b"\n"): print(f + ": no newline at the end")' >>"$TMP/blanks"
	grep -lI $'\r' $(grep -E '\.(c|h|sh|py|md)$' "$TMP/files") >>"$TMP/blanks"
	none_in "$TMP/blanks"
}

scripts_parse() {
	local f
	scripts | while read -r f; do
		case $(head -1 "$f") in *bash*) bash -n "$f" ;; *) sh -n "$f" ;; esac || echo "$f"
		[ -x "$f" ] || [[ $f == *common.sh ]] || [[ $f == tests/helpers/* ]] || echo "$f is not executable"
	done >"$TMP/broken" 2>&1
	none_in "$TMP/broken"
}

scripts_pass_shellcheck() { scripts | xargs shellcheck -S error; }

files_are_short() {
	grep -E '\.(c|h)$' "$TMP/files" | grep -vE '_table\.h$' | xargs wc -l | awk '$2 != "total" && $1 > ($2 ~ /^tests\// ? 1000 : 700)' >"$TMP/long"
	none_in "$TMP/long"
}

try every_source_has_its_licence_line licence_lines
try no_paths_of_a_machine no_machine_paths
try no_private_keys no_private_keys
try no_generated_files no_generated_files
try nothing_left_for_later no_promises
try text_is_clean text_is_clean
try scripts_parse scripts_parse
try scripts_pass_shellcheck scripts_pass_shellcheck
try files_are_short files_are_short
finish
