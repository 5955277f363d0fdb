/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inbox.c — receiving applications (rules 5.1, 5.2).
 *
 * The signed bytes live in the sealed package only. The index keeps what a later review needs:
 * source, CRL number, its date, digest, verdict; nothing that names a person or a certificate.
 */
#include "inbox.h"

#include <stdio.h>
#include <string.h>

#include "../document/cms.h"
#include "form.h"

const char *flow_application_state_name(enum flow_application_state s)
{
	static const char *const names[] = {"received",   "queued",  "refused", "examining",
					    "superseded", "decided", "erased"};

	return (unsigned)s < 7 ? names[s] : "unknown";
}

/* What was unsealed and verified; wiped when it is released. */
struct opened {
	card_buf_t signed_bytes;
	struct flow_report report;
	struct cms cms;
	struct card_bytes content; /* of the CMS, or the whole XML */
};

static void opened_free(struct opened *o)
{
	flow_report_free(&o->report);
	cms_free(&o->cms);
	card_buf_free(&o->signed_bytes);
}

static enum card_error open_package(const struct flow_receiver *r, struct card_bytes package,
				    struct opened *o, struct flow_apply_problem *p)
{
	flow_file_t *file = NULL;
	enum card_error err;

	memset(o, 0, sizeof(*o));
	err = flow_unpack(r->certificate, r->key_pem, package, &o->signed_bytes);
	if (err == CARD_ERR_MALFORMED || err == CARD_ERR_SIGNATURE)
		return apply_problem(p, "package", NULL);
	if (err == CARD_OK && flow_format_of(card_buf_bytes(&o->signed_bytes)) == FLOW_FORMAT_XML) {
		o->content = card_buf_bytes(&o->signed_bytes);
	} else if (err == CARD_OK) {
		if (cms_read(card_buf_bytes(&o->signed_bytes), false, &o->cms) != CARD_OK ||
		    !o->cms.attached)
			return apply_problem(p, "no_signature", NULL);
		o->content = o->cms.content;
	}
	if (err == CARD_OK)
		err = flow_file_of_memory(&file, card_buf_bytes(&o->signed_bytes));
	if (err == CARD_OK)
		err = flow_verify(file, NULL, r->verify, &o->report);
	flow_file_free(&file);
	/* One applicant signs. */
	if (err == CARD_OK && o->report.n != 1)
		return apply_problem(p, "no_signature", NULL);
	return err;
}

static void list_reasons(const struct flow_report *r, char *out, size_t cap)
{
	const struct flow_reasons *all[] = {&r->reasons, &r->signatures[0].reasons};
	size_t n = 0;

	out[0] = '\0';
	for (size_t k = 0; k < 2; k++) {
		for (unsigned i = 0; i < (unsigned)CARD_REASON_COUNT_ + FLOW_REASON_COUNT_; i++) {
			const bool card = i < CARD_REASON_COUNT_;
			const unsigned j = card ? i : i - CARD_REASON_COUNT_;
			const char *code = card ? card_reason_code((enum card_reason)j)
						: flow_reason_code((enum flow_reason)j);

			if (!(card ? card_reasons_have(all[k]->card, (enum card_reason)j)
				   : flow_reasons_have(all[k], (enum flow_reason)j)))
				continue;
			if (n + strlen(code) + 2 < cap)
				n += (size_t)snprintf(out + n, cap - n, "%s%s", n > 0 ? "," : "",
						      code);
		}
	}
}

/* Evidence of the verdict (rules PD-27), without what names a certificate. */
static void record_verdict(const struct flow_report *r, struct flow_inbox_row *row)
{
	const struct card_revocation_answer *a = &r->signatures[0].revocation;

	row->verdict = r->verdict;
	list_reasons(r, row->reasons, sizeof row->reasons);
	snprintf(row->source, sizeof row->source, "%s",
		 a->method == CARD_REVOCATION_BY_CRL    ? "crl"
		 : a->method == CARD_REVOCATION_BY_OCSP ? "ocsp"
							: "");
	(void)card_hex_encode(card_bytes(a->number, a->number_n <= 20 ? a->number_n : 0),
			      row->crl_number, sizeof row->crl_number);
	row->this_update = a->this_update;
	row->state = r->verdict == CARD_VERDICT_VALID     ? FLOW_STATE_RECEIVED
		     : r->verdict == CARD_VERDICT_INVALID ? FLOW_STATE_REFUSED
							  : FLOW_STATE_QUEUED;
}

/* Nothing is open but the status, which may come later. */
static bool waits_for_status(const struct flow_report *r)
{
	const card_reasons_t status = card_reason_bit(CARD_REASON_REVOCATION_MISSING) |
				      card_reason_bit(CARD_REASON_REVOCATION_STALE) |
				      card_reason_bit(CARD_REASON_REVOCATION_FUTURE) |
				      card_reason_bit(CARD_REASON_REVOCATION_DAMAGED);

	return r->reasons.card == 0 && r->reasons.document == 0 &&
	       r->signatures[0].reasons.document == 0 &&
	       (r->signatures[0].reasons.card & ~status) == 0;
}

static bool same_attribute(const card_cert_t *a, const card_cert_t *b, enum card_cert_attribute k)
{
	const struct card_bytes x = card_cert_attribute(a, k);

	return x.n > 0 && card_bytes_equal(x, card_cert_attribute(b, k));
}

/* A newer version comes from the person who sent the first: name and date of birth. */
static enum card_error same_person(flow_inbox_t *b, const struct flow_receiver *r,
				   const struct flow_inbox_row *before, const struct opened *now,
				   struct flow_apply_problem *p)
{
	card_buf_t package = {0};
	struct opened then;
	enum card_error err = inbox_payload_read(b, before, &package);

	if (err != CARD_OK)
		return err;
	err = open_package(r, card_buf_bytes(&package), &then, p);
	if (err == CARD_OK &&
	    (then.report.signatures[0].cert == NULL || now->report.signatures[0].cert == NULL ||
	     !same_attribute(then.report.signatures[0].cert, now->report.signatures[0].cert,
			     CARD_ATTR_NAME) ||
	     !same_attribute(then.report.signatures[0].cert, now->report.signatures[0].cert,
			     CARD_ATTR_BIRTH))) {
		(void)apply_problem(p, "another_person", NULL);
		err = CARD_ERR_DENIED;
	}
	opened_free(&then);
	card_buf_free(&package);
	return err;
}

/* Where it stands among the versions that are there. */
static enum card_error check_version(flow_inbox_t *b, const struct flow_receiver *r,
				     const flow_application_t *a, const struct opened *o,
				     struct flow_apply_problem *p)
{
	struct flow_inbox_row before;
	const enum card_error err = inbox_find(b, flow_application_id(a), 0, &before);

	if (err == CARD_ERR_NOT_FOUND)
		return CARD_OK;
	if (err != CARD_OK)
		return err;
	if (flow_application_version(a) <= before.version) {
		(void)apply_problem(p, "older_version", NULL);
		return CARD_ERR_DENIED;
	}
	if (before.state == FLOW_STATE_DECIDED || before.state == FLOW_STATE_ERASED) {
		(void)apply_problem(p, "decided_already", NULL);
		return CARD_ERR_DENIED;
	}
	if (before.state == FLOW_STATE_REFUSED)
		return CARD_OK;
	/* What does not hold, or may be anybody's, takes no place beside what does. */
	if (o->report.verdict != CARD_VERDICT_VALID && !waits_for_status(&o->report)) {
		(void)apply_problem(p, "signature_invalid", NULL);
		return CARD_ERR_DENIED;
	}
	return same_person(b, r, &before, o, p);
}

static enum card_error record(flow_inbox_t *b, const struct flow_receiver *r,
			      const flow_application_t *a, const struct opened *o,
			      struct card_bytes package, struct flow_inbox_row *row)
{
	enum card_error err;

	memset(row, 0, sizeof(*row));
	snprintf(row->id, sizeof row->id, "%.32s", flow_application_id(a));
	row->version = flow_application_version(a);
	row->received_at = r->verify->at;
	snprintf(row->form, sizeof row->form, "%s", flow_form_text(r->form, "id"));
	snprintf(row->procedure, sizeof row->procedure, "%s", flow_form_text(r->form, "procedure"));
	record_verdict(&o->report, row);
	err = apply_digest(package, row->digest);
	if (err == CARD_OK)
		err = inbox_payload_write(b, row, package);
	if (err == CARD_OK)
		err = inbox_put(b, row, true);
	/* Only a version that holds takes the place of the ones before (R5-07). */
	if (err == CARD_OK && row->state == FLOW_STATE_RECEIVED)
		err = inbox_supersede(b, row->id, row->version, row->received_at);
	return err;
}

enum card_error flow_inbox_newest(flow_inbox_t *b, const char *id, struct flow_inbox_row *row)
{
	return b != NULL && id != NULL && row != NULL ? inbox_find(b, id, 0, row)
						      : CARD_ERR_INVALID_ARGUMENT;
}

static bool usable(const flow_inbox_t *b, const struct flow_receiver *r)
{
	return b != NULL && r != NULL && r->form != NULL && r->verify != NULL;
}

enum card_error flow_inbox_receive(flow_inbox_t *b, const struct flow_receiver *r,
				   struct card_bytes package, struct flow_inbox_row *row,
				   struct flow_apply_problem *p)
{
	flow_application_t *a = NULL;
	struct opened o;
	enum card_error err;

	if (!usable(b, r) || row == NULL || p == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	p->code = "";
	if (!r->permitted) {
		(void)apply_problem(p, "verifier_not_permitted", NULL);
		return CARD_ERR_DENIED;
	}
	err = open_package(r, package, &o, p);
	if (err == CARD_OK)
		err = flow_application_read(&a, r->form, o.content, p);
	if (err == CARD_OK)
		err = flow_application_complete(a, p);
	if (err == CARD_OK)
		err = check_version(b, r, a, &o, p);
	if (err == CARD_OK)
		err = record(b, r, a, &o, package, row);
	flow_application_free(&a);
	opened_free(&o);
	return err;
}

enum card_error flow_inbox_retry(flow_inbox_t *b, const struct flow_receiver *r, const char *id,
				 unsigned version, struct flow_inbox_row *row,
				 struct flow_apply_problem *p)
{
	struct flow_receiver again;
	struct flow_verify then;
	card_buf_t package = {0};
	struct opened o;
	enum card_error err;

	if (!usable(b, r) || id == NULL || row == NULL || p == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	p->code = "";
	if (!r->permitted) {
		(void)apply_problem(p, "verifier_not_permitted", NULL);
		return CARD_ERR_DENIED;
	}
	err = inbox_find(b, id, version, row);
	if (err == CARD_OK && row->state != FLOW_STATE_QUEUED)
		err = CARD_ERR_BAD_STATE;
	if (err == CARD_OK)
		err = inbox_payload_read(b, row, &package);
	if (err != CARD_OK)
		return err;
	again = *r;
	then = *r->verify;
	again.verify = &then;
	then.at = row->received_at;
	then.status_at = r->verify->at;
	err = open_package(&again, card_buf_bytes(&package), &o, p);
	if (err == CARD_OK) {
		record_verdict(&o.report, row);
		err = inbox_put(b, row, false);
		if (err == CARD_OK && row->state == FLOW_STATE_RECEIVED)
			err = inbox_supersede(b, row->id, row->version, r->verify->at);
	}
	opened_free(&o);
	card_buf_free(&package);
	return err;
}

/* The newest version but those refused, if it is this one (0: any) and can be worked on: what is
 * older than a version that holds is superseded, and waits beside one whose status is open. */
static enum card_error workable(flow_inbox_t *b, const char *id, unsigned version,
				struct flow_inbox_row *row)
{
	enum card_error err = inbox_find(b, id, version, row);

	if (err == CARD_OK)
		err = inbox_find(b, id, 0, row);
	while (err == CARD_OK && row->state == FLOW_STATE_REFUSED && row->version != version) {
		err = inbox_before(b, id, row->version, row);
		if (err == CARD_ERR_NOT_FOUND)
			return CARD_ERR_BAD_STATE;
	}
	if (err != CARD_OK)
		return err;
	return (row->state == FLOW_STATE_RECEIVED || row->state == FLOW_STATE_EXAMINING) &&
			       (version == 0 || version == row->version)
		       ? CARD_OK
		       : CARD_ERR_BAD_STATE;
}

enum card_error flow_inbox_examine(flow_inbox_t *b, const struct flow_receiver *r, const char *id,
				   unsigned version, const char *examiner, card_buf_t *out)
{
	card_buf_t package = {0};
	struct flow_inbox_row row;
	struct opened o;
	struct flow_apply_problem p;
	char digest[65];
	enum card_error err;

	if (!usable(b, r) || id == NULL || examiner == NULL || *examiner == '\0' || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = workable(b, id, version, &row);
	if (err == CARD_OK)
		err = inbox_payload_read(b, &row, &package);
	if (err == CARD_OK)
		err = apply_digest(card_buf_bytes(&package), digest);
	if (err == CARD_OK && strcmp(digest, row.digest) != 0)
		err = CARD_ERR_SIGNATURE; /* not what was received */
	if (err == CARD_OK) {
		err = open_package(r, card_buf_bytes(&package), &o, &p);
		if (err == CARD_OK) {
			row.state = FLOW_STATE_EXAMINING;
			snprintf(row.examiner, sizeof row.examiner, "%s", examiner);
			err = inbox_put(b, &row, false);
		}
		if (err == CARD_OK)
			err = card_buf_append(out, o.content);
		opened_free(&o);
	}
	card_buf_free(&package);
	return err;
}

enum card_error flow_inbox_decide(flow_inbox_t *b, const char *id, unsigned version,
				  const char *examiner, const char *decision, int64_t at)
{
	struct flow_inbox_row row;
	enum card_error err;

	if (b == NULL || id == NULL || examiner == NULL || decision == NULL || *decision == '\0')
		return CARD_ERR_INVALID_ARGUMENT;
	err = workable(b, id, version, &row);
	if (err == CARD_OK &&
	    (row.state != FLOW_STATE_EXAMINING || strcmp(row.examiner, examiner) != 0))
		err = CARD_ERR_BAD_STATE;
	if (err != CARD_OK)
		return err;
	row.state = FLOW_STATE_DECIDED;
	row.decided_at = at;
	snprintf(row.decision, sizeof row.decision, "%s", decision);
	return inbox_put(b, &row, false);
}

/* Is anything of it still to be worked on? */
static enum card_error finished(flow_inbox_t *b, const char *id, unsigned last, bool *yes)
{
	struct flow_inbox_row row;

	*yes = true;
	for (unsigned v = 1; v <= last; v++) {
		const enum card_error err = inbox_find(b, id, v, &row);

		if (err == CARD_ERR_NOT_FOUND)
			continue; /* versions need not be without gaps */
		if (err != CARD_OK)
			return err;
		*yes = *yes && row.state != FLOW_STATE_RECEIVED && row.state != FLOW_STATE_QUEUED &&
		       row.state != FLOW_STATE_EXAMINING;
	}
	return CARD_OK;
}

enum card_error flow_inbox_erase(flow_inbox_t *b, const char *id, int64_t at)
{
	struct flow_inbox_row row;
	enum card_error err;
	unsigned last;
	bool yes = false;

	if (b == NULL || id == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = inbox_find(b, id, 0, &row);
	if (err != CARD_OK)
		return err;
	last = row.version;
	err = finished(b, id, last, &yes);
	if (err == CARD_OK && !yes)
		err = CARD_ERR_BAD_STATE;
	for (unsigned v = 1; err == CARD_OK && v <= last; v++) {
		if (inbox_find(b, id, v, &row) != CARD_OK)
			continue;
		err = inbox_payload_erase(b, &row);
		if (err == CARD_OK) {
			row.state = FLOW_STATE_ERASED;
			row.erased_at = at;
			err = inbox_put(b, &row, false);
		}
	}
	return err;
}
