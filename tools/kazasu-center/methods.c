/* SPDX-License-Identifier: Apache-2.0 */
/* methods.c — what a municipality's methods need at the centre (rules 4.3), looked at before it runs. */
#include "center.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

static bool has_secret(const struct center_config *config, const char *municipality,
		       const char *use)
{
	card_buf_t secret = {0};
	const bool good = center_secret(config, municipality, use, &secret) == CARD_OK;

	card_buf_free(&secret);
	return good;
}

/* Terminals seal the PIN of the kind to it: one certificate, and it can be read. */
static bool has_seal(const struct center_config *config, const char *name)
{
	char path[2 * CENTER_PATH];
	X509 *certificate = NULL;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", config->rules, name);
	f = name[0] != '\0' ? fopen(path, "re") : NULL;
	if (f != NULL) {
		certificate = PEM_read_X509(f, NULL, NULL, NULL);
		fclose(f);
	}
	X509_free(certificate);
	return certificate != NULL;
}

static enum card_error check(const struct center_config *config,
			     const struct flow_issue_municipality *m, struct flow_problem *problem)
{
	static const char *const uses[] = {"conversion", "current"};
	bool kind_pin = false;

	for (size_t i = 0; i < 2; i++) {
		if (!flow_list_has(m->methods, uses[i]))
			continue;
		kind_pin = true;
		if (!has_secret(config, m->code, uses[i]))
			return flow_problem_set(problem, "municipalities.csv", 0,
						"%s: the method %s needs %s.%s of 32 to 256 bytes "
						"among the secrets",
						m->code, uses[i], m->code, uses[i]);
	}
	if (kind_pin && !has_seal(config, m->seal))
		return flow_problem_set(problem, "municipalities.csv", 0,
					"%s: a PIN of the kind needs a certificate to seal it to",
					m->code);
	return CARD_OK;
}

enum card_error center_methods_check(const struct center_config *config,
				     const flow_issue_catalogue_t *catalogue,
				     struct flow_problem *problem)
{
	static const struct card_date ever = {9999, 12, 31};
	struct flow_issue_municipality m;
	enum card_error err = CARD_OK;

	for (size_t i = 0; err == CARD_OK && flow_issue_catalogue_nth(catalogue, i, ever, &m); i++)
		err = check(config, &m, problem);
	return err;
}
