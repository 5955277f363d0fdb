#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: every row of the identity check (flows C01–C25) has a test that is named after it and run, and
# is reached by the code; every test vector of the life cycle (rules 2.4) is in the table that is run.
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0
try() {
	if "${@:2}"; then passed=$((passed + 1)); printf '[       OK ] %s\n' "$1"; else
		failed=$((failed + 1)); printf '[  ERROR   ] %s\n' "$1"; fi
}
tests=$(cat tests/flow/identify/test_identify_*.c)
code=$(cat libcard/flow/identify/identify*.c)

# A test names its row in its own name (c20) or in the comment above it, and stands in the list of main.
named() {
	local row=$1 number=${1#C} name
	name=$(grep -oE "T\(c[0-9_c]*c?${number}_[a-z0-9_]+\)|[TS]\(c${number}_[a-z0-9_]+\)" <<<"$tests" | head -1)
	[ -n "$name" ] && return 0
	# reached inside a test of another row: cited above a function that is run
	name=$(awk -v row="$row" '$0 ~ "^/\\* .*" row {on = 1} on && /^static void/ {sub(/^static void /, ""); sub(/\(.*/, ""); print; exit}' <<<"$tests")
	[ -n "$name" ] && grep -qE "[TS]\($name\)" <<<"$tests"
}
in_code() { grep -q "\"$1\"\|/\* .*$1" <<<"$code"; }
reached() { [ "$(grep -c 'assert_rows_reached(' tests/flow/identify/test_identify_*.c | awk -F: '{n += $2} END {print n}')" -ge 3 ]; }
vectors() { for n in 01 02 03 04 05 06 07 08 11 12 13; do grep -q "TV-$n" tests/flow/rules/lifecycle-vectors.csv || { echo "TV-$n"; return 1; }; done; }
agents_and_states() { grep -q 'TV-09' tests/flow/rules/test_evidence.c && grep -q 'TV-10' tests/flow/rules/test_lifecycle.c; }
all_are_run() { [ "$(($(wc -l <tests/flow/rules/lifecycle-vectors.csv) - 1))" = 38 ] && grep -q lifecycle-vectors.csv tests/flow/rules/test_lifecycle.c; }

for row in $(seq -f 'C%02g' 1 25); do
	try "${row}_has_a_test" named "$row"
	try "${row}_is_in_the_code" in_code "$row"
done
try rows_are_seen_to_be_reached reached
try every_vector_is_there vectors
try tv_09_and_tv_10_have_tests agents_and_states
try all_38_vectors_are_run all_are_run
printf '[  PASSED  ] %d test(s).\n' "$passed"
[ "$failed" = 0 ] || printf '[  FAILED  ] %d test(s).\n' "$failed"
[ "$failed" = 0 ]
