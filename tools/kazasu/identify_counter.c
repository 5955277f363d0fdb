/* SPDX-License-Identifier: Apache-2.0 */
#include "identify_counter.h"

#include <stdlib.h>
#include <string.h>

#include "anchors.h"
#include "desk.h"
#include "output.h"
#include "pictures.h"
#include "rules.h"
#include "secret_entry.h"
#include "words.h"

/* What the run holds. */
struct counter {
	const struct kz_counter_words *w;
	struct kz_desk desk;
	struct flow_rules rules;
	struct kz_session card;
	card_cvca_t *cas;
	flow_register_t *reg;
	flow_identify_t *id;
	json_t *attributes;
	const char *photo;
	char second_token[FLOW_SESSION_TOKEN + 1];
};

static int fail_step(struct kz *kz, struct counter *c, enum card_error err)
{
	const struct flow_identify_view v = flow_identify_view(c->id);
	const char *code = v.codes > 0 ? v.code[v.codes - 1] : "";

	if (err != CARD_ERR_DENIED && err != CARD_ERR_NOT_FOUND)
		return c->card.ch == NULL ? kz_fail_error(kz, err) : kz_session_fail(kz, &c->card, err);
	if (strcmp(v.row, "C01") == 0)
		return kz_desk_refuse(kz, code);
	return kz_fail_refused(kz, flow_identify_message(c->id, kz->lang), _("Not permitted (%s)."), code);
}

/* What was read is taken over now: the check wipes it when it ends. */
static int take_over(struct kz *kz, struct counter *c)
{
	const struct flow_identify_view v = flow_identify_view(c->id);
	const struct kz_pictures to = {c->w->photo, NULL, NULL};
	int rc = KZ_GO;

	if (v.attributes != NULL) {
		kz_attributes_json(c->attributes, v.attributes);
		kz_attributes_say(kz, v.attributes);
	}
	if (v.face != NULL && c->w->photo != NULL) {
		if (!v.procedure->keep_image)
			return kz_fail_refused(kz, "", _("For this procedure no photo may be kept."));
		rc = kz_pictures_write(kz, &to, v.face);
		c->photo = rc == KZ_GO ? c->w->photo : NULL;
	}
	return rc;
}

static int card_steps(struct kz *kz, struct counter *c)
{
	const bool number_b = c->w->route == FLOW_ROUTE_NUMBER_B;
	const enum card_pin pin = number_b ? CARD_PIN_SURFACE_NUMBER_B : CARD_PIN_TEXT;
	const struct kz_entry entry = {.pin = pin, .last_try = c->w->last_try, .no_pinpad = true};
	struct kz_secret secret = {NULL, 0};
	int tries = CARD_TRIES_UNKNOWN, rc;
	enum card_error err = flow_identify_card(c->id, c->card.ch, c->w->route);

	if (err != CARD_OK)
		return kz_session_fail(kz, &c->card, err);
	if (flow_identify_view(c->id).state != FLOW_SECRET)
		return KZ_GO;
	rc = kz_secret_ask(kz, &c->card, &entry, &secret);
	if (rc != KZ_GO)
		return rc;
	err = flow_identify_secret(c->id, c->card.ch, c->w->route, secret.value, secret.flags, &tries);
	kz_secret_free(&secret);
	if (err == CARD_ERR_DENIED) /* C16: the report says why */
		return KZ_GO;
	if (err != CARD_OK)
		return kz_secret_fail(kz, &c->card, pin, err, tries);
	return flow_identify_view(c->id).state == FLOW_COMPARING ? take_over(kz, c) : KZ_GO;
}

static bool face_word(const char *word, enum flow_face *out)
{
	static const char *const words[] = {"same", "different", "unsure"};

	for (int i = 0; i < 3; i++) {
		if (strcmp(word, words[i]) == 0) {
			*out = (enum flow_face)i;
			return true;
		}
	}
	return false;
}

/* "menkyo:2027-01-01;gakusei" */
static int evidence(struct kz *kz, struct counter *c)
{
	struct flow_document docs[FLOW_DOCUMENTS_MAX];
	char kinds[FLOW_DOCUMENTS_MAX][40];
	const char *at = c->w->evidence;
	enum card_error err;
	size_t n = 0;

	memset(docs, 0, sizeof docs);
	while (at != NULL && *at != '\0') {
		struct card_bytes item = flow_list_next(&at);
		const char *colon = memchr(item.p, ':', item.n);
		const size_t len = colon != NULL ? (size_t)(colon - (const char *)item.p) : item.n;

		if (n == FLOW_DOCUMENTS_MAX || len >= sizeof kinds[0] ||
		    (colon != NULL && card_date_parse(card_bytes(colon + 1, item.n - len - 1),
						      &docs[n].expiry) != CARD_OK))
			return kz_fail_usage(kz, _("--evidence is a list such as menkyo:2027-01-01;gakusei."));
		snprintf(kinds[n], sizeof kinds[n], "%.*s", (int)len, (const char *)item.p);
		docs[n].kind = kinds[n];
		n++;
	}
	err = flow_identify_evidence(c->id, docs, n);
	return err == CARD_OK || err == CARD_ERR_DENIED ? KZ_GO : kz_fail_error(kz, err);
}

static int number(struct kz *kz, struct counter *c)
{
	const struct kz_entry entry = {.pin = CARD_PIN_TEXT, .last_try = c->w->last_try, .no_pinpad = true};
	const char *atena = c->w->subject != NULL && strncmp(c->w->subject, "atena:", 6) == 0
				    ? c->w->subject + 6
				    : NULL;
	struct kz_secret secret = {NULL, 0};
	int tries = CARD_TRIES_UNKNOWN, rc = kz_secret_ask(kz, &c->card, &entry, &secret);
	enum card_error err;

	if (rc != KZ_GO)
		return rc;
	err = flow_identify_number(c->id, c->card.ch, CARD_PIN_TEXT, secret.value, secret.flags, atena,
				   &tries);
	kz_secret_free(&secret);
	return err == CARD_OK ? KZ_GO : kz_secret_fail(kz, &c->card, CARD_PIN_TEXT, err, tries);
}

static int second_check(struct kz *kz, struct counter *c, const char *record)
{
	const char *code = "";
	const enum card_error err = flow_check_review(c->desk.store, c->desk.journal, c->desk.terminal,
						      c->second_token, record, kz_now(kz), &code);

	if (err == CARD_ERR_DENIED)
		return kz_desk_refuse(kz, code);
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

/* From the presenter to the end; each state has one thing to do. */
static int walk(struct kz *kz, struct counter *c)
{
	enum card_error err = flow_identify_presenter(c->id, NULL, c->w->subject);
	enum flow_face face = FLOW_FACE_UNSURE;
	int rc = err == CARD_OK ? card_steps(kz, c) : fail_step(kz, c, err);

	if (rc == KZ_GO && flow_identify_view(c->id).state == FLOW_COMPARING && c->w->face != NULL &&
	    face_word(c->w->face, &face)) {
		err = flow_identify_answer(c->id, face, FLOW_SEEN_SAME);
		rc = err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
	}
	if (rc == KZ_GO && flow_identify_view(c->id).state == FLOW_EVIDENCE && c->w->evidence != NULL)
		rc = evidence(kz, c);
	if (rc == KZ_GO && flow_identify_view(c->id).state == FLOW_NUMBER)
		rc = number(kz, c);
	if (rc == KZ_GO && flow_identify_view(c->id).state == FLOW_DECIDED) {
		err = flow_identify_decide(c->id);
		rc = err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
		if (rc == KZ_GO && c->w->second != NULL &&
		    flow_identify_view(c->id).state == FLOW_RECEIVED)
			rc = second_check(kz, c, flow_identify_view(c->id).record_id);
	}
	return rc;
}

static json_t *reasons(const struct kz *kz, const struct flow_identify_view *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->codes; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "code", v->code[i], "message",
						      flow_identify_code_text(v->code[i], kz->lang)));
	return list;
}

static json_t *checks(const struct flow_identify_view *v)
{
	json_t *object = json_object();

	for (int i = 0; i < FLOW_CHECK_COUNT_; i++)
		json_object_set_new(object, flow_check_name((enum flow_check)i),
				    json_string(card_check_name(v->check[i])));
	return object;
}

static json_t *differences(const struct flow_identify_view *v)
{
	static const char *const fields[FLOW_DIFFER_COUNT_][3] = {
		{"birth", "surface", "text"},    {"birth", "surface", "number_b"},
		{"sex", "surface", "text"},      {"expiry", "surface", "common"},
		{"expiry", "surface", "number_b"}};
	json_t *list = json_array();

	for (int i = 0; i < FLOW_DIFFER_COUNT_; i++) {
		if (v->differs[i])
			json_array_append_new(list, json_pack("{s:s, s:[s, s]}", "field", fields[i][0],
							      "between", fields[i][1], fields[i][2]));
	}
	return list;
}

static int report(struct kz *kz, struct counter *c)
{
	const struct flow_identify_view v = flow_identify_view(c->id);
	const bool test = v.test || kz_session_is_test(kz, &c->card);
	/* The verdict speaks of the card; one that was not used leaves it open. */
	const char *verdict = v.card == FLOW_CARD_VALID     ? "valid"
			      : v.card == FLOW_CARD_INVALID ? "invalid"
							    : "undetermined";

	kz_say_pair(kz, _("card"), "%s%s", verdict, test ? _("  [TEST]") : "");
	kz_say_pair(kz, _("the person"), "%s", flow_person_result_name(v.person));
	kz_say_pair(kz, _("individual number"), "%s", flow_number_result_name(v.number));
	for (size_t i = 0; i < v.codes; i++)
		kz_say_pair(kz, i == 0 ? _("noted") : "", "%s", flow_identify_code_text(v.code[i], kz->lang));
	if (*v.missing != '\0')
		kz_say_pair(kz, _("missing"), "%s", v.missing);
	kz_say_pair(kz, _("record"), "%s", v.record_id);
	kz_note(kz, "%s", flow_identify_message(c->id, kz->lang));
	kz_json(kz, json_pack("{s:s, s:s, s:s, s:o, s:o, s:O, s:s?, s:o, s:i, s:s, s:s, s:s, s:s, s:b, s:b}",
			      "verdict", verdict, "person", flow_person_result_name(v.person), "number",
			      flow_number_result_name(v.number), "reasons", reasons(kz, &v), "checks",
			      checks(&v), "attributes", c->attributes, "photo", c->photo, "differences",
			      differences(&v), "apdus", (int)card_channel_commands(c->card.ch), "journal",
			      v.record_id, "procedure", v.procedure->id, "state", flow_state_name(v.state),
			      "missing", v.missing, "supervisor", v.supervisor, "test", test));
	return v.card == FLOW_CARD_VALID ? KZ_DONE : v.card == FLOW_CARD_INVALID ? KZ_INVALID
										  : KZ_UNDETERMINED;
}

static enum card_error has_rows(void *ctx, const char *const *column, size_t n)
{
	(void)column;
	(void)n;
	*(bool *)ctx = true;
	return CARD_OK;
}

/* A register that holds nobody is none: ladder step 1 then decides about the number. */
static enum card_error open_register(struct counter *c)
{
	bool any = false;
	enum card_error err = flow_store_run(c->desk.store, "SELECT 1 FROM register_person LIMIT 1", NULL, 0,
					     has_rows, &any);

	return err == CARD_OK && any
		       ? flow_register_open(&c->reg, c->desk.store, FLOW_REGISTER_ATENA, "00")
		       : err;
}

static int begin(struct kz *kz, struct counter *c)
{
	struct flow_identify_setup setup = {.rules = &c->rules, .store = c->desk.store,
					    .journal = c->desk.journal, .terminal = c->desk.terminal,
					    .entity = FLOW_ENTITY_NUMBER_USER, .cas = c->cas};
	enum card_error err = open_register(c);

	setup.reg = c->reg;
	if (err == CARD_OK)
		err = flow_identify_new(&c->id, &setup);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	err = flow_identify_start(c->id, c->desk.token, c->w->procedure, 0, c->w->number);
	return err == CARD_OK ? KZ_GO : fail_step(kz, c, err);
}

/* flows C01: each of the two operators has a session of his own. */
static int sessions(struct kz *kz, struct counter *c)
{
	int rc = KZ_GO;

	if (c->w->second != NULL) {
		rc = kz_desk_session(kz, &c->desk, c->w->second);
		if (rc == KZ_GO)
			memcpy(c->second_token, c->desk.token, sizeof c->second_token);
	}
	return rc == KZ_GO ? kz_desk_session(kz, &c->desk, c->w->operator_id) : rc;
}

int kz_identify_counter(struct kz *kz, const struct kz_counter_words *w)
{
	struct counter c = {.w = w};
	int rc = kz_desk_open(kz, &c.desk);

	if (rc != KZ_GO)
		return rc;
	c.attributes = json_object();
	rc = sessions(kz, &c);
	if (rc == KZ_GO)
		rc = kz_rules_open(kz, NULL, &c.rules);
	if (rc == KZ_GO)
		rc = kz_anchors_cvca(kz, &c.cas);
	if (rc == KZ_GO)
		rc = begin(kz, &c);
	if (rc == KZ_GO) {
		rc = kz_session_open(kz, &c.card);
		if (rc == KZ_GO) {
			rc = walk(kz, &c);
			if (rc == KZ_GO)
				rc = report(kz, &c);
			flow_identify_free(&c.id);
			kz_session_close(&c.card);
		}
	}
	flow_identify_free(&c.id);
	flow_register_close(&c.reg);
	json_decref(c.attributes);
	card_cvca_free(&c.cas);
	flow_rules_free(&c.rules);
	card_wipe(c.second_token, sizeof c.second_token);
	kz_desk_close(&c.desk);
	return rc;
}
