#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The virtual card is a reading of the card of its own: it includes nothing of codec,
# reader's channel, applet, pki or token; nothing shipped contains it; its assumptions
# stand in one table.
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0
check() {
	local name=$1
	shift
	printf '[ RUN      ] %s\n' "$name"
	if "$@"; then
		printf '[       OK ] %s\n' "$name"
		passed=$((passed + 1))
	else
		printf '[  FAILED  ] %s\n' "$name"
		failed=$((failed + 1))
	fi
}

allowed_headers() { # every include of <card/…>; "…" must be a file of libcard/sim
	local bad
	bad=$(grep -hn '#include <card/' libcard/sim/*.[ch] |
		grep -v -E '<card/(error|bytes|reader|sim)\.h>')
	[ -z "$bad" ] || { echo "$bad"; return 1; }
	for h in $(sed -n 's/^#include "\(.*\)"$/\1/p' libcard/sim/*.[ch] | sort -u); do
		[ -e "libcard/sim/$h" ] || { echo "not its own: $h"; return 1; }
	done
}
no_calls_into_libcard() { # the archive needs no card_* symbol it does not define itself
	local a=build/obj/libcardsim.a
	[ -e $a ] || { echo "no $a"; return 1; }
	comm -23 <(nm -u $a 2>/dev/null | awk '{print $2}' | grep '^card_' | sort -u) \
		<(nm --defined-only $a 2>/dev/null | awk '{print $3}' | sort -u) >build/obj/sim-needs.txt
	[ ! -s build/obj/sim-needs.txt ] || { cat build/obj/sim-needs.txt; return 1; }
}
not_in_shipped_libraries() {
	local so bad=0
	[ -e build/lib/libcard.so ] || { echo "no build/lib/libcard.so"; return 1; }
	for so in build/lib/*.so; do
		if nm -a "$so" 2>/dev/null | grep -q -E ' (card_sim|sim_chip)_'; then
			echo "the virtual card is in $so"
			bad=1
		fi
	done
	return $bad
}
every_row_has_a_letter() { # as many rows as choices, each with a letter of card-spec 1.1
	local want have
	want=$(sed -n '/^enum sim_choice {/,/SIM_CHOICE_COUNT_/p' libcard/sim/choice.h |
		grep -c '^[[:space:]]SIM_[A-Z0-9_]*\( = 0\)\?,')
	have=$(tr -d '\n' <libcard/sim/choice.c |
		grep -o "\[SIM_[A-Z0-9_]*\] = {[[:space:]]*\"[^\"]*\",[[:space:]]*\"[^\"]*\",[[:space:]]*'[ABCD]'" | wc -l)
	[ "$want" -gt 30 ] && [ "$want" = "$have" ] || { echo "$have of $want rows"; return 1; }
}
docs_name_every_quirk() {
	local q missing=0
	for q in $(sed -n 's/^[[:space:]]*\(CHOOSE\|FAULT\)("\([a-z0-9-]*\)".*/\2/p' libcard/sim/choice.c); do
		grep -q "\`$q\`" docs/vcard.md || { echo "docs/vcard.md lacks $q"; missing=1; }
	done
	return $missing
}

docs_show_every_assumption() {
	local topic missing=0
	while IFS= read -r topic; do
		grep -qF "| $topic |" docs/vcard.md || { echo "docs/vcard.md lacks: $topic"; missing=1; }
	done < <(tr -d '\n' <libcard/sim/choice.c | grep -o '\[SIM_[A-Z0-9_]*\] = {[[:space:]]*"[^"]*"' |
		sed 's/.*"\(.*\)"/\1/')
	return $missing
}

check "only base types, reader.h and its own headers" allowed_headers
check "calls nothing of libcard" no_calls_into_libcard
check "no shipped library contains it" not_in_shipped_libraries
check "every assumption is a row with its confidence letter" every_row_has_a_letter
check "the documentation names every quirk" docs_name_every_quirk
check "the documentation shows every assumption" docs_show_every_assumption
printf '[  PASSED  ] %d test(s).\n' $passed
[ $failed -eq 0 ] || printf '[  FAILED  ] %d test(s).\n' $failed
[ $failed -eq 0 ]
