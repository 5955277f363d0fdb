#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: whatever a card answers, `kazasu` ends with a named error or the right result, never with
# a crash or a better verdict than the card deserves. Runs as shipped and under ASan and UBSan.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$(dirname "$0")/common.sh"
cd "$KZ_TMP" || exit 1
B=55021720352285
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99:halt_on_error=1

# The commands that a quirk may disturb, with what they may end in.
no_crash() { case $RC in 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 65 | 69) ;; *) echo "exit $RC"; cat err; return 1 ;; esac; }
named() { json '("verdict" not in d or d["verdict"] in ("invalid","undetermined")) and (("error" in d and d["error"]["code"] not in ("INTERNAL","UNKNOWN","NO_MEMORY","BAD_STATE")) or "verdict" in d or "token" in d or "name" in d or "kind" in d or "photo" in d or "number" in d)'; }

quirk() {
	local r="--test-roots --json --reader sim:$PERSONA"
	kz status $r; no_crash && named || return 1
	kz_pin $B identify --photo q.png $r; no_crash && named || return 1
	kz_pin 1234 attrs $r; no_crash && named || return 1
	kz_pin $B face --photo q.png --name n.png --address a.png $r; no_crash && named || return 1
	kz cert auth $r; no_crash && named || return 1
	kz_pin ABC123 cert sign $r; no_crash && named || return 1
}

# What particular quirks must lead to: identify by number B.
identified() { # QUIRK EXIT EXPRESSION
	persona "$1" "d['quirks']=['$1']"
	kz_pin $B identify --json --test-roots --photo "$1.png" --reader "sim:$PERSONA"
	rc "$2" && json "$3"
}
forged_record() {
	identified record-signature-broken 1 'd["verdict"]=="invalid" and d["checks"]["record_signature"]=="fail" and "record_signature_wrong" in [r["code"] for r in d["reasons"]] and d["attributes"]=={} and d["photo"] is None' &&
	[ ! -e record-signature-broken.png ]
}
forged_address() { identified address-changed 1 'd["checks"]["record_signature"]=="fail" and "清瀬" not in str(d)'; }
forged_digest() { identified record-digest-broken 1 'd["checks"]["record_signature"]=="fail"'; }
copied_chip() { identified challenge-fails 1 'd["checks"]["card_challenge"]=="fail" and d["person"]=="undetermined"'; }
broken_chain() { identified card-chain-broken 1 'd["checks"]["card_chain"]=="fail" and d["attributes"]=={}'; }
unknown_issuer() { identified unknown-issuer 2 'd["verdict"]=="undetermined" and d["checks"]["card_chain"]=="skipped"'; }
cut_photo() { identified short-photo 65 'd["error"]["code"] in ("TRUNCATED","MALFORMED")' && [ ! -e short-photo.png ]; }
noise_photo() { identified garbage-photo 65 'd["error"]["code"] in ("TRUNCATED","MALFORMED")' && [ ! -e garbage-photo.png ]; }
text_not_handed_out() {
	persona forged "d['quirks']=['address-changed']"
	kz_pin 1234 attrs --json --test-roots --reader "sim:$PERSONA"; rc 1 && json 'd["authentic"] is False and d["address"] is None and d["name"] is None'
	kz_pin 1234 attrs --test-roots --reader "sim:$PERSONA"; rc 1 && [ ! -s out ]
}
number_not_handed_out() {
	persona forged "d['quirks']=['record-digest-broken']"
	kz_pin 1234 number --procedure zei --json --test-roots --reader "sim:$PERSONA"; rc 1 && json 'd["number"] is None and d["authentic"] is False' &&
	! grep -q 537686677188 out err
}

KAZASU=$KZ_ROOT/build/asan/bin/kazasu
for q in $("$KZ_BIN/kazasu-vcard" --list-quirks | cut -d' ' -f1); do
	persona "$q" "d['quirks']=['$q']"
	t_ok "quirk $q" quirk
done
for KAZASU in "$KZ_ROOT/build/bin/kazasu" "$KZ_ROOT/build/asan/bin/kazasu"; do
	flavour=$(case $KAZASU in */asan/*) echo "asan: " ;; esac)
	t_ok "${flavour}a forged record is invalid and nothing of it is kept" forged_record
	t_ok "${flavour}a forged address is not shown" forged_address
	t_ok "${flavour}a forged digest is invalid" forged_digest
	t_ok "${flavour}a copied chip is invalid" copied_chip
	t_ok "${flavour}a broken chain is invalid" broken_chain
	t_ok "${flavour}an unknown issuer is undetermined" unknown_issuer
	t_ok "${flavour}a cut photo is an error" cut_photo
	t_ok "${flavour}a noise photo is an error" noise_photo
	t_ok "${flavour}attrs hands out no forged text" text_not_handed_out
	t_ok "${flavour}number hands out no unproven number" number_not_handed_out
	rm -f ./*.png
done
t_end
