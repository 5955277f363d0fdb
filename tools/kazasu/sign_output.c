/* SPDX-License-Identifier: Apache-2.0 */
/* sign_output.c — where the results of signing go. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "output.h"
#include "sign.h"

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* The name of the original, with what the signature makes of it. */
static int beside(struct kz *kz, struct sign_document *d, const char *folder, bool detached)
{
	static const char *const endings[] = {NULL, "-signed.pdf", "-signed.pdf", "-signed.xml",
					      ".sig"};
	const char *end = d->kind == SIGN_CMS               ? (detached ? ".p7s" : ".p7m")
			  : d->kind == SIGN_XML && detached ? ".sig.xml"
							    : endings[d->kind];
	const char *name = folder != NULL ? last_part(d->path) : d->path;
	size_t n = strlen(name);
	int length;

	if (end[0] == '-' && n > 4 && name[n - 4] == '.')
		n -= 4;
	length = snprintf(d->out, sizeof d->out, "%s%s%.*s%s", folder != NULL ? folder : "",
			  folder != NULL && folder[strlen(folder) - 1] != '/' ? "/" : "", (int)n,
			  name, end);
	return length < (int)sizeof d->out ? KZ_GO : kz_fail_error(kz, CARD_ERR_TOO_LONG);
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The same name in the same folder, also if there is no such file yet. */
static bool same_place(const char *a, const char *b)
{
	char one[KZ_PATH_MAX], two[KZ_PATH_MAX];

	if (strcmp(last_part(a), last_part(b)) != 0)
		return false;
	snprintf(one, sizeof one, "%.*s.", (int)(last_part(a) - a), a);
	snprintf(two, sizeof two, "%.*s.", (int)(last_part(b) - b), b);
	return same_file(one, two);
}

static int refuse(struct kz *kz, const char *path, const char *text)
{
	char *clean = kz_printable(path, strlen(path));
	const int rc = kz_fail_usage(kz, "%s %s", clean != NULL ? clean : "", text);

	free(clean);
	return rc;
}

/* Originals stay as they are, and no result replaces another. */
static int check(struct kz *kz, const struct sign_options *o, const struct sign_document *docs,
		 size_t n, size_t i)
{
	const char *out = docs[i].out;

	for (size_t k = 0; k < n; k++) {
		if (same_file(out, docs[k].path))
			return refuse(kz, out,
				      _("is one of the files to be signed: the original would be "
					"lost. Give another name with -o."));
	}
	for (size_t k = 0; k < o->attachments.n; k++) {
		if (same_file(out, o->attachments.own[k].path))
			return refuse(kz, out,
				      _("is one of the files to be signed: the original would be "
					"lost. Give another name with -o."));
	}
	for (size_t k = 0; k < i; k++) {
		if (same_place(out, docs[k].out))
			return refuse(kz, out, _("would be the result of two of the files."));
	}
	return KZ_GO;
}

int kz_sign_name_outputs(struct kz *kz, const struct sign_options *o, struct sign_document *docs,
			 size_t n)
{
	const bool folder = o->output != NULL && is_folder(o->output);
	int rc = KZ_GO;

	if (o->output != NULL && *o->output == '\0')
		return kz_fail_usage(kz, _("-o needs a name."));
	if (o->output != NULL && n > 1 && !folder)
		return kz_fail_usage(kz, _("Several files are to be signed: -o names the folder "
					   "that the results go to, and there is no such folder."));
	for (size_t i = 0; rc == KZ_GO && i < n; i++) {
		if (o->output != NULL && !folder)
			rc = snprintf(docs[i].out, sizeof docs[i].out, "%s", o->output) <
					     (int)sizeof docs[i].out
				     ? KZ_GO
				     : kz_fail_error(kz, CARD_ERR_TOO_LONG);
		else
			rc = beside(kz, &docs[i], folder ? o->output : NULL, o->detached);
		if (rc == KZ_GO)
			rc = check(kz, o, docs, n, i);
		if (rc == KZ_GO && !kz_file_check(kz, docs[i].out, &rc))
			return rc;
	}
	return rc;
}
