# SPDX-License-Identifier: Apache-2.0
# foreign.py MODULE CARD_LOG: another process selects another application between two signatures.
# The authentication key goes on with one presentation of its PIN; the signature key asks for a login
# and its password is not presented again. Another process resets the card: the same.
import subprocess
import sys

import PyKCS11

module, log = sys.argv[1], sys.argv[2]
SHA256 = PyKCS11.Mechanism(PyKCS11.CKM_SHA256_RSA_PKCS, None)
CONTEXT = 2  # CKU_CONTEXT_SPECIFIC


def foreign_select():
    subprocess.run(["opensc-tool", "-s", "00A4040C0AD3921000310001010408"], check=True,
                   stdout=subprocess.DEVNULL)


def foreign_reset():
    subprocess.run(["opensc-tool", "--reset=cold"], check=True, stdout=subprocess.DEVNULL)


def verifies(start):
    return sum(line.startswith(start) for line in open(log))


def key_of(session):
    return session.findObjects([(PyKCS11.CKA_CLASS, PyKCS11.CKO_PRIVATE_KEY)])[0]


def refused(session, key):
    try:
        session.sign(key, b"abc", SHA256)
    except PyKCS11.PyKCS11Error as e:
        assert e.value == PyKCS11.CKR_USER_NOT_LOGGED_IN, e
        return True
    return False


lib = PyKCS11.PyKCS11Lib()
lib.load(module)

auth = lib.openSession(0)
auth.login("1234")
key = key_of(auth)
auth.sign(key, b"abc", SHA256)
for disturb in (foreign_select, foreign_reset):
    disturb()
    before = verifies("> 0020009804")
    assert len(auth.sign(key, b"abc", SHA256)) == 256
    assert verifies("> 0020009804") == before + 1
    assert len(auth.sign(key, b"abc", SHA256)) == 256
    assert verifies("> 0020009804") == before + 1
auth.logout()
auth.closeSession()

sign = lib.openSession(1)
sign.login("ABC123")
key = key_of(sign)


def sign_once(disturb=None):
    """C_SignInit, login for this signature, C_Sign: the three steps apart."""
    raw = lib.lib
    mech = SHA256.to_native()
    assert raw.C_SignInit(sign.session, mech, key) == PyKCS11.CKR_OK
    pin = PyKCS11.ckbytelist(b"ABC123")
    assert raw.C_Login(sign.session, CONTEXT, pin) == PyKCS11.CKR_OK
    if disturb is not None:
        disturb()
    out = PyKCS11.ckbytelist()
    data = PyKCS11.ckbytelist(b"abc")
    assert raw.C_Sign(sign.session, data, out) == PyKCS11.CKR_OK  # the length
    return raw.C_Sign(sign.session, data, out)


assert sign_once() == PyKCS11.CKR_OK
foreign_select()
before = verifies("> 0020009B06")
assert refused(sign, key)
foreign_reset()
assert refused(sign, key)
assert verifies("> 0020009B06") == before
before = verifies("> 0020009B06")
assert sign_once(foreign_reset) == PyKCS11.CKR_USER_NOT_LOGGED_IN
assert verifies("> 0020009B06") == before + 1
assert sign_once() == PyKCS11.CKR_OK
sign.logout()
