/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <limits.h>
#include <string.h>
#include <time.h>

#include <card/jpki.h>
#include <card/sim.h>
#include <card/token.h>
#include <card/trace.h>

#include "config.h"
#include "output.h"

/* How long another program's transaction is waited for unless --wait says otherwise. */
#define BUSY_MS 10000u

static unsigned busy_ms(const struct kz *kz)
{
	if (kz->opt.wait < 0)
		return BUSY_MS;
	return kz->opt.wait == 0 ? 1 : (unsigned)kz->opt.wait * 1000u;
}

static int open_persona(struct kz *kz, const char *persona, struct kz_session *out)
{
	struct card_sim_problem problem = {""};
	struct kz_failure f = {.hint = ""};
	card_sim_t *sim = NULL;

	f.error = card_sim_new(&sim, persona, NULL, &problem);
	if (f.error == CARD_OK) {
		f.error = card_sim_reader_new(&out->reader, sim);
		card_sim_free(&sim);
	}
	out->virtual_card = true;
	if (f.error == CARD_OK)
		return KZ_GO;
	f.exit = f.error == CARD_ERR_NOT_FOUND ? KZ_NO_INPUT : 0;
	f.message = problem.text[0] != '\0' ? problem.text : NULL;
	return kz_fail(kz, &f);
}

static int open_trace(struct kz *kz, const char *path, struct kz_session *out)
{
	char message[512];
	struct kz_failure f = {.exit = KZ_NO_INPUT, .message = message, .hint = ""};

	f.error = card_trace_replay(path, &out->reader);
	if (f.error == CARD_OK)
		return KZ_GO;
	if (f.error == CARD_ERR_MALFORMED) {
		f.exit = KZ_BAD_DATA;
		snprintf(message, sizeof message,
			 _("%s is no trace that can be replayed (traces of real cards hide what "
			   "is protected)."),
			 path);
	} else {
		snprintf(message, sizeof message, _("The trace %s cannot be read."), path);
	}
	return kz_fail(kz, &f);
}

/* ---------------------------------------------------------------- PC/SC */

static bool say_waiting(void *ctx, unsigned waited_ms)
{
	const struct kz *kz = ctx;

	if (waited_ms < 3000)
		kz_note(kz, _("Waiting for the reader: another program holds it …"));
	return true;
}

static unsigned ms_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned)((now.tv_sec - start->tv_sec) * 1000 +
			  (now.tv_nsec - start->tv_nsec) / 1000000);
}

struct candidates {
	const struct card_pcsc_reader *of[CARD_PCSC_READERS_MAX];
	size_t n;     /* readers with a card */
	size_t named; /* readers that fit, with or without one */
};

/* Readers that may be meant: an exact name alone, else those with the part in their name, else
 * (part NULL) all that the configuration does not exclude. */
static void choose(const struct card_pcsc_reader *list, size_t n, const char *part,
		   const struct kz_config *config, struct candidates *out)
{
	bool exact = false;

	memset(out, 0, sizeof *out);
	for (size_t i = 0; part != NULL && i < n; i++)
		exact |= strcmp(list[i].name, part) == 0;
	for (size_t i = 0; i < n; i++) {
		if (part == NULL ? kz_config_excludes(config, &list[i])
		    : exact      ? strcmp(list[i].name, part) != 0
				 : strstr(list[i].name, part) == NULL)
			continue;
		out->named++;
		if (list[i].card || list[i].mute)
			out->of[out->n++] = &list[i];
	}
}

/* Does the card in this reader have the JPKI application? */
static bool has_jpki(card_pcsc_t *pcsc, const struct card_pcsc_reader *r, unsigned wait_ms)
{
	card_reader_t *reader = NULL;
	card_channel_t *ch = NULL;
	bool yes = false;

	if (card_pcsc_open(pcsc, r->name, wait_ms, &reader) != CARD_OK)
		return false;
	if (card_channel_new(&ch, reader) == CARD_OK &&
	    card_channel_begin(ch, wait_ms) == CARD_OK) {
		yes = card_jpki_select(ch) == CARD_OK && card_channel_sw(ch) == 0x9000;
		card_channel_end(ch);
	}
	card_channel_free(&ch);
	card_reader_free(&reader);
	return yes;
}

static int fail_ambiguous(struct kz *kz, const struct candidates *c)
{
	char message[600], names[420] = "";
	struct kz_failure f = {.error = CARD_ERR_AMBIGUOUS, .message = message};

	for (size_t i = 0; i < c->n; i++) {
		size_t used = strlen(names);

		snprintf(names + used, sizeof names - used, "%s\"%s\"", i > 0 ? ", " : "",
			 c->of[i]->name);
	}
	snprintf(message, sizeof message, _("Several readers hold a card that fits: %s."), names);
	return kz_fail(kz, &f);
}

/* Of several cards, the one with the JPKI application. */
static int probe(struct kz *kz, card_pcsc_t *pcsc, struct candidates *c)
{
	struct candidates with = {.named = c->named};

	for (size_t i = 0; i < c->n; i++) {
		if (has_jpki(pcsc, c->of[i], busy_ms(kz)))
			with.of[with.n++] = c->of[i];
	}
	if (with.n == 0)
		return kz_fail_error(kz, CARD_ERR_WRONG_TOKEN);
	if (with.n > 1)
		return fail_ambiguous(kz, &with);
	*c = with;
	return KZ_GO;
}

/* Wait for a card in the readers that are meant; *found receives the reader. */
static int find_card(struct kz *kz, card_pcsc_t *pcsc, const char *part,
		     struct card_pcsc_reader *found)
{
	struct card_pcsc_reader list[CARD_PCSC_READERS_MAX];
	const unsigned limit = kz->opt.wait > 0 ? (unsigned)kz->opt.wait * 1000u : 0;
	struct kz_config config;
	struct timespec start;
	bool told = false;
	int rc = kz_config_read(kz, &config);

	if (rc != KZ_GO)
		return rc;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		struct candidates c;
		unsigned waited, slice;
		size_t n = CARD_PCSC_READERS_MAX;
		enum card_error err = card_pcsc_list(pcsc, list, &n);

		if (err != CARD_OK)
			return kz_fail_error(kz, err);
		choose(list, n, part, &config, &c);
		rc = KZ_GO;
		if (c.n > 1)
			rc = part != NULL ? fail_ambiguous(kz, &c) : probe(kz, pcsc, &c);
		if (rc != KZ_GO)
			return rc;
		if (c.n == 1) {
			*found = *c.of[0];
			return KZ_GO;
		}
		waited = ms_since(&start);
		if (waited >= limit)
			return kz_fail_error(kz,
					     c.named > 0 ? CARD_ERR_NO_CARD : CARD_ERR_NO_READER);
		if (waited >= 2000 && !told) {
			kz_note(kz, _("Waiting for a card …"));
			told = true;
		}
		slice = told || limit < 2000 ? limit - waited : 2000 - waited;
		err = card_pcsc_wait_change(pcsc, list, n, slice > 0 ? slice : 1);
		if (err != CARD_OK && err != CARD_ERR_TIMEOUT)
			return kz_fail_error(kz, err);
	}
}

static int open_pcsc(struct kz *kz, const char *part, struct kz_session *out)
{
	struct card_pcsc_reader found;
	card_pcsc_t *pcsc = NULL;
	enum card_error err = card_pcsc_new(&pcsc);
	int rc;

	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	card_pcsc_on_wait(pcsc, say_waiting, kz);
	rc = find_card(kz, pcsc, part, &found);
	if (rc == KZ_GO) {
		err = card_pcsc_open(pcsc, found.name, busy_ms(kz), &out->reader);
		if (err != CARD_OK)
			rc = kz_fail_error(kz, err);
	}
	card_pcsc_free(&pcsc);
	return rc;
}

/* ---------------------------------------------------------------- any card */

static int record(struct kz *kz, struct kz_session *s)
{
	const unsigned flags = kz->opt.trace_personal ? CARD_TRACE_PERSONAL_DATA : 0;
	struct kz_failure f = {.exit = KZ_CANNOT_WRITE, .hint = ""};
	card_reader_t *recording = NULL;
	char message[512];

	f.error = card_trace_record(&s->reader, kz->opt.trace, flags, &recording);
	if (f.error == CARD_OK) {
		s->reader = recording;
		return KZ_GO;
	}
	f.message = message;
	snprintf(message, sizeof message, _("The trace %s cannot be written."), kz->opt.trace);
	return kz_fail(kz, &f);
}

int kz_session_open(struct kz *kz, struct kz_session *out)
{
	const char *where = kz->opt.reader != NULL ? kz->opt.reader : "pcsc";
	enum card_error err;
	int rc;

	memset(out, 0, sizeof *out);
	if (strncmp(where, "sim:", 4) == 0)
		rc = open_persona(kz, where + 4, out);
	else if (strncmp(where, "trace:", 6) == 0)
		rc = open_trace(kz, where + 6, out);
	else
		rc = open_pcsc(kz, strcmp(where, "pcsc") == 0 ? NULL : where, out);
	if (rc == KZ_GO && kz->opt.trace != NULL)
		rc = record(kz, out);
	if (rc == KZ_GO) {
		err = card_channel_new(&out->ch, out->reader);
		rc = err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
	}
	if (rc != KZ_GO)
		kz_session_close(out);
	return rc;
}

void kz_session_close(struct kz_session *s)
{
	card_channel_free(&s->ch);
	card_reader_free(&s->reader);
}

enum card_error kz_session_begin(struct kz *kz, struct kz_session *s)
{
	enum card_error err = card_channel_begin(s->ch, busy_ms(kz));

	if (err != CARD_OK)
		return err;
	/* While a person was asked, the card may have been exchanged: one run speaks of one card. */
	if (s->begun && card_channel_generation(s->ch) != s->generation) {
		(void)card_channel_end(s->ch);
		return CARD_ERR_REMOVED;
	}
	return CARD_OK;
}

enum card_error kz_session_end(struct kz_session *s, enum card_error error)
{
	enum card_error end;

	s->sw = card_channel_sw(s->ch);
	s->begun = true;
	s->generation = card_channel_generation(s->ch);
	end = card_channel_end(s->ch);
	/* What did not fit was an answer longer than its file can be. */
	if (error == CARD_ERR_BUFFER_TOO_SMALL)
		return CARD_ERR_TOO_LONG;
	if (error != CARD_OK || end == CARD_ERR_REMOVED || end == CARD_ERR_RESET)
		return error;
	return end;
}

int kz_session_fail(struct kz *kz, struct kz_session *s, enum card_error error)
{
	struct kz_failure f = {.error = error, .sw = s->sw == 0x9000 ? 0 : s->sw};
	enum card_token_kind kind = CARD_TOKEN_CARD;
	enum card_error err;
	char message[256];

	if (error != CARD_ERR_NOT_FOUND && error != CARD_ERR_STATUS &&
	    error != CARD_ERR_NO_CERTIFICATE)
		return kz_fail(kz, &f);
	/* Something is missing: which card is this? */
	err = kz_session_begin(kz, s);
	if (err == CARD_OK)
		err = card_token_identify(s->ch, &kind, NULL);
	card_channel_end(s->ch);
	if (err != CARD_OK || kind == CARD_TOKEN_CARD ||
	    (error == CARD_ERR_NO_CERTIFICATE &&
	     (kind == CARD_TOKEN_ANDROID || kind == CARD_TOKEN_IPHONE)))
		return kz_fail(kz, &f);
	f.error = CARD_ERR_WRONG_TOKEN;
	if (kind == CARD_TOKEN_UNKNOWN)
		snprintf(message, sizeof message, "%s",
			 _("The card on the reader is not a My Number Card."));
	else
		snprintf(message, sizeof message,
			 _("The card on the reader is a %s; it cannot be "
			   "used for this."),
			 card_token_kind_text(kind, kz->lang));
	f.message = message;
	return kz_fail(kz, &f);
}

bool kz_session_is_test(const struct kz *kz, const struct kz_session *s)
{
	return kz->opt.test_roots || s->virtual_card;
}
