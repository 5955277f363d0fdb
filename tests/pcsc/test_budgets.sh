#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves the command budgets of library calls, counted from the card's own log through the real
# pcscd, each in a fresh process with the whole answer compared: a signature in exactly four, the
# attributes in at most four; and what a card without the short-id forms costs more, once.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
cd "$KZ_TMP" || exit 1
CLIENT=$KZ_ROOT/build/${FLAVOUR:-obj}/tests/pcsc/client_pcsc
FIX=$KZ_ROOT/build/fixtures/certs
openssl x509 -in "$FIX/test-person-sign.pem" -outform DER -out sign.der
openssl x509 -in sign.der -noout -pubkey >sign.pub
export CERTIFICATE=$PWD/sign.der

# do_it LINES…: a process of its own; its answers in `out`, the card's commands as words in `words`.
do_it() {
	: >"$VCARD_LOG"
	printf '%s\n' 'wait 5000' "$@" quit | timeout 30 "$CLIENT" >out || { cat out; return 1; }
	sleep 0.05
	grep '^> ' "$VCARD_LOG" | cut -c3- | sed 's/^00A4040C07A00.*/CLEAR/;s/^00A404.*/SELECT/;s/^00A4020C.*/FILE/
		s/^002000..$/QUERY/;s/^0020.*/VERIFY/;s/^802A.*/SIGN/;s/^00B0.*/READ/' | tr '\n' ' ' >words
	cat out words
	! grep -v '^OK' out
}
signature_is_right() {
	python3 -c 'import re,sys; sys.stdout.buffer.write(bytes.fromhex(re.findall("[0-9A-F]{512}", sys.stdin.read())[-1]))' <out >sig &&
		openssl dgst -sha256 -verify sign.pub -signature sig /dev/null
}
signature() {
	do_it begin sign end && [ "$(cat words)" = "SELECT QUERY VERIFY SIGN CLEAR " ] && signature_is_right
}
person_is_right() { grep -qx 'OK 黒桐　幹也|東京都清瀬市観布子南１２－７－２０２|1980-02-17|1' out; }
attributes() {
	do_it begin pin person end && person_is_right && [ "$(cat words)" = "SELECT QUERY VERIFY READ CLEAR " ]
}
# The first refusal is remembered for the card: the second transaction asks in the plain form at once.
plain_forms() {
	do_it begin sign end begin sign end && signature_is_right &&
		[ "$(cat words)" = "SELECT QUERY FILE QUERY VERIFY FILE SIGN CLEAR SELECT FILE QUERY VERIFY FILE SIGN CLEAR " ]
}

pcscd_start && vcard_start test-person || exit 1
t_ok "a signature: SELECT, query, VERIFY, SIGN" signature
t_ok "the four attributes in four" attributes
vcard_stop && sleep 0.5 && vcard_start test-person --quirk no-sfi || exit 1
t_ok "without short ids: the SELECTs more, one refusal" plain_forms
t_end
