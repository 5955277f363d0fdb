/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_verify_batch.c — certificates and challenges on standard input, verdicts out, a line each.
 *
 * In:  {"id":…,"certificate":B64,"challenge":B64,"signature":B64[,"use":"sign"|"auth"][,"hash":"sha256"|…]
 *       [,"ocsp":B64]}
 * Out: {"id":…,"verdict":…,"reasons":[…],"checks":{…},"use":…,"test":…}
 */
#include "base64.h"
#include "commands.h"
#include "options.h"
#include "output.h"
#include "pki.h"
#include "policy.h"

#include <stdlib.h>
#include <string.h>

/* A certificate, a challenge, a signature and an OCSP answer are far below. */
#define LINE_MAX_OCTETS ((size_t)1024 * 1024)

struct batch {
	struct kz *kz;
	card_verify_t *v;
	const char *use; /* --use, or NULL */
	unsigned parts;
	bool invalid, undetermined, bad;
};

/* A member in base64. False if it is none, or missing though it must be there. */
static bool base64(const json_t *line, const char *name, bool required, card_buf_t *out)
{
	const json_t *member = json_object_get(line, name);

	if (member == NULL)
		return !required;
	return json_is_string(member) && kz_base64_read(json_string_value(member),
							json_string_length(member), out) == CARD_OK;
}

/* A member that is one of these words: its number, -1 for another value, n if it is missing. */
static int word_of(const json_t *line, const char *name, const char *const *words, int n)
{
	const json_t *member = json_object_get(line, name);

	if (member == NULL)
		return n;
	for (int i = 0; i < n; i++) {
		if (json_is_string(member) && json_string_length(member) == strlen(words[i]) &&
		    memcmp(json_string_value(member), words[i], strlen(words[i])) == 0)
			return i;
	}
	return -1;
}

static bool hash_of(const json_t *line, enum card_hash *out)
{
	static const char *const words[] = {"sha256", "sha384", "sha512"};
	static const enum card_hash hashes[] = {CARD_HASH_SHA256, CARD_HASH_SHA384,
						CARD_HASH_SHA512, CARD_HASH_SHA256};
	const int i = word_of(line, "hash", words, 3);

	if (i >= 0)
		*out = hashes[i];
	return i >= 0;
}

/* What the line or the option says; else what the certificate says it is for. */
static bool use_of(const struct batch *b, const json_t *line, struct card_bytes der,
		   enum card_use *out)
{
	static const char *const words[] = {"sign", "auth"};
	int i = word_of(line, "use", words, 2);
	card_cert_t *c;

	if (i == 2 && b->use != NULL)
		i = strcmp(b->use, "auth") == 0;
	*out = i == 1 ? CARD_USE_AUTH : CARD_USE_SIGN;
	if (i == 2 && card_cert_new(&c, der) == CARD_OK) {
		if (card_cert_kind(c) == CARD_CERT_AUTH)
			*out = CARD_USE_AUTH;
		card_cert_free(&c);
	}
	return i >= 0;
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

static json_t *refused(struct batch *b, enum card_error err, const char *message)
{
	b->bad = true;
	return json_pack("{s:{s:s, s:s}}", "error", "code", card_error_name(err), "message",
			 message);
}

static void write_line(json_t *out, json_t *id)
{
	json_object_set(out, "id", id != NULL ? id : json_null());
	json_dumpf(out, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(out);
}

static void one_line(struct batch *b, const char *text, size_t n)
{
	card_buf_t certificate = {0}, challenge = {0}, signature = {0}, stapled = {0};
	struct card_verify_request q = {.parts = b->parts, .at = kz_now(b->kz)};
	json_t *line = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL), *out;

	if (!json_is_object(line) || !base64(line, "certificate", true, &certificate) ||
	    !base64(line, "challenge", true, &challenge) ||
	    !base64(line, "signature", true, &signature) ||
	    !base64(line, "ocsp", false, &stapled) || !hash_of(line, &q.hash) ||
	    !use_of(b, line, card_buf_bytes(&certificate), &q.use)) {
		out = refused(b, CARD_ERR_MALFORMED,
			      _("A line is a JSON object with certificate, challenge and "
				"signature in base64."));
	} else {
		q.certificate = card_buf_bytes(&certificate);
		q.message = challenge.n > 0 ? card_buf_bytes(&challenge) : card_bytes("", 0);
		q.signature = card_buf_bytes(&signature);
		q.stapled = card_buf_bytes(&stapled);
		out = verdict(b, &q);
	}
	write_line(out, json_object_get(line, "id"));
	json_decref(line);
	card_buf_free(&certificate);
	card_buf_free(&challenge);
	card_buf_free(&signature);
	card_buf_free(&stapled);
}

/* What fills the room without an end is passed over and refused. */
static void skip_line(struct batch *b, FILE *in)
{
	int c;

	do {
		c = getc_unlocked(in);
	} while (c != EOF && c != '\n');
	write_line(refused(b, CARD_ERR_TOO_LONG, _("A line of the batch is too long.")), NULL);
}

/* One line without its end into text. False at the end of the input. *whole: it did fit. */
static bool read_line(FILE *in, char *text, size_t *n, bool *whole)
{
	int c = EOF;

	*n = 0;
	while (*n < LINE_MAX_OCTETS && (c = getc_unlocked(in)) != EOF && c != '\n')
		text[(*n)++] = (char)c;
	*whole = *n < LINE_MAX_OCTETS;
	return *n > 0 || c != EOF;
}

static bool blank(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strchr(" \t\r", text[i]) == NULL || text[i] == '\0')
			return false;
	}
	return true;
}

static int run(struct batch *b)
{
	char *text = malloc(LINE_MAX_OCTETS);
	size_t n;
	bool whole;

	if (text == NULL)
		return kz_fail_error(b->kz, CARD_ERR_NO_MEMORY);
	while (!ferror(stdout) && read_line(stdin, text, &n, &whole)) {
		if (!whole)
			skip_line(b, stdin);
		else if (!blank(text, n))
			one_line(b, text, n);
		fflush(stdout); /* who asks waits for the answer */
	}
	free(text);
	b->kz->answered = true;
	return ferror(stdin) || fflush(stdout) != 0 || ferror(stdout) ? KZ_IO
	       : b->bad                                               ? KZ_BAD_DATA
	       : b->invalid                                           ? KZ_INVALID
	       : b->undetermined                                      ? KZ_UNDETERMINED
								      : KZ_DONE;
}

int cmd_verify_batch(struct kz *kz)
{
	struct batch b = {.kz = kz, .parts = CARD_VERIFY_ALL};
	bool no_revocation = false;
	struct kz_policy policy = {.ocsp = false};
	const struct kz_option options[] = {
		{"use", 0, "sign|auth", &b.use, NULL, N_("what the certificates must be for")},
		{"no-revocation", 0, NULL, NULL, &no_revocation,
		 N_("do not ask whether they are revoked; the verdict says so")},
		KZ_POLICY_OPTIONS(&policy),
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
	rc = kz_policy_open(kz, &policy, trust, &b.v);
	if (rc == KZ_GO)
		rc = run(&b);
	card_verify_free(&b.v);
	kz_policy_free(&policy);
	card_trust_free(&trust);
	return rc;
}
