/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terminal_seal.c — the PIN of a kind on its way to the municipality, which alone can open it.
 *
 * The certificate comes through the centre, which must not be able to put another one in its place:
 * it counts only if it is, byte for byte, one of those in this terminal's own file CODE.pem.
 */
#include "terminal.h"

#include <card/secret.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static X509 *read_one(const char *pem)
{
	BIO *in = BIO_new_mem_buf(pem, -1);
	X509 *x = in != NULL ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;

	BIO_free(in);
	return x;
}

static bool in_force(const flow_terminal_t *t, const X509 *x)
{
	time_t now = (time_t)t->w.now(t->w.ctx);

	return X509_cmp_time(X509_get0_notBefore(x), &now) < 0 &&
	       X509_cmp_time(X509_get0_notAfter(x), &now) > 0;
}

/* Old and new stand in the file side by side while a municipality changes its key. */
static bool pinned(const flow_terminal_t *t, const char *code, const X509 *x)
{
	char path[sizeof t->seals + 16];
	bool found = false;
	X509 *one;
	FILE *f;

	snprintf(path, sizeof path, "%s/%.5s.pem", t->seals, code);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	while (!found && (one = PEM_read_X509(f, NULL, NULL, NULL)) != NULL) {
		found = X509_cmp(one, x) == 0;
		X509_free(one);
	}
	fclose(f);
	return found;
}

void seal_take(struct errand *e, const char *pem)
{
	const char *code = e->municipality;
	X509 *x;

	journal_seal_free(&e->seal);
	if (strlen(code) != 5 || strspn(code, "0123456789") != 5)
		return;
	x = pem != NULL && e->t->seals[0] != '\0' ? read_one(pem) : NULL;
	if (x != NULL && in_force(e->t, x) && pinned(e->t, code, x))
		(void)journal_seal_to(&e->seal, x);
	X509_free(x);
}

enum card_error seal_pin(const struct errand *e, const card_secret_t *pin, char **out)
{
	const struct card_bytes p = card_secret_bytes(pin);
	char clear[64];
	enum card_error err;
	int n;

	/* docs/issuance.md: TRANSACTION:SEQ:PIN, of the message that follows. */
	n = snprintf(clear, sizeof clear, "%s:%u:%.*s", e->transaction, e->seq + 1, (int)p.n,
		     (const char *)p.p);
	err = n > 0 && (size_t)n < sizeof clear ? journal_seal_text(e->seal, clear, out)
						: CARD_ERR_TOO_LONG;
	card_wipe(clear, sizeof clear);
	return err;
}
