/* SPDX-License-Identifier: Apache-2.0 */
/* terminal.h — what the files of the terminal share. */
#ifndef CARDFLOW_TERMINAL_H
#define CARDFLOW_TERMINAL_H

#include <cardflow/issue_message.h>
#include <cardflow/issue_terminal.h>

/* Pages of a front at most; a payment is tried again this often. */
#define TERMINAL_PAGES	  60u
#define TERMINAL_PAYMENTS 3u

struct flow_terminal {
	char audience[256], notes[4096], id[33];
	int message_seconds;
	struct flow_terminal_wires w;
	char session[33];
	json_t *note; /* what stands in the file: application, counter, open */
	json_t *left; /* what the centre said at the start */
};

/* One transaction on its way. */
struct errand {
	flow_terminal_t *t;
	const struct flow_terminal_choice *choice;
	struct flow_terminal_result *out;
	char transaction[33], payment[33], permit[33], nonce[65], binding[65];
	uint8_t id[FLOW_ISSUE_ID], session[FLOW_ISSUE_ID];
	unsigned seq, attempt;
	int64_t amount;
	card_buf_t raw; /* the last answer, and what was read from it */
	struct flow_issue_message answer;
	card_buf_t document; /* message 5 */
	struct flow_issue_message message5;
	struct flow_terminal_paper paper;
	enum flow_print_fault fault;
};

/* ---- terminal_notes.c: durable before the step that depends on it ---- */

/* Read the file, or begin an empty one. CARD_ERR_IO; CARD_ERR_MALFORMED. */
enum card_error notes_read(flow_terminal_t *t);
/* Write and sync; CARD_ERR_IO. */
enum card_error notes_write(flow_terminal_t *t);
/* The next application number, already noted. "ID-000000001" into out[48]. */
enum card_error notes_application(flow_terminal_t *t, char out[48]);
int64_t notes_counter(const flow_terminal_t *t);
enum card_error notes_count(flow_terminal_t *t, int64_t sheets);
/* Note state, payment and copies of the errand; an end takes it out. */
enum card_error notes_put(const struct errand *e, const char *state, const char *payment_result);
enum card_error notes_drop(const struct errand *e);

/* ---- terminal_link.c ---- */

/* GET or POST without a transaction. *json: a new reference, NULL if the answer is none. */
enum card_error link_plain(flow_terminal_t *t, const char *method, const char *path, json_t *body,
			   json_t **json, int *status);
/*
 * A message of the errand: adds session and seq, sends the same bytes until an answer comes or the
 * time is over, and takes state, code, inquiry and charged into the result. body is consumed.
 * CARD_ERR_NO_SERVICE; CARD_ERR_BAD_STATE; CARD_ERR_DENIED: refused by the protocol.
 */
enum card_error link_post(struct errand *e, const char *message, json_t *body);
/* The opening, which has no transaction yet. */
enum card_error link_open(struct errand *e, json_t *body);
bool link_state(const struct errand *e, const char *state);

/* ---- terminal_paper.c ---- */

/* Take the answer as message 5 and check it against what was asked for (K18).
 * CARD_ERR_MALFORMED: it differs. */
enum card_error paper_take(struct errand *e);
void paper_wipe(struct errand *e);

/* ---- the steps ---- */

/* terminal_apply.c: card, PIN, message 2, document (K05–K22). */
enum card_error step_apply(struct errand *e);
/* Sign the centre's nonce with the card; adds certificate and signature to body. */
enum card_error step_prove(struct errand *e, json_t *body);
/* terminal_pay.c: preview, card gone, money (K23–K31). */
enum card_error step_pay(struct errand *e);
/* Give back what is due (K38, K39). */
enum card_error step_refund(struct errand *e);
/* terminal_print.c: permit, paper, faults, resumption, taken (K32–K40). */
enum card_error step_print(struct errand *e);

/* End it at the centre with a reason of docs/issuance.md (K10, K21, K23, K26, K27). */
enum card_error terminal_cancel(struct errand *e, const char *reason);
void terminal_say(const struct errand *e, enum flow_terminal_screen screen, int64_t number);

#endif
