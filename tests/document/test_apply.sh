#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves the way of an application from form to decision: filled from the card and not by hand,
# signed with what it is for, sealed, verified at receipt, versions in order, erased; that who
# works on it is proven, has the right and stands in the journal; and that nothing but the sealed
# payload ever holds the signer's serial number.
. "$(dirname "$0")/common.sh"
cd "$WORK" || exit 1
CARD="$KAZASU --reader sim:test-person --test-roots --lang en"
BOX="$KAZASU --test-roots --lang en --store $WORK/crl apply --inbox box --form form.json --certificate me.pem --key me.key --as"
"$KAZASU" --test-roots --store crl crl import "$TOP"/build/fixtures/crl/sign-*.crl >/dev/null
for w in me other; do
	openssl req -x509 -newkey rsa:2048 -nodes -keyout $w.key -out $w.pem -days 30 -subj "/CN=$w" 2>/dev/null
done
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
cat >form.json <<'END'
{"form": 1, "id": "jido-1", "title": "児童手当の認定請求", "procedure": "jido-teate",
 "receiver": "清瀬市長", "service": "児童手当", "consent": "この内容で申請することに同意します。",
 "number": true, "attributes": ["name", "address", "birth"],
 "fields": [{"name": "child", "label": "児童の氏名", "required": true, "max": 20},
            {"name": "note", "label": "備考", "required": false, "max": 50}]}
END
# ---- the counter: an administrator, two clerks and one without rights ----
export XDG_STATE_HOME=$WORK/state HOME=$WORK
unset XDG_CONFIG_HOME
K="$KAZASU --test-roots --lang en"
secret() { # LINE COMMAND…
	local line=$1
	shift
	"$@" --pin-fd 3 3<<<"$line"
}
account() { secret "$2" $K operator add "$1" --person "$1" --roles 'operator;reception' --training 2026-01-05; }
rights() { for r in inquiry update number; do $K operator grant "$1" procedure:jido-teate $r || return 1; done; }
check "no class: refused even without a counter" says verifier_not_permitted $BOX abe receive form.json
check "no counter: nothing is received" code 77 $BOX abe --class administrative receive form.json
check "a counter" secret tanuki-2026 $K login kanri
check "accounts" eval 'account abe momiji-2026 && account bando sakura-2026 && account chiba yamabuki-2026'
check "rights" eval 'rights abe && rights bando'
check "sessions" eval 'secret momiji-2026 $K login abe && secret sakura-2026 $K login bando && secret yamabuki-2026 $K login chiba'

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
check "no class is refused" says verifier_not_permitted $BOX abe receive a.sealed
check "class none is refused" says verifier_not_permitted $BOX abe --class none receive a.sealed
configured() { # by the configuration instead of the option; "none" there forbids
	mkdir -p "$HOME/.config/kazasu"
	echo 'verifier = administrative' >"$HOME/.config/kazasu/kazasu.conf"
	code 0 $BOX abe receive a.sealed || return 1
	rm -rf box
	echo 'verifier = none' >"$HOME/.config/kazasu/kazasu.conf"
	says verifier_not_permitted $BOX abe --class administrative receive a.sealed
	local rc=$?
	rm "$HOME/.config/kazasu/kazasu.conf"
	return $rc
}
check "the class by the configuration" configured
check "a stranger cannot open it" says package $KAZASU --test-roots apply --inbox box --form form.json --certificate other.pem --key other.key --as abe --class administrative receive a.sealed
changed() { # every part of the package
	for at in 20 200 500 2000; do
		cp a.sealed c.sealed
		printf '\x5a' | dd of=c.sealed bs=1 seek=$at conv=notrunc 2>/dev/null
		cmp -s a.sealed c.sealed || says package $BOX abe --class administrative receive c.sealed || return 1
	done
}
check "a changed package is refused" changed
check "receive: valid is 0" code 0 $BOX abe --class administrative receive a.sealed
check "twice is refused" says older_version $BOX abe --class administrative receive a.sealed
id=$(python3 -c 'import json; print(json.load(open("a.json"))["id"])')
sealed_as() { # PERSONA FILE OUT
	"$KAZASU" --reader "sim:$1" --test-roots sign --as cms --yes --pin-fd 3 "$2" -o t.p7m 3<<<ABC123 &&
		$CARD apply pack t.p7m --to me.pem -o "$3"
}
extra() {
	python3 -c 'import json; a = json.load(open("a.json")); a["fields"]["more"] = "x"; a["version"] = 2; json.dump(a, open("e.json", "w"), ensure_ascii=False)'
	sealed_as test-person e.json e.sealed && says extra_field $BOX abe --class administrative receive e.sealed
}
check "an extra field is refused at this end too" extra
other_form() {
	python3 -c 'import json; a = json.load(open("a.json")); a["form"]["consent"] = "x"; a["version"] = 2; json.dump(a, open("e.json", "w"), ensure_ascii=False)'
	sealed_as test-person e.json e.sealed && says other_form $BOX abe --class administrative receive e.sealed
}
check "another text of consent is refused" other_form
check "without the right nobody looks" code 77 $BOX chiba open "$id" -o seen.json
check "without a session neither" code 77 $BOX nobody open "$id" -o seen.json
check "and nothing was written" test ! -e seen.json
check "examine" code 0 $BOX abe open "$id" -o seen.json
check "what was signed is what is seen" cmp seen.json back.json
check "new version" $CARD apply new a.json --form form.json -o a2.json
check "filled again" $CARD apply fill a2.json --form form.json child=黒桐真也 --pin-fd 3 3<<<1234
stranger() { sealed_as long-names a2.json s.sealed && says another_person $BOX abe --class administrative receive s.sealed; }
check "a newer version of another person is refused" stranger
revoked() { sealed_as revoked a2.json s.sealed && says signature_invalid $BOX abe --class administrative receive s.sealed; }
check "a newer version that does not hold is refused" revoked
later() { # a newer version whose status nobody knows: the older one waits
	sealed_as test-person a2.json w.sealed &&
		code 2 "$KAZASU" --test-roots --store "$WORK/none" apply --inbox box2 --form form.json --certificate me.pem --key me.key --as abe --class administrative receive w.sealed
}
check "a version whose status is open" later
second() { sealed_as test-person a2.json a2.sealed && code 0 $BOX abe --class administrative receive a2.sealed; }
check "the second version" second
check "the first is superseded: no decision" code 7 $BOX abe decide "$id" 認定
check "examine the second" code 0 $BOX bando open "$id" -o seen2.json
check "another examiner cannot decide" code 7 $BOX abe decide "$id" 認定
check "erase is not before the decision" code 7 $BOX abe --yes --administrator kanri erase "$id"
check "decide" code 0 $BOX bando decide "$id" 認定
check "only once" code 7 $BOX bando decide "$id" 却下
history() { $BOX abe list --json 2>/dev/null | python3 -c '
import json, sys
r = json.load(sys.stdin)["applications"]
assert [(x["version"], x["state"], x["verdict"]) for x in r] == [(1, "superseded", "valid"), (2, "decided", "valid")], r
assert all(x["crl_number"] and x["this_update"] and len(x["digest"]) == 64 for x in r)'; }
check "both versions stay as records, with evidence" history

# ---- without revocation data: queued ----
queued() {
	$CARD apply new --form form.json -o q.json && $CARD apply fill q.json --form form.json child=x --pin-fd 3 3<<<1234 &&
		sealed_as test-person q.json q.sealed &&
		code 2 "$KAZASU" --test-roots --store "$WORK/none" apply --inbox box --form form.json --certificate me.pem --key me.key --as abe --class administrative receive q.sealed
}
check "undetermined is queued, exit 2" queued
qid=$(python3 -c 'import json; print(json.load(open("q.json"))["id"])')
waiting() { # version 1 holds, version 2 waits for its status
	$CARD apply new --form form.json -o w1.json && secret 1234 $CARD apply fill w1.json --form form.json child=x && sealed_as test-person w1.json w1.sealed &&
		code 0 $BOX abe --class administrative receive w1.sealed || return 1
	wid=$(python3 -c 'import json; print(json.load(open("w1.json"))["id"])')
	$CARD apply new w1.json --form form.json -o w2.json && secret 1234 $CARD apply fill w2.json --form form.json child=y && sealed_as test-person w2.json w2.sealed &&
		code 2 "$KAZASU" --test-roots --store "$WORK/none" apply --inbox box --form form.json --certificate me.pem --key me.key --as abe --class administrative receive w2.sealed &&
		code 7 $BOX abe open "$wid" -o no.json && [ ! -e no.json ] &&
		code 0 $BOX abe --class administrative retry "$wid" && code 0 $BOX abe open "$wid" -o w.json && grep -q '"child": "y"' w.json
}
check "an older version waits beside a newer one whose status is open" waiting
check "and not examined" code 7 $BOX abe open "$qid"
check "verified again later" code 0 $BOX abe --class administrative retry "$qid"
check "then examined" code 0 $BOX abe open "$qid" -o q2.json

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
check "no serial, name or number in the inbox or the journal" nothing_kept 'box/index*' 'state/kazasu/desk/*'
check "erase needs an administrator" code 7 $BOX abe --yes erase "$id"
check "a clerk is none" code 77 $BOX abe --yes --administrator bando erase "$id"
check "a name is no proof" code 77 $BOX abe --yes --administrator nobody erase "$id"
check "it has to be confirmed" code 7 setsid $BOX abe --administrator kanri erase "$id"
there() { [ "$(ls box/"$id"-* | wc -l)" -eq 2 ]; }
check "all is still there" there
check "erase" code 0 $BOX abe --yes --administrator kanri erase "$id"
gone() { ! ls box/"$id"-* 2>/dev/null && $BOX abe list | grep "$id" | grep -c erased | grep -q 2; }
check "payloads are gone, records stay" gone
check "still nothing kept" nothing_kept 'box/index*' 'state/kazasu/desk/*'
check "an erased one cannot be opened" code 7 $BOX abe open "$id"
check "an unknown one is 66" code 66 $BOX abe open 00000000000000000000000000000000
# ---- as XML ----
mkdir -p xml
check "new XML" $CARD apply new --form form.json -o x.xml
check "fill XML" secret 1234 $CARD apply fill x.xml --form form.json 'child=<b>&黒桐' --attach proof.txt
wellformed() { xmllint --noout x.xml && grep -q '<number>537686677188</number>' x.xml && grep -q '&lt;b&gt;&amp;黒桐' x.xml; }
check "it is XML" wellformed
check "a number typed by hand is 7" code 7 $CARD apply fill x.xml --form form.json number=123456789018
check "sign XML" secret ABC123 $CARD apply sign x.xml --form form.json --yes -o xs.xml
roots=$(printf -- '--trusted-pem %s ' "$TOP"/build/fixtures/trust/sign-*.pem)
check "xmlsec1: the signature" xmlsec1 --verify --id-attr:Id http://uri.etsi.org/01903/v1.3.2#:SignedProperties $roots xs.xml
check "pack XML" $CARD apply pack xs.xml --to me.pem -o x.sealed
xid=$(sed -n 's|.*<id>\([0-9a-f]*\)</id>.*|\1|p' x.xml | head -1)
moved() { # signed by the person, but not as an application: a member was added beside the signature
	sed 's|</application>|<more/></application>|' xs.xml >m.xml && $CARD apply pack m.xml --to me.pem -o m.sealed &&
		says application_malformed $BOX abe --class administrative receive m.sealed
}
check "XML with something unsigned beside is refused" moved
altered() {
	sed 's|<title>児童手当の認定請求|<title>児童手当の認定申請|' xs.xml >m.xml && $CARD apply pack m.xml --to me.pem -o m.sealed &&
		says other_form $BOX abe --class administrative receive m.sealed
	sed 's|黒桐</field>|黒楡</field>|' xs.xml >m.xml && ! cmp -s m.xml xs.xml && $CARD apply pack m.xml --to me.pem -o m.sealed &&
		code 1 $BOX abe --class administrative receive m.sealed
}
check "changed XML is refused" altered
check "receive XML" code 0 "$KAZASU" --test-roots --store "$WORK/crl" apply --inbox box3 --form form.json --certificate me.pem --key me.key --as abe --class administrative receive x.sealed
xml_seen() { "$KAZASU" --test-roots --store "$WORK/crl" apply --inbox box3 --form form.json --certificate me.pem --key me.key --as abe open "$xid" -o xo.xml && cmp xo.xml xs.xml; }
check "what was signed is what is seen" xml_seen

# ---- the journal ----
journal() {
	$K journal export --as kanri "$WORK/journal.txt" && python3 - <<'END'
rows = [l.rstrip("\n").split("\t") for l in open("journal.txt", encoding="utf-8")]
text = open("journal.txt", encoding="utf-8").read()
def count(*words):
    return sum(all(w in r for w in words) for r in rows)
assert count("verify", "intent", "abe", "jido-teate") == count("verify", "outcome", "abe", "jido-teate") >= 8, rows
assert count("verify", "outcome", "valid") >= 2 and count("verify", "outcome", "undetermined") >= 2, rows
assert count("verify", "outcome", "refused", "verifier_not_permitted") == 3
assert count("application-version", "outcome", "examined", "name;address;birth;my_number") >= 3
assert count("application-version", "outcome", "bando", "decided") == 1
assert count("application-version", "refused", "chiba", "no_right_to_procedure") == 1
assert count("erase", "outcome", "ok", "abe", "kanri", "erased") == 1, rows
assert count("erase", "outcome", "refused", "bando", "not_an_administrator") == 1
for word in ("黒桐", "537686677188", "未那"):
    assert word not in text
END
}
check "every step stands in the journal, with the names of what was seen" journal
check "the journal is whole" $K journal verify
sqlite3 state/kazasu/desk/desk.db "CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'full'); END"
blocked() {
	"$KAZASU" --test-roots --store "$WORK/crl" apply --inbox box4 --form form.json --certificate me.pem --key me.key --as abe --class administrative receive x.sealed
	[ $? -ne 0 ] && ! ls box4/*.sealed 2>/dev/null && [ "$(sqlite3 box4/index.db 'SELECT count(*) FROM version')" = 0 ]
}
check "where it cannot be written nothing is received and nothing kept" blocked
finish
