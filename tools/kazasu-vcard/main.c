/* SPDX-License-Identifier: Apache-2.0 */
/* kazasu-vcard: a virtual card for pcscd. docs/vcard.md */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "options.h"
#include "vpcd.h"

#define CONNECT_WAIT_MS 5000u

static int stop_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* true: it is time to stop. */
static bool pause_ms(int stop_fd, unsigned ms)
{
	struct pollfd stop = {stop_fd, POLLIN, 0};

	return poll(&stop, 1, (int)ms) > 0;
}

static int run(const struct vcard_options *o, card_sim_t *card, int stop_fd)
{
	for (;;) {
		int fd = vpcd_connect(o->host, o->port, CONNECT_WAIT_MS, stop_fd);

		if (fd < 0) {
			fprintf(stderr,
				"kazasu-vcard: nobody listens at %s port %u (%s): is pcscd "
				"running, with "
				"vpcd?\n",
				o->host, o->port, strerror(errno));
			return EX_UNAVAILABLE;
		}
		enum vpcd_end end = vpcd_serve(fd, stop_fd, card);
		close(fd);
		if (end == VPCD_FAILED) {
			fputs("kazasu-vcard: the connection to vpcd failed\n", stderr);
			return EX_IOERR;
		}
		if (end != VPCD_TORN || o->reinsert_ms == 0 || pause_ms(stop_fd, o->reinsert_ms))
			return 0;
		card_sim_insert(card, 0, CARD_SIM_TEAR_BEFORE);
	}
}

static int exit_of(enum card_error err)
{
	switch (err) {
	case CARD_ERR_NOT_FOUND:
		return EX_NOINPUT;
	case CARD_ERR_MALFORMED:
		return EX_DATAERR;
	case CARD_ERR_IO:
		return EX_CANTCREAT;
	default:
		return EX_SOFTWARE;
	}
}

int main(int argc, char **argv)
{
	struct vcard_options o;
	struct card_sim_problem problem;
	card_sim_t *card = NULL;
	int status = vcard_options_read(&o, argc, argv);

	if (status >= 0)
		return status;
	int stop_fd = stop_signals();
	if (stop_fd < 0)
		return EX_OSERR;
	enum card_error err = card_sim_new(&card, o.persona, &o.card, &problem);
	if (err != CARD_OK) {
		fprintf(stderr, "kazasu-vcard: %s\n",
			problem.text[0] ? problem.text : "the card cannot be made");
		return exit_of(err);
	}
	status = run(&o, card, stop_fd);
	card_sim_free(&card);
	close(stop_fd);
	return status;
}
