/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kiosk.h — a terminal driven from the command line: what surrounds one transaction.
 *
 * The order of things is libcardflow's (issue_terminal.h); here are its wires: the centre over
 * HTTPS, the card, the money, the printer, the words, and the proof that nothing stays behind.
 */
#ifndef KAZASU_KIOSK_H
#define KAZASU_KIOSK_H

#include "place.h"
#include "secret_entry.h"
#include "session.h"

#include <cardflow/issue_payment.h>
#include <cardflow/issue_terminal.h>

struct kiosk_center;
struct kiosk_traces;

/* What the simulated printer does instead of printing on. */
enum kiosk_trouble {
	KIOSK_TROUBLE_NONE = 0,
	KIOSK_TROUBLE_FAULT, /* stops with a fault after some sheets */
	KIOSK_TROUBLE_EMPTY, /* has no paper from the beginning (K26) */
	KIOSK_TROUBLE_LOST,  /* its answer is lost, but it tells when asked (K36) */
	KIOSK_TROUBLE_SILENT /* never tells again (K36) */
};

/* Words of the command line and of the configuration file, as they are. */
struct kiosk_words {
	const char *municipality, *kind, *copies, *folder, *config;
	const char *center, *ca, *certificate, *key, *state, *audience, *method, *seals;
	const char *printer, *printer_sim, *payment_sim, *refund_sim, *again, *on_fault, *leave,
		*power_cut, *message_seconds;
	const char *attendant, *as, *cover, *sheets, *handed_to; /* of who looks after it */
	bool last_try, hurry, card, destroyed;
};

struct kiosk {
	struct kz *kz;
	const char *inquiry; /* of what is gone on with; NULL: a new transaction */
	struct kz quiet;     /* the same without --json: a card's failure is not yet the end */
	struct kiosk_words words;
	json_t *options, *window; /* window: of the municipality's answer */
	char folder[KZ_PATH_MAX], state[KZ_PATH_MAX], id[64];
	char place[256]; /* where it stands, as the centre says */
	unsigned copies;
	int message_seconds; /* how long one message may take (PD-22) */
	bool at_tty;
	bool returns; /* the money is what was asked for */

	struct kiosk_center *center;

	struct kz_session card;
	bool card_open;
	char reader[128]; /* where the card was */
	card_buf_t certificate;
	int card_exit; /* exit code of the last failure of the card; KZ_GO: none */

	flow_payment_sim_t *unit;

	flow_printer_t *ipp; /* NULL: the simulated printer */
	enum kiosk_trouble trouble;
	enum flow_print_fault trouble_fault, fault_now;
	unsigned trouble_after;
	struct flow_print_job job;
	char job_name[64];
	int job_number;
	unsigned copies_out; /* whole copies since the transaction began */

	struct kiosk_traces *traces;
	bool scan_trusted;
	int64_t since;
	int64_t ahead_ms;                   /* with --hurry: the time that was not waited */
	char last_code[40], last_state[16]; /* of the centre's answers */
};

/* ---- kiosk_run.c: unit, printer, centre and terminal together ---- */

/* KZ_GO, or the exit code; kiosk_stop in any case. */
int kiosk_start(struct kiosk *k, flow_terminal_t **t);
void kiosk_stop(struct kiosk *k, flow_terminal_t **t);
/* The file of the terminal's notes. */
void kiosk_notes(const struct kiosk *k, char out[KZ_PATH_MAX + 16]);
int kiosk_issue(struct kiosk *k);
int kiosk_resume(struct kiosk *k);
int kiosk_refund(struct kiosk *k);

/* ---- kiosk_attendant.c, kiosk_status.c: those who look after it ---- */

int kiosk_clear(struct kiosk *k);
int kiosk_cover(struct kiosk *k, const char *cover);
int kiosk_status(struct kiosk *k);
/* Wait for the attendant (flow_terminal_wires.cleared). */
bool kiosk_cleared(void *ctx, int seconds, struct flow_terminal_clearing *out);
/* (tests) An attendant is always there, and clears whatever lies there. */
bool kiosk_attendant_is_here(const struct kiosk *k);

/* ---- kiosk_choice.c ---- */

/* Words of the command line as they may be. KZ_GO, or the exit code. */
int kiosk_take_option(struct kiosk *k, const char *word);
int kiosk_check_words(struct kiosk *k);
/* PD-23: paper with the 個人番号 is asked for twice. given: it was said on the command line. */
int kiosk_confirm_number(struct kiosk *k, bool given);
/* Is it of this municipality, which the card names (flow_terminal_wires.propose)? */
enum card_error kiosk_propose(void *ctx, const char *municipality);

/* ---- kiosk_wait.c: a person who may walk away ---- */

/* yes or no at the terminal; 120 s idle, with a warning that may be extended (flows §1.8).
 * CARD_ERR_CANCELLED: no; CARD_ERR_TIMEOUT. */
enum card_error kiosk_ask(struct kiosk *k, const char *question);

/* ---- kiosk_config.c ---- */

/* Fill in what the command line left open from `key = value` lines; find the folders.
 * KZ_GO, or the exit code. */
int kiosk_config(struct kiosk *k);

/* ---- kiosk_center.c: HTTPS with certificates on both sides ---- */

int kiosk_center_open(struct kiosk *k);
void kiosk_center_close(struct kiosk *k);
/* Drop the connection and every buffer of it. */
void kiosk_center_forget(struct kiosk *k);
enum card_error kiosk_exchange(void *ctx, const char *method, const char *path,
			       struct card_bytes body, card_buf_t *answer, int *status);

/* ---- kiosk_local.c: 変換方式, 現行方式 ---- */

enum card_error kiosk_kind_pin(void *ctx, const char *kind, int tries, card_secret_t *pin);
enum card_error kiosk_local(void *ctx, struct flow_terminal_local *out);
enum card_error kiosk_local_prove(void *ctx, const uint8_t digest[32], const uint8_t proof[32],
				  char user_id[65], uint8_t response[32]);

/* ---- kiosk_card.c ---- */

/* Wait for a card and connect to it, unless that was done. */
enum card_error kiosk_card_open(struct kiosk *k);

enum card_error kiosk_certificate(void *ctx, card_buf_t *der);
enum card_error kiosk_sign(void *ctx, const uint8_t digest[32], card_buf_t *signature, int *tries);
bool kiosk_card_gone(void *ctx, int seconds);
void kiosk_card_close(struct kiosk *k);
/* End the connection to the card; it may still lie there. */
void kiosk_card_let_go(struct kiosk *k);

/* ---- kiosk_printer.c: files or IPP ---- */

int kiosk_printer_open(struct kiosk *k);
void kiosk_printer_close(struct kiosk *k);
enum card_error kiosk_printer(void *ctx, struct flow_printer_state *out);
enum card_error kiosk_print(void *ctx, const struct flow_terminal_paper *paper, int *job);
enum card_error kiosk_job(void *ctx, int job, const char *name, struct flow_print_job *out);
enum card_error kiosk_end_job(void *ctx, int job);
enum flow_terminal_fault_choice kiosk_fault(void *ctx, enum flow_print_fault fault);
/* Faults of the simulated printer are over; a real one is looked at until it is in order. */
bool kiosk_printer_clear(struct kiosk *k, int seconds);
/* A sheet of the simulated printer is out, and it knows it. */
bool kiosk_sheet_out(struct kiosk *k);
bool kiosk_taken(void *ctx, int seconds);

/* ---- kiosk_files.c: papers as pictures ---- */

/* Print into the folder; how many sheets came out stands in k->job. */
enum card_error kiosk_files_print(struct kiosk *k, const struct flow_terminal_paper *paper);
/* What came out of a copy that was not finished goes aside, as into an attendant's cover. */
void kiosk_files_set_aside(struct kiosk *k);

/* ---- kiosk_apart.c ---- */

/*
 * Do work with a document in a process of its own, so that nothing of what libraries make of it
 * remains here; what work appends to out comes over. CARD_ERR_INTERNAL: the process did not end well.
 */
typedef enum card_error kiosk_work(void *ctx, card_buf_t *out);
enum card_error kiosk_apart(kiosk_work *work, void *ctx, card_buf_t *out);

/* ---- kiosk_erase.c ---- */

/* kiosk_free.c: from now on whatever is given back is overwritten. */
void kiosk_free_wipes(void);
/* Nothing of this process goes to a swap area or core file from now on. */
void kiosk_lock_memory(struct kiosk *k);
/* Watch for these bytes at the end. They are kept masked, a part of them. */
void kiosk_watch(struct kiosk *k, struct card_bytes secret);
/* The same for a message 5 (windows of its parts, words of the front). */
void kiosk_watch_document(struct kiosk *k, struct card_bytes message);
/* Before a transaction: a planted name must be found in memory and in the folder for temporary files,
 * and be gone when it was taken away; else no proof of erasure is believed. */
bool kiosk_erase_prepare(struct kiosk *k);
bool kiosk_erase(void *ctx);
void kiosk_traces_free(struct kiosk *k);

/* ---- kiosk_traces.c: looking for bytes that should be nowhere ---- */

#define KIOSK_TRACE_MIN    12u
#define KIOSK_TRACE_LENGTH 24u

struct kiosk_traces *kiosk_traces_new(void);
/* Remember the first KIOSK_TRACE_LENGTH bytes of it, masked. Shorter than KIOSK_TRACE_MIN, or one
 * value only: left out. */
void kiosk_traces_add(struct kiosk_traces *t, struct card_bytes bytes);
size_t kiosk_traces_count(const struct kiosk_traces *t);
void kiosk_traces_clear(struct kiosk_traces *t);
/* How often they stand in this process's own writable memory; -1: it could not be read. */
long kiosk_traces_in_memory(struct kiosk_traces *t);
/* … in files below a folder that changed since, besides those of another one; -1: it could not be
 * read. */
long kiosk_traces_in_folder(struct kiosk_traces *t, const char *folder, const char *besides,
			    int64_t since);
void kiosk_traces_destroy(struct kiosk_traces **t);

/* ---- kiosk_receipt.c ---- */

/* On the screen, and as receipt.txt beside the paper. */
void kiosk_receipt(struct kiosk *k, const struct flow_terminal_say *what);

/* ---- kiosk_say.c ---- */

void kiosk_say(void *ctx, const struct flow_terminal_say *what);
const char *kiosk_kind(const char *kind);
/* The end, in words; then as JSON. Returns the exit code. */
int kiosk_report(struct kiosk *k, const struct flow_terminal_result *r, enum card_error err);

#endif
