# SPDX-License-Identifier: Apache-2.0
# pcscd.sh — a pcscd of one's own, with virtual cards, for a test script. Source it:
#
#   . "$(dirname "$0")/../helpers/pcscd.sh"
#   pcscd_namespace "$@"            # runs this script again inside a private namespace
#   pcscd_start                     # a pcscd with vpcd and nothing else
#   vcard_start test-person         # … --quirk NAME, --state DIR, any option of kazasu-vcard
#   … programs that use PC/SC …
#   vcard_stop; pcscd_stop
#   t_ok NAME command args…         # one test: passes if the command succeeds
#   t_end                           # prints the closing lines, exits 0 or 1
#
# Nothing outside the namespace sees the pcscd, its socket, its port or the card; all
# processes end with the script. Works as root and, with user namespaces, without.
#   $KZ_ROOT  the source tree   $KZ_BIN  build/bin   $KZ_TMP  a folder of this run
#   $VCARD_LOG  the dialogue of the card started last

KZ_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
KZ_BIN=${KZ_BIN:-$KZ_ROOT/build/bin}
VPCD_PORT=35963
VPCD_LIB=/usr/lib/pcsc/drivers/serial/libifdvpcd.so

# What unshare can do here: root or not, with or without a /proc of one's own.
pcscd_unshare() {
	local user pid
	for user in "" "-U -r"; do
		for pid in "--pid --fork --kill-child" ""; do
			# shellcheck disable=SC2086
			if unshare $user -m -n $pid sh -c "mount -t tmpfs tmpfs /run && ip link set lo up &&
				{ [ -z '$pid' ] || mount -t proc proc /proc; }" 2>/dev/null; then
				echo "$user -m -n $pid"
				return 0
			fi
		done
	done
	echo "no namespaces: unshare -m -n works neither as $(id -un) nor with -U -r" >&2
	return 1
}

pcscd_namespace() {
	if [ -z "${KZ_NAMESPACE:-}" ]; then
		local flags
		flags=$(pcscd_unshare) || exit 1
		# shellcheck disable=SC2086
		KZ_NAMESPACE=$flags exec unshare $flags bash "$0" "$@"
	fi
	case $KZ_NAMESPACE in *--pid*) mount -t proc proc /proc ;; esac
	mount -t tmpfs tmpfs /run
	mkdir -p /run/pcscd
	ip link set lo up
	KZ_TMP=$(mktemp -d)
	VCARD_LOG=$KZ_TMP/vcard.log
	T_PASSED=0 T_FAILED=0 PCSCD_PID= VCARD_PID=
	trap pcscd_cleanup EXIT
}

pcscd_cleanup() {
	[ -z "$VCARD_PID" ] || kill "$VCARD_PID" 2>/dev/null
	[ -z "$PCSCD_PID" ] || kill "$PCSCD_PID" 2>/dev/null
	rm -rf "$KZ_TMP"
}

# Wait until a command succeeds: wait_for SECONDS command…
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -le $end ] || return 1
		sleep 0.02
	done
}

pcscd_start() {
	local conf=$KZ_TMP/reader.conf.d
	mkdir -p "$conf"
	printf 'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x8C7B\nLIBPATH %s\nCHANNELID 0x8C7B\n' \
		"$VPCD_LIB" >"$conf/vpcd"
	pcscd -f -c "$conf" "$@" >"$KZ_TMP/pcscd.log" 2>&1 &
	PCSCD_PID=$!
	wait_for 10 test -S /run/pcscd/pcscd.comm && wait_for 10 pcscd_listens || {
		echo "pcscd did not start:" >&2
		cat "$KZ_TMP/pcscd.log" >&2
		return 1
	}
}

pcscd_listens() {
	grep -q "$(printf ':%04X 00000000:0000 0A' $VPCD_PORT)" /proc/net/tcp ||
		grep -q "$(printf ':%04X 0*:0000 0A' $VPCD_PORT)" /proc/net/tcp6
}

pcscd_stop() {
	[ -n "$PCSCD_PID" ] || return 0
	kill "$PCSCD_PID" 2>/dev/null
	wait "$PCSCD_PID" 2>/dev/null
	PCSCD_PID=
}

card_present() { opensc-tool -l 2>/dev/null | grep -q '^[0-9]\+ \+Yes'; }
card_absent() { ! card_present; }

# vcard_start PERSONA [options]: returns when pcscd sees the card.
vcard_start() {
	local persona=$1
	shift
	VCARD_LOG=$KZ_TMP/vcard.log
	: >"$VCARD_LOG"
	"$KZ_BIN/kazasu-vcard" --persona "$persona" --log "$VCARD_LOG" "$@" 2>"$KZ_TMP/vcard.err" &
	VCARD_PID=$!
	wait_for 10 card_present || {
		echo "the virtual card did not appear:" >&2
		cat "$KZ_TMP/vcard.err" >&2
		return 1
	}
}

# Pull the card and wait until pcscd knows.
vcard_stop() {
	[ -n "$VCARD_PID" ] || return 0
	kill -TERM "$VCARD_PID" 2>/dev/null
	wait "$VCARD_PID" 2>/dev/null
	VCARD_PID=
	wait_for 10 card_absent
}

# How many commands the card got since vcard_start or the last `: >"$VCARD_LOG"`.
vcard_commands() { grep -c '^>' "$VCARD_LOG"; }

t_ok() {
	local name=$1
	shift
	printf '[ RUN      ] %s\n' "$name"
	if "$@" >"$KZ_TMP/t.out" 2>&1; then
		printf '[       OK ] %s\n' "$name"
		T_PASSED=$((T_PASSED + 1))
	else
		cat "$KZ_TMP/t.out"
		printf '[  FAILED  ] %s\n' "$name"
		T_FAILED=$((T_FAILED + 1))
	fi
}

t_end() {
	printf '[  PASSED  ] %d test(s).\n' "$T_PASSED"
	[ "$T_FAILED" -eq 0 ] || printf '[  FAILED  ] %d test(s).\n' "$T_FAILED"
	vcard_stop
	pcscd_stop
	[ "$T_FAILED" -eq 0 ]
	exit
}
