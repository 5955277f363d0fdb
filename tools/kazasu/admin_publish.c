/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_publish.c — what others see of the register of cards: lists, databases for OCSP, and the state of
 * each card at the centre. Only for the test PKI: the real authority publishes for itself.
 */
#include "admin.h"
#include "admin_lists.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "options.h"
#include "output.h"
#include "pki.h"

#define DAYS     7
#define DAYS_MAX 3650

struct publishing {
	struct kz *kz;
	const struct kz_admin *a;
	struct lists lists;
	size_t made, indexes, on_hold, revoked, centre;
};

static int fail_file(struct kz *kz, enum card_error err, const char *file)
{
	char message[KZ_PATH_MAX + 128];
	struct kz_failure f = {.error = err, .message = message, .hint = "", .exit = KZ_BAD_DATA};

	if (err == CARD_ERR_NOT_FOUND) {
		f.exit = KZ_NO_INPUT;
		snprintf(message, sizeof message, _("%s is no folder of the test PKI."), file);
	} else if (err == CARD_ERR_UNTRUSTED) {
		snprintf(message, sizeof message,
			 _("%s was not signed by an authority of this test PKI."), file);
	} else if (err == CARD_ERR_MALFORMED) {
		snprintf(message, sizeof message, _("%s is not a file of the test PKI."), file);
	} else if (err == CARD_ERR_TOO_LONG) {
		snprintf(message, sizeof message, _("%s: more than %d certificates."), file,
			 LISTS_CERTS);
	} else {
		return kz_fail_error(kz, err);
	}
	return kz_fail(kz, &f);
}

/* The database lies beside the whole list of its authority. */
static int write_index(struct publishing *p, const struct lists_made *m)
{
	char path[KZ_PATH_MAX];
	card_buf_t text = {0};
	enum card_error err = lists_index(&p->lists, m, &text);
	int rc;

	snprintf(path, sizeof path, "%.3000s/%s.index.txt", p->a->lists, m->ca->name);
	rc = err == CARD_OK ? kz_file_write(p->kz, path, card_buf_bytes(&text), 0644)
			    : kz_fail_error(p->kz, err);
	card_buf_free(&text);
	p->indexes += rc == KZ_GO;
	return rc;
}

/* The list that this one follows: what was published last, else the first. */
static int make_list(struct publishing *p, const char *name)
{
	char path[KZ_PATH_MAX], first[KZ_PATH_MAX];
	struct lists_made m = {0};
	card_buf_t before = {0};
	enum card_error err;
	int rc;

	snprintf(path, sizeof path, "%.3000s/%.250s", p->a->lists, name);
	snprintf(first, sizeof first, "%.3000s/crl/%.250s", p->a->pki, name);
	if (!kz_read_all(access(path, F_OK) == 0 ? path : first, &before)) {
		card_buf_free(&before);
		return fail_file(p->kz, CARD_ERR_NOT_FOUND, first);
	}
	err = lists_next(&p->lists, card_buf_bytes(&before), &m);
	rc = err == CARD_OK ? kz_file_write(p->kz, path, card_buf_bytes(&m.der), 0644)
			    : fail_file(p->kz, err, access(path, F_OK) == 0 ? path : first);
	if (rc == KZ_GO && m.whole)
		rc = write_index(p, &m);
	p->made += rc == KZ_GO;
	lists_made_free(&m);
	card_buf_free(&before);
	return rc;
}

static int make_lists(struct publishing *p)
{
	char folder[KZ_PATH_MAX];
	struct dirent **name = NULL;
	int n, rc = KZ_GO;

	snprintf(folder, sizeof folder, "%.3000s/crl", p->a->pki);
	n = scandir(folder, &name, NULL, alphasort);
	if (n < 0)
		return fail_file(p->kz, CARD_ERR_NOT_FOUND, p->a->pki);
	for (int i = 0; i < n; i++) {
		const char *end = strrchr(name[i]->d_name, '.');

		if (rc == KZ_GO && end != NULL && strcmp(end, ".crl") == 0)
			rc = make_list(p, name[i]->d_name);
		free(name[i]);
	}
	free(name);
	return rc;
}

/* ---------------------------------------------------------------- the centre */

/* What the centre knows: suspended, abolished, or active. */
static const char *for_center(const struct flow_card_entry *e)
{
	if (e->state == FLOW_CARD_SUSPENDED || e->state == FLOW_CARD_ACTIVE)
		return flow_card_state_name(e->state);
	return flow_card_state_name(FLOW_CARD_ABOLISHED);
}

static int tell_center(struct publishing *p, const struct lists_cert *c)
{
	const struct kz_failure away = {.error = CARD_ERR_NO_SERVICE,
					.exit = KZ_UNAVAILABLE,
					.hint = "",
					.message =
						_("The centre did not take the state of a card.")};
	uint8_t *der = NULL;
	const int n = i2d_X509(c->cert, &der);
	char *base64 = n > 0 ? malloc(4 * (((size_t)n + 2) / 3) + 1) : NULL, *text = NULL;
	json_t *body = NULL, *answer = NULL;
	long status = 0;

	if (base64 != NULL) {
		EVP_EncodeBlock((uint8_t *)base64, der, n);
		body = json_pack("{s:s, s:s}", "certificate", base64, "state",
				 for_center(&c->entry));
		text = json_dumps(body, JSON_COMPACT);
		answer = kz_admin_ask(p->a, "card", text, &status);
	}
	json_decref(answer);
	json_decref(body);
	free(text);
	free(base64);
	OPENSSL_free(der);
	p->centre += status == 200;
	return status == 200 ? KZ_GO : kz_fail(p->kz, &away);
}

static int tell_all(struct publishing *p)
{
	int rc = KZ_GO;

	for (size_t i = 0; i < p->lists.certs && rc == KZ_GO; i++) {
		const struct lists_cert *c = &p->lists.cert[i];

		if (c->known && c->use == FLOW_CERT_AUTH)
			rc = tell_center(p, c);
	}
	return rc;
}

/* ---------------------------------------------------------------- all of it */

static void count(struct publishing *p)
{
	for (size_t i = 0; i < p->lists.certs; i++) {
		const struct lists_cert *c = &p->lists.cert[i];
		const enum flow_cert_state s =
			c->known ? c->entry.cert[c->use].state : FLOW_CERT_VALID;

		p->on_hold += s == FLOW_CERT_ON_HOLD;
		p->revoked += s == FLOW_CERT_REVOKED;
	}
}

static enum card_error note(const struct publishing *p, struct kz_desk *d, int rc)
{
	char reason[128];
	const struct journal_record r = {.event = "card-state",
					 .result = rc == KZ_GO ? JOURNAL_OK : JOURNAL_FAILED,
					 .operator_id = d->who.id,
					 .role = d->who.roles,
					 .organ = d->who.organ,
					 .procedure = "ichiji-teishi",
					 .reason = reason,
					 .code = "published"};

	snprintf(reason, sizeof reason, "lists=%zu;on_hold=%zu;revoked=%zu;centre=%zu", p->made,
		 p->on_hold, p->revoked, p->centre);
	return journal_append(d->journal, &r, 1, NULL);
}

static int publish(struct publishing *p, struct kz_cards *c, int days)
{
	char file[KZ_PATH_MAX] = "";
	const enum card_error err =
		lists_open(&p->lists, c->cards, p->a->pki, kz_now(p->kz), days, file);
	int rc;

	if (err != CARD_OK)
		return fail_file(p->kz, err, file);
	count(p);
	if (mkdir(p->a->lists, 0755) != 0 && errno != EEXIST)
		return kz_fail_error(p->kz, CARD_ERR_IO);
	rc = make_lists(p);
	return rc == KZ_GO && p->a->center != NULL ? tell_all(p) : rc;
}

static int check(struct kz *kz, const struct kz_desk *d, const struct kz_admin *a, long *days)
{
	*days = DAYS;
	if (!kz->opt.test_roots)
		return kz_fail_refused(kz, _("--test-roots says that it is meant."),
				       _("Only lists of the test PKI are made here."));
	if (a->days != NULL && (!kz_number(a->days, DAYS_MAX, days) || *days == 0))
		return kz_fail_usage(kz, _("--days takes 1 to %d."), DAYS_MAX);
	if (a->center != NULL && !kz_admin_has_center(a))
		return kz_fail_usage(kz, "%s",
				     _("--center, --ca, --certificate and --key are needed"));
	return flow_right_held(d->store, d->who.id, "procedure:ichiji-teishi", "update")
		       ? KZ_GO
		       : kz_admin_refuse(kz, CARD_ERR_DENIED, "no_right");
}

int kz_admin_publish(struct kz *kz, struct kz_desk *d, struct kz_cards *c, const struct kz_admin *a,
		     json_t **out)
{
	struct publishing p = {.kz = kz, .a = a};
	enum card_error err;
	long days;
	int rc = check(kz, d, a, &days);

	if (rc != KZ_GO)
		return rc;
	rc = publish(&p, c, (int)days);
	lists_close(&p.lists);
	err = note(&p, d, rc);
	if (rc == KZ_GO && err != CARD_OK)
		rc = kz_fail_error(kz, err);
	if (rc != KZ_GO)
		return rc;
	kz_say_pair(kz, _("lists made"), "%zu, %s", p.made, a->lists);
	kz_say_pair(kz, _("certificates on hold, revoked"), "%zu, %zu", p.on_hold, p.revoked);
	if (a->center != NULL)
		kz_say_pair(kz, _("cards told to the centre"), "%zu", p.centre);
	*out = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:b}", "folder", a->lists, "lists",
			 (json_int_t)p.made, "indexes", (json_int_t)p.indexes, "on_hold",
			 (json_int_t)p.on_hold, "revoked", (json_int_t)p.revoked, "centre",
			 (json_int_t)p.centre, "test", true);
	return KZ_GO;
}
