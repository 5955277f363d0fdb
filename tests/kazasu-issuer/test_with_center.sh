#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves that the centre and the municipal server, both as built, understand each other: a card of the
# test person opens, signs, and gets the 住民票の写し of its household; a protected person's card gets the
# one answer of K20; a transaction that is cancelled leaves "withdrawn" in the issue record. On SQLite, and all on PostgreSQL.
. "$(dirname "$0")/../unit/common.sh"
. "$(dirname "$0")/../helpers/pg_server.sh"
unset XDG_STATE_HOME

prepare() { # FOLDER [RECORDS LEDGER]
	local d=$1
	build/bin/kazasu-issuer --make-test "$d" || return 1
	[ $# = 1 ] || sed -i -e "s|^records = .*|records = $2|" -e "s|^ledger = .*|ledger = $3|" "$d/issuer.conf"
	 build/bin/kazasu-center --make-test-pki "$d" &&
		build/bin/kazasu-issuer --config "$d/issuer.conf" --generate 40 --personas build/fixtures >/dev/null || return 1
	mkdir "$d/rules" "$d/rules/signers" "$d/crl" "$d/secrets"
	cp "$d/signing.pem" "$d/rules/signers/13221.pem"
	(umask 077 && head -c 32 /dev/urandom >"$d/master.key" &&
		openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$d/back.key")
	build/bin/kazasu --test-roots --trust build/fixtures/trust crl import --store "$d/crl" build/fixtures/crl/auth-*-13221.crl >/dev/null
}

both() { # NAME FOLDER STORES…
	local name=$1 d=$2 result what
	shift 2
	while read -r result what; do
		try "$name: $what" [ "$result" = ok ]
	done < <(timeout 120 python3 tests/kazasu-issuer/with_center.py "$d" build/fixtures "$@" 2>"$TMP/python" || echo "failed the run as a whole")
	cat "$TMP/python"
}

prepare "$TMP/d" || { try prepared false; finish; }
both sqlite "$TMP/d"
# Records, ledger and the centre's store in databases of their own.
if pg_start "$TMP/pg"; then
	for name in records ledger center; do
		"$PG_BIN/createdb" -h "$TMP/pg" -U kazasu_owner "$name"
		where+=("postgresql:host=$TMP/pg user=kazasu_owner dbname=$name")
	done
	prepare "$TMP/e" "${where[@]:0:2}" || try "prepared on postgresql" false
	PATH=$PATH:$PG_BIN both postgresql "$TMP/e" "${where[@]}"
	pg_stop
else
	try "a PostgreSQL of its own" false
fi
finish
