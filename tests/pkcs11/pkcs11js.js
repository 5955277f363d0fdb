// SPDX-License-Identifier: Apache-2.0
// pkcs11js.js MODULE: Node.js signs with both keys and sees the errors of the standard.
'use strict';
const assert = require('assert');
const crypto = require('crypto');
const fs = require('fs');
const pkcs11js = require('pkcs11js');

const CONTEXT_SPECIFIC = 2;
const p = new pkcs11js.PKCS11();
p.load(process.argv[2]);
p.C_Initialize();
const slots = p.C_GetSlotList(true);

function code(fn) {
  try {
    fn();
  } catch (e) {
    return e.code;
  }
  return 0;
}

function find(session, cls) {
  p.C_FindObjectsInit(session, [{ type: pkcs11js.CKA_CLASS, value: cls }]);
  const o = p.C_FindObjects(session);
  p.C_FindObjectsFinal(session);
  return o;
}

function check(index, pin, pem) {
  const session = p.C_OpenSession(slots[index], pkcs11js.CKF_SERIAL_SESSION);
  assert.strictEqual(code(() => p.C_Login(session, pkcs11js.CKU_USER, '')), pkcs11js.CKR_PIN_INCORRECT);
  p.C_Login(session, pkcs11js.CKU_USER, pin);
  assert.strictEqual(code(() => p.C_Login(session, pkcs11js.CKU_USER, pin)),
    pkcs11js.CKR_USER_ALREADY_LOGGED_IN);
  const key = find(session, pkcs11js.CKO_PRIVATE_KEY);
  const data = Buffer.from('かざす');
  p.C_SignInit(session, { mechanism: pkcs11js.CKM_SHA256_RSA_PKCS }, key);
  const always = p.C_GetAttributeValue(session, key, [{ type: pkcs11js.CKA_ALWAYS_AUTHENTICATE }]);
  assert.strictEqual(always[0].value[0], index);
  if (always[0].value[0]) p.C_Login(session, CONTEXT_SPECIFIC, pin);
  const signature = p.C_Sign(session, data, Buffer.alloc(256));
  assert(crypto.createVerify('sha256').update(data).verify(fs.readFileSync(pem), signature));
  p.C_Logout(session);
  p.C_CloseSession(session);
  assert.strictEqual(code(() => p.C_CloseSession(session)), pkcs11js.CKR_SESSION_HANDLE_INVALID);
}

assert.strictEqual(slots.length, 2);
check(0, '1234', 'auth.pub');
check(1, 'ABC123', 'sign.pub');
p.C_Finalize();
p.close();
