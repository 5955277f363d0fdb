#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves the whole way through the real pcscd: PDF, CMS, XML and an application are signed with a
# card in a reader, read and verified; the card's own log counts what it cost and shows that its
# status is cleared; a second program cannot use what was opened.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$KZ_ROOT/tests/kazasu/common.sh"
cd "$KZ_TMP" || exit 1
export XDG_STATE_HOME=$KZ_TMP/state HOME=$KZ_TMP
unset XDG_CONFIG_HOME

printf 'この文書に同意します。\n' >one.txt
printf '%%!PS\n/Helvetica findfont 20 scalefont setfont 72 700 moveto (Hello) show showpage\n' >t.ps
ps2pdf t.ps t.pdf
printf '<?xml version="1.0"?><a ID="x"><b>c</b></a>' >f.xml
openssl req -x509 -newkey rsa:2048 -nodes -keyout me.key -out me.pem -days 30 -subj "/CN=me" 2>/dev/null
cat >form.json <<'END'
{"form": 1, "id": "jido-1", "title": "児童手当の認定請求", "procedure": "jido-teate",
 "receiver": "清瀬市長", "service": "児童手当", "consent": "この内容で申請することに同意します。",
 "number": true, "attributes": ["name", "address", "birth", "sex"],
 "fields": [{"name": "child", "label": "児童の氏名", "required": true, "max": 20}]}
END
kz --test-roots --store crl crl import "$KZ_ROOT"/build/fixtures/crl/sign-*.crl

# Commands beside the reads of the certificate and the clearing at the end of a transaction.
cost() { grep '^>' "$VCARD_LOG" | tr -d ' ' | grep -cvE '^>(00B0|00A4040C07A0|00A4040C08A0)'; }
cleared() { # every presentation is followed by the clearing before the next
	tr -d ' ' <"$VCARD_LOG" | awk '/^>00A4040C07A0|^>00A4040C08A0/ {open=0} /^>0020.*\*\*/ {if (open) bad=1; open=1} END {exit open || bad}'
}
signs() { # FILE OUT OPTIONS…: within the budget beside finding the card, and it verifies
	local file=$1 out=$2
	shift 2
	: >"$VCARD_LOG"
	kz_pin ABC123 --test-roots sign --yes "$file" -o "$out" "$@"
	rc 0 && cleared && grep -q '^> *80 *2A' "$VCARD_LOG" || return 1
	kz --test-roots --store crl verify "$out"
	rc 0
}
detached() {
	kz_pin ABC123 --test-roots sign --yes one.txt --detached
	rc 0 && kz --test-roots --store crl verify one.txt.p7s --content one.txt
	rc 0
}
budget() { # the same in a process that was told the reader: SELECT of the search is none of signing
	: >"$VCARD_LOG"
	kz_pin ABC123 --test-roots --reader "Virtual PCD 00 00" sign --yes one.txt -o b.p7m && rc 0
	echo "commands: $(cost)"
	[ "$(cost)" -le 8 ]
}
cert_once() {
	: >"$VCARD_LOG"
	kz_pin ABC123 --test-roots sign --yes one.txt t.pdf f.xml && rc 0 || return 1
	[ "$(tr -d ' ' <"$VCARD_LOG" | grep -c '^>00B0810000')" = 1 ] && [ "$(tr -d ' ' <"$VCARD_LOG" | grep -c '^>802A')" = 3 ]
}
nothing_open() { # another program after ours: the key is closed (6982)
	signs one.txt n.p7m || return 1
	opensc-tool -s 00:A4:04:0C:0A:D3:92:F0:00:26:01:00:00:00:01 -s 00:A4:02:0C:02:00:1A \
		-s "80:2A:00:80:33:30:31:30:0D:06:09:60:86:48:01:65:03:04:02:01:05:00:04:20$(printf ':00%.0s' $(seq 32)):00" >said 2>&1
	grep -q 'SW1=0x69, SW2=0x82' said
}
apply() {
	kz_pin tanuki-2026 login kanri && rc 0 || return 1
	kz_pin momiji-2026 operator add abe --person abe --roles 'operator;reception' --training 2026-01-05 && rc 0 || return 1
	for r in inquiry update number; do kz operator grant abe procedure:jido-teate $r; rc 0 || return 1; done
	kz_pin momiji-2026 login abe && rc 0 || return 1
	kz --test-roots apply new --form form.json -o a.json && rc 0 || return 1
	kz_pin 1234 --test-roots apply fill a.json --form form.json child=黒桐未那 && rc 0 && cleared || return 1
	grep -q 537686677188 a.json && grep -q 黒桐 a.json || return 1
	: >"$VCARD_LOG"
	kz_pin ABC123 --test-roots apply sign a.json --form form.json --yes -o a.p7m && rc 0 && cleared || return 1
	kz apply pack a.p7m --to me.pem -o a.sealed && rc 0 || return 1
	local box="--test-roots --store crl apply --inbox box --form form.json --certificate me.pem --key me.key --as abe --class administrative" id
	# shellcheck disable=SC2086
	{
		kz $box receive a.sealed && rc 0 || return 1
		id=$(python3 -c 'import json; print(json.load(open("a.json"))["id"])')
		kz $box open "$id" -o seen.json && rc 0 && cmp seen.json a.json || return 1
		kz $box decide "$id" 認定 && rc 0 || return 1
		kz $box --administrator kanri --yes erase "$id" && rc 0 || return 1
	}
	[ -z "$(ls box/*.sealed 2>/dev/null)" ]
}
wrong() {
	kz_pin WRONG12 --test-roots sign --yes one.txt -o w.p7m --json
	rc 3 && json 'd["error"]["code"]=="PIN_WRONG" and d["error"]["tries_left"]==4' && [ ! -e w.p7m ] && signs one.txt after.p7m
}
no_certificate() {
	vcard_stop
	vcard_start child
	: >"$VCARD_LOG"
	kz_pin ABC123 --test-roots sign --yes one.txt -o child.p7m
	rc 6 && ! tr -d ' ' <"$VCARD_LOG" | grep -q '^>0020.*\*\*'
}

pcscd_start
vcard_start test-person
t_ok "CMS" signs one.txt one.p7m
t_ok "CMS, detached" detached
t_ok "PDF" signs t.pdf s.pdf
t_ok "PDF for the registry offices" signs t.pdf touki.pdf --as touki
t_ok "XML" signs f.xml s.xml
t_ok "what one signature costs" budget
t_ok "three files: the certificate is read once" cert_once
t_ok "another program finds the key closed" nothing_open
t_ok "an application from form to erasure" apply
t_ok "a wrong password costs one try, the right one restores it" wrong
t_ok "a card without the certificate: no password is presented" no_certificate
vcard_stop
pcscd_stop
t_end
