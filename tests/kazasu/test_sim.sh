#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: every subcommand on the virtual card inside the process: what it says to people, its JSON
# document, and the exit codes that need no reader.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$(dirname "$0")/common.sh"
cd "$KZ_TMP" || exit 1
S="--reader sim:test-person --test-roots"
B=55021720352285

# ---- what people and programs get
status_tells_everything() {
	kz status --json $S && rc 0 &&
	json 'd["token"]=="card" and d["label"]=="JPKIAPICCTOKEN2" and d["serial"]=="400000012719843"' &&
	json 'd["municipality"]=="13221" and d["expires"]=="2035-02-17" and d["test"] is True' &&
	json 'd["tries"]=={"sign":5,"auth":3,"text":3,"juki":{"juki":3,"common":3},"number_a":{"surface":10,"text":10},"number_b":{"surface":10,"text":10},"birth":10}' &&
	json 'd["certificates"]["auth"]["not_after"]=="2030-02-17T14:59:59Z" and d["certificates"]["sign"]["present"]'
}
pin_status_agrees() { kz pin status --json $S && rc 0 && json 'd["tries"]["sign"]==5 and d["tries"]["number_b"]["text"]==10'; }
attributes_by_pin() {
	kz_pin 1234 attrs --json $S && rc 0 &&
	json 'd=={"name":"黒桐　幹也","address":"東京都清瀬市観布子南１２－７－２０２","birth":"1980-02-17","sex":"1","source":"text","authentic":True,"test":True}'
}
attributes_by_number_b() { kz_pin $B attrs --number-b --json $S && rc 0 && json 'd["name"]=="黒桐　幹也"'; }
attributes_without_test_roots_are_not_called_authentic() {
	kz_pin 1234 attrs --json --reader sim:test-person && rc 0 && json 'd["authentic"] is None and d["test"]'
}
number_for_child_allowance() {
	kz_pin 1234 number --procedure jido-teate --json $S && rc 0 &&
	json 'd=={"number":"537686677188","check_digit":True,"procedure":"jido-teate","authentic":True,"test":True}'
}
number_without_procedure() { kz_pin 1234 number $S --trace t; rc 7 && [ ! -e t ]; }
number_for_a_bank_account() { kz_pin 1234 number --procedure koza $S --trace t --json; rc 7 && json 'd["error"]["code"]=="DENIED"' && [ ! -e t ]; }
number_for_an_unknown_procedure() { kz_pin 1234 number --procedure x $S --trace t; rc 7 && [ ! -e t ]; }
pictures() {
	kz_pin $B face --photo p.png --name n.png --address a.png --json $S && rc 0 &&
	json 'd["photo"]=="p.png" and d["birth"]=="1980-02-17" and d["expires"]=="2035-02-17"' &&
	[ "$(png p.png)" = 240x320x8 ] && png n.png | grep -q 'x1$' && png a.png | grep -q 'x1$' &&
	[ "$(stat -c %a p.png n.png a.png | sort -u)" = 600 ]
}
pictures_by_number_a() { kz_pin 537686677188 face --number-a --photo p2.png $S && rc 0 && cmp p.png p2.png; }
certificate_auth() {
	kz cert auth --pem auth.pem --der auth.der --json $S && rc 0 &&
	json 'd["kind"]=="auth" and d["subject"]=="C=JP (CN and serial hidden)" and d["test"] and d["attributes"] is None' &&
	json '"997794E9AGCIEG13221003A" not in str(d)' &&
	cmp auth.pem "$KZ_ROOT/build/fixtures/certs/test-person-auth.pem" &&
	openssl x509 -inform DER -in auth.der -noout
}
certificate_sign() {
	kz_pin ABC123 cert sign --json $S && rc 0 &&
	json 'd["attributes"]["name"].startswith("黒桐") and d["attributes"]["birth"]=="1980-02-17" and d["attributes"]["sex"]=="1"'
}
certificate_sign_takes_lower_case() { kz_pin abc123 cert sign $S && rc 0; }
certificates_of_the_cas() {
	kz cert auth-ca --pem ca.pem $S && rc 0 && kz cert sign-ca --json $S && rc 0 &&
	json '"O=JPKI-TEST" in d["issuer"] and d["attributes"] is None' &&
	openssl verify -CAfile ca.pem -partial_chain auth.pem
}
apdu_sends_and_explains() {
	kz apdu 00A4040C0AD392F000260100000001 "00 20 00 98" 00B0860020 --json $S && rc 0 &&
	json '[a["sw"] for a in d["answers"]]==["9000","63C3","9000"]' &&
	json 'bytes.fromhex(d["answers"][2]["data"]).startswith(b"JPKIAPICCTOKEN2")'
}
apdu_verifies_a_secret() {
	kz_pin 1234 apdu 00A4040C0AD392F000260100000001 "00200098{secret}" --json $S && rc 0 &&
	json 'd["answers"][1]["sw"]=="9000" and d["answers"][1]["command"]=="00200098**"' &&
	kz_pin 1234 apdu 00A4040C0AD392F000260100000001 "0020009804{secret}" --json $S && rc 0 &&
	json 'd["answers"][1]["sw"]=="9000"'
}
apdu_refuses_a_secret_in_a_word() { kz apdu 00A4040C0AD392F000260100000001 002000980431323334 $S; rc 7; }
apdu_allows_administration_on_sim_only() { kz apdu 80500000 --json $S && rc 0 && json 'd["answers"][0]["sw"]!="9000"'; }
pin_verify() { kz_pin 1234 pin verify auth --json $S && rc 0 && json 'd["verified"]'; }
pin_verify_tells_the_full_count() {
	persona two 'd["tries"]={"auth":2}'
	kz_pin 1234 pin verify auth --json --reader "sim:$PERSONA"; rc 0 && json 'd["verified"] and d["tries_left"]==3'
}
pin_change() {
	kz_pin '1234\n4321' pin change auth --json $S && rc 0 && json 'd["changed"]' &&
	kz_pin 'abc123\nqwert9' pin change sign $S && rc 0 && kz_pin '1234\n0000' pin change text $S && rc 0
}

# ---- the identity check
identify_by_number_b() {
	kz_pin $B identify --number-b --photo id.png --json $S; rc 2 &&
	json 'd["verdict"]=="undetermined" and d["person"]=="undetermined" and d["number"]=="not_asked"' &&
	json 'd["checks"]=={"card_chain":"pass","record_signature":"pass","card_challenge":"pass","certificate_path":"pass","revocation":"skipped","in_force":"pass","consistency":"pass"}' &&
	json '[r["code"] for r in d["reasons"]]==["revocation_missing"]' &&
	json 'd["attributes"]=={"name":"黒桐　幹也","address":"東京都清瀬市観布子南１２－７－２０２","birth":"1980-02-17","sex":"1"}' &&
	json 'd["photo"]=="id.png" and d["differences"]==[] and d["journal"] is None and d["test"] is True and d["apdus"]>20' &&
	cmp id.png p.png
}
identify_by_pin() {
	kz_pin 1234 identify --pin --json $S; rc 2 &&
	json 'd["checks"]["card_challenge"]=="pass" and d["checks"]["consistency"]=="skipped" and d["photo"] is None and d["attributes"]["sex"]=="1"'
}
identify_says_test_to_people() { kz_pin $B identify --lang ja $S; rc 2 && grep -q テスト out && grep -q 未確定 out; }
face_answer() {
	kz_pin $B identify --face same --json $S; rc 2 && json 'd["person"]=="confirmed"' &&
	kz_pin $B identify --face different --json $S; rc 2 && json 'd["person"]=="refused"' &&
	kz_pin $B identify --face unsure --json $S; rc 2 && json 'd["person"]=="undetermined"'
}
same_face_on_an_unknown_card_confirms_nobody() {
	kz_pin $B identify --face same --json --reader sim:test-person; rc 1 &&
	json 'd["checks"]["card_chain"]=="skipped" and d["person"]=="undetermined" and {"card_issuer_unknown","cert_test"} <= {r["code"] for r in d["reasons"]}'
}
expired_card_is_invalid_and_asks_no_secret() {
	kz identify --json --at 2035-02-18 $S; rc 1 &&
	json 'd["verdict"]=="invalid" and d["checks"]["in_force"]=="fail" and [r["code"] for r in d["reasons"]]==["expired"] and d["attributes"]=={}'
}
last_day_is_in_force() { kz_pin $B identify --json --at 2035-02-17T23:59:59+09:00 $S; rc 2 && json 'd["checks"]["in_force"]=="pass"'; }
at_counts_only_with_test_roots() { kz_pin $B identify --json --at 2035-02-18 --reader sim:test-person; rc 1 && json 'd["checks"]["in_force"]=="pass"' && err --test-roots; }

verdict_with_revocation_data() {
	kz crl import --store "$KZ_TMP/store" "$KZ_ROOT"/build/fixtures/crl/auth-?-?????.crl --test-roots; rc 0 || return 1
	kz_pin $B identify --json --store "$KZ_TMP/store" $S; rc 0 &&
	json 'd["verdict"]=="valid" and d["reasons"]==[] and set(d["checks"].values())=={"pass"}'
}
revoked_card_is_invalid() {
	kz_pin "$(number_b revoked)" identify --json --store "$KZ_TMP/store" --test-roots --reader sim:revoked; rc 1 &&
	json 'd["verdict"]=="invalid" and d["checks"]["revocation"]=="fail" and "cert_revoked" in [r["code"] for r in d["reasons"]]'
}
# A card outlives its certificates (flows C09): a note, and nothing said of its status.
expired_certificate_is_a_note() {
	kz_pin $B identify --json --store "$KZ_TMP/store" --at 2031-01-01 $S; rc 2 &&
	json 'd["checks"]["certificate_path"]=="skipped" and d["checks"]["revocation"]=="skipped" and "cert_expired" in [r["code"] for r in d["reasons"]] and d["checks"]["in_force"]=="pass"'
}
# ---- exit codes
wrong_pin_tells_the_tries() {
	kz_pin 9999 pin verify auth --json $S; rc 3 && json 'd["error"]["code"]=="PIN_WRONG" and d["error"]["tries_left"]==2 and d["error"]["sw"]=="63C2" and d["error"]["hint"]'
	kz_pin 9999 attrs --lang ja $S; rc 3 && err 'あと2回まちがえるとロックされます。'
}
wrong_number_b() {
	kz_pin 55021720352286 identify --json $S; rc 3 && json 'd["error"]["tries_left"]==9' &&
	kz_pin 55021720352286 face $S; rc 3
}
locked_is_4() {
	persona locked 'd["tries"]={"auth":0,"text":0}'
	kz_pin 1234 pin verify auth --json --reader "sim:$PERSONA"; rc 4 && json 'd["error"]["code"]=="PIN_LOCKED" and d["error"]["tries_left"]==0' &&
	kz_pin 1234 attrs --reader "sim:$PERSONA"; rc 4
}
last_try_is_refused_unless_asked_for() {
	persona last 'd["tries"]={"auth":1}'
	kz_pin 1234 pin verify auth --json --reader "sim:$PERSONA"; rc 7 && json 'd["error"]["code"]=="LAST_TRY" and d["error"]["tries_left"]==1' &&
	kz_pin 1234 pin verify auth --last-try --reader "sim:$PERSONA"; rc 0 &&
	kz_pin 1234 apdu 00A4040C0AD392F000260100000001 "00200098{secret}" --reader "sim:$PERSONA"; rc 7 &&
	kz_pin 9999 pin verify auth --last-try --json --reader "sim:$PERSONA"; rc 4 && json 'd["error"]["code"]=="PIN_LOCKED"'
}
formats_are_refused_before_the_card() {
	for w in "auth 123" "auth 12345" "auth 12a4" "sign ABC12" "sign ABCDEF" "sign 123456" "sign ABC1234567890DEFG" "number-b 5502172035228" "number-a 53768667718"; do
		set -- $w
		kz_pin "$2" pin verify "$1" --json $S; rc 65 && json 'd["error"]["code"]=="PIN_FORMAT"' || return 1
	done
	kz_pin '1234\n12' pin change auth $S; rc 65
}
no_signing_certificate_is_6() {
	kz_pin ABC123 cert sign --json --reader sim:child; rc 6 && json 'd["error"]["code"]=="NO_CERTIFICATE" and "15" in d["error"]["hint"]'
	kz status --json --reader sim:child && rc 0 && json 'd["certificates"]["sign"]["present"] is False'
}
other_tokens_are_named() {
	for t in android iphone juki licence residence; do
		kz status --json --reader sim:$t && rc 0 && json "d['token']=='$t'" || return 1
		kz_pin 1234 attrs --json --reader sim:$t; rc 6 && json 'd["error"]["code"]=="WRONG_TOKEN"' || return 1
		kz_pin 55021720352285 identify --json --reader sim:$t; rc 6 && json 'd["error"]["code"]=="WRONG_TOKEN"' || return 1
	done
	kz_pin 1234 identify --pin --reader sim:licence --lang ja; rc 6 && err 運転免許証 &&
	kz cert auth --reader sim:licence --json; rc 6 && json 'd["error"]["code"]=="WRONG_TOKEN"'
}
android_asks_the_pin_before_its_certificate() { kz_pin 1234 cert auth --json --reader sim:android && rc 0 && json 'd["kind"]=="auth"'; }
expired_persona_is_invalid() {
	kz identify --json --test-roots --reader sim:expired; rc 1 &&
	json 'd["verdict"]=="invalid" and d["reasons"][0]["code"]=="expired" and d["attributes"]=={} and d["photo"] is None'
}
long_names_are_whole() {
	kz_pin 1234 attrs --json --test-roots --reader sim:long-names && rc 0 &&
	json 'd["authentic"] and "\U000E0102" in d["name"] and len("".join(c for c in d["address"] if not 0xE0100<=ord(c)<=0xE01EF))==200'
	kz_pin 1234 attrs --reader sim:long-names --lang ja && rc 0 && grep -q '番号は一二三四五六号室です$' out
}
usage_is_64() {
	for w in "" "nonsense" "status x" "pin" "pin status auth" "pin verify" "pin verify pin" "pin change number-b" "cert" "cert root" "apdu" "apdu 00Z4" "apdu 00" "identify --pin --number-b" "identify --face maybe" "identify --pin --photo x.png" "identify --certificate --photo x.png" "face --number-a --number-b" "status --wait x"; do
		kz $w --json $S; rc 64 && json 'd["error"]["code"]=="INVALID_ARGUMENT"' || { echo "for: $w"; return 1; }
	done
	kz apdu "00200098{secret}" $S; rc 64
}
input_that_cannot_be_opened_is_66() {
	kz status --reader sim:nobody --json; rc 66 && json '"error" in d' &&
	kz status --reader trace:/no/such/file --json; rc 66 &&
	"$KAZASU" attrs $S --pin-fd 9 9</dev/null >out 2>err; RC=$?; rc 66
}
certificate_route_is_never_valid() {
	kz crl import --store crl --test-roots "$KZ_ROOT"/build/fixtures/crl/*.crl; rc 0 &&
	kz identify --certificate --store crl --json $S; rc 2 &&
	json 'd["checks"]["certificate_path"]=="pass" and d["checks"]["revocation"]=="pass" and d["checks"]["card_chain"]=="skipped" and [r["code"] for r in d["reasons"]]==["certificate_only"] and d["attributes"]=={}' &&
	kz identify --certificate --store crl --json --test-roots --reader sim:revoked; rc 1 && json 'd["reasons"][0]["code"]=="cert_revoked"'
}
with_revocation_data_the_card_is_valid() {
	kz_pin $B identify --store crl --json --face same $S; rc 0 && json 'd["verdict"]=="valid" and d["reasons"]==[] and d["person"]=="confirmed" and set(d["checks"].values())=={"pass"}' &&
	KAZASU_CRL_DIR=crl kz_pin $B identify --json $S; rc 0
}
unlockable_memory_is_70() {
	setpriv --bounding-set -ipc_lock --inh-caps -ipc_lock prlimit --memlock=0 \
		"$KAZASU" pin verify auth --json $S --pin-fd 9 9< <(echo 1234) >out 2>err
	RC=$?
	rc 70 && json 'd["error"]["code"]=="NO_MEMORY"'
}
what_cannot_be_written_is_73_and_costs_no_secret() {
	ln -s target link.png; mkdir -p folder
	for f in link.png folder /dev/null /no/such/x.png; do
		kz face --photo $f --json $S; rc 73 && json 'd["error"]["code"]=="IO"' || return 1
	done
	[ ! -e target ] && kz status --trace /no/such/t $S; rc 73
}
a_full_disk_is_74() { "$KAZASU" status --json $S >/dev/full 2>err; RC=$?; rc 74; }
# shellcheck disable=SC2034  # rc reads it
no_terminal_is_64_with_advice() { setsid -w "$KAZASU" pin verify auth $S >out 2>err </dev/null; RC=$?; rc 64 && err --pin-fd; }

a_counter_has_no_own_card() {
	mkdir -p desk/kazasu && echo 'role = counter' >desk/kazasu/kazasu.conf
	echo x >own.txt
	for w in attrs face "cert auth" "cert sign" "apdu 00A4040000" "identify --number-b" "identify --pin" "identify --certificate"; do
		XDG_CONFIG_HOME=$PWD/desk kz_pin 1234 $w $S --trace never; rc 7 && [ ! -e never ] || return 1
	done
	XDG_CONFIG_HOME=$PWD/desk kz_pin ABC123 sign own.txt --yes $S; rc 7 && [ ! -e own.txt.p7s ] || return 1
	# A check with a procedure, and the number, need the counter that is set up: journal and session.
	for w in "identify --procedure honnin" "number --procedure zei"; do
		XDG_CONFIG_HOME=$PWD/desk kz_pin 1234 $w $S --trace never; rc 77 && [ ! -e never ] || return 1
	done
	XDG_CONFIG_HOME=$PWD/desk kz cert auth-ca $S; rc 0
}

# ---- traces
a_trace_replays_to_the_same_answer() {
	kz_pin $B identify --json --trace one.trace $S; rc 2 && cp out first &&
	[ "$(stat -c %a one.trace)" = 600 ] || return 1
	kz status --json --trace s.trace $S && rc 0 && cp out first && kz status --json --reader trace:s.trace --test-roots && rc 0 && cmp out first
}
a_wrong_trace_is_65() {
	kz pin status --reader trace:s.trace --json; rc 65 && json 'd["error"]["code"]=="TRACE_MISMATCH"' &&
	echo nonsense >bad.trace && kz status --reader trace:bad.trace; rc 65
}

# ---- other cards
demo_leaves_its_files() {
	kz demo -o demo --lang ja; rc 0 && [ "$(wc -l <out)" -le 70 ] && grep -q 'Signature is Valid' out && grep -q 'CAdES Verification successful' out &&
	python3 -c 'import json; d = json.load(open("demo/identify.json")); assert d["verdict"] == "valid" and d["person"] == "confirmed" and d["number"] == "not_asked" and set(d["checks"].values()) == {"pass"} and d["journal"]' &&
	[ "$(grep -c koza demo/journal.txt)" = 3 ] && png demo/photo.png && png demo/paper-back.png && pdfinfo demo/identify.pdf | grep -q 'Pages: *1$' &&
	pdfsig -nocert demo/signed.pdf | grep -q 'Total document signed' && pdftotext demo/signed.pdf - | grep -q 'この文書に同意します' &&
	openssl cms -verify -cades -inform DER -in demo/signed.p7s -content demo/message.txt -binary -CAfile "$KZ_ROOT/build/fixtures/trust/sign-2.pem" -purpose any -out /dev/null &&
	kz demo -o demo --json; rc 0 && json 'd["done"]'
}
demo_refuses_other_readers() { kz demo --reader pcsc; rc 7; }
help_of_every_command() {
	for c in status identify attrs face number cert pin readers apdu doctor demo; do
		for l in ja en; do
			kz $c --help --lang $l; rc 0 && [ "$(wc -l <out)" -gt 10 ] && [ ! -s err ] || return 1
		done
	done
	kz --help && rc 0 && kz --version && rc 0 && grep -q '^kazasu [0-9]' out
}

t_ok "status tells everything" status_tells_everything
t_ok "pin status agrees" pin_status_agrees
t_ok "attributes by PIN" attributes_by_pin
t_ok "attributes by number B" attributes_by_number_b
t_ok "attributes without test roots are not called authentic" attributes_without_test_roots_are_not_called_authentic
t_ok "number for child allowance" number_for_child_allowance
t_ok "number without procedure is refused before the card" number_without_procedure
t_ok "number for a bank account is refused before the card" number_for_a_bank_account
t_ok "number for an unknown procedure is refused" number_for_an_unknown_procedure
t_ok "pictures are PNG with mode 600" pictures
t_ok "pictures by number A are the same" pictures_by_number_a
t_ok "authentication certificate" certificate_auth
t_ok "signature certificate carries the attributes" certificate_sign
t_ok "sign password in lower case" certificate_sign_takes_lower_case
t_ok "CA certificates" certificates_of_the_cas
t_ok "apdu sends and explains" apdu_sends_and_explains
t_ok "apdu takes a secret through a descriptor" apdu_verifies_a_secret
t_ok "apdu refuses a secret in a word" apdu_refuses_a_secret_in_a_word
t_ok "apdu lets the virtual card answer administration" apdu_allows_administration_on_sim_only
t_ok "pin verify" pin_verify
t_ok "pin verify tells the full count" pin_verify_tells_the_full_count
t_ok "pin change" pin_change
t_ok "identify by number B" identify_by_number_b
t_ok "identify by PIN" identify_by_pin
t_ok "identify marks a test for people" identify_says_test_to_people
t_ok "the operator's answer sets the person" face_answer
t_ok "the same face on an unknown card confirms nobody" same_face_on_an_unknown_card_confirms_nobody
t_ok "an expired card is invalid and asks no secret" expired_card_is_invalid_and_asks_no_secret
t_ok "the last day is in force" last_day_is_in_force
t_ok "--at counts only with test roots" at_counts_only_with_test_roots
t_ok "with revocation data a genuine card is valid" verdict_with_revocation_data
t_ok "a revoked card is invalid" revoked_card_is_invalid
t_ok "an expired certificate is a note" expired_certificate_is_a_note
t_ok "3: a wrong PIN tells the tries" wrong_pin_tells_the_tries
t_ok "3: a wrong number B" wrong_number_b
t_ok "4: locked" locked_is_4
t_ok "7: the last try is refused unless asked for" last_try_is_refused_unless_asked_for
t_ok "65: formats are refused before the card" formats_are_refused_before_the_card
t_ok "6: no signing certificate" no_signing_certificate_is_6
t_ok "6: other tokens are named" other_tokens_are_named
t_ok "an Android phone asks the PIN before its certificate" android_asks_the_pin_before_its_certificate
t_ok "1: an expired card" expired_persona_is_invalid
t_ok "long names and addresses are whole" long_names_are_whole
t_ok "64: usage" usage_is_64
t_ok "66: input that cannot be opened" input_that_cannot_be_opened_is_66
t_ok "the certificate route is never valid" certificate_route_is_never_valid
t_ok "0: with revocation data the card is valid" with_revocation_data_the_card_is_valid
t_ok "70: memory that cannot be locked" unlockable_memory_is_70
t_ok "73: what cannot be written costs no secret" what_cannot_be_written_is_73_and_costs_no_secret
t_ok "74: a full disk" a_full_disk_is_74
t_ok "no terminal and no descriptor" no_terminal_is_64_with_advice
t_ok "7: at a counter the commands for one's own card are off" a_counter_has_no_own_card
t_ok "a trace replays to the same answer" a_trace_replays_to_the_same_answer
t_ok "65: a wrong trace" a_wrong_trace_is_65
t_ok "demo leaves its files" demo_leaves_its_files
t_ok "demo refuses other readers" demo_refuses_other_readers
t_ok "help of every command in two languages" help_of_every_command
t_end
