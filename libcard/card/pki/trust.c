/* SPDX-License-Identifier: Apache-2.0 */
/* The store of anchors. Files are read in trust_file.c. */
#include <stdlib.h>
#include <string.h>

#include "pki_trust.h"

enum card_error card_trust_new(card_trust_t **out, unsigned flags)
{
	if (!out || (flags & ~CARD_TRUST_TEST_ROOTS))
		return CARD_ERR_INVALID_ARGUMENT;
	card_trust_t *t = calloc(1, sizeof(*t));
	if (!t)
		return CARD_ERR_NO_MEMORY;
	t->flags = flags;
	*out = t;
	return CARD_OK;
}

static void anchor_free(struct pki_anchor *a)
{
	if (!a)
		return;
	pki_key_free(&a->key);
	card_buf_free(&a->canonical);
	card_cert_free(&a->cert);
	free(a);
}

void card_trust_free(card_trust_t **t)
{
	if (!t || !*t)
		return;
	for (size_t i = 0; i < (*t)->n; i++)
		anchor_free((*t)->anchor[i]);
	free((*t)->anchor);
	free(*t);
	*t = NULL;
}

static enum card_error check_ca(const card_trust_t *t, const card_cert_t *c)
{
	if (!c->is_ca || !(c->present >> CARD_EXT_KEY_USAGE & 1) ||
	    !(c->key_usage & CARD_KU_KEY_CERT_SIGN) || c->unknown_critical.p ||
	    !card_name_equal(c->issuer, c->subject))
		return CARD_ERR_UNTRUSTED;
	if (pki_algorithm_reasons(c))
		return CARD_ERR_UNSUPPORTED;
	if (c->test && !(t->flags & CARD_TRUST_TEST_ROOTS))
		return CARD_ERR_DENIED;
	return CARD_OK;
}

static enum card_error prepare(struct pki_anchor *a, struct pki_engine *e)
{
	uint8_t digest[CARD_HASH_MAX];
	const card_cert_t *c = a->cert;
	enum card_error err = pki_key_init(&a->key, &c->key, e);
	if (!err)
		err = pki_digest(e, c->sig_alg.hash, c->tbs, digest);
	if (!err)
		err = pki_key_verify(e, &a->key, c->sig_alg,
				     card_bytes(digest, card_hash_size(c->sig_alg.hash)),
				     c->signature);
	if (!err)
		err = card_name_canonical(c->subject, &a->canonical);
	if (!err)
		err = pki_digest(e, CARD_HASH_SHA256, c->spki, digest);
	if (err)
		return err;
	memcpy(a->spki_hash, digest, sizeof(a->spki_hash));
	return card_cert_fingerprint(c, a->fingerprint);
}

enum card_error card_trust_add(card_trust_t *t, struct card_bytes der)
{
	if (!t)
		return CARD_ERR_INVALID_ARGUMENT;
	struct pki_engine e = {0};
	struct pki_anchor *a = calloc(1, sizeof(*a));
	enum card_error err = a ? card_cert_new(&a->cert, der) : CARD_ERR_NO_MEMORY;
	if (!err)
		err = check_ca(t, a->cert);
	if (!err)
		err = prepare(a, &e);
	pki_engine_free(&e);
	if (err || card_trust_find(t, der)) {
		anchor_free(a);
		return err;
	}
	struct pki_anchor **more = realloc(t->anchor, (t->n + 1) * sizeof(struct pki_anchor *));
	if (!more) {
		anchor_free(a);
		return CARD_ERR_NO_MEMORY;
	}
	t->anchor = more;
	t->anchor[t->n++] = a;
	return CARD_OK;
}

size_t card_trust_count(const card_trust_t *t)
{
	return t ? t->n : 0;
}

const card_cert_t *card_trust_anchor(const card_trust_t *t, size_t nth)
{
	return t && nth < t->n ? t->anchor[nth]->cert : NULL;
}

bool card_trust_accepts_test(const card_trust_t *t)
{
	return t && (t->flags & CARD_TRUST_TEST_ROOTS);
}

const card_cert_t *card_trust_find(const card_trust_t *t, struct card_bytes der)
{
	for (size_t i = 0; t && i < t->n; i++)
		if (card_bytes_equal(t->anchor[i]->cert->der, der))
			return t->anchor[i]->cert;
	return NULL;
}

const struct pki_anchor *pki_trust_next(const card_trust_t *t, struct card_bytes name, size_t *next)
{
	card_buf_t canonical = {0};
	const struct pki_anchor *found = NULL;
	for (; *next < t->n && !found; (*next)++) {
		const struct pki_anchor *a = t->anchor[*next];
		if (card_bytes_equal(a->cert->subject, name)) {
			found = a;
			continue;
		}
		/* Another spelling is rare: fold only then. */
		if (canonical.n == 0 && card_name_canonical(name, &canonical))
			break;
		if (card_bytes_equal(card_buf_bytes(&a->canonical), card_buf_bytes(&canonical)))
			found = a;
	}
	card_buf_free(&canonical);
	return found;
}

bool pki_anchor_matches(const struct pki_anchor *a, const struct pki_authority *id)
{
	const card_cert_t *c = a->cert;
	if (id->key_id.n && c->subject_key_id.n && !card_bytes_equal(id->key_id, c->subject_key_id))
		return false;
	if (id->serial.n && !card_bytes_equal(id->serial, c->serial))
		return false;
	return !id->issuer.n || card_bytes_equal(id->issuer, c->issuer) ||
	       card_name_equal(id->issuer, c->issuer);
}

/* card-spec 7.1; auth 2 was never collected (gap 11). */
static const struct {
	const char *fingerprint;
	const char *name[2];
} known[] = {
	{"19645405A1FE14377434BD55957628AC4038557C542403A2243F21C706FC9355",
	 {"JPKI for digital signature, generation 1 (2015)",
	  "公的個人認証 署名用認証局 第1世代 (2015年)"}},
	{"79679C33E4CC9319440F1AD120A597FF1844E2EF217063ADB176966FD5E6FBEB",
	 {"JPKI for digital signature, generation 2 (2019)",
	  "公的個人認証 署名用認証局 第2世代 (2019年)"}},
	{"D227F6CDE11D35C5252178F106F843D24651944975413B539FA2FB68DBFA365F",
	 {"JPKI for digital signature, generation 3 (2023)",
	  "公的個人認証 署名用認証局 第3世代 (2023年)"}},
	{"4DCFC4CA0AAF9FB2A3081B3F0C991C320B3ACC008667A341EEAEC5AF1D58CA7D",
	 {"JPKI for user authentication, generation 1 (2015)",
	  "公的個人認証 利用者証明用認証局 第1世代 (2015年)"}},
	{"64114F29620C24ED2631D46476A040E7EE740D956089C00B036A6A8118C322B5",
	 {"JPKI for user authentication, generation 3 (2023)",
	  "公的個人認証 利用者証明用認証局 第3世代 (2023年)"}},
};

const char *card_trust_known_name(const uint8_t fingerprint[32], enum card_lang lang)
{
	char hex[65];
	if (!fingerprint || card_hex_encode(card_bytes(fingerprint, 32), hex, sizeof(hex)))
		return NULL;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].fingerprint, hex) == 0)
			return known[i].name[lang == CARD_LANG_JA];
	return NULL;
}
