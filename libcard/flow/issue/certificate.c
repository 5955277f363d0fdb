/* SPDX-License-Identifier: Apache-2.0 */
/* certificate.c — from a request to a document or to the reason why there is none. */
#include "certificate.h"

#include <string.h>

static const char *const kinds[FLOW_CERTIFICATE_KINDS] = {"juminhyo", "kisai",  "inkan",
							  "tax",      "koseki", "fuhyo"};
static const char *const outcomes[FLOW_OUTCOMES] = {"made",
						    "no_seal_registration",
						    "under_age",
						    "no_use_registration",
						    "not_available_here",
						    "document_error"};

static const struct {
	const char *name, *meaning;
} whys[FLOW_WHYS] = {
	[FLOW_WHY_NONE] = {"none", ""},
	[FLOW_WHY_NO_MAPPING] = {"no_mapping", "カードに対応する住民がいません"},
	[FLOW_WHY_NO_RECORD] = {"no_record", "記録がありません"},
	[FLOW_WHY_MOVED] = {"moved", "転出した者（除票）"},
	[FLOW_WHY_DECEASED] = {"deceased", "死亡した者（除票）"},
	[FLOW_WHY_ERASED] = {"erased", "消除された者、または除籍"},
	[FLOW_WHY_CHANGING] = {"changing", "異動処理中"},
	[FLOW_WHY_SUPPRESSED] = {"suppressed", "発行抑止"},
	[FLOW_WHY_PROTECTED] = {"protected", "支援措置"},
	[FLOW_WHY_OPTION] = {"option", "個人番号の記載はこの自治体では提供していません"},
	[FLOW_WHY_GLYPH] = {"glyph", "フォントにない文字（外字）"},
	[FLOW_WHY_DIFFERS] = {"differs", "作成した文書が記録と一致しません"},
};

const char *flow_certificate_name(enum flow_certificate_kind kind)
{
	return (unsigned)kind < FLOW_CERTIFICATE_KINDS ? kinds[kind] : "";
}

bool flow_certificate_by_name(const char *name, enum flow_certificate_kind *out)
{
	for (unsigned i = 0; name != NULL && i < FLOW_CERTIFICATE_KINDS; i++) {
		if (strcmp(kinds[i], name) == 0) {
			*out = (enum flow_certificate_kind)i;
			return true;
		}
	}
	return false;
}

const char *flow_outcome_name(enum flow_certificate_outcome outcome)
{
	return (unsigned)outcome < FLOW_OUTCOMES ? outcomes[outcome] : "";
}

const char *flow_why_name(enum flow_certificate_why why)
{
	return (unsigned)why < FLOW_WHYS ? whys[why].name : "";
}

const char *flow_why_meaning(enum flow_certificate_why why)
{
	return (unsigned)why < FLOW_WHYS ? whys[why].meaning : "";
}

/* Options that a kind has no use for are an error of the caller, not something to pass over. */
static bool options_fit(enum flow_certificate_kind kind, const struct flow_certificate_options *o)
{
	const bool resident = kind == FLOW_CERTIFICATE_JUMINHYO || kind == FLOW_CERTIFICATE_KISAI;
	const bool tax = kind == FLOW_CERTIFICATE_TAX;

	return (resident || (!o->number && !o->relation)) &&
	       (resident || kind == FLOW_CERTIFICATE_FUHYO || !o->domicile) &&
	       (resident || snapshot_is_register(kind) || !o->person) &&
	       (tax || (!o->payment && o->year == 0)) && o->year >= 0 && o->year < 10000;
}

static void compose(struct certificate *c, enum flow_certificate_kind kind)
{
	switch (kind) {
	case FLOW_CERTIFICATE_JUMINHYO:
	case FLOW_CERTIFICATE_KISAI:
		certificate_resident(c, kind == FLOW_CERTIFICATE_JUMINHYO);
		break;
	case FLOW_CERTIFICATE_INKAN:
		certificate_seal(c);
		break;
	case FLOW_CERTIFICATE_TAX:
		if (c->options->payment)
			certificate_payment(c);
		else
			certificate_income(c);
		break;
	case FLOW_CERTIFICATE_KOSEKI:
		certificate_register(c);
		break;
	case FLOW_CERTIFICATE_FUHYO:
		certificate_fuhyo(c);
		break;
	case FLOW_CERTIFICATE_KINDS:
		break;
	}
}

static enum card_error draw(const struct snapshot *s, flow_fonts_t *fonts,
			    const struct flow_issuing_office *office,
			    const struct flow_certificate_request *q, struct flow_certificate *out)
{
	struct form form = {.title = ""};
	struct certificate c = {s, &q->options, office, &form};
	enum card_error err;

	compose(&c, q->kind);
	err = form_draw(&form, fonts, office, q->time, out);
	form_free(&form);
	if (err == CARD_OK)
		return CARD_OK;
	card_buf_free(&out->pdf);
	card_buf_free(&out->drawn);
	if (err != CARD_ERR_NOT_FOUND && err != CARD_ERR_TOO_LONG && err != CARD_ERR_MALFORMED)
		return err;
	/* K21: a character that no font has, or a record that does not fit on paper. */
	out->outcome = FLOW_OUTCOME_DOCUMENT_ERROR;
	out->why = err == CARD_ERR_NOT_FOUND ? FLOW_WHY_GLYPH : FLOW_WHY_DIFFERS;
	return CARD_OK;
}

enum card_error flow_certificate_make(flow_store_t *store, flow_fonts_t *fonts,
				      const struct flow_issuing_office *office,
				      const struct flow_certificate_request *q,
				      struct flow_certificate *out)
{
	struct snapshot s;
	enum card_error err;

	if (store == NULL || fonts == NULL || office == NULL || q == NULL || out == NULL ||
	    (unsigned)q->kind >= FLOW_CERTIFICATE_KINDS || !options_fit(q->kind, &q->options) ||
	    (q->certificate_key == NULL) == (q->user_key == NULL))
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof *out);
	err = snapshot_take(store, office, q, &s, out);
	if (err == CARD_OK && out->outcome == FLOW_OUTCOME_MADE)
		err = draw(&s, fonts, office, q, out);
	snapshot_free(&s);
	if (err != CARD_OK)
		flow_certificate_free(out);
	return err;
}

void flow_certificate_free(struct flow_certificate *c)
{
	if (c == NULL)
		return;
	card_buf_free(&c->pdf);
	card_buf_free(&c->drawn);
	memset(c, 0, sizeof *c);
}
