/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves reconciliation with the register of terminal use (each kind of finding), the score of a
 * self-check, the audit plan and the sample: rules 7.3, 7.4, PD-36…PD-38.
 */
#include "journal_case.h"

#include <cardflow/audit.h>
#include <cardflow/ledger.h>

#include <string.h>

static struct journal_case *c;
static char path[128], second[128];
static struct flow_problem problem;

static int start(void **state)
{
	(void)state;
	c = case_new(NULL);
	snprintf(path, sizeof path, "%s/in.csv", c->folder);
	snprintf(second, sizeof second, "%s/organs.csv", c->folder);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	case_free(c);
	return 0;
}

/* A record at a minute of 2026-04-01 (day 0), by somebody. */
static void use(int day, int hour, int minute, const char *who)
{
	const struct journal_record r = {
		.event = "card-read", .result = JOURNAL_OK, .operator_id = who, .purpose = "L31"};

	c->now = 1775001600 + day * 86400 + (hour - 9) * 3600 + minute * 60;
	assert_ok(journal_append(c->journal, &r, 1, NULL));
}

static enum card_error put(void *ctx, const struct journal_finding *f)
{
	char *out = ctx;

	snprintf(out + strlen(out), 2000 - strlen(out), "%s %s %s %s %s %u %ld %s-%s\n", f->kind,
		 f->day, f->terminal, f->operator_id, f->other, f->line, f->records, f->from,
		 f->to);
	return CARD_OK;
}

static void reconcile(const char *rows, const struct journal_ledger_scope *scope, const char *want)
{
	char text[2000], out[2000] = "";
	journal_ledger_t *l = NULL;

	snprintf(text, sizeof text, "date,terminal,operator,start,end,purpose,approver\n%s", rows);
	tree_write(path, text);
	if (journal_ledger_read(&l, path, &problem) != CARD_OK)
		fail_msg("%s:%u %s", problem.file, problem.line, problem.text);
	assert_ok(journal_reconcile(c->store, l, scope, put, out));
	assert_string_equal(out, want);
	journal_ledger_free(&l);
}

static void a_register_that_agrees_has_no_findings(void **state)
{
	const struct journal_ledger_scope all = {.terminal = NULL};

	(void)state;
	use(0, 9, 0, "abe");
	use(0, 9, 30, "abe");
	use(0, 9, 31, "bando");
	reconcile("2026-04-01,T1,abe,09:00,09:30,L31,jo\n2026-04-01,T1,bando,09:31,10:00,L31,jo\n",
		  &all, "");
}

static void each_kind_of_finding(void **state)
{
	const struct journal_ledger_scope two = {.terminal = NULL, .to = "2026-04-02"};

	(void)state;
	use(0, 9, 10, "abe");
	use(0, 11, 0, "abe");
	use(0, 11, 5, "abe");
	use(0, 13, 0, "chiba");
	use(0, 9, 20, "bando"); /* inside abe's entry; has none of his own */
	use(1, 9, 0, "abe");    /* a day without a page */
	reconcile("2026-04-01,T1,abe,09:00,10:00,L31,jo\n"
		  "2026-04-01,T1,dan,15:00,16:00,L31,jo\n"
		  "2026-04-01,T2,abe,09:30,09:40,L31,jo\n",
		  &two,
		  "ledger_without_log 2026-04-01 T1 dan  3 0 15:00-16:00\n"
		  "log_without_ledger 2026-04-01 T1 chiba  0 1 13:00-13:00\n"
		  "operator_mismatch 2026-04-01 T1 bando abe 0 1 09:20-09:20\n"
		  "outside_interval 2026-04-01 T1 abe  0 2 11:00-11:05\n"
		  "ledger_without_log 2026-04-01 T2 abe  4 0 09:30-09:40\n"
		  "overlap 2026-04-01 T2 abe T1 4 0 09:30-09:40\n"
		  "missing_ledger 2026-04-02 T1   0 1 09:00-09:00\n");
}

static void the_tolerance_is_ten_minutes_at_most(void **state)
{
	struct journal_ledger_scope s = {.tolerance = 0};
	journal_ledger_t *l = NULL;
	char out[2000] = "";

	(void)state; /* PD-36 */
	use(0, 8, 51, "abe");
	reconcile("2026-04-01,T1,abe,09:00,09:30,L31,jo\n", &s,
		  "ledger_without_log 2026-04-01 T1 abe  2 0 09:00-09:30\n"
		  "outside_interval 2026-04-01 T1 abe  0 1 08:51-08:51\n");
	s.tolerance = 9;
	reconcile("2026-04-01,T1,abe,09:00,09:30,L31,jo\n", &s, "");
	s.tolerance = 8;
	reconcile("2026-04-01,T1,abe,09:00,09:30,L31,jo\n", &s,
		  "ledger_without_log 2026-04-01 T1 abe  2 0 09:00-09:30\n"
		  "outside_interval 2026-04-01 T1 abe  0 1 08:51-08:51\n");
	s.tolerance = 11;
	assert_ok(journal_ledger_read(&l, path, &problem));
	assert_int_equal(journal_reconcile(c->store, l, &s, put, out), CARD_ERR_INVALID_ARGUMENT);
	s.tolerance = 0;
	s.from = "yesterday";
	assert_int_equal(journal_reconcile(c->store, l, &s, put, out), CARD_ERR_INVALID_ARGUMENT);
	journal_ledger_free(&l);
}

static void a_wrong_register_is_refused_with_its_line(void **state)
{
	static const char *const rows[] = {"2026-04-31,T1,abe,09:00,09:30,,\n",
					   "2026-04-01,T 1,abe,09:00,09:30,,\n",
					   "2026-04-01,T1,,09:00,09:30,,\n",
					   "2026-04-01,T1,abe,9:00,09:30,,\n",
					   "2026-04-01,T1,abe,09:00,24:00,,\n",
					   "2026-04-01,T1,abe,09:31,09:30,,\n",
					   ",T1,abe,09:00,09:30,,\n"};
	journal_ledger_t *l = NULL;
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		snprintf(text, sizeof text, "date,terminal,operator,start,end,purpose,approver\n%s",
			 rows[i]);
		tree_write(path, text);
		problem.line = 0;
		assert_int_equal(journal_ledger_read(&l, path, &problem), CARD_ERR_MALFORMED);
		assert_int_equal(problem.line, 2);
		assert_null(l);
	}
}

static void the_register_made_from_the_journal_agrees_with_it(void **state)
{
	const struct journal_ledger_scope all = {.terminal = NULL};
	struct journal_record login = {
		.event = "login", .result = JOURNAL_OK, .operator_id = "abe"};
	journal_ledger_t *l = NULL;
	char out[2000] = "";
	FILE *f;

	(void)state; /* R6-23 */
	use(0, 9, 0, "abe");
	use(0, 10, 0, "bando");
	use(0, 11, 0, "abe");
	assert_ok(journal_append(c->journal, &login, 1, NULL));
	use(0, 23, 59, "abe");
	use(1, 0, 1, "abe");
	f = fopen(path, "we");
	assert_non_null(f);
	assert_ok(journal_ledger_write(c->store, &all, f));
	fclose(f);
	assert_ok(journal_ledger_read(&l, path, &problem));
	assert_int_equal(journal_ledger_entries(l), 4);
	assert_ok(journal_reconcile(c->store, l, &all, put, out));
	assert_string_equal(out, "");
	journal_ledger_free(&l);
}

/* ---------------------------------------------------------------- self-check */

static enum card_error count_low(void *ctx, const struct flow_selfcheck_low *low)
{
	assert_true(low->score < 3 && *low->reason != '\0');
	++*(int *)ctx;
	return CARD_OK;
}

/* items answered with 3, but the first `low` with 2. */
static void answers(long items, long low, const char *more)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs("item,score,reason,remedy,date\n", f);
	for (long i = 1; i <= items; i++)
		fprintf(f, i <= low ? "%ld,2,会議未開催,開催する,2026-09-30\n" : "%ld,3,,,\n", i);
	fputs(more, f);
	fclose(f);
}

static void the_mean_is_rounded_half_up(void **state)
{
	static const struct {
		long items, low;
		int mean;
	} cases[] = {{107, 1, 299}, {107, 5, 295}, {124, 1, 299},
		     {107, 0, 300}, {200, 1, 300}, {200, 3, 299}};

	(void)state; /* rules 7.4; 2.995 is 3.00 */
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flow_selfcheck s;
		int low = 0;

		answers(cases[i].items, cases[i].low, "");
		assert_ok(flow_selfcheck_read(path, cases[i].items, &s, count_low, &low, &problem));
		assert_int_equal(s.mean, cases[i].mean);
		assert_int_equal(s.low, cases[i].low);
		assert_int_equal(low, cases[i].low);
	}
}

static void what_is_not_answered_is_not_counted_as_three(void **state)
{
	static const char *const more[] = {"107,0,x,y,2026-09-30\n",
					   "107,4,,,\n",
					   "107,,,,\n",
					   "",
					   "106,3,,,\n",
					   "108,3,,,\n",
					   "107,2,,,\n",
					   "107,2,x,y,\n",
					   "107,2,x,,2026-09-30\n"};
	struct flow_selfcheck s;

	(void)state; /* PD-37 */
	for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
		answers(106, 0, more[i]);
		assert_int_equal(flow_selfcheck_read(path, 107, &s, NULL, NULL, &problem),
				 CARD_ERR_MALFORMED);
	}
}

/* ---------------------------------------------------------------- plan */

/* The sample plan of rules 7.4; H29 = fiscal year 2017. */
static const char sample_organs[] =
	"organ,office,since,first_use\n"
	"こども・家庭課,head,2010,2010\n地域福祉課,head,2010,2010\n保健・疾病対策課,head,2010,2010\n"
	"障がい者支援課,head,2010,2010\n建築住宅課,head,2010,2010\n高校教育課,head,2010,2010\n"
	"諏訪地域振興局,field,2010,2010\n木曽地域振興局,field,2010,2010\n職員課,head,2010,2010\n"
	"南信州地域振興局,field,2010,2010\n地域振興課,head,2010,2010\n私学・高等教育課,head,2010,2010\n"
	"山岳高原観光課,head,2010,2010\n国際観光推進室,head,2010,2010\n公営住宅室,head,2010,2010\n"
	"特別支援教育課,head,2010,2010\n国際課,head,2010,2010\n上田地域振興局,field,2010,2010\n"
	"長野地域振興局,field,2010,2010\n税務課,head,2010,2010\n上伊那地域振興局,field,2010,2010\n"
	"消防課,head,2010,2010\n農業政策課,head,2010,2010\n交通指導課,head,2010,2010\n"
	"監査委員事務局,head,2010,2010\n佐久地域振興局,field,2010,2010\n松本地域振興局,field,2010,2010\n"
	"北アルプス地域振興局,field,2010,2010\nものづくり振興課,head,2010,2010\n北信地域振興局,field,2010,2010\n";

static const char sample_plan[] =
	"year,organ,audit,reason\n"
	"2017,こども・家庭課,internal,\n2017,地域福祉課,internal,\n2017,保健・疾病対策課,internal,\n"
	"2017,障がい者支援課,internal,\n2017,建築住宅課,internal,\n2017,高校教育課,internal,\n"
	"2017,諏訪地域振興局,internal,\n2017,木曽地域振興局,internal,\n2017,職員課,external,\n"
	"2017,南信州地域振興局,external,\n2018,地域振興課,internal,\n2018,私学・高等教育課,internal,\n"
	"2018,山岳高原観光課,internal,\n2018,国際観光推進室,internal,\n2018,公営住宅室,internal,\n"
	"2018,特別支援教育課,internal,\n2018,国際課,internal,\n2018,上田地域振興局,internal,\n"
	"2018,長野地域振興局,internal,\n2018,税務課,external,\n2018,上伊那地域振興局,external,\n"
	"2019,消防課,internal,\n2019,農業政策課,internal,\n2019,交通指導課,internal,\n"
	"2019,監査委員事務局,internal,\n2019,佐久地域振興局,internal,\n2019,松本地域振興局,internal,\n"
	"2019,北アルプス地域振興局,internal,\n2019,ものづくり振興課,external,\n2019,北信地域振興局,external,\n";

static enum card_error put_problem(void *ctx, const char *kind, int year, const char *organ)
{
	char *out = ctx;

	snprintf(out + strlen(out), 2000 - strlen(out), "%s %d %s\n", kind, year, organ);
	return CARD_OK;
}

static void check_plan(const char *organs, const char *plan, const char *want)
{
	flow_audit_organs_t *o = NULL;
	char out[2000] = "";
	size_t n = 0, lines = 0;

	tree_write(second, organs);
	tree_write(path, plan);
	assert_ok(flow_audit_organs_read(&o, second, &problem));
	assert_ok(flow_audit_plan_check(o, path, 2017, put_problem, out, &n, &problem));
	assert_string_equal(out, want);
	for (const char *p = out; *p != '\0'; p++)
		lines += *p == '\n';
	assert_int_equal(n, lines);
	flow_audit_organs_free(&o);
}

static void the_sample_plan_is_good_and_changes_to_it_are_not(void **state)
{
	char *plan = strdup(sample_plan), *line, *end;

	(void)state;
	assert_non_null(plan);
	check_plan(sample_organs, sample_plan, "");
	line = strstr(plan, "2018,国際課"); /* left out */
	end = strchr(line, '\n') + 1;
	memmove(line, end, strlen(end) + 1);
	check_plan(sample_organs, plan, "left_out 0 国際課\n");
	free(plan);
	plan = strdup(sample_plan);
	line = strstr(plan, "2019,農業政策課");
	memcpy(line + 3, "7", 1); /* another year is as good */
	check_plan(sample_organs, plan, "");
	line = strstr(plan, "2019,北信地域振興局,external");
	memcpy(line + strlen("2019,北信地域振興局,"), "internal", 8);
	check_plan(sample_organs, plan, "external_field 2019 \n");
	free(plan);
}

static void new_organs_come_first_unless_without_use(void **state)
{
	static const char base[] =
		"organ,office,since,first_use\nh1,head,2010,2010\nh2,head,2010,2010\nh3,head,2010,2010\n"
		"f1,field,2010,2010\nf2,field,2010,2010\nf3,field,2010,2010\n";
	static const char plan[] =
		"year,organ,audit,reason\n2017,h1,external,\n2017,f1,external,\n2018,h2,external,\n"
		"2018,f2,external,\n2019,h3,external,\n2019,f3,external,\n";
	static const struct {
		const char *organ, *rows, *want;
	} cases[] = {
		{"n,head,2018,2018\n", "2018,n,internal,\n", ""},
		{"n,head,2018,2018\n", "2019,n,internal,\n", "new_not_first_year 2019 n\n"},
		{"n,head,2018,2018\n", "2018,n,internal,\n2019,n,internal,\n", "doubled 2019 n\n"},
		{"n,head,2018,2018\n", "2018,n,later,x\n", "later_with_use 2018 n\n"},
		{"n,head,2018,2019\n", "2018,n,later,利用なし\n2019,n,internal,\n", ""},
		{"n,head,2018,\n", "2018,n,later,利用なし\n", ""},
		{"n,head,2018,\n", "2018,n,later,\n", "later_without_reason 2018 n\n"},
		{"n,head,2018,2018\n", "", "left_out 0 n\n"},
		{"", "2017,z,internal,\n", "unknown_organ 2017 z\n"},
		{"n,head,2010,2010\n", "2020,n,internal,\n", "outside_term 2020 n\nleft_out 0 n\n"},
	};
	char organs[600], text[600];

	(void)state; /* R6-28, R6-29, PD-38 */
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(organs, sizeof organs, "%s%s", base, cases[i].organ);
		snprintf(text, sizeof text, "%s%s", plan, cases[i].rows);
		check_plan(organs, text, cases[i].want);
	}
}

static void a_plan_that_is_made_passes_its_check(void **state)
{
	flow_audit_organs_t *o = NULL;
	char text[4000], out[2000] = "", again[8192] = "", first[8192] = "";
	size_t n = 1;

	(void)state;
	snprintf(text, sizeof text,
		 "%snew1,head,2018,2018\nnew2,field,2019,\nnew3,head,2017,2018\n", sample_organs);
	tree_write(second, text);
	assert_ok(flow_audit_organs_read(&o, second, &problem));
	for (int round = 0; round < 2; round++) {
		FILE *f = fopen(path, "w+e");
		char *into = round == 0 ? first : again;

		assert_non_null(f);
		assert_ok(flow_audit_plan_make(o, 2017, "賽の目 4-1-6", f, &problem));
		rewind(f);
		assert_true(fread(into, 1, 8191, f) > 500);
		fclose(f);
	}
	assert_string_equal(first, again);
	assert_ok(flow_audit_plan_check(o, path, 2017, put_problem, out, &n, &problem));
	assert_string_equal(out, "");
	flow_audit_organs_free(&o);
	tree_write(second, "organ,office,since,first_use\na,head,2010,2010\n");
	assert_ok(flow_audit_organs_read(&o, second, &problem));
	assert_int_equal(flow_audit_plan_make(o, 2017, "1", stdout, &problem), CARD_ERR_DENIED);
	flow_audit_organs_free(&o);
}

/* ---------------------------------------------------------------- sample */

struct seen {
	size_t n;
	long seq[64];
};

static enum card_error see(void *ctx, const struct journal_entry *e)
{
	struct seen *s = ctx;

	assert_string_equal(e->subject, "");
	assert_true(s->n < 64);
	s->seq[s->n++] = e->seq;
	return CARD_OK;
}

static void a_sample_is_drawn_by_its_seed(void **state)
{
	const struct journal_filter all = {.event = "card-read"};
	struct seen a = {0}, b = {0}, other = {0}, every = {0};
	size_t of = 0;

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct journal_record r = {.event = "card-read",
					   .result = JOURNAL_OK,
					   .operator_id = "abe",
					   .subject = "atena:1"};

		assert_ok(journal_append(c->journal, &r, 1, NULL));
	}
	assert_ok(journal_sample(c->store, &all, "4-1-6", 10, see, &a, &of));
	assert_int_equal(of, 50);
	assert_ok(journal_sample(c->store, &all, "4-1-6", 10, see, &b, NULL));
	assert_ok(journal_sample(c->store, &all, "4-1-5", 10, see, &other, NULL));
	assert_int_equal(a.n, 10);
	assert_memory_equal(&a, &b, sizeof a);
	assert_memory_not_equal(&a, &other, sizeof a);
	for (size_t i = 1; i < a.n; i++)
		assert_true(a.seq[i] > a.seq[i - 1]);
	assert_ok(journal_sample(c->store, &all, "x", 64, see, &every, NULL));
	assert_int_equal(every.n, 50);
	assert_int_equal(journal_sample(c->store, &all, "x", 0, see, &every, NULL),
			 CARD_ERR_INVALID_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_register_that_agrees_has_no_findings, start,
						stop),
		cmocka_unit_test_setup_teardown(each_kind_of_finding, start, stop),
		cmocka_unit_test_setup_teardown(the_tolerance_is_ten_minutes_at_most, start, stop),
		cmocka_unit_test_setup_teardown(a_wrong_register_is_refused_with_its_line, start,
						stop),
		cmocka_unit_test_setup_teardown(the_register_made_from_the_journal_agrees_with_it,
						start, stop),
		cmocka_unit_test_setup_teardown(the_mean_is_rounded_half_up, start, stop),
		cmocka_unit_test_setup_teardown(what_is_not_answered_is_not_counted_as_three, start,
						stop),
		cmocka_unit_test_setup_teardown(the_sample_plan_is_good_and_changes_to_it_are_not,
						start, stop),
		cmocka_unit_test_setup_teardown(new_organs_come_first_unless_without_use, start,
						stop),
		cmocka_unit_test_setup_teardown(a_plan_that_is_made_passes_its_check, start, stop),
		cmocka_unit_test_setup_teardown(a_sample_is_drawn_by_its_seed, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
