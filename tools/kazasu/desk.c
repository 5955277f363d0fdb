/* SPDX-License-Identifier: Apache-2.0 */
#include "desk.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "output.h"

#define RETENTION_YEARS 7 /* PD-33 */

bool kz_desk_folder(char out[KZ_PATH_MAX])
{
	const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n = -1;

	if (base != NULL && *base == '/')
		n = snprintf(out, KZ_PATH_MAX, "%s/kazasu/desk", base);
	else if (home != NULL && *home == '/')
		n = snprintf(out, KZ_PATH_MAX, "%s/.local/state/kazasu/desk", home);
	return n > 0 && n < KZ_PATH_MAX - 64;
}

bool kz_desk_exists(void)
{
	char path[KZ_PATH_MAX + 32], folder[KZ_PATH_MAX];

	if (!kz_desk_folder(folder))
		return false;
	snprintf(path, sizeof path, "%s/checkpoint.pub.pem", folder);
	return access(path, F_OK) == 0;
}

void kz_desk_file(const struct kz_desk *d, const char *name, char out[KZ_PATH_MAX])
{
	if (snprintf(out, KZ_PATH_MAX, "%s/%s", d->folder, name) >= KZ_PATH_MAX)
		out[0] = '\0';
}

static void name_terminal(char out[41])
{
	char host[128] = "";
	size_t n = 0;

	gethostname(host, sizeof host - 1);
	for (const char *p = host; *p != '\0' && n < 40; p++) {
		const bool good = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
				  (*p >= '0' && *p <= '9') || *p == '-' || *p == '.' || *p == '_';
		out[n++] = good ? *p : '-';
	}
	if (n == 0)
		memcpy(out, "terminal", n = 8);
	out[n] = '\0';
}

int kz_desk_fail(struct kz *kz, enum card_error err, const char *what)
{
	char message[320];
	const struct kz_failure f = {
		.error = err, .exit = KZ_CANNOT_WRITE, .message = message, .hint = ""};

	snprintf(message, sizeof message, _("The store of this counter cannot be used: %s"), what);
	return kz_fail(kz, &f);
}

/* The settings that decide where the store is and what this terminal is called. */
static int read_settings(struct kz *kz, struct kz_desk *d)
{
	struct kz_config config;
	const int rc = kz_config_read(kz, &config);

	if (rc != KZ_GO)
		return rc;
	if (config.terminal[0] != '\0')
		memcpy(d->terminal, config.terminal, sizeof d->terminal);
	else
		name_terminal(d->terminal);
	if (config.store[0] != '\0')
		snprintf(d->where, sizeof d->where, "%s", config.store);
	else
		kz_desk_file(d, "desk.db", d->where);
	if (config.copy[0] != '\0')
		snprintf(d->copy, sizeof d->copy, "%s", config.copy);
	else
		kz_desk_file(d, "checkpoints.txt", d->copy);
	return KZ_GO;
}

enum card_error kz_desk_tables(flow_store_t *store)
{
	enum card_error err = flow_operators_setup(store);

	if (err == CARD_OK)
		err = flow_checks_setup(store);
	if (err == CARD_OK)
		err = flow_cases_setup(store);
	return err == CARD_OK ? flow_register_setup(store) : err;
}

int kz_desk_store_open(struct kz *kz, struct kz_desk *d, bool create)
{
	struct flow_problem problem = {.text = ""};
	enum card_error err;
	int rc = read_settings(kz, d);

	if (rc != KZ_GO)
		return rc;
	err = flow_store_open(&d->store, d->where, create ? FLOW_STORE_CREATE : 0, &problem);
	/* In PostgreSQL the owner made the tables; a terminal may not. */
	if (err == CARD_OK && !flow_store_is_postgresql(d->store)) {
		err = journal_setup(d->store, NULL);
		if (err == CARD_OK)
			err = kz_desk_tables(d->store);
	}
	return err == CARD_OK
		       ? KZ_GO
		       : kz_desk_fail(kz, err,
				      problem.text[0] != '\0' ? problem.text
							      : flow_store_message(d->store));
}

int kz_desk_journal_open(struct kz *kz, struct kz_desk *d)
{
	char recipients[KZ_PATH_MAX], key[KZ_PATH_MAX];
	const struct journal_options opt = {.terminal = d->terminal,
					    .program = "kazasu " KAZASU_VERSION,
					    .recipients = recipients,
					    .signing_key = key,
					    .checkpoint_copy = d->copy};
	struct flow_problem problem = {.text = ""};
	enum card_error err;

	kz_desk_file(d, "audit.pem", recipients);
	kz_desk_file(d, "checkpoint-key.pem", key);
	err = journal_open(&d->journal, d->store, &opt, &problem);
	return err == CARD_OK
		       ? KZ_GO
		       : kz_desk_fail(kz, err,
				      problem.text[0] != '\0' ? problem.text
							      : flow_store_message(d->store));
}

static bool day_is_allowed(const struct kz *kz, const struct kz_desk *d)
{
	char path[KZ_PATH_MAX];

	kz_desk_file(d, "test", path);
	return !kz->opt.at_given || !kz_at_counts(kz) || access(path, F_OK) == 0;
}

static enum card_error tell_unexplained(void *ctx, const char *const *column, size_t n)
{
	if (n == 4)
		kz_note(ctx,
			_("kazasu: record %s (%s, %s) ended nobody knows how: explain it with "
			  "`kazasu journal explain %s TEXT`."),
			column[0], column[1], column[2], column[0]);
	return CARD_OK;
}

/* PD-34: the chain is checked at the start, from the last checkpoint on; a break is told and written
 * down, and work goes on. */
static int look_around(struct kz *kz, struct kz_desk *d)
{
	long bad = 0;
	enum card_error err = journal_check(d->journal, false, &bad);

	if (err == CARD_OK && bad != 0)
		kz_note(kz,
			_("kazasu: THE JOURNAL IS BROKEN at record %ld; tell the security officer."),
			bad);
	if (err == CARD_OK)
		err = journal_unexplained(d->store, d->terminal, tell_unexplained, kz);
	return err == CARD_OK ? KZ_GO : kz_desk_fail(kz, err, flow_store_message(d->store));
}

/* PD-39: what has been kept long enough goes, every day. In PostgreSQL its owner does that. */
static enum card_error erase_old(struct kz *kz, struct kz_desk *d)
{
	long erased = 0;
	enum card_error err;

	if (flow_store_is_postgresql(d->store))
		return CARD_OK;
	err = journal_prune_daily(d->journal, card_date_in_japan(kz_now(kz)), RETENTION_YEARS,
				  &erased);
	if (erased > 0)
		kz_note(kz, _("kazasu: %ld records older than %d years were erased."), erased,
			RETENTION_YEARS);
	return err;
}

int kz_desk_open(struct kz *kz, struct kz_desk *d)
{
	const struct kz_failure none = {
		.error = CARD_ERR_NOT_FOUND,
		.exit = KZ_NO_PERMISSION,
		.message = _("No counter has been set up on this machine."),
		.hint = _("`kazasu login` sets one up; who does it becomes its "
			  "first administrator.")};
	size_t found = 0;
	int rc;

	memset(d, 0, sizeof *d);
	if (!kz_desk_exists() || !kz_desk_folder(d->folder))
		return kz_fail(kz, &none);
	if (!day_is_allowed(kz, d))
		return kz_fail_refused(kz, "",
				       _("At this counter the day cannot be chosen (--at)."));
	rc = kz_desk_store_open(kz, d, false);
	if (rc == KZ_GO)
		rc = kz_desk_journal_open(kz, d);
	if (rc == KZ_GO) {
		enum card_error err = erase_old(kz, d);

		if (err == CARD_OK)
			err = journal_recover(d->journal, false, &found);
		if (err != CARD_OK)
			rc = kz_desk_fail(kz, err, flow_store_message(d->store));
		else
			rc = look_around(kz, d);
	}
	if (rc != KZ_GO)
		kz_desk_close(d);
	return rc;
}

void kz_desk_close(struct kz_desk *d)
{
	/* The records are durable; what is late is their copy elsewhere. */
	if (d->journal != NULL && journal_checkpoint(d->journal) == CARD_ERR_IO)
		fprintf(stderr,
			_("kazasu: the copy of checkpoints (%s) could not be written; it is brought "
			  "up to date with the next one.\n"),
			d->copy);
	journal_close(&d->journal);
	flow_store_close(&d->store);
	card_wipe(d->token, sizeof d->token);
}
