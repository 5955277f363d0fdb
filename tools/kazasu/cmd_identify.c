/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_identify.c — the identity check at a counter, from the command line. */
#include "anchors.h"
#include "commands.h"
#include "config.h"
#include "desk.h"
#include "file.h"
#include "identify.h"
#include "identify_counter.h"
#include "options.h"
#include "output.h"
#include "pictures.h"
#include "pki.h"
#include "procedures.h"

#include <string.h>

static int run(struct kz *kz, struct kz_session *card, const card_cvca_t *cas, struct identify *id,
	       enum identify_face face, const struct kz_pictures *to)
{
	bool keep;
	int rc = identify_run(kz, card, cas, id);

	if (rc != KZ_GO)
		return rc;
	/* flows C16: of a card that is not accepted no picture is kept. */
	keep = id->has_face && identify_verdict(id) != VERDICT_INVALID;
	if (keep) {
		rc = kz_pictures_write(kz, to, &id->face);
		if (rc != KZ_GO)
			return rc;
	}
	return identify_report(kz, card, id, face, keep ? to->photo : NULL);
}

static bool read_face_word(const char *word, enum identify_face *out)
{
	static const struct {
		const char *word;
		enum identify_face face;
	} words[] = {{"same", FACE_SAME}, {"different", FACE_DIFFERENT}, {"unsure", FACE_UNSURE}};

	*out = FACE_NOT_ASKED;
	if (word == NULL)
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i].word, word) == 0)
			*out = words[i].face;
	}
	return *out != FACE_NOT_ASKED;
}

static bool read_route(const char *word, bool *number_b, bool *pin, bool *certificate)
{
	*number_b |= strcmp(word, "number-b") == 0;
	*pin |= strcmp(word, "pin") == 0;
	*certificate |= strcmp(word, "certificate") == 0;
	return *number_b || *pin || *certificate;
}

static bool one_of(const char *word, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (strcmp(word, *words) == 0)
			return true;
	}
	return false;
}

static bool for_counter(const struct kz_counter_words *w)
{
	return w->operator_id != NULL || w->second != NULL || w->number || w->form_number ||
	       w->agent != NULL || w->authority != NULL || w->evidence != NULL || w->no_card ||
	       w->differs != NULL || w->second_card != NULL || w->subject != NULL ||
	       w->report != NULL;
}

static int check_counter_words(struct kz *kz, const struct kz_counter_words *w)
{
	static const char *const differs[] = {"print", "text", "address", NULL};
	static const char *const cards[] = {"works", "fails", NULL};

	if (w->differs != NULL && !one_of(w->differs, differs))
		return kz_fail_usage(kz, _("--differs takes print, text or address."));
	if (w->second_card != NULL && !one_of(w->second_card, cards))
		return kz_fail_usage(kz, _("--second-card takes works or fails."));
	if (w->agent == NULL && (w->authority != NULL || w->sign_certificate))
		return kz_fail_usage(kz,
				     _("--authority and --sign-certificate belong to --agent."));
	return KZ_GO;
}

static bool known_procedure(struct kz *kz, const char *id, int *rc)
{
	struct kz_procedures all;
	bool known;

	*rc = kz_procedures_open(kz, &all);
	known = *rc == KZ_GO && kz_procedure_find(kz, &all, id) != NULL;
	kz_procedures_close(&all);
	return known;
}

static int check_words(struct kz *kz, bool number_b, bool pin, bool certificate,
		       const char *procedure, const struct kz_pictures *to)
{
	int rc = KZ_GO;

	if (number_b + pin + certificate > 1)
		return kz_fail_usage(kz, _("One of --number-b, --pin and --certificate."));
	if (procedure != NULL && !known_procedure(kz, procedure, &rc))
		return rc != KZ_GO ? rc
				   : kz_fail_refused(kz, "", _("There is no procedure \"%s\"."),
						     procedure);
	if ((pin || certificate) && to->photo != NULL)
		return kz_fail_usage(kz, _("Only number B opens the photo; use --number-b."));
	return KZ_GO;
}

int cmd_identify(struct kz *kz)
{
	bool number_b = false, pin = false, certificate = false;
	const char *face_word = NULL, *route = NULL;
	struct kz_counter_words counter = {.procedure = NULL};
	struct kz_pictures to = {NULL, NULL, NULL};
	const struct kz_option options[] = {
		{"number-b", 0, NULL, NULL, &number_b,
		 N_("open with number B, printed on the card: photo and attributes (default)")},
		{"pin", 0, NULL, NULL, &pin, N_("open with the text PIN: attributes only")},
		{"certificate", 0, NULL, NULL, &certificate,
		 N_("status of the certificate only, no secret")},
		{"photo", 0, "FILE.png", &to.photo, NULL, N_("write the photo")},
		{"procedure", 0, N_("ID"), &counter.procedure, NULL,
		 N_("what the person came for: a check at the counter, with journal")},
		{"face", 0, "same|different|unsure", &face_word, NULL,
		 N_("your answer: is this the person on the photo?")},
		{"report", 0, "F.pdf", &counter.report, NULL,
		 N_("write the result on one sheet of paper")},
		{"operator", 0, N_("ID"), &counter.operator_id, NULL,
		 N_("whose session (default: the Unix login)")},
		{"second-operator", 0, N_("ID"), &counter.second, NULL,
		 N_("who checks it a second time; needs a session too")},
		{"subject", 0, "atena:…|case:…", &counter.subject, NULL,
		 N_("whose affair it is; sealed in the journal")},
		{"route", 0, "number-b|pin|certificate", &route, NULL, N_("the same as one word")},
		{"agent", 0, N_("CASE:WHO"), &counter.agent, NULL,
		 N_("an agent comes, with the agent's own card (`kazasu procedure agents`)")},
		{"authority", 0, N_("LIST"), &counter.authority, NULL,
		 N_("what the agent brought: KIND:DATE:ref=NUMBER;KIND:copy")},
		{"sign-certificate", 0, NULL, NULL, &counter.sign_certificate,
		 N_("the card to be delivered holds a signature certificate")},
		{"no-card", 0, NULL, NULL, &counter.no_card,
		 N_("the card is not used; no reason is asked")},
		{"evidence", 0, N_("LIST"), &counter.evidence, NULL,
		 N_("other documents: KIND:EXPIRY;KIND (`kazasu procedure documents`)")},
		{"differs", 0, "print|text|address", &counter.differs, NULL,
		 N_("what differs in substance: printed face, text, or an address not yet on the card")},
		{"second-card", 0, "works|fails", &counter.second_card, NULL,
		 N_("a chip that cannot be read: does another card work in this reader?")},
		{"number", 0, NULL, NULL, &counter.number, N_("compare the individual number too")},
		{"form-number", 0, NULL, NULL, &counter.form_number,
		 N_("the number as written on the form, compared with the register")},
		{"ocsp", 0, NULL, NULL, &counter.ocsp,
		 N_("ask the responder where no list has an answer")},
		{"last-try", 0, NULL, NULL, &counter.last_try, N_("go on even with one try left")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"[--procedure ID] [--number-b | --pin | --certificate] [--face ANSWER]",
		N_("Checks that a card is genuine and in force and reads the four attributes. The "
		   "verdict is valid (exit 0), invalid (1) or undetermined (2), with every reason; "
		   "it speaks of the card. Whether the person is its holder is your answer."),
		options, 0, 0};
	struct identify id = {0};
	enum identify_face face = FACE_NOT_ASKED;
	struct kz_session card;
	card_cvca_t *cas = NULL;
	card_trust_t *trust = NULL;
	bool at_counter = false;
	size_t n;
	int rc = kz_options(kz, &usage, NULL, &n);

	if (rc == KZ_GO && route != NULL && !read_route(route, &number_b, &pin, &certificate))
		rc = kz_fail_usage(kz, _("--route takes number-b, pin or certificate."));
	if (rc == KZ_GO && !read_face_word(face_word, &face))
		rc = kz_fail_usage(kz, _("--face takes same, different or unsure."));
	if (rc == KZ_GO)
		rc = check_words(kz, number_b, pin, certificate, counter.procedure, &to);
	if (rc == KZ_GO)
		rc = check_counter_words(kz, &counter);
	if (rc == KZ_GO)
		rc = kz_pictures_check(kz, &to);
	if (rc == KZ_GO && counter.report != NULL)
		kz_file_check(kz, counter.report, &rc);
	if (rc == KZ_GO && counter.procedure != NULL)
		rc = kz_desk_needed(kz, &at_counter);
	if (rc == KZ_GO && at_counter) {
		counter.route = certificate ? FLOW_ROUTE_CERTIFICATE
				: pin       ? FLOW_ROUTE_PIN
					    : FLOW_ROUTE_NUMBER_B;
		counter.face = face_word;
		counter.number |= counter.form_number;
		counter.photo = to.photo;
		return kz_identify_counter(kz, &counter);
	}
	/* Without a counter and its procedure the card can only be one's own. */
	if (rc == KZ_GO)
		rc = kz_config_own_card(kz);
	if (rc == KZ_GO && for_counter(&counter))
		rc = kz_fail_usage(
			kz, _("Operators, agents, documents and the number belong to a check with "
			      "--procedure at a counter that was set up (`kazasu login`)."));
	if (rc == KZ_GO)
		rc = kz_anchors_cvca(kz, &cas);
	if (rc == KZ_GO)
		rc = kz_trust_open(kz, &trust);
	if (rc == KZ_GO)
		rc = kz_verify_open(kz, trust, false, NULL, &id.verify);
	if (rc == KZ_GO)
		rc = kz_session_open(kz, &card);
	if (rc == KZ_GO) {
		id.route = certificate ? IDENTIFY_CERTIFICATE
			   : pin       ? IDENTIFY_PIN
				       : IDENTIFY_NUMBER_B;
		id.last_try = counter.last_try;
		id.now = kz_now(kz);
		rc = run(kz, &card, cas, &id, face, &to);
		kz_session_close(&card);
	}
	card_verify_free(&id.verify);
	identify_free(&id);
	card_trust_free(&trust);
	card_cvca_free(&cas);
	return rc;
}
