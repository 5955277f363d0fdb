#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Terminal, centre, municipality and store as real processes, with wires between them that fail: each
# message of each script of faults.steps × each fault (client_faults.c), on SQLite and on PostgreSQL at
# the same time. A fixed choice of each class is run; more:
#   KZ_FAULTS=all            every cell
#   KZ_FAULTS_EACH=N         so many of each class, of large ones twice as many (1)
#   KZ_FAULTS_ONLY=TEXT      those with TEXT in their name
#   KZ_FAULTS_STORE=sqlite   or postgresql: one of them
#   KZ_FAULTS_PARTS=N        so many runs at once for each store (1)
#   KZ_FAULTS_LOG=DIR        what each run said, and the rows that it took
# SIGTERM to a client_faults ends its day early.
#   KZ_FAULTS=record         write faults.steps anew, from clean runs
KZ_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
KZ_BIN=${KZ_BIN:-$KZ_ROOT/build/bin}
KZ_FIXTURES=${KZ_FIXTURES:-$KZ_ROOT/build/fixtures}
KZ_TMP=$(mktemp -d)
chmod 711 "$KZ_TMP" # the server of PostgreSQL is another user
trap 'rm -rf "$KZ_TMP"' EXIT
. "$KZ_ROOT/tests/kiosk/place.sh"
CLIENT=$KZ_ROOT/build/obj/tests/kiosk/client_faults
STEPS=${KZ_FAULTS_STEPS:-$KZ_ROOT/tests/kiosk/faults.steps}
ROWS=$KZ_ROOT/tests/kiosk/faults.rows
PARTS=${KZ_FAULTS_PARTS:-1}
STORES=${KZ_FAULTS_STORE:-sqlite postgresql}
EACH=0 TERMINALS=1500
if [ "${KZ_FAULTS:-}" != all ] && [ -z "${KZ_FAULTS_ONLY:-}" ]; then EACH=${KZ_FAULTS_EACH:-1} TERMINALS=60; fi

# A place with a terminal of its own for each cell.
fault_place() { # DIR TERMINALS
	local i parties=(center:center-1 municipality:13221 operator:sato operator:ito)
	for ((i = 1; i <= $2; i++)); do parties+=("terminal:T$i"); done
	mkdir -p "$1/tmp" "$1/cells"
	"$KZ_BIN/kazasu-center" --make-test-pki "$1/pki" "${parties[@]}" >/dev/null || return 1
	MESSAGE_SECONDS=15 RESIDENTS=20 kiosk_place "$1" || return 1
	sed -i -e '/^minimum-age/d' -e '$a minimum-age = 1' "$1/issuer/issuer.conf"
	{
		echo 'terminal,store,place,from,to'
		for ((i = 1; i <= $2; i++)); do echo "T$i,Store $i,東京都千代田区,2020-01-01,"; done
	} >"$1/rules/terminals.csv"
}
client() { # STORE PART…
	local dir=$KZ_TMP/$1-$2
	shift 2
	TMPDIR=$dir/tmp "$CLIENT" --bin "$KZ_BIN" --place "$dir" "$@" 2>&1
}
run() { # STORE PART
	fault_place "$KZ_TMP/$1-$2" "$TERMINALS" &&
		client "$1" "$2" --store "$1" --each "$EACH" --part "$2/$PARTS" --steps "$STEPS" \
			--rows "$KZ_TMP/$1-$2.rows" ${KZ_FAULTS_ONLY:+--only "$KZ_FAULTS_ONLY"}
}

if [ "${KZ_FAULTS:-}" = record ]; then
	fault_place "$KZ_TMP/sqlite-1" 60 && client sqlite 1 --store sqlite --record "$STEPS"
	exit
fi
passed=0 failed=0 jobs=()
good() { echo "[       OK ] $1"; passed=$((passed + 1)); }
bad() { echo "[  FAILED  ] $1"; failed=$((failed + 1)); }

# Every state × event of the table has a line in faults.rows: reached by the matrix, or why not.
if diff <("$CLIENT" --table | sed 's/^row //' | sort) <(sed '/^#/d; s/ *|[^|]*$//' "$ROWS" | sort); then
	good "every row of the table of states is in faults.rows"
else
	bad "faults.rows is not the table of states"
fi
# Every message that the centre knows is met in faults.steps. `mutual` is of 現行方式 only (test_methods.sh).
messages() { grep -o '{"[a-z]*", exchange_' "$KZ_ROOT/tools/kazasu-center/finish.c" | cut -d '"' -f 2; }
if [ "$(messages | wc -l)" -ge 15 ] &&
	diff <(messages | grep -v '^mutual$' | sort) \
		<(awk '$1 == "step" && $3 == "centre" { sub(/:.*/, "", $4); print $4 }' "$STEPS" |
			grep -v '^sessions$\|^service$\|^municipalities$\|^transactions$\|^events$' | sort -u); then
	good "every message of the centre is in faults.steps"
else
	bad "faults.steps is not the list of the centre's messages"
fi
for store in $STORES; do
	for ((part = 1; part <= PARTS; part++)); do
		run "$store" "$part" >"$KZ_TMP/$store-$part.out" 2>&1 &
		jobs+=("$!:$store-$part")
	done
done
for job in "${jobs[@]}"; do
	wait "${job%%:*}" || bad "${job#*:} ended badly"
	out=$KZ_TMP/${job#*:}.out
	[ -z "${KZ_FAULTS_LOG:-}" ] || cp "$out" "${out%.out}.rows" "$KZ_FAULTS_LOG"
	sed "s/^\[\(.*\)\] /[\1] ${job#*:}: /" "$out" | grep -v '^class \|^cells '
done
for store in $STORES; do
	# class | cells in the matrix | run | failed
	awk -F '|' -v store="$store" '/^class / { sub(/^class /, ""); all[$1] = $2; ran[$1] += $3; bad[$1] += $4 }
		END { for (c in all) printf "# %-10s %-30s %4d cells, %4d run, %d failed\n", store, c, all[c], ran[c], bad[c] }' \
		"$KZ_TMP/$store"-*.out | sort
done
passed=$((passed + $(cat "$KZ_TMP"/*.out | awk '/^cells / { n += $2 } END { print n + 0 }')))
failed=$((failed + $(cat "$KZ_TMP"/*.out | awk '/^cells / { n += $4 } END { print n + 0 }')))
if [ "${KZ_FAULTS:-}" = all ]; then
	if diff <(cat "$KZ_TMP"/*.rows | sed 's/^row //' | sort -u) <(sed -n 's/ *|reached$//p' "$ROWS" | sort); then
		good "the rows of the table that the matrix takes are those of faults.rows"
	else
		bad "the matrix takes other rows of the table than faults.rows says"
	fi
fi
echo "[  PASSED  ] $passed test(s)."
[ "$failed" = 0 ] || echo "[  FAILED  ] $failed test(s)."
[ "$failed" = 0 ]
