/* SPDX-License-Identifier: Apache-2.0 */
#include "personas.h"

#include "say.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *text(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static bool lives_here(const json_t *j, const char *municipality)
{
	const char *code = text(json_object_get(j, "municipality"), "code");

	return code != NULL && strcmp(code, municipality) == 0 && text(j, "name") != NULL &&
	       text(j, "birth") != NULL;
}

static bool take(struct personas *p, const char *fixtures, const char *name,
		 const char *municipality)
{
	char path[4096], certificate[4096], trust[4096];
	json_t *j;
	bool ok;

	snprintf(path, sizeof path, "%s/personas/%s.json", fixtures, name);
	snprintf(certificate, sizeof certificate, "%s/certs/%s-auth.pem", fixtures, name);
	snprintf(trust, sizeof trust, "%s/trust", fixtures);
	j = json_load_file(path, 0, NULL);
	if (p->n == PERSONAS_MAX || !lives_here(j, municipality) ||
	    access(certificate, R_OK) != 0) {
		json_decref(j);
		return true;
	}
	ok = card_name_of(certificate, trust, &p->card[p->n]);
	p->json[p->n] = j;
	p->person[p->n] = (struct flow_record_person){.name = text(j, "name"),
						      .kana = text(j, "kana"),
						      .address = text(j, "address"),
						      .birth = text(j, "birth"),
						      .sex = text(j, "sex"),
						      .number = text(j, "number"),
						      .serial = p->card[p->n].serial,
						      .authority = p->card[p->n].authority};
	p->n++;
	return ok;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

bool personas_read(struct personas *p, const char *fixtures, const char *municipality)
{
	struct dirent **list = NULL;
	char folder[4096];
	bool ok;
	int n;

	*p = (struct personas){.n = 0};
	snprintf(folder, sizeof folder, "%s/personas", fixtures);
	n = scandir(folder, &list, NULL, by_name);
	if (n < 0) {
		say(_("%s: no such folder"), folder);
		return false;
	}
	ok = take(p, fixtures, "test-person", municipality);
	for (int i = 0; i < n; i++) {
		char *dot = strstr(list[i]->d_name, ".json");

		if (dot != NULL)
			*dot = '\0';
		if (ok && dot != NULL && strcmp(list[i]->d_name, "test-person") != 0)
			ok = take(p, fixtures, list[i]->d_name, municipality);
		free(list[i]);
	}
	free(list);
	return ok;
}

void personas_free(struct personas *p)
{
	for (size_t i = 0; i < p->n; i++)
		json_decref(p->json[i]);
	p->n = 0;
}
