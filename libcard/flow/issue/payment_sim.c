/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/issue_payment.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOVES_MAX 100000u
#define LINE_MAX_ 96u

/*
 * A line of the memory is WORD ID AMOUNT:
 *   take  it was taken and is told               decline  it was not
 *   hush  taken, and the answer is lost           lost     not taken, the answer is lost
 *   mute  taken, and it never tells               late     will be taken after it was asked for
 *   more  came unasked, under that payment's id   back     given back for that refund
 *   done  that much of what came unasked under an id is settled
 */
enum word { TAKE = 0, DECLINE, HUSH, LOST, MUTE, LATE, MORE, BACK, DONE, WORDS_ };

static const char *const words[WORDS_] = {"take", "decline", "hush", "lost", "mute",
					  "late", "more",    "back", "done"};

struct move {
	enum word word;
	char id[33];
	int64_t amount;
	bool told; /* of more: in this process */
};

struct flow_payment_sim {
	int fd;
	enum flow_payment_sim_mode mode;
	bool gives_back;
	struct move *move;
	size_t n;
};

bool flow_payment_sim_mode_of(const char *word, enum flow_payment_sim_mode *out)
{
	static const char *const modes[FLOW_PAYMENT_SIM_MODES_] = {
		"settle",  "decline", "lost-settled", "lost-not-settled",
		"unknown", "late",    "double",       "wrong-amount"};

	for (unsigned i = 0; word != NULL && i < FLOW_PAYMENT_SIM_MODES_; i++) {
		if (strcmp(word, modes[i]) == 0) {
			*out = (enum flow_payment_sim_mode)i;
			return true;
		}
	}
	return false;
}

/* ---- the memory ---- */

static bool remember(struct flow_payment_sim *u, enum word word, const char *id, int64_t amount)
{
	struct move *more;

	if (u->n >= MOVES_MAX)
		return false;
	more = realloc(u->move, (u->n + 1) * sizeof *more);
	if (more == NULL)
		return false;
	u->move = more;
	u->move[u->n] = (struct move){.word = word, .amount = amount};
	snprintf(u->move[u->n++].id, sizeof u->move->id, "%s", id);
	return true;
}

static bool parse(struct flow_payment_sim *u, char *line)
{
	char *rest = NULL, *end;
	const char *word = strtok_r(line, " ", &rest), *id = strtok_r(NULL, " ", &rest);
	const char *amount = strtok_r(NULL, " ", &rest);
	int64_t value;

	if (id == NULL || amount == NULL || *amount < '0' || *amount > '9' || strlen(id) != 32)
		return false;
	value = strtoll(amount, &end, 10);
	if (strcmp(end, "\n") != 0)
		return false;
	for (unsigned i = 0; i < WORDS_; i++)
		if (strcmp(words[i], word) == 0)
			return remember(u, (enum word)i, id, value);
	return false;
}

static enum card_error read_memory(struct flow_payment_sim *u)
{
	FILE *f = fdopen(dup(u->fd), "r");
	char line[LINE_MAX_];
	enum card_error err = CARD_OK;
	off_t good = 0;

	if (f == NULL)
		return CARD_ERR_IO;
	while (err == CARD_OK && fgets(line, sizeof line, f) != NULL) {
		if (strchr(line, '\n') == NULL)
			break;
		good += (off_t)strlen(line);
		err = parse(u, line) ? CARD_OK : CARD_ERR_MALFORMED;
	}
	if (err == CARD_OK && ferror(f))
		err = CARD_ERR_IO;
	fclose(f);
	/* A line without its end was never answered. */
	return err == CARD_OK && ftruncate(u->fd, good) != 0 ? CARD_ERR_IO : err;
}

/* Nothing is answered before it is on the disk. */
static bool note(struct flow_payment_sim *u, enum word word, const char *id, int64_t amount)
{
	char line[LINE_MAX_];
	const int n = snprintf(line, sizeof line, "%s %s %" PRId64 "\n", words[word], id, amount);

	return n > 0 && (size_t)n < sizeof line && lseek(u->fd, 0, SEEK_END) >= 0 &&
	       write(u->fd, line, (size_t)n) == n && fdatasync(u->fd) == 0 &&
	       remember(u, word, id, amount);
}

enum card_error flow_payment_sim_open(flow_payment_sim_t **out, const char *folder,
				      enum flow_payment_sim_mode mode, bool gives_back)
{
	struct flow_payment_sim *u;
	char path[4096];
	enum card_error err = CARD_ERR_IO;
	int n;

	if (out == NULL || folder == NULL || mode >= FLOW_PAYMENT_SIM_MODES_)
		return CARD_ERR_INVALID_ARGUMENT;
	n = snprintf(path, sizeof path, "%s/unit.log", folder);
	if (n < 0 || (size_t)n >= sizeof path)
		return CARD_ERR_INVALID_ARGUMENT;
	u = calloc(1, sizeof *u);
	if (u == NULL)
		return CARD_ERR_NO_MEMORY;
	u->mode = mode;
	u->gives_back = gives_back;
	u->fd = mkdir(folder, 0700) == 0 || errno == EEXIST
			? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)
			: -1;
	if (u->fd >= 0)
		err = flock(u->fd, LOCK_EX | LOCK_NB) == 0 ? read_memory(u) : CARD_ERR_READER_BUSY;
	if (err != CARD_OK) {
		flow_payment_sim_free(&u);
		return err;
	}
	*out = u;
	return CARD_OK;
}

void flow_payment_sim_free(flow_payment_sim_t **u)
{
	if (u == NULL || *u == NULL)
		return;
	if ((*u)->fd >= 0)
		close((*u)->fd);
	free((*u)->move);
	free(*u);
	*u = NULL;
}

/* ---- payments ---- */

/* The line under which a payment was begun. */
static const struct move *find(const struct flow_payment_sim *u, const char *id)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->move[i].word < MORE && strcmp(u->move[i].id, id) == 0)
			return &u->move[i];
	return NULL;
}

/* Sum of the lines of a kind, of one id or (NULL) of all. */
static int64_t sum(const struct flow_payment_sim *u, enum word word, const char *id)
{
	int64_t total = 0;

	for (size_t i = 0; i < u->n; i++)
		if (u->move[i].word == word && (id == NULL || strcmp(u->move[i].id, id) == 0))
			total += u->move[i].amount;
	return total;
}

static enum flow_payment_result told(const struct move *m, bool asked, int64_t *paid)
{
	switch (m->word) {
	case TAKE:
		*paid = m->amount;
		return FLOW_PAYMENT_SETTLED;
	case DECLINE:
		return FLOW_PAYMENT_DECLINED;
	case HUSH:
		*paid = asked ? m->amount : 0;
		return asked ? FLOW_PAYMENT_SETTLED : FLOW_PAYMENT_UNKNOWN;
	case LOST:
	case LATE:
		return asked ? FLOW_PAYMENT_NOT_SETTLED : FLOW_PAYMENT_UNKNOWN;
	default:
		return FLOW_PAYMENT_UNKNOWN;
	}
}

enum flow_payment_result flow_payment_sim_pay(flow_payment_sim_t *u, const char *id, int64_t amount,
					      int64_t *paid)
{
	static const enum word begins[FLOW_PAYMENT_SIM_MODES_] = {TAKE, DECLINE, HUSH, LOST,
								  MUTE, LATE,    TAKE, TAKE};
	const struct move *m;
	int64_t taken = amount;

	*paid = 0;
	if (u == NULL || id == NULL || strlen(id) != 32 || amount <= 0)
		return FLOW_PAYMENT_NOT_SETTLED;
	m = find(u, id);
	if (m != NULL)
		return told(m, false, paid);
	if (u->mode == FLOW_PAYMENT_SIM_WRONG_AMOUNT)
		taken += FLOW_PAYMENT_SIM_EXCESS;
	if (!note(u, begins[u->mode], id, taken) ||
	    (u->mode == FLOW_PAYMENT_SIM_DOUBLE && !note(u, MORE, id, amount)))
		return FLOW_PAYMENT_UNKNOWN;
	return told(find(u, id), false, paid);
}

enum flow_payment_result flow_payment_sim_ask(flow_payment_sim_t *u, const char *id, int64_t *paid)
{
	const struct move *m = u != NULL && id != NULL ? find(u, id) : NULL;

	*paid = 0;
	if (m == NULL)
		return FLOW_PAYMENT_NOT_SETTLED;
	/* The coin falls just after the unit said that there was none. */
	if (m->word == LATE && sum(u, MORE, id) == 0) {
		(void)note(u, MORE, id, m->amount);
		return FLOW_PAYMENT_NOT_SETTLED;
	}
	return told(m, true, paid);
}

bool flow_payment_sim_surplus(flow_payment_sim_t *u, struct flow_payment_surplus *out)
{
	for (size_t i = 0; u != NULL && i < u->n; i++) {
		struct move *m = &u->move[i];

		if (m->word != MORE || m->told || sum(u, DONE, m->id) >= sum(u, MORE, m->id))
			continue;
		m->told = true;
		snprintf(out->id, sizeof out->id, "%s", m->id);
		out->amount = m->amount;
		return true;
	}
	return false;
}

/* What was told, is not settled yet, and is as much as this. */
static const struct move *surplus_of(const struct flow_payment_sim *u, int64_t amount)
{
	for (size_t i = 0; i < u->n; i++) {
		const struct move *m = &u->move[i];

		if (m->word == MORE && m->told && m->amount == amount &&
		    sum(u, DONE, m->id) < sum(u, MORE, m->id))
			return m;
	}
	return NULL;
}

bool flow_payment_sim_give_back(flow_payment_sim_t *u, const char *refund, int64_t amount)
{
	const struct move *m;
	char id[33];

	if (u == NULL || refund == NULL || strlen(refund) != 32 || amount <= 0)
		return false;
	if (sum(u, BACK, refund) > 0)
		return sum(u, BACK, refund) == amount;
	if (!u->gives_back || !note(u, BACK, refund, amount))
		return false;
	m = surplus_of(u, amount);
	if (m != NULL) {
		memcpy(id, m->id, sizeof id); /* the list moves as it grows */
		(void)note(u, DONE, id, amount);
	}
	return true;
}

bool flow_payment_sim_returned(const flow_payment_sim_t *u, const char *refund)
{
	return u != NULL && refund != NULL && sum(u, BACK, refund) > 0;
}

int64_t flow_payment_sim_kept(const flow_payment_sim_t *u)
{
	return u == NULL ? 0
			 : sum(u, TAKE, NULL) + sum(u, HUSH, NULL) + sum(u, MUTE, NULL) +
				   sum(u, MORE, NULL) - sum(u, BACK, NULL);
}
