/* SPDX-License-Identifier: Apache-2.0 */
/* kiosk_config.c — where the centre is, who this terminal is, where its notes lie. */
#include "kiosk.h"

#include <errno.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <card/secret.h>

#include "options.h"
#include "output.h"

#define INSTALLED       "/etc/kazasu/kiosk.conf"
#define LINE_CAP        1024u
#define MESSAGE_SECONDS 30  /* flows §1.8, PD-22 */
#define MESSAGE_MOST    300 /* as the centre's message_seconds */

/* The keys of the file: names of options. */
static const char **place_of(struct kiosk_words *w, const char *key)
{
	const struct {
		const char *key;
		const char **place;
	} table[] = {{"center", &w->center},
		     {"ca", &w->ca},
		     {"certificate", &w->certificate},
		     {"key", &w->key},
		     {"state", &w->state},
		     {"audience", &w->audience},
		     {"printer", &w->printer},
		     {"seals", &w->seals},
		     {"message-seconds", &w->message_seconds}};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (strcmp(table[i].key, key) == 0)
			return table[i].place;
	return NULL;
}

static char *trimmed(char *text)
{
	size_t n;

	text += strspn(text, " \t");
	n = strlen(text);
	while (n > 0 && strchr(" \t\r\n", text[n - 1]) != NULL)
		text[--n] = '\0';
	return text;
}

/* One line. The values live as long as the process. */
static bool take_line(struct kiosk *k, char *line)
{
	char *equals, *key = trimmed(line);
	const char **place;

	if (*key == '\0' || *key == '#')
		return true;
	equals = strchr(key, '=');
	if (equals == NULL)
		return false;
	*equals = '\0';
	place = place_of(&k->words, trimmed(key));
	if (place == NULL)
		return false;
	/* The command line comes first. */
	if (*place == NULL)
		*place = strdup(trimmed(equals + 1));
	return *place != NULL && **place != '\0';
}

static int read_file(struct kiosk *k, const char *path, bool wanted)
{
	char line[LINE_CAP], message[KZ_PATH_MAX + 64];
	FILE *f = fopen(path, "re");
	unsigned n = 0;
	bool good = true;

	if (f == NULL && !wanted)
		return KZ_GO;
	if (f == NULL) {
		snprintf(message, sizeof message, _("%s cannot be read."), path);
		return kz_fail(k->kz, &(struct kz_failure){.error = CARD_ERR_IO,
							   .exit = KZ_NO_INPUT,
							   .message = message});
	}
	while (good && fgets(line, sizeof line, f) != NULL) {
		n++;
		good = take_line(k, line);
	}
	fclose(f);
	if (good)
		return KZ_GO;
	snprintf(message, sizeof message, _("%s:%u: this is no setting of a terminal."), path, n);
	return kz_fail(k->kz, &(struct kz_failure){.error = CARD_ERR_MALFORMED,
						   .exit = KZ_BAD_DATA,
						   .message = message,
						   .hint = ""});
}

/* The id is the CN of the terminal's certificate. */
static int read_id(struct kiosk *k)
{
	FILE *f = fopen(k->words.certificate, "re");
	X509 *x = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
	int n = -1;

	if (x != NULL)
		n = X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, k->id,
					      (int)sizeof k->id);
	X509_free(x);
	if (f != NULL)
		fclose(f);
	if (n > 0)
		return KZ_GO;
	return kz_fail(k->kz, &(struct kz_failure){
				      .error = CARD_ERR_IO,
				      .exit = KZ_NO_INPUT,
				      .message = _("The terminal's certificate cannot be read."),
				      .hint = ""});
}

/* A folder that is there, or is made. */
static int folder(struct kiosk *k, const char *path, char out[KZ_PATH_MAX])
{
	char message[KZ_PATH_MAX + 128];
	const int n = snprintf(out, KZ_PATH_MAX, "%s", path);
	struct stat st;

	if (n > 0 && n < KZ_PATH_MAX - 64 && (mkdir(out, 0700) == 0 || errno == EEXIST) &&
	    stat(out, &st) == 0 && S_ISDIR(st.st_mode))
		return KZ_GO;
	snprintf(message, sizeof message, _("The folder %s cannot be used."), path);
	return kz_fail(k->kz, &(struct kz_failure){.error = CARD_ERR_IO,
						   .exit = KZ_CANNOT_WRITE,
						   .message = message});
}

static int state_folder(struct kiosk *k)
{
	const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char path[KZ_PATH_MAX], part[KZ_PATH_MAX];
	int rc;

	if (k->words.state != NULL)
		return folder(k, k->words.state, k->state);
	if (base != NULL && *base == '/')
		snprintf(part, sizeof part - 32, "%s", base);
	else
		snprintf(part, sizeof part - 32, "%s/.local/state", home != NULL ? home : "");
	snprintf(path, sizeof path, "%.*s/kazasu", KZ_PATH_MAX - 64, part);
	rc = folder(k, path, k->state);
	snprintf(path, sizeof path, "%.*s/kazasu/kiosk", KZ_PATH_MAX - 64, part);
	return rc == KZ_GO ? folder(k, path, k->state) : rc;
}

int kiosk_config(struct kiosk *k)
{
	const struct kiosk_words *w = &k->words;
	long seconds = MESSAGE_SECONDS;
	int rc = read_file(k, w->config != NULL ? w->config : INSTALLED, w->config != NULL);

	if (rc != KZ_GO)
		return rc;
	if (w->center == NULL || w->ca == NULL || w->certificate == NULL || w->key == NULL ||
	    w->audience == NULL)
		return kz_fail_usage(k->kz,
				     _("The centre is not known: --center, --audience, --ca, "
				       "--certificate and --key, or --config."));
	if (strncmp(w->center, "https://", 8) != 0)
		return kz_fail_usage(k->kz, _("--center is an https: address."));
	if (w->message_seconds != NULL &&
	    (!kz_number(w->message_seconds, MESSAGE_MOST, &seconds) || seconds < 1))
		return kz_fail_usage(k->kz, _("message-seconds: 1 to %d."), MESSAGE_MOST);
	k->message_seconds = (int)seconds;
	rc = read_id(k);
	if (rc == KZ_GO)
		rc = state_folder(k);
	return rc == KZ_GO && w->folder != NULL ? folder(k, w->folder, k->folder) : rc;
}
