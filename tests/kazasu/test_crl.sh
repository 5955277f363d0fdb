#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: revocation lists, anchors, OCSP and batches from outside: exit codes, JSON, and that
# `openssl ocsp` as a responder and `openssl x509`, `openssl dgst` as issuers are understood.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$(dirname "$0")/common.sh"
cd "$KZ_TMP" || exit 1
F=$KZ_ROOT/build/fixtures
MK=$KZ_ROOT/build/obj/fixtures/pki/mkfixtures
T="--test-roots --store $KZ_TMP/store"
KIYOSE="CN=Kiyose-shi CRLDP,OU=Tokyo-to,OU=CRL Distribution Points,OU=JPKI for digital signature,O=JPKI-TEST,C=JP"

lists_are_taken() {
	kz crl import $T --json "$F"/crl/*.crl && rc 0 &&
	json 'len(d["files"])==16 and all(f["result"]=="taken" and f["list"]["test"] for f in d["files"])' &&
	kz crl import $T --json "$F/crl/sign-2.crl" && rc 0 && json 'd["files"][0]["result"]=="unchanged"'
}
lists_need_test_roots() { kz crl import --store "$KZ_TMP/other" --json "$F/crl/sign-2.crl"; rc 65 && json 'd["files"][0]["code"]=="ISSUER"' && ! ls other/*.crlx; }
a_good_certificate() { kz crl lookup $T --json --certificate "$F/certs/test-person-sign.pem"; rc 0 && json 'd["status"]=="good" and d["reason"] is None and d["crl_number"]'; }
a_revoked_certificate() {
	kz crl lookup $T --json --certificate "$F/certs/revoked-sign.pem"; rc 1 &&
	json 'd["status"]=="revoked" and d["reason"]=="superseded" and d["revoked_at"]=="2026-01-19T03:00:00Z"'
}
by_issuer_and_serial() {
	local serial
	serial=$(openssl x509 -in "$F/certs/revoked-auth.pem" -noout -serial | cut -d= -f2)
	kz crl lookup $T --json --issuer "$F/trust/auth-2.pem" --serial "$serial"; rc 1 && json 'd["reason"]=="cessationOfOperation"' || return 1
	kz crl lookup $T --json --issuer "$F/trust/auth-2.pem" --serial 7FFFFFFF; rc 0 || return 1
	kz crl lookup $T --json --issuer "$F/trust/sign-2.pem" --dp "$KIYOSE" --serial 1; rc 0 && json 'd["status"]=="good"'
}
no_list_is_undetermined() {
	mkdir -p empty
	kz crl lookup --test-roots --store "$KZ_TMP/empty" --json --certificate "$F/certs/test-person-sign.pem"; rc 2 && json 'd["status"]=="undetermined"' || return 1
	KAZASU_CRL_DIR=$KZ_TMP/empty kz crl lookup --test-roots --json --certificate "$F/certs/test-person-sign.pem"; rc 2
}
a_stale_list_is_undetermined() { kz crl lookup $T --at 2030-01-01 --json --certificate "$F/certs/test-person-sign.pem"; rc 2; }
another_partition_is_refused() {
	kz crl import --test-roots --store "$KZ_TMP/dp" --dp "$KIYOSE" --json "$F/crl/sign-2-27127.crl"; rc 65 &&
	json 'd["files"][0]["code"]=="PARTITION"' && ! ls dp/*.crlx &&
	kz crl import --test-roots --store "$KZ_TMP/dp" --dp "$KIYOSE" "$F/crl/sign-2-13221.crl"; rc 0
}
# One refused among several: the others are taken, the exit code says that not all were.
wrong_lists() {
	local n
	n=$(date +%s)
	head -c 300 "$F/crl/auth-2.crl" >cut.crl
	sed 's/JPKI/JPKX/' "$F/crl/auth-2.crl" >foreign.crl
	"$MK" crl "$F" auth-2 old.crl --this $((n - 90000)) --next $((n + 90000)) --number 5 &&
	"$MK" crl "$F" auth-2 expired.crl --this $((n - 90000)) --next $((n - 1000)) --number 2000000000 &&
	"$MK" crl "$F" auth-2 new.crl --this $((n - 900)) --next $((n + 90000)) --number 2000000000 --revoke 1234:1 || return 1
	cp "$F/crl/auth-2.crl" flipped.crl
	printf '\377' | dd of=flipped.crl bs=1 seek=$(($(stat -c %s flipped.crl) - 20)) conv=notrunc 2>/dev/null
	kz crl import $T --json cut.crl foreign.crl old.crl expired.crl flipped.crl missing.crl new.crl; rc 65 &&
	json '[f["code"] for f in d["files"]]==["TRUNCATED","ISSUER","OLDER","EXPIRED","SIGNATURE","IO",None]' &&
	kz crl lookup $T --issuer "$F/trust/auth-2.pem" --serial 1234 --json; rc 1 && json 'd["reason"]=="keyCompromise" and d["crl_number"]=="2000000000"'
}
info_verify_export() {
	kz crl info $T --json && rc 0 && json 'len(d["indexes"])==16 and all(i["intact"] for i in d["indexes"])' &&
	kz crl verify $T --json && rc 0 && kz crl export $T --issuer "$F/trust/auth-2.pem" && rc 0 && grep -q '^1234,.*,keyCompromise$' out &&
	kz crl export $T --json --issuer "$F/trust/auth-2.pem" && rc 0 && json '[e["serial"] for e in d]==["1234"]' || return 1
	cp -r store hurt
	local one
	one=$(ls hurt/*.crlx | head -1)
	printf 'x' | dd of="$one" bs=1 seek=9000 conv=notrunc 2>/dev/null
	kz crl verify --store "$KZ_TMP/hurt" --json; rc 1 && json 'sum(not i["intact"] for i in d["indexes"])==1'
}
cert_verify() {
	kz cert verify $T --json "$F/certs/test-person-sign.pem" && rc 0 &&
	json 'd["verdict"]=="valid" and d["test"] and d["kind"]=="sign" and d["checks"]=={"certificate_path":"pass","revocation":"pass"}' || return 1
	kz cert verify $T --json "$F/certs/revoked-auth.pem"; rc 1 && json 'd["reasons"][0]["code"]=="cert_revoked"' || return 1
	kz cert verify $T --json --use sign "$F/certs/test-person-auth.pem"; rc 1 && json '"cert_wrong_use" in [r["code"] for r in d["reasons"]]' || return 1
	kz cert verify --json "$F/certs/test-person-sign.pem"; rc 1 && json '"cert_test" in [r["code"] for r in d["reasons"]]' || return 1
	kz cert verify $T --json --no-revocation "$F/certs/test-person-sign.pem"; rc 0 && json 'd["checks"]["revocation"]=="skipped"' || return 1
	kz cert verify $T cut.crl; rc 65 && kz cert verify $T /nowhere; rc 66
}
anchors() {
	local fp
	kz trust add --trust "$KZ_TMP/trust" --json "$KZ_ROOT/trust/jpki-sign-3.pem"; rc 0 && json 'd["known"] and d["installed"]' || return 1
	kz trust list --trust "$KZ_TMP/trust" --json; rc 0 && json 'len(d["anchors"])==1 and d["anchors"][0]["kind"]=="sign-ca"' || return 1
	kz trust check --trust "$KZ_TMP/trust" "$KZ_ROOT/trust/jpki-sign-3.pem"; rc 0 || return 1
	kz trust check --trust "$KZ_TMP/trust" --json "$KZ_ROOT/trust/jpki-auth-3.pem"; rc 2 && json 'd["known"] and not d["installed"]' || return 1
	kz trust add --trust "$KZ_TMP/trust" "$F/trust/sign-2.pem"; rc 7 || return 1
	openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out root.pem -days 30 -subj "/C=JP/O=JPKI/OU=JPKI for digital signature/OU=Japan Agency for Local Authority Information Systems" \
		-addext keyUsage=critical,keyCertSign,cRLSign -addext basicConstraints=critical,CA:TRUE 2>/dev/null || return 1
	kz trust add --trust "$KZ_TMP/trust" root.pem; rc 7 || return 1
	kz trust add --trust "$KZ_TMP/trust" --fingerprint 00 root.pem; rc 7 || return 1
	fp=$(openssl x509 -in root.pem -noout -fingerprint -sha256 | cut -d= -f2)
	kz trust add --trust "$KZ_TMP/trust" --fingerprint "$fp" root.pem; rc 0 || return 1
	kz trust add --trust "$KZ_TMP/trust" "$F/certs/test-person-sign.pem"; rc 65
}
# A person of our own, issued by OpenSSL below the test root.
issue() {
	openssl req -newkey rsa:2048 -nodes -keyout person.key -out person.req -subj "/C=JP/CN=somebody" 2>/dev/null
	cat >ext <<-E
		keyUsage=critical,digitalSignature,nonRepudiation
		certificatePolicies=critical,1.2.392.200149.8.5.1.0.20
		authorityKeyIdentifier=keyid
		authorityInfoAccess=OCSP;URI:http://127.0.0.1:8888/
	E
	openssl x509 -req -in person.req -CA "$F/pki/sign-2.pem" -CAkey "$F/pki/sign-2.key.pem" -set_serial 0x77 -days 30 -extfile ext -out person.pem 2>/dev/null
	openssl x509 -in person.pem -outform DER -out person.der
}
batch() {
	issue || return 1
	printf 'challenge one' >c1
	openssl dgst -sha256 -sign person.key -out s1 c1 || return 1
	python3 - >in <<-'P'
		import base64, json
		b = lambda f: base64.b64encode(open(f, "rb").read()).decode()
		line = {"id": 1, "certificate": b("person.der"), "challenge": b("c1"), "signature": b("s1")}
		print(json.dumps(line))
		print(json.dumps(dict(line, id="two", challenge=base64.b64encode(b"another").decode())))
		print(json.dumps(dict(line, id=3, use="auth")))
		print("rubbish")
		print(json.dumps(dict(line, id=5, certificate="AAAA")))
	P
	"$KAZASU" verify-batch $T <in >out 2>err
	# shellcheck disable=SC2034 # read by rc
	RC=$?
	rc 65 && python3 - <<-'P'
		import json
		d = [json.loads(l) for l in open("out")]
		assert [x["id"] for x in d] == [1, "two", 3, None, 5], d
		assert d[0]["verdict"] == "valid" and d[0]["reasons"] == [] and d[0]["test"], d[0]
		assert d[1]["verdict"] == "invalid" and d[1]["reasons"][0]["code"] == "tampered", d[1]
		assert d[2]["verdict"] == "invalid" and "cert_wrong_use" in [r["code"] for r in d[2]["reasons"]], d[2]
		assert d[3]["error"]["code"] == "MALFORMED", d[3]
		assert d[4]["reasons"][0]["code"] == "cert_malformed", d[4]
	P
}
ocsp_from_a_responder() {
	local pid
	issue || return 1
	printf 'V\t351231000000Z\t\t77\tunknown\t/C=JP/CN=somebody\n' >index.txt
	openssl ocsp -index index.txt -CA "$F/pki/sign-2.pem" -rsigner "$F/pki/sign-2.pem" -rkey "$F/pki/sign-2.key.pem" -port 8888 -nmin 5 -nrequest 2 >responder 2>&1 &
	pid=$!
	wait_for 10 grep -q -i waiting responder
	kz ocsp $T --json person.pem; rc 0 && json 'd["status"]=="good" and d["source"]=="ocsp"' || { kill $pid; return 1; }
	kz cert verify --test-roots --store "$KZ_TMP/empty" --ocsp --json person.pem; rc 0 && json 'd["revocation"]["source"]=="ocsp"' || { kill $pid; return 1; }
	wait $pid
	printf 'R\t351231000000Z\t260101000000Z,keyCompromise\t77\tunknown\t/C=JP/CN=somebody\n' >index.txt
	openssl ocsp -index index.txt -CA "$F/pki/sign-2.pem" -rsigner "$F/pki/sign-2.pem" -rkey "$F/pki/sign-2.key.pem" -port 8888 -nmin 5 -nrequest 1 >responder 2>&1 &
	pid=$!
	wait_for 10 grep -q -i waiting responder
	kz ocsp $T --json person.pem; rc 1 && json 'd["status"]=="revoked" and d["reason"]=="keyCompromise"' || { kill $pid; return 1; }
	wait $pid
	# nobody there
	kz ocsp $T --json person.pem; rc 2 && json 'd["status"]=="undetermined"'
}
ocsp_by_files() {
	kz ocsp $T --request req person.pem && rc 0 &&
	openssl ocsp -index index.txt -CA "$F/pki/sign-2.pem" -rsigner "$F/pki/sign-2.pem" -rkey "$F/pki/sign-2.key.pem" -nmin 5 -reqin req -respout resp >/dev/null 2>&1 &&
	kz ocsp $T --answer resp --json person.pem; rc 1 && json 'd["reason"]=="keyCompromise"' || return 1
	kz ocsp $T --answer resp --json "$F/certs/test-person-sign.pem"; rc 2
}
usage() {
	kz crl; rc 64 && kz crl import $T; rc 64 && kz crl lookup $T; rc 64 && kz crl x $T; rc 64 && kz trust x y; rc 64 &&
	kz crl import $T --dp rubbish "$F/crl/auth-1.crl"; rc 64 && kz crl lookup $T --issuer "$F/trust/auth-1.pem" --serial xyz; rc 64 &&
	kz verify-batch --use x; rc 64 && kz ocsp $T /nowhere; rc 66 && kz crl info --store /nowhere/at/all; rc 66
}

t_ok "lists are taken, and again without effect" lists_are_taken
t_ok "test lists need --test-roots" lists_need_test_roots
t_ok "0: not revoked" a_good_certificate
t_ok "1: revoked" a_revoked_certificate
t_ok "by issuer and serial number" by_issuer_and_serial
t_ok "2: no list" no_list_is_undetermined
t_ok "2: a stale list" a_stale_list_is_undetermined
t_ok "another partition is refused" another_partition_is_refused
t_ok "every wrong list is named" wrong_lists
t_ok "info, verify, export" info_verify_export
t_ok "cert verify" cert_verify
t_ok "anchors" anchors
t_ok "a batch of signatures made by OpenSSL" batch
t_ok "OCSP from a responder" ocsp_from_a_responder
t_ok "OCSP by files" ocsp_by_files
t_ok "64, 66: usage and input" usage
t_end
