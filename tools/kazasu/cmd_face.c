/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_face.c — photo, name and address as they are printed on the card.
 *
 * Commands: 3 to present the number, at most 1 to select, one per 256 bytes. The signature is not
 * checked here: `identify` does.
 */
#include "commands.h"
#include "config.h"
#include "options.h"
#include "output.h"
#include "pictures.h"
#include "secret_entry.h"
#include "words.h"

#include <card/surface.h>

struct found {
	card_buf_t record;
	struct card_surface_face face; /* of record */
};

static enum card_error read_face(struct kz_session *card, void *ctx)
{
	struct found *f = ctx;

	return card_surface_read_face(card->ch, card_grant_own_card(), &f->record, &f->face);
}

static int answer(struct kz *kz, const struct kz_session *card, const struct kz_pictures *to,
		  const struct card_surface_face *face)
{
	char birth[11], expires[11];
	const char sex[2] = {face->sex, '\0'};
	int rc = kz_pictures_write(kz, to, face);

	if (rc != KZ_GO)
		return rc;
	card_date_format(face->birth, birth);
	card_date_format(face->expiry, expires);
	kz_say_pair(kz, _("date of birth"), "%s", birth);
	kz_say_pair(kz, _("sex"), "%s", kz_word_sex(face->sex));
	kz_say_pair(kz, _("valid until"), "%s%s", expires,
		    kz_session_is_test(kz, card) ? _("  [TEST]") : "");
	if (to->photo != NULL)
		kz_say_pair(kz, _("photo"), "%s", to->photo);
	if (to->name != NULL)
		kz_say_pair(kz, _("name"), "%s", to->name);
	if (to->address != NULL)
		kz_say_pair(kz, _("address"), "%s", to->address);
	kz_say(kz, "%s\n",
	       _("Whether the card is genuine was not checked; \"kazasu identify\" "
		 "does."));
	kz_json(kz, json_pack("{s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:n, s:b}", "photo", to->photo,
			      "name", to->name, "address", to->address, "birth",
			      *birth != '\0' ? birth : NULL, "sex",
			      face->sex > ' ' && face->sex < 0x7F ? sex : NULL, "expires",
			      *expires != '\0' ? expires : NULL, "authentic", "test",
			      kz_session_is_test(kz, card)));
	return KZ_DONE;
}

int cmd_face(struct kz *kz)
{
	bool number_a = false, number_b = false, last_try = false;
	struct kz_pictures to = {NULL, NULL, NULL};
	const struct kz_option options[] = {
		{"photo", 0, "FILE.png", &to.photo, NULL, N_("write the photo")},
		{"name", 0, "FILE.png", &to.name, NULL, N_("write the picture of the name")},
		{"address", 0, "FILE.png", &to.address, NULL,
		 N_("write the picture of the address")},
		{"number-b", 0, NULL, NULL, &number_b,
		 N_("open with number B, printed on the card (this is the default)")},
		{"number-a", 0, NULL, NULL, &number_a,
		 N_("open with number A, the individual number")},
		{"last-try", 0, NULL, NULL, &last_try, N_("go on even with one try left")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"[--photo F.png] [--name F.png] [--address F.png] [--number-b | --number-a]",
		N_("Reads what is printed on the front of the card. It opens with number B: 14 "
		   "digits, the date of birth with the era's year (YYMMDD), the year of expiry and "
		   "the 4 digits of the security code."),
		options, 0, 0};
	struct found found = {.record = {0}};
	struct kz_session card;
	size_t n;
	int rc = kz_options(kz, &usage, NULL, &n);

	if (rc == KZ_GO && number_a && number_b)
		rc = kz_fail_usage(kz, _("Either --number-a or --number-b."));
	if (rc == KZ_GO)
		rc = kz_config_own_card(kz);
	if (rc == KZ_GO)
		rc = kz_pictures_check(kz, &to);
	if (rc == KZ_GO)
		rc = kz_session_open(kz, &card);
	if (rc == KZ_GO) {
		const struct kz_entry entry = {.pin = number_a ? CARD_PIN_SURFACE_NUMBER_A
							       : CARD_PIN_SURFACE_NUMBER_B,
					       .last_try = last_try};

		rc = kz_secret_read(kz, &card, &entry, read_face, &found, NULL);
		if (rc == KZ_GO)
			rc = answer(kz, &card, &to, &found.face);
		card_buf_free(&found.record);
		kz_session_close(&card);
	}
	return rc;
}
