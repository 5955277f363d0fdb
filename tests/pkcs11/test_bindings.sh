#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Python (PyKCS11), Node.js (pkcs11js) and OpenVPN use the module.
. "$(dirname "$0")/clients.sh"

# Outside the namespace, which has no network: once for this tree, into build/. npm only fetches and
# checks the package, for the npm 9.2 of Debian 12 ends in the middle of its build step. The addon is
# three C++ files for Node-API, whose headers libnode-dev (a dependency of npm) or Node's own package brings.
NODE=$KZ_ROOT/build/node
node_addon() {
	local p=$NODE/node_modules/pkcs11js
	mkdir -p "$NODE" && rm -rf "$NODE/node_modules"
	npm install --ignore-scripts --prefix "$NODE" --no-audit --no-fund --no-save pkcs11js@2.1.7 || return 1
	mkdir -p "$p/build/Release" &&
		g++ -std=c++17 -O1 -shared -fPIC -DNAPI_DISABLE_CPP_EXCEPTIONS -DBUILDING_NODE_EXTENSION \
			-DNODE_GYP_MODULE_NAME=pkcs11 -I"$p/includes" -I/usr/include/node -I/usr/include/nodejs/src \
			-o "$p/build/Release/pkcs11.node" "$p"/src/{dl,common,main}.cpp
}
if [ "${KZ_NAMESPACE:-}" != 1 ] && [ ! -e "$NODE/.stamp" ]; then
	mkdir -p "$NODE"
	node_addon >"$NODE/log" 2>&1 && touch "$NODE/.stamp" || cat "$NODE/log"
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
