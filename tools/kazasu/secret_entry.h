/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret_entry.h — where a PIN, password or 照合番号 comes from, and presenting it.
 *
 * In this order: --pin-fd if given; the reader's own keys (numeric secrets); pinentry; a prompt
 * on the terminal without echo. Never an argument, never the environment. No transaction is open
 * while a person is asked, except for the reader's own keys, which work no other way.
 */
#ifndef KAZASU_SECRET_ENTRY_H
#define KAZASU_SECRET_ENTRY_H

#include "session.h"

/* A secret on its way to the card. {0} is empty. */
struct kz_secret {
	card_secret_t *value; /* NULL: typed on the reader */
	unsigned flags;       /* for card_pin_verify */
};

/* What entering a secret is about. */
struct kz_entry {
	enum card_pin pin;
	const char *prompt; /* NULL: the name of the secret */
	bool last_try;      /* --last-try */
	bool no_pinpad;     /* the value itself is needed, or needed twice */
	bool change;        /* to be replaced: the keys of the reader must take the new one too */
	int seconds;        /* how long a person is waited for on the terminal; 0: for ever */
	bool signs;         /* a card without the certificate for signatures is refused here */
};

/*
 * Ask for a secret. Before a person is asked the tries left are read (a transaction of its own)
 * and shown; locked, or a last try that is not allowed, is reported here. With --pin-fd nothing
 * is read from the card. The form is checked. KZ_GO, or the exit code.
 */
int kz_secret_ask(struct kz *kz, struct kz_session *s, const struct kz_entry *entry,
		  struct kz_secret *out);

/* The sentence above the field: which secret, and what a mistake costs. */
void kz_secret_describe(const struct kz *kz, enum card_pin pin, int tries, char *out, size_t cap);

/* CARD_ERR_NO_CERTIFICATE if the card says that it has none for signatures (rules 5.3: no password
 * is asked for then). In a transaction. */
enum card_error kz_secret_signs(struct kz_session *s);

/* Ask without looking at the card (a new PIN). */
int kz_secret_ask_plain(struct kz *kz, const struct kz_entry *entry, const char *note,
			struct kz_secret *out);

/* A secret that is not the card's: so many digits, on none of the reader's keys. name: before the
 * field; note: above it. Wrong in form: KZ_BAD_DATA, and it is said. KZ_GO, or the exit code. */
int kz_secret_ask_digits(struct kz *kz, const char *name, const char *note, size_t digits,
			 card_secret_t *out);

/* Present it as `pin` in the running transaction. *tries as card_pin_verify. */
enum card_error kz_secret_present(struct kz *kz, struct kz_session *s, enum card_pin pin,
				  const struct kz_secret *secret, int *tries);

/* What is done with the card once the secret was accepted, in the same transaction. */
typedef enum card_error kz_read_fn(struct kz_session *s, void *ctx);

/*
 * The way of most commands: ask for a secret (entry NULL: none is needed), present it, read, all but
 * the asking in one transaction. KZ_GO, or the exit code of what was reported. failed not NULL: an
 * error of the reading is not reported but put there, with KZ_GO; CARD_OK if there was none.
 */
int kz_secret_read(struct kz *kz, struct kz_session *s, const struct kz_entry *entry,
		   kz_read_fn *read, void *ctx, enum card_error *failed);

/* Wipe and release. */
void kz_secret_free(struct kz_secret *secret);

/* Report what went wrong with a secret, with the tries left, and return the exit code. */
int kz_secret_fail(struct kz *kz, struct kz_session *s, enum card_pin pin, enum card_error error,
		   int tries);

#endif
