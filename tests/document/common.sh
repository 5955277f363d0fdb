# SPDX-License-Identifier: Apache-2.0
# What the scripts about documents share: the programs, a folder, counting.
set -u
cd "$(dirname "$0")/../.." || exit 1
TOP=$PWD
KAZASU=${KAZASU:-$TOP/build/bin/kazasu}
WORK=$(mktemp -d)
passed=0 failed=0
cat "$TOP"/build/fixtures/trust/sign-*.pem >"$WORK/sign-ca.pem"

finish() {
	rm -rf "$WORK"
	echo "[  PASSED  ] $passed test(s)."
	[ "$failed" -eq 0 ] && exit 0
	echo "[  FAILED  ] $failed test(s)."
	exit 1
}
# check NAME COMMAND…: it must succeed.
check() {
	local name=$1
	shift
	if "$@" >"$WORK/out" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "[  FAILED  ] $name"
		sed 's/^/    /' "$WORK/out" | head -20
	fi
}
# sign FILES AND OPTIONS…: with the virtual test person.
sign() {
	"$KAZASU" --reader sim:test-person --test-roots --lang en sign --yes --pin-fd 3 "$@" \
		3<<<ABC123
}
# only_unrevoked FILES AND OPTIONS…: every reason, as words, is that nobody was asked about
# revocation: everything else held, and the whole file is signed (COVERS=False: all but the tags
# of an XML document's root).
reasons() {
	"$KAZASU" --test-roots --lang en verify --json "$@" 2>/dev/null | python3 -c '
import json, sys
d = json.load(sys.stdin)
for f in d["files"]:
    r = [x["code"] for x in f["reasons"]]
    for s in f["signers"]:
        r += [x["code"] for x in s["reasons"]]
    print(f["file"].split("/")[-1], f["verdict"], len(f["signers"]), f["covers_whole_file"], ",".join(sorted(set(r))))'
}
only_unrevoked() {
	local said
	said=$(reasons "$@")
	[ -n "$said" ] || return 1
	! grep -vE " undetermined [1-9][0-9]* ${COVERS:-True} revocation_missing\$" <<<"$said"
}
