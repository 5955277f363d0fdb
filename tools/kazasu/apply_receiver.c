/* SPDX-License-Identifier: Apache-2.0 */
/* apply_receiver.c — receive, list, open, decide, retry, erase: the receiver's side. */
#include "apply.h"

#include <stdlib.h>
#include <string.h>

#include <card/secret.h>

#include "apply_case.h"
#include "ask.h"
#include "config.h"
#include "file.h"
#include "output.h"
#include "pki.h"

/* Everything opened for one step. */
struct desk {
	flow_inbox_t *inbox;
	flow_form_t *form;
	card_buf_t certificate, key;
	card_trust_t *trust;
	card_verify_t *revocation;
	struct flow_verify verify;
	struct flow_receiver receiver;
};

static int open_inbox(struct kz *kz, const struct apply_options *o, flow_inbox_t **out)
{
	enum card_error err;

	if (o->inbox == NULL)
		return kz_fail_usage(kz, _("Which inbox? Add --inbox DIR."));
	err = flow_inbox_open(out, o->inbox);
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

/* R5-10: the class that the configuration tells; where it tells none, that of --class. "none" in
 * either forbids. KZ_GO, or the exit code. */
static int may_verify(struct kz *kz, const char *given, bool *out)
{
	struct kz_config c;
	const bool none = given != NULL && strcmp(given, "none") == 0;
	const int rc = kz_config_read(kz, &c);

	if (rc == KZ_GO)
		*out = !none && c.verifier != KZ_VERIFIER_NONE &&
		       (c.verifier != KZ_VERIFIER_UNTOLD || given != NULL);
	return rc;
}

static int open_desk(struct kz *kz, const struct apply_options *o, struct desk *d)
{
	enum card_error err;
	bool permitted = false;
	int rc;

	memset(d, 0, sizeof *d);
	if (o->certificate == NULL || o->key == NULL)
		return kz_fail_usage(kz, _("--certificate and --key of the receiver are needed."));
	if (o->verifier != NULL && strcmp(o->verifier, "administrative") != 0 &&
	    strcmp(o->verifier, "private") != 0 && strcmp(o->verifier, "none") != 0)
		return kz_fail_usage(kz, _("--class takes administrative, private or none."));
	rc = may_verify(kz, o->verifier, &permitted);
	if (rc == KZ_GO)
		rc = apply_form(kz, o->form, &d->form);
	if (rc == KZ_GO)
		rc = open_inbox(kz, o, &d->inbox);
	if (rc == KZ_GO)
		rc = apply_read(kz, o->key, &d->key);
	if (rc == KZ_GO) {
		err = card_cert_read_file(o->certificate, &d->certificate);
		rc = err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
	}
	if (rc == KZ_GO)
		rc = kz_trust_open(kz, &d->trust);
	if (rc == KZ_GO)
		rc = kz_verify_open(kz, d->trust, o->ocsp, NULL, &d->revocation);
	if (rc != KZ_GO)
		return rc;
	d->verify = (struct flow_verify){.trust = d->trust,
					 .at = kz_now(kz),
					 .revocation = kz_revocation,
					 .revocation_ctx = d->revocation,
					 .flags = FLOW_REQUIRE_CADES};
	d->receiver = (struct flow_receiver){d->form, card_buf_bytes(&d->certificate),
					     card_buf_bytes(&d->key), &d->verify, permitted};
	return KZ_GO;
}

static void close_desk(struct desk *d)
{
	flow_inbox_free(&d->inbox);
	flow_form_free(&d->form);
	card_buf_free(&d->certificate);
	card_buf_free(&d->key);
	card_verify_free(&d->revocation);
	card_trust_free(&d->trust);
}

static json_t *row_json(const struct flow_inbox_row *r)
{
	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:s}",
			 "id", r->id, "version", (int)r->version, "form", r->form, "procedure",
			 r->procedure, "verdict", card_verdict_name(r->verdict), "reasons",
			 r->reasons, "state", flow_application_state_name(r->state), "digest",
			 r->digest, "received_at", kz_time_json(r->received_at), "superseded_at",
			 kz_time_json(r->superseded_at), "decided_at", kz_time_json(r->decided_at),
			 "this_update", kz_time_json(r->this_update), "crl_number", r->crl_number,
			 "decision", r->decision);
}

static void row_say(const struct kz *kz, const struct flow_inbox_row *r)
{
	char when[26];

	card_time_format_japan(r->received_at, when);
	kz_say(kz, "%s  v%u  %s  %s  %s  %s%s%s\n", r->id, r->version, when,
	       card_verdict_name(r->verdict), flow_application_state_name(r->state), r->procedure,
	       *r->reasons != '\0' ? "  " : "", r->reasons);
}

static int answer(struct kz *kz, enum card_error err, const struct flow_inbox_row *row,
		  const struct flow_apply_problem *p)
{
	const struct kz_failure state = {.error = err,
					 .exit = KZ_REFUSED,
					 .hint = "",
					 .message =
						 _("This version is superseded, not valid, decided "
						   "or not under examination by this examiner.")};
	const struct kz_failure none = {.error = err,
					.exit = KZ_NO_INPUT,
					.hint = "",
					.message = _("There is no such application.")};

	if (err == CARD_ERR_BAD_STATE)
		return kz_fail(kz, &state);
	if (err == CARD_ERR_NOT_FOUND)
		return kz_fail(kz, &none);
	if (err != CARD_OK)
		return apply_fail(kz, err, p);
	if (row != NULL) {
		row_say(kz, row);
		kz_json(kz, row_json(row));
		return kz_verdict_exit(row->verdict);
	}
	return KZ_DONE;
}

/* What the journal calls it: the problem, else the verdict. */
static const char *code_of(enum card_error err, const struct flow_inbox_row *row,
			   const struct flow_apply_problem *p)
{
	return err == CARD_OK ? card_verdict_name(row->verdict) : p->code;
}

int apply_receive(struct kz *kz, const struct apply_options *o, const char *const *words, size_t n)
{
	struct flow_apply_problem p = {"", ""};
	struct flow_inbox_row row = {.id = ""};
	struct apply_work work = {.event = "verify", .as = o->as};
	struct apply_case c = {.txn = ""};
	card_buf_t package = {0};
	struct desk d;
	const char *code = "";
	int rc = open_desk(kz, o, &d);

	(void)n;
	if (rc == KZ_GO)
		rc = apply_read(kz, words[0], &package);
	/* One who may not verify is told so, whether there is a counter to write it down or not. */
	if (rc == KZ_GO && (d.receiver.permitted || kz_desk_exists())) {
		work.procedure = flow_form_text(d.form, "procedure");
		rc = apply_case_begin(kz, &work, &c);
	}
	if (rc == KZ_GO) {
		const enum card_error err = flow_inbox_receive(d.inbox, &d.receiver,
							       card_buf_bytes(&package), &row, &p);

		code = code_of(err, &row, &p);
		rc = answer(kz, err, &row, &p);
	}
	rc = apply_case_end(kz, &c, rc, code, row.id, NULL);
	card_buf_free(&package);
	close_desk(&d);
	return rc;
}

int apply_retry(struct kz *kz, const struct apply_options *o, const char *const *words, size_t n)
{
	struct flow_apply_problem p = {"", ""};
	struct flow_inbox_row row = {.id = ""};
	struct apply_work work = {.event = "verify", .as = o->as, .id = words[0]};
	struct apply_case c = {.txn = ""};
	struct desk d;
	const char *code = "";
	int rc = open_desk(kz, o, &d);

	(void)n;
	if (rc == KZ_GO) {
		work.procedure = flow_form_text(d.form, "procedure");
		rc = apply_case_begin(kz, &work, &c);
	}
	if (rc == KZ_GO) {
		const enum card_error err =
			flow_inbox_retry(d.inbox, &d.receiver, words[0], 0, &row, &p);

		code = code_of(err, &row, &p);
		rc = answer(kz, err, &row, &p);
	}
	rc = apply_case_end(kz, &c, rc, code, NULL, NULL);
	close_desk(&d);
	return rc;
}

struct listing {
	const struct kz *kz;
	json_t *list;
};

static void take(void *ctx, const struct flow_inbox_row *row)
{
	const struct listing *l = ctx;

	row_say(l->kz, row);
	json_array_append_new(l->list, row_json(row));
}

int apply_list(struct kz *kz, const struct apply_options *o, const char *const *words, size_t n)
{
	struct listing l = {kz, NULL};
	flow_inbox_t *inbox = NULL;
	enum card_error err;
	int rc = open_inbox(kz, o, &inbox);

	(void)words, (void)n;
	if (rc != KZ_GO)
		return rc;
	l.list = json_array();
	err = flow_inbox_list(inbox, take, &l);
	flow_inbox_free(&inbox);
	if (err != CARD_OK) {
		json_decref(l.list);
		return kz_fail_error(kz, err);
	}
	kz_json(kz, json_pack("{s:o}", "applications", l.list));
	return KZ_DONE;
}

/* Names of what a form asks for from the card, joined by `;`. */
static void name_attributes(const flow_form_t *form, char out[64])
{
	static const char *const names[] = {"name", "address", "birth", "sex"};
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < 4; i++) {
		if (flow_form_attribute(form, names[i]))
			n += (size_t)snprintf(out + n, 64 - n, "%s%s", n > 0 ? ";" : "", names[i]);
	}
	if (flow_form_number(form))
		snprintf(out + n, 64 - n, "%smy_number", n > 0 ? ";" : "");
}

/* To -o (mode 0600) or standard output. */
static int hand_out(struct kz *kz, const struct apply_options *o, struct card_bytes text)
{
	json_t *json;
	int rc;

	if (o->output != NULL) {
		rc = kz_file_write(kz, o->output, text, 0600);
		if (rc != KZ_GO)
			return rc;
		kz_json(kz, json_pack("{s:s}", "output", o->output));
		return KZ_DONE;
	}
	kz_say(kz, "%.*s\n", (int)text.n, (const char *)text.p);
	json = json_loadb((const char *)text.p, text.n, 0, NULL);
	kz_json(kz, json != NULL ? json : json_pack("{s:s%}", "xml", (const char *)text.p, text.n));
	return KZ_DONE;
}

int apply_open(struct kz *kz, const struct apply_options *o, const char *const *words, size_t n)
{
	struct apply_work work = {.event = "application-version",
				  .as = o->as,
				  .id = words[0],
				  .right = "inquiry",
				  .content = true};
	struct apply_case c = {.txn = ""};
	card_buf_t text = {0};
	char seen[64] = "";
	struct desk d;
	enum card_error err;
	int rc;

	(void)n;
	rc = open_desk(kz, o, &d);
	if (rc == KZ_GO) {
		work.procedure = flow_form_text(d.form, "procedure");
		name_attributes(d.form, seen);
		rc = apply_case_begin(kz, &work, &c);
	}
	if (rc == KZ_GO) {
		err = flow_inbox_examine(d.inbox, &d.receiver, words[0], 0, c.desk.who.id, &text);
		rc = answer(kz, err, NULL, NULL);
	}
	if (rc == KZ_DONE)
		rc = hand_out(kz, o, card_buf_bytes(&text));
	rc = apply_case_end(kz, &c, rc, rc == KZ_DONE ? "examined" : "not_examined", NULL,
			    rc == KZ_DONE ? seen : NULL);
	card_buf_free(&text);
	close_desk(&d);
	return rc;
}

/* The inbox and the newest record of an application in it. */
static int open_record(struct kz *kz, const struct apply_options *o, const char *id,
		       flow_inbox_t **inbox, struct flow_inbox_row *row)
{
	const int rc = open_inbox(kz, o, inbox);
	const enum card_error err = rc == KZ_GO ? flow_inbox_newest(*inbox, id, row) : CARD_OK;

	return err == CARD_OK ? rc : answer(kz, err, NULL, NULL);
}

int apply_decide(struct kz *kz, const struct apply_options *o, const char *const *words, size_t n)
{
	struct apply_work work = {
		.event = "application-version", .as = o->as, .id = words[0], .right = "update"};
	struct apply_case c = {.txn = ""};
	flow_inbox_t *inbox = NULL;
	struct flow_inbox_row row;
	int rc;

	(void)n;
	rc = open_record(kz, o, words[0], &inbox, &row);
	if (rc == KZ_GO) {
		work.procedure = row.procedure;
		rc = apply_case_begin(kz, &work, &c);
	}
	if (rc == KZ_GO)
		rc = answer(
			kz,
			flow_inbox_decide(inbox, words[0], 0, c.desk.who.id, words[1], kz_now(kz)),
			NULL, NULL);
	if (rc == KZ_DONE) {
		kz_say(kz, _("Decided: %s\n"), words[1]);
		kz_json(kz, json_pack("{s:s, s:s}", "id", words[0], "decision", words[1]));
	}
	rc = apply_case_end(kz, &c, rc, rc == KZ_DONE ? "decided" : "not_decided", NULL, NULL);
	flow_inbox_free(&inbox);
	return rc;
}

/* R7-21: erased after the work, confirmed by an administrator who is not the examiner. */
int apply_erase(struct kz *kz, const struct apply_options *o, const char *const *words, size_t n)
{
	struct apply_work work = {.event = "erase", .as = o->as, .id = words[0]};
	struct apply_case c = {.txn = ""};
	flow_inbox_t *inbox = NULL;
	struct flow_inbox_row row;
	int rc;

	(void)n;
	if (o->administrator == NULL || *o->administrator == '\0')
		return kz_fail_refused(
			kz, _("Add --administrator ID; that account has to be logged in."),
			_("An administrator has to confirm that it is erased."));
	rc = open_record(kz, o, words[0], &inbox, &row);
	if (rc == KZ_GO) {
		work.procedure = row.procedure;
		rc = apply_case_begin(kz, &work, &c);
	}
	if (rc == KZ_GO)
		rc = apply_case_confirm(kz, &c, o->administrator, row.examiner);
	if (rc == KZ_GO && !o->yes &&
	    !kz_asked_yes(_("Erase what was sent, for good? The record stays. [y/N]")))
		rc = kz_fail_refused(kz, _("Answer y on the terminal, or add --yes."),
				     _("Nothing was erased."));
	if (rc == KZ_GO)
		rc = answer(kz, flow_inbox_erase(inbox, words[0], kz_now(kz)), NULL, NULL);
	if (rc == KZ_DONE) {
		kz_say(kz, _("Erased: %s\n"), words[0]);
		kz_json(kz,
			json_pack("{s:s, s:s}", "id", words[0], "administrator", o->administrator));
	}
	rc = apply_case_end(kz, &c, rc, rc == KZ_DONE ? "erased" : "not_erased", NULL, NULL);
	flow_inbox_free(&inbox);
	return rc;
}
