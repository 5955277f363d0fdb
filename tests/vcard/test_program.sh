#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kazasu-vcard as a program: its options and exit codes, counters that outlive it, a card
# that is pulled at a chosen command, a killed process, latency, other personas.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
V=$KZ_BIN/kazasu-vcard
M=$(dpkg -L opensc-pkcs11 2>/dev/null | grep '/opensc-pkcs11\.so$' | head -1)
cd "$KZ_TMP" || exit 1

exits() { # exits STATUS WORDS command…: status, and words on stderr
	local status=$1 words=$2
	shift 2
	"$@" >out 2>err
	local rc=$?
	cat out err
	[ $rc = "$status" ] && grep -q -- "$words" err
}
help_is_bilingual() { "$V" --help >out && grep -q -- --tear-after out && grep -q 抜く out; }
quirks_are_listed() { "$V" --list-quirks >out && [ "$(wc -l <out)" -gt 50 ]; }

# apdus HEX… : what the card answers, one "SW" a line as opensc-tool prints
apdus() {
	local args=() a
	for a in "$@"; do args+=(-s "$a"); done
	opensc-tool -c default "${args[@]}" 2>&1
}
JPKI=00A4040C0AD392F000260100000001
tries_are() {
	apdus $JPKI 00200098 | tee /dev/stderr | tail -1 | grep -q "SW1=0x63, SW2=0xC$1"
}
with_card() { # with_card "options" command…
	local options=$1 rc
	shift
	# shellcheck disable=SC2086
	vcard_start test-person $options || return 1
	"$@"
	rc=$?
	vcard_stop
	return $rc
}
wrong_pin_then_restart() {
	with_card "--state $KZ_TMP/state" apdus $JPKI 002000980439393939 | grep -q 'SW2=0xC2' &&
		with_card "--state $KZ_TMP/state" tries_are 2
}
killed_process_keeps_counters() {
	vcard_start test-person --state "$KZ_TMP/state" || return 1
	apdus $JPKI 002000980439393939 | grep -q 'SW2=0xC1' || return 1
	kill -9 "$VCARD_PID"
	wait "$VCARD_PID" 2>/dev/null
	VCARD_PID=
	wait_for 10 card_absent && with_card "--state $KZ_TMP/state" tries_are 1
}
ended() { ! kill -0 "$VCARD_PID" 2>/dev/null; }
# The card goes at command 2, in the way named; then N tries are left.
torn() {
	local left=$2
	rm -rf state2
	vcard_start test-person --state "$KZ_TMP/state2" --tear-after "2:$1" || return 1
	apdus $JPKI 002000980439393939 # no answer to the second
	wait_for 5 ended || return 1
	wait "$VCARD_PID" || return 1
	VCARD_PID=
	wait_for 10 card_absent && [ "$(tail -1 "$VCARD_LOG")" = "< (torn)" ] &&
		with_card "--state $KZ_TMP/state2" tries_are "$left"
}
comes_back() {
	vcard_start test-person --tear-after 1 --reinsert 1500 || return 1
	apdus $JPKI >/dev/null
	wait_for 10 card_absent && wait_for 10 card_present && apdus $JPKI | grep -q 'SW1=0x90'
	local rc=$?
	vcard_stop
	return $rc
}
quirk_works() { with_card "--quirk query-6984 --quirk locked-6983" locked_text; }
locked_text() {
	apdus 00A4040C0AD3921000310001010408 00200092 00200092041111 >/dev/null
	apdus 00A4040C0AD3921000310001010408 00200092 | tail -1 | grep -q 'SW1=0x69, SW2=0x84'
}
latency_passes_through() { with_card "--latency nfc106" apdus $JPKI | grep -q 'SW1=0x90'; }
persona_signs() { # persona_signs NAME PIN ID SLOT
	vcard_start "$1" || return 1
	echo "$1" >data
	pkcs11-tool --module "$M" --slot-index "$4" --login --pin "$2" --id "$3" --sign \
		-m SHA256-RSA-PKCS -i data -o sig &&
		openssl x509 -in "$KZ_ROOT/build/fixtures/certs/$1-$5.pem" -pubkey -noout >pub.pem &&
		openssl dgst -sha256 -verify pub.pem -signature sig data
	local rc=$?
	vcard_stop
	return $rc
}
persona_file() {
	echo '{"name":"自作　太郎","secrets":{"auth":"9753"}}' >mine.json
	vcard_start ./mine.json || return 1
	apdus $JPKI 002000980439373533 | tail -1 | grep -q 'SW1=0x90'
	local rc=$?
	vcard_stop
	return $rc
}

t_ok "no persona is a usage error" exits 64 persona "$V"
t_ok "an unknown option is a usage error" exits 64 help "$V" --persona child --nonsense
t_ok "a bad tear is a usage error" exits 64 tear-after "$V" --persona child --tear-after 0
t_ok "a bad latency is a usage error" exits 64 latency "$V" --persona child --latency fast
t_ok "an unknown persona is named" exits 66 nobody-here "$V" --persona nobody-here
t_ok "an unknown quirk is named" exits 65 none-such "$V" --persona child --quirk none-such
t_ok "missing fixtures are explained" exits 66 cv-ca.csv "$V" --persona child --fixtures /nonexistent
t_ok "nobody listening is explained" exits 69 pcscd "$V" --persona child --port 9
t_ok "help in two languages" help_is_bilingual
t_ok "quirks are listed" quirks_are_listed

pcscd_start || exit 1
t_ok "counters outlive the program" wrong_pin_then_restart
t_ok "a killed program keeps its counters" killed_process_keeps_counters
t_ok "torn before: no try used" torn before 3
t_ok "torn after: the try is used" torn after 2
t_ok "torn at the counter: the try is used" torn counter 2
t_ok "the card can come back by itself" comes_back
t_ok "quirks from the command line" quirk_works
t_ok "latency profile" latency_passes_through
t_ok "a card with a long address signs for OpenSC" persona_signs long-names ABC123 02 1 sign
t_ok "a revoked card still signs" persona_signs revoked 1234 01 0 auth
t_ok "an iPhone token signs for OpenSC" persona_signs iphone 1234 01 0 auth
t_ok "a persona file of one's own" persona_file
t_end
