#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves that programs written by others accept what the card signed here, and that what they
# sign is read here; and that a timestamp of a real authority program is asked for, verified
# and embedded.
. "$(dirname "$0")/common.sh"
cd "$WORK" || exit 1

printf 'この文書に同意します。\n' >text.txt
head -c 3000000 /dev/urandom >big.bin

# ---- CMS ----
check "sign attached" sign text.txt
check "sign detached" sign --detached text.txt -o text.p7s
check "sign three megabytes" sign --detached big.bin
check "openssl: attached" openssl cms -verify -cades -inform DER -in text.txt.p7m -binary \
	-CAfile sign-ca.pem -purpose any -out back.txt
check "openssl: same content" cmp text.txt back.txt
check "openssl: detached" openssl cms -verify -cades -inform DER -in text.p7s -binary \
	-content text.txt -CAfile sign-ca.pem -purpose any -out /dev/null
check "openssl: big" openssl cms -verify -cades -inform DER -in big.bin.p7s -binary \
	-content big.bin -CAfile sign-ca.pem -purpose any -out /dev/null

gpg_verify() {
	mkdir -p -m 700 gpg
	printf '1.2.392.200149.8.5.1.0.20\n' >gpg/policies.txt
	printf 'disable-crl-checks\n' >gpg/gpgsm.conf
	for f in "$TOP"/build/fixtures/trust/sign-*.pem; do
		openssl x509 -in "$f" -outform DER -out ca.der
		GNUPGHOME=$WORK/gpg gpgsm --batch --import ca.der
	done
	openssl x509 -in "$TOP/build/fixtures/certs/test-person-sign.pem" -outform DER -out me.der
	GNUPGHOME=$WORK/gpg gpgsm --batch --import me.der
	GNUPGHOME=$WORK/gpg gpgsm --batch --status-fd 1 --verify text.p7s text.txt | tee said
	grep -q GOODSIG said
}
check "gpgsm: good signature" gpg_verify

check "ours: attached" only_unrevoked text.txt.p7m
check "ours: detached" only_unrevoked text.p7s --content text.txt
check "ours: CAdES required" only_unrevoked text.p7s --content text.txt --require cades

# What openssl signs with the same key is read here, whatever its encoding.
key=$(ls "$TOP"/build/fixtures/keys/*-sign.pem | while read -r k; do
	[ "$(openssl pkey -in "$k" -pubout)" = "$(openssl x509 -pubkey -noout \
		-in "$TOP/build/fixtures/certs/test-person-sign.pem")" ] && echo "$k"; done)
cert=$TOP/build/fixtures/certs/test-person-sign.pem
for way in "" "-cades" "-stream -indef" "-nodetach -cades" "-keyid" "-keyopt rsa_padding_mode:pss"; do
	# shellcheck disable=SC2086
	check "openssl signs: $way" openssl cms -sign -in text.txt -binary -signer "$cert" -inkey "$key" \
		-md sha256 $way -outform DER -out theirs.p7s
	check "ours reads: $way" only_unrevoked theirs.p7s --content text.txt
done
check "openssl signs as PEM" openssl cms -sign -in text.txt -binary -signer "$cert" -inkey "$key" \
	-md sha256 -outform PEM -out theirs.pem
check "ours reads PEM" only_unrevoked theirs.pem --content text.txt
openssl cms -sign -in text.txt -binary -signer "$cert" -inkey "$key" -md sha1 -outform DER -out sha1.p7s
says() { # FILE REASON [OPTION…]
	local f=$1 want=$2
	shift 2
	reasons "$f" "$@" | tee said
	grep -q " invalid .*$want" said
}
says_undetermined() { # FILE REASON
	reasons "$1" | tee said
	grep -q " undetermined .*$2" said
}
check "SHA-1 is refused" says sha1.p7s signature_weak_hash --content text.txt
check "plain is refused when CAdES is required" says theirs.pem signing_certificate_missing \
	--content text.txt --require cades
printf 'x' >>text.txt
check "another content is refused" says text.p7s digest --content text.txt

# gpgsm signs with the same key, in BER.
gpg_signs() {
	export GNUPGHOME=$WORK/gpg
	printf 'disable-policy-checks\n' >>gpg/gpgsm.conf
	printf 'allow-loopback-pinentry\n' >gpg/gpg-agent.conf
	for f in "$TOP"/build/fixtures/trust/sign-*.pem; do
		openssl x509 -in "$f" -noout -fingerprint -sha1 | cut -d= -f2 | sed 's/$/ S relax/'
	done >gpg/trustlist.txt
	gpgconf --kill gpg-agent
	openssl pkcs12 -export -in "$cert" -inkey "$key" -out key.p12 -passout pass:x \
		-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 &&
		timeout 60 gpgsm --batch --pinentry-mode loopback --passphrase-fd 3 --import key.p12 3<<<x &&
		timeout 60 gpgsm --batch --pinentry-mode loopback --passphrase-fd 3 --digest-algo SHA256 \
			--detach-sign -o gpg.p7s big.bin 3<<<x &&
		timeout 60 gpgsm --batch --pinentry-mode loopback --passphrase-fd 3 --digest-algo SHA256 \
			--sign -o gpg.p7m big.bin 3<<<x
	local rc=$?
	gpgconf --kill gpg-agent
	unset GNUPGHOME
	return $rc
}
check "gpgsm signs" gpg_signs
check "ours reads: gpgsm, detached" only_unrevoked gpg.p7s --content big.bin
check "ours reads: gpgsm, with content" only_unrevoked gpg.p7m
# Without signed attributes at all.
check "openssl signs: -noattr" openssl cms -sign -in big.bin -binary -signer "$cert" -inkey "$key" \
	-md sha256 -noattr -outform DER -out noattr.p7s
check "ours reads: -noattr" only_unrevoked noattr.p7s --content big.bin
check "but refuses it when CAdES is required" says noattr.p7s signing_certificate_missing --content big.bin --require cades

# ---- with revocation data ----
code() { # WANTED COMMAND…
	local want=$1
	shift
	"$@" >/dev/null 2>&1 3<<<ABC123
	[ $? -eq "$want" ]
}
store="$KAZASU --test-roots --store $WORK/crl"
status() { # WANTED FILE…
	local want=$1
	shift
	$store verify "$@" >said 2>&1
	[ $? -eq "$want" ]
}
# shellcheck disable=SC2086
check "take in revocation lists" $store crl import "$TOP"/build/fixtures/crl/sign-*.crl
check "valid is 0" status 0 text.txt.p7m
check "two valid files" status 0 text.txt.p7m text.txt.p7m
sign_as() { "$KAZASU" --reader "sim:$1" --test-roots sign --yes --pin-fd 3 text.txt -o "$1.p7m" 3<<<ABC123; }
check "a revoked card signs" sign_as revoked
check "but is refused" status 1 revoked.p7m
check "an expired card signs" sign_as expired
check "but is refused" status 1 expired.p7m
check "without test roots nobody is trusted" code 1 "$KAZASU" verify text.txt.p7m

# ---- exit codes ----
V="$KAZASU --test-roots verify"
# shellcheck disable=SC2086
{
	check "undetermined is 2" code 2 $V text.txt.p7m
	check "invalid is 1" code 1 $V text.txt.p7m text.txt
	check "no such file is 66" code 66 $V nothing.p7s
	check "a folder is 66" code 66 $V .
	check "wrong level is 64" code 64 $V --require x text.txt.p7m
}
S="$KAZASU --reader sim:test-person --test-roots sign"
# shellcheck disable=SC2086
{
	check "no consent is 7" code 7 setsid $S --pin-fd 3 big.bin -o no.p7m
	check "and writes nothing" test ! -e no.p7m
	check "auth key for documents is 7" code 7 $S --yes --pin-fd 3 --key auth big.bin
	check "two files and -o is 64" code 64 $S --yes --pin-fd 3 text.txt big.bin -o x
}
wrong() {
	"$KAZASU" --reader sim:test-person --test-roots sign --yes --pin-fd 3 --json big.bin \
		3<<<WRONG12 | grep -q '"tries_left": *4'
}
check "a wrong password tells the tries left" wrong

# ---- what it costs on the card ----
budget() { # two presentations and one signature: at most 8 commands besides reads and clearing
	sign --detached big.bin -o budget.p7s --trace trace.txt || return 1
	grep -c '^> ' trace.txt
	[ "$(grep '^> ' trace.txt | grep -cvE '^> (00 ?B0|00 ?A4 ?04 ?0C ?07 ?A0|00 ?A4 ?04 ?0C ?08 ?A0)')" -le 8 ]
}
check "a signature takes at most 8 commands" budget

# ---- raw ----
check "raw" sign --as raw big.bin -o big.sig
openssl x509 -in "$cert" -pubkey -noout >pub.pem
check "openssl: raw" openssl dgst -sha256 -verify pub.pem -signature big.sig big.bin

# ---- XML ----
cat >form.xml <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<DataRoot xmlns="http://example.jp/form"><構成情報 ID="構成情報"><申請>甲</申請></構成情報></DataRoot>
END
mkdir -p folder
printf 'attached\n' | tee att.txt >folder/att.txt
ids="--id-attr:ID http://example.jp/form:構成情報 --id-attr:Id http://uri.etsi.org/01903/v1.3.2#:SignedProperties"
roots=$(printf -- '--trusted-pem %s ' "$TOP"/build/fixtures/trust/sign-*.pem)
check "XML: whole document" sign form.xml -o whole.xml
check "XML: one element and a file" sign form.xml --id 構成情報 --attach att.txt -o parts.xml
# shellcheck disable=SC2086
{
	check "xmlsec1: whole document" xmlsec1 --verify $ids $roots whole.xml
	check "xmlsec1: parts" xmlsec1 --verify $ids $roots parts.xml
}
check "ours: whole document" only_unrevoked whole.xml
COVERS=False check "ours: parts" only_unrevoked parts.xml --content folder
check "XML: an attachment that is not there" says_undetermined parts.xml content_missing
printf 'x' >>folder/att.txt
check "XML: another attachment" says parts.xml digest --content folder
no_such() { "$KAZASU" --reader sim:test-person --test-roots sign --yes --pin-fd 3 form.xml --id x -o no.xml 3<<<ABC123; }
refused() { no_such; [ $? -eq 65 ] && [ ! -e no.xml ]; }
check "XML: an identifier that nobody has is 65" refused
# What xmlsec1 signs with the same key is read here.
for c14n in http://www.w3.org/TR/2001/REC-xml-c14n-20010315 'http://www.w3.org/2001/10/xml-exc-c14n#'; do
	cat >template.xml <<END
<a><b>text</b><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="$c14n"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI=""><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><Transform Algorithm="$c14n"/></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo><SignatureValue/><KeyInfo><X509Data/></KeyInfo></Signature></a>
END
	check "xmlsec1 signs: $c14n" xmlsec1 --sign --privkey-pem "$key,$cert" --output theirs.xml template.xml
	check "ours reads: $c14n" only_unrevoked theirs.xml
done

# ---- timestamps ----
cat >tsa.cnf <<'END'
[tsa]
default_tsa = t
[t]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
[ext]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
END
echo 01 >serial
for ca in tsaca otherca; do
	openssl req -x509 -newkey rsa:2048 -nodes -keyout $ca.key -out $ca.pem -days 30 -subj "/CN=$ca" 2>/dev/null
done
openssl req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj "/CN=Test TSA" 2>/dev/null
openssl x509 -req -in tsa.csr -CA tsaca.pem -CAkey tsaca.key -CAcreateserial -days 20 \
	-extfile tsa.cnf -extensions ext -out tsa.pem 2>/dev/null
cat >server.py <<'END'
import http.server, subprocess, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        q = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Content-Type"] == "application/timestamp-query"
        if self.path == "/other":  # a timestamp of other data
            q = subprocess.run(["openssl", "ts", "-query", "-data", "tsa.cnf", "-sha256", "-cert"], stdout=subprocess.PIPE).stdout
        open("query.tsq", "wb").write(q)
        r = subprocess.run(["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-signer", "tsa.pem", "-inkey", "tsa.key"], stdout=subprocess.PIPE).stdout
        if self.path == "/broken":
            r = r[:-1] + bytes([r[-1] ^ 1])
        if self.path == "/garbage":
            r = b"hello"
        self.send_response(200 if self.path != "/error" else 500)
        self.send_header("Content-Length", str(len(r)))
        self.end_headers()
        self.wfile.write(r)
    def log_message(self, *a): pass
s = http.server.HTTPServer(("127.0.0.1", 0), H)
open("port", "w").write(str(s.server_port))
s.serve_forever()
END
python3 server.py 2>server.log &
server=$!
trap 'kill $server 2>/dev/null' EXIT
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done
url=http://127.0.0.1:$(cat port)
check "sign with timestamp" sign --detached big.bin -o ts.p7s --tsa "$url/" --tsa-trust tsaca.pem
check "openssl: with timestamp" openssl cms -verify -cades -inform DER -in ts.p7s -binary \
	-content big.bin -CAfile sign-ca.pem -purpose any -out /dev/null
level() { "$KAZASU" --test-roots verify --json "$@" 2>/dev/null | grep -q '"level": *"B-T"'; }
check "level B-T" level ts.p7s --content big.bin --tsa-trust tsaca.pem
check "ours: with timestamp" only_unrevoked ts.p7s --content big.bin --tsa-trust tsaca.pem
untrusted() {
	reasons ts.p7s --content big.bin "$@" | grep ' undetermined .*timestamp_untrusted'
}
check "unknown authority is undetermined" untrusted
check "another authority is undetermined" untrusted --tsa-trust otherca.pem
for bad in other broken garbage error; do
	check "authority: $bad is 69" code 69 "$KAZASU" --reader sim:test-person --test-roots sign \
		--yes --pin-fd 3 --detached big.bin -o "bad-$bad.p7s" --tsa "$url/$bad" --tsa-trust tsaca.pem
	check "authority: $bad writes nothing" test ! -e "bad-$bad.p7s"
done
check "untrusted authority is 69" code 69 "$KAZASU" --reader sim:test-person --test-roots sign \
	--yes --pin-fd 3 --detached big.bin -o bad.p7s --tsa "$url/" --tsa-trust otherca.pem
printf '%%!PS\n/Helvetica findfont 20 scalefont setfont 72 700 moveto (Hello) show showpage\n' >t.ps
ps2pdf t.ps t.pdf
check "PDF with timestamp" sign t.pdf --tsa "$url/" --tsa-trust tsaca.pem
check "PDF: level B-T" level t-signed.pdf --tsa-trust tsaca.pem
check "PDF: ours" only_unrevoked t-signed.pdf --tsa-trust tsaca.pem --require pades
pdfsig_valid() { pdfsig "$1" >said 2>/dev/null; grep -q 'Signature is Valid' said && grep -q 'Total document signed' said; }
check "PDF: pdfsig" pdfsig_valid t-signed.pdf
# ---- a signed PDF that other programs rewrote ----
refused_pdf() { # REASON COMMAND… that writes changed.pdf
	local want=$1
	shift
	rm -f changed.pdf
	"$@" && reasons changed.pdf | tee said && grep -qE " invalid .*($want)" said
}
check "objects packed into streams" refused_pdf 'contents|byte_range|digest' qpdf --object-streams=generate t-signed.pdf changed.pdf
check "pages rotated" refused_pdf . qpdf --rotate=90 t-signed.pdf changed.pdf
check "cleaned" refused_pdf . mutool clean t-signed.pdf changed.pdf
check "printed anew" refused_pdf not_signed gs -q -o changed.pdf -sDEVICE=pdfwrite t-signed.pdf
check "encrypted" refused_pdf encrypted qpdf --encrypt a b 256 -- t-signed.pdf changed.pdf
check "an encrypted file is not signed: 65" code 65 "$KAZASU" --reader sim:test-person --test-roots \
	sign --yes --pin-fd 3 changed.pdf
finish
