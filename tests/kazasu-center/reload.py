# SPDX-License-Identifier: Apache-2.0
"""SIGHUP at a running kazasu-center, seen by terminals over TLS. A line a test: ok|failed NAME."""
import http.client
import json
import os
import secrets
import signal
import ssl
import subprocess
import sys
import time
import traceback

WORK, PID, PORT = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
count = 0


def context(folder, trusted, who="terminal-T1"):
    c = ssl.create_default_context(cafile=f"{WORK}/{trusted}/ca.pem")
    c.check_hostname = False
    c.load_cert_chain(f"{WORK}/{folder}/{who}.pem", f"{WORK}/{folder}/{who}.key")
    return http.client.HTTPSConnection("127.0.0.1", PORT, context=c, timeout=20)


def ask(h, method, path, body=None):
    h.request(method, path, json.dumps(body).encode() if body is not None else None,
              {"Content-Type": "application/vnd.kazasu.message"})
    r = h.getresponse()
    return r.status, json.loads(r.read())


def reload(word):
    """Send the signal and wait for what the log says about it."""
    with open(WORK + "/log") as f:
        f.seek(0, os.SEEK_END)
        os.kill(PID, signal.SIGHUP)
        said = ""
        for _ in range(200):
            said += f.read()
            if word in said:
                return said
            time.sleep(0.05)
    raise AssertionError(said)


def config(**more):
    with open(WORK + "/config.json") as f:
        text = f.read()
    c = json.loads(text)
    c.update(more)
    with open(WORK + "/config.json", "w") as f:
        json.dump(c, f)
    return text


def restore(text):
    with open(WORK + "/config.json", "w") as f:
        f.write(text)


def begin(h, session):
    """A session and a transaction of it."""
    global count
    count += 1
    assert ask(h, "POST", "/v1/sessions", {"session": session, "started": "2026-06-02T12:00:00+09:00", "program": "test", "open": []})[0] == 200
    status, t = ask(h, "POST", "/v1/transactions", {
        "session": session, "application": "T1-%09d" % count, "municipality": "13221", "kind": "juminhyo", "options": {}, "copies": 1,
        "method": "new", "consent": "1", "number_confirmed": False, "language": "ja"})
    assert status == 200 and t["state"] == "card_read", t
    return t


def a_transaction_goes_on_under_new_keys_tables_and_times():
    session = secrets.token_hex(16)
    old = context("pki", "pki")
    t = begin(old, session)
    fee = t["fee"]
    write_fee(fee + 50)
    before = config(tls_ca="both.pem", tls_certificate="next/center-center-1.pem", tls_key="next/center-center-1.key", idle_seconds=300)
    with open(WORK + "/both.pem", "w") as f:
        f.write(open(WORK + "/pki/ca.pem").read() + open(WORK + "/next/ca.pem").read())
    reload("configuration read again")
    # On its connection, and on a new one that sees the new certificate.
    status, m = ask(old, "GET", "/v1/municipalities/13221")
    assert status == 200 and m["kinds"][0]["fee"] == fee + 50, m
    h = context("pki", "next")
    status, m = ask(h, "GET", "/v1/transactions/" + t["transaction"])
    assert status == 200 and m["state"] == "card_read", m
    status, m = ask(h, "POST", f"/v1/transactions/{t['transaction']}/cancel", {"session": session, "seq": 1, "reason": "cancelled"})
    assert status == 200 and m["state"] == "cancelled" and m["row"] == "K27", m
    # The times of the new configuration: a nonce lives as long as idle_seconds says.
    t = begin(h, secrets.token_hex(16))
    assert t["expires"][11:16] == t["time"][11:14] + "%02d" % (int(t["time"][14:16]) + 5), (t["time"], t["expires"])
    old.close()
    h.close()
    restore(before)
    write_fee(fee)
    reload("configuration read again")


def who_the_new_anchors_do_not_know_is_nobody_on_old_connections_too():
    old = context("pki", "pki")
    assert ask(old, "GET", "/v1/service")[0] == 200
    before = config(tls_ca="next/ca.pem", tls_certificate="next/center-center-1.pem", tls_key="next/center-center-1.key")
    reload("configuration read again")
    assert ask(old, "GET", "/v1/service") == (403, {"error": {"code": "ROLE"}})
    assert ask(context("pki", "next"), "GET", "/v1/service")[0] == 403
    assert ask(context("next", "next"), "GET", "/v1/service")[0] == 200
    try:
        context("next", "pki").request("GET", "/v1/service")
        raise AssertionError("the old certificate is still shown")
    except ssl.SSLError:
        pass
    restore(before)
    reload("configuration read again")
    assert ask(context("pki", "pki"), "GET", "/v1/service")[0] == 200


def a_terminal_off_the_list_is_turned_away_on_its_connection():
    h = context("pki", "pki")
    assert ask(h, "GET", "/v1/service")[0] == 200
    with open(WORK + "/rules/terminals.csv") as f:
        text = f.read()
    with open(WORK + "/rules/terminals.csv", "w") as f:
        f.write(text.replace("2020-01-01,", "2020-01-01,2026-06-01"))
    reload("configuration read again")
    assert ask(h, "GET", "/v1/service") == (403, {"error": {"code": "TERMINAL"}})
    with open(WORK + "/rules/terminals.csv", "w") as f:
        f.write(text)
    reload("configuration read again")
    assert ask(h, "GET", "/v1/service")[0] == 200


def anchors_of_cards_are_read_again():
    os.mkdir(WORK + "/empty")
    before = config(trust="empty")
    said = reload("stays")
    assert "no usable anchors" in said, said
    restore(before)
    subprocess.run(["cp", "-r", json.loads(before)["trust"], WORK + "/trust"], check=True)
    config(trust="trust")
    reload("configuration read again")
    restore(before)
    reload("configuration read again")


def what_is_wrong_is_named_and_changes_nothing():
    h = context("pki", "pki")
    for more, wanted in (({"tls_key": "pki/terminal-T1.key"}, "not that of the key"), ({"tls_ca": "nowhere.pem"}, "nowhere.pem: cannot be read"),
                         ({"colour": 1}, '"colour" is not known'), ({"port": 1}, "port: cannot change without a restart"),
                         ({"store": "other.db"}, "store: cannot change without a restart"), ({"idle_seconds": 5}, '"idle_seconds" is out of range')):
        before = config(**more)
        said = reload("stays")
        assert wanted in said, (more, said)
        restore(before)
        assert ask(h, "GET", "/v1/service")[0] == 200
        assert ask(context("pki", "pki"), "GET", "/v1/service")[0] == 200
    with open(WORK + "/config.json") as f:
        text = f.read()
    restore(text[:-1])
    assert "config.json:1: " in reload("stays")
    restore(text)
    # A wrong table, and a TLS key that would be right: neither is taken.
    with open(WORK + "/rules/kinds.csv") as f:
        kinds = f.read()
    with open(WORK + "/rules/kinds.csv", "w") as f:
        f.write(kinds.replace(",,,daily", ",06:00,,daily"))
    before = config(tls_ca="next/ca.pem", tls_certificate="next/center-center-1.pem", tls_key="next/center-center-1.key")
    assert "kinds.csv:2: " in reload("stays")
    assert ask(context("pki", "pki"), "GET", "/v1/service")[0] == 200
    with open(WORK + "/rules/kinds.csv", "w") as f:
        f.write(kinds)
    restore(before)


def write_fee(fee):
    with open(WORK + "/rules/fees.csv", "w") as f:
        f.write(f"municipality,kind,channel,from,amount\n13221,juminhyo,kiosk,2020-01-01,{fee}\n")


for test in (a_transaction_goes_on_under_new_keys_tables_and_times, who_the_new_anchors_do_not_know_is_nobody_on_old_connections_too,
             a_terminal_off_the_list_is_turned_away_on_its_connection, anchors_of_cards_are_read_again,
             what_is_wrong_is_named_and_changes_nothing):
    try:
        test()
        print("ok", test.__name__)
    except Exception:
        traceback.print_exc()
        print("failed", test.__name__)
