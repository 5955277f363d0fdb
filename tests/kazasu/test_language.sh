#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: every message has its Japanese, and the right language is chosen also where no locale was
# generated.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$(dirname "$0")/common.sh"
cd "$KZ_ROOT" || exit 1

catalogue_is_complete() {
	xgettext --from-code=UTF-8 -L C -k_ -kN_ -kngettext:1,2 -o "$KZ_TMP/now.pot" tools/*/*.c &&
	msgmerge -q -o "$KZ_TMP/ja.po" po/ja.po "$KZ_TMP/now.pot" && msgfmt --check-format -o /dev/null "$KZ_TMP/ja.po" || return 1
	msgattrib --untranslated "$KZ_TMP/ja.po" >"$KZ_TMP/missing"; msgattrib --only-fuzzy "$KZ_TMP/ja.po" >>"$KZ_TMP/missing"
	[ ! -s "$KZ_TMP/missing" ] || { cat "$KZ_TMP/missing"; return 1; }
	[ "$(grep -c '^msgid' "$KZ_TMP/now.pot")" -gt 250 ]
}
# asks EXPECTED VARIABLES… -- WORDS…
asks() {
	local want=$1 vars=() text
	shift
	while [ "$1" != -- ]; do vars+=("$1"); shift; done
	shift
	text=$(env -u LC_ALL -u LANG -u LC_MESSAGES -u LANGUAGE "${vars[@]}" "$KAZASU" "$@" 2>&1 </dev/null)
	if grep -q 'コマンド' <<<"$text"; then text=ja; else text=en; fi
	[ "$text" = "$want" ] || { echo "$text for ${vars[*]}"; return 1; }
}
variables_decide() {
	asks en -- && asks en LANG=C -- && asks en LANG=POSIX -- && asks ja LANG=ja_JP.UTF-8 -- && asks ja LANG=ja -- &&
	asks ja LC_ALL=ja_JP.UTF-8 LANG=C -- && asks ja LC_MESSAGES=ja_JP.eucJP LANG=en_US.UTF-8 -- &&
	asks en LC_ALL=C LANG=ja_JP.UTF-8 -- && asks en LC_ALL= LANG=en_GB.UTF-8 -- && asks ja LC_ALL= LANG=ja_JP.UTF-8 -- &&
	asks ja LANG=en_US.UTF-8 LANGUAGE=ja:en -- && asks en LANG=ja_JP.UTF-8 LANGUAGE=en -- && asks en LANG=C LANGUAGE=ja -- &&
	asks en LANG=jamaican --
}
option_overrides() {
	asks ja LANG=C -- --lang ja && asks ja LANG=C -- --lang=ja && asks en LANG=ja_JP.UTF-8 -- --lang en && asks ja LANG=C -- nonsense --lang ja
}
no_locale_is_needed() { ! locale -a | grep -qi '^ja_JP' || echo "ja_JP is generated here"; asks ja LANG=ja_JP.UTF-8 LOCPATH=/nonexistent --; }
machine_output_has_one_language() {
	kz status --json --reader sim:test-person --lang ja && cp "$KZ_TMP/out" "$KZ_TMP/ja" && kz status --json --reader sim:test-person --lang en && cmp "$KZ_TMP/ja" "$KZ_TMP/out"
}
installed_catalogue_is_found() {
	mkdir -p "$KZ_TMP/p/bin" "$KZ_TMP/p/share" && cp build/bin/kazasu "$KZ_TMP/p/bin/" && cp -r build/lib "$KZ_TMP/p/" && cp -r build/share/locale "$KZ_TMP/p/share/" &&
	KAZASU=$KZ_TMP/p/bin/kazasu asks ja LANG=ja_JP.UTF-8 --
}

t_ok "the Japanese catalogue is complete" catalogue_is_complete
t_ok "LC_ALL, LC_MESSAGES, LANG and LANGUAGE decide" variables_decide
t_ok "--lang overrides them, anywhere on the line" option_overrides
t_ok "no generated locale is needed" no_locale_is_needed
t_ok "JSON of a result is the same in both languages" machine_output_has_one_language
t_ok "the catalogue is found beside an installed program" installed_catalogue_is_found
t_end
