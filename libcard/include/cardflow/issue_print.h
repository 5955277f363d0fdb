/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue_print.h — the printer of a terminal: what it has, what it does, what came out.
 *
 * One job prints every sheet of every copy of one attempt, both sides. The printer is spoken to
 * directly over IPP (RFC 8011): no spool of this machine ever holds the document. What came out is
 * counted in sheets, as the printer tells it; nothing is concluded from silence.
 */
#ifndef CARDFLOW_ISSUE_PRINT_H
#define CARDFLOW_ISSUE_PRINT_H

#include <stdbool.h>

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Why a printer cannot go on; the terminal's words for it (flows K26, K35). */
enum flow_print_fault {
	FLOW_PRINT_OK = 0,
	FLOW_PRINT_JAM,     /* media-jam */
	FLOW_PRINT_PAPER,   /* media-empty, media-needed, input-tray-missing */
	FLOW_PRINT_TONER,   /* toner-empty, marker-supply-empty */
	FLOW_PRINT_COVER,   /* cover-open, door-open, interlock-open */
	FLOW_PRINT_STOPPED, /* paused, stopped, moving-to-paused, shutdown */
	FLOW_PRINT_OTHER,   /* any other reason with severity error */
	FLOW_PRINT_FAULTS_
};

/* "jam", "paper", …: the codes of docs/issuance.md; "" for FLOW_PRINT_OK. Static. */
CARD_API const char *flow_print_fault_code(enum flow_print_fault f);

/* The fault behind a keyword of printer-state-reasons (RFC 8011 5.4.12, PWG 5100.9); reports, and
 * warnings of what does not stop the paper, are FLOW_PRINT_OK. */
CARD_API enum flow_print_fault flow_print_fault_of(const char *keyword);

struct flow_printer_state {
	bool idle;                   /* no job, not stopped */
	bool accepting;              /* printer-is-accepting-jobs */
	bool two_sided;              /* prints both sides */
	int64_t sheets;              /* paper in all trays; -1: it does not tell */
	enum flow_print_fault fault; /* the gravest */
	char reasons[160];           /* its keywords, comma-separated, cut if longer */
};

enum flow_print_progress {
	FLOW_PRINT_WAITING = 0,
	FLOW_PRINT_GOING,
	FLOW_PRINT_HALTED,   /* it waits for somebody: see the printer's fault */
	FLOW_PRINT_COMPLETE, /* job-state completed */
	FLOW_PRINT_ENDED     /* aborted or canceled: no more sheets will come */
};

struct flow_print_job {
	enum flow_print_progress progress;
	int64_t sheets; /* whole sheets that came out; -1: it does not tell */
	int number;     /* the printer's own, to end it with */
};

typedef struct flow_printer flow_printer_t;

/*
 * The printer at an ipp: or ipps: address. timeout: seconds for one answer.
 * CARD_ERR_INVALID_ARGUMENT: not such an address; CARD_ERR_UNSUPPORTED: libcups is not installed.
 */
CARD_API enum card_error flow_printer_open(flow_printer_t **out, const char *uri, int timeout);
CARD_API void flow_printer_free(flow_printer_t **p);

/* CARD_ERR_NO_SERVICE: it does not answer; CARD_ERR_MALFORMED: not as IPP says. */
CARD_API enum card_error flow_printer_ask(flow_printer_t *p, struct flow_printer_state *out);

/*
 * Send a PDF as one job, two-sided on the long edge, once. name: of the job; personal data has no
 * place in it. *job: its number. CARD_ERR_NO_SERVICE: nothing was accepted; CARD_ERR_DENIED: the
 * printer refused; CARD_ERR_OUTCOME_UNKNOWN: sent, but the answer was lost: it may print.
 */
CARD_API enum card_error flow_printer_send(flow_printer_t *p, struct card_bytes pdf,
					   const char *name, int *job);

/* A job by its number; or by its name with job = 0, as after a lost answer (*found, may be NULL).
 * CARD_ERR_NOT_FOUND: it knows no such job; errors as flow_printer_ask. */
CARD_API enum card_error flow_printer_job(flow_printer_t *p, int job, const char *name,
					  struct flow_print_job *out, int *found);

/* End a job: nothing more of it is printed. Errors as flow_printer_job. */
CARD_API enum card_error flow_printer_cancel(flow_printer_t *p, int job);

#ifdef __cplusplus
}
#endif
#endif
