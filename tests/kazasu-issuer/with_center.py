# SPDX-License-Identifier: Apache-2.0
"""A terminal played against kazasu-center with a kazasu-issuer behind it (docs/issuance.md)."""
import base64
import datetime
import hashlib
import http.client
import json
import re
import secrets
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
import traceback

DIR, FIXTURES = sys.argv[1:3]
# Where the records, the ledger and the centre's store are: files below DIR, or databases of a PostgreSQL.
STORE = dict(zip(("records", "ledger", "center"), sys.argv[3:6] or (DIR + "/records.db", DIR + "/ledger.db", DIR + "/center.db")))
CARDS = {"test-person": "400000012719843"}
# A time of today in Japan at which the centre is open, and that is not now.
NOW = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9)))
NOON = NOW.strftime(f"%Y-%m-%dT{12 if abs(NOW.hour - 12) > 2 else 17}:00:00+09:00")
processes = []


def run(*args, data=None):
    return subprocess.run(args, input=data, capture_output=True, check=True, timeout=60).stdout


def start(args, log, pattern):
    """Start a program, wait for its port."""
    with open(log, "wb") as out:
        processes.append(subprocess.Popen(args, stdout=out, stderr=subprocess.STDOUT))
    for _ in range(600):
        found = re.search(pattern, open(log).read())
        if found:
            return found.group(1)
        time.sleep(0.05)
    raise AssertionError(open(log).read())


def write(name, text):
    with open(f"{DIR}/{name}", "w") as f:
        f.write(text)


def start_both():
    port = start(["build/bin/kazasu-issuer", "--config", DIR + "/issuer.conf"], DIR + "/issuer.log", r"ready .*port=(\d+)")
    write("rules/municipalities.csv", "code,name,prefecture,from,methods,issuer,number,window,place,hours,phone,seal\n"
          f"13221,清瀬市,東京都,2020-01-01,new,https://127.0.0.1:{port},no,市民課,清瀬市役所,8:30-17:00,,\n")
    write("rules/kinds.csv", "municipality,kind,from,open,close,calendar\n13221,juminhyo,2020-01-01,,,daily\n")
    write("rules/fees.csv", "municipality,kind,channel,from,amount\n13221,juminhyo,kiosk,2020-01-01,300\n")
    write("rules/closures.csv", "municipality,kind,from,to,reason\n")
    write("rules/terminals.csv", "terminal,store,place,from,to\nT1,店舗一,千代田区,2020-01-01,\n")
    write("config.json", json.dumps({
        "name": "center-1", "audience": "kazasu-center:test", "port": 0, "tls_ca": "ca.pem", "tls_certificate": "center-center-1.pem",
        "tls_key": "center-center-1.key", "store": STORE["center"], "rules": "rules", "master_key": "master.key", "secrets": "secrets",
        "back_key": "back.key", "trust": FIXTURES_PATH + "/trust", "crl": "crl", "test_roots": True}))
    return start_centre()


def start_centre():
    return int(start(["build/bin/kazasu-center", "--config", DIR + "/config.json", "--at", NOON], DIR + "/center.log", r"listening.*:(\d+)"))


def call(path, body):
    c = ssl.create_default_context(cafile=DIR + "/ca.pem")
    c.check_hostname = False
    c.load_cert_chain(DIR + "/terminal-T1.pem", DIR + "/terminal-T1.key")
    h = http.client.HTTPSConnection("127.0.0.1", PORT, context=c, timeout=60)
    h.request("POST", path, json.dumps(body).encode(), {"Content-Type": "application/vnd.kazasu.message"})
    r = h.getresponse()
    raw = r.read()
    h.close()
    line, _, rest = raw.partition(b"\n")
    m, parts = json.loads(line), {}
    for p in m.get("parts", []):
        parts[p["name"]], rest = rest[:p["length"]], rest[p["length"]:]
    assert r.status == 200, (path, r.status, raw)
    return m, parts


class Terminal:
    count = 0

    def __init__(self, persona, options, session=None):
        self.session = session or secrets.token_hex(16)
        self.seq = 0
        Terminal.count += 1
        if session is None:
            call("/v1/sessions", {"session": self.session, "started": NOON, "program": "test", "open": []})
        m, _ = call("/v1/transactions", {
            "session": self.session, "application": "T1-%09d" % Terminal.count, "municipality": "13221", "kind": "juminhyo",
            "options": options, "copies": 1, "method": "new", "consent": "1", "number_confirmed": False, "fee": 300, "language": "ja"})
        assert m["state"] == "card_read", m
        self.transaction = m["transaction"]
        data = (b"KAZASU-AUTH-v1" + m["audience"].encode() + bytes.fromhex(self.transaction) + bytes.fromhex(self.session) +
                bytes.fromhex(m["nonce"]))
        self.der = run("openssl", "x509", "-in", f"{FIXTURES}/certs/{persona}-auth.pem", "-outform", "DER")
        self.signature = run("openssl", "dgst", "-sha256", "-sign", f"{FIXTURES}/keys/{CARDS[persona]}-auth.pem", data=data)

    def say(self, message, **body):
        self.seq += 1
        return call(f"/v1/transactions/{self.transaction}/{message}", {"session": self.session, "seq": self.seq, **body})

    def apply(self):
        return self.say("apply", method="new", certificate=base64.b64encode(self.der).decode(),
                        signature=base64.b64encode(self.signature).decode())[0]


def query(store, sql):
    """Rows of texts."""
    if STORE[store].startswith("postgresql:"):
        said = run("psql", STORE[store][len("postgresql:"):], "-XAtq", "-F", "|", "-c", sql).decode()
        return [tuple(line.split("|")) for line in said.splitlines()]
    db = sqlite3.connect(STORE[store], timeout=20)
    with db:
        rows = [tuple(str(v) for v in row) for row in db.execute(sql).fetchall()]
    db.close()
    return rows


def state_of(transaction):
    return query("ledger", f"SELECT state, why, digest FROM issue_record WHERE txn = '{transaction}'")


def the_card_of_the_test_person_gets_its_household():
    t = Terminal("test-person", {"scope": "household"})
    m = t.apply()
    assert m["state"] == "verified", m
    m, parts = t.say("document", kind_pin=None)
    assert m["state"] == "delivered" and m["fee"] == 300 and m["pages"] == 1, m
    text = run("pdftotext", "-raw", "-", "-", data=parts["front"]).decode()
    assert "黒桐" in text and "世帯全員の住民票" in text
    assert int(re.search(r"Pages:\s+(\d+)", run("pdfinfo", "-", data=parts["back-1"]).decode()).group(1)) == 1
    assert state_of(t.transaction) == [("made", "none", hashlib.sha256(parts["front"]).hexdigest())]
    m, _ = t.say("cancel", reason="cancelled")
    assert m["state"] == "cancelled", m
    for _ in range(300):
        if state_of(t.transaction)[0][0] == "withdrawn":
            return
        time.sleep(0.1)
    raise AssertionError(state_of(t.transaction))


def a_protected_person_gets_the_answer_of_everybody_who_is_refused():
    atena = query("records", "SELECT atena FROM record_resident WHERE name LIKE '%沙織' OR relation = '妻' ORDER BY atena LIMIT 1")[0][0]
    query("records", f"INSERT INTO record_notice VALUES ('T1', '{atena}', '', 'protected', '2020-01-01', '', '')")
    t = Terminal("test-person", {})
    m = t.apply()
    if m["state"] == "applied" and m["code"] == "again":
        m, _ = t.say("again", answer="yes")
    assert m["state"] == "verified", m
    m, parts = t.say("document", kind_pin=None)
    assert m["state"] == "refused" and m["code"] == "not_available_here" and not parts, m
    assert "protected" not in json.dumps(m)
    assert state_of(t.transaction)[0][:2] == ("refused", "protected")
    for log in ("issuer.log", "center.log"):
        assert "protected" not in open(f"{DIR}/{log}").read()


def clocks_that_differ_are_noticed_on_both_sides():
    """The centre of this test lives at noon, the issuer now: once each, not with every message."""
    now = datetime.datetime.now(datetime.timezone.utc)
    apart = abs((datetime.datetime.fromisoformat(NOON) - now).total_seconds())
    rows = query("center", "SELECT code FROM issue_event WHERE event = 'clock-differs' AND terminal = '13221'")
    log = open(DIR + "/issuer.log").read()
    assert len(rows) == 1 and abs(abs(int(rows[0][0])) - apart) < 300, (rows, apart)
    assert log.count("clock-differs center=center-1 seconds=") == 1, log


def a_centre_that_is_told_to_end_answers_what_has_begun():
    """The municipality is being asked when SIGTERM comes: the answer arrives, nothing new is taken, and the next process goes on."""
    global PORT
    t = Terminal("test-person", {})
    m = t.apply()
    if m["state"] == "applied":
        m, _ = t.say("again", answer="yes")
    assert m["state"] == "verified", m
    waiting = Terminal("test-person", {}, session=t.session)
    got = []
    thread = threading.Thread(target=lambda: got.append(t.say("document", kind_pin=None)[0]))
    thread.start()
    for _ in range(1000):  # refused, and held back until its time
        if t.transaction in open(DIR + "/issuer.log").read():
            break
        time.sleep(0.01)
    centre = processes.pop()
    centre.terminate()
    thread.join(60)
    assert got and got[0]["state"] == "refused" and got[0]["code"] == "not_available_here", got
    assert centre.wait(60) == 0
    try:
        call("/v1/sessions", {})
        raise AssertionError("somebody still listens")
    except ConnectionRefusedError:
        pass
    PORT = start_centre()
    m, _ = waiting.say("cancel", reason="cancelled")
    assert m["state"] == "cancelled", m


FIXTURES_PATH = run("realpath", FIXTURES).decode().strip()
try:
    PORT = start_both()
    for test in (the_card_of_the_test_person_gets_its_household, a_protected_person_gets_the_answer_of_everybody_who_is_refused,
                 clocks_that_differ_are_noticed_on_both_sides, a_centre_that_is_told_to_end_answers_what_has_begun):
        try:
            test()
            print("ok", test.__name__)
        except Exception:
            traceback.print_exc()
            print("failed", test.__name__)
finally:
    for p in processes:
        p.terminate()
    for p in processes:
        p.wait(40)
