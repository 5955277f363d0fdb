/* SPDX-License-Identifier: Apache-2.0 */
/* print_ipp.c — a printer over IPP (RFC 8011), spoken to directly. */
#include <cardflow/issue_print.h>

#include "lazy.h"

#include <cups/cups.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Loaded on first use. */
#define CUPS(name) static __typeof__(name) *p_##name
CUPS(httpSeparateURI);
CUPS(httpConnect2);
CUPS(httpClose);
CUPS(httpSetTimeout);
CUPS(cupsSendRequest);
CUPS(cupsWriteRequestData);
CUPS(cupsGetResponse);
CUPS(cupsLastError);
CUPS(ippNewRequest);
CUPS(ippDelete);
CUPS(ippAddString);
CUPS(ippAddStrings);
CUPS(ippAddInteger);
CUPS(ippFindAttribute);
CUPS(ippFirstAttribute);
CUPS(ippNextAttribute);
CUPS(ippGetName);
CUPS(ippGetCount);
CUPS(ippGetString);
CUPS(ippGetInteger);
CUPS(ippGetBoolean);
CUPS(ippGetOctetString);
CUPS(ippGetStatusCode);

static bool loaded;

static void load(void)
{
#define SYMBOL(name)                                                                               \
	{                                                                                          \
#name, (void *)&p_##name                                                           \
	}
	static const struct lazy_symbol symbols[] = {
		SYMBOL(httpSeparateURI),   SYMBOL(httpConnect2),     SYMBOL(httpClose),
		SYMBOL(httpSetTimeout),    SYMBOL(cupsSendRequest),  SYMBOL(cupsWriteRequestData),
		SYMBOL(cupsGetResponse),   SYMBOL(cupsLastError),    SYMBOL(ippNewRequest),
		SYMBOL(ippDelete),         SYMBOL(ippAddString),     SYMBOL(ippAddStrings),
		SYMBOL(ippAddInteger),     SYMBOL(ippFindAttribute), SYMBOL(ippFirstAttribute),
		SYMBOL(ippNextAttribute),  SYMBOL(ippGetName),       SYMBOL(ippGetCount),
		SYMBOL(ippGetString),      SYMBOL(ippGetInteger),    SYMBOL(ippGetBoolean),
		SYMBOL(ippGetOctetString), SYMBOL(ippGetStatusCode)};
#undef SYMBOL

	loaded = lazy_load("libcups.so.2", symbols, sizeof symbols / sizeof *symbols);
}

struct flow_printer {
	char uri[1024], host[256], resource[512];
	int port, timeout;
	bool tls;
};

enum card_error flow_printer_open(flow_printer_t **out, const char *uri, int timeout)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char scheme[16], user[64];
	flow_printer_t *p;

	if (out == NULL || uri == NULL || timeout < 1 || strlen(uri) >= sizeof p->uri)
		return CARD_ERR_INVALID_ARGUMENT;
	pthread_once(&once, load);
	if (!loaded)
		return CARD_ERR_UNSUPPORTED;
	p = calloc(1, sizeof *p);
	if (p == NULL)
		return CARD_ERR_NO_MEMORY;
	snprintf(p->uri, sizeof p->uri, "%s", uri);
	p->timeout = timeout;
	if (p_httpSeparateURI(HTTP_URI_CODING_ALL, uri, scheme, sizeof scheme, user, sizeof user,
			      p->host, sizeof p->host, &p->port, p->resource,
			      sizeof p->resource) < HTTP_URI_STATUS_OK ||
	    (strcmp(scheme, "ipp") != 0 && strcmp(scheme, "ipps") != 0)) {
		free(p);
		return CARD_ERR_INVALID_ARGUMENT;
	}
	p->tls = strcmp(scheme, "ipps") == 0;
	*out = p;
	return CARD_OK;
}

void flow_printer_free(flow_printer_t **p)
{
	if (p == NULL)
		return;
	free(*p);
	*p = NULL;
}

/* No waiting beyond the time given: 0 ends the exchange. */
static int give_up(http_t *http, void *ctx)
{
	(void)http;
	(void)ctx;
	return 0;
}

static http_t *reach(const flow_printer_t *p)
{
	http_t *http =
		p_httpConnect2(p->host, p->port, NULL, AF_UNSPEC,
			       p->tls ? HTTP_ENCRYPTION_ALWAYS : HTTP_ENCRYPTION_IF_REQUESTED, 1,
			       p->timeout * 1000, NULL);

	if (http != NULL)
		p_httpSetTimeout(http, p->timeout, give_up, NULL);
	return http;
}

static ipp_t *request(const flow_printer_t *p, ipp_op_t operation)
{
	ipp_t *r = p_ippNewRequest(operation);

	if (r != NULL) {
		p_ippAddString(r, IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", NULL, p->uri);
		p_ippAddString(r, IPP_TAG_OPERATION, IPP_TAG_NAME, "requesting-user-name", NULL,
			       "terminal");
	}
	return r;
}

/*
 * One exchange; the request is consumed. *sent: bytes of it may have arrived. On CARD_OK *answer is
 * the caller's.
 */
static enum card_error exchange(flow_printer_t *p, ipp_t *r, struct card_bytes document, bool *sent,
				ipp_t **answer)
{
	http_t *http = r == NULL ? NULL : reach(p);
	enum card_error e = CARD_ERR_NO_SERVICE;
	http_status_t status;

	*sent = false;
	*answer = NULL;
	if (http == NULL) {
		p_ippDelete(r);
		return r == NULL ? CARD_ERR_NO_MEMORY : CARD_ERR_NO_SERVICE;
	}
	*sent = true;
	status = p_cupsSendRequest(http, r, p->resource, CUPS_LENGTH_VARIABLE);
	if (status == HTTP_STATUS_CONTINUE && document.n > 0)
		status = p_cupsWriteRequestData(http, (const char *)document.p, document.n);
	if (status == HTTP_STATUS_CONTINUE || status == HTTP_STATUS_OK)
		*answer = p_cupsGetResponse(http, p->resource);
	if (*answer != NULL)
		e = CARD_OK;
	p_httpClose(http);
	p_ippDelete(r);
	return e;
}

/* The status of an answer as an error; an answer that is none is freed. */
static enum card_error judge(enum card_error e, ipp_t **answer)
{
	ipp_status_t status;

	if (e != CARD_OK)
		return e;
	status = p_ippGetStatusCode(*answer);
	if (status < IPP_STATUS_REDIRECTION_OTHER_SITE)
		return CARD_OK;
	p_ippDelete(*answer);
	*answer = NULL;
	if (status == IPP_STATUS_ERROR_NOT_FOUND || status == IPP_STATUS_ERROR_GONE)
		return CARD_ERR_NOT_FOUND;
	return status >= IPP_STATUS_ERROR_INTERNAL ? CARD_ERR_NO_SERVICE : CARD_ERR_DENIED;
}

static int64_t integer_of(ipp_t *answer, const char *name, ipp_tag_t tag, int64_t otherwise)
{
	ipp_attribute_t *a = p_ippFindAttribute(answer, name, tag);

	return a == NULL ? otherwise : p_ippGetInteger(a, 0);
}

/* "…;level=100;…" of one tray; -1: not told (PWG 5100.13: -2 unknown, -3 some). */
static int64_t level_of(const char *tray, size_t n)
{
	static const char key[] = "level=";
	const char *at = memmem(tray, n, key, sizeof key - 1);
	char text[16];
	size_t room;

	if (at == NULL)
		return -1;
	at += sizeof key - 1;
	room = n - (size_t)(at - tray);
	room = room < sizeof text - 1 ? room : sizeof text - 1;
	memcpy(text, at, room);
	text[room] = '\0';
	return strtol(text, NULL, 10);
}

static int64_t sheets_in_trays(ipp_t *answer)
{
	ipp_attribute_t *a = p_ippFindAttribute(answer, "printer-input-tray", IPP_TAG_STRING);
	int64_t sum = -1;

	for (int i = 0; a != NULL && i < p_ippGetCount(a); i++) {
		int n;
		const char *tray = p_ippGetOctetString(a, i, &n);
		int64_t level = tray == NULL || n < 0 ? -1 : level_of(tray, (size_t)n);

		if (level >= 0)
			sum = (sum < 0 ? 0 : sum) + level;
	}
	return sum;
}

static void read_reasons(ipp_t *answer, struct flow_printer_state *out)
{
	ipp_attribute_t *a = p_ippFindAttribute(answer, "printer-state-reasons", IPP_TAG_KEYWORD);
	size_t used = 0;

	for (int i = 0; a != NULL && i < p_ippGetCount(a); i++) {
		const char *keyword = p_ippGetString(a, i, NULL);
		enum flow_print_fault fault;
		int n;

		if (keyword == NULL || strcmp(keyword, "none") == 0)
			continue;
		fault = flow_print_fault_of(keyword);
		if (fault != FLOW_PRINT_OK && (out->fault == FLOW_PRINT_OK || fault < out->fault))
			out->fault = fault;
		n = snprintf(out->reasons + used, sizeof out->reasons - used, "%s%s",
			     used > 0 ? "," : "", keyword);
		if (n > 0 && used + (size_t)n < sizeof out->reasons)
			used += (size_t)n;
	}
}

static bool has_two_sides(ipp_t *answer)
{
	ipp_attribute_t *a = p_ippFindAttribute(answer, "sides-supported", IPP_TAG_KEYWORD);

	for (int i = 0; a != NULL && i < p_ippGetCount(a); i++) {
		const char *keyword = p_ippGetString(a, i, NULL);

		if (keyword != NULL && strcmp(keyword, "two-sided-long-edge") == 0)
			return true;
	}
	return false;
}

enum card_error flow_printer_ask(flow_printer_t *p, struct flow_printer_state *out)
{
	static const char *const wanted[] = {
		"printer-state",      "printer-state-reasons", "printer-is-accepting-jobs",
		"printer-input-tray", "sides-supported",       "queued-job-count"};
	ipp_attribute_t *accepting;
	int64_t state, queued;
	ipp_t *r, *answer;
	enum card_error e;
	bool sent;

	if (p == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof *out);
	r = request(p, IPP_OP_GET_PRINTER_ATTRIBUTES);
	if (r != NULL)
		p_ippAddStrings(r, IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "requested-attributes",
				(int)(sizeof wanted / sizeof *wanted), NULL, wanted);
	e = exchange(p, r, card_bytes(NULL, 0), &sent, &answer);
	e = judge(e, &answer);
	if (e != CARD_OK)
		return e == CARD_ERR_NOT_FOUND || e == CARD_ERR_DENIED ? CARD_ERR_MALFORMED : e;
	state = integer_of(answer, "printer-state", IPP_TAG_ENUM, IPP_PSTATE_STOPPED);
	queued = integer_of(answer, "queued-job-count", IPP_TAG_INTEGER, 0);
	accepting = p_ippFindAttribute(answer, "printer-is-accepting-jobs", IPP_TAG_BOOLEAN);
	out->accepting = accepting == NULL || p_ippGetBoolean(accepting, 0);
	out->sheets = sheets_in_trays(answer);
	out->two_sided = has_two_sides(answer);
	read_reasons(answer, out);
	if (state == IPP_PSTATE_STOPPED && out->fault == FLOW_PRINT_OK)
		out->fault = FLOW_PRINT_STOPPED;
	out->idle = state == IPP_PSTATE_IDLE && queued == 0;
	p_ippDelete(answer);
	return CARD_OK;
}

enum card_error flow_printer_send(flow_printer_t *p, struct card_bytes pdf, const char *name,
				  int *job)
{
	ipp_t *r, *answer;
	enum card_error e;
	bool sent;

	if (p == NULL || pdf.p == NULL || name == NULL || job == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	r = request(p, IPP_OP_PRINT_JOB);
	if (r == NULL)
		return CARD_ERR_NO_MEMORY;
	p_ippAddString(r, IPP_TAG_OPERATION, IPP_TAG_NAME, "job-name", NULL, name);
	p_ippAddString(r, IPP_TAG_OPERATION, IPP_TAG_MIMETYPE, "document-format", NULL,
		       "application/pdf");
	p_ippAddString(r, IPP_TAG_JOB, IPP_TAG_KEYWORD, "sides", NULL, "two-sided-long-edge");
	p_ippAddString(r, IPP_TAG_JOB, IPP_TAG_KEYWORD, "media", NULL, "iso_a4_210x297mm");
	p_ippAddString(r, IPP_TAG_JOB, IPP_TAG_KEYWORD, "print-scaling", NULL, "none");
	p_ippAddInteger(r, IPP_TAG_JOB, IPP_TAG_INTEGER, "copies", 1);
	e = exchange(p, r, pdf, &sent, &answer);
	if (e == CARD_ERR_NO_SERVICE && sent)
		return CARD_ERR_OUTCOME_UNKNOWN;
	e = judge(e, &answer);
	if (e != CARD_OK)
		return e == CARD_ERR_NOT_FOUND ? CARD_ERR_DENIED : e;
	*job = (int)integer_of(answer, "job-id", IPP_TAG_INTEGER, 0);
	p_ippDelete(answer);
	return *job > 0 ? CARD_OK : CARD_ERR_OUTCOME_UNKNOWN;
}

/* Attributes of one job, from wherever they stand in an answer. */
struct job_row {
	int id;
	int64_t state, sheets, impressions;
	bool named;
};

static void row_put(struct job_row *row, ipp_attribute_t *a, const char *name)
{
	const char *key = p_ippGetName(a), *text;

	if (strcmp(key, "job-id") == 0)
		row->id = p_ippGetInteger(a, 0);
	else if (strcmp(key, "job-state") == 0)
		row->state = p_ippGetInteger(a, 0);
	else if (strcmp(key, "job-media-sheets-completed") == 0)
		row->sheets = p_ippGetInteger(a, 0);
	else if (strcmp(key, "job-impressions-completed") == 0)
		row->impressions = p_ippGetInteger(a, 0);
	else if (strcmp(key, "job-name") == 0)
		row->named = name != NULL && (text = p_ippGetString(a, 0, NULL)) != NULL &&
			     strcmp(text, name) == 0;
}

static bool row_is(const struct job_row *row, int job)
{
	return row->id > 0 && (job > 0 ? row->id == job : row->named);
}

/* Find the job among all of an answer: attributes without a name part them. */
static bool find_row(ipp_t *answer, int job, const char *name, struct job_row *out)
{
	static const struct job_row none = {.sheets = -1, .impressions = -1};
	struct job_row row = none;
	bool found = false;

	for (ipp_attribute_t *a = p_ippFirstAttribute(answer); !found && a != NULL;
	     a = p_ippNextAttribute(answer)) {
		if (p_ippGetName(a) != NULL) {
			row_put(&row, a, name);
			continue;
		}
		found = row_is(&row, job);
		*out = row;
		row = none;
	}
	if (!found && row_is(&row, job)) {
		*out = row;
		found = true;
	}
	return found;
}

static enum flow_print_progress progress_of(int64_t state)
{
	switch (state) {
	case IPP_JSTATE_COMPLETED:
		return FLOW_PRINT_COMPLETE;
	case IPP_JSTATE_CANCELED:
	case IPP_JSTATE_ABORTED:
		return FLOW_PRINT_ENDED;
	case IPP_JSTATE_STOPPED:
	case IPP_JSTATE_HELD:
		return FLOW_PRINT_HALTED;
	case IPP_JSTATE_PROCESSING:
		return FLOW_PRINT_GOING;
	default:
		return FLOW_PRINT_WAITING;
	}
}

enum card_error flow_printer_job(flow_printer_t *p, int job, const char *name,
				 struct flow_print_job *out, int *found)
{
	static const char *const wanted[] = {"job-id", "job-name", "job-state",
					     "job-media-sheets-completed",
					     "job-impressions-completed"};
	struct job_row row;
	ipp_t *r, *answer;
	enum card_error e;
	bool sent;

	if (p == NULL || out == NULL || (job <= 0 && name == NULL))
		return CARD_ERR_INVALID_ARGUMENT;
	r = request(p, job > 0 ? IPP_OP_GET_JOB_ATTRIBUTES : IPP_OP_GET_JOBS);
	if (r != NULL && job > 0)
		p_ippAddInteger(r, IPP_TAG_OPERATION, IPP_TAG_INTEGER, "job-id", job);
	if (r != NULL && job <= 0)
		p_ippAddString(r, IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "which-jobs", NULL, "all");
	if (r != NULL)
		p_ippAddStrings(r, IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "requested-attributes",
				(int)(sizeof wanted / sizeof *wanted), NULL, wanted);
	e = exchange(p, r, card_bytes(NULL, 0), &sent, &answer);
	e = judge(e, &answer);
	if (e != CARD_OK)
		return e == CARD_ERR_DENIED ? CARD_ERR_MALFORMED : e;
	if (find_row(answer, job, name, &row)) {
		out->progress = progress_of(row.state);
		out->sheets = row.sheets >= 0        ? row.sheets
			      : row.impressions >= 0 ? row.impressions / 2
						     : -1;
		out->number = row.id;
		if (found != NULL)
			*found = row.id;
	} else {
		e = CARD_ERR_NOT_FOUND;
	}
	p_ippDelete(answer);
	return e;
}

enum card_error flow_printer_cancel(flow_printer_t *p, int job)
{
	ipp_t *r, *answer;
	enum card_error e;
	bool sent;

	if (p == NULL || job <= 0)
		return CARD_ERR_INVALID_ARGUMENT;
	r = request(p, IPP_OP_CANCEL_JOB);
	if (r != NULL)
		p_ippAddInteger(r, IPP_TAG_OPERATION, IPP_TAG_INTEGER, "job-id", job);
	e = exchange(p, r, card_bytes(NULL, 0), &sent, &answer);
	e = judge(e, &answer);
	if (e == CARD_OK)
		p_ippDelete(answer);
	return e;
}
