#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: docs/issuance-states.md is what the table of transactions draws today; every row of the
# flow, K01 to K40, is in the table and cited by a test.
. "$(dirname "$0")/common.sh"

the_drawing_is_current() {
	build/obj/docs/states/mkstates >"$TMP/states" || return 1
	diff -u docs/issuance-states.md "$TMP/states" >"$TMP/odd" || { echo "make states"; none_in "$TMP/odd"; }
}

rows() { seq -f 'K%02.0f' 1 40; }

every_row_is_in_the_table() {
	rows | while read -r row; do grep -q "\"$row\"" libcard/flow/issue/transaction.c || echo "$row"; done >"$TMP/odd"
	none_in "$TMP/odd"
}

every_row_is_cited_by_a_test() {
	rows | while read -r row; do
		grep -rqw "$row" tests --include='test_*.c' --include='test_*.sh' || echo "$row"
	done >"$TMP/odd"
	none_in "$TMP/odd"
}

try the_drawing_is_current the_drawing_is_current
try every_row_is_in_the_table every_row_is_in_the_table
try every_row_is_cited_by_a_test every_row_is_cited_by_a_test
finish
