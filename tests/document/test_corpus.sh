#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves that PDF files of many producers and structures, made here or shipped by packages, are
# signed without a changed byte and verified by programs written by others, that earlier signatures
# stay, and that a file of one gigabyte takes no more than 64 MiB. Prints how many files there are
# of each class.
. "$(dirname "$0")/common.sh"
cd "$WORK" || exit 1
mkdir corpus home log
export HOME=$WORK/home
py=/usr/bin/python3 # that of the packages
log() { "$@" >>"log/make" 2>&1; }

# ---- documents of each producer, five at least ----
pages() { # N: PostScript of N pages with text and a figure
	echo '%!PS'
	for p in $(seq "$1"); do
		echo "/Times-Roman findfont 14 scalefont setfont 72 700 moveto (Document $1 page $p) show"
		echo "newpath $((p * 40)) 300 50 0 360 arc 0.$p setgray fill showpage"
	done
}
# By hand: fields flat or in a tree, widgets direct or not; table, stream without packed objects, or
# both (hybrid).
cat >form.py <<'END'
import struct, sys
n, kind, out = int(sys.argv[1]), sys.argv[2], b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n"
objs = {1: "<< /Type /Catalog /Pages 2 0 R /AcroForm %s >>" % ("5 0 R" if n % 2 else "<< /Fields [8 0 R] /DA (/Helv 0 Tf 0 g) >>"),
        2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources << /Font << /F 9 0 R >> >> /Annots %s >>" % ("7 0 R" if n % 3 else "[8 0 R]"),
        5: "<< /Fields %s /DA (/Helv 0 Tf 0 g) >>" % ("6 0 R" if n % 4 == 1 else "[8 0 R]"),
        6: "[8 0 R]", 7: "[8 0 R]",
        8: "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Amount \\(%d\\)) /V (100) /Rect [10 10 90 30] /P 3 0 R >>" % n,
        9: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}
text = b"BT /F 12 Tf 20 200 Td (Form %d) Tj ET" % n
at = {}
for k in sorted(list(objs) + [4]):
    at[k] = len(out)
    out += b"%d 0 obj\n" % k
    out += b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text) if k == 4 else objs[k].encode()
    out += b"\nendobj\n"
start = len(out)
if kind != "table":
    at[10] = start
    rows = b"\0\0\0\0\0\xff" + b"".join(struct.pack(">BIB", 1, at[k], 0) for k in sorted(at))
    out += b"10 0 obj\n<< /Type /XRef /Root 1 0 R /Size 11 /W [1 4 1] /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(rows), rows)
if kind != "stream":
    x = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(at) + 1) + b"".join(b"%010d 00000 n \n" % at[k] for k in sorted(at))
    out += b"trailer\n<< /Root 1 0 R /Size %d%s >>\n" % (len(at) + 1, b" /XRefStm %d" % start if kind == "hybrid" else b"")
    start = x
out += b"startxref\n%d\n%%%%EOF\n" % start
open(sys.argv[3], "wb").write(out)
END
cat >lab.py <<'END'
import sys
from reportlab.pdfgen import canvas
n = int(sys.argv[1])
for form in (False, True):
    c = canvas.Canvas("corpus/%s-%d.pdf" % ("labform" if form else "reportlab", n), pagesize=(400, 300 + n))
    for p in range(n):
        c.drawString(40, 200, "Document %d page %d" % (n, p + 1))
        if form:
            c.acroForm.textfield(name="f%d" % p, x=40, y=100, width=100, height=20)
            c.acroForm.checkbox(name="c%d" % p, x=200, y=100)
        c.showPage()
    c.save()
END
latex() { # N NAME BODY
	printf '\\documentclass{article}\\usepackage{hyperref}\\begin{document}\\section{One}Document %s.%s\\end{document}\n' "$1" "$3" >"$2-$1.tex"
	log pdflatex -interaction=batchmode -output-directory . "$2-$1.tex" && mv "$2-$1.pdf" corpus/
}
one_of_each() { # N
	local i=$1
	pages "$i" >"t$i.ps"
	ps2pdf -dCompatibilityLevel=1.$((i % 4 + 4)) "t$i.ps" "corpus/ghostscript-$i.pdf"
	pdftocairo -pdf "corpus/ghostscript-$i.pdf" "corpus/cairo-$i.pdf"
	mutool clean -gg "corpus/cairo-$i.pdf" "corpus/mupdf-$i.pdf" 2>/dev/null
	pdfunite "corpus/cairo-$i.pdf" "corpus/ghostscript-$i.pdf" "corpus/poppler-$i.pdf"
	python3 form.py "$i" table "corpus/form-$i.pdf"
	python3 form.py "$i" stream "corpus/formstream-$i.pdf"
	python3 form.py "$i" hybrid "corpus/formhybrid-$i.pdf"
	log $py lab.py "$i"
	latex "$i" latex "\\newpage Second page \$x^$i\$. \\href{https://example.jp}{Link}"
	latex "$i" latexform "\\pdfannot width 5cm height 1cm {/Subtype /Widget /FT /Tx /T (t$i) /V (x) /F 4}\\pdfcatalog{/AcroForm << /Fields [\\the\\pdflastannot\\space 0 R] /DA (/Helv 0 Tf) >>}"
	printf '.TH DOC %s\n.SH NAME\ndocument %s\n.bp\n.SH MORE\nsecond page\n' "$i" "$i" |
		groff -man -Tpdf >"corpus/groff-$i.pdf" 2>>log/make
	pdftoppm -r $((20 + i)) -png "corpus/ghostscript-$i.pdf" "img$i" && log $py /usr/bin/img2pdf "img$i"*.png -o "corpus/img2pdf-$i.pdf"
	for p in $(seq 40); do echo "line $p of document $i"; done >"t$i.txt"
	log podofotxt2pdf "t$i.txt" "corpus/podofo-$i.pdf"
}
export -f pages latex one_of_each log
export py WORK
office() {
	for i in 1 2 3 4 5; do
		printf '%s<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text><text:p>Document %s 申込書</text:p></office:text></office:body></office:document>' \
			'<?xml version="1.0" encoding="UTF-8"?>' "$i" >"libreoffice-$i.fodt"
	done
	log timeout 120 soffice --headless --convert-to pdf --outdir corpus libreoffice-*.fodt
}
browser() {
	for i in 1 2 3 4 5; do
		log timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$WORK/browser" \
			--no-pdf-header-footer --print-to-pdf="corpus/skia-$i.pdf" "data:text/html,<h1>Document $i</h1><p>text"
	done
}
office &
browser &
printf '%s\n' 1 2 3 4 5 | xargs -P 2 -n 1 bash -c 'one_of_each "$1"' _
wait
# Documentation as packages ship it, small ones; those of texlive-base and groff-base are there.
shipped() {
	local n=0 f
	while read -r f; do
		n=$((n + 1))
		case $f in *.gz) zcat "$f" ;; *) cat "$f" ;; esac >"corpus/shipped-$n.pdf"
	done < <(find -L /usr/share/doc/texlive-doc /usr/share/doc/groff-base /usr/share/doc/shared-mime-info \
		-type f \( -name '*.pdf' -o -name '*.pdf.gz' \) -size -200k 2>/dev/null | sort | head -14)
}
shipped
# A shipped file may be damaged, or use what only one of them does: it is taken if qpdf finds no
# fault with it. What is encrypted cannot be signed, which another test shows.
for f in corpus/shipped-*.pdf; do
	qpdf --check "$f" >>log/make 2>&1 && ! qpdf --is-encrypted "$f" || rm "$f"
done

# ---- each in qpdf's structures ----
variants() { # FILE
	local b=${1%.pdf}
	qpdf --object-streams=disable "$1" "$b-table.pdf"
	qpdf --object-streams=generate "$1" "$b-streams.pdf"
	qpdf --linearize --object-streams=disable "$1" "$b-linear.pdf"
	qpdf --linearize --object-streams=generate "$1" "$b-linstreams.pdf"
	case $b in *shipped*) return ;; esac
	qpdf --qdf "$1" "$b-qdf.pdf" 2>/dev/null
}
export -f variants
ls corpus/*.pdf >originals
xargs -P 2 -n 4 bash -c 'for f; do variants "$f" >>log/make 2>&1; done' _ <originals
# The original of a shipped file has whatever structure it has: only its variants make classes.
rm corpus/shipped-[0-9].pdf corpus/shipped-[0-9][0-9].pdf

# ---- signed before, by another program ----
certutil -N -d sql:nss --empty-password 2>>log/make || { mkdir nss && certutil -N -d sql:nss --empty-password; } >>log/make 2>&1
head -c 100 /dev/urandom >noise
certutil -S -d sql:nss -n signer -s CN=Signer -x -t C,C,C -v 12 -m 7 -g 2048 -z noise \
	--keyUsage digitalSignature,nonRepudiation >>log/make 2>&1
for i in 1 2 3 4 5; do
	for p in reportlab latex ghostscript; do
		log pdfsig -add-signature -nssdir sql:nss -nick signer "corpus/$p-$i.pdf" "corpus/by_poppler-$p-$i.pdf"
	done
done

# ---- signing: at most 64 files to one entry of the password ----
sign_in_parts() { # [--visible PLACE] FILES…
	local how=()
	[ "$1" = --visible ] && how=("$1" "$2") && shift 2
	while [ $# -gt 0 ]; do
		sign "${how[@]}" "${@:1:60}" || return 1
		shift $(($# > 60 ? 60 : $#))
	done
}
ls corpus/*.pdf >unsigned
mapfile -t plain < <(grep -v -e '-linear.pdf' unsigned)
mapfile -t shown < <(grep -e '-linear.pdf' unsigned)
check "sign all" sign_in_parts "${plain[@]}"
check "sign all, visible" sign_in_parts --visible 1,5,5,40,15 "${shown[@]}"
twice=(corpus/*-table-signed.pdf corpus/*-streams-signed.pdf)
check "sign again" sign_in_parts "${twice[@]}"

# ---- checking: a line "ok" or "not ok NAME" for each, and the class of the file ----
cat >one.sh <<'END'
say() { local name=$1; shift; if "$@" >"out.$$" 2>&1; then echo ok; else echo "not ok $name"; head -5 "out.$$"; fi; }
pdfsig_valid() { pdfsig "$1" >"s.$$" 2>&1; [ "$(grep -c 'Signature is Valid' "s.$$")" = "$2" ] && [ "$(grep -c 'Total document signed' "s.$$")" = 1 ]; }
mutool_unchanged() { mutool sign -v "$1" >"m.$$" 2>&1; grep -q 'unchanged since signing' "m.$$" && ! grep -q 'has changed\|Digest' "m.$$"; }
name_shown() { pdftotext -enc UTF-8 "$1" - | tr -d '\n ' | grep -q '電子署名黒桐'; }
class() { # FILE BEFORE: what it was before it was signed
	local start kind=stream objects=plain order=straight form=none
	start=$(tail -c 300 "$1" | tr '\r' '\n' | grep -a -A1 startxref | tail -n 1)
	[ "$(dd if="$1" bs=1 skip="$start" count=4 2>/dev/null)" = xref ] && kind=table
	grep -aq '/XRefStm' "$1" && kind=hybrid
	grep -aq '/ObjStm' "$1" && objects=objstm
	head -c 1200 "$1" | grep -aq '/Linearized' && order=linear
	pdfinfo "$1" 2>/dev/null | grep -q '^Form: *AcroForm' && form=form
	name=${1#corpus/}
	echo "class ${name%%-*} $kind $objects $order $form $2"
}
for f; do
	original=${f%-signed.pdf}.pdf before=unsigned n=1
	case $f in *-signed-signed.pdf) before=signed n=2 ;; *by_poppler*) before=signed n=2 ;; esac
	say "$f: original bytes" cmp -n "$(stat -c %s "$original")" "$original" "$f"
	say "$f: qpdf" qpdf --check "$f"
	say "$f: pdfsig" pdfsig_valid "$f" $n
	[ $n = 2 ] || say "$f: mutool" mutool_unchanged "$f"
	case $f in *-linear-signed.pdf) say "$f: name shown" name_shown "$f" ;; esac
	class "$original" $before
done
rm -f "out.$$" "s.$$" "m.$$"
END
find corpus -name "*-signed.pdf" -print0 | xargs -0 -P 2 -n 16 bash one.sh >results
grep -v '^ok\|^class' results | head -60
passed=$((passed + $(grep -c '^ok' results))) failed=$((failed + $(grep -c '^not ok' results)))
signed=$(grep -c '^class' results)
whole() { # FILE…: ours, every reason but that of revocation absent
	while [ $# -gt 0 ]; do
		only_unrevoked "${@:1:200}" || return 1
		shift $(($# > 200 ? 200 : $#))
	done
}
mapfile -t ours < <(find corpus -name "*-signed.pdf" ! -name "by_poppler*" | sort)
check "ours: all of them" whole "${ours[@]}"
# The other program's certificate is none of ours; its signature and ours hold otherwise.
by_other() {
	reasons corpus/by_poppler-*-signed.pdf >said
	[ "$(wc -l <said)" -eq 15 ] && ! grep -vE ' invalid 2 True (certificate_|issuer_|revocation_missing|not_jpki|,)*' said &&
		! grep -E 'digest|changed|contents|byte_range|unreachable|malformed|not_der|xref' said
}
check "ours: behind another program's signature" by_other
check "at least 200 files" test "$signed" -ge 200

# ---- classes ----
echo "producer     xref   objects order    form  before    files"
sed -n 's/^class //p' results | sort | uniq -c |
	awk '{printf "%-12s %-6s %-7s %-8s %-5s %-8s %6d\n", $2, $3, $4, $5, $6, $7, $1}'
few() { ! sed -n 's/^class //p' results | sort | uniq -c | awk '$1 < 5' | grep .; }
check "every class has five" few
# Every producer named, and every structure, is among them.
there() {
	local missing=0 p
	for p in ghostscript cairo mupdf poppler form formstream formhybrid reportlab labform latex latexform groff \
		img2pdf podofo libreoffice skia; do
		for s in 'table plain straight' 'stream objstm straight' 'table plain linear' 'stream objstm linear'; do
			grep -q "^class $p $s" results || { echo "missing: $p $s"; missing=1; }
		done
	done
	for s in '\S* hybrid' '\S* stream plain' 'shipped table' 'shipped stream' 'by_poppler' '\S* \S* \S* \S* form signed'; do
		grep -q "^class $s" results || { echo "missing: $s"; missing=1; }
	done
	return $missing
}
check "every producer and structure is there" there
# ---- a gigabyte ----
python3 - <<'END'
size = 1 << 30
with open("large.pdf", "wb") as f:
    at = {}
    f.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    for k, v in {1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                 3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << >> >>"}.items():
        at[k] = f.tell()
        f.write(b"%d 0 obj\n%s\nendobj\n" % (k, v))
    at[4] = f.tell()
    f.write(b"4 0 obj\n<< /Length %d >>\nstream\n" % size)
    f.seek(size, 1)
    f.write(b"\nendstream\nendobj\n")
    x = f.tell()
    f.write(b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at[k] for k in sorted(at)))
    f.write(b"trailer\n<< /Root 1 0 R /Size 5 >>\nstartxref\n%d\n%%%%EOF\n" % x)
END
# peak COMMAND…: the most memory the command ever held, in KiB, goes to the file "peak"; its
# descriptor 3 gives the password.
printf 'ABC123\n' >password
peak() {
	python3 -c '
import os, resource, sys
fd = os.open("password", os.O_RDONLY)
os.dup2(fd, 3)
os.set_inheritable(3, True)
p = os.spawnvp(os.P_WAIT, sys.argv[1], sys.argv[1:])
open("peak", "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(p)' "$@"
}
sign_large() {
	peak "$KAZASU" --reader sim:test-person --test-roots sign --yes --pin-fd 3 large.pdf
}
verify_large() { peak "$KAZASU" --test-roots verify large-signed.pdf; [ $? -eq 2 ]; }
little() { echo "peak $(cat peak) KiB"; [ "$(cat peak)" -le 65536 ]; }
check "sign a gigabyte" sign_large
check "in 64 MiB" little
cat "$WORK/out"
check "verify a gigabyte" verify_large
check "in 64 MiB" little
cat "$WORK/out"
finish
