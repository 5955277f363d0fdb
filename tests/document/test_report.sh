#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: the report on verified files is one page a file with verdict, reasons, signer, path,
# revocation and times, in Japanese and English, as PDF with its fonts and as HTML that runs and
# fetches nothing; one unreadable file does not keep the others from being looked at.
. "$(dirname "$0")/common.sh"
cd "$WORK" || exit 1

printf 'この文書に同意します。\n' >"契約 <b>&.txt"
printf '%%!PS\n/Helvetica findfont 20 scalefont setfont 72 700 moveto (Hello) show showpage\n' >t.ps
ps2pdf t.ps t.pdf
check "sign" sign "契約 <b>&.txt" t.pdf
"$KAZASU" --test-roots --store crl crl import "$TOP"/build/fixtures/crl/sign-*.crl >/dev/null
cp t-signed.pdf bad.pdf
printf 'x' >>bad.pdf
V="$KAZASU --test-roots --store $WORK/crl"
code() { # WANTED COMMAND…
	local want=$1
	shift
	"$@"
	local got=$?
	[ $got -eq "$want" ] || { echo "exit $got"; return 1; }
}
check "PDF, Japanese" code 1 $V --lang ja verify "契約 <b>&.txt.p7m" t-signed.pdf bad.pdf --report r.pdf
check "PDF, without revocation data" code 2 "$KAZASU" --test-roots --lang ja verify t-signed.pdf --report u.pdf
check "HTML, Japanese" code 1 $V --lang ja verify "契約 <b>&.txt.p7m" t-signed.pdf bad.pdf --report r.html
check "HTML, English" code 0 $V --lang en verify t-signed.pdf --report e.html

pages() { [ "$(pdfinfo "$1" | sed -n 's/^Pages: *//p')" = "$2" ]; }
check "a page for each file" pages r.pdf 3
check "one for one" pages u.pdf 1
page() { # NUMBER WORD…: the page of r.pdf has all of them
	local n=$1 w
	pdftotext -f "$n" -l "$n" r.pdf said
	shift
	for w in "$@"; do grep -qF -- "$w" said || { echo "lacks $w"; cat said; return 1; }; done
}
digest() { sha256sum "$1" | tr 'a-f' 'A-F' | cut -c1-48; }
check "page 1" page 1 電子署名の検証結果 有効 "契約 <b>&.txt.p7m" "$(digest '契約 <b>&.txt.p7m')" 黒桐 \
	東京都清瀬市 1980-02-17 "OU=JPKI for digital" 信頼する認証局 1.2.392.200149.8.5.1.0.20 失効なし CRL B-B テスト
check "page 2" page 2 t-signed.pdf Signature1 ファイル全体
check "page 3" page 3 無効 bad.pdf "$(digest bad.pdf)"
check "without revocation data: undetermined, with the reason" test -n "$(pdftotext u.pdf - | grep -A3 未確定)"
embedded() { pdffonts r.pdf | tail -n +3 | tee said | awk '{ if ($(NF-4) != "yes") exit 1 }' && [ -s said ]; }
check "fonts are embedded" embedded
check "qpdf: well-formed" qpdf --check r.pdf
private() { [ "$(stat -c %a r.pdf)" = 600 ] && [ "$(stat -c %a r.html)" = 600 ]; }
check "only its owner reads it" private

html() {
	python3 - r.html <<'END'
import html.parser, sys
text = open(sys.argv[1], encoding="utf-8").read()
class P(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attrs, self.data = [], [], ""
    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attrs += [(tag, k) for k, _ in attrs]
    def handle_data(self, d):
        self.data += d
p = P()
p.feed(text)
assert not {"script", "link", "iframe", "object", "form", "b"} & set(p.tags), p.tags
assert not [a for a in p.attrs if a[1] in ("href", "src", "onload", "onclick")], p.attrs
assert p.data.count("契約 <b>&.txt.p7m") == 1 and p.tags.count("section") == 3
for word in ("有効", "無効", "黒桐", "失効なし", "テスト"):
    assert word in p.data, word
END
}
check "HTML: names are text, nothing runs or is fetched" html
words() { grep -q '<html lang="en">' e.html && grep -q 'Report on electronic signatures' e.html && grep -q TEST e.html; }
check "HTML: English" words

check "another ending is 64" code 64 $V verify t-signed.pdf --report r.txt
check "and a name alone is 64" code 64 $V verify t-signed.pdf --report .pdf
check "a folder that is not there is 73" code 73 $V verify t-signed.pdf --report no/such.pdf
many() {
	code 66 $V --json verify nothing.p7s t-signed.pdf . >many.json || return 1
	python3 -c '
import json
f = json.load(open("many.json"))["files"]
assert [x.get("verdict") for x in f] == [None, "valid", None], f
assert f[0]["error"]["code"] == "NOT_FOUND" and f[2]["error"]["code"] == "UNSUPPORTED", f'
}
check "of many files one that is not there is told, the others are looked at" many
check "an invalid one comes first" code 1 $V verify nothing.p7s bad.pdf t-signed.pdf
path() {
	$V --json verify t-signed.pdf | python3 -c '
import json, sys, subprocess
s = json.load(sys.stdin)["files"][0]["signers"][0]
assert s["path"]["policy"] == "1.2.392.200149.8.5.1.0.20" and "OU=JPKI for digital signature" in s["path"]["issuer"], s
roots = [subprocess.run(["openssl", "x509", "-in", f, "-noout", "-fingerprint", "-sha256"], capture_output=True, text=True).stdout.split("=")[1].strip().replace(":", "") for f in sys.argv[1:]]
assert s["path"]["anchor_sha256"] in roots, s
assert s["checked_at"]' "$TOP"/build/fixtures/trust/sign-*.pem
}
check "JSON tells issuer, anchor and policy" path
finish
