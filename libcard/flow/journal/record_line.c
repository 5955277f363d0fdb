/* SPDX-License-Identifier: Apache-2.0 */
/* record_line.c — a record as one line of text, and what may not stand in it. */
#include "journal_internal.h"

#include <card/text.h>

#include <stdlib.h>
#include <string.h>

/* Eleven digits are a 住民票コード, twelve a 個人番号; shorter runs are dates and times. */
#define DIGITS_REFUSED 11

bool journal_event_known(const char *event)
{
	static const char *const known[] = {
		/* rules 7.2 */
		"login", "login-failed", "logout", "lock", "card-read", "read-refused",
		"person-search", "provision", "provision-refused", "identity-check",
		"check-reviewed", "kiosk-step", "payment", "print", "refund", "forgotten-item",
		"sign", "verify", "application-version", "export-refused", "right-granted",
		"right-revoked", "config-change", "erase", "backup", "inspection",
		/* of the counter */
		"terminal-refused", "journal-read", "disclosure", "unmask", "chain-break",
		"clock-step", "operator-changed", "restore", "late-entry", "unknown-explained",
		"emergency-stop", "legal-hold", "export", "correction-case",
		/* of the centre of convenience-store issuance */
		"security-event", "card-state", "center-event", "clock-differs"};

	for (size_t i = 0; event != NULL && i < sizeof known / sizeof *known; i++) {
		if (strcmp(known[i], event) == 0)
			return true;
	}
	return false;
}

const char *line_phase_name(enum journal_phase p)
{
	static const char *const names[] = {"event", "intent", "outcome", "unknown"};

	return (unsigned)p < 4 ? names[p] : "";
}

const char *line_result_name(enum journal_result r)
{
	static const char *const names[] = {"", "ok", "refused", "failed", "undetermined"};

	return (unsigned)r < 5 ? names[r] : "";
}

bool line_terminal_valid(const char *t)
{
	const size_t n = t != NULL ? strlen(t) : 0;

	return n >= 1 && n <= 40 &&
	       strspn(t, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

/* Bytes of a digit, also of full width (U+FF10…U+FF19); 0 if it is none. */
static size_t digit_at(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	if (*p >= '0' && *p <= '9')
		return 1;
	return u[0] == 0xEF && u[1] == 0xBC && u[2] >= 0x90 && u[2] <= 0x99 ? 3 : 0;
}

/* A long number, also when it is written in groups. */
static bool holds_number(const char *text)
{
	size_t run = 0;

	while (*text != '\0') {
		const size_t step = digit_at(text);

		if (step > 0) {
			if (++run >= DIGITS_REFUSED)
				return true;
			text += step;
		} else {
			if (*text != ' ' && *text != '-')
				run = 0;
			text++;
		}
	}
	return false;
}

static enum card_error check_text(const char *text, size_t max)
{
	size_t n;

	if (text == NULL)
		return CARD_OK;
	n = strlen(text);
	if (n > max || !flow_utf8_valid(card_bytes(text, n)))
		return CARD_ERR_INVALID_ARGUMENT;
	for (size_t i = 0; i < n; i++) {
		if (((unsigned char)text[i] < 0x20 && strchr("\t\r\n", text[i]) == NULL) ||
		    text[i] == 0x7F)
			return CARD_ERR_INVALID_ARGUMENT;
	}
	return holds_number(text) ? CARD_ERR_DENIED : CARD_OK;
}

bool journal_may_hold(const char *text)
{
	return check_text(text, 300) == CARD_OK;
}

static enum card_error check_subject(const char *subject)
{
	const char *id;

	if (subject == NULL || *subject == '\0')
		return CARD_OK;
	if (strncmp(subject, "atena:", 6) == 0)
		id = subject + 6;
	else if (strncmp(subject, "case:", 5) == 0)
		id = subject + 5;
	else
		return CARD_ERR_INVALID_ARGUMENT;
	if (!line_terminal_valid(id)) /* the same alphabet and length */
		return CARD_ERR_INVALID_ARGUMENT;
	return strlen(id) == 12 && card_number_valid(id) ? CARD_ERR_DENIED : CARD_OK;
}

enum card_error line_check(const struct journal_record *r)
{
	const char *const texts[] = {r->operator_id, r->role,     r->organ,      r->procedure,
				     r->purpose,     r->basis,    r->attributes, r->recipient,
				     r->code,        r->approver, r->reason};
	enum card_error err = CARD_OK;

	if (!journal_event_known(r->event) || (unsigned)r->phase > JOURNAL_UNKNOWN ||
	    (unsigned)r->result > JOURNAL_UNDETERMINED)
		return CARD_ERR_INVALID_ARGUMENT;
	if (r->txn != NULL && *r->txn != '\0' &&
	    (strlen(r->txn) != JOURNAL_TXN || strspn(r->txn, "0123456789abcdef") != JOURNAL_TXN))
		return CARD_ERR_INVALID_ARGUMENT;
	/* A seq or a range of them: the one place where long numbers may stand. */
	if (r->related != NULL &&
	    (strlen(r->related) > 45 || strspn(r->related, "0123456789-") != strlen(r->related)))
		return CARD_ERR_INVALID_ARGUMENT;
	for (size_t i = 0; i < sizeof texts / sizeof *texts && err == CARD_OK; i++)
		err = check_text(texts[i], i + 1 < sizeof texts / sizeof *texts ? 300 : 2000);
	return err == CARD_OK ? check_subject(r->subject) : err;
}

char *line_escape(char *at, const char *text)
{
	for (; *text != '\0'; text++) {
		const char c = *text == '\t'   ? 't'
			       : *text == '\n' ? 'n'
			       : *text == '\r' ? 'r'
					       : *text;

		if (c != *text || c == '\\')
			*at++ = '\\';
		*at++ = c;
	}
	return at;
}

static bool unescape(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++) {
		if (*s != '\\') {
			*to++ = *s;
			continue;
		}
		switch (*++s) {
		case '\\':
			*to++ = '\\';
			break;
		case 't':
			*to++ = '\t';
			break;
		case 'n':
			*to++ = '\n';
			break;
		case 'r':
			*to++ = '\r';
			break;
		default:
			return false;
		}
	}
	*to = '\0';
	return true;
}

enum card_error line_cut(const char *line, char **copy, const char *field[LINE_COUNT])
{
	char *at;
	bool good = true;

	*copy = at = strdup(line);
	if (at == NULL)
		return CARD_ERR_NO_MEMORY;
	for (size_t i = 0; i < LINE_COUNT && good; i++) {
		char *tab = strchr(at, '\t');

		good = (tab == NULL) == (i + 1 == LINE_COUNT);
		if (tab != NULL)
			*tab = '\0';
		field[i] = at;
		good = good && unescape(at);
		at = tab != NULL ? tab + 1 : at;
	}
	if (good && strcmp(field[LINE_VERSION], "1") == 0)
		return CARD_OK;
	free(*copy);
	*copy = NULL;
	return CARD_ERR_MALFORMED;
}
