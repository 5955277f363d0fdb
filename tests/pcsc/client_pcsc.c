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
 *   person            the same, and print them with | between
 *   sign              present the test password, sign SHA-256 of nothing, print it as hexadecimal;
 *                     the certificate is the DER file of $CERTIFICATE
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

/* text may be NULL. */
static enum card_error read_attributes(char *text, size_t cap)
{
	card_buf_t record = {0};
	struct card_text_attributes a;
	enum card_error err =
		card_text_read_attributes(channel, card_grant_own_card(), &record, &a);

	if (err == CARD_OK && text != NULL)
		(void)snprintf(text, cap, "%.*s|%.*s|%04d-%02d-%02d|%c", (int)a.name.n,
			       (const char *)a.name.p, (int)a.address.n, (const char *)a.address.p,
			       a.birth.year, a.birth.month, a.birth.day, a.sex);
	card_buf_free(&record);
	return err;
}

static enum card_error read_certificate(card_cert_t **out)
{
	uint8_t der[4096];
	const char *path = getenv("CERTIFICATE");
	FILE *f = path != NULL ? fopen(path, "rbe") : NULL;
	size_t n;

	if (f == NULL)
		return CARD_ERR_IO;
	n = fread(der, 1, sizeof(der), f);
	(void)fclose(f);
	return card_cert_new(out, card_bytes(der, n));
}

static enum card_error sign(char *text, size_t cap)
{
	uint8_t digest[CARD_HASH_MAX];
	card_secret_t *password = NULL;
	card_cert_t *cert = NULL;
	card_buf_t signature = {0};
	enum card_error err = read_certificate(&cert);

	if (err == CARD_OK)
		err = card_hash_digest(CARD_HASH_SHA256, card_bytes(digest, 0), digest);
	if (err == CARD_OK)
		err = card_secret_new(&password);
	if (err == CARD_OK)
		err = card_secret_set(password, card_bytes("ABC123", 6));
	if (err == CARD_OK)
		err = card_pin_verify(channel, CARD_PIN_SIGN, password, 0, NULL);
	if (err == CARD_OK)
		err = card_jpki_sign(channel, CARD_KEY_SIGN, CARD_HASH_SHA256,
				     card_bytes(digest, card_hash_size(CARD_HASH_SHA256)), 0, cert,
				     &signature);
	if (err == CARD_OK)
		err = card_hex_encode(card_buf_bytes(&signature), text, cap);
	card_buf_free(&signature);
	card_secret_free(&password);
	card_cert_free(&cert);
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
	char text[1024] = "";
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
		err = read_attributes(NULL, 0);
	} else if (strcmp(word, "person") == 0) {
		err = read_attributes(text, sizeof(text));
	} else if (strcmp(word, "sign") == 0) {
		err = sign(text, sizeof(text));
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
