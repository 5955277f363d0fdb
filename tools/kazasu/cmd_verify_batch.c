/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_verify_batch.c — certificates and challenges on standard input, verdicts out, a line each.
 *
 * In:  {"id":…,"certificate":B64,"challenge":B64,"signature":B64[,"use":"sign"|"auth"][,"hash":"sha256"|…]}
 * Out: {"id":…,"verdict":…,"reasons":[…],"checks":{…},"use":…,"test":…}
 */
#include "commands.h"
#include "options.h"
#include "output.h"
#include "pki.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

struct batch {
	struct kz *kz;
	card_verify_t *v;
	const char *use; /* --use, or NULL */
	unsigned parts;
	bool invalid, undetermined, bad;
};

/* A member in base64. False if it is missing or none. */
static bool base64(const json_t *line, const char *name, card_buf_t *out)
{
	const char *text = json_string_value(json_object_get(line, name));
	const size_t n = text != NULL ? strlen(text) : 0;
	size_t pad = 0;
	int got;

	if (text == NULL || n % 4 != 0 || n > CARD_BUF_MAX / 2)
		return false;
	while (pad < 2 && pad < n && text[n - 1 - pad] == '=')
		pad++;
	if (n == 0)
		return true;
	if (card_buf_reserve(out, n / 4 * 3) != CARD_OK)
		return false;
	got = EVP_DecodeBlock(out->p, (const unsigned char *)text, (int)n);
	if (got < 0 || (size_t)got < pad)
		return false;
	out->n = (size_t)got - pad;
	return true;
}

static bool hash_of(const json_t *line, enum card_hash *out)
{
	static const struct {
		const char *word;
		enum card_hash hash;
	} words[] = {{"sha256", CARD_HASH_SHA256},
		     {"sha384", CARD_HASH_SHA384},
		     {"sha512", CARD_HASH_SHA512}};
	const json_t *member = json_object_get(line, "hash");

	*out = CARD_HASH_SHA256;
	if (member == NULL)
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (json_is_string(member) &&
		    strcmp(json_string_value(member), words[i].word) == 0) {
			*out = words[i].hash;
			return true;
		}
	}
	return false;
}

/* What the line or the option says; else what the certificate says it is for. */
static bool use_of(const struct batch *b, const json_t *line, struct card_bytes der,
		   enum card_use *out)
{
	const char *word = json_string_value(json_object_get(line, "use"));
	card_cert_t *c;

	if (word == NULL)
		word = b->use;
	if (word != NULL) {
		*out = strcmp(word, "auth") == 0 ? CARD_USE_AUTH : CARD_USE_SIGN;
		return strcmp(word, "auth") == 0 || strcmp(word, "sign") == 0;
	}
	*out = CARD_USE_SIGN;
	if (card_cert_new(&c, der) == CARD_OK) {
		if (card_cert_kind(c) == CARD_CERT_AUTH)
			*out = CARD_USE_AUTH;
		card_cert_free(&c);
	}
	return true;
}

static json_t *verdict(struct batch *b, const struct card_verify_request *q)
{
	struct card_verify_result r;
	enum card_error err = card_verify(b->v, q, &r);

	if (err != CARD_OK) {
		b->bad = true;
		return json_pack("{s:{s:s, s:s}}", "error", "code", card_error_name(err), "message",
				 card_strerror(err, b->kz->lang));
	}
	b->invalid |= r.verdict == CARD_VERDICT_INVALID;
	b->undetermined |= r.verdict == CARD_VERDICT_UNDETERMINED;
	return json_pack("{s:s, s:o, s:{s:s, s:s, s:s}, s:s, s:b}", "verdict",
			 card_verdict_name(r.verdict), "reasons", kz_reasons_json(b->kz, r.reasons),
			 "checks", "certificate_path", card_check_name(r.path), "signature",
			 card_check_name(r.signature), "revocation", card_check_name(r.revocation),
			 "use", q->use == CARD_USE_AUTH ? "auth" : "sign", "test", r.test);
}

static json_t *malformed(struct batch *b)
{
	b->bad = true;
	return json_pack("{s:{s:s, s:s}}", "error", "code", card_error_name(CARD_ERR_MALFORMED),
			 "message",
			 _("A line is a JSON object with certificate, challenge and "
			   "signature in base64."));
}

static void one_line(struct batch *b, const char *text, size_t n)
{
	card_buf_t certificate = {0}, challenge = {0}, signature = {0};
	struct card_verify_request q = {.parts = b->parts, .at = kz_now(b->kz)};
	json_t *line = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL), *out;
	json_t *id = line != NULL ? json_object_get(line, "id") : NULL;

	if (!json_is_object(line) || !base64(line, "certificate", &certificate) ||
	    !base64(line, "challenge", &challenge) || !base64(line, "signature", &signature) ||
	    !hash_of(line, &q.hash) || !use_of(b, line, card_buf_bytes(&certificate), &q.use)) {
		out = malformed(b);
	} else {
		q.certificate = card_buf_bytes(&certificate);
		q.message = challenge.n > 0 ? card_buf_bytes(&challenge) : card_bytes("", 0);
		q.signature = card_buf_bytes(&signature);
		out = verdict(b, &q);
	}
	json_object_set(out, "id", id != NULL ? id : json_null());
	json_dumpf(out, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(out);
	json_decref(line);
	card_buf_free(&certificate);
	card_buf_free(&challenge);
	card_buf_free(&signature);
}

static int run(struct batch *b)
{
	char *text = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&text, &cap, stdin)) >= 0) {
		while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
			n--;
		if (n > 0)
			one_line(b, text, (size_t)n);
		fflush(stdout);
	}
	free(text);
	b->kz->answered = true;
	return ferror(stdin)     ? KZ_IO
	       : b->bad          ? KZ_BAD_DATA
	       : b->invalid      ? KZ_INVALID
	       : b->undetermined ? KZ_UNDETERMINED
				 : KZ_DONE;
}

int cmd_verify_batch(struct kz *kz)
{
	struct batch b = {.kz = kz, .parts = CARD_VERIFY_ALL};
	bool no_revocation = false, ocsp = false;
	const struct kz_option options[] = {
		{"use", 0, "sign|auth", &b.use, NULL, N_("what the certificates must be for")},
		{"no-revocation", 0, NULL, NULL, &no_revocation,
		 N_("do not ask whether they are revoked; the verdict says so")},
		{"ocsp", 0, NULL, NULL, &ocsp, N_("ask a responder where no list answers")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"",
		N_("Reads JSON lines with certificate, challenge and signature (base64) and "
		   "writes a line with the verdict for each."),
		options, 0, 0};
	card_trust_t *trust;
	size_t n;
	int rc = kz_options(kz, &usage, NULL, &n);

	if (rc != KZ_GO)
		return rc;
	if (b.use != NULL && strcmp(b.use, "sign") != 0 && strcmp(b.use, "auth") != 0)
		return kz_fail_usage(kz, _("--use takes sign or auth."));
	if (no_revocation)
		b.parts &= ~CARD_VERIFY_REVOCATION;
	rc = kz_trust_open(kz, &trust);
	if (rc != KZ_GO)
		return rc;
	rc = kz_verify_open(kz, trust, ocsp, NULL, &b.v);
	if (rc == KZ_GO)
		rc = run(&b);
	card_verify_free(&b.v);
	card_trust_free(&trust);
	return rc;
}
