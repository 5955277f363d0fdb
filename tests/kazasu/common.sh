# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# common.sh — what the scripts here share. Source it after ../helpers/pcscd.sh.
#
#   kz ARGS…            run kazasu; RC, $KZ_TMP/out, $KZ_TMP/err
#   kz_pin LINES ARGS…  the same with secrets on a descriptor, separated by \n
#   rc N                the last exit code was N
#   json EXPRESSION     standard output is one JSON document d for which this Python is true
#   err TEXT            standard error holds this text

KAZASU=${KAZASU:-$KZ_BIN/kazasu}
export LC_ALL=C.UTF-8
unset LANGUAGE PINENTRY DISPLAY WAYLAND_DISPLAY

kz() {
	"$KAZASU" "$@" >"$KZ_TMP/out" 2>"$KZ_TMP/err" </dev/null
	RC=$?
}

kz_pin() {
	local secret=$1
	shift
	"$KAZASU" "$@" --pin-fd 9 9< <(printf '%b\n' "$secret") >"$KZ_TMP/out" 2>"$KZ_TMP/err" </dev/null
	RC=$?
}

# A test fails if any of its assertions failed, wherever in it, not only the last.
checked() {
	T_BAD=
	"$@" && [ -z "$T_BAD" ]
}
eval "plain_$(declare -f t_ok)"
t_ok() {
	local name=$1
	shift
	plain_t_ok "$name" checked "$@"
}

rc() {
	[ "$RC" = "$1" ] && return 0
	T_BAD=1
	echo "exit code $RC instead of $1"
	cat "$KZ_TMP/out" "$KZ_TMP/err"
	return 1
}

json() {
	assert_json "$1" && return 0
	T_BAD=1
	return 1
}

assert_json() {
	python3 - "$KZ_TMP/out" "$1" <<'PY'
import json, sys
text = open(sys.argv[1], encoding="utf-8").read()
d = json.loads(text)
if not eval(sys.argv[2]):
    print("not so:", sys.argv[2])
    print(text)
    sys.exit(1)
PY
}

err() {
	grep -qF -- "$1" "$KZ_TMP/err" && return 0
	T_BAD=1
	echo "standard error lacks: $1"
	cat "$KZ_TMP/err"
	return 1
}

# "240x320x8": width, height and bit depth of a PNG (PNG 11.2.2).
png() { python3 -c 'import struct,sys; d=open(sys.argv[1],"rb").read(26); assert d[:8]==b"\x89PNG\r\n\x1a\n"; print("%dx%dx%d" % struct.unpack(">IIB", d[16:25]))' "$1"; }
hex() { od -An -v -tx1 | tr -d ' \n'; }

# A persona of one's own: persona NAME 'PYTHON that changes d'; its path in $PERSONA. Pictures and
# keys are those of the published test person.
persona() {
	PERSONA=$KZ_TMP/$1.json
	python3 - "$KZ_ROOT/fixtures/personas/test-person.json" "$PERSONA" "$2" <<'PY'
import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
exec(sys.argv[3])
json.dump(d, open(sys.argv[2], "w", encoding="utf-8"), ensure_ascii=False)
PY
}

# 照合番号B of a persona, as it is printed on its card: number_b NAME (card-spec 5.1).
number_b() {
	local expires
	expires=$("$KAZASU" status --reader "sim:$1" --json 2>/dev/null | sed -n 's/.*"expires": "\(....\).*/\1/p')
	python3 - "$KZ_ROOT/fixtures/personas/$1.json" "$expires" <<'PY'
import datetime, json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
b = datetime.date.fromisoformat(d["birth"])
year = next(b.year - first.year + 1 for first in (datetime.date(2019, 5, 1), datetime.date(1989, 1, 8),
            datetime.date(1926, 12, 25), datetime.date(1912, 7, 30)) if b >= first)
print("%02d%02d%02d%s%s" % (year, b.month, b.day, sys.argv[2], d["security_code"]))
PY
}
