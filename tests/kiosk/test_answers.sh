#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every reason for which nothing is issued has an answer of its own at the terminal and an entry of its
# own in the centre's journal, with real programs; and a card that is pulled at any of its commands
# costs nothing and leaves nothing (rules 4.5, flows K04–K20). KZ_LONG=1: at each command.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$KZ_ROOT/tests/kiosk/place.sh"
mount -t tmpfs tmpfs "$KZ_TMP" # nothing of this has to outlive the machine
KZ_FIXTURES=${KZ_FIXTURES:-$KZ_ROOT/build/fixtures}
mkdir "$KZ_TMP/tmp"
cd "$KZ_TMP" || exit 1
trap 'kiosk_down; cd /; umount "$KZ_TMP"; pcscd_cleanup' EXIT

TODAY=$(TZ=Asia/Tokyo date +%F)
kiosk_place "$KZ_TMP/place" && kiosk_up --at "${TODAY}T12:00:00+09:00" || exit 1
PKI=$KZ_TMP/place/pki
. "$KZ_ROOT/tests/kiosk/terminal.sh"

value() { sed -n "s/^  \"$1\": \"\(.*\)\",\{0,1\}$/\1/p" json; }
sql() { sqlite3 -cmd '.timeout 10000' "$PLACE/center.db" "$1"; }
# Entries with this event and code ("-": none): of the transaction, or of the terminal if it has none.
journaled() { # EVENT CODE
	local id
	id=$(value transaction)
	sql "SELECT COUNT(*) FROM issue_event WHERE id = '$id' AND event = '$1' AND COALESCE(code, '-') = '$2'
		AND terminal = 'T1'" >count
	[ "$(cat count)" -gt 0 ] || { echo "no entry $1 $2 of '$id'"; sql "SELECT * FROM issue_event ORDER BY rowid DESC LIMIT 5"; return 1; }
}
# What the person reads, without numbers.
words() { grep -v '照会番号\|^{\|^}\|^ ' said | sort -u; }
# answer NAME STATUS STATE REASON EVENT CODE, after an issue
answer() {
	words >"answer-$1"
	ends "$2" state "$3" reason "$4" && nothing_charged && journaled "$5" "$6" && [ "$(kept)" = "$KEPT" ]
}
KEPT=0

wrong_pin() { PINS=9999 issue; answer wrong-pin 3 cancelled cancelled 'PIN wrong' pin_wrong && said 'あと2回'; }
locked_by_the_last_try() {
	PINS=$'9999\n9998\n9997' issue --last-try
	answer locked 4 refused locked locked locked
}
revoked() { CARD=sim:revoked issue; answer revoked 7 refused certificate_revoked 'certificate revoked' certificate_revoked; }
on_hold() { CARD=sim:on-hold issue; answer on-hold 7 refused certificate_on_hold 'certificate on hold' certificate_on_hold; }
expired() { CARD=sim:expired issue; answer expired 7 refused certificate_expired 'certificate expired' certificate_expired; }
card_is() { # STATE
	local der
	der=$(openssl x509 -in "$KZ_FIXTURES/certs/test-person-auth.pem" -outform DER | base64 -w0)
	curl -sS --cacert "$PKI/ca.pem" --cert "$PKI/operator-sato.pem" --key "$PKI/operator-sato.key" \
		-d "{\"certificate\":\"$der\",\"state\":\"$1\"}" "$CENTER_URL/v1/admin/card" | grep -q request
}
suspended() { card_is suspended && { issue; answer suspended 7 refused card_suspended 'card suspended' card_suspended; }; }
abolished() { card_is abolished && { issue; answer abolished 7 refused card_abolished 'card abolished' card_abolished; } && card_is active; }
child() { CARD=sim:child issue; answer child 7 refused under_age 'under age' under_age; }
other_municipality() { CARD=sim:long-names issue; answer elsewhere 7 refused not_available_here 'not available here' not_available_here; }
not_participating() { CITY=01101 issue; answer not-participating 7 refused not_participating 'not participating' not_participating; }
kind_not_enabled() { KIND=koseki issue; answer kind 7 refused kind_disabled 'kind disabled' kind_disabled; }
fee_unknown() { KIND=tax issue; answer fee 7 refused fee_unknown 'fee unknown' fee_unknown; }
other_token() { CARD=sim:licence issue; answer token 6 refused card_unusable card_unusable card_unusable; }
no_paper() { issue --printer-sim empty; answer no-paper 69 cancelled not_ready 'not ready' not_ready; }
declined() { issue --payment-sim decline; answer declined 8 cancelled cancelled declined declined; }
asked_again() { issue && KEPT=$FEE && { issue --again no; answer again 8 cancelled not_again 'not again' not_again; }; }
closed_at() { # TIME
	center_down
	center_up --at "${TODAY}T$1+09:00" && conf t1 && { issue; answer hours 7 refused outside_hours 'outside hours' outside_hours; }
}
before_opening() { closed_at 06:00:00; }
after_closing() { closed_at 23:00:00; }
back_to_noon() { center_down; center_up --at "${TODAY}T12:00:00+09:00" && conf t1; }

# flows K14: one text for all cards that are not good; every other reason has its own.
one_text_each() {
	local a b
	for a in on-hold suspended abolished; do cmp answer-revoked answer-$a || return 1; done
	for a in wrong-pin locked revoked expired child elsewhere not-participating kind fee token no-paper again hours; do
		for b in wrong-pin locked revoked expired child elsewhere not-participating kind fee token no-paper again hours; do
			[ "$a" = "$b" ] || ! cmp -s "answer-$a" "answer-$b" || { echo "$a and $b say the same"; return 1; }
		done
	done
}

# ---- a card that is pulled ----
commands_of_a_whole_run() {
	vcard_start test-person || return 1
	: >"$VCARD_LOG"
	CARD=pcsc issue --again yes --wait 1 >/dev/null &
	local pid=$!
	wait_for 60 grep -q 'カードをお取りください' said && sleep 1
	COMMANDS=$(vcard_commands)
	vcard_stop
	wait $pid && is state closed && KEPT=$((KEPT + FEE)) && [ "$COMMANDS" -gt 5 ]
}
# Before the signature nothing goes on; whatever came of it, nothing was paid.
pulled_at() { # N
	local rc
	vcard_start test-person --tear-after "$1" || { [ "$1" -lt 4 ] && return 0; return 1; }
	CARD=pcsc issue --again yes --wait 1
	rc=0
	case $(value state):$(value reason) in
	cancelled:card_pulled) journaled 'card pulled' card_pulled || rc=1 ;;
	refused:card_unusable) journaled card_unusable card_unusable || rc=1 ;;
	timed_out:idle) ;; # gone before the terminal had looked at it: nobody stands there
	*) echo "state $(value state), reason $(value reason)"; rc=1 ;;
	esac
	nothing_charged && [ "$(kept)" = "$KEPT" ] || rc=1
	vcard_stop
	return $rc
}

conf t1
t_ok "K08 wrong PIN" wrong_pin
t_ok "K07 locked" locked_by_the_last_try
t_ok "K14 revoked" revoked
t_ok "K14 on hold" on_hold
t_ok "K14 expired" expired
t_ok "K14 suspended" suspended
t_ok "K14 abolished" abolished
t_ok "K19 a child's card" child
t_ok "K20 of another municipality" other_municipality
t_ok "K04 not yet participating" not_participating
t_ok "K04 kind not enabled" kind_not_enabled
t_ok "K04 no fee on file" fee_unknown
t_ok "K06 another token" other_token
t_ok "K26 no paper" no_paper
t_ok "K29 declined" declined
t_ok "K16 not again" asked_again
t_ok "K12 before opening" before_opening
t_ok "K12 after closing" after_closing
back_to_noon
t_ok "K14 one text for cards that are not good, another for every other reason" one_text_each
t_ok "pcscd" pcscd_start
t_ok "commands of a whole run" commands_of_a_whole_run
STEP=4
[ -z "${KZ_LONG:-}" ] || STEP=1
for ((n = 4; n < COMMANDS; n += STEP)); do
	t_ok "K10 the card is pulled at command $n" pulled_at $n
done
t_end
