#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: a person types a secret into the terminal or into the real pinentry; the tries left are
# shown first, nothing is echoed, and the terminal is in order afterwards whatever ends the program.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$(dirname "$0")/common.sh"
cd "$KZ_TMP" || exit 1
HERE=$KZ_ROOT/tests/kazasu
V="$KAZASU pin verify auth --reader sim:test-person"

# typed PLAN… -- PROGRAM…; then `saw TEXT`, `ended N`
typed() { python3 "$HERE/typist.py" "$@" >seen; tail -1 seen; }
saw() { grep -qF -- "$1" seen || { echo "not seen: $1"; cat seen; return 1; }; }
ended() { [ "$(tail -1 seen)" = "exit=$1 echo=on hidden=yes" ] || { cat seen; return 1; }; }
unseen() { ! grep -qF -- "$1" seen; }
nopinentry() { PINENTRY=/nonexistent "$@"; }

terminal_right() { nopinentry typed 'PIN: ' '1234\n' -- $V; ended 0 && saw 'after 3 more wrong tries' && unseen 1234; }
terminal_wrong_japanese() { nopinentry typed '番号: ' '4711\n' -- $V --lang ja; ended 3 && saw 'あと3回まちがえるとロックされます' && saw '暗証番号が違います。あと2回まちがえるとロックされます。' && unseen 4711; }
terminal_format() { nopinentry typed 'PIN: ' '12345\n' -- $V; ended 65 && unseen 12345; }
terminal_too_long() { nopinentry typed 'PIN: ' "$(printf '7%.0s' {1..200})\n" -- $V; ended 65 && unseen 7777; }
terminal_end_of_input() { nopinentry typed 'PIN: ' '\x04' -- $V; ended 8; }
terminal_interrupt() { nopinentry typed 'PIN: ' '\x03' -- $V; ended -2; }
terminal_terminated() { nopinentry typed 'PIN: ' '{TERM}' -- $V; ended -15; }
new_pin_twice() { nopinentry typed 'authentication PIN: ' '1234\n' 'new authentication PIN: ' '8642\n' 'new authentication PIN: ' '8642\n' -- "$KAZASU" pin change auth --reader sim:test-person; ended 0 && saw 'was changed' && unseen 8642; }
new_pin_differs() { nopinentry typed 'authentication PIN: ' '1234\n' 'new authentication PIN: ' '8642\n' 'new authentication PIN: ' '8643\n' -- "$KAZASU" pin change auth --reader sim:test-person; ended 65 && saw 'differ'; }
number_b_shows_tries() { nopinentry typed ': ' '55021720352285\n' -- "$KAZASU" identify --reader sim:test-person --test-roots; ended 2 && saw 'after 10 more wrong tries' && unseen 55021720352285; }
last_try_asks_nobody() { persona last 'd["tries"]={"auth":1}'; nopinentry typed 'PIN: ' 'x' -- "$KAZASU" pin verify auth --reader "sim:$PERSONA"; ended 7 && saw 'Only one try is left'; }
locked_asks_nobody() { persona locked 'd["tries"]={"auth":0}'; nopinentry typed 'PIN: ' 'x' -- "$KAZASU" pin verify auth --reader "sim:$PERSONA"; ended 4; }
number_b_locked_in_text_asks_nobody() { persona locked 'd["tries"]={"text_number_b":0}'; nopinentry typed 'application): ' 'x' -- "$KAZASU" identify --reader "sim:$PERSONA"; ended 4; }
pinentry_right() { PINENTRY=pinentry-tty typed 'PIN: ' '1234\n' -- $V; ended 0 && saw 'after 3 more wrong tries' && unseen 1234; }
pinentry_wrong() { PINENTRY=pinentry-tty typed 'PIN: ' '4711\n' -- $V; ended 3 && unseen 4711; }
pinentry_cancelled() { PINENTRY=pinentry-tty typed 'PIN: ' '\x03' -- $V; ended 8; }
pinentry_password() { PINENTRY=pinentry-tty typed ': ' 'abc123\n' -- "$KAZASU" cert sign --reader sim:test-person; ended 0 && saw 'after 5 more wrong tries' && unseen abc123; }
pinentry_that_fails_falls_back() { PINENTRY=false typed 'PIN: ' '1234\n' -- $V; ended 0; }

# First use: one question makes the counter, and the same run goes on with the check; the answer about the
# face is asked for (and shown, as any word that is no secret).
first_use() {
	export XDG_STATE_HOME=$PWD/state
	nopinentry typed 'password' 'tanuki-2026\n' 'application): ' '55021720352285\n' -- "$KAZASU" identify --procedure honnin --reader sim:test-person --test-roots --face same
	ended 0 && saw 'first administrator' && saw 'confirmed' && unseen tanuki && unseen 55021720352285 && [ "$(stat -c %a state/kazasu/desk)" = 700 ]
}
the_face_is_asked_for() {
	nopinentry typed 'application): ' '55021720352285\n' '[same|different|unsure]' 'unsure\n' 'Other documents' 'menkyo:2030-01-01\n' -- "$KAZASU" identify --procedure honnin --reader sim:test-person --test-roots
	[ "$(tail -1 seen | cut -d' ' -f1)" = exit=0 ] && saw 'was not sure' && saw 'driving licence: accepted' && saw 'confirmed'
}

t_ok "terminal: the right PIN, tries shown, nothing echoed" terminal_right
t_ok "terminal: a wrong PIN in Japanese" terminal_wrong_japanese
t_ok "terminal: a wrong form" terminal_format
t_ok "terminal: a line that is too long" terminal_too_long
t_ok "terminal: end of input cancels" terminal_end_of_input
t_ok "terminal: Ctrl-C leaves it in order" terminal_interrupt
t_ok "terminal: SIGTERM leaves it in order" terminal_terminated
t_ok "a new PIN is typed twice" new_pin_twice
t_ok "two different new PINs" new_pin_differs
t_ok "number B shows its tries" number_b_shows_tries
t_ok "the last try asks nobody" last_try_asks_nobody
t_ok "a locked PIN asks nobody" locked_asks_nobody
t_ok "number B locked in one application asks nobody" number_b_locked_in_text_asks_nobody
t_ok "pinentry: the right PIN" pinentry_right
t_ok "pinentry: a wrong PIN" pinentry_wrong
t_ok "pinentry: cancelled" pinentry_cancelled
t_ok "pinentry: a password" pinentry_password
t_ok "a pinentry that fails: the terminal" pinentry_that_fails_falls_back
t_ok "first use: one question, then the check" first_use
t_ok "the answer about the face is asked for" the_face_is_asked_for
t_end
