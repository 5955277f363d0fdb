/* SPDX-License-Identifier: Apache-2.0 */
#include "desk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"
#include "prompt.h"

static bool find_folder(char out[KZ_PATH_MAX])
{
	const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n = -1;

	if (base != NULL && *base == '/')
		n = snprintf(out, KZ_PATH_MAX, "%s/kazasu/desk", base);
	else if (home != NULL && *home == '/')
		n = snprintf(out, KZ_PATH_MAX, "%s/.local/state/kazasu/desk", home);
	return n > 0 && n < KZ_PATH_MAX - 64;
}

static bool make_parents(char *path)
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

bool kz_desk_exists(void)
{
	char path[KZ_PATH_MAX + 16], folder[KZ_PATH_MAX];

	if (!find_folder(folder))
		return false;
	snprintf(path, sizeof path, "%s/desk.db", folder);
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

static int fail_desk(struct kz *kz, enum card_error err, const char *what)
{
	char message[320];
	const struct kz_failure f = {.error = err, .exit = KZ_CANNOT_WRITE, .message = message,
				     .hint = ""};

	snprintf(message, sizeof message, _("The store of this counter cannot be used: %s"), what);
	return kz_fail(kz, &f);
}

static int open_journal(struct kz *kz, struct kz_desk *d)
{
	char recipients[KZ_PATH_MAX], key[KZ_PATH_MAX], copy[KZ_PATH_MAX], path[KZ_PATH_MAX];
	const struct journal_options opt = {.terminal = d->terminal,
					    .program = "kazasu " KAZASU_VERSION,
					    .recipients = recipients, .signing_key = key,
					    .checkpoint_copy = copy};
	struct flow_problem problem = {.text = ""};
	enum card_error err;

	kz_desk_file(d, "desk.db", path);
	kz_desk_file(d, "audit.pem", recipients);
	kz_desk_file(d, "checkpoint-key.pem", key);
	kz_desk_file(d, "checkpoints.txt", copy);
	err = flow_store_open(&d->store, path, FLOW_STORE_CREATE, &problem);
	if (err == CARD_OK)
		err = journal_setup(d->store, NULL);
	if (err == CARD_OK)
		err = flow_operators_setup(d->store);
	if (err == CARD_OK)
		err = flow_checks_setup(d->store);
	if (err == CARD_OK)
		err = flow_cases_setup(d->store);
	if (err == CARD_OK)
		err = flow_register_setup(d->store);
	if (err == CARD_OK)
		err = journal_open(&d->journal, d->store, &opt, &problem);
	return err == CARD_OK ? KZ_GO
			      : fail_desk(kz, err, problem.text[0] != '\0' ? problem.text
									   : flow_store_message(d->store));
}

/* What the first account and its terminal need. */
static enum card_error first_account(struct kz_desk *d, const char *id, const card_secret_t *password,
				     struct card_date today)
{
	static const char *const rights[] = {"inquiry", "update", "number"};
	struct flow_operator o = {.training = today, .organ = "市民課",
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

static void remove_folder(const char *folder)
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

static bool day_is_allowed(const struct kz *kz, const struct kz_desk *d)
{
	char path[KZ_PATH_MAX];

	kz_desk_file(d, "test", path);
	return !kz->opt.at_given || !kz_at_counts(kz) || access(path, F_OK) == 0;
}

/* Made beside its place and moved there whole: a set-up that breaks off leaves nothing. */
int kz_desk_setup(struct kz *kz, const char *id, const card_secret_t *password)
{
	struct kz_desk d = {.store = NULL};
	char folder[KZ_PATH_MAX];
	enum card_error err;
	int rc;

	if (!find_folder(folder) || !make_parents(folder))
		return fail_desk(kz, CARD_ERR_IO, strerror(errno));
	snprintf(d.folder, sizeof d.folder, "%s", folder);
	if (strlen(d.folder) + 5 >= sizeof d.folder)
		return fail_desk(kz, CARD_ERR_TOO_LONG, "");
	memcpy(d.folder + strlen(d.folder), ".new", 5);
	remove_folder(d.folder);
	if (mkdir(d.folder, 0700) != 0 || !mark_test(kz, &d))
		return fail_desk(kz, CARD_ERR_IO, strerror(errno));
	name_terminal(d.terminal);
	err = journal_seal_make(d.folder, "audit", password);
	if (err == CARD_OK)
		err = journal_signing_make(d.folder, "checkpoint");
	rc = err == CARD_OK ? open_journal(kz, &d) : KZ_INTERNAL;
	if (rc == KZ_GO)
		err = first_account(&d, id, password, card_date_in_japan(kz_now(kz)));
	if (rc == KZ_GO || err != CARD_OK) {
		if (err == CARD_ERR_DENIED || err == CARD_ERR_INVALID_ARGUMENT)
			rc = kz_fail_refused(kz, "", _("This name or password cannot be used: 8 characters "
						       "or more, without the name in it."));
		else if (err != CARD_OK)
			rc = fail_desk(kz, err, d.store != NULL ? flow_store_message(d.store) : "");
	}
	kz_desk_close(&d);
	if (rc == KZ_GO && rename(d.folder, folder) != 0)
		rc = fail_desk(kz, CARD_ERR_IO, strerror(errno));
	if (rc != KZ_GO)
		remove_folder(d.folder);
	return rc;
}

static enum card_error tell_unexplained(void *ctx, const char *const *column, size_t n)
{
	if (n == 4)
		kz_note(ctx, _("kazasu: record %s (%s, %s) ended nobody knows how: explain it with "
			       "`kazasu journal explain %s TEXT`."), column[0], column[1], column[2],
			column[0]);
	return CARD_OK;
}

int kz_desk_open(struct kz *kz, struct kz_desk *d)
{
	const struct kz_failure none = {.error = CARD_ERR_NOT_FOUND, .exit = KZ_NO_PERMISSION,
					.message = _("No counter has been set up on this machine."),
					.hint = _("`kazasu login` sets one up; who does it becomes its "
						  "first administrator.")};
	size_t found = 0;
	int rc;

	memset(d, 0, sizeof *d);
	if (!kz_desk_exists() || !find_folder(d->folder))
		return kz_fail(kz, &none);
	if (!day_is_allowed(kz, d))
		return kz_fail_refused(kz, "", _("At this counter the day cannot be chosen (--at)."));
	name_terminal(d->terminal);
	rc = open_journal(kz, d);
	if (rc == KZ_GO) {
		const enum card_error err = journal_recover(d->journal, &found);

		if (err != CARD_OK)
			rc = fail_desk(kz, err, flow_store_message(d->store));
		else
			journal_unexplained(d->store, d->terminal, tell_unexplained, kz);
	}
	if (rc != KZ_GO)
		kz_desk_close(d);
	return rc;
}

void kz_desk_close(struct kz_desk *d)
{
	if (d->journal != NULL)
		journal_checkpoint(d->journal);
	journal_close(&d->journal);
	flow_store_close(&d->store);
	card_wipe(d->token, sizeof d->token);
}

void kz_desk_unix_login(char out[33])
{
	const struct passwd *p = getpwuid(getuid());

	snprintf(out, 33, "%s", p != NULL && strlen(p->pw_name) <= 32 ? p->pw_name : "");
}

static void session_file(const struct kz_desk *d, const char *id, char out[KZ_PATH_MAX])
{
	char name[64];

	snprintf(name, sizeof name, "session-%.32s", id);
	kz_desk_file(d, name, out);
}

bool kz_desk_token(const struct kz_desk *d, const char *id, char token[FLOW_SESSION_TOKEN + 1])
{
	char path[KZ_PATH_MAX];
	ssize_t n;
	int fd;

	if (strchr(id, '/') != NULL)
		return false;
	session_file(d, id, path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	n = read(fd, token, FLOW_SESSION_TOKEN);
	close(fd);
	token[FLOW_SESSION_TOKEN] = '\0';
	return n == FLOW_SESSION_TOKEN;
}

bool kz_desk_keep_token(const struct kz_desk *d, const char *id, const char *token)
{
	char path[KZ_PATH_MAX];
	bool good;
	int fd;

	session_file(d, id, path);
	unlink(path);
	if (token == NULL)
		return true;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	good = write(fd, token, FLOW_SESSION_TOKEN) == FLOW_SESSION_TOKEN;
	return close(fd) == 0 && good;
}

/* The only session file there is. */
static bool only_session(const struct kz_desk *d, char out[33])
{
	DIR *dir = opendir(d->folder);
	struct dirent *e;
	size_t n = 0;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		if (strncmp(e->d_name, "session-", 8) == 0 && strlen(e->d_name) <= 40 && n++ == 0)
			snprintf(out, 33, "%.32s", e->d_name + 8);
	}
	if (dir != NULL)
		closedir(dir);
	return n == 1;
}

int kz_desk_refuse(struct kz *kz, const char *code)
{
	char message[200];
	const struct kz_failure f = {.error = CARD_ERR_DENIED, .exit = KZ_NO_PERMISSION,
				     .message = message, .hint = _("`kazasu login` opens a session.")};

	snprintf(message, sizeof message, _("Not permitted (%s)."), code);
	return kz_fail(kz, &f);
}

int kz_desk_session(struct kz *kz, struct kz_desk *d, const char *id)
{
	char name[33];
	enum flow_login why = FLOW_LOGIN_NO_SESSION;
	enum card_error err;

	if (id != NULL)
		snprintf(name, sizeof name, "%.32s", id);
	else
		kz_desk_unix_login(name);
	if (!kz_desk_token(d, name, d->token) &&
	    (id != NULL || !only_session(d, name) || !kz_desk_token(d, name, d->token)))
		return kz_desk_refuse(kz, flow_login_code(why));
	err = flow_session_check(d->store, d->terminal, d->token, kz_now(kz), &d->who, &d->strong, &why);
	if (err == CARD_ERR_DENIED)
		return kz_desk_refuse(kz, flow_login_code(why));
	return err == CARD_OK ? KZ_GO : fail_desk(kz, err, flow_store_message(d->store));
}

int kz_password_ask(struct kz *kz, const char *description, const char *label, card_secret_t **out)
{
	const struct kz_prompt p = {"Kazasu", description, label, kz->lang};
	struct kz_failure f = {.error = CARD_ERR_UNSUPPORTED, .exit = KZ_USAGE,
			       .message = _("There is no terminal and no pinentry to type the password on."),
			       .hint = _("Use --pin-fd N.")};
	enum card_error err = card_secret_new(out);

	if (err == CARD_OK && kz->opt.pin_fd >= 0) {
		err = card_secret_read_line(*out, kz->opt.pin_fd);
	} else if (err == CARD_OK) {
		err = kz_prompt_pinentry(&p, *out);
		if (err == CARD_ERR_UNSUPPORTED)
			err = kz_prompt_terminal(&p, *out);
	}
	if (err == CARD_OK)
		return KZ_GO;
	card_secret_free(out);
	return err == CARD_ERR_UNSUPPORTED ? kz_fail(kz, &f) : kz_fail_error(kz, err);
}
