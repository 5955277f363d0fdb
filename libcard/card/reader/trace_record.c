/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include <card/apdu.h>
#include <card/secret.h>
#include <card/trace.h>

#include "trace_internal.h"

struct recorder {
	card_reader_t *inner;
	FILE *file;
	bool hide_answers; /* real card, personal data not asked for */
};

static void write_hex(FILE *f, struct card_bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		(void)fprintf(f, "%02X", b.p[i]);
}

static void write_command(FILE *f, struct card_bytes cmd, const struct card_apdu *apdu)
{
	(void)fputs("> ", f);
	if (card_apdu_is_secret(apdu)) {
		write_hex(f, card_bytes(cmd.p, 4));
		(void)fputs(TRACE_HIDDEN, f);
	} else {
		write_hex(f, cmd);
	}
	(void)fputc('\n', f);
}

/* Instructions whose answers carry data of the holder or signatures. */
static bool protected_answer(const struct card_apdu *apdu)
{
	static const uint8_t ins[] = {0xB0, 0xB2, 0xCA, 0x2A, 0x82, 0x88, 0xC0};

	for (size_t i = 0; i < sizeof(ins); i++)
		if (apdu->ins == ins[i])
			return true;
	return false;
}

static void write_answer(const struct recorder *r, const struct card_apdu *apdu,
			 struct card_bytes answer)
{
	struct card_rapdu a;
	uint8_t digest[32];
	unsigned n = sizeof(digest);
	bool whole = card_rapdu_decode(answer, &a) == CARD_OK; /* or too short for a status word */

	(void)fputs("< ", r->file);
	if (whole && card_apdu_is_secret(apdu)) {
		(void)fprintf(r->file, "%04X", a.sw);
	} else if (whole && r->hide_answers && a.data.n > 0 && protected_answer(apdu)) {
		if (EVP_Digest(a.data.p, a.data.n, digest, &n, EVP_sha256(), NULL) != 1)
			n = 0;
		(void)fprintf(r->file, "=%zu ", a.data.n);
		write_hex(r->file, card_bytes(digest, n));
		(void)fprintf(r->file, " %04X", a.sw);
	} else {
		write_hex(r->file, answer);
	}
	(void)fputc('\n', r->file);
}

static enum card_error record_transmit(void *ctx, struct card_bytes cmd, uint8_t *resp, size_t cap,
				       size_t *len, bool *maybe_executed)
{
	struct recorder *r = ctx;
	struct card_apdu apdu;
	enum card_error err;

	/* An undecodable command could hide a secret: only its header is written. */
	if (card_apdu_decode(cmd, &apdu) != CARD_OK)
		apdu = (struct card_apdu){.cla = 0x0C};
	write_command(r->file, cmd, &apdu);
	err = card_reader_transmit(r->inner, cmd, resp, cap, len, maybe_executed);
	if (err == CARD_OK)
		write_answer(r, &apdu, card_bytes(resp, *len));
	else
		(void)fprintf(r->file, "! %s\n", card_error_name(err));
	(void)fflush(r->file);
	return err;
}

static enum card_error record_begin(void *ctx, unsigned timeout_ms)
{
	struct recorder *r = ctx;
	enum card_error err = card_reader_begin(r->inner, timeout_ms);

	if (err == CARD_OK)
		(void)fputs("begin\n", r->file);
	else
		(void)fprintf(r->file, "# begin failed: %s\n", card_error_name(err));
	return err;
}

static enum card_error record_end(void *ctx, enum card_disposition how)
{
	struct recorder *r = ctx;

	(void)fputs(how == CARD_UNPOWER ? "end # power off\n" : "end\n", r->file);
	(void)fflush(r->file);
	return card_reader_end(r->inner, how);
}

static enum card_error record_pinpad(void *ctx, const struct card_pinpad_request *req,
				     uint8_t *resp, size_t cap, size_t *len, bool *maybe_executed)
{
	struct recorder *r = ctx;
	enum card_error err = card_reader_pinpad(r->inner, req, resp, cap, len, maybe_executed);

	/* Neither the block nor the answer: only that it happened. */
	(void)fprintf(r->file, "# pin pad: %s\n", card_error_name(err));
	return err;
}

static enum card_error record_atr(void *ctx, uint8_t *atr, size_t *len)
{
	return card_reader_atr(((struct recorder *)ctx)->inner, atr, len);
}

static unsigned record_features(void *ctx)
{
	return card_reader_features(((struct recorder *)ctx)->inner);
}

static const char *record_name(void *ctx)
{
	return card_reader_name(((struct recorder *)ctx)->inner);
}

static uint64_t record_generation(void *ctx)
{
	return card_reader_generation(((struct recorder *)ctx)->inner);
}

static void record_close(void *ctx)
{
	struct recorder *r = ctx;

	card_reader_free(&r->inner);
	(void)fclose(r->file);
	free(r);
}

static const struct card_reader_ops record_ops = {
	.transmit = record_transmit,
	.begin = record_begin,
	.end = record_end,
	.pinpad = record_pinpad,
	.atr = record_atr,
	.features = record_features,
	.name = record_name,
	.generation = record_generation,
	.close = record_close,
};

/* A private file; an old one of the same name is replaced, a link is not followed. */
static FILE *open_private(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *f;

	if (fd < 0)
		return NULL;
	if (fchmod(fd, 0600) != 0) {
		(void)close(fd);
		return NULL;
	}
	f = fdopen(fd, "w");
	if (f == NULL)
		(void)close(fd);
	return f;
}

enum card_error card_trace_record(card_reader_t **inner, const char *path, unsigned flags,
				  card_reader_t **out)
{
	struct recorder *r;
	uint8_t atr[CARD_ATR_MAX];
	size_t atr_len = 0;
	enum card_error err;

	if (inner == NULL || *inner == NULL || path == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return CARD_ERR_NO_MEMORY;
	r->file = open_private(path);
	if (r->file == NULL) {
		free(r);
		return CARD_ERR_IO;
	}
	err = card_reader_new(out, &record_ops, r);
	if (err != CARD_OK) {
		(void)fclose(r->file);
		free(r);
		return err;
	}
	r->inner = *inner;
	*inner = NULL;
	r->hide_answers = (card_reader_features(r->inner) & CARD_READER_REAL) != 0 &&
			  (flags & CARD_TRACE_PERSONAL_DATA) == 0;
	(void)fputs("# kazasu trace 1\n", r->file);
	if (card_reader_atr(r->inner, atr, &atr_len) == CARD_OK && atr_len > 0) {
		(void)fputs("atr ", r->file);
		write_hex(r->file, card_bytes(atr, atr_len));
		(void)fputc('\n', r->file);
	}
	return CARD_OK;
}
