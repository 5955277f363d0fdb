/* SPDX-License-Identifier: Apache-2.0 */
/* terminal_paper.c — message 5 is checked here once more, against what this terminal asked for (K18, K21). */
#include "terminal.h"

#include <card/secret.h>
#include <cardflow/front.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

static bool is_text(const json_t *json, const char *key, const char *wanted)
{
	const char *text = flow_issue_text(json, key, 128);

	return text != NULL && strcmp(text, wanted) == 0;
}

static int64_t number_of(const json_t *json, const char *key)
{
	const json_t *v = json_object_get(json, key);

	return json_is_integer(v) ? json_integer_value(v) : -1;
}

/* Two objects of options, absent keys being false. */
static bool same_options(const json_t *asked, json_t *got)
{
	json_t *empty = json_object();
	json_t *a = asked != NULL ? json_deep_copy(asked) : json_incref(empty);
	json_t *b = got != NULL ? got : empty;
	const char *key;
	json_t *value;
	bool same = empty != NULL && a != NULL;

	json_object_foreach(a, key, value)
	{
		const json_t *other = json_object_get(b, key);

		same &= json_equal(value, other) || (json_is_false(value) && other == NULL);
	}
	json_object_foreach(b, key, value)
	{
		/* What was not asked for is not printed: no 個人番号 by a default. */
		same &= json_object_get(a, key) != NULL || json_is_false(value);
	}
	json_decref(a);
	json_decref(empty);
	return same;
}

static bool digest_is(struct card_bytes bytes, const char *hex)
{
	uint8_t hash[32];
	char text[65];

	if (hex == NULL || EVP_Digest(bytes.p, bytes.n, hash, NULL, EVP_sha256(), NULL) != 1)
		return false;
	flow_issue_hex_text(hash, sizeof hash, text);
	return strcmp(text, hex) == 0;
}

/* What was chosen is known, and nothing has been printed yet. */
static bool first_time(const struct errand *e)
{
	return e->choice != NULL && e->attempt == 0;
}

/* The backs and numbers of this attempt; all of them on a first one. */
static bool take_copies(struct errand *e, const json_t *list)
{
	struct flow_terminal_paper *p = &e->paper;
	size_t n = json_array_size(list);

	if (n < 1 || n > e->out->copies || (first_time(e) && n != e->out->copies))
		return false;
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(list, i);
		const char *back = flow_issue_text(one, "back", 16);
		uint32_t pages = 0;

		p->number[i] = flow_issue_text(one, "copy", 14);
		if (p->number[i] == NULL || back == NULL || number_of(one, "sheets") != p->pages)
			return false;
		for (size_t k = 0; k < i; k++)
			if (strcmp(p->number[k], p->number[i]) == 0)
				return false;
		p->back[i] = flow_issue_message_part(&e->message5, back);
		if (p->back[i].p == NULL || flow_front_pages(p->back[i], &pages) != CARD_OK ||
		    pages != p->pages)
			return false;
	}
	p->copies = (unsigned)n;
	return true;
}

/* Kind, options and fee as they were chosen. Of an earlier session only the centre knows them: the
 * screen shows what it says before anything is printed. */
static bool as_chosen(struct errand *e, const json_t *json)
{
	const char *kind = flow_issue_text(json, "kind", sizeof e->out->kind - 1);
	const int64_t fee = number_of(json, "fee");

	if (e->choice != NULL)
		return is_text(json, "kind", e->choice->kind) && fee == e->out->fee &&
		       same_options(e->choice->options, json_object_get(json, "options"));
	if (kind == NULL || fee < 0)
		return false;
	snprintf(e->out->kind, sizeof e->out->kind, "%s", kind);
	e->out->fee = fee;
	if (e->out->copies == 0)
		e->out->copies =
			fee > 0 ? (unsigned)(number_of(json, "amount") / fee)
				: (unsigned)json_array_size(json_object_get(json, "copies"));
	return e->out->copies <= FLOW_TERMINAL_COPIES;
}

static bool agrees(struct errand *e)
{
	const json_t *json = e->message5.json;
	struct flow_terminal_paper *p = &e->paper;
	int64_t pages = number_of(json, "pages");
	uint32_t counted = 0;

	p->front = flow_issue_message_part(&e->message5, "front");
	if (!is_text(json, "transaction", e->transaction) ||
	    !is_text(json, "binding", e->binding) || !as_chosen(e, json) || pages < 1 ||
	    pages > TERMINAL_PAGES || p->front.p == NULL)
		return false;
	p->pages = (unsigned)pages;
	e->out->pages = p->pages;
	e->amount = number_of(json, "amount");
	return e->amount == e->out->fee * (int64_t)e->out->copies &&
	       digest_is(p->front, flow_issue_text(json, "front_sha256", 64)) &&
	       flow_front_pages(p->front, &counted) == CARD_OK && counted == p->pages &&
	       take_copies(e, json_object_get(json, "copies"));
}

enum card_error paper_take(struct errand *e)
{
	paper_wipe(e);
	e->document = e->raw; /* moved: the parts point into it */
	e->message5 = e->answer;
	e->raw = (card_buf_t){0};
	e->answer = (struct flow_issue_message){0};
	if (agrees(e))
		return CARD_OK;
	paper_wipe(e);
	return CARD_ERR_MALFORMED;
}

void paper_wipe(struct errand *e)
{
	memset(&e->paper, 0, sizeof e->paper);
	flow_issue_message_free(&e->message5);
	card_buf_free(&e->document);
}
