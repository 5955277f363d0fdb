/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <card/log.h>

#define PATH_MAX_ 512u

static FILE *log_file;

static char *trim(char *s)
{
	size_t n;

	s += strspn(s, " \t");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		s[--n] = '\0';
	return s;
}

static bool copy(char *out, size_t cap, const char *text)
{
	size_t n = strlen(text);

	if (n == 0 || n >= cap)
		return false;
	memcpy(out, text, n + 1);
	return true;
}

/* One of two words. */
static bool choose(bool *out, const char *value, const char *no, const char *yes)
{
	if (strcmp(value, no) != 0 && strcmp(value, yes) != 0)
		return false;
	*out = strcmp(value, yes) == 0;
	return true;
}

bool config_line(struct config *c, char *line, bool own)
{
	char *key = trim(line), *equal, *value;
	bool session = false;

	if (*key == '#' || *key == '\0')
		return true;
	equal = strchr(key, '=');
	if (equal == NULL)
		return false;
	*equal = '\0';
	key = trim(key);
	value = trim(equal + 1);
	if (strcmp(key, "last_try") == 0)
		return choose(&c->allow_last_try, value, "refuse", "allow");
	if (strcmp(key, "sha1") == 0)
		return choose(&c->sha1, value, "no", "yes");
	if (strcmp(key, "pss") == 0)
		return choose(&c->pss, value, "no", "yes");
	if (strcmp(key, "log") == 0)
		return copy(c->log, sizeof(c->log), value);
	if (strcmp(key, "exclude_reader") == 0)
		return c->excluded_count < CONFIG_EXCLUDED_MAX &&
		       copy(c->excluded[c->excluded_count], sizeof(c->excluded[0]), value) &&
		       ++c->excluded_count > 0;
	if (strcmp(key, "sign_login") != 0 || !choose(&session, value, "always", "session"))
		return false;
	/* Whoever signs decides for himself how often he is asked; nobody decides it for others. */
	if (session && !own)
		return false;
	c->session_login = session;
	return true;
}

bool config_excludes(const struct config *c, const char *reader)
{
	for (size_t i = 0; i < c->excluded_count; i++)
		if (strstr(reader, c->excluded[i]) != NULL)
			return true;
	return false;
}

/* The file belongs to this user and nobody else can write it. */
static bool is_own(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	       (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static void read_file(struct config *c, const char *path, bool user)
{
	char line[512];
	FILE *f = fopen(path, "re");
	bool own;

	if (f == NULL)
		return;
	own = user && is_own(fileno(f));
	if (user && !own) { /* of somebody else, as under sudo: he decides nothing here */
		(void)fclose(f);
		c->ignored++;
		return;
	}
	while (fgets(line, sizeof(line), f) != NULL)
		if (!config_line(c, line, own))
			c->ignored++;
	(void)fclose(f);
}

void config_read(struct config *c)
{
	const char *base = secure_getenv("XDG_CONFIG_HOME"), *home = secure_getenv("HOME");
	char path[PATH_MAX_] = "";
	int n = 0;

	read_file(c, "/etc/kazasu/pkcs11.conf", false);
	if (base != NULL && *base == '/')
		n = snprintf(path, sizeof(path), "%s/kazasu/pkcs11.conf", base);
	else if (home != NULL && *home == '/')
		n = snprintf(path, sizeof(path), "%s/.config/kazasu/pkcs11.conf", home);
	if (n > 0 && (size_t)n < sizeof(path))
		read_file(c, path, true);
}

static void on_message(void *ctx, enum card_log_level level, enum card_log_event event,
		       const char *text)
{
	(void)ctx;
	(void)level;
	(void)event;
	config_log(text);
}

void config_log(const char *what)
{
	if (log_file == NULL)
		return;
	(void)fprintf(log_file, "kazasu-pkcs11[%ld]: %s\n", (long)getpid(), what);
	(void)fflush(log_file);
}

void config_log_open(const struct config *c)
{
	int fd;

	if (c->log[0] != '/')
		return;
	fd = open(c->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return;
	log_file = fdopen(fd, "a");
	if (log_file == NULL) {
		(void)close(fd);
		return;
	}
	card_log_set(on_message, NULL, CARD_LOG_DEBUG);
	if (c->ignored > 0)
		config_log("warning: a line of pkcs11.conf is no setting, or not allowed there");
	if (c->session_login)
		config_log(
			"warning: sign_login = session: the signature password is kept in memory "
			"until logout and presented for every signature");
}

void config_log_close(void)
{
	if (log_file == NULL)
		return;
	card_log_set(NULL, NULL, CARD_LOG_ERROR);
	(void)fclose(log_file);
	log_file = NULL;
}
