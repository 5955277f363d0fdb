/* SPDX-License-Identifier: Apache-2.0 */
/* identify_internal.h — the check while it runs. */
#ifndef IDENTIFY_INTERNAL_H
#define IDENTIFY_INTERNAL_H

#include <cardflow/card_register.h>
#include <cardflow/check.h>
#include <cardflow/identify.h>

struct flow_identify {
	struct flow_identify_setup setup;
	struct flow_identify_view v;
	struct flow_operator who;
	bool strong;      /* the operator was proven by a second factor */
	bool with_number; /* the number is asked for, and the right is there */
	bool begun;       /* INTENT is written, OUTCOME is not */
	bool differs_in_substance, locked[2];
	bool unreadable_confirmed;
	unsigned attributes, read; /* permitted; read so far */
	unsigned unreadable;
	card_grant_t *grant;
	char txn[JOURNAL_TXN + 1], subject[64], presenter[500], record_id[64], missing[200];
	int64_t last; /* the last event */
	card_buf_t face_bytes, text_bytes, certificate;
	struct card_common_record record;
	struct card_surface_face face;
	struct card_text_attributes text, shown; /* shown: only what the procedure has */
	struct flow_evidence_answer evidence;
	struct flow_agent_answer authority;
	char documents[600]; /* kinds and results, for the record */
	char number_b[11];   /* its first ten digits: dates, to compare */
};

int64_t idcheck_now(const struct flow_identify *id);
struct card_date idcheck_today(const struct flow_identify *id);

/* Add a reason or note once. code is static. */
void idcheck_code(struct flow_identify *id, const char *code);

/* Write one record of the running check; on failure the check is closed. */
enum card_error idcheck_note(struct flow_identify *id, const char *event, enum journal_phase phase,
			     enum journal_result result, const char *code);

/* The end of a step: row, next state and (code not NULL) a record of it. */
enum card_error idcheck_step(struct flow_identify *id, const char *row, enum flow_state next,
			     enum journal_result result, const char *code);

/* The end of the check: OUTCOME with the three results, everything read is wiped. */
enum card_error idcheck_end(struct flow_identify *id, const char *row, enum flow_state next,
			    enum journal_result result, const char *code);

/* CARD_OK if the state is one of these (bits), else journaled and CARD_ERR_BAD_STATE. */
enum card_error idcheck_expect(struct flow_identify *id, unsigned states);
#define IN(state) (1u << (state))

void idcheck_wipe(struct flow_identify *id);

/* The card left, or another program took it; C17: back to waiting for a card, nothing is believed any
 * more. Returns why, or the error of the journal. */
bool idcheck_gone_error(enum card_error err);
enum card_error idcheck_gone(struct flow_identify *id, enum card_error why);

/* End a transaction that was begun; the error to report. */
enum card_error idcheck_transact(card_channel_t *ch, enum card_error begun, enum card_error worked);

/* True if the procedure requires this check. */
bool idcheck_requires(const struct flow_identify *id, enum flow_check c);

/* The authentication certificate, inside the transaction. One that is not there, or not to be had
 * without a PIN, is no error: id->certificate stays empty. */
enum card_error idcheck_certificate(struct flow_identify *id, card_channel_t *ch);

/* Path and status of it, after the card was left; wipes it. No effect without a source. */
enum card_error idcheck_verify(struct flow_identify *id);

/* Is the source of states asked, and what does its answer speak for? */
bool idcheck_wants_certificate(const struct flow_identify *id);
bool idcheck_wants_state(const struct flow_identify *id);

/* Why the card does not count (C18). */
struct idcheck_status {
	const char *code; /* NULL: nothing is wrong */
	bool invalid, supervisor;
};
struct idcheck_status idcheck_status(const struct flow_identify *id, enum flow_status told);

/* What is not required prints skipped; so does what has no answer. */
void idcheck_mask(struct flow_identify *id);

void idcheck_ladder(struct flow_identify *id, enum flow_ladder_step step,
		    enum flow_ladder_result result);

/* Ask the registers one after another about the number, and compare name and birth date
 * (identify_register.c). from_card: the number came signed from a card that is valid. */
enum card_error idcheck_registers(struct flow_identify *id, const char *digits, const char *atena,
				  bool from_card);

/* Compare what surface, text, number B and the common record say (identify_compare.c). */
void idcheck_compare(struct flow_identify *id);

#endif
