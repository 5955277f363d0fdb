#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# pkcs11-tool, p11tool and pkcs11-spy drive the module through a real pcscd: every token and object,
# signatures by both keys, fork, threads, cards that come and go, several processes at once,
# and another program that moves the card. The card's own log counts the commands.
. "$(dirname "$0")/clients.sh"
pcscd_namespace "$@"
clients_start || exit 1
tool() { pkcs11-tool --module "$M" "$@"; }

exports() {
	for m in "$M" "$MA"; do
		[ "$(nm -D --defined-only "$m" | awk '{print $3}' | sort | tr '\n' ' ')" = \
			"C_GetFunctionList C_GetInterface C_GetInterfaceList " ] || return 1
		! nm -D "$m" | grep -q card_sim || return 1
	done
}
list() {
	card_log_clear
	tool -L | tee list
	grep -q 'My Number Card (auth)' list && grep -q 'My Number Card (sign)' list &&
		grep -q 'pin min/max *: 4/4' list && grep -q 'pin min/max *: 6/16' list &&
		[ "$(grep -c 'serial num *: [0-9A-F]\{16\}$' list)" = 2 ] && vcard_commands &&
		[ "$(vcard_commands)" -le 6 ]
}
# SHA-256 over the first 256 bytes of the authentication certificate's file.
serial_number() {
	local want
	want=$(openssl x509 -in auth.pem -outform DER | head -c 256 | sha256sum | cut -c1-16 | tr a-f A-F)
	[ "$(grep -c "serial num *: $want\$" list)" = 2 ]
}
objects() {
	tool -O | tee objects
	grep -q 'Certificate Object' objects && grep -q 'CKP_PUBLIC_CERTIFICATES_TOKEN' objects &&
		grep -q 'Public Key Object; RSA 2048 bits' objects && ! grep -q error objects
}
nothing_of_the_signer() {
	tool --slot 1 -O | tee objects
	! grep -q 'Certificate Object\|Key Object' objects
}
mechanisms() {
	tool -M | tee mechanisms
	[ "$(grep -c 'RSA-PKCS' mechanisms)" = 4 ] && grep -q 'RSA-PKCS,.*hw, sign, verify' mechanisms &&
		! grep -qi 'PSS\|decrypt\|SHA1\|derive' mechanisms
}
auth_only() {
	pkcs11-tool --module "$MA" -L | tee list
	! grep -q '(sign)' list && grep -q 'My Number Card (auth)' list
}
test_auth() { tool --slot 0 --login --pin 1234 --test | tee out && grep -q '^No errors' out; }
test_sign() { tool --slot 1 --login --pin ABC123 --test | tee out && grep -q '^No errors' out; }
sign_with() { # SLOT PIN KEY
	tool --slot "$1" --login --pin "$2" --sign -m SHA256-RSA-PKCS -i data -o "$3.sig" &&
		verified "$3" "$3.sig"
}
certificate() {
	tool --slot 1 --login --pin ABC123 --read-object --type cert --id 02 -o cert.der &&
		openssl x509 -in sign.pem -outform DER | cmp - cert.der
}
random() { tool --slot 0 --generate-random 32 -o random && [ "$(stat -c %s random)" = 32 ]; }
forked() { tool --test-fork; }
threads() {
	timeout 60 pkcs11-tool --module "$M" --test-threads IN -L --test-threads ILGISLT0 &&
		timeout 60 pkcs11-tool --module "$M" --use-locking --test-threads ILGISLT0 -L -O \
			--login --pin 1234 --test --test-threads ILGISLT0
}
# Both slots tell of the removal and of the return.
hotplug() {
	mkfifo keys
	tool --test-hotplug <keys >hot 2>&1 &
	local tool=$!
	exec 7>keys
	echo x >&7
	wait_for 30 grep -q C_WaitForSlotEvent hot
	vcard_stop
	echo >&7 && wait_for 30 events 1 && echo >&7 && wait_for 30 events 2 || return 1
	vcard_start test-person
	echo >&7 && wait_for 30 events 3 && echo >&7 && wait_for 30 events 4 || return 1
	echo x >&7
	exec 7>&-
	wait $tool
	cat hot
	[ "$(grep -o 'event on slot 0x[0-9]' hot | tr '\n' ' ')" = \
		"event on slot 0x0 event on slot 0x1 event on slot 0x0 event on slot 0x1 " ]
}
events() { [ "$(grep -c 'event on slot' hot)" -ge "$1" ]; }
gnutls() { # PIN URI
	GNUTLS_PIN=$1 p11tool --provider "$M" --login --test-sign "$2" 2>&1 | tee out
	[ "$(grep -c 'ok$' out)" = 3 ]
}
spy() {
	PKCS11SPY=$M PKCS11SPY_OUTPUT=spy.log pkcs11-tool \
		--module "$(dpkg -L opensc-pkcs11 | grep '/pkcs11-spy\.so$' | head -1)" -L -O >out &&
		grep -q 'My Number Card (auth)' out && ! grep -q 'Returned:.*CKR_[^O]' <(grep -v \
			'CKR_TOKEN_NOT_PRESENT\|CKR_OK\|ATTRIBUTE' spy.log)
}
processes() {
	local i p pids=''
	for i in 1 2 3 4; do
		/usr/bin/python3 "$KZ_ROOT/tests/pkcs11/sign_many.py" "$M" 25 "many.$i" &
		pids="$pids $!"
	done
	for p in $pids; do wait "$p" || return 1; done
	[ "$(ls many.*.* | wc -l)" = 100 ] || return 1
	for i in many.*.*; do verified auth "$i" >out || { cat out; return 1; }; done
}
foreign_program() {
	/usr/bin/python3 "$KZ_ROOT/tests/pkcs11/foreign.py" "$M" "$VCARD_LOG"
}
# All that was selected so far, by any program of ours: the JPKI application and, to clear, the
# card manager.
# The card's log as words, the last N commands.
last_commands() {
	grep '^> ' "$VCARD_LOG" | tail -"$1" | cut -c3- | sed 's/^00A4040C0AD392F.*/SELECT/
		s/^00A4040C07A00.*/CLEAR/;s/^0020009[8B]$/QUERY/;s/^0020009[8B].*/VERIFY/
		s/^802A.*/SIGN/;s/^00B0.*/READ/' | tr '\n' ' '
}
budget_auth() {
	/usr/bin/python3 "$KZ_ROOT/tests/pkcs11/sign_many.py" "$M" 3 few || return 1
	last_commands 7 | tee out
	[ "$(cat out)" = "SELECT SIGN SELECT SIGN SELECT SIGN CLEAR " ] && verified auth few.2 &&
		last_commands 99 | tee out && grep -q 'SELECT QUERY VERIFY SELECT' out
}
budget_sign() {
	sign_with 1 ABC123 sign && last_commands 8 | tee out &&
		grep -q '^SELECT QUERY VERIFY CLEAR SELECT VERIFY SIGN CLEAR $' out
}
never_leaves() {
	[ "$(card_got 00A4040C0AD392F000260100000001)" -gt 0 ] &&
		! grep '^> 00A404' "$VCARD_LOG" |
		grep -v '^> 00A4040C0AD392F000260100000001$\|^> 00A4040C07A0000001510000$'
}
change_pin() {
	tool --slot 0 --login --pin 1234 --change-pin --new-pin 4321 &&
		tool --slot 0 --login --pin 4321 --change-pin --new-pin 1234 &&
		sign_with 0 1234 auth
}
no_card_manager() { # cleared by cutting the power instead
	vcard_stop && vcard_start test-person --quirk no-card-manager && sign_with 0 1234 auth &&
		sign_with 1 ABC123 sign && test_sign && vcard_stop && vcard_start test-person
}
# What the refusal of the last try asks the person to do.
last_try_restored() {
	! tool --slot 0 --login --pin 0000 -O >out 2>&1 && ! tool --slot 0 --login --pin 0000 -O >out 2>&1 &&
		! tool --slot 0 --login --pin 1234 -O >out 2>&1 && tool --slot 0 -L | grep -q 'final user PIN try' &&
		echo 1234 | "$KZ_BIN/kazasu" pin verify auth --last-try --pin-fd 0 &&
		! tool --slot 0 -L | grep -q 'final user PIN try\|PIN count low' && sign_with 0 1234 auth
}
# The second question of a signature is spared by its user's own file only, and the log says so.
spared_question_is_logged() {
	mkdir -p kazasu && printf 'sign_login = session\nlog = %s\n' "$HOME/p11.log" >kazasu/pkcs11.conf
	sign_with 1 ABC123 sign && grep -q 'warning: sign_login = session' p11.log && ! grep -q ABC123 p11.log
	local ok=$?
	rm kazasu/pkcs11.conf
	return $ok
}
defects() {
	! tool --slot 0 --login --pin '' -O >out 2>&1 && ! grep -q GENERAL out &&
		! tool --slot 0 --login --pin 0000 -O >out 2>&1 && grep -q CKR_PIN_INCORRECT out &&
		tool --slot 0 -L | grep -q 'user PIN count low' &&
		! tool --slot 0 --login --pin 0000 -O >out 2>&1 && grep -q CKR_PIN_INCORRECT out &&
		tool --slot 0 -L | grep -q 'final user PIN try' &&
		card_log_clear && ! tool --slot 0 --login --pin 1234 -O >out 2>&1 &&
		grep -q 'FUNCTION_REJECTED\|0x200' out && [ "$(card_got 002000980)" = 0 ] || return 1
	mkdir -p kazasu && echo 'last_try = allow' >kazasu/pkcs11.conf
	! tool --slot 0 --login --pin 0000 -O >out 2>&1 && grep -q CKR_PIN_LOCKED out &&
		! tool --slot 0 --login --pin 1234 -O >out 2>&1 && grep -q CKR_PIN_LOCKED out &&
		tool --slot 0 -L | grep -q 'user PIN locked' && sign_with 1 ABC123 sign
}

t_ok "only the three entry points are exported" exports
t_ok "both tokens, in six commands" list
t_ok "their serial number is told by the certificate" serial_number
t_ok "objects of the authentication token" objects
t_ok "nothing of the signing certificate before its login" nothing_of_the_signer
t_ok "mechanisms" mechanisms
t_ok "the authentication-only module has no signature slot" auth_only
t_ok "pkcs11-tool --test, authentication" test_auth
t_ok "pkcs11-tool --test, signature" test_sign
t_ok "sign with the authentication key" sign_with 0 1234 auth
t_ok "sign with the signature key" sign_with 1 ABC123 sign
t_ok "the signing certificate is the card's file" certificate
t_ok "a login of three commands, two for each signature" budget_auth
t_ok "three and three for one by the signature key" budget_sign
t_ok "random bytes" random
t_ok "fork" forked
t_ok "threads" threads
t_ok "p11tool --test-sign, authentication" gnutls 1234 "$AUTH"
t_ok "p11tool --test-sign, signature" gnutls ABC123 "$SIGN"
t_ok "pkcs11-spy sees no error" spy
t_ok "the PIN is changed and changed back" change_pin
t_ok "no other application was ever selected" never_leaves
t_ok "a card that goes and comes back" hotplug
t_ok "four processes sign 25 times each" processes
t_ok "another program between two signatures" foreign_program
t_ok "a card whose card manager cannot be selected" no_card_manager
t_ok "the last try is given back by kazasu pin verify" last_try_restored
t_ok "sparing the second question is logged" spared_question_is_logged
t_ok "wrong, last and locked PINs are told apart" defects
t_end
