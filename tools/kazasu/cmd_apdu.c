/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_apdu.c — commands as they are, in one transaction.
 *
 * A secret never stands in a word: {secret} takes its place and the secret comes through
 * --pin-fd. The tries left are asked for before a VERIFY (design: tries are sacred), and the
 * issuer's commands that can destroy a card are refused except on the virtual card.
 */
#include "commands.h"
#include "config.h"
#include "options.h"
#include "output.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include <card/apdu.h>
#include <card/secret.h>
#include <card/sw.h>

#define WORDS_MAX 64

/* One word: hexadecimal digits around at most one secret. */
struct step {
	card_buf_t before, after;
	card_secret_t *secret; /* NULL: none */
};

/* card-spec 4.1: administration, never used; ERASE, LOCK, UNLOCK, MANAGE ATTRIBUTES. The last is
 * listed by its neighbours as the terminal certificate, whose effect on a card is not known. */
static bool is_administration(const struct card_apdu *cmd)
{
	static const uint8_t refused[] = {0x8A, 0x50, 0x52, 0x54, 0x06, 0xA2};

	return memchr(refused, cmd->ins, sizeof refused) != NULL;
}

static int read_secret(struct kz *kz, card_secret_t **out)
{
	enum card_error err;

	if (kz->opt.pin_fd < 0)
		return kz_fail_usage(kz, _("{secret} needs --pin-fd."));
	err = card_secret_new(out);
	if (err == CARD_OK)
		err = card_secret_read_line(*out, kz->opt.pin_fd);
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

static int read_word(struct kz *kz, const char *word, struct step *s)
{
	static const char mark[] = "{secret}";
	const char *at = strstr(word, mark);
	char *before = at != NULL ? strndup(word, (size_t)(at - word)) : strdup(word);
	enum card_error err = CARD_ERR_NO_MEMORY;

	if (before != NULL)
		err = card_hex_decode(before, &s->before);
	free(before);
	if (err == CARD_OK && at != NULL)
		err = card_hex_decode(at + sizeof mark - 1, &s->after);
	if (err == CARD_ERR_MALFORMED)
		return kz_fail_usage(kz, _("A command is hexadecimal digits, with {secret} in the "
					   "place of a secret."));
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	return at != NULL ? read_secret(kz, &s->secret) : KZ_GO;
}

/* The whole command; Lc is put in where the word leaves it out before a secret. */
static enum card_error assemble(const struct step *s, card_buf_t *out)
{
	const struct card_bytes secret = card_secret_bytes(s->secret);
	enum card_error err = card_buf_append(out, card_buf_bytes(&s->before));

	if (err == CARD_OK && s->secret != NULL && out->n == 4)
		err = card_buf_append_byte(out, (uint8_t)secret.n);
	if (err == CARD_OK)
		err = card_buf_append(out, secret);
	if (err == CARD_OK)
		err = card_buf_append(out, card_buf_bytes(&s->after));
	return err;
}

/* Assemble, decode and judge one command. bytes is the caller's to free. */
static int check(struct kz *kz, const struct kz_session *card, const struct step *s,
		 card_buf_t *bytes, struct card_apdu *cmd)
{
	enum card_error err = assemble(s, bytes);

	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	if (card_apdu_decode(card_buf_bytes(bytes), cmd) != CARD_OK)
		return kz_fail_usage(kz, _("A command does not add up: its header is 4 bytes, then "
					   "Lc, data and Le."));
	if (is_administration(cmd) && !card->virtual_card)
		return kz_fail_refused(kz, _("Only sim: takes it."),
				       _("INS %02X belongs to the issuer and can destroy a card."),
				       cmd->ins);
	if (card_apdu_is_secret(cmd) && cmd->data.n > 0 && s->secret == NULL)
		return kz_fail_refused(kz,
				       _("Write {secret} in its place and pass the secret "
					 "through --pin-fd."),
				       _("This command carries a secret, and secrets never stand "
					 "on the command line."));
	return KZ_GO;
}

/* Before a VERIFY: at least two tries, or the caller's word. */
static int spare_last_try(struct kz *kz, struct kz_session *card, const struct card_apdu *verify)
{
	const struct card_apdu query = {
		.cla = verify->cla, .ins = 0x20, .p1 = verify->p1, .p2 = verify->p2};
	struct kz_failure f = {.error = CARD_ERR_LAST_TRY};
	char message[160];
	uint16_t sw;

	f.error = card_channel_transmit(card->ch, &query, NULL);
	if (f.error != CARD_OK)
		return kz_fail(kz, &f);
	sw = card_channel_sw(card->ch);
	f.sw = sw;
	if (sw == CARD_SW_OK || sw == CARD_SW_NO_LIMIT || card_sw_tries(sw) >= 2)
		return KZ_GO;
	f.error = card_sw_tries(sw) == 0 ? CARD_ERR_PIN_LOCKED : CARD_ERR_LAST_TRY;
	if (f.error == CARD_ERR_LAST_TRY) {
		snprintf(message, sizeof message,
			 card_sw_tries(sw) == 1 ? _("Only one try is left for this secret.")
						: _("The card does not tell the tries left."));
		f.message = message;
	}
	return kz_fail(kz, &f);
}

static void show(struct kz *kz, const card_buf_t *sent, bool hide, const card_buf_t *answer,
		 uint16_t sw, json_t *list)
{
	char *out = malloc(2 * answer->n + 1), *in = malloc(2 * sent->n + 3);
	char status[5];

	snprintf(status, sizeof status, "%04X", (unsigned)sw);
	if (in != NULL && out != NULL) {
		card_hex_encode(card_bytes(sent->p, hide ? 4 : sent->n), in, 2 * sent->n + 1);
		if (hide)
			memcpy(in + 8, "**", 3);
		card_hex_encode(card_buf_bytes(answer), out, 2 * answer->n + 1);
		kz_say(kz, "> %s\n< %s%s%s  %s\n", in, out, answer->n > 0 ? " " : "", status,
		       card_sw_meaning(sw, kz->lang));
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "command", in, "data",
						      out, "sw", status, "meaning",
						      card_sw_meaning(sw, kz->lang)));
	}
	free(in);
	free(out);
}

static int send_one(struct kz *kz, struct kz_session *card, const struct step *s, bool last_try,
		    json_t *list)
{
	card_buf_t bytes = {0}, answer = {0};
	struct card_apdu cmd = {0};
	enum card_error err;
	int rc = check(kz, card, s, &bytes, &cmd);

	if (rc == KZ_GO && cmd.ins == 0x20 && cmd.data.n > 0 && !last_try)
		rc = spare_last_try(kz, card, &cmd);
	if (rc == KZ_GO) {
		err = card_channel_transmit(card->ch, &cmd, &answer);
		if (err == CARD_OK)
			show(kz, &bytes, s->secret != NULL || card_apdu_is_secret(&cmd), &answer,
			     card_channel_sw(card->ch), list);
		else
			rc = kz_fail_error(kz, err);
	}
	card_buf_free(&answer);
	card_buf_free(&bytes);
	return rc;
}

/* All words are checked before the first is sent. */
static int check_all(struct kz *kz, const struct kz_session *card, const struct step *steps,
		     size_t n)
{
	int rc = KZ_GO;

	for (size_t i = 0; i < n && rc == KZ_GO; i++) {
		card_buf_t bytes = {0};
		struct card_apdu cmd = {0};

		rc = check(kz, card, &steps[i], &bytes, &cmd);
		card_buf_free(&bytes);
	}
	return rc;
}

static int run(struct kz *kz, struct step *steps, const char **words, size_t n, bool last_try)
{
	struct kz_session card;
	json_t *list;
	enum card_error err;
	int rc = KZ_GO;

	for (size_t i = 0; i < n && rc == KZ_GO; i++)
		rc = read_word(kz, words[i], &steps[i]);
	if (rc == KZ_GO)
		rc = kz_session_open(kz, &card);
	if (rc != KZ_GO)
		return rc;
	rc = check_all(kz, &card, steps, n);
	if (rc == KZ_GO) {
		err = kz_session_begin(kz, &card);
		rc = err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
	}
	list = json_array();
	if (rc == KZ_GO) {
		for (size_t i = 0; i < n && rc == KZ_GO; i++)
			rc = send_one(kz, &card, &steps[i], last_try, list);
		err = kz_session_end(&card, CARD_OK);
		if (rc == KZ_GO && err != CARD_OK)
			rc = kz_fail_error(kz, err);
	}
	if (rc == KZ_GO)
		kz_json(kz, json_pack("{s:O}", "answers", list));
	json_decref(list);
	kz_session_close(&card);
	return rc == KZ_GO ? KZ_DONE : rc;
}

int cmd_apdu(struct kz *kz)
{
	bool last_try = false;
	const struct kz_option options[] = {
		{"last-try", 0, NULL, NULL, &last_try, N_("send a VERIFY even with one try left")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"HEX…",
		N_("Sends each word as one command, in one transaction, and prints the answers with "
		   "the meaning of their status words. {secret} in a word is replaced by a line of "
		   "--pin-fd."),
		options, 1, WORDS_MAX};
	const char *words[WORDS_MAX];
	struct step *steps;
	size_t n;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc == KZ_GO)
		rc = kz_config_own_card(kz);
	if (rc != KZ_GO)
		return rc;
	steps = calloc(n, sizeof *steps);
	if (steps == NULL)
		return kz_fail_error(kz, CARD_ERR_NO_MEMORY);
	rc = run(kz, steps, words, n, last_try);
	for (size_t i = 0; i < n; i++) {
		card_buf_free(&steps[i].before);
		card_buf_free(&steps[i].after);
		card_secret_free(&steps[i].secret);
	}
	free(steps);
	return rc;
}
