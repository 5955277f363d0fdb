/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables that people write: the catalogue of the centre, and the records that a city hall delivers.
 * The first byte says which file the rest is; the other files are in order. A catalogue that is taken
 * answers every question with something that can be; records come in whole or not at all, and a
 * refusal names a place.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cardflow/issue_catalogue.h>
#include <cardflow/issue_record.h>

#include "fuzz.h"

static const struct file {
	const char *name, *good;
} catalogue[] = {
	{"municipalities.csv",
	 "code,name,prefecture,from,methods,issuer,number,window,place,hours,phone,seal\n"
	 "13221,K,T,2020-01-01,new;conversion,https://a,yes,,,,,\n13222,H,T,,new,https://b,no,,,,,\n"},
	{"kinds.csv",
	 "municipality,kind,from,open,close,calendar\n13221,juminhyo,2020-01-01,,,daily\n"
	 "13221,koseki,2020-01-01,08:30,17:00,weekdays\n"},
	{"fees.csv",
	 "municipality,kind,channel,from,amount\n13221,juminhyo,kiosk,2020-01-01,300\n"},
	{"closures.csv", "municipality,kind,from,to,reason\n"
			 "*,*,2026-06-03T00:00:00+09:00,2026-06-04T00:00:00+09:00,x\n"},
	{"terminals.csv", "terminal,store,place,from,to\nT1,S,P,2020-01-01,\n"},
	{"opening-days.csv", NULL}};
static const char *const records[] = {"resident.csv", "household.csv",  "number.csv",
				      "notice.csv",   "seal.csv",       "serials.csv",
				      "user_ids.csv", "enrolments.csv", "kind_pin.csv"};

#define CATALOGUE (sizeof catalogue / sizeof catalogue[0])
#define RECORDS   (sizeof records / sizeof records[0])

static char folder[] = "/tmp/fuzz-tables-XXXXXX", rules[64], delivery[64], database[64];
static flow_store_t *store;

static void put(const char *where, const char *name, struct card_bytes b)
{
	char path[160];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", where, name);
	f = fopen(path, "wbe");
	fuzz_require(f != NULL);
	(void)fwrite(b.p, 1, b.n, f);
	(void)fclose(f);
}

static void drop(const char *where, const char *name)
{
	char path[160];

	(void)snprintf(path, sizeof path, "%s/%s", where, name);
	(void)unlink(path);
}

static void clean(void)
{
	flow_store_close(&store);
	for (size_t i = 0; i < CATALOGUE; i++)
		drop(rules, catalogue[i].name);
	(void)rmdir(rules);
	(void)rmdir(delivery);
	drop(folder, "db");
	(void)rmdir(folder);
}

static void start(void)
{
	fuzz_require(mkdtemp(folder) != NULL);
	(void)snprintf(rules, sizeof rules, "%s/rules", folder);
	(void)snprintf(delivery, sizeof delivery, "%s/delivery", folder);
	(void)snprintf(database, sizeof database, "%s/db", folder);
	fuzz_require(mkdir(rules, 0700) == 0 && mkdir(delivery, 0700) == 0);
	for (size_t i = 0; i < CATALOGUE; i++) {
		if (catalogue[i].good != NULL)
			put(rules, catalogue[i].name,
			    card_bytes(catalogue[i].good, strlen(catalogue[i].good)));
	}
	fuzz_require(flow_store_open(&store, database, FLOW_STORE_CREATE, NULL) == CARD_OK);
	fuzz_require(flow_record_setup(store) == CARD_OK);
	(void)atexit(clean);
}

static void ask(const flow_issue_catalogue_t *c)
{
	static const char *const codes[] = {NULL, "not_participating", "kind_disabled",
					    "outside_hours", "fee_unknown"};
	struct flow_issue_municipality m;
	struct flow_issue_terminal t;
	struct flow_issue_offer o;
	const struct card_date day = {2026, 6, 2};
	/* Noon of 2 June 2026 in Japan, and hours around it. */
	const int64_t noon = 1780369200;

	for (size_t i = 0; flow_issue_catalogue_nth(c, i, day, &m); i++)
		fuzz_require(strlen(m.code) == 5 && m.methods[0] != '\0');
	for (int hour = -12; hour <= 12; hour += 3) {
		bool known = false;

		flow_issue_catalogue_offer(c, "13221", "juminhyo", noon + hour * 3600, &o);
		for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
			known |= o.code == codes[i] || (o.code != NULL && codes[i] != NULL &&
							strcmp(o.code, codes[i]) == 0);
		fuzz_require(known);
		/* Open only inside 06:30 to 23:00, and never without a fee (PD-16, PD-21). */
		fuzz_require(o.code != NULL || (o.fee >= 0 && o.open >= 23400 && o.close <= 82800 &&
						o.open < o.close && hour > -6 && hour < 11));
		fuzz_require(o.opens_at == 0 || o.opens_at > noon + hour * 3600);
	}
	(void)flow_issue_catalogue_terminal(c, "T1", day, &t);
}

static void read_catalogue(size_t which, struct card_bytes b)
{
	flow_issue_catalogue_t *c = NULL;
	struct flow_problem p = {.text = ""};
	const struct file *f = &catalogue[which];

	put(rules, f->name, b);
	if (fuzz_known(flow_issue_catalogue_read(&c, rules, NULL, NULL, &p)) == CARD_OK)
		ask(c);
	else
		fuzz_require(c == NULL && p.text[0] != '\0' && p.file[0] != '\0');
	flow_issue_catalogue_free(&c);
	if (f->good != NULL)
		put(rules, f->name, card_bytes(f->good, strlen(f->good)));
	else
		drop(rules, f->name);
}

static void read_records(size_t which, struct card_bytes b)
{
	static const uint8_t secret[32] = {7};
	const struct flow_record_import how = {true, {secret, sizeof secret}};
	static struct flow_record_report report;
	enum card_error err;

	put(delivery, records[which], b);
	err = fuzz_known(flow_record_import(store, delivery, &how, &report));
	if (err == CARD_ERR_MALFORMED)
		fuzz_require(report.problems > 0 && report.problem[0].text[0] != '\0');
	drop(delivery, records[which]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const size_t which = fuzz_byte(&in) % (CATALOGUE + RECORDS);
	const struct card_bytes rest = fuzz_take(&in, in.n);

	if (store == NULL)
		start();
	if (which < CATALOGUE)
		read_catalogue(which, rest);
	else
		read_records(which - CATALOGUE, rest);
	return 0;
}
