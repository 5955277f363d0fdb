/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves: 新方式, 変換方式 and 現行方式 of one municipality side by side (rules 4.3, R4-17 to R4-26) –
 * what is asked for, by what the resident is named in message 3, that a card without a mapping goes
 * the way of every other refusal (K20), that a mapping counts when message 3 is made, mutual
 * authentication with its forgeries, and which tables and secrets a method needs.
 */
#include "center_case.h"

#include <openssl/hmac.h>

#include "kazasu-center/user_ids.h"

static struct center_case k;
static struct person alice, bob;

static int start(void **state)
{
	(void)state;
	case_start(&k, NULL);
	person_make(&alice, 0x1234);
	person_make(&bob, 0x1235);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	person_free(&alice);
	person_free(&bob);
	case_stop(&k);
	return 0;
}

static const char *authority(void)
{
	static char hex[65];
	uint8_t digest[32];

	EVP_Digest(case_ca.spki.p, case_ca.spki.n, digest, NULL, EVP_sha256(), NULL);
	flow_issue_hex_text(digest, 32, hex);
	return hex;
}

static int import(const char *rows, bool replace)
{
	char path[128], text[1024];

	snprintf(text, sizeof text, "serial,authority,user_id\n%s", rows);
	case_text(&k, "map.csv", text);
	snprintf(path, sizeof path, "%s/map.csv", k.folder);
	return user_ids_import(k.c, "13221", path, replace);
}

/* serial → user_id of the CA of the case; "" takes it out. */
static void map(const char *serial, const char *user_id)
{
	char row[200];

	snprintf(row, sizeof row, "%s,%s,%s\n", serial, authority(), user_id);
	assert_int_equal(import(row, false), 0);
}

static const char *prompts(const struct kiosk *t)
{
	static char text[40];
	const json_t *list = json_object_get(t->answer, "prompts"), *one;
	size_t i;

	text[0] = '\0';
	json_array_foreach(list, i, one)
	{
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s ",
			 json_string_value(one));
	}
	return text;
}

static void with_kind_pin(struct kiosk *t)
{
	kiosk_say(t, "document", json_pack("{s:s}", "kind_pin", "c2VhbGVk"));
}

/* ---- 変換方式 ---- */

/* R4-19: the certificate becomes the municipality's 利用者ID. */
static void a_certificate_is_converted(void **state)
{
	struct kiosk t;

	(void)state;
	map("1235", "U-77");
	kiosk_start(&t, &k, "T1", &bob);
	t.method = "conversion";
	kiosk_to(&t, FLOW_ISSUE_CARD_READ);
	assert_string_equal(prompts(&t), "auth kind ");
	kiosk_apply(&t);
	kiosk_is(&t, "verified", "K13", "");
	with_kind_pin(&t);
	kiosk_is(&t, "delivered", "K18", "");
	assert_string_equal(k.asked_for, "U-77");
	kiosk_free(&t);
}

/* K20: no mapping looks like every other reason, up to the municipality's own answer and its time. */
static void a_card_without_mapping_is_refused_by_the_municipality(void **state)
{
	struct kiosk t, other;
	char first[130];

	(void)state;
	kiosk_start(&t, &k, "T1", &bob);
	t.method = "conversion";
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	k.refusal = "kind_pin_wrong"; /* the same 利用者ID is asked for again, in another attempt */
	with_kind_pin(&t);
	snprintf(first, sizeof first, "%s", k.asked_for);
	k.refusal = "not_available_here";
	with_kind_pin(&t);
	kiosk_is(&t, "refused", "K20", "not_available_here");
	assert_int_equal(k.asked, 2);
	assert_int_equal(strlen(k.asked_for), 64);
	assert_string_equal(k.asked_for, first);
	/* It says nothing about the card to who sees two of them. */
	k.refusal = NULL;
	kiosk_start(&other, &k, "T2", &bob);
	other.method = "conversion";
	kiosk_to(&other, FLOW_ISSUE_DELIVERED);
	assert_int_equal(strlen(k.asked_for), 64);
	assert_string_not_equal(k.asked_for, first);
	kiosk_free(&t);
	kiosk_free(&other);
}

/* A mapping taken out between the question of K16 and the answer no longer counts. */
static void a_mapping_removed_before_yes_does_not_count(void **state)
{
	struct kiosk t;

	(void)state;
	map("1235", "U-77");
	kiosk_start(&t, &k, "T1", &bob);
	t.method = "conversion";
	kiosk_to(&t, FLOW_ISSUE_PRINTING);
	kiosk_printed(&t, "complete", 1);
	kiosk_open(&t);
	kiosk_apply(&t);
	kiosk_is(&t, "applied", "K16", "again");
	map("1235", "");
	kiosk_say(&t, "again", json_pack("{s:s}", "answer", "yes"));
	kiosk_is(&t, "verified", "K16", "");
	k.refusal = "not_available_here";
	with_kind_pin(&t);
	kiosk_is(&t, "refused", "K20", "not_available_here");
	assert_int_equal(strlen(k.asked_for), 64);
	/* And one that changed counts as it is. */
	k.refusal = NULL;
	kiosk_open(&t);
	kiosk_apply(&t);
	map("1235", "U-78");
	if (strcmp(kiosk_text(&t, "state"), "applied") == 0)
		kiosk_say(&t, "again", json_pack("{s:s}", "answer", "yes"));
	with_kind_pin(&t);
	assert_string_equal(k.asked_for, "U-78");
	kiosk_free(&t);
}

/* Another municipality's secret makes another key: its table is not ours. */
static void keys_are_those_of_the_municipality(void **state)
{
	uint8_t secret[32];
	char one[65], two[65];

	(void)state;
	assert_ok(center_user_key(k.c, "13221", authority(), "1235", one));
	memset(secret, 8, sizeof secret);
	case_file(&k, "secrets/13222.conversion", secret, sizeof secret);
	assert_ok(center_user_key(k.c, "13222", authority(), "1235", two));
	assert_string_not_equal(one, two);
	assert_int_equal(center_user_key(k.c, "13223", authority(), "1235", two),
			 CARD_ERR_NOT_FOUND);
	map("1235", "U-77");
	/* The table keeps no serial. */
	assert_int_equal(case_count(&k, "SELECT COUNT(*) FROM issue_user_id WHERE key = $1", one),
			 1);
	assert_int_equal(case_count(&k,
				    "SELECT COUNT(*) FROM issue_user_id WHERE key LIKE '%1235%'"
				    " AND key = $1",
				    "1235"),
			 0);
}

static long mappings(void)
{
	return case_count(&k, "SELECT COUNT(*) FROM issue_user_id", NULL);
}

/* New certificates arrive by import; all rows or none, and each wrong line is named. */
static void imports(void **state)
{
	static const char *const wrong[] = {"123,%s,U-1\n",   "xx35,%s,U-1\n",  "001235,%s,U-1\n",
					    ",%s,U-1\n",      "1235,%s0,U-1\n", "1235,%.62s,U-1\n",
					    "1235,%s,U 1\n",  "1235,%s\n",      "1235,%s,\"U\"\n",
					    "1235,%s,U-1,x\n"};
	char rows[700];

	(void)state;
	map("1235", "U-77");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		char row[300];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(row, sizeof row, wrong[i], authority());
#pragma GCC diagnostic pop
		snprintf(rows, sizeof rows, "1236,%s,U-2\n%s", authority(), row);
		assert_int_equal(import(rows, true), 65);
		assert_int_equal(mappings(), 1);
	}
	snprintf(rows, sizeof rows, "12ab,%s,U-1\n12AB,%s,U-2\n", authority(), authority());
	assert_int_equal(import(rows, false), 65); /* twice, written differently */
	snprintf(rows, sizeof rows, "1235,%s,%065d\n", authority(), 1);
	assert_int_equal(import(rows, false), 65); /* 65 characters */
	assert_int_equal(user_ids_import(k.c, "13221", "/nowhere.csv", false), 66);
	assert_int_equal(user_ids_import(k.c, "13222", "/nowhere.csv", false), 78);
	snprintf(rows, sizeof rows, "1236,%s,U-2\n1237,%s,U-3\n", authority(), authority());
	assert_int_equal(import(rows, false), 0);
	assert_int_equal(mappings(), 3);
	map("1236", "");
	map("4444", ""); /* not there: nothing to take out */
	assert_int_equal(mappings(), 2);
	assert_int_equal(import(rows, true), 0);
	assert_int_equal(mappings(), 2);
	assert_int_equal(import("", true), 0);
	assert_int_equal(mappings(), 0);
}

/* ---- 現行方式 ---- */

static void hmac(const uint8_t *key, const void *p, size_t n, uint8_t out[32])
{
	unsigned len = 32;

	assert_non_null(HMAC(EVP_sha256(), key, 32, p, n, out, &len));
}

static void digest_of(const struct kiosk *t, uint8_t out[32])
{
	uint8_t id[16], session[16], nonce[32];

	kiosk_raw(t->id, id, 16);
	kiosk_raw(t->session, session, 16);
	kiosk_raw(t->nonce, nonce, 32);
	assert_ok(flow_issue_challenge("kazasu-center:test", id, session, nonce, out));
}

/* What a card with this 利用者ID answers. */
static void respond(const struct kiosk *t, const char *user_id, char hex[65])
{
	uint8_t secret[32], key[32], digest[32], response[32];

	memset(secret, 7, 32);
	hmac(secret, user_id, strlen(user_id), key);
	digest_of(t, digest);
	hmac(key, digest, 32, response);
	flow_issue_hex_text(response, 32, hex);
}

static json_t *shown(const char *user_id, const char *response, const char *token,
		     const char *expires)
{
	return json_pack("{s:s,s:s,s:{s:s},s:{s:s,s:s?}}", "method", "current", "user_id", user_id,
			 "mutual", "response", response, "card", "token", token, "expires",
			 expires);
}

static void show(struct kiosk *t, const char *user_id)
{
	char hex[65];

	respond(t, user_id, hex);
	kiosk_say(t, "apply", shown(user_id, hex, "card", "2035-01-01"));
}

static void ask_proof(struct kiosk *t)
{
	kiosk_say(t, "mutual",
		  json_pack("{s:{s:s,s:s}}", "card", "reference", "0102030405060708", "challenge",
			    "000102030405060708090a0b0c0d0e0f"));
}

/* R1-23: the centre proves itself to the card first, then the card to the centre. */
static void centre_and_card_prove_themselves_to_each_other(void **state)
{
	struct kiosk t;
	uint8_t secret[32], key[32], proof[32], said[48];
	uint8_t named[23] = {'K', 'A', 'Z', 'A', 'S', 'U', '-', 'O', 'P', 'E', 'N', '-',
			     'v', '1', 0,   1,   2,   3,   4,   5,   6,   7,   8};
	char hex[65];

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	t.method = "current";
	kiosk_to(&t, FLOW_ISSUE_CARD_READ);
	assert_string_equal(prompts(&t), "kind ");
	ask_proof(&t);
	kiosk_is(&t, "card_read", "K05", "");
	memset(secret, 7, 32);
	hmac(secret, named, sizeof named, key);
	for (uint8_t i = 0; i < 16; i++)
		said[i] = i;
	digest_of(&t, said + 16);
	hmac(key, said, sizeof said, proof);
	flow_issue_hex_text(proof, 32, hex);
	assert_string_equal(kiosk_text(&t, "proof"), hex);
	show(&t, "U-88");
	kiosk_is(&t, "verified", "K13", "");
	ask_proof(&t); /* no nonce any more */
	kiosk_refused(&t, 409, "BAD_STATE");
	with_kind_pin(&t);
	kiosk_is(&t, "delivered", "K18", "");
	assert_string_equal(k.asked_for, "U-88");
	kiosk_free(&t);
}

/* Only 現行方式, only while the nonce is good, only with a reference and a challenge. */
static void proofs_are_given_for_nothing_else(void **state)
{
	struct kiosk t;

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_to(&t, FLOW_ISSUE_CARD_READ);
	ask_proof(&t);
	kiosk_refused(&t, 409, "BAD_STATE");
	t.method = "current";
	kiosk_to(&t, FLOW_ISSUE_CARD_READ);
	kiosk_say(&t, "mutual",
		  json_pack("{s:{s:s,s:s}}", "card", "reference", "01", "challenge",
			    "000102030405060708090a0b0c0d0e0f"));
	kiosk_refused(&t, 400, "MALFORMED");
	kiosk_say(&t, "mutual", json_pack("{s:{s:s}}", "card", "reference", "0102030405060708"));
	kiosk_refused(&t, 400, "MALFORMED");
	kiosk_say(&t, "mutual", json_object());
	kiosk_refused(&t, 400, "MALFORMED");
	k.now += 121;
	ask_proof(&t);
	kiosk_refused(&t, 409, "BAD_STATE");
	kiosk_free(&t);
}

/* K11: of another transaction, of another card, with a bit changed, with a 利用者ID changed. */
static void forged_and_replayed_responses_are_refused(void **state)
{
	struct kiosk t;
	char hex[65], old[65];

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	t.method = "current";
	kiosk_to(&t, FLOW_ISSUE_CARD_READ);
	respond(&t, "U-88", old);
	for (int i = 0; i < 4; i++) {
		kiosk_to(&t, FLOW_ISSUE_CARD_READ);
		respond(&t, "U-88", hex);
		hex[10] = hex[10] == '0' ? '1' : '0';
		kiosk_say(&t, "apply",
			  i == 0   ? shown("U-88", old, "card", "2035-01-01")
			  : i == 1 ? shown("U-88", hex, "card", "2035-01-01")
			  : i == 2 ? (respond(&t, "U-88", hex),
				      shown("U-89", hex, "card", "2035-01-01"))
				   : (k.now += 121, respond(&t, "U-88", hex),
				      shown("U-88", hex, "card", "2035-01-01")));
		kiosk_is(&t, "refused", "K11", "protocol");
	}
	assert_int_equal(k.asked, 0); /* no message 3 */
	kiosk_free(&t);
}

static void what_is_no_message_of_a_card(void **state)
{
	struct kiosk t;
	char hex[65];
	static const struct {
		const char *user_id, *token, *expires;
	} odd[] = {{"", "card", "2035-01-01"},      {"U 88", "card", "2035-01-01"},
		   {"U\n88", "card", "2035-01-01"}, {"U-88", "phone", "2035-01-01"},
		   {"U-88", "card", NULL},          {"U-88", "card", "2035-13-01"}};

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	t.method = "current";
	kiosk_to(&t, FLOW_ISSUE_CARD_READ);
	respond(&t, "U-88", hex);
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
		kiosk_say(&t, "apply", shown(odd[i].user_id, hex, odd[i].token, odd[i].expires));
		kiosk_refused(&t, 400, "MALFORMED");
	}
	kiosk_say(&t, "apply",
		  json_pack("{s:s,s:s,s:{s:s}}", "method", "current", "user_id", "U-88", "mutual",
			    "response", hex));
	kiosk_refused(&t, 400, "MALFORMED");
	show(&t, "U-88"); /* nothing of that has changed it */
	kiosk_is(&t, "verified", "K13", "");
	kiosk_free(&t);
}

/* PD-10, R4-27: a 住基カード until 2025-12-31; R2-26: a card past its last day is abolished. */
static void cards_that_have_ended(void **state)
{
	static const struct {
		const char *at, *token, *expires, *row, *code;
	} cards[] = {
		{"2025-12-28T22:00:00+09:00", "juki", NULL, "K13", ""},
		{"2026-01-04T07:00:00+09:00", "juki", NULL, "K14", "card_abolished"},
		{"2026-01-04T07:00:00+09:00", "juki", "2030-01-01", "K14", "card_abolished"},
		{"2026-06-02T12:00:00+09:00", "card", "2026-06-02", "K13", ""},
		{"2026-06-02T12:00:00+09:00", "card", "2026-06-01", "K14", "card_abolished"},
	};
	struct kiosk t;
	char hex[65], user_id[8];

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	t.method = "current";
	for (size_t i = 0; i < sizeof cards / sizeof cards[0]; i++) {
		case_at(&k, cards[i].at);
		snprintf(user_id, sizeof user_id, "U-%zu", i);
		kiosk_to(&t, FLOW_ISSUE_CARD_READ);
		respond(&t, user_id, hex);
		kiosk_say(&t, "apply", shown(user_id, hex, cards[i].token, cards[i].expires));
		kiosk_is(&t, cards[i].code[0] == '\0' ? "verified" : "refused", cards[i].row,
			 cards[i].code);
	}
	kiosk_free(&t);
}

/* K37: the same card proves itself again; another one, and the first response, do not. */
static void a_resumption_wants_the_card_again(void **state)
{
	struct kiosk t;
	static const char *const refusals[7] = {
		NULL, NULL, "kind_pin_wrong", "kind_pin_locked", NULL, "not_available_here", NULL};
	char hex[65], old[65];
	json_t *json;

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	t.method = "current";
	kiosk_to(&t, FLOW_ISSUE_CARD_READ);
	respond(&t, "U-88", old);
	show(&t, "U-88");
	with_kind_pin(&t);
	kiosk_confirm(&t);
	kiosk_pay(&t, "settled");
	kiosk_permit(&t);
	kiosk_printed(&t, "fault", 0);
	kiosk_is(&t, "print_failed", "K35", "print_fault");
	kiosk_say(&t, "challenge", json_object());
	assert_string_equal(kiosk_text(&t, "method"), "current");
	assert_string_equal(kiosk_text(&t, "municipality"), "13221");
	assert_string_equal(kiosk_text(&t, "kind"), "juminhyo");
	snprintf(t.nonce, sizeof t.nonce, "%s", kiosk_text(&t, "nonce"));
	respond(&t, "U-88", hex);
	json = shown("U-88", hex, "card", "2035-01-01"); /* without the PIN */
	json_object_set_new(json, "printer", kiosk_printer());
	kiosk_say(&t, "resume", json);
	kiosk_refused(&t, 400, "MALFORMED");
	for (int i = 0; i < 7; i++) {
		kiosk_say(&t, "challenge", json_object());
		snprintf(t.nonce, sizeof t.nonce, "%s", kiosk_text(&t, "nonce"));
		ask_proof(&t);
		assert_int_equal(strlen(kiosk_text(&t, "proof")), 64);
		respond(&t, i == 1 ? "U-89" : "U-88", hex);
		json = shown(i == 1 ? "U-89" : "U-88", i == 0 ? old : hex, "card", "2035-01-01");
		json_object_set_new(json, "printer", kiosk_printer());
		json_object_set_new(json, "kind_pin", json_string("c2VhbGVk"));
		/* The PIN of the kind is checked by the municipality, once the card is the same. */
		k.refusal = refusals[i];
		k.tries_left = 2;
		k.ask_error = i == 4 ? CARD_ERR_TIMEOUT : CARD_OK;
		kiosk_say(&t, "resume", json);
		if (i < 6)
			kiosk_is(&t, "print_failed", "K37",
				 i == 2 || i == 3 ? refusals[i] : "resume_refused");
		if (i == 2)
			assert_int_equal(
				json_integer_value(json_object_get(t.answer, "tries_left")), 2);
	}
	kiosk_is(&t, "resumed", "K37", "");
	/* Once for the document, which the centre has kept; then for the PIN only. */
	assert_int_equal(k.asked, 1 + 5);
	kiosk_free(&t);
}

/* ---- side by side ---- */

/* R4-26: several methods at once; each names the resident in its own way. */
static void three_methods_of_one_municipality(void **state)
{
	struct kiosk t;

	(void)state;
	map("1234", "U-77");
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_to(&t, FLOW_ISSUE_CARD_READ);
	assert_string_equal(prompts(&t), "auth ");
	kiosk_apply(&t);
	kiosk_document(&t);
	kiosk_is(&t, "delivered", "K18", "");
	assert_string_equal(k.asked_for, "1234");
	t.method = "conversion";
	kiosk_open(&t);
	kiosk_apply(&t); /* PD-19: the same certificate within five minutes */
	kiosk_is(&t, "applied", "K16", "again");
	kiosk_say(&t, "again", json_pack("{s:s}", "answer", "yes"));
	with_kind_pin(&t);
	assert_string_equal(k.asked_for, "U-77");
	t.method = "current";
	kiosk_open(&t);
	show(&t, "U-77");
	with_kind_pin(&t);
	assert_string_equal(k.asked_for, "U-77");
	/* Message 2 is of the method of the opening. */
	kiosk_open(&t);
	t.method = "new";
	kiosk_apply(&t);
	kiosk_refused(&t, 400, "MALFORMED");
	/* And another municipality has its own list. */
	t.method = "current";
	kiosk_open_at(&t, "13222");
	kiosk_is(&t, "refused", "K06", "card_unusable");
	kiosk_free(&t);
}

static void does_not_open(const char *what)
{
	struct flow_problem p = {{0}, 0, {0}};
	struct center *c = NULL;

	assert_int_not_equal(center_open(&c, &k.config, &p), CARD_OK);
	if (strstr(p.text, what) == NULL)
		fail_msg("\"%s\" does not say %s", p.text, what);
}

static void remove_file(const char *name)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", k.folder, name);
	assert_int_equal(unlink(path), 0);
}

/* rules 4.3: ordinance, card system, secrets and a certificate for PINs. */
static void a_method_needs_what_it_needs(void **state)
{
	uint8_t secret[32] = {1};

	(void)state;
	case_file(&k, "secrets/13221.current", secret, 31);
	does_not_open("13221.current");
	remove_file("secrets/13221.current");
	does_not_open("13221.current");
	case_file(&k, "secrets/13221.current", secret, 32);
	remove_file("secrets/13221.conversion");
	does_not_open("13221.conversion");
	case_file(&k, "secrets/13221.conversion", secret, 32);
	case_text(&k, "rules/seal.pem", "no certificate");
	does_not_open("seal");
	remove_file("rules/seal.pem");
	does_not_open("seal");
	case_text(&k, "rules/ordinances.csv", "municipality,ordinance,card_system\n");
	does_not_open("ordinances.csv");
	case_text(&k, "rules/ordinances.csv",
		  "municipality,ordinance,card_system\n13221,条例,no\n");
	does_not_open("card system");
	case_text(&k, "rules/ordinances.csv", "municipality,ordinance,card_system\n13221,,yes\n");
	does_not_open("ordinance");
	case_text(&k, "rules/ordinances.csv",
		  "municipality,ordinance,card_system\n13221,条例,yes\n99999,条例,yes\n");
	does_not_open("unknown municipality");
	remove_file("rules/ordinances.csv");
	does_not_open("ordinances.csv");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_certificate_is_converted, start, stop),
		cmocka_unit_test_setup_teardown(
			a_card_without_mapping_is_refused_by_the_municipality, start, stop),
		cmocka_unit_test_setup_teardown(a_mapping_removed_before_yes_does_not_count, start,
						stop),
		cmocka_unit_test_setup_teardown(keys_are_those_of_the_municipality, start, stop),
		cmocka_unit_test_setup_teardown(imports, start, stop),
		cmocka_unit_test_setup_teardown(centre_and_card_prove_themselves_to_each_other,
						start, stop),
		cmocka_unit_test_setup_teardown(proofs_are_given_for_nothing_else, start, stop),
		cmocka_unit_test_setup_teardown(forged_and_replayed_responses_are_refused, start,
						stop),
		cmocka_unit_test_setup_teardown(what_is_no_message_of_a_card, start, stop),
		cmocka_unit_test_setup_teardown(cards_that_have_ended, start, stop),
		cmocka_unit_test_setup_teardown(a_resumption_wants_the_card_again, start, stop),
		cmocka_unit_test_setup_teardown(three_methods_of_one_municipality, start, stop),
		cmocka_unit_test_setup_teardown(a_method_needs_what_it_needs, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
