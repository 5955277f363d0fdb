/* SPDX-License-Identifier: Apache-2.0 */
/*
 * local.h — 条例利用AP (証明書等自動交付AP): the application that 現行方式 of コンビニ交付 reads a
 * municipality's 利用者ID from (rules R1-21 to R1-23).
 *
 * No public source describes a real one (card-spec 2.1): name, files, keys and dialogue are an
 * assumption of this project, written down in docs/issuance.md ("条例利用AP"). A municipality with
 * real cards needs a module of its own in the place of this one.
 *
 * Card and centre prove themselves to each other before the 利用者ID is read. The keys are not on
 * this side: the centre makes the proof, and checks the card's response.
 */
#ifndef CARD_LOCAL_H
#define CARD_LOCAL_H

#include <card/channel.h>
#include <card/grant.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CARD_LOCAL_REFERENCE   8u  /* bytes: which card, for the centre's key */
#define CARD_LOCAL_CHALLENGE   16u /* bytes the card wants a proof about */
#define CARD_LOCAL_DIGEST      32u
#define CARD_LOCAL_PROOF       32u
#define CARD_LOCAL_RESPONSE    32u
#define CARD_LOCAL_USER_ID_MAX 64u /* characters */

/* What the application says to anybody, and its challenge. */
struct card_local_hello {
	char municipality[6]; /* 5 digits */
	uint8_t reference[CARD_LOCAL_REFERENCE];
	uint8_t challenge[CARD_LOCAL_CHALLENGE];
};

/* What it says to who proved himself. */
struct card_local_answer {
	char user_id[CARD_LOCAL_USER_ID_MAX + 1]; /* 利用者ID: 1 to 64 characters ! to ~ */
	uint8_t response[CARD_LOCAL_RESPONSE]; /* about the digest, to be checked by the centre */
};

CARD_API enum card_error card_local_select(card_channel_t *ch);

/*
 * SELECT, file 0002, GET CHALLENGE: 3 commands. The challenge is good for one card_local_prove,
 * also in the next transaction, until another application is selected or power is cut.
 * CARD_ERR_NOT_FOUND: the card has no such application; CARD_ERR_MALFORMED, CARD_ERR_TRUNCATED,
 * CARD_ERR_TOO_LONG: it answers something else; errors of card_channel_transmit. On error *out is
 * zeroed.
 */
CARD_API enum card_error card_local_hello(card_channel_t *ch, struct card_local_hello *out);

/*
 * SELECT, MUTUAL AUTHENTICATE, file 0001: 3 commands. digest: what the centre and this side agreed
 * on; proof: the centre's, about challenge and digest. The end of the transaction closes the file
 * again by one command more (card_channel_end).
 * CARD_ERR_DENIED: the grant lacks CARD_OBJECT_USER_ID, nothing was sent; CARD_ERR_UNTRUSTED: the
 * card did not take the proof – its keys are not those of this municipality, or its challenge is no
 * longer good; CARD_ERR_NOT_FOUND, CARD_ERR_MALFORMED, CARD_ERR_TRUNCATED, CARD_ERR_TOO_LONG as
 * above; errors of card_channel_transmit. On error *out is zeroed.
 */
CARD_API enum card_error card_local_prove(card_channel_t *ch, const card_grant_t *grant,
					  const uint8_t digest[CARD_LOCAL_DIGEST],
					  const uint8_t proof[CARD_LOCAL_PROOF],
					  struct card_local_answer *out);

#ifdef __cplusplus
}
#endif
#endif
