/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_admin.c — the operator's side of convenience-store issuance: 緊急停止 by two persons, what an
 * incident touched, the day's settlement, open refunds. Speaks to the centre (docs/issuance.md).
 * Words of the administration of cards go on to admin_card.c.
 */
#include "admin.h"
#include "commands.h"
#include "options.h"
#include "output.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include <card/bytes.h>

static size_t receive(char *data, size_t size, size_t n, void *ctx)
{
	return card_buf_append(ctx, card_bytes(data, size * n)) == CARD_OK ? size * n : 0;
}

json_t *kz_admin_ask(const struct kz_admin *a, const char *path, const char *body, long *status)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	card_buf_t answer = {0};
	char url[700];
	json_t *json = NULL;

	*status = 0;
	snprintf(url, sizeof url, "%s/v1/admin/%s", a->center, path);
	if (curl != NULL) {
		curl_easy_setopt(curl, CURLOPT_URL, url);
		curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
		curl_easy_setopt(curl, CURLOPT_CAINFO, a->ca);
		curl_easy_setopt(curl, CURLOPT_SSLCERT, a->certificate);
		curl_easy_setopt(curl, CURLOPT_SSLKEY, a->key);
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
		curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
		if (body != NULL)
			curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
		if (curl_easy_perform(curl) == CURLE_OK)
			curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
		json = json_loadb((const char *)answer.p, answer.n, JSON_DISABLE_EOF_CHECK, NULL);
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	card_buf_free(&answer);
	return json;
}

static int refused(struct kz *kz, long status)
{
	struct kz_failure f = {.error = CARD_ERR_NO_SERVICE, .exit = KZ_UNAVAILABLE, .hint = ""};

	if (status == 403)
		return kz_fail_refused(
			kz, _("A stop is asked for by one person and agreed to by another."),
			_("The centre does not let this operator do that."));
	if (status == 400 || status == 404 || status == 409)
		return kz_fail_refused(kz, "",
				       _("There is no such request, or it has been settled."));
	f.message = _("The centre cannot be reached.");
	return kz_fail(kz, &f);
}

/* Every list is an array of objects: one line each, the keys as they are. */
static void say_list(struct kz *kz, const json_t *list)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		const char *key;
		json_t *value;

		json_object_foreach(one, key, value)
		{
			if (json_is_string(value))
				kz_say_pair(kz, key, "%s", json_string_value(value));
			else if (json_is_integer(value))
				kz_say_pair(kz, key, "%lld", (long long)json_integer_value(value));
			else if (json_is_boolean(value))
				kz_say_pair(kz, key, "%s",
					    json_is_true(value) ? _("yes") : _("no"));
			else if (json_is_array(value))
				kz_say_pair(kz, key, "%zu", json_array_size(value));
		}
		kz_say(kz, "\n");
	}
	if (json_array_size(list) == 0)
		kz_say(kz, "%s\n", _("Nothing."));
}

static int show(struct kz *kz, const struct kz_admin *a, const char *name, const char *path)
{
	long status;
	json_t *answer = kz_admin_ask(a, path, NULL, &status);
	const json_t *list = json_object_get(answer, name);
	const json_t *one;
	size_t i;
	int rc = KZ_DONE;

	if (status != 200 || !json_is_array(list)) {
		json_decref(answer);
		return refused(kz, status);
	}
	/* Every difference of a settlement is a finding. */
	json_array_foreach(list, i, one)
	{
		if (json_is_true(json_object_get(one, "finding")))
			rc = KZ_INVALID;
	}
	say_list(kz, list);
	kz_json(kz, answer);
	return rc;
}

static int request(struct kz *kz, const struct kz_admin *a, const char *action)
{
	const char *const value[] = {a->municipality, a->kind, a->terminal};
	static const char *const scope[] = {"municipality", "kind", "terminal"};
	const char *which = "all", *what = "";
	unsigned chosen = a->all;
	json_t *body, *answer;
	char *text;
	long status;

	for (size_t i = 0; i < 3; i++) {
		if (value[i] == NULL)
			continue;
		which = scope[i];
		what = value[i];
		chosen++;
	}
	if (chosen != 1 || a->reason == NULL)
		return kz_fail_usage(
			kz, "%s",
			_("--reason and one of --all, --municipality, --kind, --terminal are needed"));
	body = json_pack("{s:s,s:s,s:s,s:s}", "action", action, "scope", which, "value", what,
			 "reason", a->reason);
	text = json_dumps(body, JSON_COMPACT);
	answer = kz_admin_ask(a, "ask", text, &status);
	free(text);
	json_decref(body);
	if (status != 200) {
		json_decref(answer);
		return refused(kz, status);
	}
	kz_say_pair(kz, _("request"), "%s", json_string_value(json_object_get(answer, "request")));
	kz_say(kz, "%s\n", _("It holds when a second person agrees: kazasu admin agree REQUEST"));
	kz_json(kz, answer);
	return KZ_DONE;
}

static int agree(struct kz *kz, const struct kz_admin *a, const char *id)
{
	json_t *body = json_pack("{s:s}", "request", id), *answer;
	char *text = json_dumps(body, JSON_COMPACT);
	long status;

	answer = kz_admin_ask(a, "agree", text, &status);
	free(text);
	json_decref(body);
	if (status != 200) {
		json_decref(answer);
		return refused(kz, status);
	}
	kz_say(kz, "%s\n", _("Agreed; it holds from now on."));
	kz_json(kz, answer);
	return KZ_DONE;
}

/* The only refund that is open under an inquiry number; "" if there is none, or more than one. */
static void find_refund(const struct kz_admin *a, const char *inquiry, char out[33])
{
	long status;
	json_t *answer = kz_admin_ask(a, "refunds", NULL, &status);
	const json_t *one;
	size_t i, found = 0;

	out[0] = '\0';
	json_array_foreach(json_object_get(answer, "refunds"), i, one)
	{
		const char *number = json_string_value(json_object_get(one, "inquiry"));
		const char *refund = json_string_value(json_object_get(one, "refund"));

		if (number == NULL || refund == NULL || strcmp(number, inquiry) != 0)
			continue;
		if (found++ == 0)
			snprintf(out, 33, "%s", refund);
	}
	if (found != 1)
		out[0] = '\0';
	json_decref(answer);
}

/* By store or municipality, against the inquiry number (K39): it is entered first, then handed over. */
static int refund_paid(struct kz *kz, const struct kz_admin *a, const char *inquiry)
{
	char refund[33] = "";
	json_t *body, *answer;
	char *text;
	long status;

	if (a->means == NULL)
		return kz_fail_usage(kz, "%s", _("--means is needed"));
	if (a->refund != NULL)
		snprintf(refund, sizeof refund, "%s", a->refund);
	else
		find_refund(a, inquiry, refund);
	if (refund[0] == '\0')
		return kz_fail_refused(kz, _("`kazasu admin refunds` lists them."),
				       _("Not exactly one refund is open under this number."));
	body = json_pack("{s:s,s:s,s:s}", "inquiry", inquiry, "refund", refund, "means", a->means);
	text = json_dumps(body, JSON_COMPACT);
	answer = kz_admin_ask(a, "refund-paid", text, &status);
	free(text);
	json_decref(body);
	json_decref(answer);
	if (status != 200)
		return refused(kz, status);
	kz_say(kz, "%s\n", _("Entered as paid; hand the money over now."));
	kz_json(kz, json_pack("{s:s,s:s}", "inquiry", inquiry, "refund", refund));
	return KZ_DONE;
}

static int run(struct kz *kz, const struct kz_admin *a, const char *const *words, size_t n)
{
	char path[200];

	if (n == 2 && strcmp(words[0], "agree") == 0)
		return agree(kz, a, words[1]);
	if (n == 2 && strcmp(words[0], "refund-paid") == 0)
		return refund_paid(kz, a, words[1]);
	if (n == 1 && (strcmp(words[0], "stop") == 0 || strcmp(words[0], "resume") == 0))
		return request(kz, a, words[0]);
	if (n == 1 && strcmp(words[0], "refunds") == 0)
		return show(kz, a, "refunds", "refunds");
	if (n == 1 && strcmp(words[0], "settlement") == 0 && a->day != NULL) {
		snprintf(path, sizeof path, "settlement?day=%.20s", a->day);
		return show(kz, a, "settlement", path);
	}
	if (n == 1 && strcmp(words[0], "affected") == 0 && a->from != NULL && a->to != NULL) {
		char *from = curl_easy_escape(NULL, a->from, 0),
		     *to = curl_easy_escape(NULL, a->to, 0);
		int rc;

		snprintf(path, sizeof path, "affected?from=%.80s&to=%.80s",
			 from != NULL ? from : "", to != NULL ? to : "");
		curl_free(from);
		curl_free(to);
		rc = show(kz, a, "affected", path);
		return rc;
	}
	return kz_fail_usage(kz, "%s",
			     _("stop, resume, agree REQUEST, affected --from --to, "
			       "settlement --day, refunds or refund-paid INQUIRY"));
}

bool kz_admin_has_center(const struct kz_admin *a)
{
	return a->center != NULL && a->ca != NULL && a->certificate != NULL && a->key != NULL;
}

int cmd_admin(struct kz *kz)
{
	struct kz_admin a = {NULL};
	const char *words[2] = {NULL, NULL};
	const struct kz_option options[] = {
		{"center", 0, "URL", &a.center, NULL, N_("the centre")},
		{"ca", 0, N_("FILE"), &a.ca, NULL,
		 N_("who issues the certificates of the connection")},
		{"certificate", 0, N_("FILE"), &a.certificate, NULL,
		 N_("certificate of this operator")},
		{"key", 0, N_("FILE"), &a.key, NULL, N_("its key")},
		{"all", 0, NULL, NULL, &a.all, N_("everything")},
		{"municipality", 0, N_("CODE"), &a.municipality, NULL, N_("one municipality")},
		{"kind", 0, N_("KIND"), &a.kind, NULL, N_("one kind of certificate")},
		{"terminal", 0, N_("ID"), &a.terminal, NULL, N_("one terminal")},
		{"reason", 0, N_("TEXT"), &a.reason, NULL, N_("why")},
		{"refund", 0, N_("ID"), &a.refund, NULL, N_("which refund, if several are open")},
		{"means", 0, N_("TEXT"), &a.means, NULL, N_("how it was paid, without names")},
		{"day", 0, N_("DAY"), &a.day, NULL, N_("service day, YYYY-MM-DD")},
		{"from", 0, N_("TIME"), &a.from, NULL, N_("RFC 3339")},
		{"to", 0, N_("TIME"), &a.to, NULL, N_("RFC 3339")},
		{"subject", 0, "atena:…|case:…", &a.subject, NULL,
		 N_("whose card it is; sealed in the journal")},
		{"caller", 0, N_("FILE"), &a.caller, NULL,
		 N_("by telephone: the four attributes that the caller says, as JSON (-: standard input)")},
		{"record", 0, N_("ID"), &a.record, NULL,
		 N_("at the window: the identity check of today (\"journal\" of `kazasu identify`)")},
		{"application", 0, N_("NUMBER"), &a.application, NULL,
		 N_("number of the written application for release")},
		{"use", 0, "auth|sign", &a.use, NULL, N_("one certificate only")},
		{"as", 0, N_("ID"), &a.as, NULL, N_("whose session (default: the Unix login)")},
		{"approver", 0, N_("ID"), &a.approver, NULL,
		 N_("abolish, revoke: the second person, who has a session too")},
		{"sign", 0, N_("FILE"), &a.sign, NULL,
		 N_("enrol: the certificate for signatures of this card")},
		{"pki", 0, N_("FOLDER"), &a.pki, NULL,
		 N_("publish: the test PKI with its certificates")},
		{"lists", 0, N_("FOLDER"), &a.lists, NULL,
		 N_("publish: where lists and databases go")},
		{"days", 0, "N", &a.days, NULL,
		 N_("publish: days until the next list (default 7)")},
		{NULL, 0, NULL, NULL, NULL, NULL}};
	const struct kz_usage usage = {
		"stop|resume|agree|affected|settlement|refunds|refund-paid [REQUEST|INQUIRY] | "
		"enrol|suspend|hold|release card|release certificate|abolish|revoke|collect|destroy|"
		"card-status|publish",
		N_("The centre: stops printing at once (two persons), lists what an incident touched, settles "
		   "a day, and lists refunds that are open, which are paid once, with the operator's "
		   "certificate. Cards: the simulator of the card-management system - suspension by "
		   "telephone, release in two steps at the window, abolition by two persons - with the "
		   "sessions of this counter."),
		options, 1, 2};
	size_t n;
	const int rc = kz_options(kz, &usage, words, &n);

	if (rc != KZ_GO)
		return rc;
	if (kz_admin_is_card(words[0]))
		return kz_admin_card(kz, &a, words, n);
	if (!kz_admin_has_center(&a))
		return kz_fail_usage(kz, "%s",
				     _("--center, --ca, --certificate and --key are needed"));
	return run(kz, &a, words, n);
}
