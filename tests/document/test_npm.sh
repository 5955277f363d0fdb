#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves that libraries of the Node.js world accept what is signed here, and that what they sign is
# read here: xml-crypto, pkijs, node-forge. They are fetched at these versions once for this tree,
# into build/, without running any script of theirs.
. "$(dirname "$0")/common.sh"
NODE=$TOP/build/node-document
PACKAGES="xml-crypto@6.1.2 pkijs@3.2.5 node-forge@1.3.1"
fetch() {
	rm -rf "$NODE" && mkdir -p "$NODE" || return 1
	# shellcheck disable=SC2086
	timeout 300 npm install --ignore-scripts --prefix "$NODE" --no-audit --no-fund --no-save $PACKAGES &&
		echo "$PACKAGES" >"$NODE/.stamp"
}
[ "$(cat "$NODE/.stamp" 2>/dev/null)" = "$PACKAGES" ] || check "fetch $PACKAGES" fetch
cd "$WORK" || exit 1
js() { NODE_PATH=$NODE/node_modules node --no-warnings "$TOP/tests/document/foreign.js" "$@"; }
refuses() { ! js "$@"; }

printf 'この文書に同意します。\n' >text.txt
printf '%%!PS\n/Helvetica findfont 20 scalefont setfont 72 700 moveto (Hello) show showpage\n' >t.ps
ps2pdf t.ps t.pdf
printf '<?xml version="1.0" encoding="UTF-8"?>\n<書類 xmlns="urn:x"><申請 Id="o"><額>100</額></申請></書類>\n' >f.xml

# ---- what we sign ----
check "sign" sign text.txt t.pdf f.xml
check "sign detached" sign text.txt --detached
check "pkijs: CMS" js verify-cms text.txt.p7m
check "pkijs: CMS, detached" js verify-cms text.txt.p7s text.txt
check "pkijs: PDF" js verify-pdf t-signed.pdf
check "sign again" sign t-signed.pdf -o t2.pdf
check "pkijs: both signatures of a PDF" js verify-pdf t2.pdf
check "sign for the registry offices" sign t.pdf --as touki -o touki.pdf
check "pkijs: PDF for the registry offices" js verify-pdf touki.pdf
check "xml-crypto: XAdES" js verify-xml f-signed.xml
for o in "--c14n exclusive" "--plain" "--id o" "--id o --c14n exclusive" "--plain --c14n exclusive"; do
	# shellcheck disable=SC2086
	check "sign XML $o" sign f.xml $o -o o.xml
	check "xml-crypto: $o" js verify-xml o.xml
done
# they would see a change
sed 's/100/900/' f-signed.xml >bad.xml
check "xml-crypto sees a change" refuses verify-xml bad.xml
printf 'x' >>text.txt
check "pkijs sees a change" refuses verify-cms text.txt.p7s text.txt
printf 'この文書に同意します。\n' >text.txt

# ---- what they sign ----
cert=$TOP/build/fixtures/certs/test-person-sign.pem
for k in "$TOP"/build/fixtures/keys/*-sign.pem; do
	[ "$(openssl pkey -in "$k" -pubout)" = "$(openssl x509 -pubkey -noout -in "$cert")" ] && key=$k
done
openssl pkcs8 -topk8 -nocrypt -in "$key" -out key.pem
for how in pkijs pkijs-detached forge forge-detached; do
	check "$how signs" js sign-cms key.pem "$cert" theirs.p7 text.txt $how
	case $how in
	*-detached) check "ours reads: $how" only_unrevoked theirs.p7 --content text.txt ;;
	*) check "ours reads: $how" only_unrevoked theirs.p7 ;;
	esac
done
check "node-forge signs a PDF" js sign-pdf key.pem "$cert" theirs.pdf
check "ours reads: PDF" only_unrevoked theirs.pdf
for how in inclusive exclusive; do
	check "xml-crypto signs: $how" js sign-xml key.pem "$cert" theirs.xml $how
	check "ours reads: XML $how" only_unrevoked theirs.xml
done
check "xml-crypto signs an element" js sign-xml key.pem "$cert" theirs.xml id
COVERS=False check "ours reads: XML element" only_unrevoked theirs.xml
# and sign after them
check "ours after theirs: PDF" sign theirs.pdf -o both.pdf
check "ours: both" only_unrevoked both.pdf
check "pkijs: both" js verify-pdf both.pdf
finish
