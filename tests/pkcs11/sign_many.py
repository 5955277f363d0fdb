# SPDX-License-Identifier: Apache-2.0
# sign_many.py MODULE COUNT PREFIX: one session, COUNT signatures over ./data into PREFIX.N
import sys

import PyKCS11

module, count, prefix = sys.argv[1], int(sys.argv[2]), sys.argv[3]
lib = PyKCS11.PyKCS11Lib()
lib.load(module)
session = lib.openSession(0)
session.login("1234")
key = session.findObjects([(PyKCS11.CKA_CLASS, PyKCS11.CKO_PRIVATE_KEY)])[0]
data = open("data", "rb").read()
for i in range(count):
    signature = session.sign(key, data, PyKCS11.Mechanism(PyKCS11.CKM_SHA256_RSA_PKCS, None))
    open("%s.%d" % (prefix, i), "wb").write(bytes(signature))
session.logout()
session.closeSession()
