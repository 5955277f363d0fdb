/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves the receiving side (rules 5.1, 5.2, R5-07, R5-10, R5-12, PD-27): versions, who may verify,
 * what is kept and what is not.
 */
#include "applications.h"

#include <dirent.h>
#include <stdlib.h>

#include <openssl/pem.h>

#include "tree.h"

#define DAY INT64_C(86400)

static struct made_person person, other, city;
static card_buf_t city_key;
static unsigned asked; /* about revocation */

struct desk {
	char folder[64];
	flow_form_t *form;
	flow_inbox_t *inbox;
	struct flow_verify verify;
	struct flow_receiver receiver;
	struct flow_inbox_row row;
	struct flow_apply_problem problem;
};

static enum card_error count_not_revoked(void *ctx, const card_cert_t *cert,
					 const card_cert_t *issuer, int64_t at,
					 struct card_revocation_answer *out)
{
	asked++;
	return made_not_revoked(ctx, cert, issuer, at, out);
}

static int set_up(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	tree_scratch(d->folder);
	d->form = form_of(FORM);
	assert_int_equal(flow_inbox_open(&d->inbox, d->folder), CARD_OK);
	d->verify = made_verify(&person);
	d->verify.revocation = count_not_revoked;
	d->receiver = (struct flow_receiver){d->form, card_buf_bytes(&city.der),
					     card_buf_bytes(&city_key), &d->verify, true};
	asked = 0;
	*state = d;
	return 0;
}

static int tear_down(void **state)
{
	struct desk *d = *state;

	flow_inbox_free(&d->inbox);
	flow_form_free(&d->form);
	tree_scratch_remove(d->folder);
	free(d);
	return 0;
}

/* Signed by somebody, sealed to the city. */
static card_buf_t sealed(struct made_person *by, const flow_application_t *a, bool xml)
{
	const struct flow_signer s = made_signer(by);
	const struct flow_xml_options whole = {.ids = NULL};
	card_buf_t text = {0}, sig = {0}, out = {0};
	uint8_t digest[CARD_HASH_MAX];
	struct card_bytes content;
	flow_file_t *f = NULL;

	if (xml) {
		assert_int_equal(flow_application_write_xml(a, &text), CARD_OK);
		assert_int_equal(flow_file_of_memory(&f, card_buf_bytes(&text)), CARD_OK);
		assert_int_equal(flow_xml_sign(f, &whole, &s, &sig), CARD_OK);
		flow_file_free(&f);
	} else {
		assert_int_equal(flow_application_write(a, &text), CARD_OK);
		content = card_buf_bytes(&text);
		assert_int_equal(card_hash_digest(CARD_HASH_SHA256, content, digest), CARD_OK);
		assert_int_equal(flow_cms_sign(&s, card_bytes(digest, 32), &content, 0, &sig),
				 CARD_OK);
	}
	assert_int_equal(flow_pack(card_buf_bytes(&city.der), card_buf_bytes(&sig), &out), CARD_OK);
	card_buf_free(&text);
	card_buf_free(&sig);
	return out;
}

static enum card_error receive(struct desk *d, struct made_person *by, const flow_application_t *a,
			       bool xml)
{
	card_buf_t package = sealed(by, a, xml);
	const enum card_error err = flow_inbox_receive(
		d->inbox, &d->receiver, card_buf_bytes(&package), &d->row, &d->problem);

	card_buf_free(&package);
	return err;
}

static enum card_error examine(struct desk *d, const flow_application_t *a, unsigned version)
{
	card_buf_t text = {0};
	const enum card_error err = flow_inbox_examine(
		d->inbox, &d->receiver, flow_application_id(a), version, "abe", &text);

	assert_true(err == CARD_OK ? text.n > 0 : text.n == 0);
	card_buf_free(&text);
	return err;
}

static enum card_error decide(struct desk *d, const flow_application_t *a, unsigned version)
{
	return flow_inbox_decide(d->inbox, flow_application_id(a), version, "abe", "認定",
				 MADE_NOW);
}

/* ---- R5-07 ---- */

static void only_the_newest_version_is_decided_on(void **state)
{
	struct desk *d = *state;
	flow_application_t *one = filled(d->form, NULL, "一"), *two = filled(d->form, one, "二");

	assert_int_equal(receive(d, &person, one, false), CARD_OK);
	assert_int_equal(d->row.state, FLOW_STATE_RECEIVED);
	assert_int_equal(examine(d, one, 0), CARD_OK);
	assert_int_equal(receive(d, &person, two, true), CARD_OK);
	/* an open examination of the first is stopped */
	assert_int_equal(decide(d, one, 1), CARD_ERR_BAD_STATE);
	assert_int_equal(examine(d, one, 1), CARD_ERR_BAD_STATE);
	assert_int_equal(decide(d, one, 0), CARD_ERR_BAD_STATE);
	assert_int_equal(examine(d, one, 2), CARD_OK);
	assert_int_equal(decide(d, one, 2), CARD_OK);
	assert_int_equal(decide(d, one, 2), CARD_ERR_BAD_STATE);
	/* neither an old version nor a newer one after the decision */
	assert_int_equal(receive(d, &person, one, false), CARD_ERR_DENIED);
	assert_string_equal(d->problem.code, "older_version");
	flow_application_free(&one);
	one = filled(d->form, two, "三");
	assert_int_equal(receive(d, &person, one, false), CARD_ERR_DENIED);
	assert_string_equal(d->problem.code, "decided_already");
	flow_application_free(&one);
	flow_application_free(&two);
}

static void versions_may_have_gaps(void **state)
{
	struct desk *d = *state;
	flow_application_t *a = filled(d->form, NULL, "一"), *b = filled(d->form, a, "二"),
			   *c = filled(d->form, b, "三");

	assert_int_equal(receive(d, &person, a, false), CARD_OK);
	assert_int_equal(receive(d, &person, c, false), CARD_OK);
	assert_int_equal(receive(d, &person, b, false), CARD_ERR_DENIED);
	assert_int_equal(examine(d, a, 0), CARD_OK);
	assert_int_equal(flow_inbox_newest(d->inbox, flow_application_id(a), &d->row), CARD_OK);
	assert_int_equal(d->row.version, 3);
	flow_application_free(&a);
	flow_application_free(&b);
	flow_application_free(&c);
}

static void nobody_else_takes_its_place(void **state)
{
	struct desk *d = *state;
	flow_application_t *one = filled(d->form, NULL, "一"), *two = filled(d->form, one, "二");

	assert_int_equal(receive(d, &person, one, false), CARD_OK);
	/* of a CA that is not installed: anybody can be called anything there */
	assert_int_equal(receive(d, &other, two, false), CARD_ERR_DENIED);
	assert_string_equal(d->problem.code, "signature_invalid");
	d->verify.revocation = made_revoked;
	assert_int_equal(receive(d, &person, two, false), CARD_ERR_DENIED);
	assert_string_equal(d->problem.code, "signature_invalid");
	d->verify.revocation = count_not_revoked;
	assert_int_equal(examine(d, one, 1), CARD_OK);
	flow_application_free(&one);
	flow_application_free(&two);
}

static void an_older_version_waits_for_the_status_of_a_newer_one(void **state)
{
	struct desk *d = *state;
	flow_application_t *one = filled(d->form, NULL, "一"), *two = filled(d->form, one, "二");
	const char *id = flow_application_id(one);

	assert_int_equal(receive(d, &person, one, false), CARD_OK);
	d->verify.revocation = made_no_answer;
	assert_int_equal(receive(d, &person, two, false), CARD_OK);
	assert_int_equal(d->row.state, FLOW_STATE_QUEUED);
	assert_int_equal(examine(d, one, 0), CARD_ERR_BAD_STATE);
	assert_int_equal(examine(d, one, 1), CARD_ERR_BAD_STATE);
	assert_int_equal(examine(d, one, 2), CARD_ERR_BAD_STATE);
	/* it turns out to be revoked: the first is worked on again */
	d->verify.revocation = made_revoked;
	assert_int_equal(flow_inbox_retry(d->inbox, &d->receiver, id, 0, &d->row, &d->problem),
			 CARD_OK);
	assert_int_equal(d->row.state, FLOW_STATE_REFUSED);
	assert_int_equal(examine(d, one, 2), CARD_ERR_BAD_STATE);
	assert_int_equal(examine(d, one, 1), CARD_OK);
	flow_application_free(&one);
	flow_application_free(&two);
}

/* ---- PD-27 ---- */

static void a_retry_is_as_of_the_receipt(void **state)
{
	struct desk *d = *state;
	flow_application_t *a = filled(d->form, NULL, "一");

	d->verify.revocation = made_no_answer;
	assert_int_equal(receive(d, &person, a, false), CARD_OK);
	d->verify.revocation = count_not_revoked;
	d->verify.at = MADE_NOW + 20 * 365 * DAY; /* long after the certificate has expired */
	assert_int_equal(flow_inbox_retry(d->inbox, &d->receiver, flow_application_id(a), 0,
					  &d->row, &d->problem),
			 CARD_OK);
	assert_int_equal(d->row.verdict, CARD_VERDICT_VALID);
	assert_int_equal(flow_inbox_retry(d->inbox, &d->receiver, flow_application_id(a), 0,
					  &d->row, &d->problem),
			 CARD_ERR_BAD_STATE);
	flow_application_free(&a);
}

/* ---- R5-10, rules 5.1 ---- */

static void who_may_not_verify_asks_nobody(void **state)
{
	struct desk *d = *state;
	flow_application_t *a = filled(d->form, NULL, "一");

	d->receiver.permitted = false;
	assert_int_equal(receive(d, &person, a, false), CARD_ERR_DENIED);
	assert_string_equal(d->problem.code, "verifier_not_permitted");
	assert_int_equal(asked, 0);
	assert_int_equal(flow_inbox_newest(d->inbox, flow_application_id(a), &d->row),
			 CARD_ERR_NOT_FOUND);
	flow_application_free(&a);
}

static void a_changed_one_is_refused_without_asking(void **state)
{
	struct desk *d = *state;
	flow_application_t *a = filled(d->form, NULL, "一");

	assert_int_equal(receive(d, &other, a, false), CARD_OK);
	assert_int_not_equal(d->row.verdict, CARD_VERDICT_VALID);
	assert_int_equal(asked, 0);
	assert_int_equal(examine(d, a, 0), CARD_ERR_BAD_STATE);
	flow_application_free(&a);
}

static void a_package_for_another_or_cut_is_refused(void **state)
{
	struct desk *d = *state;
	flow_application_t *a = filled(d->form, NULL, "一");
	card_buf_t p = sealed(&person, a, false);
	const size_t n = p.n;

	for (size_t i = 0; i < n; i += 37) {
		p.p[i] ^= 0x10;
		assert_int_not_equal(flow_inbox_receive(d->inbox, &d->receiver, card_buf_bytes(&p),
							&d->row, &d->problem),
				     CARD_OK);
		p.p[i] ^= 0x10;
		assert_int_not_equal(flow_inbox_receive(d->inbox, &d->receiver, card_bytes(p.p, i),
							&d->row, &d->problem),
				     CARD_OK);
	}
	assert_int_equal(flow_inbox_receive(d->inbox, &d->receiver, card_buf_bytes(&p), &d->row,
					    &d->problem),
			 CARD_OK);
	card_buf_free(&p);
	flow_application_free(&a);
}

/* ---- R5-12, R7-21 ---- */

/* Does any file of the folder hold these bytes? */
static bool folder_holds(const char *folder, struct card_bytes needle)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	bool found = false;

	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL) {
		char path[512];
		card_buf_t text = {0};

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		made_read_file(path, &text);
		found = found || (text.n > 0 && memmem(text.p, text.n, needle.p, needle.n) != NULL);
		card_buf_free(&text);
	}
	closedir(dir);
	return found;
}

static void the_folder_names_nobody(struct desk *d)
{
	const struct card_bytes serial = card_cert_serial(person.cert);
	char hex[64];
	unsigned long long number = 0;
	char decimal[32];

	assert_int_equal(card_hex_encode(serial, hex, sizeof hex), CARD_OK);
	for (size_t i = 0; i < serial.n; i++)
		number = number << 8 | serial.p[i];
	snprintf(decimal, sizeof decimal, "%llu", number);
	assert_false(folder_holds(d->folder, serial));
	assert_false(folder_holds(d->folder, bytes(hex)));
	assert_false(folder_holds(d->folder, bytes(decimal)));
	assert_false(folder_holds(d->folder, bytes(NUMBER)));
	assert_false(folder_holds(d->folder, bytes("花子")));
	assert_true(folder_holds(d->folder, bytes("jido-teate")));
}

static void what_was_sent_is_erased_and_the_record_stays(void **state)
{
	struct desk *d = *state;
	flow_application_t *one = filled(d->form, NULL, "一"), *two = filled(d->form, one, "二");
	const char *id = flow_application_id(one);
	card_buf_t package = sealed(&person, one, false);

	assert_int_equal(flow_inbox_receive(d->inbox, &d->receiver, card_buf_bytes(&package),
					    &d->row, &d->problem),
			 CARD_OK);
	assert_int_equal(receive(d, &person, two, false), CARD_OK);
	the_folder_names_nobody(d);
	assert_int_equal(flow_inbox_erase(d->inbox, id, MADE_NOW), CARD_ERR_BAD_STATE);
	assert_int_equal(examine(d, one, 0), CARD_OK);
	assert_int_equal(flow_inbox_erase(d->inbox, id, MADE_NOW), CARD_ERR_BAD_STATE);
	assert_int_equal(decide(d, one, 0), CARD_OK);
	assert_true(folder_holds(d->folder, card_bytes(package.p + package.n - 64, 64)));
	assert_int_equal(flow_inbox_erase(d->inbox, id, MADE_NOW), CARD_OK);
	assert_false(folder_holds(d->folder, card_bytes(package.p + package.n - 64, 64)));
	the_folder_names_nobody(d);
	assert_int_equal(flow_inbox_newest(d->inbox, id, &d->row), CARD_OK);
	assert_int_equal(d->row.state, FLOW_STATE_ERASED);
	assert_int_equal(d->row.verdict, CARD_VERDICT_VALID);
	assert_string_equal(d->row.decision, "認定");
	assert_int_equal(examine(d, one, 0), CARD_ERR_BAD_STATE);
	card_buf_free(&package);
	flow_application_free(&one);
	flow_application_free(&two);
}

static void a_payload_that_was_exchanged_is_not_shown(void **state)
{
	struct desk *d = *state;
	flow_application_t *a = filled(d->form, NULL, "一"), *b = filled(d->form, NULL, "二");
	card_buf_t package = sealed(&person, b, false);
	char path[256];
	FILE *f;

	assert_int_equal(receive(d, &person, a, false), CARD_OK);
	snprintf(path, sizeof path, "%s/%s-1.sealed", d->folder, flow_application_id(a));
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(package.p, 1, package.n, f), package.n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(examine(d, a, 0), CARD_ERR_SIGNATURE);
	card_buf_free(&package);
	flow_application_free(&a);
	flow_application_free(&b);
}

/* A sealed package names the receiver's certificate. */
static void other_serial(struct made_cert *c)
{
	c->serial = 0x7654321;
}

static int make_people(void **state)
{
	BIO *pem = BIO_new(BIO_s_mem());
	const char *p;
	long n;

	(void)state;
	made_person(&person, MADE_SIGN, NULL);
	made_person(&other, MADE_SIGN, NULL);
	made_person(&city, MADE_SIGN, other_serial);
	assert_non_null(pem);
	assert_int_equal(PEM_write_bio_PrivateKey(pem, city.key.pkey, NULL, NULL, 0, NULL, NULL),
			 1);
	n = BIO_get_mem_data(pem, &p);
	assert_int_equal(card_buf_append(&city_key, card_bytes(p, (size_t)n)), CARD_OK);
	BIO_free(pem);
	return 0;
}

static int free_people(void **state)
{
	(void)state;
	card_buf_free(&city_key);
	made_person_free(&person);
	made_person_free(&other);
	made_person_free(&city);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_the_newest_version_is_decided_on),
		TEST(versions_may_have_gaps),
		TEST(nobody_else_takes_its_place),
		TEST(an_older_version_waits_for_the_status_of_a_newer_one),
		TEST(a_retry_is_as_of_the_receipt),
		TEST(who_may_not_verify_asks_nobody),
		TEST(a_changed_one_is_refused_without_asking),
		TEST(a_package_for_another_or_cut_is_refused),
		TEST(what_was_sent_is_erased_and_the_record_stays),
		TEST(a_payload_that_was_exchanged_is_not_shown),
	};

	return cmocka_run_group_tests(tests, make_people, free_people);
}
