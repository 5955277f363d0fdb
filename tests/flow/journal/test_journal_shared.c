/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves a counter on PostgreSQL with the program as built: two terminals share one store, each with
 * a chain of its own; they connect as a role that may add to the journal and never change it.
 */
#include "pg_server.h"
#include "test.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cardflow/store.h>

static struct pg_server server;
static char folder[64], owner[256], clerk[256], said[16384];

static int sh(const char *command)
{
	const int status = system(command);

	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A machine of its own: folders and a configuration. */
static void machine(const char *name)
{
	char command[512], path[256], text[600];

	snprintf(command, sizeof command, "mkdir -p %s/%s/config/kazasu", folder, name);
	assert_int_equal(sh(command), 0);
	snprintf(path, sizeof path, "%s/%s/config/kazasu/kazasu.conf", folder, name);
	snprintf(text, sizeof text, "counter-store = %s\nterminal = %s\n", clerk, name);
	tree_write(path, text);
}

/* Run it on a machine; lines: secrets. The exit code; what it said is in `said`. */
static int kazasu(const char *name, const char *lines, const char *words)
{
	char command[2048], path[128];
	FILE *f;
	int rc;
	size_t n;

	snprintf(path, sizeof path, "%s/secrets", folder);
	tree_write(path, lines);
	snprintf(
		command, sizeof command,
		"HOME=%s/%s XDG_STATE_HOME=%s/%s/state XDG_CONFIG_HOME=%s/%s/config LC_ALL=C.UTF-8 %s --lang "
		"en --pin-fd 3 %s 3<%s >%s/said 2>&1 </dev/null",
		folder, name, folder, name, folder, name, tree_path("build/bin/kazasu"), words,
		path, folder);
	rc = sh(command);
	snprintf(path, sizeof path, "%s/said", folder);
	f = fopen(path, "re");
	assert_non_null(f);
	n = fread(said, 1, sizeof said - 1, f);
	said[n] = '\0';
	fclose(f);
	return rc;
}

#define EXPECT(want, name, lines, words, pattern)                                                  \
	do {                                                                                       \
		const int rc = kazasu(name, lines, words);                                         \
		if (rc != (want) || strstr(said, pattern) == NULL)                                 \
			fail_msg("%s: exit %d, want %d with \"%s\":\n%s", words, rc, want,         \
				 pattern, said);                                                   \
	} while (0)

static int start(void **state)
{
	flow_store_t *s = NULL;

	(void)state;
	tree_scratch(folder);
	pg_server_start(&server);
	pg_server_where(&server, NULL, owner);
	pg_server_where(&server, "clerk", clerk);
	machine("MADO-1");
	machine("MADO-2");
	if (flow_store_open(&s, owner, 0, NULL) != CARD_OK ||
	    flow_store_script(
		    s, "CREATE ROLE clerk LOGIN; GRANT USAGE ON SCHEMA public TO clerk") != CARD_OK)
		return -1;
	flow_store_close(&s);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	pg_server_stop(&server);
	tree_scratch_remove(folder);
	return 0;
}

static void make_tables(void)
{
	char words[512];

	EXPECT(73, "MADO-1", "tanuki-2026\n", "login kanri", "cannot be used"); /* no tables yet */
	snprintf(words, sizeof words, "operator store '%s' clerk", clerk);
	EXPECT(73, "MADO-1", "", words, "cannot be used"); /* not by the terminals' own role */
	snprintf(words, sizeof words, "operator store '%s' clerk", owner);
	EXPECT(0, "MADO-1", "", words, "tables made for");
	EXPECT(0, "MADO-1", "", words, "tables made for"); /* again changes nothing */
	snprintf(words, sizeof words, "operator store '%s' 'clerk; DROP TABLE journal'", owner);
	EXPECT(64, "MADO-1", "", words, "role");
}

static void terminals_share_a_store(void **state)
{
	char show[256];

	(void)state;
	snprintf(show, sizeof show,
		 "journal show --as kanri --terminal MADO-2 --reason check --key "
		 "%s/MADO-1/state/kazasu/desk/audit-key.pem",
		 folder);
	make_tables();
	EXPECT(0, "MADO-1", "tanuki-2026\n", "login kanri", "kanri @ MADO-1");
	EXPECT(0, "MADO-1", "momiji-2026\n",
	       "operator add abe --person Abe --roles operator --training 2026-01-05 --as kanri",
	       "added");
	/* Another terminal joins; it has to be on the list first (PD-32). */
	EXPECT(77, "MADO-2", "momiji-2026\n", "login abe", "not on the list");
	EXPECT(0, "MADO-1", "", "operator terminal MADO-2 --as kanri", "on the list");
	EXPECT(77, "MADO-2", "momiji-2025\n", "login abe", "password is wrong");
	EXPECT(0, "MADO-2", "momiji-2026\n", "login abe", "abe @ MADO-2");
	EXPECT(77, "MADO-1", "momiji-2026\n", "login abe", "another terminal");
	EXPECT(0, "MADO-2", "",
	       "journal late --when 2026-04-01T09:00 --reason 'paper form' --subject "
	       "atena:0000777 --as abe",
	       "entered late");
	/* One key opens what either terminal sealed. */
	EXPECT(0, "MADO-1", "tanuki-2026\n", show, "atena:0000777");
	EXPECT(0, "MADO-1", "", "journal show --as kanri --event terminal-refused",
	       "terminal refused");
	EXPECT(0, "MADO-1", "", "journal verify", "MADO-2: ");
	assert_non_null(strstr(said, "MADO-1: "));
	assert_null(strstr(said, "BROKEN"));
	EXPECT(7, "MADO-1", "", "journal backup /tmp/kazasu-no-backup --as kanri", "its own tools");
	/* A machine that calls itself like another. */
	snprintf(show, sizeof show, "rm -rf %s/MADO-2/state", folder);
	assert_int_equal(sh(show), 0);
	EXPECT(7, "MADO-2", "momiji-2026\n", "login abe", "another machine");
}

static void the_role_adds_and_never_changes(void **state)
{
	static const char *const attempts[] = {
		"UPDATE journal SET body = NULL",
		"DELETE FROM journal",
		"TRUNCATE journal",
		"DROP TABLE journal",
		"ALTER TABLE journal DISABLE TRIGGER ALL",
		"INSERT INTO journal_erasure (terminal, first, last, record) VALUES ('MADO-1', 1, 2, 3)",
		"UPDATE counter_setting SET value = ''",
		"CREATE TABLE mine (x TEXT)"};
	flow_store_t *s = NULL;

	(void)state;
	assert_ok(flow_store_open(&s, clerk, 0, NULL));
	for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
		assert_int_equal(flow_store_run(s, attempts[i], NULL, 0, NULL, NULL),
				 CARD_ERR_DENIED);
	flow_store_close(&s);
	EXPECT(0, "MADO-1", "", "journal verify", "whole");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terminals_share_a_store),
		cmocka_unit_test(the_role_adds_and_never_changes),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
