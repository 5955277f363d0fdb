/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kiosk_status.c — what the store sees of a terminal: its state, what is missing, and money. Which
 * certificate was printed, and for whom, is not among it (flows §1, K26, K35, K39, K40).
 */
#include "kiosk.h"

#include <inttypes.h>
#include <string.h>

#include <cardflow/issue_message.h>

#include "output.h"

/* One GET; NULL: no answer. */
static json_t *get(struct kiosk *k, const char *path)
{
	card_buf_t answer = {0};
	json_t *json = NULL;
	int status = 0;

	if (kiosk_exchange(k, "GET", path, card_bytes(NULL, 0), &answer, &status) == CARD_OK &&
	    status == 200)
		json = json_loadb((const char *)answer.p, answer.n, JSON_REJECT_DUPLICATES, NULL);
	card_buf_free(&answer);
	return json;
}

static json_t *service_of(struct kiosk *k, const json_t *notes)
{
	json_t *answer = get(k, "/v1/service");
	const char *word = flow_issue_text(answer, "service", 16);
	json_t *out;

	if (json_is_object(json_object_get(notes, "blocked")))
		word = "blocked";
	else if (word == NULL)
		word = "no_service";
	out = json_string(word);
	json_decref(answer);
	return out;
}

/* State and money of one transaction; the centre's word, where it answers. */
static json_t *one_open(struct kiosk *k, const json_t *note)
{
	const char *id = flow_issue_text(note, "transaction", 32);
	const json_t *payment = json_object_get(note, "payment");
	const json_t *refund = json_object_get(note, "refund");
	const char *result = flow_issue_text(payment, "result", 16);
	const char *state = flow_issue_text(note, "state", 16);
	json_int_t paid = 0;
	char path[64];
	json_t *answer, *out;

	if (result != NULL && strcmp(result, "settled") == 0)
		paid = json_integer_value(json_object_get(payment, "amount"));
	snprintf(path, sizeof path, "/v1/transactions/%s", id != NULL ? id : "");
	answer = id != NULL ? get(k, path) : NULL;
	if (flow_issue_text(answer, "state", 16) != NULL)
		state = flow_issue_text(answer, "state", 16);
	out = json_pack("{s:s?, s:s?, s:I, s:I}", "inquiry", flow_issue_text(note, "inquiry", 63),
			"state", state, "paid", paid, "refund",
			json_integer_value(json_object_get(refund, "amount")));
	json_decref(answer);
	return out;
}

static json_t *all_open(struct kiosk *k, const json_t *notes)
{
	json_t *list = json_array();
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(notes, "open"), i, one)
		json_array_append_new(list, one_open(k, one));
	return list;
}

static json_t *printer_of(struct kiosk *k)
{
	struct flow_printer_state s = {0};

	if (kiosk_printer(k, &s) != CARD_OK)
		return json_pack("{s:b, s:s, s:n}", "ready", 0, "fault", "silent", "sheets");
	return json_pack("{s:b, s:s?, s:I}", "ready", s.accepting && s.fault == FLOW_PRINT_OK,
			 "fault", s.fault != FLOW_PRINT_OK ? flow_print_fault_code(s.fault) : NULL,
			 "sheets", (json_int_t)s.sheets);
}

/* What the payment unit holds; null while the terminal is being driven. */
static json_t *kept(struct kiosk *k)
{
	char folder[KZ_PATH_MAX + 16];
	flow_payment_sim_t *unit = NULL;
	json_t *out;

	snprintf(folder, sizeof folder, "%s/payment", k->state);
	if (flow_payment_sim_open(&unit, folder, FLOW_PAYMENT_SIM_SETTLE, true) != CARD_OK)
		return json_null();
	out = json_integer((json_int_t)flow_payment_sim_kept(unit));
	flow_payment_sim_free(&unit);
	return out;
}

/* ---- for people ---- */

static const char *word_of(const char *code)
{
	static const struct {
		const char *code, *text;
	} words[] = {{"open", N_("in service")},
		     {"blocked", N_("closed until an attendant has cleared it")},
		     {"no_service", N_("the centre does not answer")},
		     {"maintenance", N_("maintenance")},
		     {"stopped", N_("stopped by the centre")},
		     {"closed", N_("outside the hours of service")},
		     {"card", N_("a card was left on the reader")},
		     {"paper_left", N_("paper was left behind")},
		     {"sheets", N_("sheets that do not count lie in the printer")},
		     {"erasure", N_("that nothing is left could not be proven")},
		     {"jam", N_("The paper has jammed.")},
		     {"paper", N_("paper is missing")},
		     {"toner", N_("The toner has run out.")},
		     {"cover", N_("A cover of the printer is open.")},
		     {"silent", N_("the printer does not answer")},
		     {"printer_silent", N_("the printer does not answer")},
		     {"two_sided", N_("the printer does not print both sides")},
		     {"busy", N_("the printer is busy")},
		     {"journal", N_("the notes cannot be written")}};

	for (size_t i = 0; code != NULL && i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].code, code) == 0)
			return _(words[i].text);
	return code != NULL ? code : "";
}

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = flow_issue_text(json, key, 63);

	return text != NULL ? text : "";
}

static void say_open(const struct kiosk *k, const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		kz_say_pair(k->kz, _("inquiry number"), "%s", text_of(one, "inquiry"));
		kz_say_pair(k->kz, _("state"), "%s", text_of(one, "state"));
		kz_say_pair(k->kz, _("paid"), _("%" PRId64 " yen"),
			    (int64_t)json_integer_value(json_object_get(one, "paid")));
		kz_say_pair(k->kz, _("to be returned"), _("%" PRId64 " yen"),
			    (int64_t)json_integer_value(json_object_get(one, "refund")));
	}
}

static void say(const struct kiosk *k, const json_t *all)
{
	const json_t *blocked = json_object_get(all, "blocked"), *one;
	const json_t *missing = json_object_get(all, "missing");
	const json_t *printer = json_object_get(all, "printer");
	const char *reason = flow_issue_text(blocked, "reason", 16);
	size_t i;

	kz_say_pair(k->kz, _("terminal"), "%s", k->id);
	kz_say_pair(k->kz, _("service"), "%s", word_of(flow_issue_text(all, "service", 16)));
	if (reason != NULL)
		kz_say_pair(k->kz, _("closed because"), "%s",
			    word_of(strcmp(reason, "paper") == 0 ? "paper_left" : reason));
	if (json_is_object(missing))
		kz_say_pair(k->kz, _("missing"), "%s",
			    word_of(flow_issue_text(missing, "what", 20)));
	kz_say_pair(k->kz, _("printer"), "%s",
		    json_is_true(json_object_get(printer, "ready"))
			    ? _("ready")
			    : word_of(flow_issue_text(printer, "fault", 16)));
	say_open(k, json_object_get(all, "open"));
	json_array_foreach(json_object_get(all, "covers"), i, one) kz_say_pair(
		k->kz, _("sealed cover"), "%s  %s", text_of(one, "cover"), text_of(one, "since"));
	if (json_is_integer(json_object_get(all, "kept")))
		kz_say_pair(k->kz, _("in the payment unit"), _("%" PRId64 " yen"),
			    (int64_t)json_integer_value(json_object_get(all, "kept")));
}

static json_t *or_null(const json_t *notes, const char *key)
{
	json_t *value = json_object_get(notes, key);

	return json_is_object(value) ? json_incref(value) : json_null();
}

int kiosk_status(struct kiosk *k)
{
	char path[KZ_PATH_MAX + 16];
	json_t *notes, *all;
	const char *service;
	int rc = kiosk_printer_open(k);

	if (rc == KZ_GO)
		rc = kiosk_center_open(k);
	if (rc == KZ_GO) {
		kiosk_notes(k, path);
		notes = flow_terminal_notes(path);
		all = json_pack(
			"{s:s, s:o, s:o, s:o, s:o, s:o, s:O?, s:I, s:o}", "terminal", k->id,
			"service", service_of(k, notes), "blocked", or_null(notes, "blocked"),
			"missing", or_null(notes, "missing"), "printer", printer_of(k), "open",
			all_open(k, notes), "covers", json_object_get(notes, "covers"), "sheets",
			json_integer_value(json_object_get(notes, "counter")), "kept", kept(k));
		say(k, all);
		service = flow_issue_text(all, "service", 16);
		rc = service != NULL && strcmp(service, "open") == 0 ? KZ_DONE : KZ_UNAVAILABLE;
		kz_json(k->kz, all);
		json_decref(notes);
	}
	kiosk_stop(k, &(flow_terminal_t *){NULL});
	return rc;
}
