/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters and changed PINs, kept so that a crash leaves the old or the new ones:
 * one text file a card, `NAME TRIES-LEFT [VALUE]` a line. VALUE stands there only
 * if it was changed from the persona's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chip.h"

/* `NAME TRIES [VALUE]`; line is cut up. */
static bool read_line(struct sim_chip *c, char *line)
{
	char *save = NULL, *end = NULL;
	const char *name = strtok_r(line, " ", &save), *tries = strtok_r(NULL, " ", &save);
	const char *value = strtok_r(NULL, " ", &save);

	if (!name || !tries)
		return false;
	long left = strtol(tries, &end, 10);
	if (*end)
		return false;
	if (!value)
		value = "";
	for (size_t i = 0; i < SIM_SECRET_COUNT_; i++) {
		struct sim_secret *s = &c->secret[i];
		size_t n = strlen(value);

		if (strcmp(sim_secret_names[i], name) != 0)
			continue;
		if (left < 0 || left > s->max || n > sizeof s->value)
			return false;
		s->left = (int)left;
		if (n) {
			memcpy(s->value, value, n);
			s->n = n;
		}
		return true;
	}
	return false;
}

enum card_error sim_state_load(struct sim_chip *c, const char *dir,
			       struct card_sim_problem *problem)
{
	struct sim_buf text = {0};
	struct stat st;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return sim_fail(problem, CARD_ERR_IO, "Cannot make the state folder %.200s.", dir);
	if (!sim_path(c->state_path, dir, "", c->persona.serial, ".card"))
		return sim_fail(problem, CARD_ERR_IO, "The state folder's name is too long.");
	if (stat(c->state_path, &st) != 0) {
		if (errno == ENOENT && sim_state_save(c))
			return CARD_OK;
		return sim_fail(problem, CARD_ERR_IO, "Cannot write in the state folder %.200s.",
				dir);
	}
	bool good = sim_file_read(c->state_path, &text);
	sim_put8(&text, 0);
	char *rest = good && !text.failed ? (char *)text.p : NULL, *save = NULL;
	for (char *line = rest ? strtok_r(rest, "\n", &save) : NULL; line && good;
	     line = strtok_r(NULL, "\n", &save))
		good = line[0] == '#' || read_line(c, line);
	sim_buf_free(&text);
	return good ? CARD_OK
		    : sim_fail(problem, CARD_ERR_IO, "The state file %.200s is damaged.",
			       c->state_path);
}

bool sim_state_save(struct sim_chip *c)
{
	struct sim_buf text = {0};
	char line[64];

	c->writes++;
	if (!c->state_path[0])
		return true;
	sim_puts(&text, "# counters of a virtual card\n");
	for (size_t i = 0; i < SIM_SECRET_COUNT_; i++) {
		const struct sim_secret *s = &c->secret[i];
		bool changed = s->changes && (s->n != strlen(c->persona.secret[i]) ||
					      memcmp(s->value, c->persona.secret[i], s->n) != 0);

		snprintf(line, sizeof line, "%s %d%s%.*s\n", sim_secret_names[i], s->left,
			 changed ? " " : "", changed ? (int)s->n : 0, (const char *)s->value);
		sim_puts(&text, line);
	}
	bool good = !text.failed && sim_file_replace(c->state_path, text.p, text.n, 0600);
	sim_buf_free(&text);
	return good;
}
