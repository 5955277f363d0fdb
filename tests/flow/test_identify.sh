#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves the identity check from outside, with the programs as built: the status a procedure requires
# from a store of revocation lists (flows C18), agents (C05, TV-09), other documents and every step of
# the ladder (C06, C23), changed numbers and their cases (C22), returned checks (C24), registers in
# SQLite and on a PostgreSQL server, 別表3 (R6-04), and what one person may not see.
# shellcheck disable=SC2154 # $work is of expect.sh
. "$(dirname "$0")/../helpers/expect.sh"
. tests/helpers/pg_server.sh
trap 'pg_stop; rm -rf "$work"' EXIT
persona=test-person
K() { build/bin/kazasu --lang en --test-roots --reader "sim:$persona" "$@"; }

# The JSON document of the last command: a Python expression over d.
json() { python3 -c 'import json, sys
text = open(sys.argv[1], encoding="utf-8").read()
d, _ = json.JSONDecoder().raw_decode(text[min(i for i in (text.find("{\n"), text.find("[\n"), text.find("[]")) if i >= 0):])
sys.exit(not eval(sys.argv[2]))' "$work/out" "$1"; }
so() { # so NAME EXPRESSION
	cp "$work/out" "$work/last"
	if json "$2"; then passed=$((passed + 1)); printf '[       OK ] %s\n' "$1"; else
		failed=$((failed + 1)); printf '[  ERROR   ] %s: not so: %s\n' "$1" "$2"; cat "$work/last"; fi
}
number_b() { # of a persona, by the rule of the card: birth in era years, year of expiry, security code
	python3 - "fixtures/personas/$1.json" <<'PY'
import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
y, m, day = map(int, d["birth"].split("-"))
era = y - 1925 if (y, m, day) < (1989, 1, 8) else y - 1988
issued = d["issued"].split("-")
ten = int(issued[0]) + 10 if "-".join(issued[1:]) < d["birth"][5:] else int(issued[0]) + 11
print(f"{era:02}{m:02}{day:02}{ten - 1}{d['security_code']}")
PY
}
B=55021720352285

expect login 0 'logged in' sec 'tanuki-2026\n' login kanri
expect checker 0 added sec 'sakura-2026\n' operator add bando --person Bando --roles checker --training 2026-01-05
expect checker_logs_in 0 bando sec 'sakura-2026\n' login bando
as='--operator kanri'

# ---- the status that a procedure requires
expect status_without_a_list_is_undetermined 2 '"status_unknown"' sec "$B\n" --json --store "$work/none" identify $as --procedure inkan --face same
so the_card_does_not_count 'd["verdict"]=="undetermined" and d["person"]=="undetermined" and d["checks"]["revocation"]=="skipped" and d["checks"]["certificate_path"]=="pass" and d["attributes"]=={}'
expect lists 0 '' K crl import --store "$work/store" build/fixtures/crl/auth-?-?????.crl
S="--store $work/store"
expect status_in_order 0 '' sec "$B\n" --json $S identify $as --procedure inkan --face same
so every_check_passed 'd["verdict"]=="valid" and d["person"]=="confirmed" and set(d["checks"].values())=={"pass"} and d["number"]=="not_asked"'
expect status_not_required_is_skipped 0 '' sec "$B\n" --json $S identify $as --procedure honnin --face same
so it_says_skipped 'd["checks"]["revocation"]=="skipped" and d["checks"]["certificate_path"]=="skipped" and d["verdict"]=="valid"'
persona=revoked
expect revoked_is_invalid 1 '"revoked"' sec "$(number_b revoked)\n" --json $S identify $as --procedure inkan --face same
so revoked_says_why 'd["verdict"]=="invalid" and d["checks"]["revocation"]=="fail" and not d["supervisor"]'
persona=on-hold
expect on_hold_calls_the_supervisor 1 '"on_hold"' sec "$(number_b on-hold)\n" --json $S identify $as --procedure inkan --face same
so on_hold_says_why 'd["verdict"]=="invalid" and d["supervisor"]'
persona=test-person
expect certificate_route_is_never_valid 2 'route_certificate' K --json $S identify $as --procedure honnin --route certificate
so certificate_route_tells_the_status 'd["verdict"]=="undetermined" and d["checks"]["revocation"]=="pass"'

# ---- only what the procedure has
expect no_sex_for_an_account 0 '' sec "$B\n" --json $S identify $as --procedure koza --face same
so attributes_of_the_procedure_only 'set(d["attributes"])=={"name","address","birth"}'
config 'entity = other\n'
expect a_shop_has_no_number_procedures 7 'entity_class' sec "$B\n" identify $as --procedure zei --face same
expect a_shop_opens_accounts 0 '' sec "$B\n" $S identify $as --procedure koza --face same
config ''

# ---- agents
expect agent_without_subject 64 '--subject' K identify $as --procedure kofu --agent B1:relative
expect agent_case_unknown 64 'no case' K identify $as --procedure kofu --agent Z:relative --subject case:1
expect agent_is_too_busy 7 'no agent is accepted' K identify $as --procedure kofu --agent D:agency --subject case:1
expect agent_lacks_documents 7 'family register' K identify $as --procedure kofu --agent B1:relative --subject case:1 --authority 'kofu-tsuchi;ininjo:2026-11-01:ref=AB12345;agent-photo;holder-photo:no-photo;difficulty'
cp "$work/out" "$work/told"
expect agent_and_only_what_is_missing 1 '' grep -q 'power of attorney' "$work/told"
expect agent_document_without_photo 7 'photo document of the holder: A document with photo' K identify $as --procedure kofu --agent B1:relative --subject case:1 --authority 'kofu-tsuchi;ininjo;agent-photo;holder-photo:no-photo;difficulty;koseki'
full='kofu-tsuchi;ininjo:2026-11-01:ref=AB12345;agent-photo;holder-photo;difficulty;koseki'
expect agent_needs_the_seal_certificate 7 'seal certificate' K identify $as --procedure kofu --agent B1:relative --subject case:1 --sign-certificate --authority "$full"
expect agent_complete 0 '' sec "$B\n" --json identify $as --procedure kofu --agent B1:relative --subject case:1 --authority "$full" --face same
so the_card_is_the_agents 'd["presenter"]=="agent" and d["person"]=="confirmed" and d["state"]=="received"'
record=$(python3 -c 'import json,sys; t=open(sys.argv[1]).read(); print(json.JSONDecoder().raw_decode(t[t.find("{\n"):])[0]["journal"])' "$work/out")
expect authority_is_in_the_record 0 'authority=kofu-tsuchi+ininjo:2026-11-01:\*\*\*345+' K --json check list --as kanri
cp "$work/out" "$work/told"
expect the_reference_is_not 1 '' grep -q AB12345 "$work/told"
expect the_reference_is_not_in_the_store 1 '' grep -aq AB12345 "$XDG_STATE_HOME/kazasu/desk/desk.db"
expect agents_are_listed 0 'koseki' K procedure agents kofu

# ---- other documents
expect no_card 2 '' K --json identify $as --procedure honnin --no-card --evidence 'menkyo:2030-01-01:ref=301234567890'
so documents_confirm_the_person 'd["person"]=="confirmed" and d["reasons"][0]["code"]=="card_not_used" and d["evidence"]==[{"kind":"menkyo","result":"accepted"}] and d["apdus"]==0'
expect too_little 2 'or document about the person × 2' K identify $as --procedure honnin --no-card --evidence 'gakusei;hoken;gakusei'
expect each_document_has_its_result 2 '' K --json identify $as --procedure honnin --no-card --evidence 'gakusei;hoken;gakusei;menkyo:2020-01-01;ryoken:2030-01-01:copy;bango-tsuchisho'
so results_of_documents '[e["result"] for e in d["evidence"]]==["accepted","not_valid_today","twice","expired","copy","never_evidence"] and d["person"]=="undetermined" and d["state"]=="closed"'
expect face_differs_in_print 0 'face_tampered' sec "$B\n" --json identify $as --procedure honnin --face same --differs print
so supervisor_is_called 'd["supervisor"] and d["person"]=="undetermined"'
expect address_before_endorsement 0 'endorse the card first' sec "$B\n" identify $as --procedure honnin --face same --differs address
expect evidence_after_unsure 0 '' sec "$B\n" --json identify $as --procedure honnin --face unsure --evidence 'menkyo:2030-01-01'
so unsure_then_documents 'd["person"]=="confirmed" and "face_unsure" in [r["code"] for r in d["reasons"]]'
expect documents_of_today 0 'menkyo' K procedure documents
cp "$work/out" "$work/told"
expect ended_documents_are_not_listed 1 '' grep -q '^hoken' "$work/told"

# ---- the number: the ladder, registers, changed numbers
P='atena,name,address,birth_date,sex,alive,former_name,alias,prefecture,resident_code'
printf '%s\nA1,黒桐幹也,東京都清瀬市,1980-02-17,1,yes,,,13,\nA2,番号　太郎,長野県長野市,1981-03-04,1,no,,,20,\n' "$P" >"$work/p.csv"
printf 'atena,number,valid_from,valid_to\nA1,537686677188,2015-10-05,2024-03-31\nA1,000000000000,2024-04-01,\n' >"$work/n.csv"
printf 'what,count\npersons,2\nnumbers,2\nalive,1\nprefecture:20,1\n' >"$work/s.csv"
expect number_by_the_card_alone 0 '' sec "$B\n1234\n" --json identify $as --procedure kokuho --number --face same
so ladder_step_1 'd["number"]=="confirmed" and d["ladder"]==[{"step":"1","result":"confirmed"}]'
sed 's/,yes,/,maybe,/;s/,13,/,3,/' "$work/p.csv" >"$work/bad.csv"
expect import_names_every_line 65 'bad.csv:2: prefecture is not two digits' K register import --as kanri "$work/bad.csv" "$work/n.csv" --rows 3 --number-rows 5
cp "$work/out" "$work/told"
expect import_names_every_sum 0 'persons: 2 rows, stated are 3' grep -e 'stated are' "$work/told"
expect nothing_was_taken 2 'found  *-' K register lookup A1 --as kanri --procedure kokuho
expect import_with_sums 0 '2 persons, 2 numbers' K register import --as kanri "$work/p.csv" "$work/n.csv" --sums "$work/s.csv"
expect changed_number 0 '' sec "$B\n1234\n" --json identify $as --procedure kokuho --number --face same --subject atena:A1
so changed_with_history 'd["number"]=="changed" and d["history"]==[{"from":"2015-10-05","to":"2024-03-31"},{"from":"2024-04-01","to":None}] and d["ladder"][-1]=={"step":"3","result":"changed"} and d["differences"]==[{"field":"name","between":["text","register"],"same":True,"marks":["spacing"]}]'
case=$(python3 -c 'import json,sys; t=open(sys.argv[1]).read(); print(json.JSONDecoder().raw_decode(t[t.find("{\n"):])[0]["journal"])' "$work/out")
expect a_case_is_open 0 "$case.*atena:A1" K check cases --as kanri
expect a_case_is_resolved 0 closed K check resolve "$case" 'old card collected' --as kanri
expect a_case_is_resolved_once 7 'no open case' K check resolve "$case" 'again' --as kanri
expect number_of_the_form 2 '' sec "000000000000\n" --json identify $as --procedure kokuho --no-card --evidence 'juminhyo-bango;menkyo:2030-01-01' --number --subject atena:A1
so the_copy_proves_it 'd["number"]=="confirmed" and {"step":"2b","result":"confirmed"} in d["ladder"]'
expect number_of_the_form_with_an_agent 0 '' sec "$B\n000000000000\n" --json identify $as --procedure kokuho --agent V:relative --authority 'ininjo;agent-photo' --number --face same --subject atena:A1
so the_register_proves_it 'd["number"]=="confirmed" and d["ladder"]==[{"step":"1","result":"undetermined"},{"step":"3","result":"confirmed"}]'
expect wrong_number_on_the_form 65 'check digit' sec "$B\n000000000001\n" identify $as --procedure kokuho --agent V:relative --authority 'ininjo;agent-photo' --number --face same --subject atena:A1
cp "$work/out" "$work/told"
expect no_digits_anywhere 1 '' grep -q -e 00000000000 -e 537686677188 "$work/told"

# ---- on paper
expect report 0 'report' sec "$B\n" $S identify $as --procedure koza --face same --report "$work/koza.pdf"
expect report_is_private 0 '^600$' stat -c %a "$work/koza.pdf"
expect report_is_one_page 0 'Pages: *1$' pdfinfo "$work/koza.pdf"
pdftotext -layout "$work/koza.pdf" "$work/koza.txt"
expect report_has_three_results 0 '^3$' grep -c -e 'card: valid' -e 'identity: confirmed' -e 'individual number: not asked for' "$work/koza.txt"
expect report_tells_the_checks_and_who_compared 0 '^4$' grep -c -e "card's issuer: pass" -e 'not revoked: pass' -e 'compared by.*kanri' -e TEST "$work/koza.txt"
expect report_has_the_photo_where_it_may_be_kept 0 'image' pdfimages -list "$work/koza.pdf"
expect report_with_a_number 0 '' sec "$B\n1234\n" $S identify $as --procedure kokuho --number --face same --subject atena:A1 --report "$work/kokuho.pdf"
pdftotext -layout "$work/kokuho.pdf" "$work/kokuho.txt"
expect report_tells_the_ladder 0 'address register.*was changed' cat "$work/kokuho.txt"
expect report_has_no_number 1 '' grep -qE '[0-9]{12}' "$work/kokuho.txt"
pdfimages -list "$work/kokuho.pdf" >"$work/images"
expect report_has_no_photo_where_it_may_not_be_kept 1 '' grep -q image "$work/images"
expect report_without_a_card 2 '' K identify $as --procedure honnin --no-card --evidence 'gakusei;hoken' --report "$work/honnin.pdf"
expect report_tells_the_documents 0 'student card: accepted' pdftotext -layout "$work/honnin.pdf" -
expect report_not_over_a_folder 73 '' sec "$B\n" $S identify $as --procedure koza --face same --report "$work"

# ---- the same registers on a server, behind one interface
pg_start "$work/pg" || { cat "$work/pg/log"; exit 1; }
config "prefecture = 13\nregister-atena = $work/atena.db\nregister-juki = $(pg_where "$work/pg")\nregister-jukinet = $(pg_where "$work/pg")\n"
expect a_register_that_is_not_there_is_told 0 'cannot be reached' sec '1234\n' identify $as --procedure honnin --route pin
sqlite3 "$work/atena.db" 'PRAGMA user_version = 1'
printf '%s\n' "$P" >"$work/none.csv"
expect an_empty_atena 0 '0 persons' K register import "$work/none.csv" --as kanri
expect juki_takes_the_tables 0 '2 persons, 2 numbers' K register import "$work/p.csv" "$work/n.csv" --register juki --as kanri
expect silent_hands_on 0 '' sec "$B\n1234\n" --json identify $as --procedure kokuho --number --face same --subject atena:A1
so step_4_after_step_3 '[(s["step"], s["result"]) for s in d["ladder"]]==[("1","confirmed"),("3","undetermined"),("4-juki","changed")]'
expect juki_gives_what_is_asked 0 '' K --json register lookup A1 --register juki --procedure kokuho --attributes 'name;alive' --as kanri
so only_that 'd=={"found":True,"atena":"A1","name":"黒桐幹也","alive":True}'
expect juki_refuses_the_rest 7 'attribute_outside_purpose' K register lookup A1 --register juki --procedure keitai --attributes sex --as kanri
expect by_name_and_birth 0 'A2' K register lookup --name '番号　太郎' --birth 1981-03-04 --register juki --procedure honnin --as kanri
expect number_compared_inside 0 'confirmed' sec '000000000000\n' register lookup A1 --register juki --procedure kokuho --form-number --as kanri
expect no_reason_no_inquiry 64 'names its procedure or purpose' K register lookup A1 --register juki --as kanri
expect jukinet_wants_a_purpose 7 'purpose_unknown' K register lookup A1 --register jukinet --procedure kokuho --as kanri
expect jukinet_wants_a_strong_factor 7 'strong_factor_missing' K register lookup A1 --register jukinet --purpose L01 --attributes address --as kanri
expect jukinet_gives_the_purpose_its_attributes 7 'attribute_outside_purpose' K register lookup A1 --register jukinet --purpose L01 --attributes name --as kanri
expect no_right_no_inquiry 77 'do not hold the right' K register lookup A1 --register juki --procedure kokuho --as bando
# 別表3: of the own prefecture nothing. The session is made strong by hand: no authenticator is here.
sqlite3 "$XDG_STATE_HOME/kazasu/desk/desk.db" "UPDATE operator_session SET strong = 'yes' WHERE operator = 'kanri'"
mkdir -p "$work/tree/bin" "$work/tree/share" && cp build/bin/kazasu "$work/tree/bin/" && cp -r build/share/kazasu "$work/tree/share/" &&
	ln -s "$PWD/build/lib" "$work/tree/lib" && sed -i 's/^L01,法定,,/L01,法定,別表3,/' "$work/tree/share/kazasu/rules/purposes.csv"
K3() { "$work/tree/bin/kazasu" --lang en --test-roots "$@"; }
expect schedule_3_other_prefecture 0 '長野県' K3 register lookup A2 --register jukinet --purpose L01 --attributes address --as kanri
expect schedule_3_own_prefecture 7 'resident_of_own_prefecture' K3 register lookup A1 --register jukinet --purpose L01 --attributes address --as kanri
pg_stop
expect a_server_that_stopped_confirms_nothing 0 '' sec "$B\n1234\n" --json identify $as --procedure kokuho --number --face same --subject atena:A1
so undetermined_not_confirmed 'd["number"]=="undetermined" and d["person"]=="confirmed"'
config ''

# ---- the double check
expect returned 0 returned K check return "$record" 'wrong case' --as bando
expect the_result_is_a_word 64 '--person takes' K check correct "$record" 'x' --person maybe --as kanri
expect corrected 0 received K check correct "$record" 'case C1, not B1' --as kanri
expect corrected_is_a_new_version 0 '' K --json check list --state received --as kanri
so version_2 'any(r["id"]=="'"$record"'" and r["version"]==2 and "corrected=case C1, not B1" in r["detail"] for r in d)'
expect only_what_was_returned 7 'cannot be changed' K check correct "$record" 'again' --as kanri
expect unknown_record 7 'no record' K check return vm-99999 'x' --as bando
expect not_by_the_receiver 77 'checker_is_receiver' K check review "$record" --as kanri
expect reviewed 0 'same day' K check review "$record" --as bando
expect nothing_is_overdue 0 'None' K check overdue --as kanri
sqlite3 "$XDG_STATE_HOME/kazasu/desk/desk.db" "UPDATE identity_check SET received = '2026-01-05' WHERE id = '$record'"
expect overdue 0 "$record" K check overdue --as kanri
python3 - "$work/days.csv" <<'PY'
import datetime, sys
with open(sys.argv[1], "w") as f:
    f.write("organ,date,open,note\n")
    day = datetime.date(2026, 1, 6)
    while day <= datetime.date.today():
        f.write(f"*,{day},no,closed\n")
        day += datetime.timedelta(1)
PY
config "opening-days = $work/days.csv\n"
expect not_while_the_organ_is_closed 0 'None' K check overdue --as kanri

# ---- what needs no counter
expect check_digit_of_a_municipality 0 '132217' K lifecycle digits municipality 13221
expect wrong_check_digit 1 WRONG K lifecycle digits municipality 132218
expect check_digit_of_a_number 0 right sec '537686677188\n' lifecycle digits number
expect wrong_check_digit_of_a_number 1 WRONG sec '537686677189\n' lifecycle digits number
expect a_number_is_no_argument 64 'pin-fd' K lifecycle digits number 537686677188
expect a_number_is_not_repeated 0 '^0$' sh -c "grep -c 537686677188 '$work/out'; true"
expect assessment 0 'PIA-06, high risk' K lifecycle pia electronic:120000 --handlers 500
expect assessment_of_paper 0 'out-of-scope' K lifecycle pia paper:5000000
expect assessment_raised 0 'full' K lifecycle pia electronic:1200 --raise full
expect assessment_of_nothing 64 '' K lifecycle pia
expect stay_ends_first 0 '"card_expiry": "2027-06-30"' K --json lifecycle --born 1990-05-31 --issued 2026-06-01 --stay-until 2027-06-30

expect the_journal_is_whole 0 whole K journal verify

expect_end
