/* SPDX-License-Identifier: Apache-2.0 */
/* attachments.c — files that an XML signature refers to by name. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "output.h"
#include "sign.h"

#define ATTACHMENTS_MAX 255u

static int add(struct kz *kz, const char *path, struct kz_attachments *out)
{
	struct flow_attachment *more;
	struct kz_attachment *own, mine = {NULL, NULL, NULL};
	int rc;

	if (out->n == ATTACHMENTS_MAX)
		return kz_fail_error(kz, CARD_ERR_TOO_LONG);
	more = realloc(out->item, (out->n + 1) * sizeof(*more));
	if (more == NULL)
		return kz_fail_error(kz, CARD_ERR_NO_MEMORY);
	out->item = more;
	own = realloc(out->own, (out->n + 1) * sizeof(*own));
	if (own == NULL)
		return kz_fail_error(kz, CARD_ERR_NO_MEMORY);
	out->own = own;
	rc = kz_document_open(kz, path, &mine.file);
	if (rc != KZ_GO)
		return rc;
	mine.path = strdup(path);
	if (mine.path == NULL) {
		flow_file_free(&mine.file);
		return kz_fail_error(kz, CARD_ERR_NO_MEMORY);
	}
	mine.uri = strrchr(mine.path, '/');
	mine.uri = mine.uri != NULL ? mine.uri + 1 : mine.path;
	more[out->n] = (struct flow_attachment){mine.uri, mine.file};
	own[out->n++] = mine;
	return KZ_GO;
}

int kz_attachments_open(struct kz *kz, const char *list, struct kz_attachments *out)
{
	char path[KZ_PATH_MAX];
	int rc = KZ_GO;

	while (rc == KZ_GO && list != NULL && *list != '\0') {
		const size_t n = strcspn(list, ",");

		if (n >= sizeof path)
			return kz_fail_error(kz, CARD_ERR_TOO_LONG);
		memcpy(path, list, n);
		path[n] = '\0';
		rc = add(kz, path, out);
		list += n + (list[n] == ',');
	}
	return rc;
}

int kz_attachments_of_folder(struct kz *kz, const char *folder, struct kz_attachments *out)
{
	char path[KZ_PATH_MAX];
	DIR *dir = opendir(folder);
	struct dirent *e;
	struct stat st;
	int rc = KZ_GO;

	if (dir == NULL)
		return kz_fail_error(kz, CARD_ERR_IO);
	while (rc == KZ_GO && (e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.' ||
		    snprintf(path, sizeof path, "%s/%s", folder, e->d_name) >= (int)sizeof path)
			continue;
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			rc = add(kz, path, out);
	}
	closedir(dir);
	return rc;
}

void kz_attachments_free(struct kz_attachments *a)
{
	for (size_t i = 0; i < a->n; i++) {
		flow_file_free(&a->own[i].file);
		free(a->own[i].path);
	}
	free(a->item);
	free(a->own);
	memset(a, 0, sizeof(*a));
}
