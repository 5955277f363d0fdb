/* SPDX-License-Identifier: Apache-2.0 */
/*
 * draft.c — a record made ready before its place in the chain is known: checked, its subject
 * sealed, its fields joined. What is left for the commit is the place, the time and the hash, so
 * that many writers wait for little (group.c).
 */
#include "journal_internal.h"

#include <stdlib.h>
#include <string.h>

static void fields(const journal_t *j, const struct journal_record *r, const char *sealed,
		   const char *field[LINE_COUNT])
{
	field[LINE_EVENT] = r->event;
	field[LINE_PHASE] = line_phase_name(r->phase);
	field[LINE_RESULT] = line_result_name(r->result);
	field[LINE_TXN] = r->txn;
	field[LINE_OPERATOR] = r->operator_id;
	field[LINE_ROLE] = r->role;
	field[LINE_ORGAN] = r->organ;
	field[LINE_PROGRAM] = j->program;
	field[LINE_PROCEDURE] = r->procedure;
	field[LINE_PURPOSE] = r->purpose;
	field[LINE_BASIS] = r->basis;
	field[LINE_REASON] = r->reason;
	field[LINE_ATTRIBUTES] = r->attributes;
	field[LINE_RECIPIENT] = r->recipient;
	field[LINE_CODE] = r->code;
	field[LINE_APPROVER] = r->approver;
	field[LINE_RELATED] = r->related;
	field[LINE_HOLDER] = r->phase == JOURNAL_INTENT ? j->holder : "";
	field[LINE_SUBJECT] = sealed;
}

/* A copy behind the text that was written last. */
static const char *put(char **at, const char *text)
{
	const char *copy = *at;
	const size_t n = text != NULL ? strlen(text) : 0;

	if (n > 0)
		memcpy(*at, text, n);
	(*at)[n] = '\0';
	*at += n + 1;
	return copy;
}

static enum card_error join(const journal_t *j, const struct journal_record *r, const char *sealed,
			    struct draft *d)
{
	const char *field[LINE_COUNT] = {NULL};
	size_t room = LINE_COUNT + 4;
	char *at;

	fields(j, r, sealed, field);
	for (size_t i = LINE_EVENT; i < LINE_COUNT; i++)
		room += field[i] != NULL ? 2 * strlen(field[i]) : 0;
	room += field[LINE_TXN] != NULL ? strlen(field[LINE_TXN]) : 0;
	room += field[LINE_OPERATOR] != NULL ? strlen(field[LINE_OPERATOR]) : 0;
	room += field[LINE_ORGAN] != NULL ? strlen(field[LINE_ORGAN]) : 0;
	d->tail = at = malloc(room);
	if (at == NULL)
		return CARD_ERR_NO_MEMORY;
	for (size_t i = LINE_EVENT; i < LINE_COUNT; i++) {
		if (i > LINE_EVENT)
			*at++ = '\t';
		if (field[i] != NULL)
			at = line_escape(at, field[i]);
	}
	d->length = (size_t)(at - d->tail);
	*at++ = '\0';
	d->event = put(&at, field[LINE_EVENT]);
	d->phase = field[LINE_PHASE];
	d->txn = put(&at, field[LINE_TXN]);
	d->operator_id = put(&at, field[LINE_OPERATOR]);
	d->organ = put(&at, field[LINE_ORGAN]);
	return CARD_OK;
}

enum card_error draft_make(const journal_t *j, const struct journal_record *r, struct draft *d)
{
	const bool subject = r->subject != NULL && *r->subject != '\0';
	char *sealed = NULL;
	enum card_error err = line_check(r);

	*d = (struct draft){.start = r->start};
	if (err == CARD_OK && subject)
		err = j->seal != NULL ? journal_seal_text(j->seal, r->subject, &sealed)
				      : CARD_ERR_DENIED;
	if (err == CARD_OK)
		err = join(j, r, sealed, d);
	free(sealed);
	return err;
}

enum card_error drafts_make(const journal_t *j, const struct journal_record *r, size_t n,
			    struct draft **out)
{
	struct draft *list = calloc(n, sizeof *list);
	enum card_error err = list != NULL ? CARD_OK : CARD_ERR_NO_MEMORY;

	for (size_t i = 0; i < n && err == CARD_OK; i++)
		err = draft_make(j, &r[i], &list[i]);
	if (err != CARD_OK && list != NULL)
		drafts_free(&list, n);
	*out = list;
	return err;
}

void drafts_free(struct draft **list, size_t n)
{
	for (size_t i = 0; *list != NULL && i < n; i++)
		free((*list)[i].tail);
	free(*list);
	*list = NULL;
}
