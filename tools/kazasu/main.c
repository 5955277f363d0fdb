/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kazasu — work with a My Number Card from the command line.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>

#include "commands.h"
#include "options.h"
#include "output.h"

static const struct kz_command commands[] = {
	{"readers", cmd_readers, N_("list card readers")},
	{"apdu", cmd_apdu, N_("send commands as they are")},
	{NULL, NULL, NULL},
};

int64_t kz_now(const struct kz *kz)
{
	return kz->opt.at_given ? kz->opt.at : (int64_t)time(NULL);
}

/* What was written must have arrived: a full disk or a closed pipe is no success. */
static int close_output(struct kz *kz, int rc)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return rc;
	kz->answered = true;
	fprintf(stderr, "kazasu: %s\n", _("The result could not be written."));
	return KZ_IO;
}

int main(int argc, char **argv)
{
	struct kz kz = {.table = commands, .opt = {.wait = -1, .pin_fd = -1}};
	int rc;

	/* No core file and no ptrace by other programs of this user: a PIN may be in memory. */
	prctl(PR_SET_DUMPABLE, 0);
	signal(SIGPIPE, SIG_IGN);
	rc = kz_options_start(&kz, argc, argv);
	if (rc == KZ_GO)
		rc = kz.command->run(&kz);
	return close_output(&kz, rc);
}
