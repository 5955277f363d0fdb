#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: `make bench` writes bench.json in the form others read, keeps a missed goal apart from a
# failed program, and has every measurement of tests/bench in it.
. "$(dirname "$0")/common.sh"

program() { # NAME EXIT LINE…
	local name=$TMP/$1 exit=$2
	shift 2
	{ echo '#!/bin/sh'; printf "echo '%s'\n" "$@"; echo "exit $exit"; } >"$name"
	chmod +x "$name"
}

form_is_kept() {
	program good 0 '{"name":"a.b","value":0.41,"unit":"s","against":"sha256","ratio":3.1,"goal":3.5,"pass":true}' 'a word'
	program missed 0 '{"name":"c","value":9,"unit":"commands","goal":4,"pass":false}'
	tests/bench/run "$TMP/out.json" "$TMP/good" "$TMP/missed" >"$TMP/table" || return 1
	grep -q 'c .*9 commands.*MISSED' "$TMP/table" && grep -q 'a.b .*0.41 s.*3.1 x sha256.*ok' "$TMP/table" || { cat "$TMP/table"; return 1; }
	python3 - "$TMP/out.json" <<'PY'
import json, sys
d = json.load(open(sys.argv[1]))
assert set(d) == {"machine", "results"} and d["machine"]
assert [r["name"] for r in d["results"]] == ["a.b", "c"]
assert d["results"][0] == {"name": "a.b", "value": 0.41, "unit": "s", "against": "sha256", "ratio": 3.1, "goal": 3.5, "pass": True}
PY
}

a_failed_program_fails() {
	program bad 3 '{"name":"d","value":1,"unit":"s"}'
	! tests/bench/run "$TMP/out.json" "$TMP/bad" >/dev/null 2>&1 && grep -q '"d"' "$TMP/out.json"
}

every_measurement_is_run() {
	make -n bench >"$TMP/make" 2>/dev/null || return 1
	for f in tests/bench/bench_*.c; do
		grep -q "build/obj/${f%.c}\b" "$TMP/make" || { echo "$f"; return 1; }
	done
}

try form_of_bench_json form_is_kept
try a_failed_program_is_an_error a_failed_program_fails
try every_measurement_is_run every_measurement_is_run
finish
