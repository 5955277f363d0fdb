/* SPDX-License-Identifier: Apache-2.0 */
#include "seed_issue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cardflow/issue_message.h>

#include "../../libcard/flow/issue/front_code.h"

static void (*give)(const char *target, const char *name, struct card_bytes b);

static void text(const char *target, const char *name, unsigned char first, const char *what)
{
	card_buf_t b = {0};

	if (card_buf_append_byte(&b, first) != CARD_OK ||
	    card_buf_append(&b, card_bytes(what, strlen(what))) != CARD_OK)
		exit(1);
	give(target, name, card_buf_bytes(&b));
	card_buf_free(&b);
}

static void messages(void)
{
	const struct flow_issue_part parts[] = {
		{"front", "application/pdf", card_bytes("%PDF-1.7 front", 14), NULL},
		{"back-1", "application/pdf", card_bytes("%PDF-1.7 back", 13), NULL}};
	json_t *json = json_pack("{s:s,s:i,s:s,s:s,s:[{s:s,s:i,s:s}]}", "transaction",
				 "0123456789abcdef0123456789abcdef", "seq", 2, "state", "delivered",
				 "binding", "QUJDRA==", "copies", "copy", "7K3M-Q9TX-20AB",
				 "sheets", 1, "back", "back-1");
	card_buf_t b = {0};

	if (flow_issue_message_write(json, parts, 2, &b) != CARD_OK)
		exit(1);
	give("message", "document", card_buf_bytes(&b));
	card_buf_clear(&b);
	if (flow_issue_message_write(json, NULL, 0, &b) != CARD_OK)
		exit(1);
	give("message", "plain", card_buf_bytes(&b));
	json_decref(json);
	card_buf_free(&b);
}

static void papers(void)
{
	static const char digest[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	struct flow_grey page = {0};
	card_buf_t b = {0};
	char payload[600];

	(void)snprintf(
		payload, sizeof payload,
		"{\"v\":1,\"id\":\"0123456789abcdef0123456789abcdef\",\"copy\":\"7K3M-Q9TX-20AB\","
		"\"page\":1,\"pages\":2,\"kind\":\"juminhyo\",\"place\":\"13221\",\"made\":"
		"\"2026-06-02\",\"doc\":\"%s\",\"bind\":\"%s\",\"front\":\"%s\"}",
		digest, digest, digest);
	text("paper", "token", 0, "eyJhbGciOiJFUzI1NiIsImtpZCI6IjAxMjMifQ.e30.AAAA");
	text("paper", "facts", 1, payload);
	text("paper", "list", 2,
	     "kazasu void list 1 2026-06-02T12:00:00+09:00 2026-06-03T12:00:00+09:00\n"
	     "7K3M-Q9TX-20AB\nsignature 0123456789abcdef AAAA\n");
	text("paper", "rows", 3,
	     "kazasu void list 1 2026-06-02T12:00:00+09:00 2026-06-03T12:00:00+09:00\n"
	     "7K3M-Q9TX-20AB\n7K3M-Q9TX-20AC\n");
	if (flow_grey_make(&page, 2480, 3508, 255) != CARD_OK)
		exit(1);
	for (size_t i = 0; i < 200; i++)
		page.pixels[(1000 + i) * 2480 + 500] = 0;
	if (card_buf_append_byte(&b, 4) != CARD_OK || front_encode(&page, 40000, &b) != CARD_OK)
		exit(1);
	give("paper", "front", card_buf_bytes(&b));
	card_buf_free(&b);
	flow_grey_free(&page);
}

static void tables(void)
{
	text("tables", "municipalities", 0,
	     "code,name,prefecture,from,methods,issuer,number,window,place,hours,phone,seal\n"
	     "13221,\"清瀬市\",東京都,2020-01-01,new;current,https://a:1,yes,市民課,x,8:30-17:00,,13221.pem\n");
	text("tables", "kinds", 1,
	     "municipality,kind,from,open,close,calendar\n"
	     "13221,juminhyo,2020-01-01,06:30,23:00,daily\n"
	     "13221,koseki,,,,weekdays\n");
	text("tables", "fees", 2,
	     "municipality,kind,channel,from,amount\n"
	     "13221,juminhyo,kiosk,2020-01-01,300\n13221,juminhyo,counter,2020-01-01,200\n");
	text("tables", "closures", 3,
	     "municipality,kind,from,to,reason\n"
	     "13221,*,2026-06-02T09:00:00+09:00,2026-06-02T10:00:00+09:00,maintenance\n");
	text("tables", "terminals", 4,
	     "terminal,store,place,from,to\nT1,S,P,2020-01-01,2027-01-01\n");
	text("tables", "days", 5, "organ,date,open,note\n13221,2026-06-02,no,\n");
	text("tables", "number", 8, "atena,number\nA1,537686677188\n");
	text("tables", "household", 7,
	     "household,address,head,since\nH1,東京都清瀬市,A1,2020-01-01\n");
	text("tables", "notice", 9,
	     "notice,atena,member,kind,valid_from,valid_to,reference\n"
	     "N1,A1,,protected,2020-01-01,,\n");
	text("tables", "serials", 11,
	     "serial,authority,atena,valid_from,valid_to\n40000001,"
	     "0000000000000000000000000000000000000000000000000000000000000000,A1,2020-01-01,\n");
	text("tables", "user-ids", 12, "user_id,atena\nU-1,A1\n");
}

void seed_issue(void (*put)(const char *target, const char *name, struct card_bytes b))
{
	give = put;
	messages();
	papers();
	tables();
}
