/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_paper.c — is this paper the one that was issued? */
#include "commands.h"
#include "document.h"
#include "file.h"
#include "options.h"
#include "output.h"
#include "place.h"
#include "words.h"

#include <cardflow/paper.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_INSTALLED "/etc/kazasu/paper"

struct asked {
	const char *front, *voids, *key, *restored;
};

/* A scan and its resolution, 0 = not told. KZ_GO, or the exit code. */
static int read_scan(struct kz *kz, const char *path, struct flow_grey *out, double *dpi)
{
	flow_file_t *file;
	enum card_error err;
	char message[KZ_PATH_MAX + 128];
	int rc = kz_document_open(kz, path, &file);

	if (rc != KZ_GO)
		return rc;
	err = flow_grey_from_png(flow_file_bytes(file), FLOW_GREY_SIDE_MAX, out, dpi, NULL);
	flow_file_free(&file);
	if (err == CARD_OK)
		return KZ_GO;
	snprintf(message, sizeof message, _("%s is no PNG picture of a page."), path);
	return kz_fail(kz,
		       &(struct kz_failure){.error = err, .exit = KZ_BAD_DATA, .message = message});
}

/* The keys of centres that are trusted. With none installed every paper stays undetermined. */
static int open_trust(struct kz *kz, const struct asked *a, flow_paper_trust_t **out)
{
	char folder[KZ_PATH_MAX], path[KZ_PATH_MAX + 32], message[2 * KZ_PATH_MAX];
	const char *place = a->key;
	enum card_error err;

	if (place == NULL && kz->opt.test_roots && kz_place_fixtures(folder, sizeof folder)) {
		snprintf(path, sizeof path, "%s/paper", folder);
		place = path;
	}
	err = flow_paper_trust_open(out, place != NULL ? place : KEYS_INSTALLED);
	if (err == CARD_OK || (err == CARD_ERR_IO && place == NULL))
		return KZ_GO;
	snprintf(message, sizeof message, _("The keys in %s cannot be used."),
		 place != NULL ? place : KEYS_INSTALLED);
	return kz_fail(kz,
		       &(struct kz_failure){.error = err,
					    .exit = err == CARD_ERR_IO ? KZ_NO_INPUT : KZ_BAD_DATA,
					    .message = message});
}

static int open_voids(struct kz *kz, const char *path, const flow_paper_trust_t *trust,
		      flow_void_list_t **out)
{
	char message[KZ_PATH_MAX + 160];
	enum card_error err;

	if (path == NULL)
		return KZ_GO;
	err = trust == NULL ? CARD_ERR_SIGNATURE : flow_void_list_open(out, path, trust);
	if (err == CARD_OK)
		return KZ_GO;
	snprintf(message, sizeof message,
		 err == CARD_ERR_IO
			 ? _("%s cannot be read.")
			 : _("%s is no void list signed by a centre that is trusted here."),
		 path);
	return kz_fail(kz,
		       &(struct kz_failure){.error = err,
					    .exit = err == CARD_ERR_IO ? KZ_NO_INPUT : KZ_BAD_DATA,
					    .message = message});
}

/* What speaks against the paper, or leaves it open. */
struct finding {
	const char *code, *text;
	bool open; /* leaves the verdict undetermined */
};

static size_t findings(const struct flow_paper_report *r, struct finding out[8])
{
	size_t n = 0;

	if (r->signature == CARD_CHECK_FAIL)
		out[n++] = (struct finding){
			*r->key_id == '\0' ? "code_missing" : "code_signature",
			*r->key_id == '\0'
				? _("No code of an issuing centre was found on the back.")
				: _("The code on the back was altered."),
			false};
	if (r->signature == CARD_CHECK_UNDETERMINED)
		out[n++] = (struct finding){
			"key_unknown", _("The code is signed with a key that is not trusted here."),
			true};
	if (r->front_code == CARD_CHECK_FAIL)
		out[n++] = (struct finding){
			"pattern", _("The pattern on the back is damaged or of another paper."),
			false};
	if (r->front_compare == CARD_CHECK_FAIL)
		out[n++] = (struct finding){"front_differs",
					    _("The front is not the one that was issued."), false};
	if (r->void_check == CARD_CHECK_FAIL)
		out[n++] = (struct finding){"void", _("This copy is on the void list."), false};
	if (r->void_check == CARD_CHECK_UNDETERMINED)
		out[n++] = (struct finding){"void_list_stale", _("The void list is out of date."),
					    true};
	return n;
}

static enum card_verdict judge(const struct finding *f, size_t n)
{
	enum card_verdict v = CARD_VERDICT_VALID;

	for (size_t i = 0; i < n; i++) {
		if (!f[i].open)
			return CARD_VERDICT_INVALID;
		v = CARD_VERDICT_UNDETERMINED;
	}
	return v;
}

static json_t *facts_json(const struct flow_paper_report *r)
{
	const struct flow_paper_facts *f = &r->facts;
	char made[11];

	if (*f->transaction == '\0')
		return json_null();
	card_date_format(f->made, made);
	return json_pack("{s:s, s:s, s:i, s:i, s:s, s:s, s:s, s:s, s:s, s:s}", "transaction",
			 f->transaction, "copy", f->copy, "page", (int)f->page, "pages",
			 (int)f->pages, "kind", f->kind, "municipality", f->municipality, "made",
			 made, "document", f->document, "binding", f->binding, "key", r->key_id);
}

/* Millimetres are told in tenths. */
static double tenths(double mm)
{
	return round(mm * 10) / 10;
}

static json_t *differences_json(const struct flow_paper_report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->difference_count; i++) {
		const struct flow_paper_difference *d = &r->differences[i];

		json_array_append_new(list, json_pack("{s:f, s:f, s:f, s:f, s:b, s:b}", "x",
						      tenths(d->x), "y", tenths(d->y), "width",
						      tenths(d->width), "height", tenths(d->height),
						      "missing", d->missing, "added", d->added));
	}
	return list;
}

static void say(const struct kz *kz, const struct flow_paper_report *r, const struct finding *f,
		size_t n, enum card_verdict v)
{
	char made[11];

	kz_say_pair(kz, _("verdict"), "%s%s", kz_word_verdict(v),
		    kz->opt.test_roots ? _("  [TEST]") : "");
	for (size_t i = 0; i < n; i++)
		kz_say(kz, "    - %s\n", f[i].text);
	if (*r->facts.transaction != '\0') {
		card_date_format(r->facts.made, made);
		kz_say_pair(kz, _("issued"), "%s, %s, %s", made, r->facts.kind,
			    r->facts.municipality);
		kz_say_pair(kz, _("copy"), _("%s, sheet %u of %u"), r->facts.copy, r->facts.page,
			    r->facts.pages);
	}
	kz_say_pair(kz, _("code signed"), "%s", kz_word_check(r->signature));
	kz_say_pair(kz, _("pattern"), "%s", kz_word_check(r->front_code));
	kz_say_pair(kz, _("front compared"), "%s", kz_word_check(r->front_compare));
	kz_say_pair(kz, _("void list"), "%s", kz_word_check(r->void_check));
	for (size_t i = 0; i < r->difference_count && i < 10; i++)
		kz_say(kz, _("    differs: %.0f mm from the left, %.0f mm from the top\n"),
		       r->differences[i].x, r->differences[i].y);
}

/* Write the front as it was issued. */
static int restore(struct kz *kz, const char *path, const struct flow_paper_report *r)
{
	card_buf_t png = {0};
	enum card_error err;
	int rc;

	if (path == NULL || r->front.pixels == NULL)
		return KZ_GO;
	err = flow_grey_to_png(&r->front, r->front_dpi, &png);
	rc = err == CARD_OK ? kz_file_write(kz, path, card_buf_bytes(&png), 0600)
			    : kz_fail_error(kz, err);
	card_buf_free(&png);
	return rc;
}

static int answer(struct kz *kz, const struct asked *a, const struct flow_paper_report *r)
{
	static const int exits[] = {KZ_UNDETERMINED, KZ_DONE, KZ_INVALID};
	json_t *reasons = json_array();
	struct finding f[8];
	size_t n = findings(r, f);
	enum card_verdict v = judge(f, n);
	int rc = restore(kz, a->restored, r);

	if (rc != KZ_GO) {
		json_decref(reasons);
		return rc;
	}
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			reasons, json_pack("{s:s, s:s}", "code", f[i].code, "message", f[i].text));
	say(kz, r, f, n, v);
	kz_json(kz, json_pack("{s:s, s:o, s:o, s:{s:s, s:s, s:s}, s:s, s:o, s:i, s:b}", "verdict",
			      card_verdict_name(v), "reasons", reasons, "facts", facts_json(r),
			      "checks", "signature", card_check_name(r->signature), "front_code",
			      card_check_name(r->front_code), "front_compare",
			      card_check_name(r->front_compare), "void_check",
			      card_check_name(r->void_check), "differences", differences_json(r),
			      "repaired", (int)r->repaired, "test", kz->opt.test_roots));
	return exits[v];
}

static int verify(struct kz *kz, const char *path, const struct asked *a)
{
	struct flow_grey back = {0}, front = {0};
	double front_dpi = 0;
	flow_paper_trust_t *trust = NULL;
	flow_void_list_t *voids = NULL;
	struct flow_paper_report report;
	enum card_error err;
	int rc = KZ_GO;

	if (a->restored != NULL && !kz_file_check(kz, a->restored, &rc))
		return rc;
	rc = read_scan(kz, path, &back, NULL);
	if (rc == KZ_GO && a->front != NULL)
		rc = read_scan(kz, a->front, &front, &front_dpi);
	if (rc == KZ_GO)
		rc = open_trust(kz, a, &trust);
	if (rc == KZ_GO)
		rc = open_voids(kz, a->voids, trust, &voids);
	if (rc == KZ_GO) {
		err = flow_paper_verify(&back, a->front != NULL ? &front : NULL, front_dpi, trust,
					voids, &report);
		rc = err == CARD_OK ? answer(kz, a, &report) : kz_fail_error(kz, err);
		flow_paper_report_free(&report);
	}
	flow_void_list_free(&voids);
	flow_paper_trust_free(&trust);
	flow_grey_free(&back);
	flow_grey_free(&front);
	return rc;
}

int cmd_paper(struct kz *kz)
{
	struct asked a = {.front = NULL};
	const char *words[2] = {NULL, NULL};
	const struct kz_option options[] = {
		{"front", 0, "FILE", &a.front, NULL, N_("scan of the front, to be compared (PNG)")},
		{"void-list", 0, "FILE", &a.voids, NULL, N_("the centre's list of void copies")},
		{"key", 0, "PLACE", &a.key, NULL,
		 N_("public key of the centre, or a folder of them (default /etc/kazasu/paper)")},
		{"restored", 0, "FILE", &a.restored, NULL,
		 N_("write the front as it was issued (PNG)")},
		{NULL, 0, NULL, NULL, NULL, NULL}};
	const struct kz_usage usage = {
		"verify BACK.png [--front FRONT.png] [--void-list FILE]",
		N_("Proves a certificate on paper from a scan of its back: the code is signed by the "
		   "issuing centre, and the pattern gives the front as it was issued, to be compared "
		   "with the front in hand. A photocopy of both sides passes: look at the paper too."),
		options, 2, 2};
	size_t n = 0;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc != KZ_GO)
		return rc;
	if (n != 2 || strcmp(words[0], "verify") != 0)
		return kz_fail_usage(kz, "kazasu paper verify BACK.png");
	return verify(kz, words[1], &a);
}
