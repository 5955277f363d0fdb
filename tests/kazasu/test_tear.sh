#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: a card pulled at any command of `identify`, before or after it was executed, never leads
# to a wrong result: exit code and JSON say that it was removed, or the result is the complete one;
# and the next card works. Both routes, every kind of tear, through the real pcscd; most of the time
# goes into waiting for it, so the parts run side by side, each with a pcscd of its own.
# test_identify_tear.c does the same in process.
if [ $# = 0 ]; then
	logs=$(mktemp -d) pids=() rc=0
	trap 'rm -rf "$logs"' EXIT
	for route in pin number-b; do
		for when in before after counter; do
			bash "$0" $route $when >"$logs/$route.$when" 2>&1 &
			pids+=($!)
		done
	done
	for pid in "${pids[@]}"; do wait "$pid" || rc=1; done
	cat "$logs"/*
	exit $rc
fi
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$(dirname "$0")/common.sh"
cd "$KZ_TMP" || exit 1
B=55021720352285

WHOLE='d.get("verdict")=="undetermined" and d["checks"]=={"card_chain":"pass","record_signature":"pass","card_challenge":"pass","certificate_path":"pass","revocation":"skipped","in_force":"pass","consistency":"skipped"} and d["attributes"]["name"]=="黒桐　幹也" and d["attributes"]["birth"]=="1980-02-17" and d["attributes"]["sex"]=="1"'

# torn_at N WHEN LAST SECRET WORDS…: LAST is the number of the clearing SELECT, after which nothing
# is missing any more.
torn_at() {
	vcard_start test-person --tear-after "$1:$2" --state state || return 1
	judge "$@"
	local ok=$?
	vcard_stop
	# pcscd looks at its readers every 0.4 s; a new card before that is never noticed.
	sleep 0.5
	return $ok
}
judge() {
	local n=$1 when=$2 last=$3
	shift 3
	rm -f t.png
	kz_pin "$@" --json --test-roots
	if [ "$n" -ge "$last" ] && [ "$RC" = 2 ]; then
		json "$WHOLE" || return 1
	else
		rc 5 && json 'd["error"]["code"] in ("REMOVED","OUTCOME_UNKNOWN","NO_CARD") and d["error"]["hint"]' && [ ! -e t.png ] || return 1
		# A lost answer to VERIFY is named: it may have used a try.
		if sed -n '/^>/p' "$VCARD_LOG" | tail -1 | grep -q '^> 002000..[0-9A-F]*\*\*'; then
			json 'd["error"]["code"]=="OUTCOME_UNKNOWN"' || return 1
		fi
	fi
}
# The counters can only have gone down by the one VERIFY that was cut.
next_card_works() {
	vcard_start test-person --state state || return 1
	kz status --json && rc 0 && json 'd["tries"]["number_b"]["surface"]>=9 and d["tries"]["number_b"]["text"]>=9 and d["tries"]["text"]>=2' &&
	kz_pin $B identify --json --test-roots; rc 2 && kz status --json && json 'd["tries"]["number_b"]=={"surface":10,"text":10}' &&
	kz_pin 1234 attrs && rc 0
	local ok=$?
	vcard_stop
	return $ok
}
commands_of() { # SECRET WORDS…: how many commands the whole takes
	vcard_start test-person --state state || return 1
	kz_pin "$@" --json --test-roots
	sleep 0.05
	vcard_commands
	vcard_stop
}

pcscd_start || exit 1
when=$2
case $1 in
pin) flow=(1234 identify --pin) ;;
number-b)
	flow=("$B" identify --photo t.png)
	WHOLE='d.get("verdict")=="undetermined" and d["checks"]["consistency"]=="pass" and d["checks"]["record_signature"]=="pass" and d["attributes"]["name"]=="黒桐　幹也" and d["photo"]=="t.png"'
	;;
esac
total=$(commands_of "${flow[@]}")
for n in $(seq 1 "$total"); do
	t_ok "$1 route: pulled $when command $n of $total" torn_at "$n" "$when" "$total" "${flow[@]}"
done
t_ok "the next card works" next_card_works
t_end
