/* SPDX-License-Identifier: Apache-2.0 */
/* kind_pin.c — the PIN of a kind of certificate, set and unlocked at the window (変換方式, 現行方式). */
#include "commands.h"

#include "say.h"

#include <cardflow/issue_certificate.h>
#include <cardflow/issue_ledger.h>
#include <cardflow/issue_record.h>

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

struct stores {
	flow_store_t *records, *ledger;
};

static flow_store_t *open_one(const char *where, enum card_error (*setup)(flow_store_t *))
{
	struct flow_problem problem = {.text = ""};
	flow_store_t *s = NULL;

	if (flow_store_open(&s, where, FLOW_STORE_CREATE, &problem) == CARD_OK &&
	    setup(s) == CARD_OK)
		return s;
	say("%s: %s", where, s != NULL ? flow_store_message(s) : problem.text);
	flow_store_close(&s);
	return NULL;
}

static bool open_stores(const struct config *c, struct stores *s)
{
	s->records = open_one(c->records, flow_record_setup);
	s->ledger = s->records != NULL ? open_one(c->ledger, flow_ledger_setup) : NULL;
	return s->ledger != NULL;
}

static void close_stores(struct stores *s)
{
	flow_store_close(&s->records);
	flow_store_close(&s->ledger);
}

/* One line; on a terminal without echo. */
static enum card_error read_one(int fd, const char *what, card_secret_t *out)
{
	struct termios was, quiet;
	const bool tty = isatty(fd) && tcgetattr(fd, &was) == 0;
	enum card_error err;

	if (tty) {
		fprintf(stderr, "%s: ", what);
		quiet = was;
		quiet.c_lflag &= (tcflag_t)~ECHO;
		tcsetattr(fd, TCSAFLUSH, &quiet);
	}
	err = card_secret_read_line(out, fd);
	if (tty) {
		tcsetattr(fd, TCSAFLUSH, &was);
		fputc('\n', stderr);
	}
	return err;
}

/* A person types it twice; a descriptor gives it once. */
static enum card_error read_pin(int fd, card_secret_t *out)
{
	card_secret_t *again = NULL;
	enum card_error err = read_one(fd, _("new PIN, four digits"), out);

	if (err != CARD_OK || !isatty(fd))
		return err;
	err = card_secret_new(&again);
	if (err == CARD_OK)
		err = read_one(fd, _("once more"), again);
	if (err == CARD_OK && !card_bytes_equal(card_secret_bytes(out), card_secret_bytes(again)))
		err = CARD_ERR_PIN_FORMAT;
	card_secret_free(&again);
	return err;
}

static enum card_error set_pin(const struct stores *s, const struct options *o)
{
	card_secret_t *pin = NULL;
	char now[26];
	const struct flow_kind_setting setting = {o->atena, o->kind, o->operator_id, now};
	enum card_error err = card_secret_new(&pin);

	card_time_format_japan((int64_t)time(NULL), now);
	if (err == CARD_OK)
		err = read_pin(o->pin_fd, pin);
	if (err == CARD_OK)
		err = flow_kind_pin_set(s->records, s->ledger, &setting, pin);
	card_secret_free(&pin);
	return err;
}

static int exit_of(enum card_error err, const struct stores *s)
{
	switch (err) {
	case CARD_OK:
		return EX_OK;
	case CARD_ERR_PIN_FORMAT:
	case CARD_ERR_TOO_LONG:
		say(_("a PIN has four digits, and twice the same"));
		return EX_DATAERR;
	case CARD_ERR_NOT_FOUND:
		say(_("there is no such person"));
		return EX_NOINPUT;
	default:
		say("%s %s%s", card_strerror(err, CARD_LANG_EN), flow_store_message(s->records),
		    flow_store_message(s->ledger));
		return err == CARD_ERR_IO ? EX_IOERR : EX_UNAVAILABLE;
	}
}

int command_kind_pin(const struct config *c, const struct options *o)
{
	struct stores s = {NULL, NULL};
	enum flow_certificate_kind kind;
	int rc = EX_CONFIG;

	if (o->atena == NULL || o->operator_id == NULL || *o->operator_id == '\0' ||
	    strlen(o->operator_id) > 64) {
		say(_("the person (--atena) and who sets it (--operator) are needed"));
		return EX_USAGE;
	}
	if (!flow_certificate_by_name(o->kind, &kind)) {
		say(_("%s is no kind of certificate"), o->kind);
		return EX_USAGE;
	}
	if (open_stores(c, &s))
		rc = exit_of(set_pin(&s, o), &s);
	if (rc == EX_OK)
		say_log("kind-pin-set", "kind=%s operator=%s", o->kind, o->operator_id);
	close_stores(&s);
	return rc;
}

struct listing {
	json_t *list; /* NULL: lines */
};

static enum card_error tell(void *ctx, const char *kind, int tries, const char *by, const char *at)
{
	const struct listing *l = ctx;

	if (l->list != NULL)
		return json_array_append_new(l->list,
					     json_pack("{s:s,s:i,s:b,s:s,s:s}", "kind", kind,
						       "tries_left", tries, "locked", tries == 0,
						       "set_by", by, "set_at", at)) == 0
			       ? CARD_OK
			       : CARD_ERR_NO_MEMORY;
	printf("%-10s %d %s %s %s\n", kind, tries, tries == 0 ? _("locked") : "-",
	       *by != '\0' ? by : "-", *at != '\0' ? at : "-");
	return CARD_OK;
}

int command_kind_pins(const struct config *c, const struct options *o)
{
	struct listing l = {o->json ? json_array() : NULL};
	struct stores s = {NULL, NULL};
	int rc = EX_CONFIG;

	if (o->atena == NULL) {
		say(_("the person (--atena) is needed"));
		json_decref(l.list);
		return EX_USAGE;
	}
	if (open_stores(c, &s))
		rc = exit_of(flow_kind_pin_list(s.records, s.ledger, o->atena, tell, &l), &s);
	if (rc == EX_OK && l.list != NULL) {
		json_dumpf(l.list, stdout, JSON_INDENT(1));
		putchar('\n');
	}
	json_decref(l.list);
	close_stores(&s);
	return rc;
}
