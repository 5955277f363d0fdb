#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: through the real pcscd and vpcd `kazasu` says what it says in process; counters go down
# and come back; no secret leaks; after each flow the card is closed to other programs; each state
# of the reader stack has its exit code and its finding in `doctor`.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$(dirname "$0")/common.sh"
cd "$KZ_TMP" || exit 1
B=55021720352285

# Another program on the same card: holds it until it is killed. hold exclusive|transaction
cat >hold.py <<'PY'
import ctypes, sys, time
L = ctypes.CDLL("libpcsclite.so.1")
ctx, card, proto = ctypes.c_long(), ctypes.c_long(), ctypes.c_ulong()
assert L.SCardEstablishContext(2, None, None, ctypes.byref(ctx)) == 0
share = 1 if sys.argv[1] == "exclusive" else 2
r = L.SCardConnect(ctx, b"Virtual PCD 00 00", share, 3, ctypes.byref(card), ctypes.byref(proto))
assert r == 0, hex(r & 0xffffffff)
if sys.argv[1] == "transaction":
    assert L.SCardBeginTransaction(card) == 0
open("held", "w").close()
time.sleep(600)
PY
hold() {
	rm -f held
	python3 hold.py "$1" &
	HOLDER=$!
	wait_for 10 test -e held
}
release() { kill -KILL "$HOLDER"; wait "$HOLDER" 2>/dev/null; true; }

# The same words in process and through pcscd.
same() { # SECRET|- WORDS…
	local secret=$1
	shift
	if [ "$secret" = - ]; then
		kz "$@" --json --test-roots --reader sim:test-person; cp out in-process; local first=$RC
		kz "$@" --json --test-roots
	else
		kz_pin "$secret" "$@" --json --test-roots --reader sim:test-person; cp out in-process; local first=$RC
		kz_pin "$secret" "$@" --json --test-roots
	fi
	rc "$first" && diff in-process out
}
# Sign with both keys as another program: select the application and the key, then sign.
others_cannot_sign() {
	local data
	data=3031300D060960864801650304020105000420$(printf 'AB%.0s' {1..32})
	kz apdu 00A4040C0AD392F000260100000001 00A4020C020017 802A008033${data}00 00A4020C02001A 802A008033${data}00 --json || return 1
	json 'd["answers"][2]["sw"]=="6982" and d["answers"][4]["sw"]=="6982"'
}
others_cannot_read_text() {
	kz apdu 00A4040C0AD3921000310001010408 00A4020C020001 00B0000011 --json && json 'd["answers"][2]["sw"]=="6982"'
}
closed_after() { # SECRET WORDS…
	kz_pin "$@"
	case $RC in 0 | 1 | 2 | 3) ;; *) rc 0 || return 1 ;; esac
	others_cannot_sign && others_cannot_read_text
}
closed_after_signature() { # SECRET KEY
	rm -f data.sig
	closed_after "$1" sign data --as raw --key "$2" --yes --test-roots -o data.sig &&
		openssl x509 -in "$KZ_ROOT/build/fixtures/certs/test-person-$2.pem" -noout -pubkey >key.pub &&
		openssl dgst -sha256 -verify key.pub -signature data.sig data
}
# The probe itself works: with the PIN in the same transaction the signature is made.
the_probe_can_sign() {
	local data
	data=3031300D060960864801650304020105000420$(printf 'AB%.0s' {1..32})
	kz_pin 1234 apdu 00A4040C0AD392F000260100000001 "00200098{secret}" 00A4020C020017 802A008033${data}00 --json && rc 0 &&
	json 'd["answers"][3]["sw"]=="9000" and len(d["answers"][3]["data"])==512' && others_cannot_sign
}

readers_lists_it() {
	kz readers --json && rc 0 && json 'len(d)>=1 and any(r["name"].startswith("Virtual PCD") and r["card"] and r["atr"].startswith("3B") and r["pinpad"] is False for r in d)' &&
	kz readers && rc 0 && grep -q 'Virtual PCD' out
}
reader_by_name_and_part() { kz status --reader "Virtual PCD 00 00" && rc 0 && kz status --reader "PCD 00 00" && rc 0 && kz status --reader pcsc && rc 0 && kz status --reader nonsuch; rc 5; }
excluded_by_configuration() {
	mkdir -p conf/kazasu && echo 'exclude-reader = Virtual' >conf/kazasu/kazasu.conf
	XDG_CONFIG_HOME=$PWD/conf kz status --json; rc 5 && json 'd["error"]["code"]=="NO_READER"' &&
	XDG_CONFIG_HOME=$PWD/conf kz status --reader "Virtual PCD 00 00" && rc 0
	echo 'exclude-reader' >conf/kazasu/kazasu.conf
	XDG_CONFIG_HOME=$PWD/conf kz status; rc 65
}
counters_go_down_and_come_back() {
	kz_pin 9999 pin verify auth --json; rc 3 && json 'd["error"]["tries_left"]==2' &&
	kz status --json && json 'd["tries"]["auth"]==2 and d["tries"]["text"]==3' &&
	kz_pin 1234 pin verify auth && rc 0 && kz status --json && json 'd["tries"]["auth"]==3'
	kz_pin ABC124 cert sign --json; rc 3 && json 'd["error"]["tries_left"]==4' && kz_pin ABC123 cert sign && rc 0 &&
	kz_pin 55021720352286 identify --json; rc 3 && json 'd["error"]["tries_left"]==9' &&
	kz status --json && json 'd["tries"]["number_b"]=={"surface":9,"text":10} and d["tries"]["sign"]==5' &&
	kz_pin $B identify --test-roots; rc 2 && kz status --json && json 'd["tries"]["number_b"]=={"surface":10,"text":10}'
}
pin_change_holds() {
	kz_pin '1234\n8642' pin change auth && rc 0 && kz_pin 1234 pin verify auth; rc 3 && kz_pin 8642 pin verify auth && rc 0 &&
	kz_pin '8642\n1234' pin change auth && rc 0 && kz_pin 1234 pin verify auth && rc 0
}
locks_at_last() {
	kz_pin 9999 pin verify text; rc 3; kz_pin 9999 pin verify text; rc 3 || return 1
	kz_pin 9999 pin verify text --json; rc 7 && json 'd["error"]["code"]=="LAST_TRY"' || return 1
	kz_pin 9999 pin verify text --last-try; rc 4 || return 1
	kz_pin 1234 attrs --json; rc 4 && json 'd["error"]["tries_left"]==0' && kz status --json && json 'd["tries"]["text"]==0'
}
# ASCII and hexadecimal of every secret that was used. Four digits stand in a digest or a signature
# by chance: as text they are looked for outside of long hexadecimal.
no_secret_in() {
	! grep -a -i -q -e "$(printf %s "$1" | hex)" "${@:2}" &&
		! LC_ALL=C sed -E 's/[0-9A-Fa-f]{20,}/…/g' "${@:2}" | grep -a -i -q -e "$1"
}
nothing_leaks() {
	kz_pin $B identify -v --trace t1 --test-roots; rc 2 && cat err >>v; kz_pin ABC123 cert sign -v --trace t2 >/dev/null; rc 0; cat err >>v
	kz_pin 8462 pin verify auth -v --trace t3; rc 3; cat err >>v; kz_pin '1234\n7531' pin change auth -v --trace t4 && rc 0; cat err out >>v
	kz_pin '7531\n1234' pin change auth --trace t5 && rc 0 || return 1
	[ -s v ] && [ -s t1 ] || return 1
	for s in $B ABC123 8462 7531; do no_secret_in "$s" v t1 t2 t3 t4 t5 || { echo "found $s"; grep -a -i -e "$s" -e "$(printf %s "$s" | hex)" v t?; return 1; }; done
	kz_pin 1234 apdu 00A4040C0AD392F000260100000001 "00200098{secret}" -v --trace t6 --json && ! grep -a -i -q 31323334 out err t6
}
hidden_on_a_real_reader() { # the trace of a real reader holds no personal data and says so
	grep -q '^< =' t1 && ! grep -a -q "$(printf 黒桐 | hex | tr a-f A-F)" t1 && kz status --reader trace:t1; rc 65 &&
	kz_pin 1234 attrs --trace t7 --trace-personal-data && grep -q "$(printf 黒桐 | hex | tr a-f A-F)" t7 && [ "$(stat -c %a t7)" = 600 ]
}
arguments_hold_no_secret() {
	mkfifo pin
	"$KAZASU" pin verify auth --pin-fd 9 9<>pin >out 2>err </dev/null &
	local pid=$! ok
	wait_for 10 test -r /proc/$pid/cmdline
	! tr '\0' '\n' </proc/$pid/cmdline | grep -q 1234 && ! tr '\0' '\n' </proc/$pid/environ | grep -q '=1234$'
	ok=$?
	echo 1234 >pin
	wait $pid && [ $ok = 0 ]
}
administration_is_refused() {
	for i in 8A 50 52 54 06 A2; do
		: >"$VCARD_LOG"
		kz apdu 80${i}0000 --json; rc 7 && json 'd["error"]["code"]=="DENIED"' && [ "$(vcard_commands)" = 0 ] || return 1
	done
}
number_costs_no_command() { : >"$VCARD_LOG"; kz_pin 1234 number --procedure inkan; rc 7 && [ "$(vcard_commands)" = 0 ]; }
two_cards_are_named() {
	"$KZ_BIN/kazasu-vcard" --persona child --port 35964 2>/dev/null &
	local second=$!
	wait_for 10 sh -c "'$KAZASU' readers --json | grep -c '\"card\": true' | grep -qx 2"
	kz status --json; rc 64 && json '"Virtual PCD 00 00" in d["error"]["message"] and "Virtual PCD 00 01" in d["error"]["message"] and d["error"]["code"]=="AMBIGUOUS"' &&
	kz status --json --reader 'Virtual PCD'; rc 64 && kz status --json --reader 'PCD 00 01' && rc 0 && json 'd["certificates"]["sign"]["present"] is False'
	local ok=$?
	kill $second; wait $second 2>/dev/null
	wait_for 10 sh -c "'$KAZASU' readers --json | grep -c '\"card\": true' | grep -qx 1"
	[ $ok = 0 ]
}
the_jpki_card_is_chosen() {
	"$KZ_BIN/kazasu-vcard" --persona residence --port 35964 2>/dev/null &
	local second=$!
	wait_for 10 sh -c "'$KAZASU' readers --json | grep -c '\"card\": true' | grep -qx 2"
	kz status --json && rc 0 && json 'd["token"]=="card"' && kz doctor --json; rc 0 && json 'any(f["code"]=="other_card" for f in d["findings"]) and d["ok"]'
	local ok=$?
	kill $second; wait $second 2>/dev/null
	wait_for 10 sh -c "'$KAZASU' readers --json | grep -c '\"card\": true' | grep -qx 1"
	[ $ok = 0 ]
}
held_exclusively() {
	hold exclusive
	kz status --wait 0 --json; rc 5 && json 'd["error"]["code"]=="READER_BUSY"' && kz doctor --json; rc 5 && json '[f["code"] for f in d["findings"] if not f["ok"]][0]=="reader_busy" and d["findings"][1]["todo"]'
	local ok=$?
	release
	[ $ok = 0 ] && wait_for 10 "$KAZASU" status
}
held_by_a_transaction() {
	hold transaction
	kz status --wait 3 --json; rc 5 && json 'd["error"]["code"]=="READER_BUSY"' && err Waiting && kz doctor; rc 5 && grep -q 'another program' out
	local ok=$?
	release
	[ $ok = 0 ] && wait_for 10 "$KAZASU" status
}
doctor_is_content() { kz doctor --json; rc 0 && json 'd["ok"] and d["findings"][0]["code"]=="service_ok" and any(f["code"]=="card_ok" for f in d["findings"])'; }
doctor_names_other_cards() { kz doctor --lang ja; rc 6 && grep -q 運転免許証 out && kz doctor --json; json '[f["code"] for f in d["findings"] if not f["ok"]][0]=="other_card"'; }
no_card_is_5() {
	kz status --json; rc 5 && json 'd["error"]["code"]=="NO_CARD"' && kz_pin 1234 attrs; rc 5 && kz doctor --json; rc 5 && json 'd["findings"][-1]["code"]=="no_card"' &&
	kz readers --json && rc 0 && json 'not any(r["card"] for r in d)'
}
wait_takes_the_card_that_comes() {
	kz status --wait 30 --json &
	local waiting=$!
	vcard_start test-person && wait $waiting && grep -q JPKIAPICCTOKEN2 out
}
no_service_is_69() {
	kz status --json; rc 69 && json 'd["error"]["code"]=="NO_SERVICE"' && kz readers; rc 69 && kz doctor --json; rc 69 && json 'd["findings"][0]["code"]=="service_absent" and not d["ok"]'
}
no_reader_is_5() {
	mkdir -p empty
	pcscd -f -c "$PWD/empty" >pcscd2.log 2>&1 &
	local pid=$!
	wait_for 10 test -S /run/pcscd/pcscd.comm
	kz status --json; rc 5 && json 'd["error"]["code"]=="NO_READER"' && kz readers --json; rc 5 && json 'd==[]' && kz doctor --json; rc 5 && json 'any(f["code"]=="no_reader" for f in d["findings"])'
	local ok=$?
	kill $pid; wait $pid 2>/dev/null
	[ $ok = 0 ]
}

t_ok "69: pcscd is absent" no_service_is_69
t_ok "5: no reader" no_reader_is_5
pcscd_start || exit 1
t_ok "5: no card" no_card_is_5
t_ok "--wait takes the card that comes" wait_takes_the_card_that_comes
t_ok "readers" readers_lists_it
t_ok "a reader by name and part of it" reader_by_name_and_part
t_ok "readers excluded by the configuration" excluded_by_configuration
t_ok "status is the same as in process" same - status
t_ok "pin status is the same" same - pin status
t_ok "attrs is the same" same 1234 attrs
t_ok "attrs by number B is the same" same $B attrs --number-b
t_ok "number is the same" same 1234 number --procedure zei
t_ok "face is the same" same $B face --photo f.png
t_ok "cert auth is the same" same - cert auth
t_ok "cert sign is the same" same ABC123 cert sign
t_ok "identify by number B is the same" same $B identify --photo i.png
t_ok "identify by PIN is the same" same 1234 identify --pin
t_ok "a wrong PIN is the same" same 9998 pin verify common
t_ok "the probe can sign with the PIN" the_probe_can_sign
t_ok "closed after attrs" closed_after 1234 attrs
t_ok "closed after number" closed_after 1234 number --procedure zei
t_ok "closed after face" closed_after $B face
t_ok "closed after cert sign" closed_after ABC123 cert sign
t_ok "closed after identify by number B" closed_after $B identify
t_ok "closed after identify by PIN" closed_after 1234 identify --pin
t_ok "closed after pin verify auth" closed_after 1234 pin verify auth
t_ok "closed after pin verify sign" closed_after ABC123 pin verify sign
t_ok "closed after a wrong PIN" closed_after 4321 pin verify auth
echo data >data
t_ok "closed after a signature" closed_after_signature ABC123 sign
t_ok "closed after a signature with the authentication key" closed_after_signature 1234 auth
t_ok "closed after pin change" closed_after '1234\n1234' pin change auth
t_ok "counters go down and come back" counters_go_down_and_come_back
t_ok "a changed PIN holds" pin_change_holds
t_ok "no secret in trace, -v or output" nothing_leaks
t_ok "traces of a reader hide personal data" hidden_on_a_real_reader
t_ok "no secret among the arguments" arguments_hold_no_secret
t_ok "7: the issuer's commands are refused unsent" administration_is_refused
t_ok "7: number for a procedure without basis sends nothing" number_costs_no_command
t_ok "64: two cards are named" two_cards_are_named
t_ok "of two cards the one with JPKI is chosen" the_jpki_card_is_chosen
t_ok "5: held exclusively by another program" held_exclusively
t_ok "5: held by another program's transaction" held_by_a_transaction
t_ok "doctor is content" doctor_is_content
t_ok "4: locked at last" locks_at_last
vcard_stop
vcard_start licence || exit 1
t_ok "6: doctor names another card" doctor_names_other_cards
t_end
