# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
# place.sh — a municipality, a centre and what a terminal needs, as real processes on loopback.
#
# kiosk_place DIR   makes keys (unless DIR/pki is there), tables, records and lists below DIR
# kiosk_up [ARGS]   starts issuer and centre; sets CENTER_URL. ARGS go to the centre
# kiosk_down        ends both

# Wait for the port that a program tells it listens on; prints it.
kiosk_port() {
	local i
	for ((i = 0; i < 200; i++)); do
		sed -n -e 's/.*listening on .*:\([0-9]*\).*/\1/p' -e 's/.* port=\([0-9]*\).*/\1/p' "$1" | grep . && return
		sleep 0.05
	done
	cat "$1" >&2
	return 1
}

kiosk_place() {
	PLACE=$1
	mkdir -p "$PLACE"/{rules/signers,trust,secrets} &&
		{ [ -d "$PLACE/pki" ] || "$KZ_BIN/kazasu-center" --make-test-pki "$PLACE/pki" >/dev/null; } &&
		"$KZ_BIN/kazasu-issuer" --make-test "$PLACE/issuer" &&
		cp "$PLACE/pki/ca.pem" "$PLACE/issuer" &&
		cp "$PLACE/pki/municipality-13221.pem" "$PLACE/issuer/municipality-13221.pem" &&
		cp "$PLACE/pki/municipality-13221.key" "$PLACE/issuer/municipality-13221.key" &&
		sed -i 's/^center = .*/center = center-1/' "$PLACE/issuer/issuer.conf" &&
		"$KZ_BIN/kazasu-issuer" --config "$PLACE/issuer/issuer.conf" --generate "${RESIDENTS:-50}" \
			--personas "$KZ_FIXTURES" >"$PLACE/generated" || return 1
	cp "$PLACE/issuer/signing.pem" "$PLACE/rules/signers/13221.pem"
	cp "$KZ_FIXTURES"/trust/auth-?.pem "$PLACE/trust"
	cp "$KZ_FIXTURES/paper/paper-key.pem" "$PLACE/back.key"
	head -c 32 /dev/urandom >"$PLACE/master.key"
	chmod 600 "$PLACE/master.key" "$PLACE/back.key"
	"$KZ_BIN/kazasu" --test-roots crl import --store "$PLACE/crl" "$KZ_FIXTURES"/crl/auth-?-*.crl >/dev/null || return 1
	printf '%s\n' 'code,name,prefecture,from,methods,issuer,number,window,place,hours,phone,seal' \
		"13221,清瀬市,東京都,2020-01-01,${METHODS:-new},https://127.0.0.1:1,yes,市民課,清瀬市役所,8:30-17:00,042-000-0000,13221.pem" \
		>"$PLACE/rules/municipalities.csv"
	printf '%s\n' 'municipality,ordinance,card_system' '13221,清瀬市個人番号カードの利用に関する条例,yes' >"$PLACE/rules/ordinances.csv"
	# PINs of kinds are sealed to the municipality: the centre names its certificate, terminals have it too.
	mkdir -p "$PLACE/seals" && cp "$PLACE/issuer/pin.pem" "$PLACE/rules/13221.pem" && cp "$PLACE/issuer/pin.pem" "$PLACE/seals/13221.pem"
	(umask 077 && head -c 32 /dev/urandom >"$PLACE/secrets/13221.conversion" &&
		cp "$KZ_FIXTURES/keys/local-13221.secret" "$PLACE/secrets/13221.current")
	printf '%s\n' 'municipality,kind,from,open,close,calendar' '13221,juminhyo,2020-01-01,,,daily' \
		'13221,inkan,2020-01-01,,,daily' '13221,tax,2020-01-01,,,daily' >"$PLACE/rules/kinds.csv"
	printf '%s\n' 'municipality,kind,channel,from,amount' '13221,juminhyo,kiosk,2020-01-01,200' \
		'13221,inkan,kiosk,2020-01-01,0' >"$PLACE/rules/fees.csv"
	printf '%s\n' 'municipality,kind,from,to,reason' >"$PLACE/rules/closures.csv"
	printf '%s\n' 'terminal,store,place,from,to' 'T1,Store 1,東京都千代田区,2020-01-01,' \
		'T2,Store 2,大阪市,2020-01-01,' >"$PLACE/rules/terminals.csv"
	cat >"$PLACE/center.json" <<-EOF
		{"name": "center-1", "audience": "kazasu-center:test", "port": 0,
		 "tls_ca": "pki/ca.pem", "tls_certificate": "pki/center-center-1.pem", "tls_key": "pki/center-center-1.key",
		 "store": "center.db", "rules": "rules", "master_key": "master.key", "secrets": "secrets",
		 "back_key": "back.key", "trust": "trust", "crl": "crl", "test_roots": true,
		 "message_seconds": ${MESSAGE_SECONDS:-30}, "idle_seconds": 120}
	EOF
}

# Starts the issuer anew on a port of its own and tells the tables; for a centre that starts after it.
issuer_up() {
	local port
	: >"$PLACE/issuer.out" # what the one before said is not this one's port
	"$KZ_BIN/kazasu-issuer" --config "$PLACE/issuer/issuer.conf" >"$PLACE/issuer.out" 2>&1 &
	ISSUER_PID=$!
	port=$(kiosk_port "$PLACE/issuer.out") || return 1
	sed -i "s|https://127.0.0.1:[0-9]*|https://127.0.0.1:$port|" "$PLACE/rules/municipalities.csv"
}

kiosk_up() {
	issuer_up && center_up "$@"
}

center_up() {
	: >"$PLACE/center.out" # the port of an earlier one is not this one's
	"$KZ_BIN/kazasu-center" --config "$PLACE/center.json" "$@" >"$PLACE/center.out" 2>"$PLACE/center.err" &
	CENTER_PID=$!
	CENTER_PORT=$(kiosk_port "$PLACE/center.out") || { cat "$PLACE/center.err" >&2; return 1; }
	CENTER_URL=https://127.0.0.1:$CENTER_PORT
}

center_down() {
	[ -z "${CENTER_PID:-}" ] || { kill "$CENTER_PID" 2>/dev/null; wait "$CENTER_PID" 2>/dev/null; }
	CENTER_PID=
}
kiosk_down() {
	center_down
	[ -z "${ISSUER_PID:-}" ] || { kill "$ISSUER_PID" 2>/dev/null; wait "$ISSUER_PID" 2>/dev/null; }
	ISSUER_PID=
}
