#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves the journal and the operators of a counter from outside, with the programs as built: who may
# read what, the register of terminal use, holds, late entries, the copy of checkpoints, backup and
# restore, the emergency stop, leavers, the authenticator, what an auditor gets.
# shellcheck disable=SC2154 # $work is of expect.sh
. "$(dirname "$0")/../helpers/expect.sh"
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
K() { build/bin/kazasu --lang "${L:-en}" --test-roots --reader sim:test-person "$@"; }
jp() { L=ja K "$@"; }
desk=$XDG_STATE_HOME/kazasu/desk
today=$(TZ=Asia/Tokyo date +%F)
config 'terminal = MADO-1\n'

# ---- accounts
expect first_login 0 'logged in .*kanri @ MADO-1' sec 'tanuki-2026\n' login kanri
for who in abe:operator jo:supervisor sys:sysadmin kensa:external-auditor hozon:backup; do
	sec 'momiji-2026\n' operator add "${who%:*}" --person "Person ${who%:*}" --roles "${who#*:}" --training "$today" --as kanri >/dev/null 2>&1
	sec 'momiji-2026\n' login "${who%:*}" >/dev/null 2>&1
done
expect roles_are_words 0 'sys  *Person sys | .* | system administrator | active' K operator list --as kanri
expect roles_are_japanese_words 0 'システム管理者 | 有効' jp operator list --as kanri
expect unknown_account_is_named 65 'There is no account named nobody' K operator change nobody --state leave --as kanri
expect unknown_account_in_japanese 65 'nobody' jp operator change nobody --state leave --as kanri
cp "$work/out" "$work/own"
expect no_english_there 1 '' grep -q 'account' "$work/own"
expect grant_needs_an_account 65 'no account named nobody' K operator grant nobody '*' inquiry --as kanri
expect grant 0 'right granted' K operator grant abe purpose:L31 inquiry --as kanri
expect matrix_of_rights 0 'abe  *purpose:L31 inquiry (kanri)' K operator rights --as kanri
expect revoke_what_is_not_held 64 'does not hold' K operator revoke abe purpose:L31 update --as kanri
expect terminals 0 'MADO-1' K operator terminal --as kanri
expect terminal_added 0 'on the list' K operator terminal MADO-2 --organ Tax --as kanri
expect terminal_removed 0 'taken off' K operator terminal MADO-2 --remove --as kanri
expect terminal_unknown 64 'no terminal' K operator terminal MADO-2 --remove --as kanri

# ---- who may read what
expect clerk_reads_own 0 'login' K journal show --as abe
cp "$work/out" "$work/own"
expect nothing_of_others 1 '' grep -v ' abe' "$work/own"
expect clerk_cannot_widen 0 '' K journal show --as abe --operator kanri --from 2020-01-01
cp "$work/out" "$work/own"
expect still_nothing_of_others 1 '' grep -q kanri "$work/own"
expect supervisor_reads_the_organ 0 'kanri' K journal show --as jo
expect administrator_reads_nothing 77 'role' K journal show --as sys
expect the_refusal_is_written_down 0 'journal read refused sys' K journal show --as kanri --event journal-read
expect auditor_reads_all 0 'kanri' K journal show --as kensa
expect auditor_opens_no_subject 77 'role' K journal show --as kensa --key "$desk/audit-key.pem" --reason x
expect opening_needs_a_reason 64 'reason' K journal show --as kanri --key "$desk/audit-key.pem"
expect late_entry 0 'entered late' K journal late --as abe --when "${today}T00:00" --procedure jido-teate --subject atena:00000777 --reason 'paper form 12'
expect auditors_enter_nothing 77 'role' K journal late --as kensa --when "${today}T00:00" --reason 'x'
expect late_entry_of_tomorrow 64 'past' K journal late --as abe --when 2999-01-01T00:00 --reason x
expect late_entry_with_a_number 7 'may not stand' K journal late --as abe --when "${today}T00:00" --reason '5376 8667 7188'
expect subject_opened 0 'atena:00000777' sec 'tanuki-2026\n' journal show --as kanri --key "$desk/audit-key.pem" --reason 'complaint 3'
expect opening_is_written_down 0 'subject opened done kanri' K journal show --as kanri --event unmask
expect no_disclosure_without_a_check 7 'identified' sec 'tanuki-2026\n' journal disclose --as kanri --subject atena:00000777
expect disclosure_refused_is_written 0 'disclosure refused kanri' K journal show --as kanri --event disclosure
expect events_in_japanese 0 '開示' jp journal show --as kanri --event disclosure

# ---- register of terminal use
expect register_made 0 'register written' K journal ledger --as kanri "$work/ledger.csv"
expect register_not_twice 73 '' K journal ledger --as kanri "$work/ledger.csv"
expect register_agrees 0 'findings  *0' K journal reconcile --as kanri "$work/ledger.csv" --tolerance 10 --operator x
sed '/,abe,/d' "$work/ledger.csv" >"$work/ledger2.csv"
expect register_lacks_a_person 1 'entered for another operator\|not entered' K journal reconcile --as kanri "$work/ledger2.csv"
expect finding_as_json 1 '"kind": "\(operator_mismatch\|log_without_ledger\)"' K --json journal reconcile --as kanri "$work/ledger2.csv"
expect clerk_may_not_reconcile 77 'role' K journal reconcile --as abe "$work/ledger.csv"
printf 'date,terminal,operator,start,end,purpose,approver\n2026-04-01,T1,abe,9:00,10:00,,\n' >"$work/bad.csv"
expect wrong_register 65 'bad.csv:2' K journal reconcile --as kanri "$work/bad.csv"
expect tolerance_has_a_limit 64 '0 to 10' K journal reconcile --as kanri "$work/ledger.csv" --tolerance 11

# ---- month, holds, copies
expect month_signed 0 'right without use  *purpose:L31' K journal report --as kanri
expect inspection_written 0 'monthly inspection' K journal show --as kanri --event inspection
expect clerk_signs_nothing 0 '' K journal report --as abe
expect wrong_month 64 '' K journal report --as kanri --month 2026-13
expect held 0 'held until' K journal hold 3-5 --until 2040-03-31 --reason 'lawsuit' --as kanri
expect hold_needs_a_reason 64 '' K journal hold 3-5 --until 2040-03-31 --as kanri
expect nothing_to_explain 64 'explanation' K journal explain 3 'x' --as kanri
expect copy_written 0 'checkpoints added' K journal checkpoint "$work/copy.txt" --as kanri
lines=$(wc -l <"$work/copy.txt")
expect copy_grows 0 '' K journal checkpoint "$work/copy.txt" --as kanri
expect copy_keeps_what_it_has 0 '' test "$(wc -l <"$work/copy.txt")" -gt "$lines"
expect no_copy_on_a_stick 7 'removable' K journal checkpoint /media/stick/copy.txt --as kanri
expect whole_beside_the_copy 0 'whole' K journal verify "$work/copy.txt"
expect whole_in_japanese 0 '欠けも変更もありません' jp journal verify "$work/copy.txt"
cp "$work/out" "$work/own"
expect no_english_in_it 1 '' grep -q 'records\|whole' "$work/own"

# ---- backup and restore
expect backup 0 'backed up' K journal backup "$work/backup" --as hozon
expect backup_is_private 0 '^700$' stat -c %a "$work/backup"
expect not_over_another 73 '' K journal backup "$work/backup" --as hozon
expect backup_is_a_right 77 'role' K journal backup "$work/backup2" --as abe
expect more_after_it 0 '' K journal checkpoint "$work/copy.txt" --as kanri
cp -R "$work/backup" "$work/altered"
sqlite3 "$work/altered/desk.db" "UPDATE operator SET roles = 'backup' WHERE id = 'abe'"
expect altered_backup 65 'altered' sec 'tanuki-2026\n' journal restore "$work/altered" --as kanri
expect restore_needs_the_right 77 'role' sec 'momiji-2026\n' journal restore "$work/backup" --as abe
expect restore_needs_a_password 77 'wrong' sec 'momiji-2025\n' journal restore "$work/backup" --as hozon
expect the_counter_is_as_before 0 'whole' K journal verify "$work/copy.txt"
rm -rf "$desk"
expect restored 0 'lost  *[0-9]*-[0-9]*' sec 'momiji-2026\n' journal restore "$work/backup" "$work/copy.txt" --as hozon --reason 'disk failure'
expect no_session_came_back 77 'no session' K journal show --as kanri
expect login_again 0 'logged in' sec 'tanuki-2026\n' login kanri
expect restore_is_an_event 0 'restored from a backup done hozon' K journal show --as kanri --event restore
expect chain_goes_on 0 'whole' K journal verify
expect what_was_lost_is_seen_outside 1 'checkpoint' K journal verify "$work/copy.txt"
expect restored_over_another 0 'the counter before it' sec 'momiji-2026\n' journal restore "$work/backup" --as hozon --reason 'again'
expect login_after_it 0 '' sec 'tanuki-2026\n' login kanri

# ---- stop, leavers, authenticator
expect login_of_abe 0 '' sec 'momiji-2026\n' login abe
expect stop_needs_a_reason 64 'reason' K operator stop --as kanri
expect stopped 0 'stopped' K operator stop --reason 'suspicious access' --as kanri
expect nobody_else_works 77 'stopped' K journal show --as abe
expect nobody_else_logs_in 77 'stopped' sec 'momiji-2026\n' login jo
expect security_works 0 'emergency stop done kanri' K journal show --as kanri --event emergency-stop
expect lifted 0 'works again' K operator lift --reason 'false alarm' --as kanri
expect work_goes_on 0 '' K journal show --as abe
printf 'id,state,date\nabe,retired,%s\nghost,retired,%s\njo,transferred,2999-04-01\n' "$today" "$today" >"$work/leavers.csv"
expect leavers 0 'accounts ended  *2' K operator leavers "$work/leavers.csv" --as kanri
expect who_left_is_out 77 '' K journal show --as abe
expect leavers_again 0 'accounts ended  *1' K operator leavers "$work/leavers.csv" --as kanri
printf '#!/bin/sh\necho "$1 $2" >%s\n[ "$1" = hozon ]\n' "$work/seen" >"$work/vein"
chmod 700 "$work/vein"
config "terminal = MADO-1\nauthenticator = $work/vein\n"
expect both_are_asked 0 'logged in' sec 'momiji-2026\n' login hozon
expect authenticator_was_told 0 '^hozon MADO-1$' cat "$work/seen"
expect another_hand 77 'did not recognise' sec 'tanuki-2026\n' login kanri
config "terminal = MADO-1\nauthenticator = $work/vein\nlogin = authenticator\n"
expect by_the_hand_alone 0 'logged in' K login hozon
config "terminal = MADO-1\nauthenticator = $work/none\nlogin = authenticator\n"
expect no_authenticator_no_login 77 'did not recognise' K login hozon
config 'terminal = MADO-9\n'
expect another_terminal 77 'not on the list' sec 'tanuki-2026\n' login kanri
config 'terminal = MADO 1\n'
expect no_such_name 65 'line 1' K journal verify
config 'terminal = MADO-1\n'
expect login_at_the_end 0 '' sec 'tanuki-2026\n' login kanri

# ---- a break in the chain is told at the start, written down once, and work goes on
records=$(sqlite3 "$desk/desk.db" 'SELECT max(seq) FROM journal')
cp -R "$desk" "$work/desk.whole"
sqlite3 "$desk/desk.db" "DROP TRIGGER journal_no_update; UPDATE journal SET operator = 'nobody' WHERE seq = $records; DELETE FROM journal_checkpoint WHERE size = $records" 2>/dev/null ||
	sqlite3 "$desk/desk.db" "DROP TRIGGER checkpoint_no_delete; DELETE FROM journal_checkpoint WHERE size = $records"
expect break_is_told "0" "BROKEN at record $records" K journal show --as kanri --event chain-break
expect break_is_written 0 'break in the chain failed' K journal show --as kanri --event chain-break
expect inspection_finds_it 1 "BROKEN" K journal report --as kanri
rm -rf "$desk"
mv "$work/desk.whole" "$desk"
expect whole_again 0 'whole' K journal verify

# ---- a store that is gone is no new one
mv "$desk/desk.db" "$work/desk.db"
expect store_gone 73 'cannot be used' K journal show --as kanri
expect no_store_was_made 1 '' test -e "$desk/desk.db"
mv "$work/desk.db" "$desk/desk.db"

# ---- auditor
{ echo item,score,reason,remedy,date; for i in $(seq 106); do echo "$i,3,,,"; done; echo '107,2,not held,hold it,2026-09-30'; } >"$work/self.csv"
expect selfcheck 0 'mean  *2.99' K audit selfcheck "$work/self.csv" --items 107
expect selfcheck_of_124 65 'item 108 is missing' K audit selfcheck "$work/self.csv" --items 124
{ echo organ,office,since,first_use; for i in 1 2 3 4 5; do echo "H$i,head,2010,2010"; echo "F$i,field,2010,2010"; done; echo N,head,2027,2027; } >"$work/organs.csv"
expect plan 0 'plan written' K audit plan "$work/organs.csv" "$work/plan.csv" --year 2026 --seed 416
expect plan_is_good 0 'findings  *0' K audit check "$work/organs.csv" "$work/plan.csv" --year 2026
sed -i '/,H1,/d' "$work/plan.csv"
expect plan_leaves_one_out 1 'not in the plan' K audit check "$work/organs.csv" "$work/plan.csv" --year 2026
expect plan_in_japanese 1 '計画にありません' jp audit check "$work/organs.csv" "$work/plan.csv" --year 2026
{ echo audit,organ,finding,measure,due,done; for i in 1 2 3 4; do echo "R7 internal,H$i,register not kept,keep it,2026-03-31,2026-03-01"; done; for i in 1 2; do echo "R7 internal,F$i,no reconciliation,reconcile monthly,2026-03-31,"; done; } >"$work/findings.csv"
expect findings_overdue 1 'overdue findings  *2' K audit findings "$work/findings.csv"
sed 's/2026-03-31,$/2026-03-31,2026-03-30/' "$work/findings.csv" >"$work/done.csv"
expect findings_done 0 'open findings  *0' K audit findings "$work/done.csv"
sed -i '2s/,keep it,/,,/' "$work/findings.csv"
expect finding_needs_a_measure 65 'findings.csv:2' K audit findings "$work/findings.csv"
expect seed_is_the_auditors 64 'seed' K audit bundle "$work/bundle" --as kanri
expect bundle 0 'for the auditor' K audit bundle "$work/bundle" --seed 4-1-6 --sample 5 --as kanri
expect bundle_is_read_only 0 '^500$' stat -c %a "$work/bundle"
expect its_files_too 0 '^400$' stat -c %a "$work/bundle/sample.jsonl"
expect bundle_opens 0 '4-1-6 (5/' K audit open "$work/bundle" --key "$desk/checkpoint.pub.pem"
expect no_subject_in_it 1 '' grep -r -l '"subject"' "$work/bundle"
expect bundle_expires 7 'last day' K --at 2999-01-01T00:00:00Z audit open "$work/bundle" --key "$desk/checkpoint.pub.pem"
chmod u+w "$work/bundle" "$work/bundle/sample.jsonl"
sed -i '1s/kanri/kanrj/;1s/abe/abf/;1s/hozon/hozom/;1s/setup/setuq/' "$work/bundle/sample.jsonl"
expect altered_bundle 65 'altered' K audit open "$work/bundle" --key "$desk/checkpoint.pub.pem"
expect second_bundle 0 '' K audit bundle "$work/bundle2" --seed 4-1-6 --as kanri
expect clerk_makes_none 77 '' K audit bundle "$work/bundle3" --seed 4-1-6 --as hozon

expect_end
