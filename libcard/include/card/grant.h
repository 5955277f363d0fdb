/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grant.h — permission to read personal data from a card (design decision 10).
 *
 * Reads of personal data take a grant that lists the permitted objects and refuse with
 * CARD_ERR_DENIED before any command is sent (rules PD-03). libcard only holds the list:
 * who may have one is decided above it.
 */
#ifndef CARD_GRANT_H
#define CARD_GRANT_H

#include <stdbool.h>

#include <card/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Objects, as bits. */
enum card_object {
	CARD_OBJECT_ATTRIBUTES = 0x01,       /* name, address, birth, sex as text */
	CARD_OBJECT_NUMBER = 0x02,           /* 個人番号 as text */
	CARD_OBJECT_FACE = 0x04,             /* face photo, name and address images */
	CARD_OBJECT_NUMBER_IMAGE = 0x08,     /* 個人番号 as image */
	CARD_OBJECT_BIRTH = 0x10,            /* age record */
	CARD_OBJECT_SIGN_CERTIFICATE = 0x20, /* carries the four attributes */
	CARD_OBJECT_AUTH_CERTIFICATE = 0x40,
	CARD_OBJECT_USER_ID = 0x80 /* 利用者ID of a 条例利用AP */
};

typedef struct card_grant card_grant_t;

/* A grant for these objects (a union of enum card_object); other bits: CARD_ERR_INVALID_ARGUMENT. */
CARD_API enum card_error card_grant_new(card_grant_t **out, unsigned objects);
CARD_API void card_grant_free(card_grant_t **g);

/* The built-in grant of a person at the own card: everything but the 個人番号. Static storage. */
CARD_API const card_grant_t *card_grant_own_card(void);

/* True if every one of these objects is permitted; false if g is NULL. */
CARD_API bool card_grant_permits(const card_grant_t *g, unsigned objects);

#ifdef __cplusplus
}
#endif
#endif
