#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Python (PyKCS11), Node.js (pkcs11js) and OpenVPN use the module.
. "$(dirname "$0")/clients.sh"

# Outside the namespace, which has no network: once for this tree, into build/.
NODE=$KZ_ROOT/build/node
if [ "${KZ_NAMESPACE:-}" != 1 ] && [ ! -e "$NODE/.stamp" ]; then
	mkdir -p "$NODE"
	npm_config_nodedir=/usr npm install --prefix "$NODE" --no-audit --no-fund --no-save \
		pkcs11js@2.1.7 >"$NODE/log" 2>&1 && touch "$NODE/.stamp" || cat "$NODE/log"
fi
pcscd_namespace "$@"
clients_start || exit 1

python() { /usr/bin/python3 "$KZ_ROOT/tests/pkcs11/sign_many.py" "$M" 3 py && verified auth py.2; }
node_js() { NODE_PATH=$NODE/node_modules node "$KZ_ROOT/tests/pkcs11/pkcs11js.js" "$M"; }
openvpn_ids() {
	openvpn --show-pkcs11-ids "$MA" | tee out
	grep -q 'Serialized id: *JPKI/My\\x20Number\\x20Card/[0-9A-F]\{16\}/My\\x20Number\\x20Card\\x20\\x28auth\\x29/01' out
}

t_ok "PyKCS11" python
t_ok "pkcs11js" node_js
t_ok "openvpn --show-pkcs11-ids" openvpn_ids
t_end
