#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The generated test PKI before the openssl command: chains, lists, revoked certificates,
# lists made on demand, keys that stay the same.
cd "$(dirname "$0")/../.." || exit 1
F=build/fixtures MK=build/obj/fixtures/pki/mkfixtures
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
check() {
	local name=$1
	shift
	printf '[ RUN      ] %s\n' "$name"
	if "$@" >"$tmp/out" 2>&1; then
		printf '[       OK ] %s\n' "$name"
		passed=$((passed + 1))
	else
		cat "$tmp/out"
		printf '[  FAILED  ] %s\n' "$name"
		failed=$((failed + 1))
	fi
}
pem_of() { openssl crl -inform DER -in "$1" -out "$tmp/crl.pem"; }
verify() { # verify CA CERT [openssl options]
	local ca=$1 cert=$2
	shift 2
	openssl verify -CAfile "$F/trust/$ca.pem" -no_check_time "$@" "$F/certs/$cert.pem"
}
every_holder_verifies() {
	local p
	verify auth-1 near-expiry-auth && verify sign-1 near-expiry-sign || return 1
	for p in test-person long-names revoked android iphone; do
		verify auth-2 $p-auth && verify sign-2 $p-sign || return 1
	done
	verify auth-2 child-auth && [ ! -e $F/certs/child-sign.pem ]
}
wrong_generation_fails() { ! verify auth-1 test-person-auth; }
expired_is_expired() { # seen from 2026
	openssl verify -CAfile $F/trust/auth-1.pem -attime 1770000000 $F/certs/expired-auth.pem 2>&1 |
		grep -q 'certificate has expired'
}
lists_verify() {
	local f ca
	for f in $F/crl/*.crl; do
		ca=$(basename "$f" | cut -c1-6)
		openssl crl -inform DER -in "$f" -noout -CAfile $F/trust/$ca.pem 2>&1 |
			tee /dev/stderr | grep -q 'verify OK' || return 1
	done
	[ "$(ls $F/crl | wc -l)" -ge 12 ]
}
good_is_on_no_list() {
	pem_of $F/crl/auth-2-13221.crl &&
		verify auth-2 test-person-auth -crl_check -extended_crl -CRLfile "$tmp/crl.pem"
}
revoked_is_found() {
	pem_of $F/crl/$1-27127.crl
	verify $1 revoked-$2 -crl_check -extended_crl -CRLfile "$tmp/crl.pem" 2>&1 |
		tee /dev/stderr | grep -q 'certificate revoked'
}
whole_list_finds_it_too() {
	pem_of $F/crl/sign-2.crl
	verify sign-2 revoked-sign -crl_check -CRLfile "$tmp/crl.pem" 2>&1 | grep -q 'certificate revoked'
}
list_on_demand() {
	local serial
	serial=$(openssl x509 -in $F/certs/test-person-auth.pem -noout -serial | cut -d= -f2)
	$MK crl $F auth-2 "$tmp/mine.crl" --place test-person --number 77 --revoke 01020304 \
		--revoke "$serial:1:2026-02-01" &&
		openssl crl -inform DER -in "$tmp/mine.crl" -noout -text >"$tmp/text" &&
		grep -q 'Key Compromise' "$tmp/text" && grep -A1 'CRL Number' "$tmp/text" | grep -q 77 &&
		pem_of "$tmp/mine.crl" &&
		verify auth-2 test-person-auth -crl_check -extended_crl -CRLfile "$tmp/crl.pem" 2>&1 |
		grep -q 'certificate revoked'
}
bad_list_arguments() { ! $MK crl $F auth-9 "$tmp/x.crl" && ! $MK crl $F auth-2 "$tmp/x.crl" --revoke zz; }
again_changes_no_key() {
	cp -r $F "$tmp/fixtures" && $MK all fixtures "$tmp/fixtures" &&
		diff -r -x crl -x .stamp $F "$tmp/fixtures"
}
cv_table_has_our_ids() {
	[ "$(wc -l <$F/trust/cv-ca.csv)" = 4 ] &&
		[ "$(cut -d, -f1 $F/trust/cv-ca.csv | sed -n 2,4p | tr '\n' ' ')" = \
			"363030303032300805393031000000A8 36303030303233080539303100000000 36303030303333080539303100000000 " ] &&
		head -1 $F/trust/cv-ca.csv | grep -q '^key_id,name,use,hierarchy,exponent,modulus$'
}
no_key_is_committed() { # no private key in any file of the tree but what the build made
	! grep -rIl --exclude-dir=build --exclude-dir=out --exclude-dir=.git \
		-e '-----BEGIN \(RSA \)\?PRIVATE KEY-----' .
}

check "holder certificates verify under the CA of their generation" every_holder_verifies
check "the other generation of the same name does not verify them" wrong_generation_fails
check "the expired certificate is expired" expired_is_expired
check "every list verifies under its CA" lists_verify
check "a good certificate passes the list of its municipality" good_is_on_no_list
check "the revoked authentication certificate is found" revoked_is_found auth-2 auth
check "the revoked signing certificate is found" revoked_is_found sign-2 sign
check "the list of the whole CA has it too" whole_list_finds_it_too
check "a list made on demand" list_on_demand
check "wrong arguments make no list" bad_list_arguments
check "making the fixtures again changes no key and no certificate" again_changes_no_key
check "card-verifiable issuers have key ids of their own" cv_table_has_our_ids
check "no private key outside the build folder" no_key_is_committed
printf '[  PASSED  ] %d test(s).\n' $passed
[ $failed -eq 0 ] || printf '[  FAILED  ] %d test(s).\n' $failed
[ $failed -eq 0 ]
