/* SPDX-License-Identifier: Apache-2.0 */
/* desk_setup.c — the first use of a counter, and a terminal that joins others. */
#include "desk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "output.h"

bool kz_desk_make_parents(char *path)
{
	for (char *p = strchr(path + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST) {
			*p = '/';
			return false;
		}
		*p = '/';
	}
	return true;
}

/* What the first account and its terminal need. */
static enum card_error first_account(struct kz_desk *d, const char *id,
				     const card_secret_t *password, struct card_date today)
{
	static const char *const rights[] = {"inquiry", "update", "number"};
	struct flow_operator o = {.training = today,
				  .organ = "市民課",
				  .roles = "security;supervisor;operator;reception"};
	enum card_error err;

	snprintf(o.id, sizeof o.id, "%s", id);
	snprintf(o.person, sizeof o.person, "%s", id);
	err = flow_operator_add(d->store, d->journal, &o, password, NULL, today);
	if (err == CARD_OK)
		err = flow_terminal_allow(d->store, d->journal, d->terminal, o.organ, id);
	for (size_t i = 0; i < 3 && err == CARD_OK; i++)
		err = flow_right_grant(d->store, d->journal, id, "*", rights[i], "setup");
	return err;
}

void kz_desk_remove_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), e->d_name, 0);
	if (dir != NULL)
		closedir(dir);
	rmdir(folder);
}

/* Only at a counter that a test run made may a test run choose the day: at another one it could
 * open expired accounts or erase records before their time. */
static bool mark_test(const struct kz *kz, const struct kz_desk *d)
{
	char path[KZ_PATH_MAX];
	int fd;

	if (!kz->opt.test_roots)
		return true;
	kz_desk_file(d, "test", path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd >= 0 && close(fd) == 0;
}

static enum card_error keep_setting(struct kz_desk *d, const char *name, const char *value)
{
	const char *params[] = {name, value};

	return flow_store_run(d->store, "INSERT INTO counter_setting (name, value) VALUES ($1, $2)",
			      params, 2, NULL, NULL);
}

/* The certificate that subjects are sealed to belongs to all terminals of one store. */
static enum card_error keep_certificate(struct kz_desk *d)
{
	char path[KZ_PATH_MAX], pem[16384];
	FILE *f;
	size_t n;

	kz_desk_file(d, "audit.pem", path);
	f = fopen(path, "re");
	if (f == NULL)
		return CARD_ERR_IO;
	n = fread(pem, 1, sizeof pem - 1, f);
	fclose(f);
	pem[n] = '\0';
	return keep_setting(d, "audit.pem", pem);
}

/* The public key of this terminal's checkpoints, for a verifier of all chains: 64 digits. */
static enum card_error keep_key(struct kz_desk *d)
{
	char path[KZ_PATH_MAX], name[64], hex[65];
	uint8_t raw[32];
	size_t n = sizeof raw;
	EVP_PKEY *key;
	bool good;
	FILE *f;

	kz_desk_file(d, "checkpoint.pub.pem", path);
	f = fopen(path, "re");
	key = f != NULL ? PEM_read_PUBKEY(f, NULL, NULL, NULL) : NULL;
	if (f != NULL)
		fclose(f);
	good = key != NULL && EVP_PKEY_get_raw_public_key(key, raw, &n) == 1 && n == sizeof raw;
	EVP_PKEY_free(key);
	if (!good)
		return CARD_ERR_IO;
	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", raw[i]);
	snprintf(name, sizeof name, "checkpoint:%.40s", d->terminal);
	return keep_setting(d, name, hex);
}

static enum card_error write_certificate(void *ctx, const char *const *column, size_t n)
{
	char path[KZ_PATH_MAX];
	FILE *f;
	bool good;

	kz_desk_file(ctx, "audit.pem", path);
	f = fopen(path, "wxe");
	if (f == NULL || n != 1 || column[0] == NULL)
		return CARD_ERR_IO;
	good = fputs(column[0], f) >= 0;
	return fclose(f) == 0 && good ? CARD_OK : CARD_ERR_IO;
}

static enum card_error count(void *ctx, const char *const *column, size_t n)
{
	if (n == 1 && column[0] != NULL)
		*(long *)ctx = strtol(column[0], NULL, 10);
	return CARD_OK;
}

static enum card_error accounts(struct kz_desk *d, long *n)
{
	*n = 0;
	return flow_store_run(d->store, "SELECT count(*) FROM operator", NULL, 0, count, n);
}

int kz_desk_joins(struct kz *kz, bool *joins)
{
	struct kz_desk d = {.store = NULL};
	struct kz_config config;
	long n = 0;
	int rc = kz_config_read(kz, &config);

	*joins = false;
	if (rc != KZ_GO || config.store[0] == '\0')
		return rc;
	rc = kz_desk_store_open(kz, &d, true);
	if (rc == KZ_GO && accounts(&d, &n) != CARD_OK)
		rc = kz_desk_fail(kz, CARD_ERR_IO, flow_store_message(d.store));
	*joins = n > 0;
	kz_desk_close(&d);
	return rc;
}

/* The keys of this terminal, and what its first account needs. */
static enum card_error furnish(struct kz *kz, struct kz_desk *d, const char *id,
			       const card_secret_t *password, int *rc)
{
	const bool shared = flow_store_is_postgresql(d->store);
	enum card_error err = journal_signing_make(d->folder, "checkpoint");

	if (err == CARD_OK && id != NULL)
		err = journal_seal_make(d->folder, "audit", password);
	else if (err == CARD_OK)
		err = flow_store_run(d->store,
				     "SELECT value FROM counter_setting WHERE name = 'audit.pem'",
				     NULL, 0, write_certificate, d);
	if (err == CARD_OK && shared) {
		err = keep_key(d);
		if (err == CARD_ERR_DENIED)
			*rc = kz_fail_refused(
				kz,
				_("Give this machine a name of its own (terminal = … in "
				  "the configuration)."),
				_("The terminal %s is another machine, or was one."), d->terminal);
	}
	if (err == CARD_OK)
		*rc = kz_desk_journal_open(kz, d);
	if (*rc != KZ_GO)
		return CARD_OK; /* told already */
	if (err != CARD_OK || id == NULL)
		return err;
	err = first_account(d, id, password, card_date_in_japan(kz_now(kz)));
	return err == CARD_OK && shared ? keep_certificate(d) : err;
}

/* Made beside its place and moved there whole: a set-up that breaks off leaves nothing. */
int kz_desk_setup(struct kz *kz, const char *id, const card_secret_t *password)
{
	struct kz_desk d = {.store = NULL};
	char folder[KZ_PATH_MAX];
	enum card_error err = CARD_OK;
	int rc;

	if (!kz_desk_folder(folder) || !kz_desk_make_parents(folder))
		return kz_desk_fail(kz, CARD_ERR_IO, strerror(errno));
	snprintf(d.folder, sizeof d.folder, "%s", folder);
	if (strlen(d.folder) + 5 >= sizeof d.folder)
		return kz_desk_fail(kz, CARD_ERR_TOO_LONG, "");
	memcpy(d.folder + strlen(d.folder), ".new", 5);
	kz_desk_remove_folder(d.folder);
	if (mkdir(d.folder, 0700) != 0 || !mark_test(kz, &d))
		return kz_desk_fail(kz, CARD_ERR_IO, strerror(errno));
	rc = kz_desk_store_open(kz, &d, true);
	if (rc == KZ_GO)
		err = furnish(kz, &d, id, password, &rc);
	if (rc == KZ_GO && (err == CARD_ERR_DENIED || err == CARD_ERR_INVALID_ARGUMENT))
		rc = kz_fail_refused(kz, "",
				     _("This name or password cannot be used: 8 characters "
				       "or more, without the name in it."));
	else if (rc == KZ_GO && err != CARD_OK)
		rc = kz_desk_fail(kz, err, flow_store_message(d.store));
	kz_desk_close(&d);
	if (rc == KZ_GO && rename(d.folder, folder) != 0)
		rc = kz_desk_fail(kz, CARD_ERR_IO, strerror(errno));
	if (rc != KZ_GO)
		kz_desk_remove_folder(d.folder);
	return rc;
}

/* ---------------------------------------------------------------- PostgreSQL */

static const char settings_table[] =
	"CREATE TABLE IF NOT EXISTS counter_setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)";

static bool plain_role(const char *name)
{
	const size_t n = strlen(name);

	return n >= 1 && n <= 60 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

/* All tables to the role; then the journal, which it may only read and add to. */
static enum card_error prepare(flow_store_t *store, const char *role)
{
	char sql[256];
	enum card_error err = journal_setup(store, NULL);

	if (err == CARD_OK)
		err = kz_desk_tables(store);
	if (err == CARD_OK)
		err = flow_store_script(store, settings_table);
	snprintf(sql, sizeof sql,
		 "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %s", role);
	if (err == CARD_OK)
		err = flow_store_script(store, sql);
	snprintf(sql, sizeof sql, "REVOKE UPDATE, DELETE ON counter_setting FROM %s", role);
	if (err == CARD_OK)
		err = flow_store_script(store, sql);
	/* journal_setup takes everything back before it gives insert and read. */
	return err == CARD_OK ? journal_setup(store, role) : err;
}

int kz_desk_prepare(struct kz *kz, const char *owner, const char *role)
{
	struct flow_problem problem = {.text = ""};
	flow_store_t *store = NULL;
	enum card_error err;
	int rc = KZ_DONE;

	if (strncmp(owner, "postgresql:", 11) != 0 || !plain_role(role))
		return kz_fail_usage(
			kz, _("The owner's connection begins with postgresql:, and the role is "
			      "of a-z, 0-9 and _."));
	err = flow_store_open(&store, owner, 0, &problem);
	if (err == CARD_OK)
		err = prepare(store, role);
	if (err != CARD_OK)
		rc = kz_desk_fail(kz, err,
				  problem.text[0] != '\0' ? problem.text
							  : flow_store_message(store));
	flow_store_close(&store);
	if (rc == KZ_DONE) {
		kz_say_pair(kz, _("tables made for"), "%s", role);
		kz_json(kz, json_pack("{s:s}", "role", role));
	}
	return rc;
}
