/* SPDX-License-Identifier: Apache-2.0 */
/* journal_keep.c — how long records stay, and what is added to them later (rules 7.3, PD-39). */
#include "journal_read.h"

#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "output.h"
#include "rules.h"

int kz_journal_prune(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w)
{
	long years = 7, erased; /* PD-33 */
	enum card_error err;

	if (w->years != NULL && !kz_number(w->years, 100, &years))
		return kz_fail_usage(kz, _("--years takes a number."));
	if (!kz_journal_role(d, "security"))
		return kz_desk_refuse(kz, "role");
	/* PD-33: the inquiries are access records of the register network: never below 7 years. */
	if (years < 7)
		return kz_fail_refused(kz, "", _("Records are kept for 7 years at least."));
	err = journal_prune(d->journal, kz_today(kz), (int)years, d->who.id, &erased);
	if (err == CARD_ERR_DENIED)
		return kz_fail_refused(kz,
				       _("In PostgreSQL the owner of the tables erases; name a "
					 "connection of the owner as counter-store."),
				       _("This connection may not erase."));
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, _("erased"), "%ld", erased);
	kz_json(kz, json_pack("{s:I}", "erased", (json_int_t)erased));
	return KZ_DONE;
}

/* "17" or "17-20". */
static bool parse_range(const char *text, long *first, long *last)
{
	char *end;

	*first = *last = strtol(text, &end, 10);
	if (*end == '-')
		*last = strtol(end + 1, &end, 10);
	return *text >= '1' && *text <= '9' && *end == '\0' && *last >= *first;
}

int kz_journal_hold(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w,
		    const char *range)
{
	struct card_date until = {0};
	long first, last;
	enum card_error err;
	int rc = kz_date_option(kz, "until", w->until, &until);

	if (rc != KZ_GO)
		return rc;
	if (!kz_journal_role(d, "security"))
		return kz_desk_refuse(kz, "role");
	if (!parse_range(range, &first, &last) || w->reason == NULL || w->until == NULL)
		return kz_fail_usage(
			kz, _("A hold needs records such as 17-20, --until and --reason."));
	err = journal_hold(d->journal, first, last, until, w->reason, d->who.id);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, _("held until"), "%s, %ld-%ld", w->until, first, last);
	kz_json(kz, json_pack("{s:I, s:I, s:s}", "first", (json_int_t)first, "last",
			      (json_int_t)last, "until", w->until));
	return KZ_DONE;
}

struct looking {
	const char *seq;
	bool found;
};

static enum card_error look(void *ctx, const char *const *column, size_t n)
{
	struct looking *l = ctx;

	l->found = l->found || (n == 4 && column[0] != NULL && strcmp(column[0], l->seq) == 0);
	return CARD_OK;
}

/* Auditors and system administrators only look. */
static bool works_here(const struct kz_desk *d)
{
	static const char *const roles[] = {"operator", "reception",  "checker",
					    "internal", "supervisor", "security"};

	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
		if (kz_journal_role(d, roles[i]))
			return true;
	}
	return false;
}

int kz_journal_explain(struct kz *kz, struct kz_desk *d, const char *seq, const char *text)
{
	const struct journal_record r = {.event = "unknown-explained",
					 .result = JOURNAL_OK,
					 .operator_id = d->who.id,
					 .role = d->who.roles,
					 .organ = d->who.organ,
					 .reason = text,
					 .related = seq};
	struct looking l = {seq, false};
	enum card_error err;

	if (!works_here(d))
		return kz_desk_refuse(kz, "role");
	err = journal_unexplained(d->store, d->terminal, look, &l);
	if (err == CARD_OK && !l.found)
		return kz_fail_usage(kz, _("Record %s is not one that waits for an explanation."),
				     seq);
	if (err == CARD_OK && *text == '\0')
		return kz_fail_usage(kz, _("An explanation needs words."));
	if (err == CARD_OK)
		err = journal_append(d->journal, &r, 1, NULL);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, _("explained"), "%s", seq);
	kz_json(kz, json_pack("{s:s}", "explained", seq));
	return KZ_DONE;
}

/* What was done on paper while nothing could be written (flows C02). */
int kz_journal_late(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w)
{
	struct journal_record r = {.event = "late-entry",
				   .result = JOURNAL_OK,
				   .operator_id = d->who.id,
				   .role = d->who.roles,
				   .organ = d->who.organ,
				   .reason = w->reason,
				   .subject = w->subject,
				   .procedure = w->procedure};
	char when[32];
	long seq = 0;
	enum card_error err;

	if (!works_here(d))
		return kz_desk_refuse(kz, "role");
	if (w->when == NULL || w->reason == NULL)
		return kz_fail_usage(kz,
				     _("A late entry needs --when 2026-04-01T09:30 and --reason."));
	snprintf(when, sizeof when, strlen(w->when) == 16 ? "%.16s:00+09:00" : "%.31s", w->when);
	if (card_time_parse(when, &r.start) != CARD_OK || r.start > kz_now(kz))
		return kz_fail_usage(
			kz, _("--when takes a time in the past such as 2026-04-01T09:30."));
	err = journal_append(d->journal, &r, 1, &seq);
	if (err == CARD_ERR_DENIED || err == CARD_ERR_INVALID_ARGUMENT)
		return kz_fail_refused(kz, "",
				       _("The entry holds a number or words that may not stand "
					 "in the journal."));
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, _("entered late"), "%ld", seq);
	kz_json(kz, json_pack("{s:I}", "record", (json_int_t)seq));
	return KZ_DONE;
}
