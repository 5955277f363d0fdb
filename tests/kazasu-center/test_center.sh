#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves kazasu-center from outside: its test PKI, what a configuration must say, who gets in and who
# does not, tables read again on SIGHUP, and an end that SIGTERM asks for.
# shellcheck disable=SC2154 # $work is of expect.sh
. "$(dirname "$0")/../helpers/expect.sh"
center= # its process
trap '[ -z "$center" ] || kill "$center" 2>/dev/null; rm -rf "$work"' EXIT
CENTER="timeout 60 build/bin/kazasu-center"

expect version 0 '^kazasu-center ' $CENTER --version
expect help 0 'SIGHUP' $CENTER --help
expect no_arguments 64 '' $CENTER
expect makes_a_test_pki 0 '' $CENTER --make-test-pki "$work/pki"
expect keys_are_private 0 '^600$' stat -c %a "$work/pki/terminal-T1.key"
expect replaces_no_key 73 'exists' $CENTER --make-test-pki "$work/pki"
expect makes_one_for_whom_it_is_told 0 '' $CENTER --make-test-pki "$work/other" terminal:T1
expect odd_party 73 'not ROLE:ID' $CENTER --make-test-pki "$work/odd" terminal
expect chain_of_the_test_pki 0 'OK' openssl verify -CAfile "$work/pki/ca.pem" "$work/pki/terminal-T1.pem"

mkdir "$work/rules" "$work/rules/signers" "$work/crl" "$work/secrets"
signer() { # FILE: what a municipality signs with
	openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /O=KAZASU-TEST/CN=signing -keyout /dev/null -out "$1" 2>/dev/null
}
signer "$work/rules/signers/13221.pem"
tables() { # fee of 住民票
	cat >"$work/rules/municipalities.csv" <<-T
		code,name,prefecture,from,methods,issuer,number,window,place,hours,phone,seal
		13221,清瀬市,東京都,2020-01-01,new,https://127.0.0.1:1,no,市民課,清瀬市役所,8:30-17:00,,
	T
	printf 'municipality,kind,from,open,close,calendar\n13221,juminhyo,2020-01-01,,,daily\n' >"$work/rules/kinds.csv"
	printf 'municipality,kind,channel,from,amount\n13221,juminhyo,kiosk,2020-01-01,%s\n' "$1" >"$work/rules/fees.csv"
	printf 'municipality,kind,from,to,reason\n' >"$work/rules/closures.csv"
	printf 'terminal,store,place,from,to\nT1,店舗一,千代田区,2020-01-01,\n' >"$work/rules/terminals.csv"
}
tables 300
(umask 077 && head -c 32 /dev/urandom >"$work/master.key")
(umask 077 && openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/back.key")
config() { # KEY=VALUE…: replaces or adds; the value is JSON
	python3 - "$work/config.json" "$PWD/build/fixtures/trust" "$@" <<-'PY'
		import json, sys
		c = {"name": "center-1", "audience": "kazasu-center:test", "port": 0, "tls_ca": "pki/ca.pem",
		     "tls_certificate": "pki/center-center-1.pem", "tls_key": "pki/center-center-1.key",
		     "store": "store.db", "rules": "rules", "master_key": "master.key", "secrets": "secrets",
		     "back_key": "back.key", "trust": sys.argv[2], "crl": "crl", "test_roots": True}
		for pair in sys.argv[3:]:
		    key, value = pair.split("=", 1)
		    if value:
		        c[key] = json.loads(value)
		    else:
		        c.pop(key)
		json.dump(c, open(sys.argv[1], "w"))
	PY
}
checks() { local name=$1 want=$2 pattern=$3; shift 3; config "$@"; expect "$name" "$want" "$pattern" $CENTER --config "$work/config.json" --check-config; }

checks a_good_configuration 0 ''
printf '13221,juminhyo,counter,2020-01-01,200\n' >>"$work/rules/fees.csv"
checks dearer_at_the_kiosk_is_a_warning 0 'fees.csv:2: dearer at the kiosk' port=0
tables 300
printf 'no json' >"$work/config.json"
expect a_configuration_that_is_no_json_is_named_with_its_line 78 'config.json:1: ' $CENTER --config "$work/config.json" --check-config
expect store_is_private 0 '^600$' stat -c %a "$work/store.db"
checks an_unknown_key 78 '"colour" is not known' colour=1
checks a_missing_key 78 '"audience" must be' audience=
checks an_odd_port 78 '"port" is out of range' port=70000
checks no_source_of_status 78 'nothing could be valid' crl=
checks a_key_that_is_none 78 'no P-256 key' 'back_key="master.key"'
checks test_roots_not_taken 66 'no usable anchors' test_roots=false
chmod 644 "$work/master.key"
checks a_master_key_for_all_to_read 78 'by its owner only'
chmod 600 "$work/master.key"
tables ''
checks a_fee_that_is_missing 78 'fees.csv:2: ' port=0
tables 300
printf 'municipality,kind,from,open,close,calendar\n13221,juminhyo,2020-01-01,06:00,22:00,daily\n' >"$work/rules/kinds.csv"
checks hours_too_wide 78 'kinds.csv:2: .*06:30-23:00' port=0
tables 300
mv "$work/rules/signers/13221.pem" "$work/signer.pem"
checks a_municipality_whose_signatures_nobody_knows 66 'signers/13221.pem: .*is missing' port=0
echo no certificate >"$work/rules/signers/13221.pem"
checks a_certificate_that_is_none 78 'signers/13221.pem: 1 to 8 certificates' port=0
mv "$work/signer.pem" "$work/rules/signers/13221.pem"
checks a_tls_key_of_another_certificate 78 'not that of the key' 'tls_key="pki/terminal-T1.key"'
checks a_tls_certificate_that_is_not_there 66 'nowhere.pem: cannot be read' 'tls_certificate="nowhere.pem"'
checks a_name_that_is_no_name 78 '"name" is 1-36' 'name="センター"'
checks a_checkpoint_key_that_is_none 66 'checkpoint key' 'checkpoint_key="back.key"'
expect no_configuration 66 '' $CENTER --config "$work/none.json"

openssl genpkey -quiet -algorithm ED25519 -out "$work/checkpoint.key"
openssl pkey -in "$work/checkpoint.key" -pubout -out "$work/checkpoint.pub"
journal=('checkpoint_key="checkpoint.key"' 'checkpoint_copy="copy.txt"')
config port=0 "${journal[@]}"
build/bin/kazasu-center --config "$work/config.json" --at 2026-06-02T12:00:00+09:00 >"$work/listen" 2>"$work/log" &
center=$!
for _ in $(seq 100); do grep -q listening "$work/listen" && break; sleep 0.1; done
url=https://127.0.0.1:$(sed 's/.*://' "$work/listen")
ask() { local who=$1 folder=$2; shift 2; curl -sS --max-time 20 --cacert "$work/pki/ca.pem" --cert "$work/$folder/$who.pem" --key "$work/$folder/$who.key" -w '\n%{http_code}\n' "$@"; }

expect a_terminal_is_served 0 '^200$' ask terminal-T1 pki "$url/v1/service"
expect it_hears_the_audience 0 'kazasu-center:test' ask terminal-T1 pki "$url/v1/service"
expect it_hears_the_fee 0 '"fee":300' ask terminal-T1 pki "$url/v1/municipalities/13221"
expect one_not_on_the_list_is_turned_away 0 '^403$' ask terminal-T2 pki "$url/v1/service"
expect a_municipality_is_no_terminal 0 '^403$' ask municipality-13221 pki "$url/v1/service"
expect an_operator_has_lists 0 '"refunds":\[\]' ask operator-sato pki "$url/v1/admin/refunds"
expect a_terminal_is_no_operator 0 '^403$' ask terminal-T1 pki "$url/v1/admin/refunds"
expect a_certificate_of_another_ca_is_nobody 0 '^403$' ask terminal-T1 other "$url/v1/service"
expect without_certificate_nobody 0 '^403$' curl -sS --max-time 20 --cacert "$work/pki/ca.pem" -w '\n%{http_code}\n' "$url/v1/service"
expect old_protocols_are_refused 35 '' curl -sS --tls-max 1.1 --cacert "$work/pki/ca.pem" "$url/v1/service"
expect no_message 0 '"MALFORMED"' ask terminal-T1 pki -d 'hello' "$url/v1/sessions"
head -c 200000 /dev/zero | tr '\0' ' ' >"$work/long"
expect a_long_message 0 '"TOO_LONG"' ask terminal-T1 pki --data-binary @"$work/long" "$url/v1/sessions"
expect a_strange_path 0 '"UNKNOWN"' ask terminal-T1 pki "$url/v1/transactions/../x"
expect the_void_list_is_empty 0 '^kazasu void list 1 2026-06-02T12:' ask terminal-T1 pki "$url/v1/void-list"
expect who_was_turned_away_is_remembered 0 '^T2$' sqlite3 "$work/store.db" "SELECT DISTINCT terminal FROM issue_event WHERE event = 'security' AND code = 'TERMINAL'"

admin() { local who=$1; shift; build/bin/kazasu --lang en admin --center "$url" --ca "$work/pki/ca.pem" --certificate "$work/pki/operator-$who.pem" --key "$work/pki/operator-$who.key" "$@"; }
expect one_person_asks_for_a_stop 0 'second person' admin sato stop --terminal T1 --reason 'wrong seal'
request=$(sed -n 's/^request *//p' "$work/out" | tr -d ': ')
expect the_same_person_cannot_agree 7 'does not let' admin sato agree "$request"
expect nothing_is_stopped_yet 0 '"service":"open"' ask terminal-T1 pki "$url/v1/service"
expect another_person_agrees 0 'holds from now' admin ito agree "$request"
expect it_is_stopped_at_once 0 '"service":"stopped"' ask terminal-T1 pki "$url/v1/service"
expect agreed_once 7 'no such request' admin ito agree "$request"
expect a_stop_of_nothing 64 'are needed' admin sato stop --reason x
expect no_open_refunds 0 'Nothing' admin sato refunds
expect an_empty_day_settles 0 '"settlement": *\[\]' admin sato settlement --day 2026-06-02 --json
expect an_incident_touched_nothing 0 'Nothing' admin sato affected --from 2026-06-02T00:00:00+09:00 --to 2026-06-03T00:00:00+09:00
expect a_centre_that_is_away 69 'cannot be reached' build/bin/kazasu --lang en admin --center https://127.0.0.1:1 --ca "$work/pki/ca.pem" --certificate "$work/pki/operator-ito.pem" --key "$work/pki/operator-ito.key" refunds

tables 350
kill -HUP "$center"
for _ in $(seq 50); do grep -q 'read again' "$work/log" && break; sleep 0.1; done
expect sighup_reads_the_tables 0 '"fee":350' ask terminal-T1 pki "$url/v1/municipalities/13221"
tables 'x'
kill -HUP "$center"
for _ in $(seq 50); do grep -q 'fees.csv:2' "$work/log" && break; sleep 0.1; done
expect wrong_tables_leave_the_old_ones 0 '"fee":350' ask terminal-T1 pki "$url/v1/municipalities/13221"
admin sato resume --terminal T1 --reason 'seal is right' >"$work/out"
admin ito agree "$(sed -n 's/^request *//p' "$work/out" | tr -d ': ')" >/dev/null
tables 350
timeout 30 $CENTER --make-test-pki "$work/next" >/dev/null
while read -r result name; do
	expect "$name" 0 '' test "$result" = ok
done < <(timeout 100 python3 tests/kazasu-center/reload.py "$work" "$center" "${url##*:}" 2>"$work/python" || echo "failed the run as a whole")
cat "$work/python"
kill -TERM "$center"
wait "$center"
expect sigterm_ends_it_in_order 0 '' test $? = 0
center=
expect its_end_is_signed_and_copied 0 'center-1.1' tail -1 "$work/copy.txt"
expect the_journal_goes_out 0 '' $CENTER --config "$work/config.json" --export-journal "$work/journal"
expect deeds_of_operators_are_in_it 0 'emergency-stop-asked' grep sato "$work/journal"
expect who_was_turned_away_is_in_it 0 'terminal-refused' grep T2 "$work/journal"
expect it_replaces_no_file 73 'cannot be made' $CENTER --config "$work/config.json" --export-journal "$work/journal"
export LC_ALL=C
expect another_program_finds_it_whole 0 '' build/bin/kazasu-journal-verify --key "$work/checkpoint.pub" --checkpoints "$work/copy.txt" "$work/journal"
expect it_is_checked_in_its_store 0 'whole' build/bin/kazasu --lang en journal verify --of "$work/store.db" --key "$work/checkpoint.pub" "$work/copy.txt"
expect a_key_is_needed_for_that 64 'needs --key' build/bin/kazasu --lang en journal verify --of "$work/store.db"
sqlite3 "$work/store.db" "DROP TRIGGER journal_no_update; UPDATE journal SET body = replace(body, 'sato', 'kato')"
expect an_altered_name_is_seen 1 '' build/bin/kazasu --lang en journal verify --of "$work/store.db" --key "$work/checkpoint.pub" "$work/copy.txt"

expect_end
