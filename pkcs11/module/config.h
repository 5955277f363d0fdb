/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h — settings: /etc/kazasu/pkcs11.conf, then kazasu/pkcs11.conf below $XDG_CONFIG_HOME
 * (~/.config). Lines `key = value`, `#` starts a comment; described in kazasu-pkcs11(7).
 */
#ifndef KAZASU_P11_CONFIG_H
#define KAZASU_P11_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_EXCLUDED_MAX 16u

struct config {
	bool auth_only;      /* built as kazasu-pkcs11-auth.so */
	bool allow_last_try; /* last_try = allow */
	bool sha1;           /* sha1 = yes */
	bool pss;            /* pss = yes */
	bool session_login;  /* sign_login = session; taken from the user's own file only */
	char log[256];       /* log = FILE; "" is none */
	char excluded[CONFIG_EXCLUDED_MAX][128]; /* exclude_reader = part of a name */
	size_t excluded_count;
	unsigned ignored; /* lines and files that were not taken */
};

/* Read the files; what cannot be understood is counted and left out, and so is a user's file
 * that belongs to somebody else or that others can write. */
void config_read(struct config *c);

/* Parse one line of a file; own: the file is this user's. False: not a setting. */
bool config_line(struct config *c, char *line, bool own);

bool config_excludes(const struct config *c, const char *reader);

/* Begin to write libcard's messages (no secrets pass there) and ours to the file. */
void config_log_open(const struct config *c);
void config_log_close(void);
/* One line to the log: what = a fixed sentence. */
void config_log(const char *what);

#endif
