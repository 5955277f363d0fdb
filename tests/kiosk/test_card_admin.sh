#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves the administration of cards from end to end (rules TV-10, R2-19…R2-28): a card is suspended by
# telephone, and terminal, counter, lists and responder refuse it, each with its reason; it comes back in
# two steps at the window, each with an identity check of its own; it is abolished by two persons, for
# good. Real processes throughout: kazasu, kazasu-center, openssl ocsp.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$KZ_ROOT/tests/kiosk/place.sh"
mount -t tmpfs tmpfs "$KZ_TMP"
KZ_FIXTURES=${KZ_FIXTURES:-$KZ_ROOT/build/fixtures}
cd "$KZ_TMP" || exit 1
trap 'kiosk_down; kill "$JUDGE_PID"; wait; cd /; umount "$KZ_TMP"; pcscd_cleanup' EXIT
export XDG_STATE_HOME=$KZ_TMP/state XDG_CONFIG_HOME=$KZ_TMP/config HOME=$KZ_TMP LC_ALL=C.UTF-8
mkdir -p config/kazasu tmp

# The centre's noon of tomorrow: terminals are open, and what was published today is past.
RESIDENTS=10 kiosk_place "$KZ_TMP/place" && kiosk_up --at "$(TZ=Asia/Tokyo date -d tomorrow +%F)T12:00:00+09:00" || exit 1
PKI=$PLACE/pki
cat >t1.conf <<-EOF
	center = $CENTER_URL
	audience = kazasu-center:test
	ca = $PKI/ca.pem
	certificate = $PKI/terminal-T1.pem
	key = $PKI/terminal-T1.key
	state = $KZ_TMP/t1
EOF
CENTER="--center $CENTER_URL --ca $PKI/ca.pem --certificate $PKI/operator-sato.pem --key $PKI/operator-sato.key"

K() { timeout 60 "$KZ_BIN/kazasu" --lang en --test-roots --reader "sim:${CARD:-test-person}" "$@" >out 2>err; }
sec() { # LINES words…: secrets, one a line
	local lines=$1
	shift
	printf '%b' "$lines" | { exec 3<&0; K --pin-fd 3 "$@"; }
}
A() { K admin "$@" --as "${AS:-abe}" --json; }
# One judge of JSON for all: a line of KEY.KEY and VALUE by turns in, "ok" or what is wrong out.
coproc JUDGE { exec python3 -u -c '
import json, sys
for line in sys.stdin:
    words = line.rstrip("\n").split("\t")
    try:
        d = json.load(open("out"))
        wrong = "ok"
        for path, want in zip(words[0::2], words[1::2]):
            v = d
            for k in path.split("."):
                v = v.get(k) if v is not None else None
            if str(v) != want:
                wrong = f"{path} is {v}, not {want}"
        print(wrong)
    except (OSError, ValueError, AttributeError) as e:
        print(f"no JSON: {e}")
'; }
is() { # KEY.KEY VALUE…: of the JSON document
	local IFS=$'\t' said
	printf '%s\n' "$*" >&"${JUDGE[1]}"
	read -r said <&"${JUDGE[0]}"
	[ "$said" = ok ] || { echo "$said"; return 1; }
}
ends() { # STATUS command…
	local want=$1 got
	shift
	"$@"
	got=$?
	[ $got = "$want" ] || { echo "status $got, not $want: $*"; cat out err; return 1; }
}
refuses() { # STATUS REASON command…
	local want=$1 reason=$2
	shift 2
	ends "$want" "$@" && is error.reason "$reason"
}
states() { A card-status --subject "$1" && is card "$2" certificates.auth.state "$3" certificates.sign.state "$4"; }
publish() {
	# shellcheck disable=SC2086
	A publish --pki "$KZ_FIXTURES" --lists lists $CENTER || { cat err; return 1; }
	# The centre sees a new list within half a second.
	"$KZ_BIN/kazasu" --test-roots crl import --store "$PLACE/crl" lists/*.crl >/dev/null && sleep 0.7
}
record() { # PROCEDURE [SUBJECT]: an identity check of today with a driving licence; its id in RECORD
	K identify --json --operator abe --procedure "$1" --no-card --evidence 'menkyo:2099-01-01:ref=301234567890' \
		--subject "${2:-atena:A1}"
	RECORD=$(sed -n 's/.*"journal": "\(.*\)",*/\1/p' out)
	[ -n "$RECORD" ]
}
back() { A "$1" --subject atena:A1 --application KJ-1 --record "${@:2}"; }

# ---- what a terminal, a counter, a responder and a list say ----
kiosk() { # REASON
	rm -rf paper
	echo 1234 | TMPDIR=$KZ_TMP/tmp K kiosk issue --config t1.conf --municipality 13221 --kind juminhyo -o paper \
		--pin-fd 0 --json --again yes
	is reason "$1" || { cat out err; return 1; }
}
counter() { # PROCEDURE VERDICT [CODE]
	sec '55021720352285\n' identify --json --operator abe --procedure "$1" --face same --store "$PLACE/crl"
	is verdict "$2" && { [ -z "$3" ] || grep -q "\"$3\"" out; } || { cat out err; return 1; }
}
ocsp() { # auth|sign STATUS REASON
	local ca=$KZ_FIXTURES/pki/$1-2 pid
	openssl ocsp -index "lists/$1-2.index.txt" -CA "$ca.pem" -rsigner "$ca.pem" -rkey "$ca.key.pem" \
		-port 8899 -nmin 5 -nrequest 1 >responder 2>&1 &
	pid=$!
	for _ in $(seq 100); do grep -qi waiting responder && break; sleep 0.05; done
	K ocsp --json --url http://127.0.0.1:8899/ "$KZ_FIXTURES/certs/test-person-$1.pem"
	kill $pid 2>/dev/null
	wait $pid 2>/dev/null
	is status "$2" reason "$3"
}
kiosk_issues() { kiosk None && is outcome issued; }
lookup() { # VERDICT [CODE]
	K cert verify --store "$PLACE/crl" --json "$KZ_FIXTURES/certs/test-person-auth.pem"
	is verdict "$1" && { [ -z "$2" ] || grep -q "\"$2\"" out; }
}

# ---- the counter, its people, the register of residents ----
the_counter_is_set_up() {
	local right
	sec 'tanuki-2026\n' login kanri &&
		sec 'momiji-2026\n' operator add abe --person Abe --roles 'operator;reception' --training 2026-01-05 &&
		sec 'sakura-2026\n' operator add bando --person Bando --roles checker --training 2026-01-05 || return 1
	for right in ichiji-teishi ichiji-kaijo horyu-kaijo haishi kofu honnin inkan; do
		K operator grant abe procedure:$right inquiry && K operator grant abe procedure:$right update || return 1
	done
	K operator grant bando procedure:ichiji-teishi update || return 1
	sec 'momiji-2026\n' login abe && sec 'sakura-2026\n' login bando || return 1
	printf '%s\n' atena,name,address,birth_date,sex,alive,former_name,alias,prefecture,resident_code \
		'A1,黒桐　幹也,東京都清瀬市観布子南１２－７－２０２,1980-02-17,1,yes,,,13,' \
		'A2,白純　里緒,東京都清瀬市一丁目１番,1980-02-17,1,yes,,,13,' >p.csv
	printf 'atena,number,valid_from,valid_to\nA1,537686677188,2015-10-05,\n' >n.csv
	K register import --as kanri p.csv n.csv --rows 2 && sec '1234\n' attrs --json && cp out caller.json
}
apdus() { sed -n 's/.*"apdus": \([0-9]*\).*/\1/p' out; }
without_a_register_of_cards_counters_ask_nobody() {
	ends 69 A card-status --subject atena:A1 && counter honnin valid && ALONE=$(apdus) && [ -n "$ALONE" ]
}
a_card_is_delivered() {
	AS=nobody ends 77 A enrol --subject atena:A1 && [ ! -e state/kazasu/cards ] || return 1
	# One that was made without a card in it is not asked.
	AS=kanri ends 64 A enrol && [ -e state/kazasu/cards/cards.db ] && counter honnin valid && ends 64 A enrol --subject 537686677188 && ends 66 A enrol --subject atena:A1 --sign nowhere.pem &&
		AS=bando ends 77 A enrol --subject atena:A1 &&
		A enrol --subject atena:A1 --sign "$KZ_FIXTURES/certs/test-person-sign.pem" && is card active certificates.sign.state valid &&
		refuses 7 card_there A enrol --subject atena:A1 && CARD=long-names refuses 7 card_in_use A enrol --subject atena:A1 &&
		CARD=expired ends 7 A enrol --subject atena:A2
}
nothing_in_the_register_names_anybody() {
	[ "$(stat -c %a state/kazasu/cards/cards.key)" = 600 ] && [ "$(stat -c %a state/kazasu/cards/cards.db)" = 600 ] &&
		sqlite3 state/kazasu/cards/cards.db .dump >dump && grep -q suspended dump &&
		! grep -i -e atena -e 400000012719843 -e 17001803 -e 23FEEDD8 -e 黒桐 dump
}
all_is_valid_at_first() {
	publish && is on_hold 0 lists 16 indexes 4 centre 1 && states atena:A1 active valid valid && lookup valid &&
		ocsp auth good None && ocsp sign good None && kiosk_issues && counter honnin valid && counter inkan valid
}
a_card_that_the_register_does_not_know() {
	CARD=long-names ends 2 A card-status && is card unknown && refuses 6 card_unknown A suspend --subject atena:A9 --record x
}

# ---- by telephone ----
the_caller_is_identified_by_four_attributes() {
	local one
	for one in name:白純 address:大阪市 birth:1980-02-18 sex:2; do
		python3 - "${one%%:*}" "${one#*:}" <<-'PY'
			import json, sys
			d = json.load(open("caller.json"))
			d[sys.argv[1]] = sys.argv[2]
			json.dump(d, open("wrong.json", "w"))
		PY
		refuses 7 caller_not_identified A suspend --caller wrong.json || return 1
	done
	states atena:A1 active valid valid
}
bad_input_of_a_caller() {
	local bad
	for bad in '{"name":"a"}' 'no json' '[]' '{"name":"a","name":"b","address":"c","birth":"1980-02-17","sex":"1"}' \
		"$(sed 's/1980-02-17/17.2.1980/' caller.json)" "$(sed 's/"sex": "1"/"sex": "male"/' caller.json)"; do
		echo "$bad" >bad.json
		ends 65 A suspend --caller bad.json || return 1
	done
	{ printf '{"name":"'; head -c 20000 /dev/zero | tr '\0' a; echo '"}'; } >bad.json
	ends 65 A suspend --caller bad.json && ends 66 A suspend --caller nowhere.json && ends 64 A suspend </dev/null
}
bad_words() {
	ends 64 A suspend --caller caller.json --record x && ends 64 A suspend --caller caller.json --use auth &&
		ends 64 A hold --use both --caller caller.json && ends 64 A suspend --caller caller.json --reason x &&
		ends 64 A release && ends 64 A release both && ends 64 A suspend card && ends 64 A collect &&
		ends 64 A suspend --caller caller.json --pki x && ends 64 A hold --caller caller.json --application 1
}
who_may_not() { AS=bando ends 77 A suspend --caller caller.json && AS=nobody ends 77 A suspend --caller caller.json; }
suspended_by_telephone() {
	A suspend --caller - <caller.json && is event suspend changed True card.was active card.state suspended \
		certificates.auth.state on_hold certificates.auth.reason certificateHold certificates.sign.state on_hold &&
		refuses 7 card_already_suspended A suspend --caller caller.json
}
others_hear_of_it_when_it_is_published() {
	lookup valid && publish && is on_hold 2 revoked 0 && lookup invalid cert_on_hold &&
		ocsp auth revoked certificateHold && ocsp sign revoked certificateHold
}
asking_costs_two_commands() { counter honnin valid && [ $(($(apdus) - ALONE)) = 2 ]; }
terminal_and_counter_refuse_the_card() {
	kiosk card_suspended && counter honnin invalid suspended && counter inkan invalid suspended && is supervisor True
}

# ---- back, in two steps ----
not_by_telephone() {
	refuses 7 telephone A release-card --caller caller.json --application KJ-1 &&
		refuses 7 telephone A release certificate --caller caller.json --application KJ-1 &&
		states atena:A1 suspended on_hold on_hold
}
a_release_needs_paper_and_a_check() {
	record horyu-kaijo && OTHER=$RECORD && record ichiji-kaijo &&
		refuses 7 application_missing A release-card --subject atena:A1 --record "$RECORD" &&
		refuses 64 application_malformed A release-card --subject atena:A1 --record "$RECORD" --application 'KJ 1' &&
		refuses 7 record_missing A release-card --subject atena:A1 --application KJ-1 &&
		refuses 7 record_unknown back release-card nonsense && refuses 7 record_unknown back release-card "${RECORD%-*}-9999" &&
		refuses 7 record_other_procedure back release-card "$OTHER" &&
		refuses 7 card_still_suspended back release-certificate "$OTHER"
}
the_check_is_of_this_person_and_confirms() {
	record ichiji-kaijo atena:A2 && refuses 7 record_other_subject back release-card "$RECORD" || return 1
	K identify --json --operator abe --procedure ichiji-kaijo --no-card --evidence gakusei --subject atena:A1
	RECORD=$(sqlite3 state/kazasu/desk/desk.db "SELECT terminal || '-' || seq FROM journal
		WHERE event = 'identity-check' AND phase = 'intent' ORDER BY seq DESC LIMIT 1")
	refuses 7 record_not_confirmed back release-card "$RECORD" && states atena:A1 suspended on_hold on_hold
}
the_card_comes_back_and_its_certificates_stay_on_hold() {
	record ichiji-kaijo && A release card --subject atena:A1 --application KJ-1 --record "$RECORD" &&
		is event release card.state active certificates.auth.state on_hold &&
		refuses 7 card_not_suspended back release-card "$RECORD" &&
		publish && is on_hold 2 && kiosk certificate_on_hold && counter inkan invalid on_hold && counter honnin valid &&
		ocsp auth revoked certificateHold
}
the_certificates_need_a_check_of_their_own() {
	refuses 7 record_other_procedure back release-certificate "$RECORD" && record horyu-kaijo &&
		back release-certificate "$RECORD" --use auth && is certificates.auth.state valid certificates.sign.state on_hold &&
		refuses 7 record_used back release-certificate "$RECORD" && publish && is on_hold 1 && ocsp sign revoked certificateHold &&
		record horyu-kaijo && A release certificate --subject atena:A1 --application KJ-1 --record "$RECORD" &&
		is certificates.sign.state valid
}
all_is_valid_again() {
	publish && is on_hold 0 && states atena:A1 active valid valid && lookup valid && ocsp auth good None &&
		ocsp sign good None && kiosk_issues && counter inkan valid
}
a_hold_alone_and_a_suspension_at_the_window() {
	A hold --use auth --caller caller.json --pki "$KZ_FIXTURES" --lists lists &&
		is published.on_hold 1 certificates.auth.state on_hold certificates.sign.state valid card.state active &&
		refuses 7 certificate_already_on_hold A hold --use auth --caller caller.json && record ichiji-teishi &&
		A suspend --subject atena:A1 --record "$RECORD" && is card.state suspended certificates.sign.state on_hold
}

# ---- for good ----
abolition_takes_two() {
	refuses 7 approver_missing A abolish --subject atena:A1 && refuses 7 approver_is_operator A abolish --subject atena:A1 --approver abe &&
		refuses 7 approver_role A abolish --subject atena:A1 --approver bando && ends 77 A abolish --subject atena:A1 --approver nobody &&
		ends 64 A abolish --subject atena:A1 --approver kanri --reason hold && refuses 7 card_not_abolished A collect --subject atena:A1 &&
		A abolish --subject atena:A1 --approver kanri --reason superseded &&
		is card.state abolished certificates.auth.state revoked certificates.auth.reason superseded
}
abolished_everywhere() {
	publish && is revoked 2 on_hold 0 && lookup invalid cert_revoked && ocsp auth revoked superseded &&
		ocsp sign revoked superseded && kiosk card_abolished && counter honnin invalid card_abolished
}
abolishing_it_again_is_nothing() { A abolish --subject atena:A1 && is changed False card.state abolished journal None; }
nothing_brings_it_back() {
	refuses 7 card_abolished A suspend --caller caller.json && record ichiji-kaijo && refuses 7 card_abolished back release-card "$RECORD" &&
		refuses 7 card_not_collected A destroy --subject atena:A1 && A collect --subject atena:A1 &&
		refuses 7 card_already_collected A collect --subject atena:A1 && A destroy --subject atena:A1 && is card.state destroyed &&
		refuses 7 card_destroyed A destroy --subject atena:A1 && refuses 7 card_destroyed A abolish --subject atena:A1
}

# ---- what stays behind ----
lists_are_made_for_the_test_pki_only() {
	timeout 60 "$KZ_BIN/kazasu" --lang en admin publish --as abe --pki "$KZ_FIXTURES" --lists lists >out 2>err
	[ $? = 7 ] && ends 66 A publish --pki nowhere --lists lists && ends 64 A publish --pki "$KZ_FIXTURES" &&
		ends 64 A publish --pki "$KZ_FIXTURES" --lists lists --days 0 || return 1
	# Two certificates of one number are one to every list.
	mkdir two && cp -r "$KZ_FIXTURES"/{pki,certs,crl} two && cp two/certs/test-person-auth.pem two/certs/z.pem &&
		ends 65 A publish --pki two --lists lists && echo junk >two/certs/z.pem &&
		ends 65 A publish --pki two --lists lists || return 1
	cp -r lists forged && printf '\1' | dd of=forged/auth-2.crl bs=1 seek=100 conv=notrunc 2>/dev/null
	ends 65 A publish --pki "$KZ_FIXTURES" --lists forged && echo junk >forged/auth-1.crl && ends 65 A publish --pki "$KZ_FIXTURES" --lists forged
}
a_register_out_of_reach_is_undetermined() {
	printf 'card-register = %s\n' "$KZ_TMP/none.db" >config/kazasu/kazasu.conf
	counter honnin undetermined card_state_unknown && ends 69 A card-status --subject atena:A1
	local rc=$?
	rm config/kazasu/kazasu.conf
	return $rc
}
the_key_is_for_its_owner_only() {
	chmod 644 state/kazasu/cards/cards.key
	ends 69 A card-status --subject atena:A1 && counter honnin undetermined card_state_unknown
	local rc=$?
	chmod 600 state/kazasu/cards/cards.key
	return $rc
}
the_journal_has_it_all_and_names_nobody() {
	K journal verify && K journal export --as kanri export.txt && grep -q 'card=active>suspended;auth=valid>on_hold' export.txt &&
		grep -q 'caller_not_identified' export.txt &&
		! grep -a -e 黒桐 -e 観布子 -e 537686677188 -e 301234567890 -e 17001803 -e 400000012719843 export.txt
}
a_journal_that_is_not_whole_proves_nothing() {
	CARD=near-expiry A enrol --subject atena:A2 && record ichiji-teishi atena:A2 &&
		cp state/kazasu/desk/desk.db whole.db && sqlite3 state/kazasu/desk/desk.db "DROP TRIGGER IF EXISTS journal_no_update;
			UPDATE journal SET body = replace(body, 'kanri', 'kanrj') WHERE seq = 5" &&
		refuses 7 journal_broken A suspend --subject atena:A2 --record "$RECORD"
	local rc=$?
	cp whole.db state/kazasu/desk/desk.db
	rm -f state/kazasu/desk/desk.db-wal state/kazasu/desk/desk.db-shm
	return $rc
}
a_card_past_its_last_day_counts_as_abolished() {
	local later
	CARD=near-expiry A card-status && is card active || return 1
	later=$(date -d "$(python3 -c 'import json; print(json.load(open("out"))["expiry"])') +1 day" +%F)T12:00:00+09:00
	sec 'momiji-2026\n' login abe --at "$later" && CARD=near-expiry A card-status --at "$later" &&
		is card abolished expired True certificates.auth.state expired && A abolish --subject atena:A2 --at "$later" && is changed False
}
the_centre_kept_no_certificate() { ! sqlite3 "$PLACE/center.db" .dump | grep -i -e 17001803 -e 黒桐; }

for t in the_counter_is_set_up without_a_register_of_cards_counters_ask_nobody a_card_is_delivered nothing_in_the_register_names_anybody \
	all_is_valid_at_first asking_costs_two_commands a_card_that_the_register_does_not_know the_caller_is_identified_by_four_attributes bad_input_of_a_caller \
	bad_words who_may_not suspended_by_telephone others_hear_of_it_when_it_is_published terminal_and_counter_refuse_the_card \
	not_by_telephone a_release_needs_paper_and_a_check the_check_is_of_this_person_and_confirms \
	the_card_comes_back_and_its_certificates_stay_on_hold the_certificates_need_a_check_of_their_own all_is_valid_again \
	a_hold_alone_and_a_suspension_at_the_window abolition_takes_two abolished_everywhere abolishing_it_again_is_nothing \
	nothing_brings_it_back lists_are_made_for_the_test_pki_only a_register_out_of_reach_is_undetermined the_key_is_for_its_owner_only \
	the_journal_has_it_all_and_names_nobody a_journal_that_is_not_whole_proves_nothing a_card_past_its_last_day_counts_as_abolished \
	the_centre_kept_no_certificate; do
	t_ok "${t//_/ }" $t
done
t_end
