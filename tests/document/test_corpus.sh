#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves that PDF files of different producers and structures are signed without a changed byte
# and verified by programs written by others, that earlier signatures stay, and that a file of
# one gigabyte takes no more than 64 MiB. Prints how many files there are of each class.
. "$(dirname "$0")/common.sh"
cd "$WORK" || exit 1
mkdir corpus

# ---- making ----
pages() { # N: PostScript of N pages with text and a figure
	echo '%!PS'
	for p in $(seq "$1"); do
		echo "/Times-Roman findfont 14 scalefont setfont 72 700 moveto (Document $1 page $p) show"
		echo "newpath $((p * 40)) 300 50 0 360 arc 0.$p setgray fill showpage"
	done
}
# form N: a document with fields, flat or in a tree, widgets direct or not, by hand.
cat >form.py <<'END'
import sys
n, out = int(sys.argv[1]), b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n"
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
x = len(out)
out += b"xref\n0 10\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at[k] for k in sorted(at))
out += b"trailer\n<< /Root 1 0 R /Size 10 >>\nstartxref\n%d\n%%%%EOF\n" % x
open(sys.argv[2], "wb").write(out)
END
variants() { # FILE NAME: the same document in qpdf's structures
	qpdf --object-streams=disable "$1" "corpus/$2-table.pdf"
	qpdf --object-streams=generate "$1" "corpus/$2-streams.pdf"
	qpdf --linearize --object-streams=disable "$1" "corpus/$2-linear.pdf"
	qpdf --linearize --object-streams=generate "$1" "corpus/$2-linstreams.pdf"
	qpdf --qdf "$1" "corpus/$2-qdf.pdf" 2>/dev/null
}
for i in 1 2 3 4 5 6 7 8 9; do
	pages "$i" >t.ps
	ps2pdf -dCompatibilityLevel=1.$((i % 4 + 4)) t.ps "corpus/ghostscript-$i.pdf"
	pdftocairo -pdf "corpus/ghostscript-$i.pdf" "corpus/cairo-$i.pdf"
	mutool clean -gg "corpus/cairo-$i.pdf" "corpus/mupdf-$i.pdf" 2>/dev/null
	python3 form.py "$i" "corpus/form-$i.pdf"
	for p in ghostscript cairo mupdf form; do
		variants "corpus/$p-$i.pdf" "$p-$i"
	done
done

# ---- signing: at most 64 files to one entry of the password ----
sign_in_parts() { # FILES…
	while [ $# -gt 0 ]; do
		sign "${@:1:60}" || return 1
		shift $(($# > 60 ? 60 : $#))
	done
}
check "sign all" sign_in_parts corpus/*.pdf
twice=(corpus/*-table-signed.pdf corpus/*-streams-signed.pdf)
check "sign again" sign_in_parts "${twice[@]}"

# ---- checking ----
qpdf_fine() { qpdf --check "$1" >q 2>&1 || { cat q; return 1; }; }
original_kept() { cmp -n "$(stat -c %s "$1")" "$1" "$2"; }
pdfsig_valid() { # FILE COUNT
	pdfsig "$1" >s 2>&1
	[ "$(grep -c 'Signature is Valid' s)" = "$2" ] && [ "$(grep -c 'Total document signed' s)" = 1 ]
}
mutool_unchanged() {
	mutool sign -v "$1" >m 2>&1
	grep -q 'unchanged since signing' m && ! grep -q 'has changed\|Digest' m
}
whole() { # FILE…: ours, every reason but that of revocation absent
	while [ $# -gt 0 ]; do
		only_unrevoked "${@:1:200}" || return 1
		shift $(($# > 200 ? 200 : $#))
	done
}
signed=0
for f in corpus/*.pdf; do
	case $f in
	*-signed-signed.pdf) original=${f%-signed.pdf}.pdf count=2 ;;
	*-signed.pdf) original=${f%-signed.pdf}.pdf count=1 ;;
	*) continue ;;
	esac
	signed=$((signed + 1))
	check "$f: original bytes" original_kept "$original" "$f"
	check "$f: qpdf" qpdf_fine "$f"
	check "$f: pdfsig" pdfsig_valid "$f" "$count"
	[ "$count" = 2 ] || check "$f: mutool" mutool_unchanged "$f"
done
check "ours: all of them" whole corpus/*-signed.pdf
check "at least 200 files" test "$signed" -ge 200

# ---- classes ----
cat >classes.py <<'END'
import collections, glob, re, sys
seen = collections.Counter()
for f in glob.glob("corpus/*-signed.pdf"):
    b = open(re.sub("-signed.pdf$", ".pdf", f), "rb").read()
    name = f.split("/")[1].split("-")[0]
    last = int(re.findall(rb"startxref\s+(\d+)", b)[-1])
    kind = ("table" if b[last:last + 4] == b"xref" else "stream",
            "objstm" if b"/ObjStm" in b else "plain",
            "linear" if b"/Linearized" in b[:1200] else "straight",
            "signed" if "-signed-signed" in f else "unsigned")
    seen[(name,) + kind] += 1
print("%-12s %-7s %-7s %-9s %-9s %5s" % ("producer", "xref", "objects", "order", "before", "files"))
for k in sorted(seen):
    print("%-12s %-7s %-7s %-9s %-9s %5d" % (*k, seen[k]))
few = [k for k in seen if seen[k] < 5]
wanted = {("table", "plain", "straight"), ("stream", "objstm", "straight"), ("table", "plain", "linear"), ("stream", "objstm", "linear")}
missing = [(n, w) for n in ("ghostscript", "cairo", "mupdf", "form") for w in wanted if not any(k[0] == n and k[1:4] == w for k in seen)]
print("below five:", few, "missing:", missing)
sys.exit(bool(few or missing))
END
check "every class has five" python3 classes.py
cat "$WORK/out"

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
check "verify a gigabyte" verify_large
check "in 64 MiB" little
finish
