/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pki.h — the test hierarchy of the virtual card: CAs, certificates, lists of
 * revoked certificates, card-verifiable certificates (card-spec 3.8, 7).
 */
#ifndef SIM_PKI_H
#define SIM_PKI_H

#include "key.h"
#include "persona.h"

enum sim_use { SIM_USE_SIGN = 0, SIM_USE_AUTH = 1 };

#define SIM_KEY_ID 16u

struct sim_ca {
	char name[16]; /* "sign-1" … "auth-2" */
	enum sim_use use;
	int generation;
	uint32_t serial;
	struct sim_day from, to;
	uint8_t ski[20];
	EVP_PKEY *key;
};

struct sim_cv {        /* issuer of card-verifiable certificates */
	char name[16]; /* "cv-mf", "cv-surface", "cv-text" */
	uint8_t id[SIM_KEY_ID];
	char label[8], use[16];
	EVP_PKEY *key;
};

struct sim_pki {
	struct sim_ca ca[4];
	size_t n_ca;
	struct sim_cv cv[3];
	size_t n_cv;
};

/* Read recipe (JSON) and the keys in FIXTURES/pki, made if make_keys. */
enum card_error sim_pki_open(struct sim_pki *pki, const struct sim_home *home, bool make_keys,
			     struct card_sim_problem *problem);
void sim_pki_close(struct sim_pki *pki);

const struct sim_ca *sim_pki_ca(const struct sim_pki *pki, enum sim_use use, int generation);
const struct sim_cv *sim_pki_cv(const struct sim_pki *pki, const char *name);

/* DER of the self-signed CA certificate. */
bool sim_put_ca_certificate(struct sim_buf *b, const struct sim_ca *ca);

/* DER of a holder's certificate. */
bool sim_put_certificate(struct sim_buf *b, const struct sim_ca *ca, const struct sim_persona *p,
			 const struct sim_wish *w, EVP_PKEY *subject);

struct sim_revoked {
	uint32_t serial;
	struct sim_day on;
	int reason;
};

struct sim_crl {
	const struct sim_persona *place;  /* prefecture and city of the point; NULL: whole CA */
	int64_t this_update, next_update; /* seconds since 1970, UTC */
	uint32_t number;
	const struct sim_revoked *revoked;
	size_t n_revoked;
};

bool sim_put_crl(struct sim_buf *b, const struct sim_ca *ca, const struct sim_crl *crl);

/* "7 digits 0805 3 digits 000000 last" (card-spec 3.8). */
void sim_key_id(uint8_t out[SIM_KEY_ID], const char *seven, const char *three, uint8_t last);

/* 5F4E and 5F37 (563 bytes): the contents of a card-verifiable certificate. */
bool sim_put_cv(struct sim_buf *b, EVP_PKEY *issuer, const uint8_t issuer_id[SIM_KEY_ID],
		const uint8_t subject_id[SIM_KEY_ID], EVP_PKEY *subject);

#endif
