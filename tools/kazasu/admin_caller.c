/* SPDX-License-Identifier: Apache-2.0 */
/* admin_caller.c — who is on the telephone: what is said is compared, and kept nowhere (R2-22). */
#include "admin.h"

#include <string.h>
#include <unistd.h>

#include "identify_counter.h"
#include "output.h"
#include "registers.h"
#include "rules.h"

#define CALLER_MAX 16384 /* octets of the four attributes as JSON */

struct said {
	char name[512], address[1024], birth[16], sex[8];
};

static int malformed(struct kz *kz, const char *what)
{
	char message[320];
	const struct kz_failure f = {
		.error = CARD_ERR_MALFORMED,
		.exit = KZ_BAD_DATA,
		.message = message,
		.hint = _("It is {\"name\":…,\"address\":…,\"birth\":\"YYYY-MM-DD\","
			  "\"sex\":\"1\"}, as `kazasu attrs --json` tells it.")};

	snprintf(message, sizeof message, _("The attributes of the caller cannot be read: %s"),
		 what);
	return kz_fail(kz, &f);
}

/* A file of at most CALLER_MAX octets; false: it cannot be opened. */
static bool take(const char *path, char *text, size_t *n)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");

	*n = 0;
	if (f == NULL)
		return false;
	*n = fread(text, 1, CALLER_MAX + 1, f);
	if (f != stdin)
		fclose(f);
	return true;
}

static bool member(const json_t *json, const char *key, char *out, size_t room)
{
	const char *text = json_string_value(json_object_get(json, key));

	if (text == NULL || *text == '\0' || strlen(text) >= room)
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

static int from_file(struct kz *kz, const char *path, struct said *s)
{
	char text[CALLER_MAX + 1];
	json_error_t error;
	json_t *json;
	size_t n;
	bool good;

	if (!take(path, text, &n)) {
		char message[KZ_PATH_MAX + 64];
		const struct kz_failure f = {
			.error = CARD_ERR_IO, .exit = KZ_NO_INPUT, .hint = "", .message = message};

		snprintf(message, sizeof message, _("%s cannot be opened."), path);
		return kz_fail(kz, &f);
	}
	json = n <= CALLER_MAX ? json_loadb(text, n, JSON_REJECT_DUPLICATES, &error) : NULL;
	card_wipe(text, sizeof text);
	good = json_is_object(json) && member(json, "name", s->name, sizeof s->name) &&
	       member(json, "address", s->address, sizeof s->address) &&
	       member(json, "birth", s->birth, sizeof s->birth) &&
	       member(json, "sex", s->sex, sizeof s->sex);
	json_decref(json);
	if (n > CALLER_MAX)
		return malformed(kz, _("it is too long"));
	return good ? KZ_GO : malformed(kz, _("name, address, birth and sex are needed"));
}

static int asked(struct kz *kz, struct said *s)
{
	if (kz_ask_line(kz, _("Name: "), s->name, sizeof s->name) &&
	    kz_ask_line(kz, _("Address: "), s->address, sizeof s->address) &&
	    kz_ask_line(kz, _("Date of birth (YYYY-MM-DD): "), s->birth, sizeof s->birth) &&
	    kz_ask_line(kz, _("Sex (1: male, 2: female, 9: other): "), s->sex, sizeof s->sex))
		return KZ_GO;
	return kz_fail_usage(
		kz, _("--caller FILE tells the four attributes of who is on the telephone; at the "
		      "window it is --record ID with --subject."));
}

static int compare(struct kz *kz, struct kz_desk *d, const struct kz_admin *a, const struct said *s,
		   char atena[41])
{
	struct flow_caller caller = {.name = s->name, .address = s->address, .sex = s->sex[0]};
	const char *known =
		a->subject != NULL && strncmp(a->subject, "atena:", 6) == 0 ? a->subject + 6 : NULL;
	struct kz_registers registers;
	struct flow_rules rules;
	const char *code = NULL;
	enum card_error err;
	int rc;

	if (card_date_parse(card_bytes(s->birth, strlen(s->birth)), &caller.birth) != CARD_OK)
		return malformed(kz, _("birth is YYYY-MM-DD"));
	if (strlen(s->sex) != 1 || strchr("1290", s->sex[0]) == NULL)
		return malformed(kz, _("sex is 1, 2, 9 or 0"));
	rc = kz_rules_open(kz, NULL, &rules);
	if (rc != KZ_GO)
		return rc;
	rc = kz_registers_open(kz, d, &registers);
	if (rc == KZ_GO) {
		err = flow_card_caller(registers.reg[FLOW_REGISTER_ATENA], d->journal, &rules,
				       d->who.id, known, &caller, kz_today(kz), atena, &code);
		if (err != CARD_OK)
			rc = kz_admin_refuse(kz, err, code);
	}
	kz_registers_close(&registers);
	flow_rules_free(&rules);
	return rc;
}

int kz_admin_caller(struct kz *kz, struct kz_desk *d, const struct kz_admin *a, char atena[41])
{
	struct said s = {.name = ""};
	int rc = a->caller != NULL ? from_file(kz, a->caller, &s) : asked(kz, &s);

	if (rc == KZ_GO)
		rc = compare(kz, d, a, &s, atena);
	card_wipe(&s, sizeof s);
	return rc;
}
