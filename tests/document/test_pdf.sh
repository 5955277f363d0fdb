#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves the PDF options of signing from the command line: a visible signature whose name and time
# other programs read and draw, fields that are listed and filled, refusals before the password, and
# what verifying says of later changes made by other programs.
. "$(dirname "$0")/common.sh"
cd "$WORK" || exit 1
S="$KAZASU --reader sim:test-person --test-roots --lang en sign --yes --pin-fd 3"
code() { # WANTED COMMAND…
	local want=$1
	shift
	"$@" >said 2>&1 3<<<ABC123
	local got=$?
	[ $got -eq "$want" ] || { echo "exit $got"; cat said; return 1; }
}
printf '%%!PS\n/Times-Roman findfont 14 scalefont setfont 72 700 moveto (Hello) show showpage 72 700 moveto (Page) show showpage\n' >t.ps
ps2pdf t.ps t.pdf

# ---- visible ----
accepted() { # FILE: by three programs written by others
	qpdf --check "$1" && pdfsig "$1" >said && grep -q 'Signature is Valid' said &&
		grep -q 'Total document signed' said && mutool sign -v "$1" | grep -q 'unchanged since signing'
}
text_is() { pdftotext -enc UTF-8 "$@" - | tr -d '\n ' | tee said; }
shown() { text_is "$1" | grep -q '電子署名黒桐幹也20[0-9][0-9]年[0-9]*月[0-9]*日'; }
check "visible" sign t.pdf --visible last -o visible.pdf
check "visible: accepted" accepted visible.pdf
check "visible: the name can be searched" shown visible.pdf
only_last() { text_is -l 1 visible.pdf | grep -qv '電子署名' && text_is -f 2 visible.pdf | grep -q '電子署名'; }
check "visible: on the page asked for" only_last
embedded() { pdffonts visible.pdf | awk 'NR > 2 && /IPAex/ {n++; if ($0 !~ /yes yes yes/) bad=1} END {exit !n || bad}'; }
check "visible: the font is a subset inside, with its characters" embedded
small() { [ $(($(stat -c %s visible.pdf) - $(stat -c %s t.pdf))) -lt 80000 ]; }
check "visible: the file grows by less than 80 KB" small
drawn() { # there is ink where it was asked for, and none beside it
	sign t.pdf --visible 1,100,150,60,20 -o placed.pdf || return 1
	pdftoppm -r 72 -l 1 -gray placed.pdf placed && /usr/bin/python3 - <<'END'
data = open("placed-1.pgm", "rb").read()
w, h = map(int, data.split(b"\n")[1].split())
px = data[-w * h:]
mm = 72 / 25.4
def ink(x, y, width, height):
    return sum(1 for r in range(round(y * mm), round((y + height) * mm)) for c in range(round(x * mm), round((x + width) * mm)) if px[r * w + c] < 200)
inside, around = ink(100, 150, 60, 20), ink(80, 130, 100, 60)
print(inside, around)
assert inside > 300 and around - inside < 40, (inside, around)
END
}
check "visible: drawn where it was asked for" drawn
long() {
	"$KAZASU" --reader sim:long-names --test-roots sign --yes --pin-fd 3 t.pdf --visible 1 -o long.pdf 3<<<ABC123 2>said
	local rc=$?
	# drawn whole, or refused by the character's name with nothing written
	[ $rc -eq 0 ] && accepted long.pdf || { [ $rc -eq 65 ] && grep -q 'U+' said && [ ! -e long.pdf ]; }
}
check "visible: a long name with variations" long
substitutes() { text_is long.pdf | grep -q '※橋・邉・葛・辻は代替文字'; }
check "visible: what stands for another character is said" substitutes
check "twice visible" sign visible.pdf --visible 1 -o twice.pdf
check "twice visible: both hold" only_unrevoked twice.pdf
later() { "$KAZASU" --test-roots verify --json "$1" 2>/dev/null | tr -d ' \n' | grep -q "\"later\":\[$2\]"; }
check "twice visible: told" later twice.pdf '"signature","visible_signature"'
check "touki, visible" sign t.pdf --as touki --visible 1 -o touki.pdf
check "touki, visible: accepted" accepted touki.pdf
for bad in 0 3 'last,' '1,' 1,2 1,2,3,4 1,2,3,4,5,6 x 1,-2,3 1,200,3 1,1,1,500,10 1,1,1,5,2 1,nan,3; do
	# shellcheck disable=SC2086
	check "--visible $bad is 64" code 64 $S t.pdf --visible "$bad" -o no.pdf
done
check "nothing was written" test ! -e no.pdf
stays() { ! grep -q password said; }
check "and no password was asked for" stays

# ---- fields ----
cat >form.py <<'END'
import sys
more, out = sys.argv[1], b"%PDF-1.7\n"
objs = ["<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R 5 0 R 6 0 R] >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Annots [4 0 R 5 0 R 6 0 R] >>",
        "<< /Type /Annot /Subtype /Widget /FT /Sig /T <FEFF8CB74E3B> /Rect [60 60 260 130] /P 3 0 R %s >>" % more,
        "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Seller) /Rect [300 60 500 130] /P 3 0 R >>",
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Amount) /V (100) /Rect [60 200 260 230] /P 3 0 R >>"]
at = []
for i, o in enumerate(objs):
    at.append(len(out))
    out += b"%d 0 obj\n%s\nendobj\n" % (i + 1, o.encode())
x = len(out)
out += b"xref\n0 7\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % a for a in at)
out += b"trailer\n<< /Root 1 0 R /Size 7 >>\nstartxref\n%d\n%%%%EOF\n" % x
open(sys.argv[2], "wb").write(out)
END
python3 form.py "" form.pdf
listed() { # FILE TEXT…
	local f=$1
	shift
	"$KAZASU" --lang ja sign --list-fields "$f" >said || return 1
	for t in "$@"; do grep -qF "$t" said || { echo "missing: $t"; cat said; return 1; }; done
}
check "fields are listed" listed form.pdf '署名欄 2 個' '買主: ' 'Seller: ' '71 × 25 mm'
json() { "$KAZASU" sign --json --list-fields form.pdf | python3 -c '
import json, sys
f = json.load(sys.stdin)["files"][0]["fields"]
assert [(x["name"], x["signed"], x["locked"], x["page"]) for x in f] == [("買主", False, False, 1), ("Seller", False, False, 1)], f'; }
check "fields are listed as JSON" json
check "the buyer signs" sign form.pdf --field 買主 -o buyer.pdf
check "the buyer's field: accepted" accepted buyer.pdf
check "the buyer's field: shown" shown buyer.pdf
check "the seller signs" sign buyer.pdf --field Seller -o both.pdf
check "both hold" only_unrevoked both.pdf --require pades
both() { pdfsig both.pdf >said && [ "$(grep -c 'Signature is Valid' said)" = 2 ] && [ "$(grep -c 'Total document signed' said)" = 1 ]; }
check "both hold for pdfsig" both
check "listed as signed" listed both.pdf '買主: 署名済み'
blank() { sign form.pdf --field 買主 --visible none -o blank.pdf && ! shown blank.pdf && only_unrevoked blank.pdf; }
check "blank" blank
# shellcheck disable=SC2086
{
	check "no such field is 65" code 65 $S form.pdf --field nobody -o no.pdf
	check "a text field is 65" code 65 $S form.pdf --field Amount -o no.pdf
	check "a signed field is 7" code 7 $S both.pdf --field Seller -o no.pdf
	check "a field and a place are 64" code 64 $S form.pdf --field 買主 --visible 1 -o no.pdf
	python3 form.py '/SV << /Reasons [(yes)] /Ff 8 >>' seed.pdf
	check "a requirement that is not met is 7" code 7 $S seed.pdf --field 買主 -o no.pdf
}
named() { grep -q Reasons said; }
check "and is named" named
check "a requirement that is met" sign seed.pdf --field 買主 --reason yes -o seeded.pdf
python3 form.py '/Lock << /Type /SigFieldLock /Action /Include /Fields [(Seller)] >>' lock.pdf
check "a field that locks" sign lock.pdf --field 買主 -o locked.pdf
check "listed as locked" listed locked.pdf 'Seller: 未署名、固定'
# shellcheck disable=SC2086
check "the locked field is 7" code 7 $S locked.pdf --field Seller -o no.pdf
check "nothing was written" test ! -e no.pdf

# ---- what may come later: a timestamp of the document, validation data ----
cat >tsa.cnf <<'END'
[tsa]
default_tsa = t
[t]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
[ext]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
END
echo 01 >serial
openssl req -x509 -newkey rsa:2048 -nodes -keyout tsaca.key -out tsaca.pem -days 30 -subj /CN=tsaca 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj "/CN=Test TSA" 2>/dev/null
openssl x509 -req -in tsa.csr -CA tsaca.pem -CAkey tsaca.key -CAcreateserial -days 20 -extfile tsa.cnf -extensions ext \
	-out tsa.pem 2>/dev/null
cat >later.py <<'END'
# later.py KIND IN OUT: an update of a file that form.py made and that was signed in its form.
import hashlib, re, subprocess, sys
kind, b = sys.argv[1], open(sys.argv[2], "rb").read()
prev, size = int(re.findall(rb"startxref\s+(\d+)", b)[-1]), int(re.findall(rb"/Size (\d+)", b)[-1])
def body(n):
    at = b.rindex(b"\n%d 0 obj\n" % n)
    return b[at:b.index(b"\nendobj", at)].split(b" obj\n", 1)[1]
objs, digits = {}, 16000
if kind == "dss":
    objs[1] = body(1)[:-2] + b"/DSS %d 0 R >>" % size
    objs[size] = b"<< /Type /DSS /Certs [%d 0 R] >>" % (size + 1)
    objs[size + 1] = b"<< /Length 4 >>\nstream\ncert\nendstream"
else:
    objs[1] = body(1).replace(b"6 0 R]", b"6 0 R %d 0 R]" % (size + 1))
    objs[3] = body(3).replace(b"6 0 R]", b"6 0 R %d 0 R]" % (size + 1))
    objs[size] = b"<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /ByteRange [%s] /Contents <%s> >>" % (b" " * 36, b"0" * digits)
    objs[size + 1] = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Time) /V %d 0 R /Rect [0 0 0 0] /F 132 /P 3 0 R >>" % size
out, at = b, {}
for n in sorted(objs):
    at[n] = len(out)
    out += b"%d 0 obj\n%s\nendobj\n" % (n, objs[n])
x = len(out)
out += b"xref\n" + b"".join(b"%d 1\n%010d 00000 n \n" % (n, at[n]) for n in sorted(at))
out += b"trailer\n<< /Root 1 0 R /Size %d /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (size + 2, prev, x)
if kind != "dss":
    r = out.index(b"/ByteRange [ ", len(b)) + 12
    gap = out.index(b"<0000", r)
    behind = gap + digits + 2
    text = b"0 %d %d %d" % (gap, behind, len(out) - behind)
    out = out[:r] + text + out[r + len(text):]
    if kind == "other":
        out = out.replace(b"(Time)", b"(Tome)")
    digest = hashlib.sha256((out if kind != "other" else b) [:gap] + out[behind:]).hexdigest()
    def ts(*a):
        subprocess.run(["openssl", "ts"] + list(a), check=True, stderr=subprocess.DEVNULL)
    ts("-query", "-digest", digest, "-sha256", "-cert", "-out", "q")
    ts("-reply", "-config", "tsa.cnf", "-queryfile", "q", "-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "r")
    ts("-reply", "-in", "r", "-token_out", "-out", "token")
    token = open("token", "rb").read().hex().encode()
    out = out[:gap + 1] + token + out[gap + 1 + len(token):]
open(sys.argv[3], "wb").write(out)
END
check "a timestamp of the document comes" python3 later.py time buyer.pdf time.pdf
check "it holds, and the signature" only_unrevoked time.pdf --tsa-trust tsaca.pem
check "it is told" later time.pdf '"timestamp"'
untrusted() { reasons time.pdf | grep -q ' undetermined 2 True revocation_missing,timestamp_untrusted'; }
check "of an unknown authority it is undetermined" untrusted
check "a timestamp of other data comes" python3 later.py other buyer.pdf other.pdf
wrong() { reasons other.pdf --tsa-trust tsaca.pem | grep -q ' invalid 2 True .*timestamp'; }
check "it is refused" wrong
check "validation data comes" python3 later.py dss buyer.pdf dss.pdf
unsigned() { # FILE: the last signature does not reach the end, and nothing but revocation is missing
	reasons "$1" --tsa-trust tsaca.pem | grep -qE ' undetermined [0-9] False revocation_missing$'
}
check "it changes nothing" unsigned dss.pdf
check "it is told" later dss.pdf '"validation_data"'
check "and after it a timestamp" python3 later.py time dss.pdf dss-time.pdf
check "which holds" only_unrevoked dss-time.pdf --tsa-trust tsaca.pem
check "both are told" later dss-time.pdf '"timestamp","validation_data"'
check "signed again after all that" sign dss-time.pdf --field Seller -o last.pdf
check "all of it holds" only_unrevoked last.pdf --tsa-trust tsaca.pem
check "for qpdf too" qpdf --check last.pdf

# ---- signed files that other programs changed without a section of their own ----
invalid() { reasons "$1" | tee said; grep -q ' invalid ' said; }
printf '4 0 obj\n<< /Length 0 >>\nstream\n\nendstream\nendobj\n' | cat visible.pdf - >tail.pdf
check "objects behind the end" invalid tail.pdf
head -c -20 visible.pdf >cut.pdf
check "cut short" invalid cut.pdf
cat visible.pdf t.pdf >two.pdf
check "another document behind it" invalid two.pdf
(printf '\n' && cat visible.pdf) >shifted.pdf
check "moved by one byte" invalid shifted.pdf
finish
