/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_crl.c — revocation lists: taking them in. The store is read in crl_store.c. */
#include "commands.h"
#include "crl.h"
#include "options.h"
#include "output.h"
#include "pki.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 4096u

/* A second thread hashes a list while the first reads it. */
static void *helper_start(void *ctx, void *(*fn)(void *), void *arg)
{
	pthread_t *t = malloc(sizeof *t);

	(void)ctx;
	if (t != NULL && pthread_create(t, NULL, fn, arg) == 0)
		return t;
	free(t);
	return NULL;
}

static void helper_join(void *ctx, void *handle)
{
	pthread_t *t = handle;

	(void)ctx;
	pthread_join(*t, NULL);
	free(t);
}

static const struct card_crl_helper helper = {helper_start, helper_join, NULL};

json_t *crl_info_json(const struct kz *kz, const struct card_crl_info *info)
{
	char number[CARD_CRL_NUMBER_TEXT];

	card_crl_number_text(info, number);
	return json_pack("{s:s, s:s?, s:s?, s:o, s:o, s:o, s:I, s:b, s:b}", "issuer", info->issuer,
			 "distribution_point", *info->dist_point != '\0' ? info->dist_point : NULL,
			 "crl_number", info->number_n > 0 ? number : NULL, "this_update",
			 kz_time_json(info->this_update), "next_update",
			 kz_time_json(info->next_update), "imported_at",
			 kz_time_json(info->imported_at), "entries", (json_int_t)info->entries,
			 "fresh",
			 info->this_update <= kz_now(kz) && kz_now(kz) <= info->next_update, "test",
			 info->test);
}

void crl_info_say(const struct kz *kz, const struct card_crl_info *info)
{
	char number[CARD_CRL_NUMBER_TEXT], from[26], to[26];
	char *issuer = kz_printable(info->issuer, strlen(info->issuer));
	char *point = kz_printable(info->dist_point, strlen(info->dist_point));

	card_crl_number_text(info, number);
	card_time_format_japan(info->this_update, from);
	card_time_format_japan(info->next_update, to);
	kz_say_pair(kz, _("issuer"), "%s%s", issuer != NULL ? issuer : "",
		    info->test ? _("  [TEST]") : "");
	kz_say_pair(kz, _("distribution point"), "%s",
		    info->whole     ? _("the whole authority")
		    : point != NULL ? point
				    : "");
	if (info->number_n > 0)
		kz_say_pair(kz, _("list number"), "%s", number);
	kz_say_pair(kz, _("valid"), "%s – %s", from, to);
	kz_say_pair(kz, _("entries"), "%llu", (unsigned long long)info->entries);
	free(issuer);
	free(point);
}

static json_t *import_json(const struct kz *kz, const char *file, const struct card_crl_report *r)
{
	const char *result = r->refusal != CARD_CRL_TAKEN ? "refused"
			     : r->unchanged               ? "unchanged"
							  : "taken";
	json_t *o = json_pack(
		"{s:s, s:s, s:s?, s:s?}", "file", file, "result", result, "code",
		r->refusal != CARD_CRL_TAKEN ? card_crl_refusal_code(r->refusal) : NULL, "message",
		r->refusal != CARD_CRL_TAKEN ? card_crl_refusal_text(r->refusal, kz->lang) : NULL);

	if (r->refusal == CARD_CRL_TAKEN)
		json_object_set_new(o, "list", crl_info_json(kz, &r->info));
	return o;
}

static int import_exit(enum card_crl_refusal r)
{
	switch (r) {
	case CARD_CRL_TAKEN:
		return KZ_DONE;
	case CARD_CRL_REFUSED_IO:
		return KZ_NO_INPUT;
	case CARD_CRL_REFUSED_STORE:
		return KZ_CANNOT_WRITE;
	default:
		return KZ_BAD_DATA;
	}
}

static int import_one(struct kz *kz, struct card_crl_import *how, const char *file, json_t *list)
{
	struct card_crl_report r = {.refusal = CARD_CRL_REFUSED_IO};
	int fd = strcmp(file, "-") == 0 ? dup(STDIN_FILENO) : open(file, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		card_crl_import(how, fd, &r);
		close(fd);
	}
	json_array_append_new(list, import_json(kz, file, &r));
	if (r.refusal != CARD_CRL_TAKEN)
		kz_note(kz, "kazasu: %s: %s", file, card_crl_refusal_text(r.refusal, kz->lang));
	else if (r.unchanged)
		kz_say(kz, _("%s: already there\n"), file);
	else
		kz_say(kz, _("%s: taken, %llu entries\n"), file,
		       (unsigned long long)r.info.entries);
	return import_exit(r.refusal);
}

static int import(struct kz *kz, const char *dp, const char *const *files, size_t n)
{
	card_trust_t *trust;
	card_buf_t point = {0};
	json_t *list;
	int rc = kz_trust_open(kz, &trust), worst = KZ_DONE;
	struct card_crl_import how = {
		.store = kz_store_dir(kz), .trust = trust, .now = kz_now(kz), .helper = &helper};

	if (rc != KZ_GO)
		return rc;
	if (dp != NULL && card_name_canonical_from_text(dp, &point) != CARD_OK) {
		card_trust_free(&trust);
		return kz_fail_usage(kz, _("\"%s\" is no distinguished name (RFC 4514)."), dp);
	}
	how.dist_point = card_buf_bytes(&point);
	if (mkdir(how.store, 0755) != 0 && errno != EEXIST)
		kz_note(kz, "kazasu: %s: %s", how.store, strerror(errno));
	list = json_array();
	for (size_t i = 0; i < n; i++) {
		rc = import_one(kz, &how, files[i], list);
		if (worst == KZ_DONE)
			worst = rc;
	}
	kz_json(kz, json_pack("{s:o}", "files", list));
	card_buf_free(&point);
	card_trust_free(&trust);
	return worst;
}

int cmd_crl(struct kz *kz)
{
	struct crl_question q = {.certificate = NULL};
	const struct kz_option options[] = {
		{"dp", 0, N_("DN"), &q.dp, NULL,
		 N_("distribution point (RFC 4514): import: refuse a list that is not of it")},
		{"certificate", 0, N_("FILE"), &q.certificate, NULL,
		 N_("lookup: the certificate that is asked about")},
		{"issuer", 0, N_("FILE"), &q.issuer, NULL,
		 N_("lookup, export: certificate of the issuing authority")},
		{"serial", 0, N_("HEX"), &q.serial, NULL, N_("lookup: serial number")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"import FILE… | lookup | info | verify | export",
		N_("Takes revocation lists into the store, asks it, shows and checks what is in "
		   "it. A list is taken only if an installed authority signed it, it is in date, "
		   "complete and newer than what is there; otherwise nothing changes."),
		options, 1, FILES_MAX + 1};
	const char **words = calloc(FILES_MAX + 1, sizeof *words);
	size_t n = 0;
	int rc;

	if (words == NULL)
		return kz_fail_error(kz, CARD_ERR_NO_MEMORY);
	rc = kz_options(kz, &usage, words, &n);
	if (rc == KZ_GO && strcmp(words[0], "import") == 0)
		rc = n > 1 ? import(kz, q.dp, words + 1, n - 1)
			   : kz_fail_usage(kz, _("Which list? kazasu crl import FILE…"));
	else if (rc == KZ_GO && n > 1)
		rc = kz_fail_usage(kz, _("Too many words: \"%s\"."), words[1]);
	else if (rc == KZ_GO && strcmp(words[0], "lookup") == 0)
		rc = crl_lookup(kz, &q);
	else if (rc == KZ_GO && strcmp(words[0], "info") == 0)
		rc = crl_show(kz);
	else if (rc == KZ_GO && strcmp(words[0], "verify") == 0)
		rc = crl_verify(kz);
	else if (rc == KZ_GO && strcmp(words[0], "export") == 0)
		rc = crl_export(kz, &q);
	else if (rc == KZ_GO)
		rc = kz_fail_usage(kz, _("import, lookup, info, verify or export?"));
	free(words);
	return rc;
}
