# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
# clients.sh — what the scripts with foreign PKCS#11 clients share. Source it, then clients_start.
#
#   $M $MA         kazasu-pkcs11.so, kazasu-pkcs11-auth.so
#   ca.pem         the test roots     auth.pem sign.pem  certificates of the test person
#   auth.pin sign.pin                 files with the secrets (for clients that read files)
#   $AUTH $SIGN    RFC 7512 URIs of the two private keys
# All in an empty working folder that is also $HOME.
. "$(dirname "${BASH_SOURCE[0]}")/../helpers/pcscd.sh"

clients_start() {
	LIB=$KZ_ROOT/build/lib
	M=$LIB/kazasu-pkcs11.so
	MA=$LIB/kazasu-pkcs11-auth.so
	FIX=$KZ_ROOT/build/fixtures
	TOKEN='token=My%20Number%20Card%20%28auth%29'
	AUTH="pkcs11:$TOKEN;id=%01;type=private"
	SIGN='pkcs11:token=My%20Number%20Card%20%28sign%29;id=%02;type=private'
	export PATH=$PATH:/usr/sbin
	unset P11_KIT_PROVIDER_PATH PKCS11_MODULE_PATH SSH_AUTH_SOCK
	export HOME=$KZ_TMP/home XDG_CONFIG_HOME=$KZ_TMP/home LC_ALL=C.UTF-8
	mkdir -p "$HOME" && cd "$HOME" || exit 1
	cat "$FIX"/trust/*.pem >ca.pem
	cp "$FIX/certs/test-person-auth.pem" auth.pem
	cp "$FIX/certs/test-person-sign.pem" sign.pem
	openssl x509 -in auth.pem -noout -pubkey >auth.pub
	openssl x509 -in sign.pem -noout -pubkey >sign.pub
	echo 1234 >auth.pin
	echo ABC123 >sign.pin
	echo 'data to be signed' >data
	pcscd_start && vcard_start test-person
}

# verified KEY SIGNATURE: PKCS#1 v1.5 with SHA-256 over data.
verified() { openssl dgst -sha256 -verify "$1.pub" -signature "$2" data; }

# How many commands that begin with HEX the card got.
card_got() { grep -c "^> $1" "$VCARD_LOG"; }
card_log_clear() { : >"$VCARD_LOG"; }

# The code block after `<!-- run: NAME -->` in docs/pkcs11.md, with the libraries of this tree.
doc() {
	sed -n "/<!-- run: $1 -->/,/^\`\`\`\$/p" "$KZ_ROOT/docs/pkcs11.md" | sed '1,/^```/d;/^```$/d' |
		sed "s|/usr/local/lib|$LIB|g"
}
