#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: with `openssl ocsp` as the responder, an answer counts exactly when it is authentic, about
# this certificate, fresh by the policy, and carries our nonce where that is required; requests
# can be signed; answers can be stapled; who is asked, and in which order, is what options and
# configuration say; and a long-lived batch sees a new list without being started anew.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$(dirname "$0")/common.sh"
cd "$KZ_TMP" || exit 1
F=$KZ_ROOT/build/fixtures
MK=$KZ_ROOT/build/obj/fixtures/pki/mkfixtures
T="--test-roots --store $KZ_TMP/store"
export XDG_CONFIG_HOME=$KZ_TMP/config
mkdir -p store config/kazasu
PORT=8889

# One certificate below the test root: issue NAME EXTENSIONS [CA]
issue() {
	openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out req -subj "/C=JP/CN=$1" 2>/dev/null
	printf '%b' "$2" >ext
	openssl x509 -req -in req -CA "$F/pki/${3:-sign-2}.pem" -CAkey "$F/pki/${3:-sign-2}.key.pem" -set_serial "$4" -days 30 -extfile ext -out "$1.pem" 2>/dev/null
}
issue person "keyUsage=critical,digitalSignature,nonRepudiation\ncertificatePolicies=critical,1.2.392.200149.8.5.1.0.20\nauthorityKeyIdentifier=keyid\nauthorityInfoAccess=OCSP;URI:http://127.0.0.1:$PORT/\n" sign-2 0x77
issue responder "keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored\n" sign-2 0x78
issue stranger "keyUsage=critical,digitalSignature\n" sign-2 0x79
issue other "keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\n" auth-2 0x7A
issue client "keyUsage=critical,digitalSignature\n" sign-2 0x7B
printf 'V\t351231000000Z\t\t77\tunknown\t/C=JP/CN=person\n' >good.txt
printf 'R\t351231000000Z\t260101000000Z,superseded\t77\tunknown\t/C=JP/CN=person\n' >revoked.txt
: >unknown.txt

# asked INDEX SIGNER [openssl ocsp options…] -- kazasu words…: ask a responder that runs for this one question
asked() {
	local index=$1 signer=$2 options=() pid
	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	openssl ocsp -index "$index.txt" -CA "$F/pki/sign-2.pem" -rsigner "$signer.pem" -rkey "$signer.key" \
		-port "$PORT" -nrequest 1 "${options[@]}" >responder.log 2>&1 &
	pid=$!
	wait_for 10 grep -q -i waiting responder.log
	kz "$@"
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
}
cp "$F/pki/sign-2.pem" ca.pem
cp "$F/pki/sign-2.key.pem" ca.key

the_ca_and_its_responder_may_answer() {
	asked good ca -nmin 5 -- ocsp $T --json person.pem; rc 0 && json 'd["status"]=="good" and d["source"]=="ocsp" and d["next_update"]' || return 1
	asked good responder -nmin 5 -- ocsp $T --json person.pem; rc 0 || return 1
	asked revoked responder -nmin 5 -- ocsp $T --json person.pem; rc 1 && json 'd["status"]=="revoked" and d["reason"]=="superseded" and d["revoked_at"]=="2026-01-01T00:00:00Z"'
}
nobody_else_may() {
	asked good stranger -nmin 5 -- ocsp $T --json person.pem; rc 2 && json 'd["status"]=="undetermined"' || return 1
	asked good other -nmin 5 -- ocsp $T --json person.pem; rc 2 || return 1
	# An unauthorized "revoked" is no statement either.
	asked revoked stranger -nmin 5 -- ocsp $T --json person.pem; rc 2
}
unknown_is_undetermined() { asked unknown responder -nmin 5 -- ocsp $T --json person.pem; rc 2 && json 'd["status"]=="undetermined"'; }
the_nonce_is_ours() {
	asked good responder -nmin 5 -- ocsp $T --require-nonce --json person.pem; rc 0 || return 1
	# The answer to a question without a nonce, played back.
	openssl ocsp -issuer ca.pem -cert person.pem -no_nonce -reqout plain.req >/dev/null 2>&1
	openssl ocsp -index good.txt -CA ca.pem -rsigner responder.pem -rkey responder.key -nmin 5 -reqin plain.req -respout plain.resp >/dev/null 2>&1
	played plain.resp ocsp $T --json person.pem; rc 0 || return 1
	played plain.resp ocsp $T --require-nonce --json person.pem; rc 2 || return 1
	# The answer to another question: its nonce is not ours, required or not.
	openssl ocsp -issuer ca.pem -cert person.pem -reqout nonce.req >/dev/null 2>&1
	openssl ocsp -index good.txt -CA ca.pem -rsigner responder.pem -rkey responder.key -nmin 5 -reqin nonce.req -respout nonce.resp >/dev/null 2>&1
	played nonce.resp ocsp $T --json person.pem; rc 2
}
# played ANSWER kazasu words…: an HTTP server that answers every question with this file
played() {
	local answer=$1 pid
	shift
	python3 -u - "$PORT" "$answer" <<-'P' >server.log 2>&1 &
		import http.server, sys
		class H(http.server.BaseHTTPRequestHandler):
		    def do_POST(self):
		        self.rfile.read(int(self.headers["Content-Length"]))
		        body = open(sys.argv[2], "rb").read()
		        self.send_response(200)
		        self.send_header("Content-Type", "application/ocsp-response")
		        self.send_header("Content-Length", str(len(body)))
		        self.end_headers()
		        self.wfile.write(body)
		s = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), H)
		print("ready")
		s.handle_request()
	P
	pid=$!
	wait_for 10 grep -q ready server.log
	kz "$@"
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
}
a_stale_answer_is_undetermined() {
	asked good responder -nmin 5 -- ocsp $T --at "$(date -u -d '+1 hour' +%FT%TZ)" --json person.pem; rc 2 || return 1
	# Without an end an answer counts for an hour, or for as long as the policy says.
	asked good responder -- ocsp $T --at "$(date -u -d '+50 minutes' +%FT%TZ)" --json person.pem; rc 0 || return 1
	asked good responder -- ocsp $T --at "$(date -u -d '+50 minutes' +%FT%TZ)" --max-age 30m --json person.pem; rc 2 || return 1
	asked good responder -- ocsp $T --at "$(date -u -d '+3 hours' +%FT%TZ)" --json person.pem; rc 2 || return 1
	asked good responder -- ocsp $T --at "$(date -u -d '+3 hours' +%FT%TZ)" --max-age 12h --json person.pem; rc 0 || return 1
	# Beyond its own end nothing makes it count.
	asked good responder -nmin 5 -- ocsp $T --at "$(date -u -d '+1 hour' +%FT%TZ)" --max-age 7d --json person.pem; rc 2
}
rubbish_is_undetermined() {
	local one
	printf 'rubbish' >junk.resp
	: >empty.resp
	head -c 100000 /dev/zero >big.resp
	head -c 200 plain.resp >cut.resp
	printf '\x30\x03\x0a\x01\x03' >later.resp # tryLater
	printf '\x30\x03\x0a\x01\x06' >refused.resp # unauthorized
	for one in junk empty big cut later refused; do
		played $one.resp ocsp $T --json person.pem; rc 2 && json 'd["status"]=="undetermined"' || return 1
	done
	kz ocsp $T --json person.pem; rc 2 # nobody there
}
requests_are_signed() {
	kz ocsp $T --ocsp-signer client.pem --ocsp-signer-key client.key --request signed.req person.pem; rc 0 || return 1
	openssl ocsp -reqin signed.req -req_text >text 2>&1
	grep -q 'Signature Algorithm: sha256WithRSAEncryption' text && grep -q 'OCSP Nonce' text || return 1
	# The certificate and the signature are in it, and the signature is right.
	python3 - <<-'P' || return 1
		import subprocess
		def tlv(b, at):
		    n, head = b[at + 1], 2
		    if n & 0x80:
		        k = n & 0x7F
		        n, head = int.from_bytes(b[at + 2:at + 2 + k], "big"), 2 + k
		    return at + head, at + head + n
		b = open("signed.req", "rb").read()
		at, end = tlv(b, 0)
		_, tbs_end = tlv(b, at)
		open("tbs", "wb").write(b[at:tbs_end])
		at, _ = tlv(b, tbs_end)  # [0] EXPLICIT
		at, _ = tlv(b, at)       # Signature
		_, at = tlv(b, at)       # algorithm
		begin, after = tlv(b, at)
		open("sig", "wb").write(b[begin + 1:after])
		assert len(b) > after, "no certificate"
	P
	openssl x509 -in client.pem -noout -pubkey >client.pub
	openssl dgst -sha256 -verify client.pub -signature sig tbs >/dev/null || return 1
	asked good responder -nmin 5 -- ocsp $T --ocsp-signer client.pem --ocsp-signer-key client.key --json person.pem; rc 0 || return 1
	kz ocsp $T --ocsp-signer client.pem person.pem; rc 64 || return 1
	kz ocsp $T --ocsp-signer client.pem --ocsp-signer-key /nowhere person.pem; rc 66 || return 1
	kz ocsp $T --ocsp-signer client.pem --ocsp-signer-key client.pem person.pem; rc 65
}
a_stapled_answer_needs_no_network() {
	kz cert verify $T --stapled plain.resp --json person.pem; rc 0 && json 'd["revocation"]["source"]=="ocsp" and d["verdict"]=="valid"' || return 1
	kz cert verify $T --stapled cut.resp --json person.pem; rc 2 && json 'd["verdict"]=="undetermined"' || return 1
	kz cert verify $T --stapled plain.resp --json --at "$(date -u -d '+1 hour' +%FT%TZ)" person.pem; rc 2 || return 1
	kz cert verify $T --json person.pem; rc 2 || return 1
	kz cert verify $T --stapled /nowhere person.pem; rc 66
}
list() { "$MK" crl "$F" sign-2 "$1" --this $(($(date +%s) - 60)) --next $(($(date +%s) + 90000)) --number "$2" "${@:3}"; }
who_is_asked_is_the_policy() {
	list one.crl 100 && kz crl import $T one.crl; rc 0 || return 1
	kz cert verify $T --json person.pem; rc 0 && json 'd["revocation"]["source"]=="crl"' || return 1
	asked revoked responder -nmin 5 -- cert verify $T --sources ocsp --json person.pem; rc 1 && json 'd["revocation"]["source"]=="ocsp"' || return 1
	asked revoked responder -nmin 5 -- cert verify $T --sources ocsp,crl --json person.pem; rc 1 || return 1
	asked revoked responder -nmin 5 -- cert verify $T --sources crl,ocsp --json person.pem; rc 0 && json 'd["revocation"]["source"]=="crl"' || return 1
	# Nobody there: the list answers where it may.
	kz cert verify $T --sources ocsp,crl --json person.pem; rc 0 && json 'd["revocation"]["source"]=="crl"' || return 1
	kz cert verify $T --sources ocsp --json person.pem; rc 2 || return 1
	# A list older than the policy takes is none.
	kz cert verify $T --max-age 30s --json person.pem; rc 2 && json '"revocation_stale" in [r["code"] for r in d["reasons"]]' || return 1
	kz cert verify $T --sources x person.pem; rc 64 && kz cert verify $T --max-age 5w person.pem; rc 64
}
the_configuration_says_so_too() {
	printf 'revocation-sources = ocsp\nocsp-nonce = required\n' >config/kazasu/kazasu.conf
	asked good responder -nmin 5 -- cert verify $T --json person.pem; rc 0 && json 'd["revocation"]["source"]=="ocsp"' || return 1
	played plain.resp cert verify $T --json person.pem; rc 2 || return 1
	printf 'revocation-max-age = 30s\n' >config/kazasu/kazasu.conf
	kz cert verify $T --json person.pem; rc 2 || return 1
	kz cert verify $T --max-age 1d --json person.pem; rc 0 || return 1
	printf 'revocation-max-age = never\n' >config/kazasu/kazasu.conf
	kz cert verify $T --json person.pem; rc 65
	rm config/kazasu/kazasu.conf
}
# One process, asked before and after its list is replaced by one that revokes.
a_running_batch_sees_a_new_list() {
	python3 - "$KAZASU" "$F" $T <<-'P' || return 1
		import base64, json, subprocess, sys, time
		kazasu, f, options = sys.argv[1], sys.argv[2], sys.argv[3:]
		open("c1", "w").write("challenge")
		subprocess.run(["openssl", "dgst", "-sha256", "-sign", "person.key", "-out", "s1", "c1"], check=True)
		subprocess.run(["openssl", "x509", "-in", "person.pem", "-outform", "DER", "-out", "person.der"], check=True)
		b = lambda n: base64.b64encode(open(n, "rb").read()).decode()
		line = json.dumps({"id": 1, "certificate": b("person.der"), "challenge": b("c1"), "signature": b("s1")})
		p = subprocess.Popen([kazasu, "verify-batch", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
		def ask():
		    p.stdin.write(line + "\n")
		    p.stdin.flush()
		    return json.loads(p.stdout.readline())
		assert ask()["verdict"] == "valid"
		subprocess.run(["bash", "-c", 'n=$(date +%s); "$0" crl "$1" sign-2 two.crl --this $((n-60)) --next $((n+90000)) --number 101 --revoke 77:1',
		                f + "/../obj/fixtures/pki/mkfixtures", f], check=True)
		subprocess.run([kazasu, "crl", "import", *options, "two.crl"], check=True)
		end = time.time() + 10
		while (got := ask())["verdict"] == "valid":
		    assert time.time() < end, "the new list was not seen"
		    time.sleep(0.05)
		assert got["verdict"] == "invalid" and got["reasons"][0]["code"] == "cert_revoked", got
		p.stdin.close()
		assert p.wait() == 1
	P
}

t_ok "the CA and its responder may answer" the_ca_and_its_responder_may_answer
t_ok "nobody else may" nobody_else_may
t_ok "unknown is undetermined" unknown_is_undetermined
t_ok "the nonce is ours" the_nonce_is_ours
t_ok "a stale answer is undetermined" a_stale_answer_is_undetermined
t_ok "rubbish and errors are undetermined" rubbish_is_undetermined
t_ok "requests are signed" requests_are_signed
t_ok "a stapled answer needs no network" a_stapled_answer_needs_no_network
t_ok "who is asked is the policy" who_is_asked_is_the_policy
t_ok "the configuration says so too" the_configuration_says_so_too
t_ok "a running batch sees a new list" a_running_batch_sees_a_new_list
t_end
