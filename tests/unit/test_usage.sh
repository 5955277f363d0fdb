#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: the commands that others build on are there under their names; each tells its usage in two
# languages with the same options; manual pages, documents and completion name the same commands and
# options as the programs.
. "$(dirname "$0")/common.sh"
COMMANDS="readers status pin attrs number face cert identify sign verify crl ocsp trust purpose register lifecycle
	login logout operator procedure check journal audit kiosk paper admin apply apdu doctor demo verify-batch"

usage() { python3 tests/unit/usage.py "$@" >"$TMP/odd" 2>&1 && none_in "$TMP/odd"; }

# Taking a name away breaks programs of others: with a note in CHANGELOG.md only.
every_command_is_there() {
	python3 tests/unit/usage.py commands | sort >"$TMP/there"
	tr -s ' \t\n' '\n' <<<"$COMMANDS" | sort | diff - "$TMP/there" >"$TMP/odd"
	none_in "$TMP/odd"
}

programs_tell_help_and_version() {
	local p
	for p in build/bin/kazasu*; do
		"$p" --version </dev/null | grep -q "^${p##*/} [0-9]" || echo "$p --version"
		"$p" --help </dev/null >"$TMP/help" && grep -q -m1 "${p##*/}" "$TMP/help" || echo "$p --help"
	done >"$TMP/odd"
	none_in "$TMP/odd"
}

try every_command_is_there every_command_is_there
try every_command_tells_its_usage usage help
try programs_tell_help_and_version programs_tell_help_and_version
try manual_pages_and_help_agree usage manual
try documents_name_what_is_there usage docs
try completion_offers_what_is_there usage completion
finish
