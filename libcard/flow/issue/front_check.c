/* SPDX-License-Identifier: Apache-2.0 */
/* front_check.c — is this front the municipality's, whole, and of as many pages as it says? (K18, K21) */
#include <cardflow/issue_signer.h>

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#include <cardflow/verify_document.h>

#define CERTIFICATES 8u /* of one municipality: keys overlap when they are changed */

struct flow_issue_signers {
	card_cert_t *cert[CERTIFICATES];
	size_t n;
};

static enum card_error add(flow_issue_signers_t *s, X509 *x)
{
	uint8_t *der = NULL;
	const int n = i2d_X509(x, &der);
	enum card_error err = n > 0 ? CARD_OK : CARD_ERR_MALFORMED;

	if (err == CARD_OK && s->n == CERTIFICATES)
		err = CARD_ERR_TOO_LONG;
	if (err == CARD_OK)
		err = card_cert_new(&s->cert[s->n], card_bytes(der, (size_t)n));
	if (err == CARD_OK)
		s->n++;
	OPENSSL_free(der);
	return err;
}

enum card_error flow_issue_signers_read(flow_issue_signers_t **out, const char *path)
{
	FILE *f;
	flow_issue_signers_t *s;
	enum card_error err = CARD_OK;

	if (out == NULL || path == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = NULL;
	f = fopen(path, "re");
	if (f == NULL)
		return CARD_ERR_NOT_FOUND;
	s = calloc(1, sizeof *s);
	while (s != NULL && err == CARD_OK) {
		X509 *x = PEM_read_X509(f, NULL, NULL, NULL);

		if (x == NULL)
			break;
		err = add(s, x);
		X509_free(x);
	}
	fclose(f);
	if (s == NULL)
		err = CARD_ERR_NO_MEMORY;
	else if (err == CARD_OK && s->n == 0)
		err = CARD_ERR_MALFORMED;
	if (err != CARD_OK)
		flow_issue_signers_free(&s);
	*out = s;
	return err;
}

void flow_issue_signers_free(flow_issue_signers_t **s)
{
	if (s == NULL || *s == NULL)
		return;
	for (size_t i = 0; i < (*s)->n; i++)
		card_cert_free(&(*s)->cert[i]);
	free(*s);
	*s = NULL;
}

/* The first of the reasons, as a word. */
static const char *word_of(const struct flow_reasons *r)
{
	for (unsigned i = 0; i < FLOW_REASON_COUNT_; i++) {
		if (flow_reasons_have(r, (enum flow_reason)i))
			return flow_reason_code((enum flow_reason)i);
	}
	for (unsigned i = 0; i < CARD_REASON_COUNT_; i++) {
		if ((r->card & card_reason_bit((enum card_reason)i)) != 0)
			return card_reason_code((enum card_reason)i);
	}
	return NULL;
}

static const char *judge(const struct flow_report *r)
{
	const char *why = word_of(&r->reasons);

	if (why == NULL && r->n != 1)
		why = "signatures";
	if (why == NULL)
		why = word_of(&r->signatures[0].reasons);
	if (why == NULL && !r->signatures[0].covers_whole_file)
		why = flow_reason_code(FLOW_REASON_NOT_WHOLE_FILE);
	return why == NULL && r->verdict != CARD_VERDICT_VALID ? "signature" : why;
}

enum card_error flow_issue_front_check(const flow_issue_signers_t *s, struct card_bytes pdf,
				       uint32_t pages, int64_t at, const char **why)
{
	struct flow_verify how = {.at = at, .flags = FLOW_REQUIRE_PADES};
	struct flow_report report;
	flow_file_t *file = NULL;
	uint64_t counted = 0;
	enum card_error err;

	if (s == NULL || why == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*why = NULL;
	how.known = (const card_cert_t *const *)s->cert;
	how.n_known = s->n;
	err = flow_file_of_memory(&file, pdf);
	if (err == CARD_OK)
		err = flow_verify(file, NULL, &how, &report);
	flow_file_free(&file);
	if (err != CARD_OK)
		return err;
	*why = judge(&report);
	flow_report_free(&report);
	if (*why == NULL && (flow_pdf_pages(pdf, &counted) != CARD_OK || counted != pages))
		*why = "pages";
	return *why == NULL ? CARD_OK : CARD_ERR_SIGNATURE;
}
