#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Chromium with the module in its NSS database logs in to a loopback HTTPS server that asks for a
# client certificate. Without a screen: on a display nobody sees. `--headless=new` does reach the
# card and opens the dialog that asks for the PIN, but nothing can type into it: it is a window of the
# browser's own on the headless platform (--ozone-platform=x11 is overruled), the DevTools protocol
# reaches pages only, and --enable-ui-devtools shows its field and refuses key events.
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
display() {
	mkdir -p /tmp/.X11-unix
	Xvfb -displayfd 3 -screen 0 1000x700x24 -nolisten tcp 3>display >xvfb.log 2>&1 &
	wait_for 20 test -s display && DISPLAY=:$(cat display) && export DISPLAY
}
asks_for_the_pin() {
	card_log_clear
	chromium --no-sandbox --disable-gpu --no-first-run --user-data-dir="$HOME/profile" \
		--disable-dev-shm-usage --password-store=basic "$URL" >chromium.log 2>&1 &
	CHROMIUM=$!
	wait_for 60 xdotool search --name '^Unlock Security Device$' || {
		cat chromium.log
		return 1
	}
}
# The window may be there before it takes keys: type until the card hears of it. A PIN typed into
# nothing costs no try.
pin_verified() { grep -q '^> 0020009804' "$VCARD_LOG"; }
type_pin() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		xdotool search --name '^Unlock Security Device$' windowfocus 2>/dev/null
		xdotool key ctrl+a && xdotool type 1234 && xdotool key Return
		wait_for 2 pin_verified && return
	done
	cat chromium.log
	return 1
}
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
t_ok "a display nobody sees" display
t_ok "Chromium finds the certificate and asks for the PIN" asks_for_the_pin
t_ok "the PIN reaches the card" type_pin
t_ok "the server logs the certificate's name" server_knows_the_card
t_ok "the card made exactly one signature" one_signature
kill "$CHROMIUM" 2>/dev/null
t_end
