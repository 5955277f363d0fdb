/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h — the settings of the issuer: lines `key = value`, `#` starts a comment; the keys are
 * those of kazasu-issuer(8). A key that is unknown, twice or missing is an error: nothing of an
 * issuer is guessed.
 */
#ifndef ISSUER_CONFIG_H
#define ISSUER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CENTERS_MAX 8

struct config {
	/* who issues */
	char *municipality, *place, *title, *mayor, *seal_text, *resident_tax;
	char *number, *minimum_age, *test; /* yes or no; a count; yes or no */
	/* where things lie */
	char *records, *ledger, *secret, *font, *gaiji;
	char *signing_key, *signing_certificate, *pin_key, *methods, *audit_recipients;
	/* the service */
	char *listen, *tls_key, *tls_certificate, *tls_ca, *workers, *refusal_ms, *clock_seconds;
	char *center[CENTERS_MAX];
	size_t centers;
	/* read from them */
	bool number_enabled, marked_test;
	int age, threads;
	long refusal_milliseconds;
	unsigned port;
	char *host;
	long clock_apart; /* seconds that a centre's clock may be from ours */
};

/* Read it; what is wrong goes to stderr with file and line. */
bool config_read(struct config *c, const char *path);
void config_free(struct config *c);

/* 32 bytes or more of the secret file. False with a message. */
bool config_secret(const struct config *c, unsigned char *out, size_t cap, size_t *n);

#endif
