/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that uses libcard over pcscd, driven line by line, so that a script can put events
 * (another program, a reset, a restart of pcscd, a card pulled) between its steps:
 *
 *   wait MS           wait for a card in any reader, connect to it
 *   open MS           the same at once, waiting MS for another program's transaction
 *   begin MS | end    a transaction
 *   pin TEXT          present the text PIN (the test PIN 1234)
 *   attributes        read them
 *   label             read the token label
 *   generation        print it
 *   changes MS        wait until readers or cards change
 *   sleep MS | quit
 *
 * Each prints one line: the error's name, then what it read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <card/card.h>

static card_pcsc_t *pcsc;
static card_reader_t *reader;
static card_channel_t *channel;

static bool tell_waiting(void *ctx, unsigned ms)
{
	(void)ctx;
	(void)printf("waiting %u\n", ms / 1000);
	return true;
}

static void tell(enum card_error err, const char *what)
{
	(void)printf("%s%s%s\n", card_error_name(err), what[0] != '\0' ? " " : "", what);
}

static enum card_error connect_reader(unsigned ms, unsigned busy_ms)
{
	struct card_pcsc_reader found;
	enum card_error err = CARD_OK;

	card_channel_free(&channel);
	card_reader_free(&reader);
	if (pcsc == NULL)
		err = card_pcsc_new(&pcsc);
	if (err != CARD_OK)
		return err;
	card_pcsc_on_wait(pcsc, tell_waiting, NULL);
	err = card_pcsc_wait_card(pcsc, NULL, ms, &found);
	if (err == CARD_OK)
		err = card_pcsc_open(pcsc, found.name, busy_ms, &reader);
	if (err == CARD_OK)
		err = card_channel_new(&channel, reader);
	return err;
}

static enum card_error present_pin(void)
{
	card_secret_t *s = NULL;
	enum card_error err = card_secret_new(&s);

	if (err == CARD_OK)
		err = card_secret_set(s, card_bytes("1234", 4));
	if (err == CARD_OK)
		err = card_pin_verify(channel, CARD_PIN_TEXT, s, 0, NULL);
	card_secret_free(&s);
	return err;
}

static enum card_error read_attributes(void)
{
	card_buf_t record = {0};
	struct card_text_attributes a;
	enum card_error err =
		card_text_read_attributes(channel, card_grant_own_card(), &record, &a);

	card_buf_free(&record);
	return err;
}

static enum card_error wait_changes(unsigned ms)
{
	struct card_pcsc_reader list[CARD_PCSC_READERS_MAX];
	size_t n = CARD_PCSC_READERS_MAX;
	enum card_error err = card_pcsc_list(pcsc, list, &n);

	if (err != CARD_OK)
		n = 0;
	(void)printf("watching %zu\n", n);
	return card_pcsc_wait_change(pcsc, list, n, ms);
}

static void run(const char *word, unsigned ms)
{
	char text[64] = "";
	enum card_error err = CARD_ERR_INVALID_ARGUMENT;
	struct card_jpki_token token;

	if (strcmp(word, "wait") == 0) {
		err = connect_reader(ms, 0);
	} else if (strcmp(word, "open") == 0) {
		err = connect_reader(0, ms);
	} else if (strcmp(word, "begin") == 0) {
		err = card_channel_begin(channel, ms);
	} else if (strcmp(word, "end") == 0) {
		err = card_channel_end(channel);
	} else if (strcmp(word, "pin") == 0) {
		err = present_pin();
	} else if (strcmp(word, "attributes") == 0) {
		err = read_attributes();
	} else if (strcmp(word, "label") == 0) {
		err = card_jpki_token(channel, &token);
		if (err == CARD_OK)
			(void)snprintf(text, sizeof(text), "%s", token.label);
	} else if (strcmp(word, "generation") == 0) {
		err = CARD_OK;
		(void)snprintf(text, sizeof(text), "%llu",
			       (unsigned long long)card_channel_generation(channel));
	} else if (strcmp(word, "changes") == 0) {
		err = wait_changes(ms);
	} else if (strcmp(word, "sleep") == 0) {
		err = CARD_OK;
		(void)usleep(ms * 1000);
	}
	tell(err, text);
}

int main(void)
{
	char line[128], word[32];

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		unsigned ms = 0;

		if (sscanf(line, "%31s %u", word, &ms) < 1)
			continue;
		if (strcmp(word, "quit") == 0)
			break;
		run(word, ms);
	}
	card_channel_free(&channel);
	card_reader_free(&reader);
	card_pcsc_free(&pcsc);
	return 0;
}
