/* SPDX-License-Identifier: Apache-2.0 */
/* identify_counter_card.c — the steps of the counter that touch the card (flows C07–C19, C22). */
#include "identify_counter.h"

#include <string.h>

#include "output.h"
#include "pictures.h"
#include "secret_entry.h"
#include "words.h"

static json_t *text(struct card_bytes t)
{
	return json_stringn((const char *)t.p, t.n);
}

/* Only what the procedure has: what is not permitted is not there. */
static void attributes_json(json_t *object, const struct card_text_attributes *a,
			    unsigned permitted)
{
	json_t *all = json_object();
	static const struct {
		unsigned bit;
		const char *key;
	} keys[] = {{FLOW_ATTR_NAME, "name"},
		    {FLOW_ATTR_ADDRESS, "address"},
		    {FLOW_ATTR_BIRTH_DATE, "birth"},
		    {FLOW_ATTR_SEX, "sex"}};

	kz_attributes_json(all, a);
	if (a->name.n == 0)
		json_object_set_new(all, "name", text(card_bytes("", 0)));
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if ((permitted & keys[i].bit) != 0)
			json_object_set(object, keys[i].key, json_object_get(all, keys[i].key));
	}
	json_decref(all);
}

/* What was read is taken over now: the check wipes it when it ends. */
static int take_over(struct kz *kz, struct kz_counter *c)
{
	const struct flow_identify_view v = flow_identify_view(c->id);
	const struct kz_pictures to = {c->w->photo, NULL, NULL};
	int rc = KZ_GO;

	if (v.attributes != NULL) {
		attributes_json(c->attributes, v.attributes, v.procedure->attributes);
		kz_attributes_say_some(kz, v.attributes, v.procedure->attributes);
	}
	if (v.face != NULL && c->w->report != NULL && v.procedure->keep_image)
		kz_counter_take_picture(c, v.face->photo_jp2);
	if (v.face != NULL && c->w->photo != NULL) {
		if (!v.procedure->keep_image)
			return kz_fail_refused(kz, "",
					       _("For this procedure no photo may be kept."));
		rc = kz_pictures_write(kz, &to, v.face);
		c->photo = rc == KZ_GO ? c->w->photo : NULL;
	}
	return rc;
}

/* C07: read twice, then a second card tells whether it is the reader. */
static int unreadable(struct kz *kz, struct kz_counter *c, enum card_error err)
{
	const char *answer = c->w->second_card;
	char line[16];
	bool works;

	if (answer == NULL &&
	    kz_ask_line(kz,
			_("The chip cannot be read. Put another card on this reader: "
			  "does it work? [works|fails] "),
			line, sizeof line))
		answer = line;
	if (answer == NULL)
		return kz_session_fail(kz, &c->card, err);
	works = strcmp(answer, "works") == 0;
	if (flow_identify_reader(c->id, works) != CARD_OK || !works)
		return kz_session_fail(kz, &c->card, err);
	return KZ_GO;
}

static int first_step(struct kz *kz, struct kz_counter *c)
{
	enum card_error err = flow_identify_card(c->id, c->card.ch, c->w->route);

	/* No secret is involved: reading again costs nothing. */
	if (err != CARD_OK && strcmp(flow_identify_view(c->id).row, "C07") == 0) {
		err = flow_identify_card(c->id, c->card.ch, c->w->route);
		if (err != CARD_OK && strcmp(flow_identify_view(c->id).row, "C07") == 0)
			return unreadable(kz, c, err);
	}
	return err == CARD_OK ? KZ_GO : kz_session_fail(kz, &c->card, err);
}

int kz_counter_card(struct kz *kz, struct kz_counter *c)
{
	const bool number_b = c->w->route == FLOW_ROUTE_NUMBER_B;
	const enum card_pin pin = number_b ? CARD_PIN_SURFACE_NUMBER_B : CARD_PIN_TEXT;
	const struct kz_entry entry = {.pin = pin, .last_try = c->w->last_try, .no_pinpad = true};
	struct kz_secret secret = {NULL, 0};
	int tries = CARD_TRIES_UNKNOWN, rc = first_step(kz, c);
	enum card_error err;

	if (rc != KZ_GO || flow_identify_view(c->id).state != FLOW_SECRET)
		return rc;
	rc = kz_secret_ask(kz, &c->card, &entry, &secret);
	if (rc != KZ_GO)
		return rc;
	err = flow_identify_secret(c->id, c->card.ch, c->w->route, secret.value, secret.flags,
				   &tries);
	kz_secret_free(&secret);
	if (err == CARD_ERR_DENIED) /* C16: the report says why */
		return KZ_GO;
	/* C11: locked, and other documents were brought. */
	if (err == CARD_ERR_PIN_LOCKED && c->w->evidence != NULL) {
		if (flow_identify_view(c->id).state == FLOW_SECRET)
			err = flow_identify_no_card(c->id);
		else
			err = CARD_OK;
	}
	if (err != CARD_OK)
		return kz_secret_fail(kz, &c->card, pin, err, tries);
	return flow_identify_view(c->id).state == FLOW_COMPARING ? take_over(kz, c) : KZ_GO;
}

/* The number as it stands on the form. */
static int typed(struct kz *kz, struct kz_counter *c, const char *atena)
{
	const struct kz_failure wrong = {
		.error = CARD_ERR_PIN_FORMAT,
		.exit = KZ_BAD_DATA,
		.message = _("The number on the form is not 12 digits with a right "
			     "check digit."),
		.hint = ""};
	card_secret_t *number = NULL;
	int rc = kz_password_ask(
		kz,
		_("The individual number as written on the form, 12 digits. It is compared "
		  "and kept nowhere."),
		_("individual number"), &number);
	enum card_error err;

	if (rc != KZ_GO)
		return rc;
	err = flow_identify_number(c->id, NULL, CARD_PIN_TEXT, number, 0, atena, NULL);
	card_secret_free(&number);
	if (err == CARD_ERR_PIN_FORMAT)
		return kz_fail(kz, &wrong);
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

int kz_counter_number(struct kz *kz, struct kz_counter *c)
{
	const struct flow_identify_view v = flow_identify_view(c->id);
	const struct kz_entry entry = {
		.pin = CARD_PIN_TEXT, .last_try = c->w->last_try, .no_pinpad = true};
	const char *atena = c->w->subject != NULL && strncmp(c->w->subject, "atena:", 6) == 0
				    ? c->w->subject + 6
				    : NULL;
	struct kz_secret secret = {NULL, 0};
	int tries = CARD_TRIES_UNKNOWN, rc;
	enum card_error err;

	/* The card of an agent tells another person's number. */
	if (c->w->form_number || v.agent || v.card != FLOW_CARD_VALID)
		return typed(kz, c, atena);
	rc = kz_secret_ask(kz, &c->card, &entry, &secret);
	if (rc != KZ_GO)
		return rc;
	err = flow_identify_number(c->id, c->card.ch, CARD_PIN_TEXT, secret.value, secret.flags,
				   atena, &tries);
	kz_secret_free(&secret);
	return err == CARD_OK ? KZ_GO : kz_secret_fail(kz, &c->card, CARD_PIN_TEXT, err, tries);
}
