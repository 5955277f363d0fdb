/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The module inside the test's own process, its readers being virtual cards. What "another
 * program" does goes over a second connection to the same card.
 */
#ifndef SOURCE_SIM_H
#define SOURCE_SIM_H

#include <card/sim.h>

#include "cryptoki.h"
#include "test.h"

#define AUTH_SLOT       0u
#define SIGN_SLOT       1u
#define OTHER_AUTH_SLOT 2u /* second reader, empty at first */

extern CK_FUNCTION_LIST *p11;

/* A test person in the first reader, C_Initialize. quirk may be NULL. conf: lines of the user's
 * pkcs11.conf, NULL for none. */
void p11_start(const char *quirk, const char *conf);
void p11_stop(void);

card_sim_t *p11_card(void);
unsigned long p11_commands(void); /* since the insertion, clearing SELECTs included */

/* Take the card of the first reader away, put it back. */
void p11_remove(void);
void p11_insert(void);
bool p11_present(void);
/* Another card (persona) into the second reader. */
void p11_insert_other(const char *persona);

/* Another program: selects an application, or resets the card (cold or warm). */
void p11_foreign_select(void);
void p11_foreign_unpower(void);
void p11_foreign_reset(void);
/* Another program tries to sign, as it finds the card and after SELECT: the status word. */
unsigned p11_foreign_sign(unsigned file);
/* Another program presents a wrong secret, or the four digits of the test person. */
void p11_foreign_wrong_pin(unsigned file);
void p11_foreign_right_pin(unsigned file);

CK_SESSION_HANDLE p11_open(CK_SLOT_ID slot, CK_FLAGS extra);
CK_RV p11_login(CK_SESSION_HANDLE h, CK_USER_TYPE type, const char *pin);
/* The object of a class; 0: none. */
CK_OBJECT_HANDLE p11_object(CK_SESSION_HANDLE h, CK_OBJECT_CLASS class);
/* C_SignInit and C_Sign of a few bytes with CKM_SHA256_RSA_PKCS. */
CK_RV p11_sign_init(CK_SESSION_HANDLE h);
CK_RV p11_sign(CK_SESSION_HANDLE h);

#define assert_rv(call, rv) assert_int_equal((call), (rv))

#endif
