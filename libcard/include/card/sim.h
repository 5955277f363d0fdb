/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim.h — the virtual card (libcardsim.a: tools and tests only, in no shared library).
 *
 * A card made from a persona file that behaves as docs/vcard.md says. It can be
 * driven byte by byte, used as a transport inside the process (card_sim_reader),
 * or plugged into pcscd by kazasu-vcard.
 *
 * Fixtures: keys, test CAs, fonts' pictures and personas made at build time. They
 * are looked for in this order: options.fixtures; `fixtures` in the folder of
 * the executable and up to four folders above it; $KAZASU_FIXTURES;
 * DATADIR/kazasu/fixtures. A folder counts if it holds trust/cv-ca.csv.
 */
#ifndef CARD_SIM_H
#define CARD_SIM_H

#include <card/bytes.h>
#include <card/reader.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct card_sim card_sim_t;

/* Time a command takes (docs/vcard.md has the constants). */
enum card_sim_latency {
	CARD_SIM_LATENCY_NONE = 0,
	CARD_SIM_LATENCY_NFC106,  /* ISO 14443 Type B, 106 kbit/s */
	CARD_SIM_LATENCY_NFC424,  /* the same, 424 kbit/s */
	CARD_SIM_LATENCY_CONTACT, /* T=1 */
	CARD_SIM_LATENCY_COUNT_
};

/* Where in command N the card disappears. */
enum card_sim_tear {
	CARD_SIM_TEAR_BEFORE = 0, /* the command is not executed */
	CARD_SIM_TEAR_AFTER,      /* executed, the answer is lost */
	CARD_SIM_TEAR_COUNTER     /* VERIFY: the counter is written, the comparison never made;
				     any other command: as BEFORE */
};

struct card_sim_options {
	const char *fixtures;  /* NULL: looked for, see above */
	const char *state_dir; /* counters and changed PINs are kept here; NULL: in memory */
	enum card_sim_latency latency;
	unsigned long tear_after; /* 0: never; N: at the N-th command after card_sim_insert/new */
	enum card_sim_tear tear;
	const char *const *quirks; /* names, docs/vcard.md; added to the persona's own */
	size_t n_quirks;
	const char *log_path; /* `> HEX` / `< HEX` a command; secrets as `**`; NULL: none */
};

/* What went wrong, one English sentence with a final NUL; "" if nothing did. */
struct card_sim_problem {
	char text[320];
};

/*
 * A powered-off card from a persona: a path to a JSON file (contains '/' or ends
 * in .json) or the name of one in the fixtures. opt and problem may be NULL.
 * CARD_ERR_NOT_FOUND: no such persona or no fixtures; CARD_ERR_MALFORMED: the
 * persona or a quirk name is wrong; CARD_ERR_IO: state or log file;
 * CARD_ERR_CRYPTO. *out is set only on CARD_OK.
 */
CARD_API enum card_error card_sim_new(card_sim_t **out, const char *persona,
				      const struct card_sim_options *opt,
				      struct card_sim_problem *problem);

/* Drop the caller's hold; the card lives on while readers made from it do. */
CARD_API void card_sim_free(card_sim_t **s);

/* Power off: security status and selection are gone. Power on: cold reset.
 * Warm reset: selection gone, security status kept (card-spec 2.5). */
CARD_API void card_sim_power_off(card_sim_t *s);
CARD_API void card_sim_power_on(card_sim_t *s);
CARD_API void card_sim_reset(card_sim_t *s);

/* The ATR; borrowed, valid as long as the card. */
CARD_API struct card_bytes card_sim_atr(const card_sim_t *s);

/*
 * One command APDU, one response APDU (with status word). Powers the card on if
 * it is off. CARD_ERR_REMOVED: torn by tear_after, now or before: card_sim_insert
 * brings it back. CARD_ERR_BUFFER_TOO_SMALL: cap < the response; the command was
 * executed. Safe to call from several threads.
 */
CARD_API enum card_error card_sim_transmit(card_sim_t *s, struct card_bytes cmd, uint8_t *resp,
					   size_t cap, size_t *len);

/* Take the card away (CARD_ERR_REMOVED until it is inserted), or put it back:
 * power off, command count 0, tear_after as given here (0: never). */
CARD_API void card_sim_remove(card_sim_t *s);
CARD_API void card_sim_insert(card_sim_t *s, unsigned long tear_after, enum card_sim_tear tear);

/* Commands executed or torn since new/insert. */
CARD_API unsigned long card_sim_count(const card_sim_t *s);

/* Digits that "the person" types on the reader's own keys at the next PIN block
 * (copied; NULL: no pin pad, the default). Several entries stand apart by one blank: a VERIFY
 * takes one, a CHANGE two (the new PIN and the new PIN again), the last one is typed from then
 * on. "" or an entry "-" means the cancel key. CARD_ERR_INVALID_ARGUMENT: over 63 characters. */
CARD_API enum card_error card_sim_set_keypad(card_sim_t *s, const char *digits);

/*
 * A transport over the card, for card_reader_new; it holds the card until its
 * close. Several may be made: they share the card like programs share a reader,
 * and a transaction of one keeps the others waiting (CARD_ERR_READER_BUSY after
 * timeout_ms; 0 means 10 s).
 */
CARD_API enum card_error card_sim_reader(card_sim_t *s, struct card_reader_ops *ops, void **ctx);

/* card_sim_reader and card_reader_new in one; inline because the virtual card
 * itself does not link with libcard. */
static inline enum card_error card_sim_reader_new(card_reader_t **out, card_sim_t *s)
{
	struct card_reader_ops ops;
	void *ctx;
	enum card_error err = card_sim_reader(s, &ops, &ctx);

	if (err != CARD_OK)
		return err;
	err = card_reader_new(out, &ops, ctx);
	if (err != CARD_OK)
		ops.close(ctx);
	return err;
}

/* Names and effects of the quirks: card_sim_quirk_name(i) is NULL after the last. */
CARD_API const char *card_sim_quirk_name(size_t i);
CARD_API const char *card_sim_quirk_effect(size_t i);

#ifdef __cplusplus
}
#endif
#endif
