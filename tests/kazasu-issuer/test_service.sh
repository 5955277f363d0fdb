#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves the municipal server from outside, over real TLS: who may speak to it, what it answers, once
# for each attempt whatever is repeated, one answer for all refusals of K20, the PIN of a kind, the
# issue record, restarts, reload and drain. As built, and under the sanitizers.
. "$(dirname "$0")/../unit/common.sh"

# Fontconfig loses what it reads of <rejectfont> in the configuration of a system; nothing of ours is in it.
echo "leak:libfontconfig.so" >"$TMP/lsan"
export LSAN_OPTIONS=suppressions=$TMP/lsan:print_suppressions=0

make_pki() { # FOLDER
	local d=$1 name subject
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/O=KAZASU-TEST/CN=ca" \
		-keyout "$d/ca.key" -out "$d/ca.pem" 2>/dev/null || return 1
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/O=KAZASU-TEST/OU=center/CN=center-1" \
		-keyout "$d/stranger.key" -out "$d/stranger.pem" 2>/dev/null || return 1
	while read -r name subject; do
		printf 'basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1\nextendedKeyUsage=%s\n' \
			"$([ "$name" = server-only ] && echo serverAuth || echo serverAuth,clientAuth)" >"$d/ext"
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$subject" \
			-keyout "$d/$name.key" -out "$d/req" 2>/dev/null &&
			openssl x509 -req -in "$d/req" -CA "$d/ca.pem" -CAkey "$d/ca.key" -CAcreateserial -days 30 \
				-extfile "$d/ext" -out "$d/$name.pem" 2>/dev/null || return 1
	done <<-EOF
		municipality-13221 /O=KAZASU-TEST/OU=municipality/CN=13221
		center /O=KAZASU-TEST/OU=center/CN=center-1
		terminal /O=KAZASU-TEST/OU=terminal/CN=center-1
		other /O=KAZASU-TEST/OU=center/CN=other
		twice /O=KAZASU-TEST/OU=terminal/OU=center/CN=center-1
		server-only /O=KAZASU-TEST/OU=center/CN=center-1
	EOF
}

prepare() { # PROGRAM FOLDER
	"$1" --make-test "$2" && make_pki "$2" && mkdir "$2/next" && make_pki "$2/next" || return 1
	sed -i 's/^refusal-ms.*//' "$2/issuer.conf"
	echo "refusal-ms = 250" >>"$2/issuer.conf"
	"$1" --config "$2/issuer.conf" --generate 60 --seed 3 --personas build/fixtures >"$2/generated" &&
		"$1" --config "$2/issuer.conf" --check-config
}

wrong_settings_are_named() { # PROGRAM FOLDER
	local p=$1 d=$2 out
	refuse() { # SED PATTERN
		sed "$1" "$d/issuer.conf" >"$d/bad.conf"
		out=$(LC_ALL=C timeout 20 "$p" --config "$d/bad.conf" --check-config 2>&1)
		[ $? -eq 78 ] && grep -q -e "$2" <<<"$out" || { echo "$1: $out"; return 1; }
	}
	refuse 's/^mayor.*//' 'mayor is missing' &&
		refuse 's/^mayor.*/mayor = 外字 \xF0\x9F\x98\x80/' 'U+1F600' &&
		refuse 's/^number.*/number = maybe/' 'number is wrong' &&
		refuse 's/^title\(.*\)/title\1\ntitle\1/' 'bad.conf:[0-9]*: .*twice' &&
		refuse 's/^title/titel/' 'bad.conf:[0-9]*: there is no such setting' &&
		refuse 's/^seal-text.*/nonsense/' 'key = value' &&
		refuse 's/signing.pem/audit.pem/' 'signing key' &&
		refuse 's/^minimum-age.*//;$aminimum-age = -1' 'minimum-age is wrong' &&
		refuse 's/^center.*//' 'center is wrong or missing' &&
		refuse 's|^secret.*|secret = /dev/null|' '32 bytes' &&
		refuse 's|^tls-key.*|tls-key = '"$d"'/center.key|' 'not that of the TLS key' &&
		refuse 's|^tls-ca.*|tls-ca = /nowhere.pem|' 'TLS file cannot be read: /nowhere.pem' &&
		refuse '$afont = /nowhere.ttf' 'font' &&
		LC_ALL=ja_JP.UTF-8 "$p" --config "$d/nowhere" --check-config 2>&1 | grep -q '読'
}

one_thing_at_a_time() { # PROGRAM FOLDER
	"$1" --config "$2/issuer.conf" --check-config --export "$2/x" 2>/dev/null
	[ $? -eq 64 ] || return 1
	"$1" 2>/dev/null
	[ $? -eq 64 ] || return 1
	"$1" --config "$2/issuer.conf" --generate 10 >/dev/null 2>&1
	[ $? -eq 69 ] # residents are there already
}

the_document_describes_these_tables() {
	sed '1,/^<!-- kazasu-issuer --describe-records -->/d' docs/records.md >"$TMP/document"
	build/bin/kazasu-issuer --describe-records | diff - <(cat "$TMP/document"; echo) | head -5 >"$TMP/diff"
	none_in "$TMP/diff"
}

every_option_and_setting_is_in_the_manual() {
	local page word
	for page in docs/man/kazasu-issuer.8 docs/man/ja/kazasu-issuer.8; do
		for word in $(build/bin/kazasu-issuer --help | grep -o -- '--[a-z-]*' | sort -u | grep -v -e help -e version); do
			grep -q -e "Fl $(sed 's/^-//' <<<"$word")\b" "$page" || echo "$page: $word"
		done
		for word in $(sed -n 's/^\t{"\([a-z-]*\)", AT(.*/\1/p' tools/kazasu-issuer/config.c) center; do
			grep -qE "^\.It Cm .*\b$word\b" "$page" || echo "$page: $word"
		done
	done >"$TMP/odd"
	none_in "$TMP/odd"
}

try the_document_describes_these_tables the_document_describes_these_tables
try every_option_and_setting_is_in_the_manual every_option_and_setting_is_in_the_manual
for flavour in bin asan/bin; do
	PROGRAM=build/$flavour/kazasu-issuer
	[ -x "$PROGRAM" ] || { try "$flavour program is built" false; continue; }
	D=$TMP/${flavour%%/*}
	try "$flavour: prepared" prepare "$PROGRAM" "$D"
	try "$flavour: wrong_settings_are_named" wrong_settings_are_named "$PROGRAM" "$D"
	try "$flavour: one_thing_at_a_time" one_thing_at_a_time "$PROGRAM" "$D"
	while read -r result name; do
		try "$flavour: $name" [ "$result" = ok ]
	done < <(timeout 200 python3 tests/kazasu-issuer/service.py "$PROGRAM" "$D" build/fixtures 2>"$D/python" ||
		echo "failed the run as a whole")
	cat "$D/python"
done
finish
