/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <card/cvc.h>

#include "cv_ca_table.h"

#define LINE_BYTES   2048u
#define KEYS_MAX     64u /* test issuers of one file: a handful */
#define MODULUS_MAX  512u
#define EXPONENT_MAX 4u

struct loaded_key {
	uint8_t id[CARD_KEY_ID_LENGTH];
	uint8_t modulus[MODULUS_MAX], exponent[EXPONENT_MAX];
	size_t modulus_len, exponent_len;
};

struct card_cvca {
	bool test;
	size_t count;
	struct loaded_key *keys;
};

static const uint8_t published_exponent[] = {0x01, 0x00, 0x01};

enum card_error card_cvca_new(card_cvca_t **out, bool test)
{
	struct card_cvca *set;

	if (out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	set = calloc(1, sizeof(*set));
	if (set == NULL)
		return CARD_ERR_NO_MEMORY;
	set->test = test;
	*out = set;
	return CARD_OK;
}

void card_cvca_free(card_cvca_t **set)
{
	if (set == NULL || *set == NULL)
		return;
	free((*set)->keys);
	free(*set);
	*set = NULL;
}

static enum card_error decode_field(const char *text, uint8_t *out, size_t cap, size_t *len)
{
	card_buf_t b = card_buf_fixed(out, cap);
	enum card_error err = text == NULL ? CARD_ERR_MALFORMED : card_hex_decode(text, &b);

	*len = b.n;
	return err == CARD_OK && b.n > 0 ? CARD_OK : CARD_ERR_MALFORMED;
}

/* key_id,name,use,hierarchy,exponent,modulus */
static enum card_error parse_row(char *line, struct loaded_key *key)
{
	char *field[6] = {0}, *next = line;
	size_t n = 0, id_len = 0;

	while (next != NULL && n < 6)
		field[n++] = strsep(&next, ",");
	if (n != 6 || next != NULL)
		return CARD_ERR_MALFORMED;
	if (decode_field(field[0], key->id, sizeof(key->id), &id_len) != CARD_OK ||
	    id_len != sizeof(key->id) ||
	    decode_field(field[4], key->exponent, sizeof(key->exponent), &key->exponent_len) !=
		    CARD_OK ||
	    decode_field(field[5], key->modulus, sizeof(key->modulus), &key->modulus_len) !=
		    CARD_OK)
		return CARD_ERR_MALFORMED;
	return card_key_id_is_test(card_bytes(key->id, sizeof(key->id))) ? CARD_OK
									 : CARD_ERR_DENIED;
}

static enum card_error load_rows(struct card_cvca *set, FILE *f)
{
	char line[LINE_BYTES];
	bool header = true;

	while (fgets(line, sizeof(line), f) != NULL) {
		size_t n = strcspn(line, "\r\n");
		struct loaded_key key = {0}, *grown;
		enum card_error err;

		if (line[n] == '\0' && n + 1 == sizeof(line))
			return CARD_ERR_MALFORMED;
		line[n] = '\0';
		if (header || n == 0) {
			header = false;
			continue;
		}
		err = parse_row(line, &key);
		if (err != CARD_OK)
			return err;
		if (set->count == KEYS_MAX)
			return CARD_ERR_TOO_LONG;
		grown = realloc(set->keys, (set->count + 1) * sizeof(*grown));
		if (grown == NULL)
			return CARD_ERR_NO_MEMORY;
		set->keys = grown;
		set->keys[set->count++] = key;
	}
	return ferror(f) ? CARD_ERR_IO : CARD_OK;
}

enum card_error card_cvca_load(card_cvca_t *set, const char *path)
{
	size_t before;
	FILE *f;
	enum card_error err;

	if (set == NULL || path == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!set->test)
		return CARD_ERR_DENIED;
	f = fopen(path, "re");
	if (f == NULL)
		return CARD_ERR_IO;
	before = set->count;
	err = load_rows(set, f);
	(void)fclose(f);
	if (err != CARD_OK)
		set->count = before;
	return err;
}

enum card_error card_cvca_find(const card_cvca_t *set, struct card_bytes key_id,
			       struct card_rsa_key *out)
{
	if (set == NULL || out == NULL || key_id.p == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct card_rsa_key){0};
	if (card_key_id_is_test(key_id) && !set->test)
		return CARD_ERR_NOT_FOUND;
	for (size_t i = 0; i < sizeof(published_keys) / sizeof(published_keys[0]); i++) {
		if (!card_bytes_equal(key_id, card_bytes(published_keys[i].id, CARD_KEY_ID_LENGTH)))
			continue;
		out->modulus =
			card_bytes(published_keys[i].modulus, sizeof(published_keys[i].modulus));
		out->exponent = card_bytes(published_exponent, sizeof(published_exponent));
		return CARD_OK;
	}
	for (size_t i = 0; i < set->count; i++) {
		const struct loaded_key *k = &set->keys[i];

		if (!card_bytes_equal(key_id, card_bytes(k->id, sizeof(k->id))))
			continue;
		out->modulus = card_bytes(k->modulus, k->modulus_len);
		out->exponent = card_bytes(k->exponent, k->exponent_len);
		return CARD_OK;
	}
	return CARD_ERR_NOT_FOUND;
}
