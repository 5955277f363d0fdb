#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Headless Chromium with the module in its NSS database logs in to a loopback HTTPS server that asks
# for a client certificate. The dialog that asks for the PIN of a token is a window of the browser's
# own, also where nobody sees it: unlock.py types into it.
. "$(dirname "$0")/clients.sh"
pcscd_namespace "$@"
clients_start || exit 1
DB=sql:$HOME/.pki/nssdb
URL=https://localhost:4433/
NAME=$(openssl x509 -in auth.pem -noout -subject -nameopt sep_multiline | sed -n 's/^ *CN=//p')

prepare() {
	mkdir -p .pki/nssdb policies/policies/managed &&
		certutil -N -d "$DB" --empty-password && eval "$(doc nss)" || return 1
	openssl req -x509 -newkey rsa:2048 -nodes -keyout server.key -out server.pem -days 2 \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null &&
		certutil -A -d "$DB" -n server -t CP,, -i server.pem || return 1
	printf '{"AutoSelectCertificateForUrls": ["{\\"pattern\\":\\"%s\\",\\"filter\\":{}}"]}\n' "${URL%/}" \
		>policies/policies/managed/kazasu.json
	mount --bind policies /etc/chromium
}
# TLS 1.2 with RSA+SHA256: what a card that pads PKCS#1 v1.5 can do.
server() {
	openssl s_server -accept 4433 -cert server.pem -key server.key -CAfile ca.pem -Verify 2 \
		-verify_return_error -www -tls1_2 -client_sigalgs RSA+SHA256 >server.log 2>&1 &
	wait_for 10 grep -q ACCEPT server.log
}
asks_for_the_pin() {
	card_log_clear
	env -u DISPLAY -u WAYLAND_DISPLAY chromium --headless=new --no-sandbox --disable-gpu --no-first-run \
		--user-data-dir="$HOME/profile" --disable-dev-shm-usage --password-store=basic --lang=en \
		--enable-ui-devtools=9229 --enable-features=ui-debug-tools-enable-synthetic-events \
		"$URL" >chromium.log 2>&1 &
	CHROMIUM=$!
	/usr/bin/python3 "$KZ_ROOT/tests/pkcs11/unlock.py" 9229 <auth.pin || {
		cat chromium.log
		return 1
	}
}
pin_verified() { wait_for 10 grep -q '^> 0020009804' "$VCARD_LOG"; }
server_knows_the_card() {
	wait_for 30 grep -q "CN *= *$NAME" server.log
	cat server.log
	grep -q "CN *= *$NAME" server.log && ! grep -qi 'verify error' server.log
}
one_signature() {
	sleep 1
	grep '^> ' "$VCARD_LOG" | cut -c1-40
	[ "$(card_got 802A)" = 1 ] && [ "$(card_got 0020009804)" = 1 ]
}

t_ok "module, policy and server's certificate" prepare
t_ok "an HTTPS server that asks for a certificate" server
t_ok "Chromium finds the certificate and asks for the PIN" asks_for_the_pin
t_ok "the PIN reaches the card" pin_verified
t_ok "the server logs the certificate's name" server_knows_the_card
t_ok "the card made exactly one signature" one_signature
kill "$CHROMIUM" 2>/dev/null
t_end
