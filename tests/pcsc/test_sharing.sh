#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves that libcard shares a reader as it says, through the real pcscd: another program's
# transaction, SELECT and reset, cards and pcscd that come and go.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
FLAVOUR=${FLAVOUR:-obj}
CLIENT=$KZ_ROOT/build/$FLAVOUR/tests/pcsc/client_pcsc

# A client driven through descriptors: say NAME line…; reads one answer into $ANSWER.
start_client() { # NAME
	rm -f "$KZ_TMP/$1.in" "$KZ_TMP/$1.out" # of a test that failed
	mkfifo "$KZ_TMP/$1.in" "$KZ_TMP/$1.out"
	"$CLIENT" <"$KZ_TMP/$1.in" >"$KZ_TMP/$1.out" 2>"$KZ_TMP/$1.err" &
	eval "PID_$1=$!"
	eval "exec {IN_$1}>\"$KZ_TMP/$1.in\" {OUT_$1}<\"$KZ_TMP/$1.out\""
}
stop_client() {
	local pid in out
	eval "pid=\$PID_$1 in=\$IN_$1 out=\$OUT_$1"
	echo quit >&"$in" # other clients may hold this end too
	exec {in}>&-
	wait "$pid"
	local rc=$?
	exec {out}<&-
	rm -f "$KZ_TMP/$1.in" "$KZ_TMP/$1.out"
	[ $rc = 0 ] || cat "$KZ_TMP/$1.err"
	return $rc
}
tell() { local in; eval "in=\$IN_$1"; shift; echo "$*" >&"$in"; }
hear() { local out; eval "out=\$OUT_$1"; read -r -t "${2:-30}" ANSWER <&"$out"; }
say() { # NAME WANTED line…
	local name=$1 wanted=$2
	shift 2
	tell "$name" "$*"
	hear "$name" || { echo "no answer to $*"; return 1; }
	while [[ $ANSWER == waiting* ]]; do HEARD_WAITING=1; hear "$name" || return 1; done
	# shellcheck disable=SC2053
	[[ $ANSWER == $wanted ]] || { echo "$* gave '$ANSWER', wanted '$wanted'"; return 1; }
}

reports_another_programs_transaction_and_gives_up() {
	start_client a; start_client b
	say a OK wait 5000 || return 1
	HEARD_WAITING=0
	say b OK wait 5000 || return 1
	say a OK begin 0 || return 1
	say b READER_BUSY begin 2600 && [ $HEARD_WAITING = 1 ] || return 1
	say a OK end && say b OK begin 1000 && say b "OK JPKIAPICCTOKEN2" label && say b OK end || return 1
	stop_client a && stop_client b
}

a_connection_is_not_made_for_ever_either() {
	start_client a; start_client b
	say a OK wait 5000 && say a OK begin 0 || return 1
	HEARD_WAITING=0
	say b READER_BUSY open 2600 && [ $HEARD_WAITING = 1 ] || return 1
	say a OK end || return 1
	say b OK open 2600 && say b OK begin && say b "OK JPKIAPICCTOKEN2" label && say b OK end || return 1
	stop_client a && stop_client b
}

gets_its_turn_when_the_other_ends() {
	start_client a; start_client b
	say a OK wait 5000 && say b OK wait 5000 && say a OK begin 0 || return 1
	tell b begin 8000
	sleep 0.4
	say a OK end && hear b && [ "$ANSWER" = OK ] && say b OK end || return 1
	stop_client a && stop_client b
}

selects_anew_after_another_program_moved_the_card() {
	start_client a
	say a OK wait 5000 && say a OK begin && say a "OK JPKIAPICCTOKEN2" label && say a OK end || return 1
	opensc-tool -s 00A4040C0AD3921000310001010402 >/dev/null 2>&1 || return 1
	say a OK begin && say a "OK JPKIAPICCTOKEN2" label && say a OK end || return 1
	stop_client a
}

a_verified_pin_is_closed_to_others_afterwards() {
	start_client a
	say a OK wait 5000 && say a OK begin && say a OK pin && say a OK attributes && say a OK end || return 1
	# the same application, selected again, would have kept the status (card-spec 2.5)
	opensc-tool -s 00A4040C0AD3921000310001010408 -s 00B0820000 2>&1 | tee "$KZ_TMP/other" |
		grep -q 'SW1=0x69, SW2=0x82' || { cat "$KZ_TMP/other"; return 1; }
	stop_client a
}

another_programs_reset_is_noticed_and_mended() {
	start_client a
	say a OK wait 5000 && say a OK begin && say a OK pin && say a OK end && say a "OK *" generation || return 1
	local before=$ANSWER
	opensc-tool --reset >/dev/null 2>&1 || return 1
	say a OK begin && say a "OK JPKIAPICCTOKEN2" label && say a OK end && say a "OK *" generation || return 1
	[ "$before" != "$ANSWER" ] || { echo "generation stayed $before"; return 1; }
	stop_client a
}

a_pulled_card_is_removed_and_the_next_one_works() {
	start_client a
	say a OK wait 5000 && say a OK begin && say a "OK JPKIAPICCTOKEN2" label && say a "OK *" generation || return 1
	local before=$ANSWER
	vcard_stop
	say a REMOVED label || return 1
	tell a end; hear a || return 1
	say a NO_CARD begin || return 1
	vcard_start test-person
	say a OK begin && say a "OK JPKIAPICCTOKEN2" label && say a OK end && say a "OK *" generation || return 1
	[ "$before" != "$ANSWER" ] || return 1
	stop_client a
}

waits_for_a_card_and_sees_it_come() {
	vcard_stop
	start_client a
	say a TIMEOUT wait 300 || return 1
	tell a wait 15000
	sleep 0.3
	vcard_start test-person
	until hear a && [[ $ANSWER != waiting* ]]; do [ -n "$ANSWER" ] || return 1; done
	[ "$ANSWER" = OK ] || { echo "got $ANSWER"; return 1; }
	stop_client a
}

sees_a_card_go() {
	start_client a
	say a OK wait 5000 || return 1
	say a "watching *" changes 15000 || return 1
	vcard_stop
	until hear a && [[ $ANSWER != waiting* ]]; do [ -n "$ANSWER" ] || return 1; done
	vcard_start test-person
	[ "$ANSWER" = OK ] || { echo "got $ANSWER"; return 1; }
	stop_client a
}

survives_a_restart_of_pcscd() {
	start_client a
	say a OK wait 5000 && say a OK begin && say a "OK JPKIAPICCTOKEN2" label && say a OK end || return 1
	vcard_stop
	pcscd_stop
	say a NO_SERVICE begin 300 || return 1
	say a NO_SERVICE wait 300 || return 1
	pcscd_start
	vcard_start test-person
	say a OK wait 8000 && say a OK begin && say a "OK JPKIAPICCTOKEN2" label && say a OK end || return 1
	stop_client a
}

goes_on_with_an_old_connection_after_a_restart() {
	start_client a
	say a OK wait 5000 && say a OK begin && say a OK end || return 1
	vcard_stop
	pcscd_stop
	pcscd_start
	vcard_start test-person
	say a OK begin && say a "OK JPKIAPICCTOKEN2" label && say a OK end || return 1
	stop_client a
}

pcscd_start
vcard_start test-person
t_ok reports_another_programs_transaction_and_gives_up reports_another_programs_transaction_and_gives_up
t_ok a_connection_is_not_made_for_ever_either a_connection_is_not_made_for_ever_either
t_ok gets_its_turn_when_the_other_ends gets_its_turn_when_the_other_ends
t_ok selects_anew_after_another_program_moved_the_card selects_anew_after_another_program_moved_the_card
t_ok a_verified_pin_is_closed_to_others_afterwards a_verified_pin_is_closed_to_others_afterwards
t_ok another_programs_reset_is_noticed_and_mended another_programs_reset_is_noticed_and_mended
t_ok a_pulled_card_is_removed_and_the_next_one_works a_pulled_card_is_removed_and_the_next_one_works
t_ok waits_for_a_card_and_sees_it_come waits_for_a_card_and_sees_it_come
t_ok sees_a_card_go sees_a_card_go
t_ok survives_a_restart_of_pcscd survives_a_restart_of_pcscd
t_ok goes_on_with_an_old_connection_after_a_restart goes_on_with_an_old_connection_after_a_restart
t_end
