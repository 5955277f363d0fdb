/* SPDX-License-Identifier: Apache-2.0 */
#include "sign.h"

#include <stdlib.h>
#include <string.h>

#include <card/jpki.h>

#include "config.h"
#include "fetch.h"
#include "file.h"
#include "output.h"

const char *kz_sign_kind_name(enum sign_kind kind)
{
	static const char *const names[] = {"cms", "pades", "touki", "xml", "raw"};

	return names[kind];
}

/* With --pin-fd nobody was shown anything yet: the same is told in the transaction that goes on
 * to use the secret, which then needs no query of its own. */
static enum card_error look(struct kz *kz, struct sign_session *s)
{
	char note[256];
	enum card_error err = s->auth ? CARD_OK : kz_secret_signs(s->card);

	if (err == CARD_OK)
		err = card_pin_tries(s->card->ch, s->pin, &s->tries);
	if (err == CARD_OK && s->tries > 0) {
		kz_secret_describe(kz, s->pin, s->tries, note, sizeof note);
		kz_note(kz, "%s", note);
	}
	return err;
}

static int read_certificate(struct kz *kz, struct sign_session *s)
{
	card_buf_t der = {0};
	enum card_error err = kz_session_begin(kz, s->card);

	if (err == CARD_OK) {
		err = kz->opt.pin_fd >= 0 ? look(kz, s) : CARD_OK;
		if (err == CARD_OK)
			err = kz_secret_present(kz, s->card, s->pin, &s->secret, &s->tries);
		s->presented = err == CARD_OK;
		s->generation = card_channel_generation(s->card->ch);
		if (err == CARD_OK)
			err = card_jpki_certificate(s->card->ch,
						    s->auth ? CARD_JPKI_AUTH : CARD_JPKI_SIGN,
						    card_grant_own_card(), &der);
		err = kz_session_end(s->card, err);
	}
	if (err == CARD_OK)
		err = card_cert_new(&s->cert, card_buf_bytes(&der));
	card_buf_free(&der);
	if (err == CARD_OK)
		return KZ_GO;
	return s->presented ? kz_session_fail(kz, s->card, err)
			    : kz_secret_fail(kz, s->card, s->pin, err, s->tries);
}

int kz_sign_open(struct kz *kz, const struct sign_options *o, struct sign_session *s)
{
	const struct kz_entry entry = {.pin = o->key_auth ? CARD_PIN_AUTH : CARD_PIN_SIGN,
				       .last_try = o->last_try,
				       .no_pinpad = true,
				       .signs = !o->key_auth};
	int rc;

	s->kz = kz;
	s->pin = entry.pin;
	s->auth = o->key_auth;
	s->tries = CARD_TRIES_UNKNOWN;
	rc = kz_config_own_card(kz);
	if (rc == KZ_GO)
		rc = kz_secret_ask(kz, s->card, &entry, &s->secret);
	return rc == KZ_GO ? read_certificate(kz, s) : rc;
}

void kz_sign_close(struct sign_session *s)
{
	kz_secret_free(&s->secret);
	card_cert_free(&s->cert);
}

enum card_error kz_sign_digest(void *ctx, enum card_hash hash, struct card_bytes digest,
			       card_buf_t *signature)
{
	struct sign_session *s = ctx;
	struct kz_secret secret = s->secret;
	enum card_error err;

	/* rules R5-17: one consent, one signature. */
	if (s->allowed == 0)
		return CARD_ERR_DENIED;
	s->allowed--;
	s->asked = true;
	err = kz_session_begin(s->kz, s->card);
	s->presented = false;
	if (err != CARD_OK)
		return err;
	if (s->generation == card_channel_generation(s->card->ch))
		secret.flags |= CARD_PIN_PROVED;
	err = kz_secret_present(s->kz, s->card, s->pin, &secret, &s->tries);
	s->presented = err == CARD_OK;
	s->generation = err == CARD_OK ? card_channel_generation(s->card->ch) : 0;
	if (err == CARD_OK)
		err = card_jpki_sign(s->card->ch, s->auth ? CARD_KEY_AUTH : CARD_KEY_SIGN, hash,
				     digest, 0, s->cert, signature);
	return kz_session_end(s->card, err);
}

/* What goes into the file: for PDF the original and the update, else the signature alone. */
struct result {
	const flow_file_t *original;
	card_buf_t made;
};

static bool put(void *ctx, int fd)
{
	const struct result *r = ctx;

	if (r->original != NULL && flow_file_copy(r->original, fd) != CARD_OK)
		return false;
	return kz_file_put(fd, card_buf_bytes(&r->made));
}

static enum card_error make(const struct sign_options *o, const struct flow_signer *signer,
			    const struct sign_document *d, struct result *r,
			    struct flow_pdf_fault *fault)
{
	const struct card_bytes content = flow_file_bytes(d->file);
	const struct flow_range all = {0, content.n};
	struct flow_pdf_options pdf = kz_sign_pdf_options(&o->pdf);
	const enum card_hash hash = flow_hash_for(signer->cert);
	uint8_t digest[CARD_HASH_MAX];
	enum card_error err;

	if (d->kind == SIGN_PADES || d->kind == SIGN_TOUKI) {
		r->original = d->file;
		pdf.kind = d->kind == SIGN_TOUKI ? FLOW_PDF_TOUKI : FLOW_PDF_PADES;
		pdf.reason = o->reason;
		pdf.location = o->location;
		pdf.fault = fault;
		return flow_pdf_sign(d->file, &pdf, signer, &r->made);
	}
	if (d->kind == SIGN_XML)
		return kz_sign_xml_make(o, signer, d, &r->made);
	if (hash == CARD_HASH_NONE)
		return CARD_ERR_UNSUPPORTED;
	err = flow_file_digest(d->file, hash, &all, 1, digest);
	if (err != CARD_OK)
		return err;
	if (d->kind == SIGN_RAW)
		return signer->sign(signer->ctx, hash, card_bytes(digest, card_hash_size(hash)),
				    &r->made);
	return flow_cms_sign(signer, card_bytes(digest, card_hash_size(hash)),
			     o->detached ? NULL : &content, o->plain ? FLOW_CMS_PLAIN : 0,
			     &r->made);
}

static int failed(struct kz *kz, struct sign_session *s, const struct sign_options *o,
		  const struct sign_document *d, enum card_error err)
{
	const struct kz_failure tsa = {
		.error = err,
		.exit = KZ_UNAVAILABLE,
		.message = _("The time-stamping authority gave no timestamp "
			     "that can be used. Nothing was written."),
		.hint = _("See that --tsa and --tsa-trust are right, or sign "
			  "without a timestamp.")};

	if (d->kind == SIGN_XML && !s->asked) /* refused before the card was asked */
		return kz_sign_xml_refuse(kz, d->path, err);
	if (!s->presented)
		return kz_secret_fail(kz, s->card, s->pin, err, s->tries);
	/* The card has signed and let go; what failed came after it. */
	if (o->tsa != NULL && s->card->sw == 0x9000)
		return kz_fail(kz, &tsa);
	return kz_session_fail(kz, s->card, err);
}

int kz_sign_document(struct kz *kz, const struct sign_options *o, struct sign_session *s,
		     struct sign_document *d)
{
	const struct flow_tsa tsa = {o->tsa, kz_fetch, NULL, o->tsa_trust};
	const struct flow_signer signer = {.cert = s->cert,
					   .sign = kz_sign_digest,
					   .ctx = s,
					   .time = kz_now(kz),
					   .tsa = o->tsa != NULL ? &tsa : NULL};
	struct flow_pdf_fault fault = {.why = FLOW_PDF_FINE};
	struct result r = {NULL, {0}};
	enum card_error err;
	int rc;

	s->asked = false;
	s->presented = true; /* until a transaction says otherwise */
	err = make(o, &signer, d, &r, &fault);
	if (err == CARD_OK)
		rc = kz_file_write_with(kz, d->out, put, &r, 0600);
	else if (fault.why != FLOW_PDF_FINE)
		rc = kz_sign_pdf_refuse(kz, d->path, &fault);
	else
		rc = failed(kz, s, o, d, err);
	card_buf_free(&r.made);
	return rc;
}
