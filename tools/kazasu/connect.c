/* SPDX-License-Identifier: Apache-2.0 */
#include "connect.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "output.h"

#define POLL_MS   20u
#define REPORT_MS 2000u

/* A process of its own tries the connection: if it hangs, it can be given up. */
static void try_connection(const char *name)
{
	card_pcsc_t *pcsc = NULL;
	card_reader_t *reader = NULL;

	if (card_pcsc_new(&pcsc) == CARD_OK)
		(void)card_pcsc_open(pcsc, name, 1, &reader);
	card_reader_free(&reader);
	card_pcsc_free(&pcsc);
	_exit(0);
}

static void give_up(pid_t child)
{
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Wait until a connection can be made at all. */
static enum card_error wait_free(const struct kz *kz, const char *name, unsigned wait_ms)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
	const pid_t child = fork();
	bool told = false;

	if (child == 0)
		try_connection(name);
	if (child < 0)
		return CARD_OK; /* without the guard */
	for (unsigned waited = 0;; waited += POLL_MS) {
		const pid_t done = waitpid(child, NULL, WNOHANG);

		if (done == child || (done < 0 && errno != EINTR))
			return CARD_OK;
		/* A free card needs a moment to be powered up: that long it is always given. */
		if (waited >= wait_ms && waited >= REPORT_MS / 2) {
			give_up(child);
			return CARD_ERR_READER_BUSY;
		}
		if (waited >= REPORT_MS && !told) {
			kz_note(kz, _("Waiting for the reader: another program holds it …"));
			told = true;
		}
		nanosleep(&pause, NULL);
	}
}

enum card_error kz_connect(const struct kz *kz, card_pcsc_t *pcsc,
			   const struct card_pcsc_reader *reader, unsigned wait_ms,
			   card_reader_t **out)
{
	enum card_error err = CARD_OK;

	/* Nobody else is connected: nobody can be in a transaction. */
	if (reader->in_use && !reader->exclusive)
		err = wait_free(kz, reader->name, wait_ms);
	return err == CARD_OK ? card_pcsc_open(pcsc, reader->name, wait_ms, out) : err;
}
