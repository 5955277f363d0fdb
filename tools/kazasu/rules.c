/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "place.h"

int kz_rules_fail(struct kz *kz, enum card_error err, const struct flow_problem *problem)
{
	char message[512];
	struct kz_failure f = {.error = err, .message = message, .hint = ""};

	if (problem->text[0] == '\0')
		return kz_fail_error(kz, err);
	if (problem->line > 0)
		snprintf(message, sizeof message, "%s:%u: %s", problem->file, problem->line,
			 problem->text);
	else
		snprintf(message, sizeof message, "%s: %s", problem->file, problem->text);
	f.exit = err == CARD_ERR_IO ? KZ_NO_INPUT : KZ_BAD_DATA;
	return kz_fail(kz, &f);
}

int kz_rules_open(struct kz *kz, const char *folder, struct flow_rules *out)
{
	struct flow_problem problem = {.text = ""};
	char path[KZ_PATH_MAX + 64] = "", program[KZ_PATH_MAX];
	enum card_error err;

	if (folder == NULL && kz_place_program(program, sizeof program)) {
		snprintf(path, sizeof path, "%s/../share/kazasu/rules", program);
		if (access(path, R_OK) == 0)
			folder = path;
	}
	err = flow_rules_read(out, folder != NULL ? folder : KAZASU_DATADIR "/kazasu/rules",
			      &problem);
	return err == CARD_OK ? KZ_GO : kz_rules_fail(kz, err, &problem);
}

struct card_date kz_today(const struct kz *kz)
{
	return card_date_in_japan(kz_now(kz));
}

int kz_date_option(struct kz *kz, const char *option, const char *text, struct card_date *out)
{
	if (text == NULL)
		return KZ_GO;
	if (card_date_parse(card_bytes(text, strlen(text)), out) != CARD_OK)
		return kz_fail_usage(kz, _("--%s takes a date such as 2026-04-01, not \"%s\"."),
				     option, text);
	return KZ_GO;
}

json_t *kz_date_json(struct card_date d)
{
	char text[11];

	card_date_format(d, text);
	return *text != '\0' ? json_string(text) : json_null();
}

json_t *kz_list_json(const char *list)
{
	json_t *array = json_array();

	while (*list != '\0') {
		struct card_bytes item = flow_list_next(&list);

		json_array_append_new(array, json_stringn((const char *)item.p, item.n));
	}
	return array;
}
