#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# NSS (modutil, certutil, cmsutil) and p11-kit use the card; openssl verifies what they sign.
. "$(dirname "$0")/clients.sh"
pcscd_namespace "$@"
clients_start || exit 1
DB=sql:$HOME/.pki/nssdb

database() {
	mkdir -p .pki/nssdb && certutil -N -d "$DB" --empty-password && eval "$(doc nss)" &&
		modutil -dbdir "$DB" -list Kazasu | tee out
	grep -q 'Token Name: My Number Card (auth)' out && ! grep -q '(sign)' out
}
trust() {
	local c
	for c in auth-1 auth-2 sign-1 sign-2; do
		certutil -A -d "$DB" -n "$c" -t TC,TC,TC -i "$FIX/trust/$c.pem" || return 1
	done
}
keys() {
	certutil -K -d "$DB" -h "My Number Card (auth)" -f auth.pin | tee out
	grep -q 'rsa *01 *Authentication' out
}
certificates() {
	certutil -L -d "$DB" -h "My Number Card (auth)" -f auth.pin | tee out
	grep -q 'My Number Card (auth):Authentication *u,u,u' out
}
# The whole module for signatures, in a database of its own.
both() {
	modutil -dbdir "$DB" -force -delete Kazasu && modutil -dbdir "$DB" -force -add Kazasu -libfile "$M"
}
cms() { # TOKEN:CERT PINFILE USAGE
	cmsutil -S -d "$DB" -N "$1" -f "$2" -u "$3" -Y NONE -H SHA256 -i data -o out.cms &&
		openssl cms -verify -inform DER -in out.cms -CAfile ca.pem -purpose any -out back &&
		cmp data back
}
p11_kit() {
	# where p11-kit looks, seen by this namespace only
	mkdir -p modules && mount --bind modules /usr/share/p11-kit/modules || return 1
	sed "s|^module: |&$LIB/|" "$KZ_ROOT/pkcs11/p11-kit/kazasu.module" >modules/kazasu.module
	eval "$(doc p11-kit)" | tee out
	grep -q 'token: My Number Card (auth)' out && grep -q 'pkcs11:model=My%20Number%20Card' out &&
		! grep -q '(sign)' out
}
firefox_policy() {
	doc firefox >policies.json
	/usr/bin/python3 - "$MA" <<-END
		import json, os, sys
		p = json.load(open("policies.json"))["policies"]["SecurityDevices"]["Add"]
		assert list(p.values()) == [sys.argv[1]] and os.path.exists(sys.argv[1]), p
	END
}

t_ok "modutil adds the module as the documentation says" database
t_ok "certutil -K" keys
t_ok "certutil -L" certificates
t_ok "trust for the test roots" trust
t_ok "cmsutil -S with the authentication key" cms "My Number Card (auth):Authentication" auth.pin 0
t_ok "modutil adds both tokens" both
t_ok "cmsutil -S with the signature key" cms "My Number Card (sign):Signature" sign.pin 4
t_ok "p11-kit finds the authentication token" p11_kit
t_ok "the Firefox policy names the module" firefox_policy
t_end
