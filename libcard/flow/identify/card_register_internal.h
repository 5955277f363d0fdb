/* SPDX-License-Identifier: Apache-2.0 */
/* card_register_internal.h — the register while it is open, and how entries come out of its tables. */
#ifndef CARD_REGISTER_INTERNAL_H
#define CARD_REGISTER_INTERNAL_H

#include <cardflow/card_register.h>

struct flow_cards {
	flow_store_t *store;
	uint8_t key[FLOW_CARDS_KEY];
};

/* Cards that one question may find: what a person has had in ten years and more. */
#define CARDS_MAX 16

struct cards_found {
	struct flow_card_entry entry[CARDS_MAX];
	char stored[CARDS_MAX][12]; /* the card's state as it stands in the table */
	size_t n;
};

enum cards_by { CARDS_BY_ID = 0, CARDS_BY_SUBJECT, CARDS_BY_CERTIFICATE };

/* Entries as of now, oldest first. CARD_ERR_MALFORMED: the table holds what it may not. */
enum card_error cards_find(flow_cards_t *c, enum cards_by by, const char *id, int64_t now,
			   struct cards_found *out);

/* A card and one of its certificates as a pair that steps. */
struct flow_card_states cards_pair(const struct flow_card_entry *e, enum flow_cert_use use);

/* Is this one about certificates alone? */
bool cards_of_certificates(enum flow_card_event event);

/* RFC 3339 in Japan time, as the tables have it; 0: "". */
void cards_time(int64_t t, char out[26]);

#endif
