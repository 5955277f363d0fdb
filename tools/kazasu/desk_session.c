/* SPDX-License-Identifier: Apache-2.0 */
/* desk_session.c — who sits at the counter: tokens of live sessions, passwords. */
#include "desk.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include <cardflow/identify.h>

#include "desk_words.h"
#include "output.h"
#include "prompt.h"

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
	char message[400];
	const char *why = kz_word_refusal(code);
	const bool session = strcmp(code, flow_login_code(FLOW_LOGIN_NO_SESSION)) == 0;
	const struct kz_failure f = {.error = CARD_ERR_DENIED,
				     .exit = KZ_NO_PERMISSION,
				     .message = message,
				     .hint = session ? _("`kazasu login` opens a session.") : ""};

	/* Codes of an identity check have sentences of their own. */
	if (why == code && flow_identify_code_text(code, kz->lang) != code)
		snprintf(message, sizeof message, "%s", flow_identify_code_text(code, kz->lang));
	else
		snprintf(message, sizeof message, _("Not permitted: %s."), why);
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
	err = flow_session_check(d->store, d->terminal, d->token, kz_now(kz), &d->who, &d->strong,
				 &why);
	if (err == CARD_ERR_DENIED)
		return kz_desk_refuse(kz, flow_login_code(why));
	return err == CARD_OK ? KZ_GO : kz_desk_fail(kz, err, flow_store_message(d->store));
}

int kz_desk_enter(struct kz *kz, struct kz_desk *d, const char *id)
{
	int rc = kz_desk_open(kz, d);

	if (rc != KZ_GO)
		return rc;
	rc = kz_desk_session(kz, d, id);
	if (rc != KZ_GO)
		kz_desk_close(d);
	return rc;
}

int kz_password_ask(struct kz *kz, const char *description, const char *label, card_secret_t **out)
{
	const struct kz_prompt p = {"Kazasu", description, label, kz->lang, 0};
	struct kz_failure f = {
		.error = CARD_ERR_UNSUPPORTED,
		.exit = KZ_USAGE,
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
