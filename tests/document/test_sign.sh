#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves the dialogue of signing: what is shown and in which order, that nothing is signed without
# a clear yes, that one entry of the password signs the files named and no other, the forms of XML
# signatures, and what it costs on the card.
. "$(dirname "$0")/common.sh"
cd "$WORK" || exit 1
S="$KAZASU --reader sim:test-person --test-roots --lang en sign"
typist() { python3 "$TOP/tests/kazasu/typist.py" "$@"; }
code() { # WANTED COMMAND…
	local want=$1
	shift
	"$@"
	local got=$?
	[ $got -eq "$want" ] || { echo "exit $got"; return 1; }
}
printf 'one\n' >one.txt
printf 'two, a little longer\n' >two.bin
printf '%%!PS\n/Helvetica findfont 20 scalefont setfont 72 700 moveto (Hello) show showpage 72 700 moveto (Page) show showpage\n' >t.ps
ps2pdf t.ps t.pdf
cat >form.xml <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<DataRoot xmlns="http://example.jp/form"><構成情報 ID="構成情報"><申請>甲</申請></構成情報></DataRoot>
END

# ---- the dialogue, on a terminal ----
export PINENTRY=none
# shellcheck disable=SC2086
{
	typist 'signature password' 'ABC123\n' '[y/N]' 'y\n' -- $S t.pdf one.txt form.xml >said
	typist 'signature password' 'ABC123\n' '[y/N]' 'n\n' -- $S two.bin >said.no
	typist 'signature password' 'ABC123\n' '[y/N]' '\n' -- $S two.bin >said.empty
	typist 'signature password: ' '\x03' -- $S two.bin >said.cancel
}
in_order() { # TEXT…: they stand in the terminal's text one after another
	python3 - "$@" <<'END'
import sys
text, at = open("said", encoding="utf-8", errors="replace").read(), 0
for word in sys.argv[1:]:
    found = text.find(word, at)
    if found < 0:
        print("not there, or not in this order:", word)
        print(text)
        sys.exit(1)
    at = found + len(word)
END
}
sha() { sha256sum "$1" | cut -c1-64; }
check "shown: document, digest, pages, disclosure, tries; then the password, the holder, consent" in_order \
	"To be signed: t.pdf, $(stat -c %s t.pdf) bytes" "SHA-256 $(sha t.pdf)" "PDF, 2 pages" \
	"To be signed: one.txt, 4 bytes" "SHA-256 $(sha one.txt)" "To be signed: form.xml" "$(sha form.xml)" \
	"learns your name, address, date of birth and sex" "after 5 more wrong tries it is locked" \
	"Signer: 黒桐" "valid until 2030-02-17" "Sign these 3 documents? [y/N]" "Signed: t-signed.pdf" "Signed: one.txt.p7m" \
	"Signed: form-signed.xml" "exit=0"
check "three files, one password, each verified" only_unrevoked t-signed.pdf one.txt.p7m form-signed.xml
hidden() { ! grep -q ABC123 said; }
check "the password is not shown" hidden
no() { grep -q 'exit=7' said.no && grep -q 'exit=7' said.empty && grep -q 'exit=-2 echo=on hidden=yes' said.cancel && [ ! -e two.bin.p7m ]; }
check "no, nothing and Ctrl-C sign nothing" no
tries() { # what --pin-fd shows too
	"$KAZASU" --reader sim:test-person --test-roots --lang en sign --yes --pin-fd 3 two.bin 3<<<ABC123 2>said >/dev/null
	in_order "To be signed: two.bin" "learns your name" "after 5 more" "Signer:"
}
check "with a descriptor the same is shown" tries
rm -f two.bin.p7m
expired() {
	"$KAZASU" --reader sim:expired --test-roots --lang en sign --yes --pin-fd 3 two.bin 3<<<ABC123 2>said >/dev/null
	in_order "The certificate has expired" "Signer:"
}
check "an expired certificate is told before consent" expired
none() { code 6 "$KAZASU" --reader sim:child --test-roots --lang en sign --yes --pin-fd 3 two.bin -o none.p7m 3<<<ABC123 && [ ! -e none.p7m ]; }
check "a card without the certificate (under 15) is 6" none

# ---- where results go ----
mkdir results a b
cp one.txt a/ && cp one.txt b/
check "-o names a folder for several files" sign one.txt t.pdf form.xml -o results
check "they are in it" only_unrevoked results/one.txt.p7m results/t-signed.pdf results/form-signed.xml
check "-o names a folder for one file" sign two.bin -o results/ --detached
check "it is in it" test -s results/two.bin.p7s
untouched() { # no password was presented, and nothing was written or changed
	local before
	before=$(find . -type f ! -name refused.trace ! -name out -exec sha256sum {} + | sort)
	code "$1" "$KAZASU" --reader sim:test-person --test-roots --lang en --trace refused.trace sign --yes --pin-fd 3 "${@:2}" 3<<<ABC123 || return 1
	! grep -qs '^> 0020009B\*' refused.trace && rm -f refused.trace &&
		[ "$before" = "$(find . -type f ! -name refused.trace ! -name out -exec sha256sum {} + | sort)" ]
}
check "several files and no such folder is 64" untouched 64 one.txt two.bin -o none
check "a result over its original is 64" untouched 64 t.pdf -o ./a/../t.pdf
check "a result over another original is 64" untouched 64 one.txt two.bin -o results/../one.txt
cp t.pdf results/other-signed.pdf && cp t.pdf results/other.pdf
check "nor by the name it gets" untouched 64 results/other.pdf results/other-signed.pdf
check "nor over a file that is signed with it" untouched 64 form.xml --attach a/one.txt -o a/one.txt
check "two results of one name are 64" untouched 64 a/one.txt b/one.txt -o results
check "also where there is none yet" untouched 64 two.bin ./two.bin

# ---- what is refused before the password ----
printf '<R><!-- c --><a Id="x"/></R>\n' >comment.xml
printf '<R><a Id="x"/><b Id="x"/></R>\n' >twice.xml
printf '<!DOCTYPE R><R/>\n' >dtd.xml
check "no XML" untouched 65 one.txt --as xml
check "a DTD" untouched 65 dtd.xml
check "one identifier for two elements" untouched 65 twice.xml
check "no such identifier" untouched 65 form.xml --id x
check "two files of one name" untouched 65 form.xml --attach a/one.txt,b/one.txt
check "a timestamp in XML" untouched 64 form.xml --tsa http://127.0.0.1:9/ --tsa-trust sign-ca.pem
check "--visible without a PDF" untouched 64 one.txt --visible last
check "--id without XML" untouched 64 t.pdf --id x
outside() {
	"$KAZASU" --reader sim:test-person --test-roots --lang en sign --yes --pin-fd 3 comment.xml -o results/ 3<<<ABC123 2>said >/dev/null
	in_order "To be signed: comment.xml" "stay outside of the signature" "after 5 more"
}
check "what stays outside is told before the password" outside

# ---- long files ----
truncate -s 300M long.bin
follow() { # progress of both digests while signing, and of the content while verifying
	"$KAZASU" --reader sim:test-person --test-roots --lang en sign --yes --pin-fd 3 long.bin --detached 3<<<ABC123 2>said >/dev/null
	in_order "256 of 300 MiB" "To be signed: long.bin" "Signer:" "256 of 300 MiB" || return 1
	"$KAZASU" --test-roots --lang en verify long.bin.p7s --content long.bin 2>said >/dev/null
	in_order "64 of 300 MiB" "256 of 300 MiB"
}
check "long files show how far it is" follow
rm -f long.bin

# ---- the card's side ----
count() { grep '^> ' "$1" | grep -cvE '^> (00B0|00A4040C07A0|00A4040C08A0)'; }
one() { sign one.txt -o b.p7m --trace one.trace && [ "$(count one.trace)" -le 8 ]; }
check "one signature: at most 8 commands besides reads and clearing" one
three() { sign one.txt two.bin form.xml --trace three.trace && [ "$(count three.trace)" -le 14 ] &&
	[ "$(grep -c '^> 802A' three.trace)" -eq 3 ] && [ "$(grep -c '^> 0020009B\*\*' three.trace)" -eq 4 ] &&
	[ "$(grep -c '^> 00B0810000' three.trace)" -eq 1 ]; }
check "three: three more for each, the certificate is read once" three
cleared() { awk '/^> 00A4040C07A0|^> 00A4040C08A0/ {open=0} /^> 0020009B\*\*/ {if (open) bad=1; open=1} END {exit open || bad}' three.trace; }
check "after each presentation the status is cleared" cleared

# ---- XML ----
mkdir folder
printf 'attached\n' | tee 添付.txt >folder/添付.txt
roots=$(printf -- '--trusted-pem %s ' "$TOP"/build/fixtures/trust/sign-*.pem)
ids="--id-attr:ID http://example.jp/form:構成情報 --id-attr:Id http://uri.etsi.org/01903/v1.3.2#:SignedProperties --id-attr:Id http://www.w3.org/2000/09/xmldsig#:Object"
xml() { # NAME OPTIONS…: ours and xmlsec1 accept it
	local name=$1
	shift
	check "XML $name" sign form.xml --as xml "$@" -o "$name.xml"
	# shellcheck disable=SC2086
	check "xmlsec1: $name" xmlsec1 --verify $ids $roots "$name.xml"
	check "ours: $name" only_unrevoked "$name.xml" --content folder
}
xml enveloped
xml exclusive --c14n exclusive
xml enveloping --enveloping
xml enveloping-exclusive --enveloping --c14n exclusive
COVERS=False xml element --id 構成情報
COVERS=False xml element-and-file --id 構成情報 --attach 添付.txt
xml plain --plain
cp form.xml one.txt two.bin folder/
xml detached --detached
xml detached-three --detached --attach 添付.txt,one.txt
what() { "$KAZASU" --test-roots verify --json element-and-file.xml --content folder 2>/dev/null | grep -q '"what": *"#構成情報, 添付.txt"'; }
check "what was signed is told" what
again() { code 65 sign enveloped.xml -o again.xml && code 65 sign enveloped.xml --enveloping -o again.xml && sign enveloped.xml --as xml --detached -o again.xml; }
check "a signature over the whole document is not broken by a second one" again
level() { "$KAZASU" --test-roots verify --json "$1" --content folder 2>/dev/null | grep -q "\"level\": *\"$2\""; }
check "level of XAdES" level detached-three.xml B-B
check "level of plain XML-DSig" level plain.xml plain
check "a detached one over any file" sign two.bin --as xml --detached
check "ours: any file" only_unrevoked two.bin.sig.xml --content two.bin
printf 'x' >>folder/two.bin
altered() { reasons two.bin.sig.xml --content folder | grep -q ' invalid .*digest'; }
check "another content is refused" altered
shown() {
	"$KAZASU" --reader sim:test-person --test-roots --lang en sign --yes --pin-fd 3 form.xml --id 構成情報 --attach 添付.txt,one.txt -o s.xml 3<<<ABC123 2>said >/dev/null
	in_order "To be signed: form.xml" "only the elements: 構成情報" "And with it: 添付.txt, 9 bytes" "$(sha 添付.txt)" "And with it: one.txt, 4 bytes" "$(sha one.txt)" "Signer:"
}
check "elements and files that are signed with it are shown" shown
# shellcheck disable=SC2086
{
	check "plain CMS" sign one.txt --plain -o plain.p7m
	check "level of plain CMS" level plain.p7m plain
	check "openssl: plain CMS" openssl cms -verify -inform DER -in plain.p7m -binary -CAfile sign-ca.pem -purpose any -out /dev/null
	check "--enveloping with --id is 64" code 64 $S --yes form.xml --enveloping --id x
	check "another canonical form is 64" code 64 $S --yes form.xml --c14n 1.1
}
finish
