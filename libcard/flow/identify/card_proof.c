/* SPDX-License-Identifier: Apache-2.0 */
/* card_proof.c — does a record of the journal prove that this person was identified today (R2-23)? */
#include <cardflow/card_admin.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct looking {
	const struct flow_card_proof *p;
	long seq;
	char txn[JOURNAL_TXN + 1]; /* "": not found yet */
	bool done, person, of_agent, subject, procedure, today;
	char day[11];
};

/* "T1-17": a terminal, which may have a - of its own, and the number of the INTENT. */
static bool split(const char *record, char terminal[41], long *seq)
{
	const char *dash = record != NULL ? strrchr(record, '-') : NULL;
	const size_t n = dash != NULL ? (size_t)(dash - record) : 0;

	if (n == 0 || n > 40 || strspn(dash + 1, "0123456789") != strlen(dash + 1) ||
	    strlen(dash + 1) > 9 || dash[1] == '\0')
		return false;
	memcpy(terminal, record, n);
	terminal[n] = '\0';
	*seq = strtol(dash + 1, NULL, 10);
	return true;
}

static enum card_error take_intent(void *ctx, const struct journal_entry *e)
{
	struct looking *l = ctx;

	if (e->seq == l->seq && strcmp(e->phase, "intent") == 0)
		snprintf(l->txn, sizeof l->txn, "%s", e->txn);
	return CARD_OK;
}

/* One of the parts of "a=b;c=d". */
static bool has_part(const char *list, const char *part)
{
	const size_t n = strlen(part);

	for (const char *at = list; at != NULL;
	     at = strchr(at, ';'), at = at != NULL ? at + 1 : NULL) {
		if (strncmp(at, part, n) == 0 && (at[n] == '\0' || at[n] == ';'))
			return true;
	}
	return false;
}

static bool proves(const struct looking *l, const char *reason)
{
	static const char word[] = ";proof=";
	const char *at = strstr(reason, word);
	char want[FLOW_CARDS_PROOF + 1];

	return at != NULL && strlen(at + sizeof word - 1) == FLOW_CARDS_PROOF &&
	       flow_cards_proof(l->p->key, l->txn, l->p->subject, want) == CARD_OK &&
	       CRYPTO_memcmp(at + sizeof word - 1, want, FLOW_CARDS_PROOF) == 0;
}

static enum card_error take_outcome(void *ctx, const struct journal_entry *e)
{
	struct looking *l = ctx;

	if (strcmp(e->phase, "outcome") != 0 || strcmp(e->event, "identity-check") != 0)
		return CARD_OK;
	l->done = true;
	l->person = strcmp(e->result, "ok") == 0 && has_part(e->code, "person=confirmed");
	/* Who comes for a child or a ward is the holder's voice; a voluntary agent is not (TV-09 is about
	 * delivery alone). */
	l->of_agent = strncmp(e->reason, "presenter=agent", 15) == 0;
	l->procedure = strcmp(e->procedure, l->p->procedure) == 0;
	l->subject = proves(l, e->reason);
	l->today = strncmp(e->end, l->day, 10) == 0;
	return CARD_OK;
}

static const char *judge(const struct looking *l)
{
	if (l->txn[0] == '\0')
		return "record_unknown";
	if (!l->done || !l->person)
		return "record_not_confirmed";
	if (!l->today)
		return "record_not_today";
	if (!l->procedure)
		return "record_other_procedure";
	if (l->of_agent)
		return "record_of_agent";
	return l->subject ? NULL : "record_other_subject";
}

/* Most are of today; one of another day is looked for so that the refusal can say so. */
static enum card_error look(flow_store_t *store, struct looking *l, const char *terminal)
{
	char before[11];
	struct journal_filter near = {
		.terminal = terminal, .event = "identity-check", .from = before};
	const struct journal_filter all = {.terminal = terminal, .event = "identity-check"};
	const struct journal_filter txn = {.txn = l->txn};
	enum card_error err;

	card_date_format(card_date_in_japan(card_date_start_in_japan(l->p->today) - 1), before);
	err = journal_read(store, &near, take_intent, l);
	if (err == CARD_OK && l->txn[0] == '\0')
		err = journal_read(store, &all, take_intent, l);
	if (err == CARD_OK && l->txn[0] != '\0')
		err = journal_read(store, &txn, take_outcome, l);
	return err;
}

enum card_error flow_card_proof_check(flow_store_t *store, journal_t *j,
				      const struct flow_card_proof *p, char seq[24],
				      const char **code)
{
	struct looking l = {.p = p};
	char terminal[41];
	long bad = 0;
	enum card_error err;

	if (store == NULL || j == NULL || p == NULL || p->key == NULL || p->procedure == NULL ||
	    p->subject == NULL || !card_date_valid(p->today) || seq == NULL || code == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*code = "record_unknown";
	if (!split(p->record, terminal, &l.seq))
		return CARD_ERR_DENIED;
	card_date_format(p->today, l.day);
	snprintf(seq, 24, "%ld", l.seq);
	err = journal_check(j, true, &bad);
	if (err == CARD_OK && bad == 0)
		err = look(store, &l, terminal);
	if (err != CARD_OK)
		return err;
	*code = bad != 0 ? "journal_broken" : judge(&l);
	return *code == NULL ? CARD_OK : CARD_ERR_DENIED;
}
