#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: the command budgets, counted from the card's own log, each in a fresh process through the
# real pcscd, on a card whose counters all differ, with the whole answer compared. The clearing
# SELECT of the card manager is counted apart.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$(dirname "$0")/common.sh"
cd "$KZ_TMP" || exit 1
B=55021720352285

within() { # AT MOST
	local all clear
	sleep 0.05
	all=$(vcard_commands)
	clear=$(grep -c '^> 00A4040.07A0000001510000' "$VCARD_LOG")
	echo "$((all - clear)) commands, $clear clearing, at most $1"
	[ $((all - clear)) -le "$1" ] && [ $((all - clear)) -gt 0 ] && [ "$clear" -le 1 ] || { cat "$VCARD_LOG"; return 1; }
}
fresh() { : >"$VCARD_LOG"; }
blocks() { echo $((($1 + 255) / 256)); }

TRIES='{"sign":5,"auth":3,"text":2,"juki":{"juki":1,"common":0},"number_a":{"surface":8,"text":6},"number_b":{"surface":9,"text":7},"birth":10}'
status() {
	fresh; kz status --json --test-roots && rc 0 && within 19 &&
	json "d['tries']==$TRIES and d['token']=='card' and d['serial']=='400000012719843' and d['municipality']=='13221' and d['expires']=='2035-02-17'" &&
	json 'd["certificates"]=={"auth":{"present":True,"not_before":"2025-10-27T01:00:00Z","not_after":"2030-02-17T14:59:59Z"},"sign":{"present":True}}'
}
tries() { fresh; kz pin status --json && rc 0 && within 15 && json "d['tries']==$TRIES"; }
attrs() {
	fresh; kz_pin 1234 attrs --json --test-roots && rc 0 && within 9 &&
	json 'd=={"name":"黒桐　幹也","address":"東京都清瀬市観布子南１２－７－２０２","birth":"1980-02-17","sex":"1","source":"text","authentic":True,"test":True}'
}
auth_certificate() {
	fresh; kz cert auth --der auth.der --json && rc 0 && within $((2 + $(blocks "$(stat -c %s auth.der)"))) &&
	openssl x509 -inform DER -in auth.der | cmp - "$KZ_ROOT/build/fixtures/certs/test-person-auth.pem"
}
# Length of the face record FF20, out of the header in the card's own answer (card-spec 3.3).
face_length() { python3 -c 'import re,sys; print(int(re.search(r"^< FF2082(....)", sys.stdin.read(), re.M).group(1), 16) + 5)' <"$VCARD_LOG"; }
face() {
	fresh; kz_pin $B face --photo f.png --name n.png --address a.png --json && rc 0 && within $((4 + $(blocks "$(face_length)"))) &&
	json 'd["birth"]=="1980-02-17" and d["sex"]=="1" and d["expires"]=="2035-02-17"' && [ "$(png f.png)" = 240x320x8 ] &&
	ls "$KZ_ROOT"/build/fixtures/pictures/name-*.png | while read -r f; do cmp -s "$f" n.png && echo same; done | grep -qx same
}
signature_certificate() { fresh; kz_pin ABC123 cert sign --der sign.der && rc 0 && within $((3 + 2 + $(blocks "$(stat -c %s sign.der)"))); }
number() { fresh; kz_pin 1234 number --procedure zei --json --test-roots && rc 0 && within 9 && json 'd["number"]=="537686677188" and d["authentic"]'; }
# identify.c: record 2; text 3 + 1 + 9; authentication certificate 1 + 1 per 256 bytes
certificate() { echo $((1 + $(blocks "$(stat -c %s auth.der)"))); }
identify_pin() { fresh; kz_pin 1234 identify --pin --json --test-roots; rc 2 && within $((15 + $(certificate))) && json "d['apdus']==$(vcard_commands)"; }
# surface 3 + 1 + 1 per 256 bytes + 4
identify_number_b() {
	fresh; kz_pin $B identify --photo i.png --json --test-roots; rc 2 && within $((2 + 3 + 1 + $(blocks "$(face_length)") + 4 + 13 + $(certificate))) &&
	json "d['apdus']==$(vcard_commands)"
}

persona counters 'd["tries"]={"sign":5,"auth":3,"text":2,"juki":1,"common":0,"surface_number_a":8,"text_number_a":6,"surface_number_b":9,"text_number_b":7,"birth":10}'
pcscd_start || exit 1
vcard_start "$PERSONA" || exit 1
t_ok "status: at most 19 commands" status
t_ok "tries of all secrets: at most 15" tries
t_ok "authentication certificate: at most 2 and one per 256 bytes" auth_certificate
t_ok "attrs with its integrity record and certificate: at most 9" attrs
t_ok "face: at most 4 and one per 256 bytes" face
t_ok "signature certificate: at most 5 and one per 256 bytes" signature_certificate
t_ok "number with its integrity record and certificate: at most 9" number
t_ok "identify by PIN: at most 16 and one per 256 bytes of the certificate" identify_pin
t_ok "identify by number B: at most 24 and one per 256 bytes of face and certificate" identify_number_b
t_end
