#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves the counter from outside, with the programs as built: login, rights, identify with its
# journal entry, second operator, disclosure, verification, refusals and exit codes.
# shellcheck disable=SC2154 # $work is of expect.sh
. "$(dirname "$0")/../helpers/expect.sh"
K() { build/bin/kazasu --lang en --test-roots --reader sim:test-person "$@"; }

B=55021720352285
expect journal_without_counter 77 'No counter has been set up' K journal show
expect weak_password_leaves_nothing 7 'cannot be used' sec 'short\n' login kanri
expect nothing_was_left 1 '' test -e "$XDG_STATE_HOME/kazasu/desk"
expect first_login_sets_up 0 'logged in .*kanri' sec 'tanuki-2026\n' login kanri
expect store_is_private 0 '^700$' stat -c %a "$XDG_STATE_HOME/kazasu/desk"
expect session_is_private 0 '^600$' stat -c %a "$XDG_STATE_HOME/kazasu/desk/session-kanri"
expect add_clerk 0 'added' sec 'momiji-2026\n' operator add abe --person 'Abe' --roles 'operator;reception' --training 2026-01-05
expect add_checker 0 'added' sec 'sakura-2026\n' operator add bando --person 'Bando' --roles checker --training 2026-01-05
expect unknown_role 64 '' sec 'sakura-2026\n' operator add chiba --person 'Chiba' --roles boss
expect own_right_refused 77 'not by this account' K operator grant kanri procedure:koza inquiry
expect grant 0 'granted' K operator grant abe procedure:jido-teate inquiry
expect wrong_password 77 'password is wrong' sec 'wrong-wrong\n' login abe
expect unknown_name_is_told_alike 77 'password is wrong' sec 'wrong-wrong\n' login nobody
expect name_is_no_proof 77 'no session is open' sec "$B\n" identify --procedure jido-teate --operator abe
expect clerk_logs_in 0 'abe' sec 'momiji-2026\n' login abe
expect second_operator_needs_a_session 77 'no session is open' sec "$B\n" identify --procedure jido-teate --operator abe --second-operator bando
expect checker_logs_in 0 'bando' sec 'sakura-2026\n' login bando
expect no_right_to_other_procedures 7 'no_right\|right to this procedure' sec "$B\n" identify --procedure inkan --operator abe
expect no_right_to_the_number 7 'number' sec "$B\n1234\n" identify --procedure jido-teate --operator abe --number
expect unknown_procedure 7 'no procedure' sec "$B\n" identify --procedure nanika --operator abe
expect identify 0 '"journal": "[A-Za-z0-9._-]*-[0-9]*"' sec "$B\n" --json identify --procedure jido-teate --operator abe --second-operator bando --face same --subject atena:00000123
grep -q '"person": "confirmed"' "$work/out" && grep -q '"number": "not_asked"' "$work/out" && grep -q '"verdict": "valid"' "$work/out"
expect three_results 0 '' test $? = 0
expect wrong_number_b 3 '' sec '55021720350000\n' identify --procedure jido-teate --operator abe
expect face_of_another 0 'missing\|refused' sec "$B\n" identify --procedure jido-teate --operator abe --face different
expect no_photo_kept_without_right 7 'no photo' sec "$B\n" identify --procedure jido-teate --operator abe --photo "$work/p.png" --face same
expect no_photo_there 1 '' test -e "$work/p.png"
expect second_check_closed 0 'closed' K check list --as kanri --state closed
expect no_register_row 2 '' K register lookup --as kanri X --procedure jido-teate --attributes name
printf 'atena,name,address,birth_date,sex,alive,former_name,alias,prefecture,resident_code\nA1,黒桐幹也,東京都清瀬市,1980-02-17,1,yes,,,13,\n' >"$work/p.csv"
printf 'atena,number,valid_from,valid_to\nA1,537686677188,2015-10-05,\n' >"$work/n.csv"
expect import_with_sums 65 'stated are 2' K register import --as kanri "$work/p.csv" "$work/n.csv" --rows 2
expect import 0 '1 persons, 1 numbers' K register import --as kanri "$work/p.csv" "$work/n.csv" --rows 1
expect lookup 0 '黒桐幹也' K register lookup --as kanri A1 --procedure jido-teate
expect number_in_the_register 0 '"number": "confirmed"' sec "$B\n1234\n" --json identify --procedure kokuho --operator kanri --number --face same --subject atena:A1
expect number_is_journaled 0 '537686677188' sec '1234\n' number --procedure kokuho --as kanri
expect show_own 0 'identity check' K journal show --as kanri
expect disclose 0 'abe.*jido-teate' sec 'tanuki-2026\n' journal disclose --as kanri --subject atena:00000123 --key "$XDG_STATE_HOME/kazasu/desk/audit-key.pem"
expect disclose_wrong_passphrase 3 '' sec 'tanuki-2025\n' journal disclose --as kanri --subject atena:00000123 --key "$XDG_STATE_HOME/kazasu/desk/audit-key.pem"
expect verify 0 'whole' K journal verify
expect report 0 'records' K journal report --as kanri
expect export 0 'exported' K journal export --as kanri "$work/export.txt"
expect export_not_over_a_file 73 '' K journal export --as kanri "$work/export.txt"
expect export_to_a_stick 7 'removable' K journal export --as kanri /media/stick/export.txt
expect prune_keeps_seven_years 7 '7 years' K journal prune --as kanri --years 6
expect prune 0 'erased .*0' K journal prune --as kanri
expect nothing_personal_in_the_export 1 '' grep -a -e 537686677188 -e "$B" -e 黒桐 -e 1234567 "$work/export.txt"
sed '4s/kanri/kanrj/' "$work/export.txt" >"$work/changed.txt"
expect change_is_found 1 'BROKEN at record 3' build/bin/kazasu-journal-verify "$work/changed.txt"
head -5 "$work/export.txt" >"$work/cut.txt"
expect cut_is_found_from_outside 1 'cut off' build/bin/kazasu-journal-verify --key "$XDG_STATE_HOME/kazasu/desk/checkpoint.pub.pem" --checkpoints "$XDG_STATE_HOME/kazasu/desk/checkpoints.txt" "$work/cut.txt"
expect logout 0 'logged out' K logout abe
expect after_logout 77 'no session is open' sec "$B\n" identify --procedure jido-teate --operator abe
# A journal that cannot be written: nothing is read.
sqlite3 "$XDG_STATE_HOME/kazasu/desk/desk.db" "CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'full'); END"
expect fail_closed 7 '' sec "$B\n" identify --procedure kokuho --operator kanri --face same
expect fail_closed_says_nothing_personal 1 '' grep -q 黒桐 "$work/out"

expect_end
