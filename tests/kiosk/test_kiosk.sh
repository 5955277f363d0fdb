#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A terminal, a centre and a municipality as real processes: `kazasu kiosk issue` with a virtual
# card, and the paper proven from its pictures. Refusals, money and printers that fail, terminals
# whose power is cut (flows K01–K40). KZ_LONG=1: each fault of the printer and each state.
# shellcheck disable=SC2154 # $status is of terminal.sh
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$KZ_ROOT/tests/kiosk/place.sh"
mount -t tmpfs tmpfs "$KZ_TMP" # nothing of this has to outlive the machine
KZ_FIXTURES=${KZ_FIXTURES:-$KZ_ROOT/build/fixtures}
mkdir "$KZ_TMP/tmp"
cd "$KZ_TMP" || exit 1
trap 'kiosk_down; cd /; umount "$KZ_TMP"; pcscd_cleanup' EXIT

TODAY=$(TZ=Asia/Tokyo date +%F)
kiosk_place "$KZ_TMP/place" && kiosk_up --at "${TODAY}T12:00:00+09:00" || exit 1
PKI=$KZ_TMP/place/pki

. "$KZ_ROOT/tests/kiosk/terminal.sh"

# ---- the whole way ----
k01_to_k40_paper_that_verifies() {
	issue || return 1
	is state closed outcome issued reason null pages 1 copies 1 fee $FEE refund 0 &&
		[ "$(python3 -c 'import json,sys; print(*sorted(json.load(open("json"))))')" = \
			"copies fee inquiry outcome pages reason refund state transaction" ] &&
		paper_is valid paper- && grep -q "$(sed -n 's/.*"transaction": "\(.*\)",/\1/p' json)" verdict &&
		pdftotext out/certificate.pdf - | grep -q '黒桐' && ! said 黒桐
}
receipt_without_a_name() {
	said 領収書 && said "$(sed -n 's/.*"inquiry": "\(.*\)",/\1/p' json)" && ! grep -q 黒桐 json said
}
drawn_by_other_programs_it_is_the_same_front() {
	local tool
	for tool in 'pdftoppm -r 300 -png -singlefile' 'pdftocairo -r 300 -png -singlefile'; do
		$tool out/certificate.pdf out/other- && mv out/other-.png out/other-front.png && cp out/paper-back.png out/other-back.png &&
			paper_is valid other- || { echo "$tool"; return 1; }
	done
	rm -f out/other-*
}
notes_and_temporary_files_are_impersonal() {
	! grep -rq '黒桐\|清瀬' t1 tmp && [ -z "$(ls tmp)" ]
}
k16_asked_again() {
	! issue --again no && ends 8 state cancelled reason not_again && nothing_charged &&
		issue --again yes && is state closed
}
in_english() { SPEAK=en issue --again no; grep -q 'You were not charged' said; }
several_copies_each_with_its_number() {
	issue --again yes --copies 2 && is copies 2 refund 0 && paper_is valid paper- || return 1
	local first
	first=$(copy_number)
	paper_is valid paper-2-1- && [ "$(copy_number)" != "$first" ]
}
k25_free_of_charge() {
	KIND=inkan issue && is state closed fee 0 && said '無料' && paper_is valid paper-
}
a_changed_character_is_found() {
	issue --again yes --option scope=person || return 1
	python3 - <<-'EOF' || return 1
		import zlib, struct
		d = open("out/paper-front.png", "rb").read()
		at, data, head = 8, b"", None
		while at < len(d):
		    n, kind = struct.unpack(">I4s", d[at:at + 8])
		    if kind == b"IHDR": head = d[at + 8:at + 8 + n]
		    if kind == b"IDAT": data += d[at + 8:at + 8 + n]
		    at += n + 12
		w, h = struct.unpack(">II", head[:8])
		raw, rows, last = zlib.decompress(data), [], bytearray(w)
		for y in range(h):
		    f, row = raw[y * (w + 1)], bytearray(raw[y * (w + 1) + 1:(y + 1) * (w + 1)])
		    for x in range(w):
		        a, b, c = (row[x - 1] if x else 0), last[x], (last[x - 1] if x else 0)
		        p = a + b - c
		        e = [(abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c)]
		        row[x] = (row[x] + [0, a, b, (a + b) // 2, min(e)[2]][f]) & 255
		    rows.append(row); last = row
		for y in range(h):
		    if 560 <= y < 620: rows[y][620:680] = bytes([0]) * 60
		out = zlib.compress(b"".join(b"\0" + bytes(r) for r in rows), 1)
		def chunk(kind, body):
		    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
		open("out/paper-front.png", "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", out) + chunk(b"IEND", b""))
	EOF
	paper_is invalid paper- && grep -q front_differs verdict
}

# ---- refusals ----
k08_wrong_pin_then_right() {
	PINS=$'9999\n1234' issue --again yes && is state closed && said 'あと2回'
}
wrong_pin_and_nobody_tries_again() {
	! PINS=9999 issue && ends 3 state cancelled && nothing_charged
}
k07_the_third_wrong_pin_locks() {
	# The last try is used only by who says so (PD-04).
	! PINS=$'9999\n9998\n9997' issue && ends 7 state cancelled && nothing_charged &&
		! PINS=$'9999\n9998\n9997' issue --last-try && ends 4 state refused reason locked && nothing_charged
}
refused() { # CARD STATUS CODE
	! CARD=sim:$1 issue --again yes && ends "$2" state refused reason "$3" && nothing_charged && said 照会番号
}
k06_other_tokens() {
	local card
	for card in juki licence residence; do
		! CARD=sim:$card issue && ends 6 reason card_unusable && nothing_charged || return 1
	done
}
k04_not_offered() {
	! CITY=01101 issue && ends 7 reason not_participating && nothing_charged &&
		! KIND=koseki issue && ends 7 reason kind_disabled && nothing_charged &&
		! KIND=tax issue && ends 7 reason fee_unknown && nothing_charged
}
k14_one_text_for_cards_that_are_not_good() {
	refused revoked 7 certificate_revoked || return 1
	grep -v 照会番号 said >one
	refused on-hold 7 certificate_on_hold && grep -v 照会番号 said | cmp - one
}
pd23_number_is_asked_for_twice() {
	! issue --again yes --option number=true && [ $status = 7 ] && [ ! -e out/certificate.pdf ] &&
		issue --again yes --option number=true --number-confirmed --option scope=person &&
		pdftotext out/certificate.pdf - | grep -q 537686677188 && ! grep -rq 537686677188 t1 json said
}
at_hour() { # TIME issue…
	local time=$1 rc
	shift
	center_down
	center_up --at "${TODAY}T$time+09:00" && conf t1 || return 1
	"$@"
	rc=$?
	center_down
	center_up --at "${TODAY}T12:00:00+09:00" && conf t1
	return $rc
}
outside_hours() { ! issue --again yes && ends 7 reason outside_hours && nothing_charged && said 市民課; }
in_hours() { issue --again yes && is state closed; }
k12_hours() {
	at_hour 06:29:00 outside_hours && at_hour 06:30:00 in_hours && at_hour 22:58:00 in_hours &&
		at_hour 23:00:00 outside_hours
}
k02_no_centre() {
	center_down
	! issue && ends 69
	local rc=$?
	center_up --at "${TODAY}T12:00:00+09:00" && conf t1
	[ $rc = 0 ] && [ ! -e out/certificate.pdf ]
}
another_party_is_no_terminal() {
	sed "s/terminal-T1/municipality-01101/" t1.conf >wrong.conf
	! CONF=wrong issue && [ ! -e out/certificate.pdf ]
}
nothing_is_signed_for_another_audience() {
	sed 's/^audience = .*/audience = somebody-else/' t1.conf >wrong.conf
	! CONF=wrong issue && [ ! -e out/certificate.pdf ] && nothing_charged
}

# ---- money ----
k29_declined() { ! issue --again yes --payment-sim decline && ends 8 state cancelled && nothing_charged; }
k30_lost_but_settled() { issue --again yes --payment-sim lost-settled && is state closed; }
k30_lost_and_not_settled() {
	! issue --again yes --payment-sim lost-not-settled && ends 69 state timed_out reason payment_not_settled &&
		nothing_charged
}
k30_never_known() {
	! issue --again yes --payment-sim unknown --hurry && ends 69 state refunded reason payment_unknown refund $FEE
}
k31_late() { ! issue --again yes --payment-sim late && ends 69 state timed_out && said '返金\|お返し'; }
k31_double() { issue --again yes --payment-sim double && is state closed && said '返金\|お返し'; }
k31_wrong_amount() { ! issue --again yes --payment-sim wrong-amount && [ ! -e out/certificate.pdf ]; }
k39_money_that_cannot_be_given_back_now() {
	! issue --again yes --payment-sim unknown --refund-sim impossible --hurry &&
		ends 69 state refund_due refund $FEE && said 照会番号
}

# ---- paper ----
k26_no_paper_no_money() { ! issue --again yes --printer-sim empty && ends 69 state cancelled reason not_ready && nothing_charged; }
void_list() {
	curl -sS --cacert "$PKI/ca.pem" --cert "$PKI/terminal-T1.pem" --key "$PKI/terminal-T1.key" \
		"$CENTER_URL/v1/void-list" >void.txt
}
k37_jam_and_the_same_card_again() {
	PINS=$'1234\n1234' issue --again yes --copies 2 --printer-sim jam:1 --on-fault resume &&
		is state closed copies 2 refund 0 && paper_is valid paper- && paper_is valid paper-2-1-
}
k38_jam_and_the_money_back() {
	! issue --again yes --copies 3 --printer-sim "$1:1" --on-fault refund && ends 69 outcome partial copies 1 refund 400 &&
		paper_is valid paper- && [ ! -e out/paper-2-1-front.png ]
}
k37_not_without_the_pin() {
	! issue --again yes --printer-sim jam:0 --on-fault resume && ends 69 state refunded copies 0 refund $FEE &&
		[ ! -e out/certificate.pdf ]
}
k36_answer_lost_but_all_out() {
	issue --again yes --printer-sim lost-answer && is state closed refund 0 && paper_is valid paper-
}
k36_not_knowable_is_void() {
	! issue --again yes --printer-sim silent:1 --on-fault refund --hurry && ends 69 state refunded copies 0 refund $FEE &&
		void_list || return 1
	"$KZ_BIN/kazasu" --test-roots paper verify "$(ls out/*back.png | head -1)" --void-list void.txt --json >verdict 2>&1
	grep -q '"code": "void"' verdict || { cat verdict void.txt; return 1; }
}
k23_card_forgotten() { ! issue --again yes --leave card --hurry && ends 5 state timed_out reason card_forgotten && nothing_charged; }
k40_paper_left_behind() { issue --again yes --leave paper --hurry && is state closed; }

# ---- power ----
# The terminal ends when the centre has answered STATE; the next one prints nothing by itself.
cut_at() {
	local state=$1 before
	before=$(kept)
	! issue --again yes --power-cut "$state" --hurry && [ $status != 0 ] || return 1
	rm -rf cut && mv out cut
	! grep -q '"state": "closed"' json || return 1
	issue --again yes && is state closed && [ -e out/paper-front.png ] || return 1
	case $state in
	# Paid, and the next start meets it: the money is due, and stays to be given back by number.
	paid | printing | printed | collected) [ $(($(kept) - before)) = $((2 * FEE)) ] ;;
	*) [ ! -e cut/certificate.pdf ] && [ $(($(kept) - before)) = $FEE ] ;;
	esac
}

# ---- IPP ----
ipp_prints_both_sides_of_all_copies() {
	ipp_printer 'echo "ATTR: job-impressions-completed=4" >&2; exit 0' || return 1
	issue --again yes --copies 2 --printer ipp://localhost:8631/ipp/print
	local rc=$? one
	ipp_stop
	[ $rc = 0 ] && is state closed copies 2 && [ "$(pdfinfo spool/*.pdf | awk '/Pages/ { print $2 }')" = 4 ] &&
		pdftotext -f 1 -l 1 spool/*.pdf - | grep -q 黒桐 && pdftotext -f 3 -l 3 spool/*.pdf - | grep -q 黒桐 &&
		pdftoppm -r 300 -gray -png spool/*.pdf page &&
		back_is page-2.png && one=$(copy_number) && back_is page-4.png && [ "$one" != "$(copy_number)" ]
}
ipp_jam() {
	ipp_printer 'echo "ATTR: job-impressions-completed=2" >&2; echo "STATE: +media-jam-error" >&2; sleep 2; exit 1' || return 1
	! issue --again yes --copies 2 --printer ipp://localhost:8631/ipp/print --on-fault refund
	local rc=$?
	ipp_stop
	[ $rc = 0 ] && ends 69 outcome partial copies 1 refund $FEE
}
ipp_printer_that_is_not_there() {
	! issue --again yes --printer ipp://localhost:8632/ipp/print && ends 69 reason not_ready && nothing_charged
}

# ---- a reader ----
# Nothing is to be paid while the card lies there.
k24_card_on_a_reader_is_waited_for() {
	pcscd_start && vcard_start test-person || return 1
	: >said
	CARD=pcsc issue --again yes >/dev/null &
	local pid=$! rc
	wait_for 30 grep -q 'カードをお取りください' said && sleep 1 && ! grep -q 'お支払い' said && vcard_stop
	rc=$?
	wait $pid && [ $rc = 0 ] && is state closed && paper_is valid paper-
	rc=$?
	vcard_stop
	pcscd_stop
	return $rc
}

# ---- the command line ----
usage() { # STATUS words…
	local want=$1
	shift
	"$KZ_BIN/kazasu" kiosk "$@" >json 2>said
	[ $? = "$want" ] || { cat said; return 1; }
}
words_that_cannot_be() {
	usage 64 issue && usage 64 print && usage 64 issue --municipality 13221 --kind juminhyo -o out &&
		usage 64 issue --municipality 1322 --kind juminhyo -o out --config t1.conf &&
		usage 64 issue --municipality 13221 --kind passport -o out --config t1.conf &&
		usage 64 issue --municipality 13221 --kind juminhyo -o out --config t1.conf --copies 11 &&
		usage 64 issue --municipality 13221 --kind juminhyo -o out --config t1.conf --payment-sim free &&
		usage 64 issue --municipality 13221 --kind juminhyo -o out --config t1.conf --printer-sim fire &&
		usage 64 issue --municipality 13221 --kind juminhyo -o out --config t1.conf --option number &&
		usage 64 issue --municipality 13221 --kind juminhyo -o out --config t1.conf --hurry &&
		usage 66 issue --municipality 13221 --kind juminhyo -o out --config nowhere.conf &&
		printf 'centre = x\n' >bad.conf && usage 65 issue --municipality 13221 --kind juminhyo -o out --config bad.conf
}

conf t1
t_ok "K01–K40 paper that verifies" k01_to_k40_paper_that_verifies
t_ok "receipt without a name" receipt_without_a_name
t_ok "drawn by other programs it is the same front" drawn_by_other_programs_it_is_the_same_front
t_ok "notes and temporary files are impersonal" notes_and_temporary_files_are_impersonal
t_ok "K16 asked again" keeps $FEE k16_asked_again
t_ok "in English" in_english
t_ok "several copies, each with its number" keeps 400 several_copies_each_with_its_number
t_ok "K25 free of charge" keeps 0 k25_free_of_charge
t_ok "a changed character is found" a_changed_character_is_found
t_ok "K08 wrong PIN, then right" k08_wrong_pin_then_right
t_ok "wrong PIN, and nobody tries again" keeps 0 wrong_pin_and_nobody_tries_again
t_ok "K07 the third wrong PIN locks" keeps 0 k07_the_third_wrong_pin_locks
t_ok "K06 other tokens" keeps 0 k06_other_tokens
t_ok "K04 not offered" keeps 0 k04_not_offered
t_ok "K14 one text for cards that are not good" keeps 0 k14_one_text_for_cards_that_are_not_good
t_ok "K14 expired" keeps 0 refused expired 7 certificate_expired
t_ok "K19 a child" keeps 0 refused child 7 under_age
t_ok "K20 of another municipality" keeps 0 refused long-names 7 not_available_here
t_ok "PD-23 the number is asked for twice" keeps $FEE pd23_number_is_asked_for_twice
t_ok "K12 hours" keeps 400 k12_hours
t_ok "K02 no centre" keeps 0 k02_no_centre
t_ok "another party is no terminal" keeps 0 another_party_is_no_terminal
t_ok "nothing is signed for another audience" keeps 0 nothing_is_signed_for_another_audience
t_ok "K29 declined" keeps 0 k29_declined
t_ok "K30 lost but settled" keeps $FEE k30_lost_but_settled
t_ok "K30 lost and not settled" keeps 0 k30_lost_and_not_settled
t_ok "K30 never known" keeps 0 k30_never_known
t_ok "K31 late" keeps 0 k31_late
t_ok "K31 double" keeps $FEE k31_double
t_ok "K31 wrong amount" keeps 0 k31_wrong_amount
t_ok "K39 money that cannot be given back now" keeps $FEE k39_money_that_cannot_be_given_back_now
t_ok "K26 no paper, no money" keeps 0 k26_no_paper_no_money
t_ok "K37 jam, and the same card again" keeps 400 k37_jam_and_the_same_card_again
for fault in jam ${KZ_LONG:+paper toner cover}; do
	t_ok "K38 $fault, and the money back" keeps $FEE k38_jam_and_the_money_back $fault
done
t_ok "K37 not without the PIN" keeps 0 k37_not_without_the_pin
t_ok "K36 answer lost, but all out" keeps $FEE k36_answer_lost_but_all_out
t_ok "K36 not knowable is void" keeps 0 k36_not_knowable_is_void
t_ok "K23 card forgotten" keeps 0 k23_card_forgotten
t_ok "K40 paper left behind" keeps $FEE k40_paper_left_behind
for state in ${KZ_LONG:+card_read delivered printed} verified paying paid printing collected; do
	t_ok "power cut at $state" cut_at $state
done
t_ok "IPP: daemons" ipp_daemons
t_ok "IPP: both sides of all copies" keeps 400 ipp_prints_both_sides_of_all_copies
t_ok "IPP: jam" keeps $FEE ipp_jam
t_ok "IPP: a printer that is not there" keeps 0 ipp_printer_that_is_not_there
t_ok "K24 card on a reader is waited for" keeps $FEE k24_card_on_a_reader_is_waited_for
t_ok "words that cannot be" words_that_cannot_be
# shellcheck disable=SC2086
kill $IPP_PIDS 2>/dev/null
t_end
