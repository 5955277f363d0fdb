#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves that the centre and the municipal server, both as built, understand each other: a card of the
# test person opens, signs, and gets the 住民票の写し of its household; a protected person's card gets the
# one answer of K20; a transaction that is cancelled leaves "withdrawn" in the issue record.
. "$(dirname "$0")/../unit/common.sh"
unset XDG_STATE_HOME

prepare() { # FOLDER
	local d=$1
	build/bin/kazasu-issuer --make-test "$d" && build/bin/kazasu-center --make-test-pki "$d" &&
		build/bin/kazasu-issuer --config "$d/issuer.conf" --generate 40 --personas build/fixtures >/dev/null || return 1
	mkdir "$d/rules" "$d/rules/signers" "$d/crl" "$d/secrets"
	cp "$d/signing.pem" "$d/rules/signers/13221.pem"
	(umask 077 && head -c 32 /dev/urandom >"$d/master.key" &&
		openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$d/back.key")
	build/bin/kazasu --test-roots --trust build/fixtures/trust crl import --store "$d/crl" build/fixtures/crl/auth-*-13221.crl >/dev/null
}

prepare "$TMP/d" || { try prepared false; finish; }
while read -r result name; do
	try "$name" [ "$result" = ok ]
done < <(timeout 120 python3 tests/kazasu-issuer/with_center.py "$TMP/d" build/fixtures 2>"$TMP/python" || echo "failed the run as a whole")
cat "$TMP/python"
finish
