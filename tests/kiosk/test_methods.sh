#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# 新方式, 変換方式 and 現行方式 of one municipality, each from the terminal through the centre to the
# issuer and back on paper: which PINs are asked for and in which order, wrong ones and their lock,
# cards that do not fit, a PIN that nobody on its way can read (rules 4.3, 4.5; K05–K09, K17, K20, K37).
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$KZ_ROOT/tests/kiosk/place.sh"
mount -t tmpfs tmpfs "$KZ_TMP" # nothing of this has to outlive the machine
KZ_FIXTURES=${KZ_FIXTURES:-$KZ_ROOT/build/fixtures}
mkdir "$KZ_TMP/tmp"
cd "$KZ_TMP" || exit 1
trap 'kiosk_down; cd /; umount "$KZ_TMP"; pcscd_cleanup' EXIT

TODAY=$(TZ=Asia/Tokyo date +%F)
NOON="${TODAY}T12:00:00+09:00"
KIND_PIN=4826
METHODS='new;conversion;current' kiosk_place "$KZ_TMP/place" || exit 1
CONF=$PLACE/issuer/issuer.conf
issuer() { "$KZ_BIN/kazasu-issuer" --config "$CONF" "$@"; }
sql() { sqlite3 "$PLACE/issuer/records.db" "$1"; }
set_pin() { printf '%s\n' "$2" | issuer --kind-pin juminhyo --atena "$1" --operator sato 2>/dev/null; }

# The holder of the card is known by its certificate and by its 利用者ID; so is an old card's.
HOLDER=$(sql "SELECT atena FROM record_resident WHERE name LIKE '条例%'")
OLD=$(sql "SELECT r.atena FROM record_resident r JOIN record_household h USING (household) WHERE r.name NOT LIKE '条例%'
	AND r.name NOT LIKE '黒桐%' AND r.birth < '1970-01-01' AND r.status = 'resident' AND r.changing = 'no'
	AND (SELECT COUNT(*) FROM record_resident o WHERE o.household = r.household) = 1
	AND NOT EXISTS (SELECT 1 FROM record_notice n WHERE n.atena = r.atena) ORDER BY r.atena LIMIT 1")
mkdir users && printf 'user_id,atena\nKIYOSE-0000132,%s\nKIYOSE-0000090,%s\n' "$HOLDER" "$OLD" >users/user_ids.csv
issuer --import users >/dev/null && set_pin "$HOLDER" $KIND_PIN && set_pin "$OLD" $KIND_PIN || exit 1
serial=$(openssl x509 -in "$KZ_FIXTURES/certs/local-use-auth.pem" -noout -serial | sed 's/.*=//')
authority() { openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d ' ' -f 1; }
printf 'serial,authority,user_id\n%s,%s,KIYOSE-0000132\n' "$serial" "$(authority "$KZ_FIXTURES/trust/auth-2.pem")" >map.csv
kiosk_up --at "$NOON" || exit 1
"$KZ_BIN/kazasu-center" --config "$PLACE/center.json" --import-user-ids 13221 map.csv >/dev/null || exit 1

. "$KZ_ROOT/tests/kiosk/terminal.sh"
with_seals() { # NAME FOLDER: the terminal's settings, its notes those of all of them
	conf "$1" && sed -i "s|^state = .*|state = $KZ_TMP/t1|" "$1.conf" && { [ -z "$2" ] || echo "seals = $2" >>"$1.conf"; }
}
with_seals t1 "$PLACE/seals"

# run WORDS…: PINs from the file, CARD and USE say otherwise. Answers in json, said, status; in left
# what of the PINs was not asked for.
run() {
	exec 7<pins
	TMPDIR=$KZ_TMP/tmp timeout 90 "$KZ_BIN/kazasu" --lang ja --reader "${CARD:-sim:local-use}" --test-roots kiosk \
		--config "${USE:-t1}.conf" --pin-fd 7 --json "$@" >json 2>said
	status=$?
	left=$(paste -s -d ' ' - <&7)
	exec 7<&-
	cat json said
	return $status
}
issue_pins() { # METHOD OPTIONS…
	local method=$1
	shift
	rm -rf out
	run issue --municipality 13221 --kind juminhyo -o out --again yes ${method:+--method "$method"} "$@"
}
# issue METHOD PINS… [-- OPTIONS…]
issue() {
	local method=$1 pins=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do pins+=("$1"); shift; done
	[ $# -eq 0 ] || shift
	printf '%s\n' "${pins[@]}" unread >pins
	issue_pins "$method" "$@"
}
asked_for_all() { [ "$left" = unread ] || { echo "left: $left"; return 1; }; }
asked_for_none() { [ "${left##* }" = unread ] && [ "$left" != unread ] || { echo "left: $left"; return 1; }; }
of_the_holder() { is state closed outcome issued && pdftotext out/certificate.pdf - | grep -q '条例' && paper_is valid paper-; }
tries() { issuer --kind-pins --atena "$HOLDER" --json | sed -n 's/.*"tries_left": \([0-9]\).*/\1/p'; }
fresh() { set_pin "$HOLDER" $KIND_PIN; }

# ---- each of them ----
new_asks_for_the_card_only() { issue '' 1234 && asked_for_all && of_the_holder && said '利用者証明用' && ! said '2つ'; }
conversion_asks_for_the_card_and_the_kind() { issue conversion 1234 $KIND_PIN && asked_for_all && of_the_holder && said '2つ'; }
current_asks_for_the_kind() { issue current $KIND_PIN && asked_for_all && of_the_holder && ! said '利用者証明用'; }
k08_not_the_other_way_round() {
	! issue conversion $KIND_PIN 1234 && ends 66 state cancelled && nothing_charged && said '利用者証明用の暗証番号が違います。あと2回'
}

# ---- PINs of a kind ----
k17_wrong_then_right() {
	issue conversion 1234 0000 $KIND_PIN && asked_for_all && is state closed && said '証明書の暗証番号が違います。あと2回' && [ "$(tries)" = 3 ]
}
what_cannot_be_one_is_not_sent() {
	issue current 12 abcd 48261 '' $KIND_PIN && asked_for_all && is state closed && ! said 'あと' && [ "$(tries)" = 3 ]
}
wrong_and_nobody_tries_again() {
	printf '0000\n' >pins && ! issue_pins current && ends 3 state cancelled && nothing_charged && [ "$(tries)" = 2 ] && fresh
}
the_last_one_is_used_by_who_says_so() {
	! issue current 0000 0001 0002 && ends 7 state cancelled && [ "$left" = '0002 unread' ] && [ "$(tries)" = 1 ]
}
the_lock_outlives_the_issuer() {
	! issue conversion 1234 0003 && ends 4 state refused reason kind_pin_locked && nothing_charged && [ "$(tries)" = 0 ] || return 1
	kiosk_issuer_again || return 1
	! issue conversion 1234 $KIND_PIN && ends 4 reason kind_pin_locked && said '窓口' || return 1
	# Another kind, another lock; and 新方式 does not know of it.
	issue new 1234 && is state closed
}
it_is_set_anew_in_person() {
	! printf '1111\n' | issuer --kind-pin juminhyo --atena "$HOLDER" 2>/dev/null && fresh && [ "$(tries)" = 3 ] &&
		issuer --kind-pins --atena "$HOLDER" | grep -q sato && issue conversion 1234 $KIND_PIN && is state closed
}
kiosk_issuer_again() {
	kill -KILL "$ISSUER_PID"
	wait "$ISSUER_PID" 2>/dev/null
	issuer_up && center_down && center_up --at "$NOON" && with_seals t1 "$PLACE/seals"
}

# ---- cards ----
refused_before_any_pin() { # CARD METHOD STATUS CODE
	! CARD=$1 issue "$2" 1234 $KIND_PIN && ends "$3" state refused reason "$4" && asked_for_none && nothing_charged
}
k06_old_cards_have_no_new_method() { refused_before_any_pin sim:juki new 6 card_unusable; }
k06_without_the_application() { refused_before_any_pin sim:test-person current 6 card_unusable; }
k06_of_another_municipality() {
	sed 's/"code": "13221"/"code": "13222"/; s/400000099990132/400000099990199/' "$KZ_FIXTURES/personas/local-use.json" >other.json
	refused_before_any_pin sim:./other.json current 6 card_unusable
}
pd10_old_cards_have_ended() { ! CARD=sim:juki issue '' $KIND_PIN && ends 7 state refused reason card_abolished && asked_for_none && nothing_charged; }
r4_27_until_then_they_are_taken() {
	center_down
	center_up --at 2025-12-26T12:00:00+09:00 && with_seals t1 "$PLACE/seals" && CARD=sim:juki issue '' $KIND_PIN && asked_for_all && is state closed
	local rc=$?
	center_down
	center_up --at "$NOON" && with_seals t1 "$PLACE/seals"
	return $rc
}
with_quirk() { # QUIRK
	sed "s/\"local\"/\"quirks\": [\"$1\"], &/" "$KZ_FIXTURES/personas/local-use.json" >quirk.json
	! CARD=sim:./quirk.json issue current $KIND_PIN && asked_for_none && nothing_charged
}
k11_a_forged_response() { with_quirk local-response-wrong && ends 7 state refused reason protocol; }
answers_that_are_none() {
	with_quirk local-response-short && ends 65 state cancelled reason card_unusable
}
k20_no_mapping_is_like_any_other() {
	! CARD=sim:test-person issue conversion 1234 $KIND_PIN && ends 7 state refused reason not_available_here && asked_for_all && nothing_charged || return 1
	grep -v 照会番号 said >unmapped
	sql "INSERT INTO record_notice VALUES ('X1', '$HOLDER', '', 'protected', '2020-01-01', '', '')"
	! issue conversion 1234 $KIND_PIN && ends 7 state refused reason not_available_here && asked_for_all
	local rc=$?
	sql "DELETE FROM record_notice WHERE notice = 'X1'"
	[ $rc = 0 ] && grep -v 照会番号 said | cmp - unmapped
}
k37_the_same_card_again() {
	issue current $KIND_PIN 0000 $KIND_PIN -- --copies 2 --printer-sim jam:1 --on-fault resume && asked_for_all && is state closed copies 2 refund 0 &&
		said '証明書の暗証番号が違います。あと2回'
}
k37_conversion_too() {
	issue conversion 1234 $KIND_PIN 1234 -- --printer-sim jam:0 --on-fault resume && asked_for_all && is state closed
}

k37_after_a_restart_too() {
	! issue current $KIND_PIN -- --printer-sim jam:0 --on-fault later && ends 69 state print_failed || return 1
	local number
	number=$(inquiry)
	printf '%s\n' $KIND_PIN unread >pins
	! CARD=sim:juki run resume "$number" -o out && is state print_failed || return 1 # another card
	with_seals without ''
	! USE=without run resume "$number" -o out && is state print_failed reason seal_unknown && asked_for_none || return 1
	run resume "$number" -o out && [ "$left" = unread ] && is state closed refund 0
}

# ---- on its way ----
seal_is() { # USE
	! USE=$1 issue conversion 1234 $KIND_PIN && ends 69 state refused reason seal_unknown && asked_for_none && nothing_charged
}
no_pin_without_a_trusted_certificate() {
	mkdir -p none wrong && cp "$PLACE/issuer/audit.pem" wrong/13221.pem
	with_seals without '' && with_seals none "$KZ_TMP/none" && with_seals wrong "$KZ_TMP/wrong" && seal_is none && seal_is wrong &&
		USE=without issue '' 1234 && is state closed
}
the_centre_cannot_put_its_own_in() {
	cp "$PLACE/issuer/audit.pem" "$PLACE/rules/13221.pem" && seal_is t1
	local rc=$?
	cp "$PLACE/issuer/pin.pem" "$PLACE/rules/13221.pem"
	return $rc
}
old_and_new_side_by_side() {
	mkdir -p both && cat "$PLACE/issuer/audit.pem" "$PLACE/issuer/pin.pem" >both/13221.pem && with_seals both "$KZ_TMP/both" &&
		USE=both issue current $KIND_PIN && is state closed
}
pins_are_nowhere() {
	issue current $KIND_PIN -- --trace trace || return 1
	# Four digits stand in many a number: alone, quoted, or as they are sealed they are the PIN.
	! grep -rqaE ":[0-9]+:$KIND_PIN|\"$KIND_PIN\"" t1 tmp trace json said "$PLACE"/*.out "$PLACE"/*.err "$PLACE"/center.db* "$PLACE"/issuer/*.db* &&
		! grep -rqw "$KIND_PIN" t1 tmp trace json said "$PLACE"/*.out "$PLACE"/*.err &&
		! grep -rq 'KIYOSE-0000132' t1 tmp json said "$PLACE"/*.out "$PLACE"/*.err "$PLACE"/issuer/*.db*
}
words_that_cannot_be() {
	"$KZ_BIN/kazasu" kiosk issue --municipality 13221 --kind juminhyo -o out --config t1.conf --method old 2>/dev/null
	[ $? = 64 ]
}
a_method_that_is_not_offered() {
	sed -i 's/,new;conversion;current,/,conversion,/' "$PLACE/rules/municipalities.csv" && kill -HUP "$CENTER_PID" && sleep 0.5 &&
		! issue new 1234 && ends 6 reason card_unusable && asked_for_none && issue '' 1234 $KIND_PIN && asked_for_all && is state closed
}

t_ok "新方式 asks for the card's PIN only" new_asks_for_the_card_only
t_ok "変換方式 asks for the card's and the kind's" conversion_asks_for_the_card_and_the_kind
t_ok "現行方式 asks for the kind's" current_asks_for_the_kind
t_ok "K08 not the other way round" k08_not_the_other_way_round
t_ok "K17 wrong, then right" k17_wrong_then_right
t_ok "what cannot be a PIN is not sent" what_cannot_be_one_is_not_sent
t_ok "wrong, and nobody tries again" wrong_and_nobody_tries_again
t_ok "the last one is used by who says so" the_last_one_is_used_by_who_says_so
t_ok "the lock outlives the issuer" the_lock_outlives_the_issuer
t_ok "it is set anew in person" it_is_set_anew_in_person
t_ok "K06 住基カード have no 新方式" k06_old_cards_have_no_new_method
t_ok "K06 a card without the application" k06_without_the_application
t_ok "K06 a card of another municipality" k06_of_another_municipality
t_ok "PD-10 住基カード have ended" pd10_old_cards_have_ended
t_ok "R4-27 until then they are taken" r4_27_until_then_they_are_taken
t_ok "K11 a forged response" k11_a_forged_response
t_ok "answers that are none" answers_that_are_none
t_ok "K20 no mapping is like any other" k20_no_mapping_is_like_any_other
t_ok "K37 現行方式 wants the card again" k37_the_same_card_again
t_ok "K37 変換方式 too" k37_conversion_too
t_ok "K37 after a restart too" k37_after_a_restart_too
t_ok "no PIN without a trusted certificate" no_pin_without_a_trusted_certificate
t_ok "the centre cannot put its own in" the_centre_cannot_put_its_own_in
t_ok "old and new side by side" old_and_new_side_by_side
t_ok "PINs are nowhere" pins_are_nowhere
t_ok "words that cannot be" words_that_cannot_be
t_ok "a method that is not offered" a_method_that_is_not_offered
t_end
