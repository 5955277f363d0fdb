/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kiosk_attendant.c — the attendant (係員) clears what lies at a terminal without seeing it: card and
 * sheets go face down into a sealed cover with a number, and what becomes of the cover is recorded
 * (flows K23, K35, K40). Proven by a session with the role attendant; the journal of this machine
 * is the record.
 */
#include "kiosk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk.h"
#include "file.h"
#include "options.h"
#include "output.h"

#define ROLE "attendant"

/* ---- a clearing that waits for a terminal which is being driven ---- */

static void mark_path(const struct kiosk *k, char out[KZ_PATH_MAX + 16])
{
	snprintf(out, KZ_PATH_MAX + 16, "%s/cleared.json", k->state);
}

static bool put_mark(struct kiosk *k, const struct flow_terminal_clearing *c)
{
	char path[KZ_PATH_MAX + 16];
	json_t *json = json_pack("{s:s, s:s, s:i, s:b}", "by", c->by, "cover", c->cover, "sheets",
				 (int)c->sheets, "card", c->card);
	char *text = json_dumps(json, JSON_COMPACT);
	bool good;

	mark_path(k, path);
	good = text != NULL &&
	       kz_file_write(&k->quiet, path, card_bytes(text, strlen(text)), 0600) == KZ_GO;
	free(text);
	json_decref(json);
	return good;
}

/* Taken once. */
static bool take_mark(struct kiosk *k, struct flow_terminal_clearing *out)
{
	char path[KZ_PATH_MAX + 16];
	const char *by, *cover;
	json_t *json;

	mark_path(k, path);
	json = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	by = json_string_value(json_object_get(json, "by"));
	cover = json_string_value(json_object_get(json, "cover"));
	if (by != NULL && cover != NULL) {
		snprintf(out->by, sizeof out->by, "%s", by);
		snprintf(out->cover, sizeof out->cover, "%s", cover);
		out->sheets = (unsigned)json_integer_value(json_object_get(json, "sheets"));
		out->card = json_is_true(json_object_get(json, "card"));
	}
	json_decref(json);
	return by != NULL && cover != NULL && unlink(path) == 0;
}

bool kiosk_attendant_is_here(const struct kiosk *k)
{
	return k->kz->opt.test_roots &&
	       (k->words.attendant == NULL || strcmp(k->words.attendant, "here") == 0);
}

bool kiosk_cleared(void *ctx, int seconds, struct flow_terminal_clearing *out)
{
	struct kiosk *k = ctx;

	if (kiosk_attendant_is_here(k)) {
		snprintf(out->by, sizeof out->by, "attendant");
		return kiosk_printer_clear(k, seconds);
	}
	if (k->words.attendant != NULL || k->words.hurry) { /* away */
		k->ahead_ms += (int64_t)seconds * 1000;
		return false;
	}
	for (int i = 0; i < seconds; i++) {
		if (take_mark(k, out))
			return kiosk_printer_clear(k, seconds - i);
		sleep(1);
	}
	return false;
}

/* ---- who, and the record ---- */

static int prove(struct kiosk *k, struct kz_desk *d)
{
	int rc = kz_desk_open(k->kz, d);

	if (rc != KZ_GO)
		return rc;
	rc = kz_desk_session(k->kz, d, k->words.as);
	if (rc != KZ_GO || flow_list_has(d->who.roles, ROLE))
		return rc;
	return kz_fail(k->kz,
		       &(struct kz_failure){
			       .error = CARD_ERR_DENIED,
			       .exit = KZ_NO_PERMISSION,
			       .message = _("Only an attendant clears a terminal."),
			       .hint = _("`kazasu operator change ID --roles attendant` gives "
					 "the role.")});
}

/* forgotten-item: who, which cover, of which inquiry number, what became of it. */
static int record(struct kiosk *k, struct kz_desk *d, const char *code, const char *cover,
		  const char *inquiry)
{
	char reason[200];
	const struct journal_record r = {.event = "forgotten-item",
					 .phase = JOURNAL_EVENT,
					 .result = JOURNAL_OK,
					 .operator_id = d->who.id,
					 .role = ROLE,
					 .organ = d->who.organ,
					 .code = code,
					 .reason = reason};
	enum card_error err;

	snprintf(reason, sizeof reason, "terminal %s, cover %s, inquiry %s", k->id,
		 *cover != '\0' ? cover : "-", inquiry != NULL ? inquiry : "-");
	err = journal_append(d->journal, &r, 1, NULL);
	return err == CARD_OK ? KZ_GO : kz_desk_fail(k->kz, err, flow_store_message(d->store));
}

static bool is_cover(const char *text)
{
	const size_t n = strlen(text);

	return n >= 1 && n <= 32 &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static int read_clearing(struct kiosk *k, struct flow_terminal_clearing *out)
{
	const struct kiosk_words *w = &k->words;
	long sheets = 0;

	if (w->sheets != NULL && !kz_number(w->sheets, 1000, &sheets))
		return kz_fail_usage(k->kz, _("--sheets is a number."));
	if (w->cover != NULL && !is_cover(w->cover))
		return kz_fail_usage(k->kz, _("A cover's number is of letters, digits and '-'."));
	if (w->cover == NULL && (sheets > 0 || w->card))
		return kz_fail_usage(
			k->kz, _("What is taken out goes into a sealed cover: --cover NUMBER."));
	out->sheets = (unsigned)sheets;
	out->card = w->card;
	snprintf(out->cover, sizeof out->cover, "%s", w->cover != NULL ? w->cover : "");
	return KZ_GO;
}

/* ---- clear ---- */

static int fail_clear(struct kiosk *k, enum card_error err)
{
	if (err != CARD_ERR_INTERNAL)
		return kz_fail_error(k->kz, err);
	return kz_fail(
		k->kz,
		&(struct kz_failure){
			.error = err,
			.exit = KZ_IO,
			.message = _(
				"That nothing is left on this terminal could not be proven. It stays closed until it was looked after."),
			.hint = ""});
}

static int lift(struct kiosk *k, flow_terminal_t *t, const struct flow_terminal_clearing *c)
{
	enum card_error err = CARD_OK;

	if (!kiosk_printer_clear(k, 5))
		return kz_fail(k->kz, &(struct kz_failure){
					      .error = CARD_ERR_NO_SERVICE,
					      .exit = KZ_UNAVAILABLE,
					      .message = _("The printer is not in order yet."),
					      .hint = ""});
	err = flow_terminal_clear(t, c);
	return err == CARD_OK ? KZ_GO : fail_clear(k, err);
}

static int clear_with(struct kiosk *k, struct kz_desk *d, const struct flow_terminal_clearing *c)
{
	char notes[KZ_PATH_MAX + 16];
	json_t *before;
	const json_t *blocked;
	flow_terminal_t *t = NULL;
	const char *inquiry;
	int rc;

	kiosk_notes(k, notes);
	before = flow_terminal_notes(notes);
	blocked = json_object_get(before, "blocked");
	inquiry = json_string_value(json_object_get(blocked, "inquiry"));
	/* The record first: nothing is handed over that is not written down. */
	rc = record(k, d, c->cover[0] != '\0' ? "sealed" : "empty", c->cover, inquiry);
	if (rc == KZ_GO && flow_terminal_driven(notes)) {
		/* The process that drives the terminal is waiting for this. */
		rc = put_mark(k, c) ? KZ_GO : kz_fail_error(k->kz, CARD_ERR_IO);
	} else if (rc == KZ_GO) {
		rc = kiosk_start(k, &t);
		if (rc == KZ_GO)
			rc = lift(k, t, c);
		kiosk_stop(k, &t);
	}
	json_decref(before);
	if (rc != KZ_GO)
		return rc;
	kz_say_pair(k->kz, _("cleared"), "%s", k->id);
	if (c->cover[0] != '\0')
		kz_say_pair(k->kz, _("sealed cover"), "%s", c->cover);
	kz_json(k->kz, json_pack("{s:s, s:s, s:s?, s:i, s:b}", "terminal", k->id, "by", c->by,
				 "cover", c->cover[0] != '\0' ? c->cover : NULL, "sheets",
				 (int)c->sheets, "card", c->card));
	return KZ_DONE;
}

int kiosk_clear(struct kiosk *k)
{
	struct flow_terminal_clearing c = {{0}, {0}, 0, false};
	struct kz_desk d;
	int rc = read_clearing(k, &c);

	if (rc == KZ_GO)
		rc = prove(k, &d);
	else
		return rc;
	if (rc == KZ_GO) {
		snprintf(c.by, sizeof c.by, "%s", d.who.id);
		rc = clear_with(k, &d, &c);
	}
	kz_desk_close(&d);
	return rc;
}

/* ---- what becomes of a cover ---- */

static int end_cover(struct kiosk *k, struct kz_desk *d, const char *cover)
{
	const char *to = k->words.handed_to;
	char notes[KZ_PATH_MAX + 16], code[40];
	json_t *was = NULL;
	enum card_error err;
	int rc;

	snprintf(code, sizeof code, "%s%s", to != NULL ? "handed-over-" : "destroyed",
		 to != NULL ? to : "");
	kiosk_notes(k, notes);
	err = flow_terminal_cover_end(notes, cover, &was);
	if (err == CARD_ERR_NOT_FOUND)
		return kz_fail_refused(k->kz, _("`kazasu kiosk status` lists them."),
				       _("There is no such cover at this terminal."));
	if (err != CARD_OK)
		return kz_fail_error(k->kz, err);
	rc = record(k, d, code, cover, json_string_value(json_object_get(was, "inquiry")));
	if (rc == KZ_GO) {
		kz_say_pair(k->kz, cover, "%s", to != NULL ? _("handed over") : _("destroyed"));
		kz_json(k->kz,
			json_pack("{s:s, s:s, s:s?}", "cover", cover, "done", code, "to", to));
		rc = KZ_DONE;
	}
	json_decref(was);
	return rc;
}

int kiosk_cover(struct kiosk *k, const char *cover)
{
	static const char *const places[] = {"holder", "municipality", "police"};
	const char *to = k->words.handed_to;
	struct kz_desk d;
	bool known = to == NULL;
	int rc;

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		known |= to != NULL && strcmp(places[i], to) == 0;
	if ((to != NULL) == k->words.destroyed || !known)
		return kz_fail_usage(
			k->kz,
			_("A cover is --destroyed, or --handed-to holder, municipality or police."));
	rc = prove(k, &d);
	if (rc == KZ_GO)
		rc = end_cover(k, &d, cover);
	kz_desk_close(&d);
	return rc;
}
