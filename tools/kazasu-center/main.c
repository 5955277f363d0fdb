/* SPDX-License-Identifier: Apache-2.0 */
/* kazasu-center — 証明書交付センター: between terminals and municipalities (docs/issuance.md). */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "../https/credentials.h"
#include "server.h"
#include "user_ids.h"

static const char help[] =
	"kazasu-center " KAZASU_VERSION " — issues certificates at terminals\n"
	"kazasu-center — 証明書交付センター\n"
	"\n"
	"  --config FILE                  run / 実行\n"
	"  --config FILE --check-config   read everything, say what is wrong, end / 設定の検査\n"
	"  --config FILE --export-journal FILE\n"
	"                                 for kazasu-journal-verify; - is standard output / 記録の書き出し\n"
	"  --config FILE --import-user-ids MUNICIPALITY FILE [--replace]\n"
	"                                 serial,authority,user_id: mapping of 変換方式 / 利用者IDの対応表\n"
	"  --make-test-pki DIR [ROLE:ID…] certificates for TLS in tests / 試験用の証明書\n"
	"  --at RFC3339                   let the clock start there (tests) / 時計の開始時刻（試験用）\n"
	"  --help, --version\n"
	"\n"
	"SIGTERM drains and stops, SIGHUP reads all of it again.\n";

static int64_t offset;

static int64_t shifted_clock(void *ctx)
{
	(void)ctx;
	return (int64_t)time(NULL) + offset;
}

static int problem_exit(const struct flow_problem *p, enum card_error err)
{
	if (p->line > 0)
		fprintf(stderr, "kazasu-center: %s:%u: %s\n", p->file, p->line, p->text);
	else
		fprintf(stderr, "kazasu-center: %s: %s\n", p->file,
			p->text[0] != '\0' ? p->text : card_strerror(err, CARD_LANG_EN));
	return err == CARD_ERR_IO || err == CARD_ERR_NOT_FOUND ? EX_NOINPUT
	       : err == CARD_ERR_NO_SERVICE                    ? EX_UNAVAILABLE
							       : EX_CONFIG;
}

static atomic_bool ending;

static void *deliver_records(void *ctx)
{
	struct center *c = ctx;

	while (!atomic_load(&ending)) {
		center_deliver_records(c);
		for (int i = 0; i < 10 && !atomic_load(&ending); i++)
			usleep(100000);
	}
	return NULL;
}

/* All of it or nothing: requests that have begun end with what they began with. */
static void reload(struct center *c, struct server *s, const char *file)
{
	struct center_config fresh;
	struct flow_problem p = {0};
	struct tls_keys *keys = NULL;
	enum card_error err = center_config_read(&fresh, file, &p);

	if (err == CARD_OK)
		err = server_keys_read(&keys, &fresh, &p);
	if (err == CARD_OK)
		err = center_reload(c, &fresh, &p);
	if (err == CARD_OK) {
		server_use(s, keys);
		fprintf(stderr, "kazasu-center: configuration read again\n");
		return;
	}
	if (keys != NULL)
		tls_keys_release(&keys);
	(void)problem_exit(&p, err);
	fprintf(stderr, "kazasu-center: the configuration that was in force stays\n");
}

static int run(struct center *c, const char *file, const sigset_t *signals)
{
	const struct timespec second = {1, 0};
	struct flow_problem p = {0};
	struct server *s = NULL;
	pthread_t records;
	enum card_error err = server_start(&s, c, &p);
	int64_t last = 0;
	int got = 0;

	if (err != CARD_OK)
		return problem_exit(&p, err);
	if (pthread_create(&records, NULL, deliver_records, c) != 0) {
		server_stop(&s);
		return EX_OSERR;
	}
	printf("listening on %s:%u\n", c->config.address, server_port(s));
	fflush(stdout);
	while (got != SIGTERM && got != SIGINT) {
		got = sigtimedwait(signals, NULL, &second);
		if (got == SIGHUP)
			reload(c, s, file);
		center_watch_clock(c, &last);
		center_watch_journal(c);
		center_checkpoint(c, false);
		(void)center_sweep(c);
	}
	server_drain(s);
	server_stop(&s);
	atomic_store(&ending, true);
	pthread_join(records, NULL);
	center_checkpoint(c, true);
	return EX_OK;
}

static enum card_error check_tls(const struct center_config *config, struct flow_problem *p)
{
	struct tls_keys *keys = NULL;
	const enum card_error err = server_keys_read(&keys, config, p);

	tls_keys_release(&keys);
	return err;
}

struct job {
	bool check, replace;
	const char *import_for, *import, *export;
};

static int with_config(const char *file, const struct job *job)
{
	struct center_config config;
	struct flow_problem p = {0};
	struct center *c = NULL;
	sigset_t signals;
	int status = EX_OK;
	enum card_error err = center_config_read(&config, file, &p);

	if (err != CARD_OK)
		return problem_exit(&p, err);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	err = center_open(&c, &config, &p);
	if (err == CARD_OK && job->check)
		err = check_tls(&config, &p);
	if (err != CARD_OK) {
		if (c != NULL)
			center_close(&c);
		return problem_exit(&p, err);
	}
	if (offset != 0)
		c->clock = shifted_clock;
	if (job->import != NULL)
		status = user_ids_import(c, job->import_for, job->import, job->replace);
	else if (job->export != NULL)
		status = center_journal_export(c, job->export);
	else if (!job->check)
		status = run(c, file, &signals);
	center_close(&c);
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'},
						{"check-config", no_argument, NULL, 'k'},
						{"import-user-ids", required_argument, NULL, 'i'},
						{"replace", no_argument, NULL, 'r'},
						{"export-journal", required_argument, NULL, 'x'},
						{"make-test-pki", required_argument, NULL, 'p'},
						{"at", required_argument, NULL, 't'},
						{"help", no_argument, NULL, 'h'},
						{"version", no_argument, NULL, 'v'},
						{NULL, 0, NULL, 0}};
	const char *config = NULL, *pki = NULL;
	struct job job = {0};
	int64_t at;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (o) {
		case 'c':
			config = optarg;
			break;
		case 'k':
			job.check = true;
			break;
		case 'i':
			job.import_for = optarg;
			break;
		case 'x':
			job.export = optarg;
			break;
		case 'r':
			job.replace = true;
			break;
		case 'p':
			pki = optarg;
			break;
		case 't':
			if (card_time_parse(optarg, &at) != CARD_OK) {
				fprintf(stderr, "kazasu-center: --at: not a time\n");
				return EX_USAGE;
			}
			offset = at - (int64_t)time(NULL);
			break;
		case 'h':
			fputs(help, stdout);
			return EX_OK;
		case 'v':
			puts("kazasu-center " KAZASU_VERSION);
			return EX_OK;
		default:
			return EX_USAGE;
		}
	}
	if (pki != NULL)
		return center_make_test_pki(pki, argc - optind, argv + optind);
	if (config == NULL || (job.import_for != NULL) != (optind < argc) ||
	    (job.replace && job.import_for == NULL)) {
		fputs(help, stderr);
		return EX_USAGE;
	}
	job.import = job.import_for != NULL ? argv[optind] : NULL;
	return with_config(config, &job);
}
