/* SPDX-License-Identifier: Apache-2.0 */
#include "identify_counter.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "anchors.h"
#include "output.h"
#include "pictures.h"
#include "pki.h"
#include "rules.h"

bool kz_ask_line(const struct kz *kz, const char *question, char *out, size_t room)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	kz_note(kz, "%s", question);
	if (fgets(out, (int)room, stdin) == NULL)
		return false;
	out[strcspn(out, "\r\n")] = '\0';
	return *out != '\0';
}

static int fail_step(struct kz *kz, struct kz_counter *c, enum card_error err)
{
	const struct flow_identify_view v = flow_identify_view(c->id);
	const char *code = v.codes > 0 ? v.code[v.codes - 1] : "";

	if (err != CARD_ERR_DENIED && err != CARD_ERR_NOT_FOUND)
		return c->card.ch == NULL ? kz_fail_error(kz, err)
					  : kz_session_fail(kz, &c->card, err);
	if (strcmp(v.row, "C01") == 0)
		return kz_desk_refuse(kz, code);
	if (strcmp(v.row, "C05") == 0)
		return kz_counter_say_authority(kz, c);
	return kz_fail_refused(kz, flow_identify_code_text(code, kz->lang),
			       _("Not permitted (%s)."), code);
}

/* The position of a word in a list ended by NULL; -1 if it is none. */
static int word_of(const char *word, const char *const *words)
{
	for (int i = 0; word != NULL && words[i] != NULL; i++) {
		if (strcmp(word, words[i]) == 0)
			return i;
	}
	return -1;
}

/* "B1:relative" and what was brought. */
static int agent_comes(struct kz *kz, struct kz_counter *c)
{
	struct kz_paper papers[FLOW_DOCUMENTS_MAX];
	struct flow_agent_document documents[FLOW_DOCUMENTS_MAX];
	char agent_case[8] = "";
	const char *colon = strchr(c->w->agent, ':');
	struct flow_agent a = {.agent_case = agent_case,
			       .sign_certificate = c->w->sign_certificate,
			       .documents = documents};
	enum card_error err;
	int rc;

	if (colon == NULL || (size_t)(colon - c->w->agent) >= sizeof agent_case || colon[1] == '\0')
		return kz_fail_usage(
			kz,
			_("--agent takes CASE:WHO such as B1:relative; `kazasu procedure agents` "
			  "lists the cases."));
	if (c->w->subject == NULL)
		return kz_fail_usage(kz, _("With an agent --subject says whose affair it is."));
	memcpy(agent_case, c->w->agent, (size_t)(colon - c->w->agent));
	a.who = colon + 1;
	rc = kz_papers_read(kz, "authority", c->w->authority, papers, &a.n);
	if (rc != KZ_GO)
		return rc;
	kz_papers_as_authority(papers, a.n, documents);
	err = flow_identify_presenter(c->id, &a, c->w->subject);
	if (err == CARD_ERR_NOT_FOUND && flow_identify_view(c->id).authority == NULL)
		return kz_fail_usage(kz, _("There is no case \"%s\" of an agent."), agent_case);
	return err == CARD_OK ? KZ_GO : fail_step(kz, c, err);
}

static int presenter(struct kz *kz, struct kz_counter *c)
{
	enum card_error err;

	if (c->w->agent != NULL)
		return agent_comes(kz, c);
	err = flow_identify_presenter(c->id, NULL, c->w->subject);
	return err == CARD_OK ? KZ_GO : fail_step(kz, c, err);
}

/* C20, C21: the operator's answer, now or asked for. */
static int compare(struct kz *kz, struct kz_counter *c)
{
	static const char *const faces[] = {"same", "different", "unsure", NULL};
	static const char *const seen[] = {"", "text", "print", "address", NULL};
	const char *word = c->w->face;
	char line[16];
	enum card_error err;

	if (word == NULL &&
	    kz_ask_line(kz,
			_("Is this the person on the photo, and is the printed face that of the "
			  "chip? [same|different|unsure] "),
			line, sizeof line))
		word = line;
	if (word == NULL)
		return KZ_GO;
	if (word_of(word, faces) < 0)
		return kz_fail_usage(kz, _("--face takes same, different or unsure."));
	err = flow_identify_answer(c->id, (enum flow_face)word_of(word, faces),
				   c->w->differs != NULL
					   ? (enum flow_seen)word_of(c->w->differs, seen)
					   : FLOW_SEEN_SAME);
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

/* C23 */
static int evidence(struct kz *kz, struct kz_counter *c)
{
	struct flow_document documents[FLOW_DOCUMENTS_MAX];
	const char *list = c->w->evidence;
	char line[400];
	enum card_error err;
	int rc;

	if (list == NULL &&
	    kz_ask_line(kz, _("Other documents, such as menkyo:2027-01-01;gakusei (empty: none): "),
			line, sizeof line))
		list = line;
	if (list == NULL)
		return KZ_GO;
	rc = kz_papers_read(kz, "evidence", list, c->papers, &c->n_papers);
	if (rc != KZ_GO)
		return rc;
	kz_papers_as_evidence(c->papers, c->n_papers, documents);
	err = flow_identify_evidence(c->id, documents, c->n_papers);
	return err == CARD_OK || err == CARD_ERR_DENIED ? KZ_GO : kz_fail_error(kz, err);
}

static int second_check(struct kz *kz, struct kz_counter *c, const char *record)
{
	const char *code = "";
	const enum card_error err =
		flow_check_review(c->desk.store, c->desk.journal, c->desk.terminal, c->second_token,
				  record, kz_now(kz), &code);

	if (err == CARD_ERR_DENIED)
		return kz_desk_refuse(kz, code);
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

static int decide(struct kz *kz, struct kz_counter *c)
{
	const enum card_error err = flow_identify_decide(c->id);

	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	if (c->w->second != NULL && flow_identify_view(c->id).state == FLOW_RECEIVED)
		return second_check(kz, c, flow_identify_view(c->id).record_id);
	return KZ_GO;
}

static int with_or_without_card(struct kz *kz, struct kz_counter *c)
{
	enum card_error err;

	if (!c->w->no_card)
		return kz_counter_card(kz, c);
	err = flow_identify_no_card(c->id);
	return err == CARD_OK ? KZ_GO : fail_step(kz, c, err);
}

static enum flow_state state(const struct kz_counter *c)
{
	return flow_identify_view(c->id).state;
}

/* From the presenter to the end; each state has one thing to do. */
static int walk(struct kz *kz, struct kz_counter *c)
{
	int rc = presenter(kz, c);

	if (rc == KZ_GO)
		rc = with_or_without_card(kz, c);
	if (rc == KZ_GO && state(c) == FLOW_COMPARING)
		rc = compare(kz, c);
	if (rc == KZ_GO && state(c) == FLOW_EVIDENCE)
		rc = evidence(kz, c);
	if (rc == KZ_GO && state(c) == FLOW_NUMBER)
		rc = kz_counter_number(kz, c);
	if (rc == KZ_GO && state(c) == FLOW_DECIDED)
		rc = decide(kz, c);
	return rc == KZ_GO ? kz_counter_say(kz, c) : rc;
}

static int begin(struct kz *kz, struct kz_counter *c)
{
	const struct flow_identify_setup setup = {
		.rules = &c->rules,
		.store = c->desk.store,
		.journal = c->desk.journal,
		.terminal = c->desk.terminal,
		.entity =
			c->registers.config.no_number ? FLOW_ENTITY_OTHER : FLOW_ENTITY_NUMBER_USER,
		.cas = c->cas,
		.reg = c->registers.reg[FLOW_REGISTER_ATENA],
		.juki = c->registers.reg[FLOW_REGISTER_JUKI],
		.jukinet = c->registers.reg[FLOW_REGISTER_JUKINET],
		.verify = c->verify,
		.status = c->cards.there ? kz_cards_status : NULL,
		.status_ctx = &c->cards,
		.proof_key = c->cards.has_key ? c->cards.key : NULL,
		.block = c->registers.config.block};
	enum card_error err = flow_identify_new(&c->id, &setup);

	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	err = flow_identify_start(c->id, c->desk.token, c->w->procedure, 0, c->w->number);
	return err == CARD_OK ? KZ_GO : fail_step(kz, c, err);
}

/* flows C01: each of the two operators has a session of his own. */
static int sessions(struct kz *kz, struct kz_counter *c)
{
	int rc = KZ_GO;

	if (c->w->second != NULL) {
		rc = kz_desk_session(kz, &c->desk, c->w->second);
		if (rc == KZ_GO)
			memcpy(c->second_token, c->desk.token, sizeof c->second_token);
	}
	return rc == KZ_GO ? kz_desk_session(kz, &c->desk, c->w->operator_id) : rc;
}

/* Everything but the card. */
static int open_all(struct kz *kz, struct kz_counter *c)
{
	int rc = sessions(kz, c);

	if (rc == KZ_GO)
		rc = kz_rules_open(kz, NULL, &c->rules);
	if (rc == KZ_GO)
		rc = kz_registers_open(kz, &c->desk, &c->registers);
	if (rc == KZ_GO)
		rc = kz_cards_look(kz, &c->cards);
	if (rc == KZ_GO)
		rc = kz_anchors_cvca(kz, &c->cas);
	if (rc == KZ_GO)
		rc = kz_trust_open(kz, &c->trust);
	return rc == KZ_GO ? kz_verify_open(kz, c->trust, c->w->ocsp, NULL, &c->verify) : rc;
}

int kz_identify_counter(struct kz *kz, const struct kz_counter_words *w)
{
	struct kz_counter c = {.w = w};
	int rc = kz_desk_open(kz, &c.desk);

	if (rc != KZ_GO)
		return rc;
	c.attributes = json_object();
	rc = open_all(kz, &c);
	if (rc == KZ_GO)
		rc = begin(kz, &c);
	if (rc == KZ_GO && !w->no_card)
		rc = kz_session_open(kz, &c.card);
	if (rc == KZ_GO)
		rc = walk(kz, &c);
	flow_identify_free(&c.id);
	kz_session_close(&c.card);
	kz_registers_close(&c.registers);
	kz_cards_close(&c.cards);
	json_decref(c.attributes);
	card_buf_free(&c.picture);
	card_verify_free(&c.verify);
	card_trust_free(&c.trust);
	card_cvca_free(&c.cas);
	flow_rules_free(&c.rules);
	card_wipe(c.second_token, sizeof c.second_token);
	kz_desk_close(&c.desk);
	return rc;
}
