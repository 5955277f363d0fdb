#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034 # some variables are those of documented commands
# openssl signs, and openssl and curl log in to TLS servers, through the provider and through libp11's
# engine. The servers know the client by its certificate.
. "$(dirname "$0")/clients.sh"
pcscd_namespace "$@"
clients_start || exit 1
P="-provider-path $LIB -provider default -provider kazasu-provider"

one_symbol() {
	[ "$(nm -D --defined-only "$LIB/kazasu-provider.so" | awk '{print $3}')" = OSSL_provider_init ]
}
listed() { openssl list $P -providers | grep -q 'Kazasu: My Number Card'; }
certificates() {
	openssl x509 $P -in kazasu:auth | cmp - <(openssl x509 -in auth.pem) &&
		openssl x509 $P -in kazasu:sign -passin file:sign.pin | cmp - <(openssl x509 -in sign.pem) &&
		openssl x509 $P -in kazasu:auth-ca -noout -subject && ! openssl x509 $P -in kazasu:other &&
		! openssl x509 $P -in 'kazasu:auth?reader=nobody'
}
digest() { # KEY
	card_log_clear
	openssl dgst $P -sha256 -sign "kazasu:$1" -passin "file:$1.pin" -out "$1.sig" data &&
		verified "$1" "$1.sig" && [ "$(card_got 802A)" = 1 ]
}
hashes() {
	local h
	for h in sha256 sha384 sha512; do
		openssl dgst $P -$h -sign kazasu:auth -passin file:auth.pin -out h.sig data &&
			openssl dgst -$h -verify auth.pub -signature h.sig data || return 1
	done
	! openssl dgst $P -sha1 -sign kazasu:auth -passin file:auth.pin -out h.sig data
}
raw() {
	openssl dgst -sha256 -binary -out hash data &&
		openssl pkeyutl $P -sign -inkey kazasu:auth -passin file:auth.pin -pkeyopt digest:sha256 \
			-in hash -out raw.sig && verified auth raw.sig &&
		openssl pkeyutl $P -verify -inkey kazasu:auth -passin file:auth.pin -pkeyopt digest:sha256 \
			-in hash -sigfile raw.sig
}
cms() {
	eval "$(doc openssl-cms)" && openssl cms -verify -inform DER -in data.p7s -CAfile ca.pem \
		-purpose any -out back && cmp data back
}
request() {
	openssl req $P -new -key kazasu:auth -passin file:auth.pin -subj /CN=test -sha256 -out csr.pem &&
		openssl req -in csr.pem -noout -verify
}
key_file() {
	eval "$(doc pem)" && openssl pkey $P -in card.key -passin file:auth.pin -pubout | cmp - auth.pub &&
		openssl dgst $P -sha256 -sign card.key -passin file:auth.pin -out auth.sig data &&
		verified auth auth.sig
}
other_keys() { # the provider does not stand in the way of keys in files
	openssl genpkey $P -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out soft.key &&
		openssl dgst $P -sha256 -sign soft.key -out soft.sig data &&
		openssl pkey $P -in soft.key -pubout -out soft.pub && verified soft soft.sig
}
no_card_manager() { # cleared by cutting the power instead
	vcard_stop && vcard_start test-person --quirk no-card-manager && digest auth && digest sign &&
		vcard_stop && vcard_start test-person
}
wrong_pin() {
	echo 9999 >bad.pin
	card_log_clear
	! openssl dgst $P -sha256 -sign kazasu:auth -passin file:bad.pin -out x data 2>err || return 1
	cat err
	grep -q 'wrong PIN' err && [ "$(card_got 0020009804)" = 1 ] && digest auth
}
impossible_pin() {
	echo 12 >bad.pin
	card_log_clear
	! openssl dgst $P -sha256 -sign kazasu:auth -passin file:bad.pin -out x data &&
		[ "$(card_got 00200098)" = 0 ]
}
cleared() { # after all this no other program may sign
	opensc-tool -s 00A4040C0AD392F000260100000001 -s 802A00970401020304 00 2>&1 | tee out
	grep -q 'SW1=0x69, SW2=0x82\|SW1=0x6[7-9A]' out
}
server() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout server.key -out server.pem -days 2 \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null &&
		openssl s_server -accept 4433 -cert server.pem -key server.key -CAfile ca.pem -Verify 2 \
			-verify_return_error -www >server.log 2>&1 &
	wait_for 10 grep -q ACCEPT server.log
}
SERVER=localhost:4433
page() { printf 'GET / HTTP/1.0\r\n\r\n'; }
NAME=$(openssl x509 -in auth.pem -noout -subject -nameopt sep_multiline | sed -n 's/^ *CN=//p')
knows_me() { grep -a -q "Subject:.*CN *= *$NAME" "$1"; }
tls12() {
	card_log_clear
	doc openssl-tls | sed 's/-quiet$/-quiet -ign_eof/' >tls.sh
	export SERVER
	page | timeout 20 bash tls.sh >tls.out 2>&1
	cat tls.out
	knows_me tls.out && [ "$(card_got 802A)" = 1 ]
}
tls13_says_why() {
	! page | timeout 20 openssl s_client $P -connect $SERVER -CAfile server.pem -cert auth.pem \
		-key kazasu:auth -pass file:auth.pin -tls1_3 -quiet -ign_eof >tls.out 2>&1 || return 1
	grep -q 'RSA-PSS is not confirmed' tls.out
}
tls13_with_pss() {
	mkdir -p kazasu && echo 'pss = yes' >kazasu/pkcs11.conf
	page | timeout 20 openssl s_client $P -connect $SERVER -CAfile server.pem -cert auth.pem \
		-key kazasu:auth -pass file:auth.pin -tls1_3 -quiet -ign_eof >tls.out 2>&1
	rm kazasu/pkcs11.conf
	knows_me tls.out
}
curl_page() {
	local URL=https://localhost:4433/
	eval "$(doc pem)" && cp auth.pem client.pem && eval "$(doc curl)" >curl.out 2>curl.err
	cat curl.err
	knows_me curl.out
}
nginx_serves() {
	local nginx
	{
		# Without the users of the system (unshare -U) there is nobody else to be.
		echo "user root root; pid $PWD/nginx.pid; error_log $PWD/nginx.err;"
		doc nginx | sed "s|http {|&\n access_log off; client_body_temp_path $PWD/t1; proxy_temp_path $PWD/t2;\
			fastcgi_temp_path $PWD/t3; uwsgi_temp_path $PWD/t4; scgi_temp_path $PWD/t5;|"
	} >nginx.conf
	card_log_clear
	OPENSSL_CONF=$PWD/openssl.cnf nginx -p "$PWD" -c "$PWD/nginx.conf" >nginx.out 2>&1 &
	nginx=$!
	wait_for 10 curl -sk --tls-max 1.2 https://localhost:4434/ -o served
	kill $nginx
	cat nginx.out nginx.err served
	[ "$(cat served)" = 'signed by the card' ] && [ "$(card_got 802A)" -ge 1 ]
}
engine() {
	local KEY_URI="$AUTH;pin-value=1234"
	eval "$(doc engine)" && verified auth data.sig
}
engine_curl() {
	printf 'openssl_conf = start\n[start]\nssl_conf = ssl\n[ssl]\nsystem_default = tls\n[tls]\nSignatureAlgorithms = RSA+SHA256\n' >tls.cnf
	PKCS11_MODULE_PATH=$MA OPENSSL_CONF=tls.cnf curl -sS --engine pkcs11 --key-type ENG --tls-max 1.2 \
		--key "$AUTH;pin-value=1234" --cert auth.pem --cacert server.pem https://localhost:4433/ \
		>curl.out 2>curl.err
	cat curl.err
	knows_me curl.out
}

t_ok "the provider exports one symbol" one_symbol
t_ok "openssl lists the provider" listed
t_ok "certificates by URI" certificates
t_ok "openssl dgst, authentication" digest auth
t_ok "openssl dgst, signature" digest sign
t_ok "every hash, and SHA-1 refused" hashes
t_ok "openssl pkeyutl signs and verifies" raw
t_ok "openssl cms -sign as documented" cms
t_ok "openssl req" request
t_ok "a PEM file that names the key" key_file
t_ok "keys in files as ever" other_keys
t_ok "a card whose card manager cannot be selected" no_card_manager
t_ok "a wrong PIN is presented once" wrong_pin
t_ok "an impossible PIN is not presented" impossible_pin
t_ok "nothing stays open on the card" cleared
t_ok "a TLS server that asks for a certificate" server
t_ok "TLS 1.2 client authentication as documented" tls12
t_ok "TLS 1.3 says why it fails" tls13_says_why
t_ok "TLS 1.3 with PSS switched on" tls13_with_pss
t_ok "curl through the provider as documented" curl_page
t_ok "nginx with the card's key as documented" nginx_serves
t_ok "libp11's engine as documented" engine
t_ok "curl through the engine" engine_curl
t_end
