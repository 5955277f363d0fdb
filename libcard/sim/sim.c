/* SPDX-License-Identifier: Apache-2.0 */
/* The card as a whole: one chip, its log, its speed, its being pulled out. */
#include "simcard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialogue.h"
#include "latency.h"

static enum card_error open_log(struct card_sim *s, const char *path,
				struct card_sim_problem *problem)
{
	s->log = fopen(path, "ae");
	if (!s->log)
		return sim_fail(problem, CARD_ERR_IO, "Cannot write the log %.200s: %s.", path,
				strerror(errno));
	return CARD_OK;
}

static void destroy(struct card_sim *s)
{
	if (s->log)
		fclose(s->log);
	sim_chip_free(s->chip);
	pthread_cond_destroy(&s->free_again);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

enum card_error card_sim_new(card_sim_t **out, const char *persona,
			     const struct card_sim_options *opt, struct card_sim_problem *problem)
{
	pthread_condattr_t attr;

	if (problem)
		problem->text[0] = 0;
	if (!out || !persona || !*persona ||
	    (opt && (opt->latency >= CARD_SIM_LATENCY_COUNT_ || opt->tear > CARD_SIM_TEAR_COUNTER ||
		     (opt->n_quirks && !opt->quirks))))
		return CARD_ERR_INVALID_ARGUMENT;
	struct card_sim *s = calloc(1, sizeof *s);
	if (!s)
		return CARD_ERR_NO_MEMORY;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->free_again, &attr);
	pthread_condattr_destroy(&attr);
	s->holders = 1;
	s->generation = 1;
	enum card_error err = sim_chip_new(&s->chip, persona, opt, problem);
	if (!err && opt && opt->log_path)
		err = open_log(s, opt->log_path, problem);
	if (err) {
		destroy(s);
		return err;
	}
	if (opt) {
		s->latency = opt->latency;
		s->tear_after = opt->tear_after;
		s->tear = opt->tear;
	}
	*out = s;
	return CARD_OK;
}

void sim_drop(struct card_sim *s)
{
	pthread_mutex_lock(&s->lock);
	unsigned left = --s->holders;
	pthread_mutex_unlock(&s->lock);
	if (left == 0)
		destroy(s);
}

void card_sim_free(card_sim_t **s)
{
	if (!s || !*s)
		return;
	sim_drop(*s);
	*s = NULL;
}

void card_sim_power_off(card_sim_t *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->powered = false;
	pthread_mutex_unlock(&s->lock);
}

static void power_on(struct card_sim *s)
{
	sim_chip_power_on(s->chip);
	s->powered = true;
	s->generation++;
}

void card_sim_power_on(card_sim_t *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	power_on(s);
	pthread_mutex_unlock(&s->lock);
}

void card_sim_reset(card_sim_t *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	if (s->powered)
		sim_chip_warm_reset(s->chip);
	else
		power_on(s);
	s->generation++;
	pthread_mutex_unlock(&s->lock);
}

struct card_bytes card_sim_atr(const card_sim_t *s)
{
	return s ? card_bytes(s->chip->atr, s->chip->atr_n) : card_bytes(NULL, 0);
}

static void pass_time(enum card_sim_latency profile, const struct sim_work *work)
{
	uint64_t ns = sim_latency(profile, work);
	struct timespec left = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};

	while (ns && nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

/* Execute; false if the card is torn away in this command. Called with the lock. */
static bool execute(struct card_sim *s, struct card_bytes cmd, struct sim_buf *out,
		    struct sim_work *work)
{
	bool now = ++s->count == s->tear_after;

	if (now && s->tear == CARD_SIM_TEAR_BEFORE)
		return false;
	bool verify = cmd.n > 5 && cmd.p[1] == 0x20;
	if (now && s->tear == CARD_SIM_TEAR_COUNTER && !verify)
		return false;
	if (!s->powered)
		power_on(s);
	s->chip->tear_at_counter = now && s->tear == CARD_SIM_TEAR_COUNTER;
	sim_chip_command(s->chip, cmd.p, cmd.n, out);
	work->rsa = s->chip->rsa;
	work->writes = s->chip->writes;
	return !now && !s->chip->torn;
}

enum card_error card_sim_transmit(card_sim_t *s, struct card_bytes cmd, uint8_t *resp, size_t cap,
				  size_t *len)
{
	struct sim_buf out = {0};
	struct sim_work work = {0};
	enum card_error err = CARD_OK;

	if (!s || !cmd.p || !cmd.n || cmd.n > CARD_COMMAND_MAX || !resp || !len)
		return CARD_ERR_INVALID_ARGUMENT;
	*len = 0;
	pthread_mutex_lock(&s->lock);
	if (s->removed) {
		pthread_mutex_unlock(&s->lock);
		return CARD_ERR_REMOVED;
	}
	sim_log_command(s->log, cmd.p, cmd.n);
	bool there = execute(s, cmd, &out, &work);
	sim_log_answer(s->log, cmd.p, cmd.n, there ? out.p : NULL, out.n);
	if (!there) {
		s->removed = true;
		s->powered = false;
		s->generation++;
		err = CARD_ERR_REMOVED;
	} else if (out.failed) {
		err = CARD_ERR_NO_MEMORY;
	} else if (out.n > cap) {
		err = CARD_ERR_BUFFER_TOO_SMALL;
	} else {
		memcpy(resp, out.p, out.n);
		*len = out.n;
	}
	pthread_mutex_unlock(&s->lock);
	work.sent = cmd.n;
	work.received = out.n;
	sim_buf_free(&out);
	pass_time(s->latency, &work);
	return err;
}

void card_sim_remove(card_sim_t *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->removed = true;
	s->powered = false;
	s->generation++;
	pthread_mutex_unlock(&s->lock);
}

void card_sim_insert(card_sim_t *s, unsigned long tear_after, enum card_sim_tear tear)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->removed = false;
	s->powered = false;
	s->count = 0;
	s->tear_after = tear_after;
	s->tear = tear;
	s->generation++;
	pthread_mutex_unlock(&s->lock);
}

unsigned long card_sim_count(const card_sim_t *s)
{
	return s ? s->count : 0;
}

enum card_error card_sim_set_keypad(card_sim_t *s, const char *digits)
{
	if (!s || (digits && strlen(digits) >= sizeof s->keypad))
		return CARD_ERR_INVALID_ARGUMENT;
	pthread_mutex_lock(&s->lock);
	s->has_keypad = digits != NULL;
	snprintf(s->keypad, sizeof s->keypad, "%s", digits ? digits : "");
	pthread_mutex_unlock(&s->lock);
	return CARD_OK;
}
