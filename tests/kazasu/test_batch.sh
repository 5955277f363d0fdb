#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves: verify-batch answers every line with exactly one line that carries its id, whatever the
# line is: rubbish, base64 that is none, members missing or of the wrong kind, lines without end,
# a hundred thousand lines; and its memory does not grow with any of it.
. "$(dirname "$0")/../helpers/pcscd.sh"
pcscd_namespace "$@"
. "$(dirname "$0")/common.sh"
cd "$KZ_TMP" || exit 1
F=$KZ_ROOT/build/fixtures
MK=$KZ_ROOT/build/obj/fixtures/pki/mkfixtures
export KAZASU F KZ_TMP
mkdir store
# MiB that a run may take; the sanitizers keep what was freed.
LIMIT=96
[ "${KAZASU#*/asan/}" = "$KAZASU" ] || LIMIT=1024
export LIMIT

openssl req -newkey rsa:2048 -nodes -keyout person.key -out person.req -subj "/C=JP/CN=somebody" 2>/dev/null
printf 'keyUsage=critical,digitalSignature,nonRepudiation\ncertificatePolicies=critical,1.2.392.200149.8.5.1.0.20\nauthorityKeyIdentifier=keyid\n' >ext
openssl x509 -req -in person.req -CA "$F/pki/sign-2.pem" -CAkey "$F/pki/sign-2.key.pem" -set_serial 0x77 -days 30 -extfile ext -outform DER -out person.der 2>/dev/null
printf 'challenge one' >c1
openssl dgst -sha256 -sign person.key -out s1 c1
openssl dgst -sha384 -sign person.key -out s384 c1
"$MK" crl "$F" sign-2 list.crl --this $(($(date +%s) - 60)) --next $(($(date +%s) + 90000)) --number 1
"$KAZASU" crl import --test-roots --store "$KZ_TMP/store" list.crl >/dev/null

cat >batch.py <<'P'
import base64, json, os, subprocess
KAZASU, TMP = os.environ["KAZASU"], os.environ["KZ_TMP"]
OPTIONS = ["--test-roots", "--store", TMP + "/store"]
def b(name):
    return base64.b64encode(open(name, "rb").read()).decode()
GOOD = {"id": 1, "certificate": b("person.der"), "challenge": b("c1"), "signature": b("s1")}
def run(data, *options, raw=False):
    if not isinstance(data, bytes):
        data = "".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in data).encode()
    p = subprocess.run([KAZASU, "verify-batch", *OPTIONS, *options], input=data, capture_output=True, timeout=120)
    assert p.returncode in (0, 1, 2, 64, 65, 66, 74), (p.returncode, p.stderr)
    return p.returncode, p.stdout if raw else [json.loads(l) for l in p.stdout.splitlines()]
def malformed(x):
    return x.get("error", {}).get("code") == "MALFORMED" and "verdict" not in x
P
py() { python3 -c "from batch import *
$1"; }

ids_of_any_kind_come_back() {
	py '
ids = [1, -1, 0, "two", "", "日本語 🀄", "a\u0000b", "\"\\\n", None, True, False, 1.5, 2**63 - 1, [], [1, [2]], {}, {"a": {"b": 1}}]
rc, out = run([dict(GOOD, id=i) for i in ids])
assert rc == 0 and [x["id"] for x in out] == ids and [type(x["id"]) for x in out] == [type(i) for i in ids], out
assert all(x["verdict"] == "valid" and x["reasons"] == [] and x["checks"] == {"certificate_path": "pass", "signature": "pass", "revocation": "pass"} for x in out)
none = {k: v for k, v in GOOD.items() if k != "id"}
rc, out = run([none])
assert rc == 0 and out[0]["id"] is None and out[0]["verdict"] == "valid"'
}
rubbish_lines_are_answered() {
	py '
lines = ["rubbish", "{", "}", "null", "true", "1", "\"text\"", "[]", "[" + json.dumps(GOOD) + "]", "{}", json.dumps(GOOD) + "x", json.dumps(GOOD) * 2,
         "{\"id\":1,\"id\":2}", "[" * 100000, "{\"a\":" * 5000, json.dumps(GOOD)[:-1], "\u0001", "{\"id\":1e999}", "{\"id\":99999999999999999999}"]
rc, out = run(lines + [GOOD])
assert rc == 65 and len(out) == len(lines) + 1, (rc, len(out))
assert all(malformed(x) for x in out[:-1]), out
assert out[-1]["verdict"] == "valid"
# what is no text at all, and a NUL inside a line
rc, out = run(b"\xff\xfe{}\n\x00\n{\"id\":\"\xc3\x28\"}\n" + json.dumps(GOOD).encode().replace(b"sign", b"si\x00gn") + b"\n")
assert rc == 65 and len(out) == 4 and all(malformed(x) for x in out), out'
}
members_must_be_there_and_base64() {
	py '
wrong = [None, 1, True, [], {}, "A", "AA", "AAA", "=", "====", "A===", "AA==AAAA", "AAAA\n", " AAAA", "AA AA", "AAAA====", "AB==", "AAB=", "AA=A", "AAAA-_-_", "日本", "AAAA\u0000AAA", GOOD["certificate"] + "!"]
n = 0
for name in ("certificate", "challenge", "signature", "ocsp"):
    rc, out = run([dict(GOOD, **{name: w}) for w in wrong])
    assert rc == 65 and len(out) == len(wrong) and all(malformed(x) and x["id"] == 1 for x in out), (name, [x for x in out if not malformed(x)])
    n += len(out)
for name in ("certificate", "challenge", "signature"):
    rc, out = run([{k: v for k, v in GOOD.items() if k != name}])
    assert rc == 65 and malformed(out[0]) and out[0]["id"] == 1
for name, w in (("use", 5), ("use", None), ("use", "both"), ("use", "auth\u0000"), ("use", "Sign"), ("hash", "sha1"), ("hash", "md5"), ("hash", None), ("hash", 256), ("hash", "SHA256")):
    rc, out = run([dict(GOOD, **{name: w})])
    assert rc == 65 and malformed(out[0]), (name, w, out)
print(n, "wrong members")'
}
verdicts_name_their_reason() {
	py '
first = lambda x: x["reasons"][0]["code"]
cert = base64.b64decode(GOOD["certificate"])
e = lambda d: base64.b64encode(d).decode()
rows = [(dict(GOOD, challenge=e(b"another")), "tampered"), (dict(GOOD, signature=""), "tampered"), (dict(GOOD, signature=e(b"\0" * 256)), "tampered"),
        (dict(GOOD, signature=e(b"\xff" * 256)), "tampered"), (dict(GOOD, signature=e(base64.b64decode(GOOD["signature"]) + b"\0")), "tampered"),
        (dict(GOOD, hash="sha384"), "tampered"), (dict(GOOD, certificate=""), "cert_malformed"), (dict(GOOD, certificate=e(cert + b"\0")), "cert_malformed"),
        (dict(GOOD, certificate=e(cert[:-1])), "cert_malformed"), (dict(GOOD, certificate=e(b"\x30\x84\xff\xff\xff\xff")), "cert_malformed"),
        (dict(GOOD, certificate=e(cert[:-1] + bytes([cert[-1] ^ 1]))), "cert_signature"), (dict(GOOD, use="auth"), "cert_wrong_use")]
rc, out = run([r for r, _ in rows])
assert rc == 1 and [first(x) for x in out] == [w for _, w in rows], [first(x) for x in out]
assert all(x["verdict"] == "invalid" for x in out)
rc, out = run([dict(GOOD, signature=b("s384"), hash="sha384"), dict(GOOD, use="sign")])
assert rc == 0
rc, out = run([GOOD], "--store", TMP)
assert rc == 2 and first(out[0]) == "revocation_missing" and out[0]["verdict"] == "undetermined"
rc, out = run([GOOD], "--store", TMP, "--no-revocation")
assert rc == 0 and out[0]["checks"]["revocation"] == "skipped"
rc, out = run([dict(GOOD, ocsp=e(b"rubbish"))], "--store", TMP)
assert rc == 2 and "revocation_damaged" in [r["code"] for r in out[0]["reasons"]]
# the worst of a batch decides: bad lines, then invalid, then undetermined
assert run([GOOD, rows[0][0]])[0] == 1 and run([rows[0][0], "x"])[0] == 65'
}
ends_of_lines_do_not_matter() {
	py '
g = json.dumps(GOOD).encode()
for data, n in ((g, 1), (g + b"\r\n" + g + b"\r\n", 2), (b"\n\n  \n\t\r\n" + g + b"\n\n", 1), (b"", 0), (b"\n", 0)):
    rc, out = run(data)
    assert rc == 0 and len(out) == n, (data[-20:], out)'
}
a_line_without_end_does_not_fill_the_memory() {
	py '
long = {"id": "big", "certificate": "A" * (2 << 20)}
rc, out = run([GOOD, long, GOOD, "x" * (1 << 20), "x" * ((1 << 20) - 1), GOOD])
assert rc == 65 and [x.get("verdict") for x in out] == ["valid", None, "valid", None, None, "valid"], out
assert [x["error"]["code"] for x in out if "error" in x] == ["TOO_LONG", "TOO_LONG", "MALFORMED"], out
# 300 MB without a line end
p = subprocess.Popen([KAZASU, "verify-batch", *OPTIONS], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
for _ in range(300):
    p.stdin.write(b"y" * (1 << 20))
p.stdin.close()
out = p.stdout.read()
_, status, use = os.wait4(p.pid, 0)
assert json.loads(out)["error"]["code"] == "TOO_LONG" and os.waitstatus_to_exitcode(status) == 65
print("peak", use.ru_maxrss // 1024, "MiB")
assert use.ru_maxrss < int(os.environ["LIMIT"]) * 1024, use.ru_maxrss'
}
many_lines_in_order() {
	local lines=${KAZASU_BATCH_LINES:-20000}
	LINES_N=$lines py '
n = int(os.environ["LINES_N"])
bad = dict(GOOD, challenge="AAAA")
with open("many", "w") as f:
    for i in range(n):
        f.write(json.dumps(dict(bad if i % 7 == 3 else GOOD, id=i)) + "\n")
with open("many") as f, open("verdicts", "w") as o:
    p = subprocess.Popen([KAZASU, "verify-batch", *OPTIONS], stdin=f, stdout=o)
    _, status, use = os.wait4(p.pid, 0)
assert os.waitstatus_to_exitcode(status) == 1
seen = 0
for i, l in enumerate(open("verdicts")):
    x = json.loads(l)
    assert x["id"] == i and x["verdict"] == ("invalid" if i % 7 == 3 else "valid"), x
    seen += 1
assert seen == n
print(n, "lines,", int(n / (use.ru_utime + use.ru_stime)), "a second of processor time, peak", use.ru_maxrss // 1024, "MiB")
assert use.ru_maxrss < int(os.environ["LIMIT"]) * 1024'
}
what_cannot_be_written_is_said() {
	py 'open("one", "w").write(json.dumps(GOOD) + "\n")'
	"$KAZASU" verify-batch --test-roots --store "$KZ_TMP/store" <one >/dev/full 2>err
	# shellcheck disable=SC2034 # read by rc
	RC=$?
	rc 74
}

t_ok "ids of any kind come back" ids_of_any_kind_come_back
t_ok "rubbish lines are answered" rubbish_lines_are_answered
t_ok "members must be there and base64" members_must_be_there_and_base64
t_ok "verdicts name their reason" verdicts_name_their_reason
t_ok "ends of lines do not matter" ends_of_lines_do_not_matter
t_ok "a line without end does not fill the memory" a_line_without_end_does_not_fill_the_memory
t_ok "many lines in order" many_lines_in_order
t_ok "what cannot be written is said" what_cannot_be_written_is_said
t_end
