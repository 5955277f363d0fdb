# SPDX-License-Identifier: Apache-2.0
"""The centre's part of docs/issuance.md, played against a running kazasu-issuer. A line a test: ok|failed NAME."""
import base64
import datetime
import hashlib
import http.client
import json
import os
import re
import secrets
import signal
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
import traceback

PROGRAM, DIR, FIXTURES = sys.argv[1:4]
INVENTED = "0" * 64  # the authority of invented cards


def run(*args, data=None):
    return subprocess.run(args, input=data, capture_output=True, check=True, timeout=60).stdout


class Issuer:
    """The program as a process."""

    def __init__(self):
        self.log = open(DIR + "/log", "ab")
        self.process = subprocess.Popen([PROGRAM, "--config", DIR + "/issuer.conf"], stderr=subprocess.PIPE)
        self.lines = []
        self.port = None
        ready = threading.Event()

        def read():
            for line in self.process.stderr:
                self.log.write(line)
                self.log.flush()
                self.lines.append(line.decode())
                found = re.search(r" ready .*port=(\d+)", self.lines[-1])
                if found:
                    self.port = int(found.group(1))
                    ready.set()
            ready.set()

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        ready.wait(60)
        assert self.port, self.lines

    def wait_for(self, word):
        for _ in range(400):
            if any(word in line for line in self.lines):
                return
            time.sleep(0.05)
        raise AssertionError(word)

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.reader.join(10)
        return code


def context(name):
    c = ssl.create_default_context(cafile=DIR + "/ca.pem")
    c.check_hostname = False
    if name:
        c.load_cert_chain(f"{DIR}/{name}.pem", f"{DIR}/{name}.key")
    return c


def call(body, path="/v1/certificates", name="center", method="POST"):
    h = http.client.HTTPSConnection("127.0.0.1", issuer.port, context=context(name), timeout=60)
    h.request(method, path, body, {"Content-Type": "application/vnd.kazasu.message"})
    r = h.getresponse()
    answer = r.status, r.read()
    h.close()
    return answer


def now():
    return datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9))).isoformat(timespec="seconds")


def message(serial, authority=INVENTED, kind="juminhyo", options=None, **more):
    m = {"transaction": secrets.token_hex(16), "attempt": 1, "session": secrets.token_hex(16),
         "binding": secrets.token_hex(32), "municipality": "13221", "kind": kind, "options": options or {},
         "copies": 1, "method": "new", "resident": {"serial": serial, "authority": authority},
         "kind_pin": None, "terminal": {"id": "T-00001", "place": "試験店 清瀬駅前"}, "received": now()}
    m.update(more)
    return m


def pack(m):
    return json.dumps(m).encode()


def unpack(raw):
    line, _, rest = raw.partition(b"\n")
    m = json.loads(line)
    parts = {}
    for p in m.get("parts", []):
        parts[p["name"]], rest = rest[:p["length"]], rest[p["length"]:]
        assert hashlib.sha256(parts[p["name"]]).hexdigest() == p["sha256"]
    assert rest == b""
    return m, parts


def opened(sealed):
    """What was sealed to the audit certificate."""
    return run("openssl", "cms", "-decrypt", "-inform", "DER", "-inkey", DIR + "/audit-key.pem", "-recip", DIR + "/audit.pem",
               data=base64.b64decode(sealed)).decode()


def persona(name):
    """Serial of a persona's certificate, and SHA-256 of the key of the CA that signed it."""
    path = f"{FIXTURES}/certs/{name}-auth.pem"
    serial = run("openssl", "x509", "-in", path, "-noout", "-serial").decode().strip().split("=")[1].lower()
    for ca in sorted(os.listdir(FIXTURES + "/trust")):
        pem = f"{FIXTURES}/trust/{ca}"
        if ca.endswith(".pem") and subprocess.run(
                ["openssl", "verify", "-no_check_time", "-partial_chain", "-trusted", pem, path], capture_output=True).returncode == 0:
            key = run("openssl", "x509", "-in", pem, "-noout", "-pubkey")
            return serial, hashlib.sha256(run("openssl", "pkey", "-pubin", "-outform", "DER", data=key)).hexdigest()
    raise AssertionError(name)


def ledger(sql, *args):
    db = sqlite3.connect(DIR + "/ledger.db")
    rows = db.execute(sql, args).fetchall()
    db.close()
    return rows


def records(sql, *args):
    db = sqlite3.connect(DIR + "/records.db", timeout=20)
    with db:
        rows = db.execute(sql, args).fetchall()
    db.close()
    return rows


def text_of(pdf):
    return run("pdftotext", "-raw", "-", "-", data=pdf).decode()


def adult():
    """Serial of an invented resident for whom anything may be issued, of a household of his own."""
    atena = records("SELECT atena FROM record_resident r WHERE atena > 'A000000015' AND birth < '2000' AND status = 'resident' AND changing = 'no' AND"
                    " NOT EXISTS (SELECT 1 FROM record_notice n WHERE n.atena = r.atena) AND household IN"
                    " (SELECT household FROM record_resident GROUP BY household HAVING count(*) = 1)"
                    " AND nationality = '' LIMIT 1")[0][0]
    return atena, "%08x" % (0x40000000 + int(atena[1:]))


def only_centres_are_answered():
    body = pack(message("40000005"))
    for name in (None, "terminal", "other", "twice", "server-only"):
        assert call(body, name=name) == (403, b'{"error":{"code":"ROLE"}}'), name
    try:
        assert call(body, name="stranger")[0] == 403
    except (ssl.SSLError, ConnectionError):
        pass
    assert ledger("SELECT count(*) FROM issue_record") == [(0,)]


def old_tls_is_refused():
    r = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{issuer.port}", "-tls1_1",
                        "-cipher", "DEFAULT@SECLEVEL=0"], input=b"", capture_output=True, timeout=20)
    assert r.returncode != 0


def the_test_person_gets_a_signed_document():
    serial, authority = persona("test-person")
    m = message(serial, authority)
    status, raw = call(pack(m))
    answer, parts = unpack(raw)
    assert status == 200 and answer["outcome"] == "made", answer
    for key in ("transaction", "attempt", "binding", "kind", "options"):
        assert answer[key] == m[key]
    text = text_of(parts["front"])
    assert "黒桐" in text and "東京都清瀬市観布子南１２－７－２０２" in text and "令和" in text
    assert not re.search(r"\d{12}", text)
    path = DIR + "/front.pdf"
    open(path, "wb").write(parts["front"])
    assert int(re.search(r"Pages:\s+(\d+)", run("pdfinfo", path).decode()).group(1)) == answer["pages"]
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, timeout=30).stdout.decode()
    assert "Signature is Valid" in said and "ETSI.CAdES.detached" in said and "Total document signed" in said, said
    row = ledger("SELECT state, digest, pages, atena, why, terminal FROM issue_record WHERE txn = ?", m["transaction"])[0]
    assert row[:3] == ("made", hashlib.sha256(parts["front"]).hexdigest(), answer["pages"])
    assert row[3].startswith("A") and row[4] == "none" and "清瀬駅前" not in row[5]
    assert opened(row[5]) == "T-00001 試験店 清瀬駅前"


def personas_of_the_municipality_are_residents():
    for name in ("test-person", "android", "iphone", "expired"):
        answer, _ = unpack(call(pack(message(*persona(name))))[1])
        assert answer["outcome"] == "made", (name, answer)
    answer, _ = unpack(call(pack(message(*persona("child"))))[1])
    assert answer["code"] == "under_age"
    answer, _ = unpack(call(pack(message(*persona("near-expiry"))))[1])  # lives in Osaka
    assert answer["code"] == "not_available_here"


def options_change_what_is_said():
    serial, authority = persona("test-person")
    answer, parts = unpack(call(pack(message(serial, authority, options={"scope": "person", "number": True,
                                                                         "domicile": True, "relation": True})))[1])
    text = text_of(parts["front"])
    assert "537686677188" in text and "世帯主" in text and "見本台" in text
    for kind, options, title in (("kisai", {}, "住民票記載事項証明書"), ("inkan", {}, "印鑑登録証明書"),
                                 ("tax", {"tax": "income"}, "所得）証明書"),
                                 ("koseki", {"scope": "person"}, "戸籍個人事項証明書"), ("koseki", {"scope": "full"}, "戸籍全部事項証明書"),
                                 ("fuhyo", {}, "戸籍の附票の写し")):
        answer, parts = unpack(call(pack(message(serial, authority, kind, options)))[1])
        assert answer["outcome"] == "made", (kind, answer)
        assert title in text_of(parts["front"]).replace(" ", ""), (kind, text_of(parts["front"]))


def the_same_again_is_the_same_answer():
    _, serial = adult()
    body = pack(message(serial))
    first = call(body)
    assert first[0] == 200 and b"%PDF" in first[1]
    m = json.loads(body)
    assert call(body) == first
    assert ledger("SELECT count(*) FROM issue_record WHERE txn = ?", m["transaction"]) == [(1,)]
    m["copies"] = 2
    assert call(pack(m))[0] == 400
    issuer_restart(signal.SIGKILL)
    assert call(body) == first
    assert ledger("SELECT count(*) FROM issue_remade") == [(0,)]


def issuer_restart(number):
    global issuer
    issuer.stop(number)
    issuer = Issuer()


def equal_requests_at_once_are_one():
    _, serial = adult()
    body = pack(message(serial))
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(call(body))) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(answers) == 8 and all(a == answers[0] and a[0] == 200 for a in answers)
    assert ledger("SELECT count(*) FROM issue_record WHERE txn = ?", json.loads(body)["transaction"]) == [(1,)]


def many_people_at_once_get_their_own():
    people = records("SELECT atena, name FROM record_resident WHERE birth < '2008' AND status = 'resident' AND changing = 'no' AND"
                     " nationality = '' LIMIT 24")
    wrong = []

    def one(atena, name):
        m = message("%08x" % (0x40000000 + int(atena[1:])), options={"scope": "person"})
        answer, parts = unpack(call(pack(m))[1])
        if answer["transaction"] != m["transaction"] or answer["binding"] != m["binding"]:
            wrong.append(name)
        squeezed = re.sub(r"\s", "", text_of(parts["front"])) if parts else ""
        if parts and re.sub(r"\s", "", name) not in squeezed:
            wrong.append(name)
        if not parts and answer["code"] != "not_available_here":
            wrong.append(name)

    threads = [threading.Thread(target=one, args=p) for p in people if records(
        "SELECT 1 FROM record_certificate WHERE atena = ?", p[0])]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong, wrong


def every_refusal_of_k20_is_one_answer():
    atena, serial = adult()
    settings = {
        "suppressed": "INSERT INTO record_notice VALUES ('T1', '%s', '', 'suppressed', '2020-01-01', '', '')" % atena,
        "protected": "INSERT INTO record_notice VALUES ('T1', '%s', '', 'protected', '2020-01-01', '', '')" % atena,
        "moved": "UPDATE record_resident SET status = 'moved' WHERE atena = '%s'" % atena,
        "deceased": "UPDATE record_resident SET status = 'deceased' WHERE atena = '%s'" % atena,
        "erased": "UPDATE record_resident SET status = 'erased' WHERE atena = '%s'" % atena,
        "changing": "UPDATE record_resident SET changing = 'yes' WHERE atena = '%s'" % atena,
        "no_mapping": "UPDATE record_certificate SET valid_from = '2999-01-01' WHERE atena = '%s'" % atena,
    }
    answers = set()
    for reason, sql in settings.items():
        before = records("SELECT valid_from FROM record_certificate WHERE atena = ?", atena)[0][0]
        records(sql)
        m = message(serial)
        start = time.monotonic()
        status, raw = call(pack(m))
        assert time.monotonic() - start >= 0.25, reason
        answers.add((status, raw.replace(m["transaction"].encode(), b"T").replace(m["binding"].encode(), b"B")))
        assert call(pack(m)) == (status, raw)
        row = ledger("SELECT why, outcome, atena, terminal FROM issue_record WHERE txn = ?", m["transaction"])[0]
        assert row[:2] == (reason, "not_available_here"), row
        # Where somebody who is protected was is for those alone who hold the audit key.
        assert opened(row[3]) == "T-00001 試験店 清瀬駅前" and "T-00001" not in row[3]
        records("DELETE FROM record_notice WHERE notice = 'T1'")
        records("UPDATE record_resident SET status = 'resident', changing = 'no' WHERE atena = ?", atena)
        records("UPDATE record_certificate SET valid_from = ? WHERE atena = ?", before, atena)
    assert len(answers) == 1, answers
    today = now()[:10]
    listed = json.loads(run(PROGRAM, "--config", DIR + "/issuer.conf", "--refusals", today, "--json"))
    assert set(settings) <= {r["reason"] for r in listed}
    assert "発行抑止" in run(PROGRAM, "--config", DIR + "/issuer.conf", "--refusals", today).decode()


def a_notice_on_anybody_who_would_stand_on_it_refuses_it():
    """発行抑止 and 支援措置 of one person refuse every document that names him, and no other."""
    household, people = None, []
    for (household,) in records("SELECT household FROM record_resident GROUP BY household HAVING count(*) >= 3"):
        people = [r[0] for r in records("SELECT atena FROM record_resident WHERE household = ? AND status = 'resident' AND changing = 'no'"
                                        " AND nationality = '' AND atena NOT IN (SELECT atena FROM record_notice) ORDER BY birth", household)]
        if len(people) >= 3 and len(people) == records("SELECT count(*) FROM record_resident WHERE household = ?", household)[0][0] and \
                records("SELECT 1 FROM record_certificate WHERE atena = ?", people[0]):
            break
    assert len(people) >= 3
    serial = records("SELECT atena FROM record_certificate WHERE atena = ?", people[0]) and "%08x" % (0x40000000 + int(people[0][1:]))

    def outcome(options):
        m = message(serial, options=options)
        answer, parts = unpack(call(pack(m))[1])
        return answer.get("code", answer["outcome"]), ledger("SELECT why FROM issue_record WHERE txn = ?", m["transaction"])[0][0]

    assert outcome({"scope": "household"})[0] == "made"
    # The head of a household (世帯主) is named on every document of it.
    named = {people[0]} | {r[0] for r in records("SELECT atena FROM record_resident WHERE household = ? AND relation = '世帯主'", household)}
    assert named < set(people)
    for n, person in enumerate(people):
        kind = ("suppressed", "protected")[n % 2]
        records("INSERT INTO record_notice VALUES ('T2', ?, '', ?, '2020-01-01', '', '')", person, kind)
        assert outcome({"scope": "household"}) == ("not_available_here", kind), person
        alone = outcome({"scope": "person"})
        assert alone == (("not_available_here", kind) if person in named else ("made", "none")), (person, alone)
        records("DELETE FROM record_notice WHERE notice = 'T2'")


def the_list_of_the_next_morning_has_true_reasons():
    atena, serial = adult()
    yesterday = (datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9))) - datetime.timedelta(days=1)).replace(hour=22, minute=59)
    conf = DIR + "/issuer.conf"
    before = json.loads(run(PROGRAM, "--config", conf, "--refusals", "--json"))
    records("INSERT INTO record_notice VALUES ('T3', ?, '', 'protected', '2020-01-01', '', '')", atena)
    m = message(serial, received=yesterday.isoformat(timespec="seconds"))
    assert unpack(call(pack(m))[1])[0]["code"] == "not_available_here"
    records("DELETE FROM record_notice WHERE notice = 'T3'")
    listed = json.loads(run(PROGRAM, "--config", conf, "--refusals", "--json"))
    new = [r for r in listed if r not in before]
    assert len(new) == 1 and new[0]["reason"] == "protected" and m["transaction"] in json.dumps(new[0]), new
    assert "支援措置" in run(PROGRAM, "--config", conf, "--refusals").decode()


def sealed_pin(transaction, attempt, pin):
    return base64.b64encode(run("openssl", "cms", "-encrypt", "-aes-256-gcm", "-outform", "DER", "-binary", DIR + "/pin.pem",
                                data=f"{transaction}:{attempt}:{pin}".encode())).decode()


def the_pin_of_a_kind_is_checked_and_locks():
    atena, serial = adult()
    conf = DIR + "/issuer.conf"
    os.makedirs(DIR + "/users", exist_ok=True)
    with open(DIR + "/users/user_ids.csv", "w") as f:
        f.write(f"user_id,atena\nU-1,{atena}\n")
    run(PROGRAM, "--config", conf, "--import", DIR + "/users")

    def set_pin(*words, pin=b"4711\n"):
        return subprocess.run([PROGRAM, "--config", conf, "--kind-pin", *words], input=pin, capture_output=True).returncode

    mine = ["juminhyo", "--atena", atena, "--operator", "sato"]
    assert [set_pin(*mine[:3]), set_pin("passport", *mine[1:]), set_pin("juminhyo", "--atena", "nobody", "--operator", "sato"),
            set_pin(*mine, pin=b"47111\n"), set_pin(*mine, pin=b"47a1\n"), set_pin(*mine, pin=b"")] == [64, 64, 66, 65, 65, 74]
    assert set_pin(*mine) == 0
    m = message(serial, method="conversion", resident={"user_id": "U-1"})

    def attempt(pin, n):
        m["attempt"] = n
        m["kind_pin"] = sealed_pin(m["transaction"], n, pin)
        body = pack(m)
        first = call(body)
        assert call(body) == first  # a repeat takes no try
        return unpack(first[1])[0]

    assert attempt("0000", 1) == {"transaction": m["transaction"], "attempt": 1, "binding": m["binding"],
                                  "outcome": "refused", "code": "kind_pin_wrong", "tries_left": 2}
    assert attempt("4711", 2)["outcome"] == "made"
    m = message(serial, method="conversion", resident={"user_id": "U-1"})
    assert [attempt(p, n).get("tries_left") for n, p in enumerate(("1", "22", "4712"), 1)] == [2, 1, 0]
    answer = attempt("4711", 4)
    assert answer["code"] == "kind_pin_locked"
    listed = json.loads(run(PROGRAM, "--config", conf, "--kind-pins", "--atena", atena, "--json"))
    assert [(k["kind"], k["tries_left"], k["locked"], k["set_by"]) for k in listed] == [("juminhyo", 0, True, "sato")], listed
    issuer_restart(signal.SIGKILL)  # the lock is kept
    m["attempt"] = 5
    m["kind_pin"] = sealed_pin(m["transaction"], 5, "4711")
    assert unpack(call(pack(m))[1])[0]["code"] == "kind_pin_locked"
    assert set_pin(*mine[:3], "--operator", "ito", pin=b"4712\n") == 0  # reset in person
    assert attempt("4712", 6)["outcome"] == "made"
    assert ledger("SELECT operator FROM issue_kind_set WHERE atena = ? ORDER BY rowid", atena) == [("sato",), ("ito",)]
    sealed = m["kind_pin"]
    m["attempt"] = 7  # a PIN that was sealed for another attempt, or another transaction
    assert call(pack(m))[0] == 400
    m["transaction"], m["attempt"] = secrets.token_hex(16), 6
    assert call(pack(m))[0] == 400
    for wrong in ("", "A", sealed[:-8], sealed[:40] + "AAAA" + sealed[44:]):
        m["kind_pin"] = wrong
        assert call(pack(m))[0] == 400
    m = message(serial, method="conversion")  # 変換方式 names the resident by the 利用者ID
    m["kind_pin"] = sealed_pin(m["transaction"], 1, "4712")
    assert call(pack(m))[0] == 400
    m = message(serial, method="current", resident={"user_id": "U-1"})
    assert attempt("4712", 1)["outcome"] == "made"
    only = message(serial, method="current", resident={"user_id": "U-1"}, only="kind_pin")  # K37: nothing is made

    def only_pin(pin, n):
        only["attempt"] = n
        only["kind_pin"] = sealed_pin(only["transaction"], n, pin)
        body = pack(only)
        status, raw = call(body)
        assert call(body) == (status, raw)
        return unpack(raw)[0] if status == 200 else status

    assert only_pin("0000", 1)["tries_left"] == 2
    assert only_pin("4712", 2) == {"transaction": only["transaction"], "attempt": 2, "binding": only["binding"], "outcome": "right"}
    assert not ledger("SELECT txn FROM issue_record WHERE txn = ?", only["transaction"])
    only["resident"] = {"user_id": "U-2"}
    assert only_pin("4712", 3)["code"] == "not_available_here"
    only["only"] = "money"
    assert only_pin("4712", 4) == 400
    only["only"], only["kind_pin"] = "kind_pin", None
    assert call(pack(only))[0] == 400
    m = message(serial, method="current", resident={"user_id": "U-2"})  # nobody's: as all others
    answer = attempt("4712", 1)
    assert answer["code"] == "not_available_here" and answer["tries_left"] is None, answer
    log = open(DIR + "/log", "rb").read()
    assert b"outcome=right" in log and not re.search(rb"\b471[12]\b", log)
    m["kind_pin"] = None
    assert call(pack(m))[0] == 400


def what_became_of_it_is_recorded():
    _, serial = adult()
    m = message(serial)
    call(pack(m))
    path = f"/v1/certificates/{m['transaction']}/status"
    report = {"transaction": m["transaction"], "status": "withdrawn", "copies": [], "time": now()}
    assert call(pack(report), path) == call(pack(report), path)
    assert ledger("SELECT state FROM issue_record WHERE txn = ?", m["transaction"]) == [("withdrawn",)]
    answer, parts = unpack(call(pack(m))[1])  # late: not once more
    assert answer["code"] == "document_error" and not parts
    m = message(serial)
    call(pack(m))
    path = f"/v1/certificates/{m['transaction']}/status"
    report = {"transaction": m["transaction"], "status": "issued", "copies": [{"copy": "7K3M-Q9TX-20AB", "valid": True}]}
    assert unpack(call(pack(report), path)[1])[0]["status"] == "issued"
    report["status"] = "withdrawn"
    assert unpack(call(pack(report), path)[1])[0]["status"] == "issued"
    assert "7K3M" in ledger("SELECT copies FROM issue_record WHERE txn = ?", m["transaction"])[0][0]
    other = secrets.token_hex(16)
    report["transaction"] = other
    assert unpack(call(pack(report), f"/v1/certificates/{other}/status")[1])[0]["status"] == "unknown"
    assert call(pack(report), path)[0] == 400


def what_is_no_message_is_refused():
    good = message("40000005")
    bad = [b"", b"{", b"[]", b"null", pack(good) + b"\nx", b'{"a":1,"a":2}', os.urandom(200)]
    for key in ("transaction", "attempt", "session", "binding", "municipality", "kind", "options", "method", "resident",
                "terminal", "received"):
        bad.append(pack({k: v for k, v in good.items() if k != key}))
        bad.append(pack({**good, key: 7.5}))
    for change in ({"municipality": "13222"}, {"kind": "passport"}, {"options": {"number": "yes"}}, {"options": {"scope": "all"}},
                   {"options": {"year": 1}}, {"kind": "inkan", "options": {"number": True}}, {"method": "old"},
                   {"resident": {"serial": "0x", "authority": INVENTED}}, {"resident": {"serial": "0a"}},
                   {"resident": {"serial": "000a", "authority": INVENTED}}, {"resident": {"user_id": "U", "serial": "0a", "authority": INVENTED}},
                   {"transaction": "A" * 32}, {"attempt": -1}, {"attempt": 1000000}, {"received": "yesterday"},
                   {"kind_pin": "x"}, {"terminal": {}}):
        bad.append(pack({**good, **change}))
    for body in bad:
        status, raw = call(body)
        assert status == 400 and raw == b'{"error":{"code":"MALFORMED"}}', (body, status, raw)
    assert call(b"{" + b" " * 200000 + b"}")[0] == 413
    assert call(None, method="GET")[0] == 400
    assert call(pack(good), "/v1/elsewhere")[0] == 404
    assert call(pack(good), "/v1/certificates/x/status")[0] == 404
    assert ledger("SELECT count(*) FROM issue_record WHERE txn = ?", good["transaction"]) == [(0,)]


def a_reload_is_seen_by_the_next_request_and_a_wrong_one_by_none():
    _, serial = adult()
    conf = open(DIR + "/issuer.conf").read()
    open(DIR + "/issuer.conf", "w").write(conf.replace("mayor = 見本　太郎", "mayor = 後任　花子"))
    issuer.process.send_signal(signal.SIGHUP)
    issuer.wait_for("reload result=done")
    assert "後任" in text_of(unpack(call(pack(message(serial)))[1])[1]["front"])
    open(DIR + "/issuer.conf", "w").write("nonsense\n")
    issuer.process.send_signal(signal.SIGHUP)
    issuer.wait_for("reload result=refused")
    assert "後任" in text_of(unpack(call(pack(message(serial)))[1])[1]["front"])
    open(DIR + "/issuer.conf", "w").write(conf)


def tls_files_are_replaced_without_losing_a_request():
    """What is being answered when the signal comes is answered; who the new anchors do not know is nobody, on old connections too."""
    _, serial = adult()
    conf = open(DIR + "/issuer.conf").read()

    def connection(folder, trusted):
        c = ssl.create_default_context(cafile=f"{trusted}/ca.pem")
        c.check_hostname = False
        c.load_cert_chain(f"{folder}/center.pem", f"{folder}/center.key")
        return http.client.HTTPSConnection("127.0.0.1", issuer.port, context=c, timeout=60)

    def ask(h, m):
        h.request("POST", "/v1/certificates", pack(m), {"Content-Type": "application/vnd.kazasu.message"})
        r = h.getresponse()
        return r.status, r.read()

    def reload(text, result):
        seen = len(issuer.lines)
        open(DIR + "/issuer.conf", "w").write(text)
        issuer.process.send_signal(signal.SIGHUP)
        for _ in range(400):
            if any("reload result=" + result in line for line in issuer.lines[seen:]):
                return
            time.sleep(0.05)
        raise AssertionError(issuer.lines[seen:])

    old = connection(DIR, DIR)
    assert ask(old, message(serial))[0] == 200
    running, got = message("0afd"), []  # nobody's: answered 250 ms later
    t = threading.Thread(target=lambda: got.append(call(pack(running))))
    t.start()
    for _ in range(200):
        if any(running["transaction"] in line for line in issuer.lines):
            break
        time.sleep(0.01)
    new = re.sub(r"(tls-[a-z]+ = .*)/([^/\n]+)", r"\1/next/\2", conf)
    assert new.count("/next/") == 3
    reload(new, "done")
    t.join()
    assert got and got[0][0] == 200
    assert ask(old, message(serial)) == (403, b'{"error":{"code":"ROLE"}}')
    old.close()
    h = connection(DIR + "/next", DIR + "/next")
    assert ask(h, message(serial))[0] == 200
    try:
        connection(DIR, DIR).request("GET", "/")
        raise AssertionError("the old certificate is still shown")
    except ssl.SSLError:
        pass
    # A key of another certificate, another address: refused, and the files in force stay.
    reload(re.sub(r"tls-key = .*", f"tls-key = {DIR}/center.key", new), "refused")
    reload(re.sub(r"listen = .*", "listen = 127.0.0.1:1", new), "refused")
    assert ask(h, message(serial))[0] == 200
    h.close()
    reload(conf, "done")
    assert call(pack(message(serial)))[0] == 200


def a_lost_ledger_is_no_document():
    """What cannot be recorded is not given out."""
    _, serial = adult()
    db = sqlite3.connect(DIR + "/ledger.db")
    db.execute("ALTER TABLE issue_record RENAME TO gone")
    db.commit()
    m = message(serial)
    status, raw = call(pack(m))
    db.execute("ALTER TABLE gone RENAME TO issue_record")
    db.commit()
    db.close()
    assert (status, raw) == (503, b'{"error":{"code":"RECORDS"}}'), (status, raw)
    assert call(pack(m))[0] == 200


def it_drains_before_it_stops():
    """A request that is being answered when the signal comes gets its answer."""
    m = message("0aff")  # nobody's: answered 250 ms later
    got = []
    t = threading.Thread(target=lambda: got.append(call(pack(m))))
    t.start()
    for _ in range(200):
        if any(m["transaction"] in line for line in issuer.lines):
            break
        time.sleep(0.01)
    assert issuer.stop() == 0
    t.join()
    assert got and got[0][0] == 200


def nothing_personal_was_logged():
    log = open(DIR + "/log", "rb").read().decode()
    assert "outcome=made" in log and "outcome=not_available_here" in log
    for word in ("黒桐", "観布子", "537686677188", "protected", "suppressed", "moved", "deceased", "no_mapping", "清瀬駅前"):
        assert word not in log, word
    assert not re.search(r"\bA0000\d+", log)
    assert "Sanitizer" not in log and "runtime error" not in log, log


TESTS = [only_centres_are_answered, old_tls_is_refused, the_test_person_gets_a_signed_document,
         personas_of_the_municipality_are_residents, options_change_what_is_said, the_same_again_is_the_same_answer,
         equal_requests_at_once_are_one, many_people_at_once_get_their_own, every_refusal_of_k20_is_one_answer,
         a_notice_on_anybody_who_would_stand_on_it_refuses_it, the_list_of_the_next_morning_has_true_reasons,
         the_pin_of_a_kind_is_checked_and_locks, what_became_of_it_is_recorded, what_is_no_message_is_refused,
         a_reload_is_seen_by_the_next_request_and_a_wrong_one_by_none, tls_files_are_replaced_without_losing_a_request,
         a_lost_ledger_is_no_document,
         it_drains_before_it_stops, nothing_personal_was_logged]

issuer = Issuer()
for test in TESTS:
    try:
        test()
        print("ok", test.__name__)
    except Exception:
        traceback.print_exc()
        print("failed", test.__name__)
    sys.stdout.flush()
if issuer.process.poll() is None:
    issuer.process.kill()
