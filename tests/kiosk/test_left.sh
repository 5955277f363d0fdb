#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a terminal leaves behind, and who sees to it: printing gone on with by the same card, money
# returned once, card and sheets cleared unseen, power cut between any two sheets (flows K02, K23,
# K26, K30, K33, K36–K40), on files and on a printer that speaks IPP.
# shellcheck disable=SC2154 # $status is of terminal.sh
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$KZ_ROOT/tests/kiosk/place.sh"
mount -t tmpfs tmpfs "$KZ_TMP"
KZ_FIXTURES=${KZ_FIXTURES:-$KZ_ROOT/build/fixtures}
mkdir "$KZ_TMP/tmp"
cd "$KZ_TMP" || exit 1
export XDG_STATE_HOME=$KZ_TMP/home
trap 'kiosk_down; cd /; umount "$KZ_TMP"; pcscd_cleanup' EXIT

TODAY=$(TZ=Asia/Tokyo date +%F)
TOMORROW=$(TZ=Asia/Tokyo date -d tomorrow +%F)
kiosk_place "$KZ_TMP/place" && kiosk_up --at "${TODAY}T12:00:00+09:00" || exit 1
. "$KZ_ROOT/tests/kiosk/terminal.sh"

# An attendant (係員) with a session at this machine, and somebody who is none.
people() {
	printf 'tanuki-2026\n' | "$KZ_BIN/kazasu" login chief --test-roots --pin-fd 0 || return 1
	printf 'momiji-2026\n' | "$KZ_BIN/kazasu" operator add yamada --person '山田 一' --roles attendant \
		--training 2026-01-05 --as chief --test-roots --pin-fd 0 || return 1
	printf 'momiji-2026\n' | "$KZ_BIN/kazasu" login yamada --test-roots --pin-fd 0
}
clears() { kiosk clear --as yamada "$@"; }
away() { issue --again yes --attendant away "$@"; }
blocked_now() { ! away && ends 69 state idle reason blocked && nothing_charged; }
# A row of `kiosk status --json`, as it stands there.
status_says() { kiosk status; grep -q -- "$1" json || { cat json; return 1; }; }
resume() { kiosk resume "$1" -o out --attendant away "${@:2}"; }
void_list() {
	curl -sS --cacert "$PKI/ca.pem" --cert "$PKI/terminal-T1.pem" --key "$PKI/terminal-T1.key" \
		"$CENTER_URL/v1/void-list" >void.txt
}
operator() { # NAME words…
	"$KZ_BIN/kazasu" admin "${@:2}" --center "$CENTER_URL" --ca "$PKI/ca.pem" \
		--certificate "$PKI/operator-$1.pem" --key "$PKI/operator-$1.key" --json >admin.json 2>&1
}
stop_and() { # stop|resume
	operator sato "$1" --all --reason 訓練 &&
		operator ito agree "$(sed -n 's/.*"request": "\(.*\)".*/\1/p' admin.json)"
}

number_noted() { python3 -c 'import json; print(json.load(open("t1/notes.json"))["open"][-1]["inquiry"])'; }

# ---- money ----
k39_money_due_is_paid_once() {
	! issue --again yes --payment-sim unknown --refund-sim impossible --hurry && ends 69 state refund_due refund $FEE || return 1
	NUMBER=$(inquiry)
	conf t2 T2
	! CONF=t2 kiosk refund "$NUMBER" && [ $status = 7 ] &&
		! kiosk refund "$NUMBER" --refund-sim impossible && ends 69 state refund_due refund $FEE &&
		status_says "\"inquiry\": \"$NUMBER\"" && kiosk refund "$NUMBER"
	ends 0 state refunded outcome refunded refund $FEE
}
k39_a_second_claim_is_refused() { ! kiosk refund "$NUMBER" && [ $status = 7 ]; }
k39_paid_by_the_store_is_not_paid_here() {
	! issue --again yes --payment-sim unknown --refund-sim impossible --hurry && ends 69 state refund_due || return 1
	NUMBER=$(inquiry)
	operator sato refund-paid "$NUMBER" --means 窓口 && ! operator ito refund-paid "$NUMBER" --means 窓口 &&
		! kiosk refund "$NUMBER" && [ $status = 7 ]
}
k30_cut_before_the_coin_owes_nothing() {
	! issue --again yes --power-cut paying && ! kiosk refund "$(number_noted)" &&
		[ $status = 7 ]
}
k30_cut_after_the_coin_owes_it() {
	! issue --again yes --power-cut taken && [ ! -e out/certificate.pdf ] || return 1
	NUMBER=$(number_noted)
	kiosk refund "$NUMBER" && ends 0 state refunded refund $FEE
}

# ---- sheets ----
k36_cut_between_copies_blocks() {
	! away --copies 2 --power-cut sheet:1 && [ -e out/paper-front.png ] && [ ! -e out/paper-2-1-front.png ] || return 1
	rm -rf cut
	cp -r out cut
	NUMBER=$(number_noted)
	blocked_now && status_says '"reason": "sheets"' && status_says '"state": "print_failed"' && ! kiosk resume "$NUMBER" -o out --attendant away &&
		ends 69 state print_failed reason blocked
}
only_an_attendant_clears() {
	! kiosk clear --as chief && [ $status = 77 ] && ! kiosk clear --as nobody && [ $status = 77 ] &&
		! clears --sheets 1 && [ $status = 64 ] && status_says '"service": "blocked"' &&
		clears --cover C-17 --sheets 1 && status_says '"service": "open"' && status_says '"cover": "C-17"'
}
stays_open() { # CODE: and nothing was printed
	is state print_failed reason "$1" && [ ! -e out/paper-front.png ]
}
k37_refused() {
	rm -rf out
	conf t2 T2
	! CONF=t2 resume "$NUMBER" && [ $status = 7 ] || return 1
	! CARD=sim:long-names resume "$NUMBER" && ends 7 && stays_open resume_refused || return 1
	! PINS=9999 resume "$NUMBER" && ends 3 && stays_open cancelled || return 1
	! resume "$NUMBER" --printer-sim empty && ends 7 && stays_open resume_refused || return 1
	stop_and stop && ! resume "$NUMBER" && ends 69 && stays_open stopped && stop_and resume
}
k37_the_same_card_goes_on() {
	local first
	PINS=$'9999\n1234' resume "$NUMBER" && is state closed copies 2 refund 0 && paper_is valid paper- && first=$(copy_number) &&
		mv cut/paper-front.png out/cut-front.png && mv cut/paper-back.png out/cut-back.png && paper_is valid cut- &&
		[ "$(copy_number)" != "$first" ] && void_list && [ "$(grep -c '^....-....-....$' void.txt)" -ge 1 ] && ! grep -q "$first" void.txt
}
k37_not_a_second_time() { ! resume "$NUMBER" && [ $status = 7 ]; }
k33_cut_between_payment_and_permit() {
	! away --power-cut paid && NUMBER=$(number_noted) && rm -rf out && resume "$NUMBER" && is state closed copies 1 && paper_is valid paper-
}
k38_a_second_fault_gives_the_rest_back() {
	! away --copies 2 --printer-sim jam:1 --on-fault later && ends 69 state print_failed copies 1 && said 照会番号 || return 1
	NUMBER=$(inquiry)
	clears --cover C-18 --sheets 1 && ! resume "$NUMBER" --printer-sim toner:0 && ends 69 state refunded copies 1 refund $FEE && clears
}
k37_not_on_another_day() {
	! away --printer-sim jam:0 --on-fault later && ends 69 state print_failed copies 0 && NUMBER=$(inquiry) && clears || return 1
	center_down
	center_up --at "${TOMORROW}T12:00:00+09:00" && conf t1 || return 1
	rm -rf out
	! resume "$NUMBER" && [ ! -e out/paper-front.png ] && kiosk refund "$NUMBER" && ends 0 state refunded refund $FEE
	local rc=$?
	center_down
	center_up --at "${TODAY}T12:00:00+09:00" && conf t1
	return $rc
}
k36_cut_after_the_last_sheet() {
	! away --power-cut sheet:1 && NUMBER=$(number_noted) && paper_is valid paper- || return 1
	cp out/paper-back.png counted.png
	blocked_now && status_says '"state": "printed"' && ! resume "$NUMBER" && [ $status = 7 ] && ! kiosk refund "$NUMBER" && [ $status = 7 ] &&
		clears --cover C-19 --sheets 1 && ! status_says '"state": "printed"' && void_list &&
		"$KZ_BIN/kazasu" --test-roots paper verify counted.png --void-list void.txt --json >verdict && grep -q '"verdict": "valid"' verdict
}
k40_cut_in_collected() {
	! away --power-cut collected && paper_is valid paper- && blocked_now && clears && issue --again yes && is state closed
}
k40_paper_left() {
	! away --leave paper --hurry && ends 74 state printed outcome blocked && blocked_now && status_says '"reason": "paper"' &&
		clears --cover C-20 --sheets 1 && issue --again yes
}
k23_card_left() {
	! away --leave card --hurry && ends 5 state timed_out reason card_forgotten && nothing_charged && blocked_now &&
		status_says '"reason": "card"' && clears --cover C-21 --card
}
covers_are_destroyed_or_handed_over() {
	kiosk cover C-21 --as yamada --handed-to municipality && kiosk cover C-20 --as yamada --destroyed &&
		! kiosk cover C-20 --as yamada --destroyed && [ $status = 7 ] && ! kiosk cover C-19 --as yamada && [ $status = 64 ] &&
		status_says C-19 && ! status_says C-20 &&
		"$KZ_BIN/kazasu" journal show --test-roots --as chief >journal 2>&1; cat journal
	grep -q 'handed-over-municipality' journal && grep -q 'destroyed' journal && grep -q 'sealed' journal
}

# ---- service ----
k02_a_wrong_clock() {
	! issue --again yes --at "${TODAY}T12:20:00+09:00" && ends 69 state idle reason clock && nothing_charged
}
k02_stopped() { stop_and stop && ! issue && ends 69 state idle reason stopped && nothing_charged && stop_and resume; }
k26_the_store_is_told_what_is_missing() {
	! issue --again yes --printer-sim empty && ends 69 reason not_ready && status_says '"what": "paper"' || return 1
	sqlite3 place/center.db "SELECT code FROM issue_event WHERE event = 'not_ready'" | grep -qx paper
}
every_end_has_a_number() {
	! CARD=sim:juki issue && ends 6 && said '照会番号' && said '料金はいただいていません' &&
		! CITY=01101 issue && said '照会番号' && said '料金はいただいていません'
}
the_card_proposes_the_municipality() {
	kiosk issue --kind juminhyo -o out --again yes && is state closed && said '13221' && paper_is valid paper- &&
		! kiosk issue --kind koseki -o out && [ $status = 64 ] && ! CARD=sim:juki kiosk issue --kind juminhyo -o out && ends 6
}

# A person at a terminal: the municipality of the card, the PIN without echo, the price.
asks() { # ANSWERS
	rm -rf out
	TMPDIR=$KZ_TMP/tmp python3 "$KZ_ROOT/tests/kiosk/at_terminal.py" 1234 "$1" "$KZ_BIN/kazasu" --lang ja \
		--reader sim:test-person --test-roots kiosk issue --config t1.conf --kind juminhyo -o out --again yes >screen
	status=$?
	cat screen
	cat screen >>all
}
a_person_is_asked_at_a_terminal() {
	asks 'y y' && [ $status = 0 ] && grep -q '13221' screen && grep -q '領収書' screen && ! grep -q 1234 screen && [ -e out/paper-front.png ] || return 1
	asks 'y n'
	[ $status = 8 ] && grep -q '料金はいただいていません' screen && [ ! -e out/paper-front.png ] || return 1
	asks n
	[ $status = 8 ] && ! grep -q 領収書 screen && [ ! -e out/paper-front.png ]
}

# ---- IPP ----
WHERE=ipp://localhost:8631/ipp/print
# The power is cut while the printer has the job; it goes on without the terminal.
k36_ipp_prints_on_without_us() {
	ipp_printer 'touch '"$KZ_TMP"'/going; echo "ATTR: job-impressions-completed=2" >&2; sleep 2; echo "ATTR: job-impressions-completed=4" >&2; exit 0' || return 1
	rm -f going
	away --copies 2 --printer $WHERE >/dev/null &
	wait_for 60 test -e going && kill -KILL "$(pgrep -P "$(pgrep -P $!)")"
	wait $!
	NUMBER=$(number_noted)
	! away --printer $WHERE && ends 69 state idle reason blocked && status_says '"state": "printed"' &&
		clears --cover C-22 --sheets 2 --printer $WHERE && ! status_says '"state": "printed"'
	local rc=$?
	ipp_stop
	return $rc
}
k37_ipp_jam_and_the_same_card() {
	rm -f second
	ipp_printer 'n=4; [ -e '"$KZ_TMP"'/second ] && n=2; echo "ATTR: job-impressions-completed=2" >&2
		[ $n = 2 ] && exit 0; touch '"$KZ_TMP"'/second; echo "STATE: +media-jam-error" >&2; sleep 2; echo "STATE: -media-jam-error" >&2; exit 1' || return 1
	! away --copies 2 --printer $WHERE --on-fault later && ends 69 state print_failed copies 1 && NUMBER=$(inquiry) &&
		clears --printer $WHERE --cover C-23 --sheets 1 && resume "$NUMBER" --printer $WHERE && is state closed copies 2 refund 0
	local rc=$?
	ipp_stop
	[ $rc = 0 ] && [ "$(find spool -name '*.pdf' | wc -l)" = 2 ]
}

conf t1
t_ok "an attendant logs in" people
t_ok "K39 money due is paid once" keeps 0 k39_money_due_is_paid_once
t_ok "K39 a second claim is refused" keeps 0 k39_a_second_claim_is_refused
t_ok "K39 paid by the store is not paid here" keeps $FEE k39_paid_by_the_store_is_not_paid_here
t_ok "K30 cut before the coin owes nothing" keeps 0 k30_cut_before_the_coin_owes_nothing
t_ok "K30 cut after the coin owes it" keeps 0 k30_cut_after_the_coin_owes_it
t_ok "K36 cut between copies blocks" keeps 400 k36_cut_between_copies_blocks
t_ok "only an attendant clears" keeps 0 only_an_attendant_clears
t_ok "K37 refused: terminal, card, PIN, fault, stop" keeps 0 k37_refused
t_ok "K37 the same card goes on" keeps 0 k37_the_same_card_goes_on
t_ok "K37 not a second time" keeps 0 k37_not_a_second_time
t_ok "K33 cut between payment and permit" keeps $FEE k33_cut_between_payment_and_permit
t_ok "K38 a second fault gives the rest back" keeps $FEE k38_a_second_fault_gives_the_rest_back
t_ok "K37 not on another day" keeps 0 k37_not_on_another_day
t_ok "K36 cut after the last sheet" keeps $FEE k36_cut_after_the_last_sheet
t_ok "K40 cut in collected" keeps 400 k40_cut_in_collected
t_ok "K40 paper left" keeps 400 k40_paper_left
t_ok "K23 card left" keeps 0 k23_card_left
t_ok "covers are destroyed or handed over" covers_are_destroyed_or_handed_over
t_ok "K02 a wrong clock" keeps 0 k02_a_wrong_clock
t_ok "K02 stopped" keeps 0 k02_stopped
t_ok "K26 the store is told what is missing" keeps 0 k26_the_store_is_told_what_is_missing
t_ok "every end has a number" keeps 0 every_end_has_a_number
t_ok "K03 the card proposes the municipality" keeps $FEE the_card_proposes_the_municipality
t_ok "K27 a person is asked at a terminal" keeps $FEE a_person_is_asked_at_a_terminal
t_ok "IPP: daemons" ipp_daemons
t_ok "K36 IPP prints on without us" keeps 400 k36_ipp_prints_on_without_us
t_ok "K37 IPP: jam, and the same card" keeps 400 k37_ipp_jam_and_the_same_card
t_ok "nothing personal was ever said" nothing_personal_was_said
# shellcheck disable=SC2086
kill $IPP_PIDS 2>/dev/null
t_end
