/* SPDX-License-Identifier: Apache-2.0 */
/* The recipe of the test hierarchy, and card-verifiable certificates. */
#include "pki.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "x509.h"

void sim_key_id(uint8_t out[SIM_KEY_ID], const char *seven, const char *three, uint8_t last)
{
	memset(out, 0, SIM_KEY_ID);
	memcpy(out, seven, 7);
	out[7] = 0x08;
	out[8] = 0x05;
	memcpy(out + 9, three, 3);
	out[15] = last;
}

bool sim_put_cv(struct sim_buf *b, EVP_PKEY *issuer, const uint8_t issuer_id[SIM_KEY_ID],
		const uint8_t subject_id[SIM_KEY_ID], EVP_PKEY *subject)
{
	struct sim_buf body = {0};
	uint8_t sig[SIM_RSA_BYTES];

	sim_put(&body, issuer_id, SIM_KEY_ID);
	sim_put(&body, subject_id, SIM_KEY_ID);
	sim_put_key_object(&body, subject);
	bool good = !body.failed && sim_sign_sha256(issuer, body.p, body.n, sig);
	if (good) {
		sim_tlv_form(b, 0x5F4E, body.p, body.n, SIM_LEN_82);
		sim_tlv_form(b, 0x5F37, sig, sizeof sig, SIM_LEN_82);
	}
	sim_buf_free(&body);
	return good && !b->failed;
}

static bool day_of(const json_t *o, const char *name, struct sim_day *d)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s && sim_day_parse(s, d);
}

static EVP_PKEY *key_of(const struct sim_home *home, const char *name, bool make)
{
	return make ? sim_key(home, "pki", name) : sim_key_load(home, "pki", name);
}

static bool read_ca(struct sim_ca *ca, const struct sim_home *home, const json_t *o, bool make)
{
	const char *use = json_string_value(json_object_get(o, "use"));
	const char *serial = json_string_value(json_object_get(o, "serial"));
	char name[32];

	ca->generation = (int)json_integer_value(json_object_get(o, "generation"));
	if (!use || !serial || strlen(serial) > 8 || !day_of(o, "from", &ca->from) ||
	    !day_of(o, "to", &ca->to))
		return false;
	ca->use = strcmp(use, "sign") == 0 ? SIM_USE_SIGN : SIM_USE_AUTH;
	ca->serial = (uint32_t)strtoul(serial, NULL, 16);
	snprintf(ca->name, sizeof ca->name, "%.6s-%d", use, ca->generation % 10);
	snprintf(name, sizeof name, "%s.key", ca->name);
	ca->key = key_of(home, name, make);
	return ca->key && sim_ski(ca->key, ca->ski);
}

static bool read_cv(struct sim_cv *cv, const struct sim_home *home, const json_t *o, bool make)
{
	const char *name = json_string_value(json_object_get(o, "name"));
	const char *digits = json_string_value(json_object_get(o, "digits"));
	const char *suffix = json_string_value(json_object_get(o, "suffix"));
	const char *use = json_string_value(json_object_get(o, "use"));
	char key[32];

	if (!name || !digits || strlen(digits) != 7 || !suffix || strlen(suffix) != 3 || !use)
		return false;
	snprintf(cv->name, sizeof cv->name, "%.15s", name);
	snprintf(cv->label, sizeof cv->label, "%.7s", digits);
	snprintf(cv->use, sizeof cv->use, "%.15s", use);
	/* the MF level id ends in A8, the others in 00 (card-spec 3.8) */
	sim_key_id(cv->id, digits, suffix, strcmp(name, "cv-mf") == 0 ? 0xA8 : 0x00);
	snprintf(key, sizeof key, "%s.key", cv->name);
	cv->key = key_of(home, key, make);
	return cv->key != NULL;
}

enum card_error sim_pki_open(struct sim_pki *pki, const struct sim_home *home, bool make_keys,
			     struct card_sim_problem *problem)
{
	char path[SIM_PATH_MAX];
	json_error_t at;

	memset(pki, 0, sizeof *pki);
	json_t *root = sim_path(path, home->dir, "pki", "recipe", ".json")
			       ? json_load_file(path, JSON_REJECT_DUPLICATES, &at)
			       : NULL;
	if (!root)
		return sim_fail(problem, CARD_ERR_NOT_FOUND, "No test PKI in %.200s: run `make`.",
				home->dir);
	const json_t *cas = json_object_get(root, "authorities");
	const json_t *cvs = json_object_get(root, "card_verifiable");
	bool good = json_array_size(cas) == 4 && json_array_size(cvs) == 3;
	for (size_t i = 0; good && i < 4; i++, pki->n_ca++)
		good = read_ca(&pki->ca[i], home, json_array_get(cas, i), make_keys);
	for (size_t i = 0; good && i < 3; i++, pki->n_cv++)
		good = read_cv(&pki->cv[i], home, json_array_get(cvs, i), make_keys);
	json_decref(root);
	if (good)
		return CARD_OK;
	sim_pki_close(pki);
	return sim_fail(problem, CARD_ERR_CRYPTO,
			"The test PKI in %.200s is not complete: run `make`.", home->dir);
}

void sim_pki_close(struct sim_pki *pki)
{
	for (size_t i = 0; i < 4; i++)
		EVP_PKEY_free(pki->ca[i].key);
	for (size_t i = 0; i < 3; i++)
		EVP_PKEY_free(pki->cv[i].key);
	memset(pki, 0, sizeof *pki);
}

const struct sim_ca *sim_pki_ca(const struct sim_pki *pki, enum sim_use use, int generation)
{
	for (size_t i = 0; i < pki->n_ca; i++) {
		if (pki->ca[i].use == use && pki->ca[i].generation == generation)
			return &pki->ca[i];
	}
	return NULL;
}

const struct sim_cv *sim_pki_cv(const struct sim_pki *pki, const char *name)
{
	for (size_t i = 0; i < pki->n_cv; i++) {
		if (strcmp(pki->cv[i].name, name) == 0)
			return &pki->cv[i];
	}
	return NULL;
}
