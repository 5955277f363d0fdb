#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves what people meet where polkit shuts them out: `kazasu doctor` and every other command end
# with exit 77 and say so, with the real pcscd, polkitd and system bus, as user nobody.
#
#   tests/pcsc/polkit.sh [PCSCD [POLICY]]
#
# By hand, not by `make check`: the pcscd of Debian 12 is built without polkit (`pcscd --version`),
# so nothing refuses there. PCSCD is one with it, POLICY its org.debian.pcsc-lite.policy if that is
# not installed; for instance Debian's own source after `./configure --enable-polkit`:
#   tests/pcsc/polkit.sh pcsc-lite-1.9.9/src/pcscd pcsc-lite-1.9.9/doc/org.debian.pcsc-lite.policy
. "$(dirname "$0")/../helpers/pcscd.sh"
PCSCD=$(realpath "$(command -v "${1:-pcscd}")") POLICY=${2:+$(realpath "$2")}
[ "$(id -u)" = 0 ] || { echo "run as root: it changes to another user" >&2; exit 1; }
pcscd_namespace "$@"

ACTIONS=/usr/share/polkit-1/actions
mkdir -p /run/actions /run/dbus && cp "$ACTIONS"/* /run/actions/ && cp ${POLICY:+"$POLICY"} /run/actions/ 2>/dev/null
mount --bind /run/actions "$ACTIONS"
dbus-daemon --system --fork --nopidfile --nosyslog
wait_for 5 test -S /run/dbus/system_bus_socket
/usr/lib/polkit-1/polkitd --no-debug >"$KZ_TMP/polkitd.log" 2>&1 &
wait_for 10 dbus-send --system --print-reply --dest=org.freedesktop.PolicyKit1 / org.freedesktop.DBus.Peer.Ping
mkdir "$KZ_TMP/path" && ln -s "$PCSCD" "$KZ_TMP/path/pcscd" && PATH=$KZ_TMP/path:$PATH
pcscd_start && vcard_start test-person || exit 1
# nobody must be able to run them, wherever the tree lies
cp -r "$KZ_ROOT/build/bin/kazasu" "$KZ_ROOT/build/lib" /run/
chmod -R a+rX /run/kazasu /run/lib /run/pcscd

as_nobody() { (cd / && LD_LIBRARY_PATH=/run/lib setpriv --reuid=65534 --regid=65534 --clear-groups "$@"); }
as_root() { LD_LIBRARY_PATH=/run/lib /run/kazasu "$@"; }
rc() { local want=$1 got=0; shift; "$@" || got=$?; [ "$got" = "$want" ] || { echo "exit $got, wanted $want"; return 1; }; }
is_refused() { rc 77 as_nobody /run/kazasu "$@" --lang en >/run/out 2>&1 && grep -qi polkit /run/out || { cat /run/out; return 1; }; }

t_ok root_may_use_the_card rc 0 as_root status
t_ok doctor_names_polkit is_refused doctor
t_ok status_ends_in_77 is_refused status
t_ok readers_ends_in_77 is_refused readers
t_end
