/* SPDX-License-Identifier: Apache-2.0 */
/* kazasu-issuer — the issuing server of one municipality (証明発行サーバ). */
#include "commands.h"
#include "office.h"
#include "say.h"
#include "service.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

#define DRAIN 30 /* seconds: the time a message has (rules PD-22) */

static int check(const struct options *o)
{
	struct office *office = office_open(o->config);

	if (office == NULL)
		return EX_CONFIG;
	say(_("%s: in order"), o->config);
	office_release(office);
	return EX_OK;
}

/* The address and whose office it is take a restart. Lets go of one that differs. */
static bool same_place(struct office *fresh, const struct config *first)
{
	const bool same = strcmp(fresh->config.listen, first->listen) == 0 &&
			  strcmp(fresh->config.municipality, first->municipality) == 0;

	if (!same) {
		say(_("listen and municipality cannot change without a restart"));
		office_release(fresh);
	}
	return same;
}

static void reload(struct service *s, const char *path, const struct config *first)
{
	struct office *office = office_open(path);

	/* What is wrong has been said; the old settings stay. */
	if (office != NULL && !same_place(office, first))
		office = NULL;
	say_log("reload", "result=%s", office != NULL ? "done" : "refused");
	if (office != NULL)
		service_use(s, office);
}

static int serve(const struct options *o, const sigset_t *signals)
{
	struct office *office = office_open(o->config);
	struct service *s = office != NULL ? service_start(office) : NULL;
	struct config first;
	int number = 0;

	if (s == NULL || !config_read(&first, o->config))
		return EX_CONFIG;
	say_log("ready", "municipality=%s port=%u", office->config.municipality, service_port(s));
	while (sigwait(signals, &number) == 0 && number == SIGHUP)
		reload(s, o->config, &first);
	say_log("draining", "seconds=%d", DRAIN);
	service_stop(&s, DRAIN);
	config_free(&first);
	say_log("stopped", "by=signal");
	return EX_OK;
}

static int run_command(const struct options *o)
{
	struct config c;
	int rc = EX_USAGE;

	if (!config_read(&c, o->config))
		return EX_CONFIG;
	switch (o->action) {
	case ACTION_GENERATE:
		rc = command_generate(&c, o);
		break;
	case ACTION_IMPORT:
		rc = command_import(&c, o);
		break;
	case ACTION_EXPORT:
		rc = command_export(&c, o);
		break;
	case ACTION_REFUSALS:
	case ACTION_ISSUES:
		rc = command_list(&c, o);
		break;
	case ACTION_MAP:
	case ACTION_ENROL:
		rc = command_map(&c, o);
		break;
	case ACTION_KIND_PIN:
		rc = command_kind_pin(&c, o);
		break;
	case ACTION_KIND_PINS:
		rc = command_kind_pins(&c, o);
		break;
	case ACTION_SERVE:
	case ACTION_CHECK:
	case ACTION_DESCRIBE:
	case ACTION_MAKE_TEST:
		break;
	}
	config_free(&c);
	return rc;
}

int main(int argc, char **argv)
{
	struct options o;
	sigset_t signals;
	int rc;

	prctl(PR_SET_DUMPABLE, 0); /* records and PINs pass through memory */
	signal(SIGPIPE, SIG_IGN);
	say_language();
	rc = options_read(&o, argc, argv);
	if (rc >= 0)
		return rc;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	if (o.action == ACTION_SERVE) {
		/* Every thread inherits it: signals come to sigwait alone. */
		pthread_sigmask(SIG_BLOCK, &signals, NULL);
		return serve(&o, &signals);
	}
	if (o.action == ACTION_CHECK)
		return check(&o);
	if (o.action == ACTION_DESCRIBE)
		return flow_record_describe(STDOUT_FILENO) == CARD_OK ? EX_OK : EX_IOERR;
	if (o.action == ACTION_MAKE_TEST)
		return command_make_test(&o);
	return run_command(&o);
}
