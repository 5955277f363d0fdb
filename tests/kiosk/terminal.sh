# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
# terminal.sh — a terminal of the place of place.sh: run it, and look at what it said and left. Everything
# that it ever said is kept in the file `all`.
#
# FEE is that of a copy; PKI the folder of keys; the working directory is the terminal's.
FEE=200
PKI=$KZ_TMP/place/pki

# A terminal's settings; its notes, payment unit and printer are one folder.
conf() { # NAME [ID]
	cat >"$1.conf" <<-EOF
		center = $CENTER_URL
		audience = kazasu-center:test
		ca = $PKI/ca.pem
		certificate = $PKI/terminal-${2:-T1}.pem
		key = $PKI/terminal-${2:-T1}.key
		state = $KZ_TMP/$1
	EOF
}

# kiosk WORDS…: PINS, CARD, CONF, SPEAK say otherwise. Answers in json, said, status.
kiosk() {
	printf '%s\n' ${PINS:-1234} | TMPDIR=$KZ_TMP/tmp timeout 90 "$KZ_BIN/kazasu" --lang "${SPEAK:-ja}" \
		--reader "${CARD:-sim:test-person}" --test-roots kiosk --config "${CONF:-t1}.conf" \
		--pin-fd 0 --json "$@" >json 2>said
	status=$?
	cat json said | tee -a all
	return $status
}
# issue OPTIONS…: KIND, CITY say otherwise.
issue() {
	rm -rf out
	kiosk issue --municipality "${CITY:-13221}" --kind "${KIND:-juminhyo}" -o out "$@"
}
inquiry() { sed -n 's/.*"inquiry": "\(.*\)",/\1/p' json; }
is() { # KEY VALUE…
	while [ $# -gt 0 ]; do
		grep -q "^  \"$1\": \"\{0,1\}$2\"\{0,1\},\{0,1\}$" json || { echo "$1 is not $2"; return 1; }
		shift 2
	done
}
ends() { # STATUS KEY VALUE…
	[ "$status" = "$1" ] || { echo "status $status, not $1"; return 1; }
	shift
	is "$@"
}
said() { grep -q -- "$1" said; }
nothing_charged() { said '料金はいただいていません' && [ ! -e out/certificate.pdf ] && [ ! -e out/paper-front.png ]; }
paper_is() { # VERDICT PREFIX
	"$KZ_BIN/kazasu" --test-roots paper verify "out/$2back.png" --front "out/$2front.png" --json >verdict 2>&1
	grep -q "\"verdict\": \"$1\"" verdict || { cat verdict; return 1; }
}
back_is() { # PICTURE: proves a sheet by itself
	"$KZ_BIN/kazasu" --test-roots paper verify "$1" --json >verdict 2>&1
	grep -q '"verdict": "valid"' verdict || { cat verdict; return 1; }
}
copy_number() { sed -n 's/.*"copy": "\([^"]*\)".*/\1/p' verdict; }
# Nothing of the persona stands in what it ever said.
nothing_personal_was_said() {
	local word
	for word in 黒桐 幹也 観布子 '１２－７－２０２' 1980-02-17 1980年 昭和５５ 昭和55 537686677188 400000012719843 997794E9AGCIEG \
		"$(openssl x509 -in "$KZ_FIXTURES/certs/test-person-auth.pem" -noout -serial | sed 's/serial=//')"; do
		! grep -q -- "$word" "${1:-all}" || { echo "$word was said"; return 1; }
	done
	[ "$(wc -c <"${1:-all}")" -gt 1000 ]
}
# What the payment unit holds: taken less given back.
kept() {
	awk '$1 ~ /^(take|hush|mute|more)$/ { n += $3 } $1 == "back" { n -= $3 } END { print n + 0 }' \
		t1/payment/unit.log 2>/dev/null || echo 0
}
# Runs a command; the money that stays is what it is said to be.
keeps() { # YEN command…
	local before want=$1
	before=$(kept)
	shift
	"$@" || return 1
	[ $(($(kept) - before)) = "$want" ] || { echo "kept $(($(kept) - before)), not $want"; return 1; }
}

# ---- a printer that speaks IPP ----
ipp_daemons() {
	mkdir -p /run/dbus /run/avahi-daemon
	dbus-daemon --system --nofork --nopidfile >dbus.log 2>&1 &
	IPP_PIDS="$!"
	wait_for 5 test -S /run/dbus/system_bus_socket || return 1
	printf '[server]\nallow-interfaces=lo\nuse-ipv6=no\n[publish]\n[reflector]\n' >avahi.conf
	avahi-daemon -f "$KZ_TMP/avahi.conf" --no-drop-root --no-chroot --no-rlimits --no-proc-title >avahi.log 2>&1 &
	IPP_PIDS="$IPP_PIDS $!"
	wait_for 5 test -S /run/avahi-daemon/socket
}
# ipp_printer SCRIPT: what the printer does with a job, as lines of shell
ipp_printer() {
	printf '#!/bin/sh\n%s\n' "$1" >print.sh
	chmod +x print.sh
	rm -rf spool && mkdir spool
	ippeveprinter -2 -k -p 8631 -n localhost -d "$KZ_TMP/spool" -c "$KZ_TMP/print.sh" -f application/pdf Terminal >ipp.log 2>&1 &
	IPP_PID=$!
	wait_for 5 grep -q ':21B7 00000000' /proc/net/tcp
}
ipp_stop() { kill "$IPP_PID" && wait "$IPP_PID"; true; }
