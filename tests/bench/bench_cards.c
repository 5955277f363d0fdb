/* SPDX-License-Identifier: Apache-2.0 */
/* What the register of card states costs: a counter's question beside a bare look-up of the same row, a
 * step beside one sync of as many bytes; a hundred thousand cards with two certificates each. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cardflow/card_register.h>

#include "bench.h"
#include "test.h"
#include "tree.h"

#define CARDS 100000u
#define NOW   1775001600 /* 2026-04-01 09:00 in Japan */
#define BATCH 1000u

static const uint8_t key[FLOW_CARDS_KEY] = "a key of thirty-two octets, so..";
static char folder[64], path[128];
static flow_store_t *store;
static flow_cards_t *cards;
static sqlite3 *bare;
static sqlite3_stmt *query;
static unsigned at;
static int file = -1;

static void serial_of(unsigned n, char out[16])
{
	snprintf(out, 16, "4000%011u", n % CARDS);
}

/* Rows as flow_cards_enrol writes them, many at once. */
static void fill(void)
{
	static char id[BATCH][FLOW_CARDS_ID + 1], cert[2 * BATCH][FLOW_CARDS_ID + 1];
	const char *card_row[BATCH * 6], *cert_row[2 * BATCH * 7];
	char serial[16];

	assert_ok(flow_store_begin(store));
	for (unsigned from = 0; from < CARDS; from += BATCH) {
		for (unsigned i = 0; i < BATCH; i++) {
			const char *const row[6] = {id[i],        id[i],
						    "active",     "2026-01-01T00:00:00+09:00",
						    "2035-02-17", "2026-01-01T00:00:00+09:00"};

			serial_of(from + i, serial);
			assert_ok(flow_cards_name_card(cards, serial, id[i]));
			memcpy(&card_row[6u * i], row, sizeof row);
			for (unsigned u = 0; u < 2; u++) {
				const char *const c[7] = {cert[2 * i + u],
							  id[i],
							  u == 0 ? "auth" : "sign",
							  "valid",
							  "255",
							  "2026-01-01T00:00:00+09:00",
							  "2030-02-17T23:59:59+09:00"};

				serial[0] = u == 0 ? 'a' : 's';
				assert_ok(flow_cards_name_certificate(cards, card_bytes(serial, 15),
								      cert[2 * i + u]));
				memcpy(&cert_row[7u * (2u * i + u)], c, sizeof c);
			}
		}
		assert_ok(flow_store_add(
			store, "card_entry (card, subject, state, since, expiry, enrolled)", 6,
			card_row, BATCH));
		assert_ok(flow_store_add(
			store,
			"card_certificate (certificate, card, use_name, state, reason, since,"
			" not_after)",
			7, cert_row, 2 * BATCH));
	}
	assert_ok(flow_store_commit(store));
}

/* Everything but the card. */
static void ask(void *ctx)
{
	char serial[16], id[FLOW_CARDS_ID + 1];
	struct flow_card_entry e;

	(void)ctx;
	serial_of(at += 7919, serial);
	assert_ok(flow_cards_name_card(cards, serial, id));
	assert_ok(flow_cards_get(cards, id, NOW, &e));
	bench_keep(&e);
}

/* The least: the row of the card, found by its key. */
static void look_up(void *ctx)
{
	char serial[16], id[FLOW_CARDS_ID + 1];

	(void)ctx;
	serial_of(at += 7919, serial);
	assert_ok(flow_cards_name_card(cards, serial, id));
	sqlite3_bind_text(query, 1, id, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(query), SQLITE_ROW);
	bench_keep(sqlite3_column_text(query, 0));
	sqlite3_reset(query);
}

static void step(void *ctx)
{
	char serial[16], id[FLOW_CARDS_ID + 1], txn[33];
	struct flow_card_step s = {.card = id, .uses = FLOW_USE_BOTH, .txn = txn, .now = NOW};
	struct flow_card_entry is;
	const char *code;
	bool changed;

	(void)ctx;
	serial_of(++at % 1000, serial);
	snprintf(txn, sizeof txn, "%032x", at);
	assert_ok(flow_cards_name_card(cards, serial, id));
	assert_ok(flow_cards_get(cards, id, NOW, &is));
	s.event = is.state == FLOW_CARD_ACTIVE ? FLOW_EVENT_SUSPEND : FLOW_EVENT_RELEASE;
	assert_ok(flow_cards_do(cards, &s, &is, &changed, &code));
}

/* The least of a durable commit: some pages, and a sync. */
static void sync_file(void *ctx)
{
	static char pages[5 * 4096];

	(void)ctx;
	assert_int_equal(write(file, pages, sizeof pages), sizeof pages);
	assert_int_equal(fdatasync(file), 0);
}

int main(void)
{
	double ours, least;

	tree_scratch(folder);
	snprintf(path, sizeof path, "%s/cards.db", folder);
	assert_ok(flow_store_open(&store, path, FLOW_STORE_CREATE, NULL));
	assert_ok(flow_cards_setup(store));
	assert_ok(flow_cards_open(&cards, store, key));
	fill();
	assert_int_equal(sqlite3_open_v2(path, &bare, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(bare, "SELECT state FROM card_entry WHERE card = ?", -1,
					    &query, NULL),
			 SQLITE_OK);
	ours = bench_seconds(ask, NULL);
	least = bench_seconds(look_up, NULL);
	bench_report("cards.ask.100k", ours * 1e6, "us", "look-up", ours / least, 4);
	sqlite3_finalize(query);
	sqlite3_close(bare);
	snprintf(path, sizeof path, "%s/file", folder);
	file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	ours = bench_seconds(step, NULL);
	least = bench_seconds(sync_file, NULL);
	bench_report("cards.step", ours * 1e3, "ms", "fdatasync", ours / least, 4);
	close(file);
	flow_cards_close(&cards);
	flow_store_close(&store);
	tree_scratch_remove(folder);
	return 0;
}
