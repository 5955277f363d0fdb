#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Programs that know nothing of this project take the virtual card for a real one:
# pcscd, vpcd and OpenSC find it, list it, sign with both keys, count wrong PINs.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"

M=/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so
[ -e "$M" ] || M=$(dpkg -L opensc-pkcs11 | grep '/opensc-pkcs11\.so$' | head -1)
cd "$KZ_TMP" || exit 1

name_is_jpki() { opensc-tool -n | tee /dev/stderr | grep -qi jpki; }
dump() {
	pkcs15-tool -D | tee dump
	grep -q 'User Authentication PIN' dump && grep -q 'Digital Signature PIN' dump &&
		[ "$(grep -c 'X.509 Certificate' dump)" -ge 3 ]
}
slots() {
	pkcs11-tool --module "$M" -L | tee slots
	[ "$(grep -c 'token label.*JPKI' slots)" = 2 ]
}
objects() {
	pkcs11-tool --module "$M" -O | tee objects
	grep -q 'Certificate Object' objects
}
# sign_and_verify SLOT PIN ID [extra]: openssl must accept the signature.
sign_and_verify() {
	printf 'かざす %s' "$1" >data
	pkcs11-tool --module "$M" --slot-index "$1" --login --pin "$2" --id "$3" \
		--read-object --type cert --output-file cert.der &&
		openssl x509 -inform DER -in cert.der -pubkey -noout >pub.pem &&
		pkcs11-tool --module "$M" --slot-index "$1" --login --pin "$2" --id "$3" \
			--sign -m SHA256-RSA-PKCS -i data -o sig &&
		openssl dgst -sha256 -verify pub.pem -signature sig data
}
certificate_is_ours() {
	openssl x509 -inform DER -in cert.der -outform PEM | cmp - \
		"$KZ_ROOT/build/fixtures/certs/test-person-$1.pem"
}
tries() { # tries REF COUNT: what the card itself answers to a retry query
	opensc-tool -s 00A4040C0AD392F000260100000001 -s "00A4020C02$1" -s 00200080 |
		tee /dev/stderr | tail -1 | grep -q "SW1=0x63, SW2=0xC$2"
}
wrong_pin() {
	! pkcs11-tool --module "$M" --slot-index 0 --login --pin 9999 --sign --id 01 \
		-m SHA256-RSA-PKCS -i data -o sig
}
stops_cleanly() {
	kill -TERM "$VCARD_PID" && wait "$VCARD_PID"
	local rc=$?
	VCARD_PID=
	[ $rc = 0 ] && wait_for 10 card_absent
}
secrets_hidden() {
	grep -q '^> 0020008004\*\*$' "$VCARD_LOG" && grep -q '^> 0020008006\*\*$' "$VCARD_LOG" &&
		! grep -qi -e 31323334 -e 414243313233 "$VCARD_LOG"
}

pcscd_start || exit 1
vcard_start test-person || exit 1
t_ok "opensc-tool names the card" name_is_jpki
t_ok "pkcs15-tool dumps two PINs and three free certificates" dump
t_ok "pkcs11-tool lists two tokens" slots
t_ok "pkcs11-tool lists objects" objects
t_ok "signature with the authentication key verifies" sign_and_verify 0 1234 01
t_ok "the authentication certificate is the one issued" certificate_is_ours auth
t_ok "signature with the signing key verifies" sign_and_verify 1 ABC123 02
t_ok "the signing certificate is the one issued" certificate_is_ours sign
t_ok "the log shows no secret" secrets_hidden
t_ok "three tries before" tries 0018 3
t_ok "a wrong PIN is refused" wrong_pin
t_ok "two tries after it" tries 0018 2
t_ok "the right PIN is accepted" sign_and_verify 0 1234 01
t_ok "three tries again" tries 0018 3
t_ok "SIGTERM ends it with status 0 and the card is gone" stops_cleanly
t_end
