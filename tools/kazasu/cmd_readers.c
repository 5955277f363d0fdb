/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_readers.c — which readers are there, and what lies on them. */
#include "commands.h"
#include "options.h"
#include "output.h"

#include <card/pcsc.h>

static bool has_pinpad(card_pcsc_t *pcsc, const struct card_pcsc_reader *r)
{
	card_reader_t *reader = NULL;
	bool yes;

	/* The reader's features can only be asked through a connection to a card. */
	if (!r->card || r->exclusive || card_pcsc_open(pcsc, r->name, 1, &reader) != CARD_OK)
		return false;
	yes = (card_reader_features(reader) & CARD_READER_PINPAD_VERIFY) != 0;
	card_reader_free(&reader);
	return yes;
}

static void show(struct kz *kz, card_pcsc_t *pcsc, const struct card_pcsc_reader *r, json_t *list)
{
	char atr[2 * CARD_ATR_MAX + 1] = "";
	bool pinpad = has_pinpad(pcsc, r);
	const char *state = _("empty");

	card_hex_encode(card_bytes(r->atr, r->atr_len), atr, sizeof atr);
	if (r->exclusive)
		state = _("a card, held by another program");
	else if (r->card)
		state = _("a card");
	else if (r->mute)
		state = _("a card that does not answer");
	kz_say(kz, "%s: %s%s%s%s\n", r->name, state, *atr != '\0' ? ", ATR " : "", atr,
	       pinpad ? _(", with a PIN pad") : "");
	json_array_append_new(list, json_pack("{s:s, s:b, s:s?, s:b}", "name", r->name, "card",
					      r->card || r->mute, "atr", *atr != '\0' ? atr : NULL,
					      "pinpad", pinpad));
}

int cmd_readers(struct kz *kz)
{
	const struct kz_usage usage = {
		"[--wait SECONDS]",
		N_("Lists the card readers that pcscd knows. With --wait, until "
		   "there is one."),
		NULL, 0, 0};
	struct card_pcsc_reader list[CARD_PCSC_READERS_MAX];
	card_pcsc_t *pcsc = NULL;
	size_t n, words;
	enum card_error err;
	json_t *json;
	int rc = kz_options(kz, &usage, NULL, &words);

	if (rc != KZ_GO)
		return rc;
	err = card_pcsc_new(&pcsc);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	n = CARD_PCSC_READERS_MAX;
	err = card_pcsc_list(pcsc, list, &n);
	if (err == CARD_OK && n == 0 && kz->opt.wait > 0) {
		card_pcsc_wait_change(pcsc, list, 0, (unsigned)kz->opt.wait * 1000u);
		n = CARD_PCSC_READERS_MAX;
		err = card_pcsc_list(pcsc, list, &n);
	}
	if (err != CARD_OK) {
		card_pcsc_free(&pcsc);
		return kz_fail_error(kz, err);
	}
	json = json_array();
	for (size_t i = 0; i < n; i++)
		show(kz, pcsc, &list[i], json);
	card_pcsc_free(&pcsc);
	kz_json(kz, json);
	if (n > 0)
		return KZ_DONE;
	kz_note(kz, "kazasu: %s\n%s", card_strerror(CARD_ERR_NO_READER, kz->lang),
		kz_hint_of(CARD_ERR_NO_READER));
	return KZ_NO_CARD;
}
