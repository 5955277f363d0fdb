/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdf_seed.c — what an empty signature field asks of its signature (ISO 32000-1 §12.7.4.5,
 * table 234): only entries whose bit in /Ff makes them a requirement count.
 */
#include "pdf_sign.h"

#include <stdio.h>
#include <string.h>

enum {
	SEED_FILTER = 1 << 0,
	SEED_SUBFILTER = 1 << 1,
	SEED_VERSION = 1 << 2,
	SEED_REASONS = 1 << 3,
	SEED_LEGAL = 1 << 4,
	SEED_REVOCATION = 1 << 5,
	SEED_DIGEST = 1 << 6,
	SEED_LOCK = 1 << 7, /* ISO 32000-2 table 237 */
	SEED_APPEARANCE = 1 << 8
};

/* The array holds this name or string; or is the one value itself. */
static bool holds(struct pdf *p, const struct pdf_obj *list, const char *word)
{
	const struct card_bytes w = card_bytes(word, strlen(word));
	struct pdf_obj item;
	char text[256];

	if (list->kind != PDF_ARRAY)
		return card_bytes_equal(list->text, w);
	for (size_t i = 0; i < list->n; i++) {
		if (pdf_resolve(p, &list->items[i], &item) != CARD_OK)
			continue;
		if (item.kind == PDF_NAME && card_bytes_equal(item.text, w))
			return true;
		if (item.kind == PDF_STRING) {
			pdf_text(item.text, text, sizeof text);
			if (strcmp(text, word) == 0)
				return true;
		}
	}
	return false;
}

/* One reason "." means that none may be given. */
static bool reason_allowed(struct pdf *p, const struct pdf_obj *list, const char *reason)
{
	if (list->kind != PDF_ARRAY || list->n == 0 || (list->n == 1 && holds(p, list, ".")))
		return reason == NULL || *reason == '\0';
	return reason != NULL && holds(p, list, reason);
}

static const char *digest_name(const struct flow_signer *s)
{
	return s != NULL && flow_hash_for(s->cert) == CARD_HASH_SHA384 ? "SHA384" : "SHA256";
}

static bool met(struct pdf *p, const struct pdf_obj *seed, const char *key, int64_t flags,
		const struct flow_pdf_options *opt, const struct flow_signer *s)
{
	const char *kind =
		opt->kind == FLOW_PDF_TOUKI ? "adbe.pkcs7.detached" : "ETSI.CAdES.detached";
	struct pdf_obj v, cert_flags;

	if (pdf_get(seed, key) == NULL)
		return true;
	if (pdf_get_resolved(p, seed, key, &v) != CARD_OK)
		return false;
	if (strcmp(key, "Filter") == 0)
		return (flags & SEED_FILTER) == 0 || pdf_is_name(&v, "Adobe.PPKLite");
	if (strcmp(key, "SubFilter") == 0)
		return (flags & SEED_SUBFILTER) == 0 || holds(p, &v, kind);
	if (strcmp(key, "V") == 0) /* 1, 2 and 3 name the dictionary's revision */
		return (flags & SEED_VERSION) == 0 || pdf_number(&v) <= 3;
	if (strcmp(key, "Reasons") == 0)
		return (flags & SEED_REASONS) == 0 || reason_allowed(p, &v, opt->reason);
	if (strcmp(key, "LegalAttestation") == 0)
		return (flags & SEED_LEGAL) == 0;
	if (strcmp(key, "AddRevInfo") == 0)
		return (flags & SEED_REVOCATION) == 0 || v.number == 0;
	if (strcmp(key, "DigestMethod") == 0) /* without a signer: SHA-256 of the card's keys */
		return (flags & SEED_DIGEST) == 0 || holds(p, &v, digest_name(s));
	if (strcmp(key, "LockDocument") == 0)
		return (flags & SEED_LOCK) == 0 || !pdf_is_name(&v, "true");
	if (strcmp(key, "AppearanceFilter") == 0)
		return (flags & SEED_APPEARANCE) == 0;
	if (strcmp(key, "MDP") == 0) { /* P 0: an ordinary signature; else a certification */
		struct pdf_obj level;

		return pdf_get_resolved(p, &v, "P", &level) == CARD_OK && level.number == 0;
	}
	if (strcmp(key, "TimeStamp") == 0)
		return pdf_get_resolved(p, &v, "Ff", &cert_flags) == CARD_OK &&
		       ((cert_flags.number & 1) == 0 || s == NULL || s->tsa != NULL);
	/* Cert: requirements on the certificate are not judged here. */
	return pdf_get_resolved(p, &v, "Ff", &cert_flags) == CARD_OK && cert_flags.number == 0;
}

enum card_error pdf_job_seed(struct pdf_job *j, const struct pdf_obj *field,
			     const struct flow_signer *s)
{
	static const char *const keys[] = {"Filter",       "SubFilter",        "V",
					   "Reasons",      "LegalAttestation", "AddRevInfo",
					   "DigestMethod", "LockDocument",     "AppearanceFilter",
					   "MDP",          "TimeStamp",        "Cert"};
	struct pdf_obj seed, flags;
	enum card_error err = pdf_get_resolved(&j->pdf, field, "SV", &seed);

	if (err == CARD_OK)
		err = pdf_get_resolved(&j->pdf, &seed, "Ff", &flags);
	if (err != CARD_OK || seed.kind != PDF_DICT)
		return err;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (met(&j->pdf, &seed, keys[i], flags.number, j->opt, s))
			continue;
		j->fault.why = FLOW_PDF_SEED;
		snprintf(j->fault.detail, sizeof j->fault.detail, "%s", keys[i]);
		return CARD_ERR_DENIED;
	}
	return CARD_OK;
}
