#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves the way of an application from form to decision: filled from the card and not by hand,
# signed with what it is for, sealed, verified at receipt, versions in order, erased; and that
# nothing but the sealed payload ever holds the signer's serial number.
. "$(dirname "$0")/common.sh"
cd "$WORK" || exit 1
CARD="$KAZASU --reader sim:test-person --test-roots --lang en"
BOX="$KAZASU --test-roots --lang en --store $WORK/crl apply --inbox box --form form.json --certificate me.pem --key me.key"
"$KAZASU" --test-roots --store crl crl import "$TOP"/build/fixtures/crl/sign-*.crl >/dev/null
for w in me other; do
	openssl req -x509 -newkey rsa:2048 -nodes -keyout $w.key -out $w.pem -days 30 -subj "/CN=$w" 2>/dev/null
done
cat >form.json <<'END'
{"form": 1, "id": "jido-1", "title": "児童手当の認定請求", "procedure": "jido-teate",
 "receiver": "清瀬市長", "service": "児童手当", "consent": "この内容で申請することに同意します。",
 "number": true, "attributes": ["name", "address", "birth"],
 "fields": [{"name": "child", "label": "児童の氏名", "required": true, "max": 20},
            {"name": "note", "label": "備考", "required": false, "max": 50}]}
END
code() { # WANTED COMMAND…
	local want=$1
	shift
	"$@"
	local got=$?
	[ $got -eq "$want" ] || { echo "exit $got"; return 1; }
}
says() { # CODE COMMAND…: refused with this problem
	local want=$1
	shift
	"$@" >said 2>&1
	local got=$?
	cat said
	[ $got -ne 0 ] && grep -q "\[$want\]" said
}
# ---- the applicant ----
check "new" $CARD apply new --form form.json -o a.json
check "a field of the form" $CARD apply fill a.json --form form.json child=黒桐未那 --pin-fd 3 3<<<1234
check "a number typed by hand is 7" code 7 $CARD apply fill a.json --form form.json number=123456789018
check "a name typed by hand is 7" code 7 $CARD apply fill a.json --form form.json name=x
check "an unknown field is 7" code 7 $CARD apply fill a.json --form form.json extra=x
check "a field that is too long is 65" code 65 $CARD apply fill a.json --form form.json "child=123456789012345678901"
from_card() {
	python3 - <<'END'
import json
a = json.load(open("a.json"))
assert a["number"] == "537686677188", a
assert a["attributes"]["name"] and a["attributes"]["address"] and a["attributes"]["birth"] == "1980-02-17" or a["attributes"]["birth"]
assert "sex" not in a["attributes"]
assert a["form"]["receiver"] == "清瀬市長" and a["fields"]["child"] == "黒桐未那"
END
}
check "number and attributes come from the card" from_card
printf 'attached\n' >proof.txt
check "an attachment" $CARD apply fill a.json --form form.json --attach proof.txt --pin-fd 3 3<<<1234
check "sign" $CARD apply sign a.json --form form.json --yes -o a.p7m --pin-fd 3 3<<<ABC123
check "openssl: the signature" openssl cms -verify -cades -inform DER -in a.p7m -binary -CAfile sign-ca.pem -purpose any -out back.json
check "openssl: what it is for is inside" grep -q '"receiver": "清瀬市長"' back.json
check "pack" $CARD apply pack a.p7m --to me.pem -o a.sealed
check "openssl: unseals" openssl cms -decrypt -inform DER -in a.sealed -recip me.pem -inkey me.key -binary -out back.p7m
check "openssl: the same bytes" cmp a.p7m back.p7m
gcm() { openssl cms -cmsout -print -inform DER -in a.sealed | grep -q 'aes-256-gcm' && openssl cms -cmsout -print -inform DER -in a.sealed | grep -q 'rsaesOaep'; }
check "AES-256-GCM, OAEP" gcm
incomplete() {
	$CARD apply new --form form.json -o b.json && says field_missing $CARD apply sign b.json --form form.json --yes --pin-fd 3 3<<<ABC123
}
check "an incomplete one is not signed" incomplete
sed 's/"jido-teate"/"koza"/' form.json >koza.json
no_number() { $CARD apply new --form koza.json -o k.json && code 7 $CARD apply fill k.json --form koza.json --pin-fd 3 3<<<1234; }
check "a procedure that may not have the number is 7" no_number
sed 's/"note"/"number"/' form.json >bad.json
check "a form cannot have a typed number" says form_field_from_card $CARD apply new --form bad.json -o x.json
sed 's/"form": 1,/"form": 1, "more": 2,/' form.json >bad.json
check "a form with more is refused" says form_member $CARD apply new --form bad.json -o x.json

# ---- the receiver ----
check "no class is refused" says verifier_not_permitted $BOX receive a.sealed
check "class none is refused" says verifier_not_permitted $BOX --class none receive a.sealed
check "a stranger cannot open it" says package $KAZASU --test-roots apply --inbox box --form form.json --certificate other.pem --key other.key --class administrative receive a.sealed
changed() { # every part of the package
	for at in 20 200 500 2000; do
		cp a.sealed c.sealed
		printf '\x5a' | dd of=c.sealed bs=1 seek=$at conv=notrunc 2>/dev/null
		cmp -s a.sealed c.sealed || says package $BOX --class administrative receive c.sealed || return 1
	done
}
check "a changed package is refused" changed
check "receive: valid is 0" code 0 $BOX --class administrative receive a.sealed
check "twice is refused" says older_version $BOX --class administrative receive a.sealed
id=$(python3 -c 'import json; print(json.load(open("a.json"))["id"])')
sealed_as() { # PERSONA FILE OUT
	"$KAZASU" --reader "sim:$1" --test-roots sign --as cms --yes --pin-fd 3 "$2" -o t.p7m 3<<<ABC123 &&
		$CARD apply pack t.p7m --to me.pem -o "$3"
}
extra() {
	python3 -c 'import json; a = json.load(open("a.json")); a["fields"]["more"] = "x"; a["version"] = 2; json.dump(a, open("e.json", "w"), ensure_ascii=False)'
	sealed_as test-person e.json e.sealed && says extra_field $BOX --class administrative receive e.sealed
}
check "an extra field is refused at this end too" extra
other_form() {
	python3 -c 'import json; a = json.load(open("a.json")); a["form"]["consent"] = "x"; a["version"] = 2; json.dump(a, open("e.json", "w"), ensure_ascii=False)'
	sealed_as test-person e.json e.sealed && says other_form $BOX --class administrative receive e.sealed
}
check "another text of consent is refused" other_form
check "examine" code 0 $BOX --examiner 担当A open "$id" -o seen.json
check "what was signed is what is seen" cmp seen.json back.json
check "new version" $CARD apply new a.json --form form.json -o a2.json
check "filled again" $CARD apply fill a2.json --form form.json child=黒桐真也 --pin-fd 3 3<<<1234
stranger() { sealed_as long-names a2.json s.sealed && says another_person $BOX --class administrative receive s.sealed; }
check "a newer version of another person is refused" stranger
revoked() { sealed_as revoked a2.json s.sealed && says signature_invalid $BOX --class administrative receive s.sealed; }
check "a newer version that does not hold is refused" revoked
second() { sealed_as test-person a2.json a2.sealed && code 0 $BOX --class administrative receive a2.sealed; }
check "the second version" second
check "the first is superseded: no decision" code 7 $BOX --examiner 担当A decide "$id" 認定
check "examine the second" code 0 $BOX --examiner 担当B open "$id" -o seen2.json
check "another examiner cannot decide" code 7 $BOX --examiner 担当A decide "$id" 認定
check "erase is not before the decision" code 7 $BOX --administrator 管理者 erase "$id"
check "decide" code 0 $BOX --examiner 担当B decide "$id" 認定
check "only once" code 7 $BOX --examiner 担当B decide "$id" 却下
history() { $BOX list --json 2>/dev/null | python3 -c '
import json, sys
r = json.load(sys.stdin)["applications"]
assert [(x["version"], x["state"], x["verdict"]) for x in r] == [(1, "superseded", "valid"), (2, "decided", "valid")], r
assert all(x["crl_number"] and x["this_update"] and len(x["digest"]) == 64 for x in r)'; }
check "both versions stay as records, with evidence" history

# ---- without revocation data: queued ----
queued() {
	$CARD apply new --form form.json -o q.json && $CARD apply fill q.json --form form.json child=x --pin-fd 3 3<<<1234 &&
		sealed_as test-person q.json q.sealed &&
		code 2 "$KAZASU" --test-roots --store "$WORK/none" apply --inbox box --form form.json --certificate me.pem --key me.key --class administrative receive q.sealed
}
check "undetermined is queued, exit 2" queued
qid=$(python3 -c 'import json; print(json.load(open("q.json"))["id"])')
check "and not examined" code 7 $BOX --examiner 担当A open "$qid"
check "verified again later" code 0 $BOX --class administrative retry "$qid"
check "then examined" code 0 $BOX --examiner 担当A open "$qid" -o q2.json

# ---- what is kept ----
cert=$TOP/build/fixtures/certs/test-person-sign.pem
nothing_kept() {
	local hex dec
	hex=$(openssl x509 -in "$cert" -noout -serial | cut -d= -f2)
	dec=$(python3 -c "print(int('$hex', 16))")
	python3 - "$hex" "$dec" "$@" <<'END'
import sys, glob
hexs, dec, files = sys.argv[1], sys.argv[2], [f for p in sys.argv[3:] for f in glob.glob(p)]
raw = bytes.fromhex(hexs)
colons = ":".join(hexs[i:i + 2] for i in range(0, len(hexs), 2))
needles = [raw, hexs.encode(), hexs.lower().encode(), dec.encode(), colons.encode(), colons.lower().encode(), "黒桐".encode(), b"537686677188"]
bad = [(f, n) for f in files for n in needles if n in open(f, "rb").read()]
print(files, bad)
sys.exit(bool(bad) or not files)
END
}
check "no serial, name or number in the inbox" nothing_kept 'box/*'
check "erase needs an administrator" code 7 $BOX erase "$id"
check "erase" code 0 $BOX --administrator 管理者 erase "$id"
gone() { ! ls box/"$id"-* 2>/dev/null && $BOX list | grep "$id" | grep -c erased | grep -q 2; }
check "payloads are gone, records stay" gone
check "still nothing kept" nothing_kept 'box/*'
check "an erased one cannot be opened" code 7 $BOX --examiner 担当A open "$id"
check "an unknown one is 66" code 66 $BOX --examiner 担当A open 00000000000000000000000000000000
finish
