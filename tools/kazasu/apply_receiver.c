/* SPDX-License-Identifier: Apache-2.0 */
/* apply_receiver.c — receive, list, open, decide, retry, erase: the receiver's side. */
#include "apply.h"

#include <stdlib.h>
#include <string.h>

#include <card/secret.h>

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

static int open_desk(struct kz *kz, const struct apply_options *o, struct desk *d)
{
	enum card_error err;
	int rc;

	memset(d, 0, sizeof *d);
	if (o->certificate == NULL || o->key == NULL)
		return kz_fail_usage(kz, _("--certificate and --key of the receiver are needed."));
	if (o->verifier != NULL && strcmp(o->verifier, "administrative") != 0 &&
	    strcmp(o->verifier, "private") != 0 && strcmp(o->verifier, "none") != 0)
		return kz_fail_usage(kz, _("--class takes administrative, private or none."));
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
	d->verify = (struct flow_verify){.trust = d->trust, .at = kz_now(kz),
					 .revocation = kz_revocation,
					 .revocation_ctx = d->revocation,
					 .flags = FLOW_REQUIRE_CADES};
	d->receiver = (struct flow_receiver){
		d->form, card_buf_bytes(&d->certificate), card_buf_bytes(&d->key), &d->verify,
		o->verifier != NULL && strcmp(o->verifier, "none") != 0};
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
			 r->procedure, "verdict", card_verdict_name(r->verdict), "reasons", r->reasons,
			 "state", flow_application_state_name(r->state), "digest", r->digest,
			 "received_at", kz_time_json(r->received_at), "superseded_at",
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
	const struct kz_failure state = {.error = err, .exit = KZ_REFUSED, .hint = "",
					 .message = _("This version is superseded, not valid, decided "
						      "or not under examination by this examiner.")};
	const struct kz_failure none = {.error = err, .exit = KZ_NO_INPUT, .hint = "",
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

int apply_receive(struct kz *kz, const struct apply_options *o, const char *const *words, size_t n)
{
	struct flow_apply_problem p = {"", ""};
	struct flow_inbox_row row;
	card_buf_t package = {0};
	struct desk d;
	int rc = open_desk(kz, o, &d);

	(void)n;
	if (rc == KZ_GO)
		rc = apply_read(kz, words[0], &package);
	if (rc == KZ_GO) {
		const enum card_error err = flow_inbox_receive(d.inbox, &d.receiver,
							       card_buf_bytes(&package), &row, &p);

		rc = answer(kz, err, &row, &p);
	}
	card_buf_free(&package);
	close_desk(&d);
	return rc;
}

int apply_retry(struct kz *kz, const struct apply_options *o, const char *const *words, size_t n)
{
	struct flow_apply_problem p = {"", ""};
	struct flow_inbox_row row;
	struct desk d;
	int rc = open_desk(kz, o, &d);

	(void)n;
	if (rc == KZ_GO)
		rc = answer(kz, flow_inbox_retry(d.inbox, &d.receiver, words[0], 0, &row, &p), &row,
			    &p);
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

/* open ID: the application goes to -o (mode 0600) or standard output. */
int apply_open(struct kz *kz, const struct apply_options *o, const char *const *words, size_t n)
{
	card_buf_t text = {0};
	struct desk d;
	enum card_error err;
	int rc;

	(void)n;
	if (o->examiner == NULL)
		return kz_fail_usage(kz, _("Who examines? Add --examiner NAME."));
	rc = open_desk(kz, o, &d);
	if (rc == KZ_GO) {
		err = flow_inbox_examine(d.inbox, &d.receiver, words[0], 0, o->examiner, &text);
		rc = answer(kz, err, NULL, NULL);
	}
	if (rc == KZ_DONE && o->output != NULL) {
		const int written = kz_file_write(kz, o->output, card_buf_bytes(&text), 0600);

		rc = written == KZ_GO ? KZ_DONE : written;
		if (rc == KZ_DONE)
			kz_json(kz, json_pack("{s:s}", "output", o->output));
	} else if (rc == KZ_DONE) {
		kz_say(kz, "%.*s\n", (int)text.n, (const char *)text.p);
		kz_json(kz, json_loadb((const char *)text.p, text.n, 0, NULL));
	}
	card_buf_free(&text);
	close_desk(&d);
	return rc;
}

int apply_decide(struct kz *kz, const struct apply_options *o, const char *const *words, size_t n)
{
	flow_inbox_t *inbox = NULL;
	int rc;

	(void)n;
	if (o->examiner == NULL)
		return kz_fail_usage(kz, _("Who examines? Add --examiner NAME."));
	rc = open_inbox(kz, o, &inbox);
	if (rc == KZ_GO)
		rc = answer(kz, flow_inbox_decide(inbox, words[0], 0, o->examiner, words[1],
						  kz_now(kz)), NULL, NULL);
	if (rc == KZ_DONE) {
		kz_say(kz, _("Decided: %s\n"), words[1]);
		kz_json(kz, json_pack("{s:s, s:s}", "id", words[0], "decision", words[1]));
	}
	flow_inbox_free(&inbox);
	return rc;
}

int apply_erase(struct kz *kz, const struct apply_options *o, const char *const *words, size_t n)
{
	flow_inbox_t *inbox = NULL;
	int rc;

	(void)n;
	if (o->administrator == NULL || *o->administrator == '\0')
		return kz_fail_refused(kz, _("Add --administrator NAME."),
				       _("An administrator has to confirm that it is erased."));
	rc = open_inbox(kz, o, &inbox);
	if (rc == KZ_GO)
		rc = answer(kz, flow_inbox_erase(inbox, words[0], kz_now(kz)), NULL, NULL);
	if (rc == KZ_DONE) {
		kz_say(kz, _("Erased: %s\n"), words[0]);
		kz_json(kz, json_pack("{s:s, s:s}", "id", words[0], "administrator",
				      o->administrator));
	}
	flow_inbox_free(&inbox);
	return rc;
}
