/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue_certificate.h — a certificate from the records of a municipality: decided, drawn, as PDF
 * (rules R4-13…R4-16, R4-33, R4-34, flows K18…K21).
 *
 * One call reads one snapshot of the records, decides whether the document may be made, and draws
 * it. The 個人番号, 本籍 with 筆頭者, and 続柄 stand on it only if they were asked for; the
 * 住民票コード is not in the records.
 */
#ifndef CARDFLOW_ISSUE_CERTIFICATE_H
#define CARDFLOW_ISSUE_CERTIFICATE_H

#include <cardflow/issue_record.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- fonts ---- */

/* Fonts of one thread. Nothing but the given files is used, whatever else is installed. */
typedef struct flow_fonts flow_fonts_t;

/* mincho: the font of documents (IPAmj明朝, whose variation selectors are those of the registers).
 * gaiji: the municipality's own characters (外字, code points of private use); NULL: none.
 * CARD_ERR_NOT_FOUND: a file is not there or no font. */
CARD_API enum card_error flow_fonts_open(flow_fonts_t **out, const char *mincho, const char *gaiji);
CARD_API void flow_fonts_free(flow_fonts_t **f);

/* The first character of a text that the fonts do not have in just this form (a variation selector
 * they do not know counts); 0: all are there; U+FFFD: no UTF-8. */
CARD_API uint32_t flow_fonts_missing(flow_fonts_t *f, const char *text);

/* ---- what is asked for ---- */

enum flow_certificate_kind { /* names: juminhyo, kisai, inkan, tax, koseki, fuhyo */
			     FLOW_CERTIFICATE_JUMINHYO = 0, /* 住民票の写し */
			     FLOW_CERTIFICATE_KISAI,        /* 住民票記載事項証明書 */
			     FLOW_CERTIFICATE_INKAN,        /* 印鑑登録証明書 */
			     FLOW_CERTIFICATE_TAX,          /* 各種税証明書 */
			     FLOW_CERTIFICATE_KOSEKI,       /* 戸籍証明書 */
			     FLOW_CERTIFICATE_FUHYO,        /* 戸籍の附票の写し */
			     FLOW_CERTIFICATE_KINDS
};
CARD_API const char *flow_certificate_name(enum flow_certificate_kind kind);
/* False: no such name. */
CARD_API bool flow_certificate_by_name(const char *name, enum flow_certificate_kind *out);

/* Options; what a kind has no use for must be false. */
struct flow_certificate_options {
	bool person; /* one person instead of the whole household (juminhyo, kisai) or register (koseki, fuhyo) */
	bool number; /* 個人番号 (juminhyo, kisai) */
	bool domicile; /* 本籍・筆頭者 (juminhyo, kisai, fuhyo); of foreign residents 国籍・在留資格 */
	bool relation; /* 続柄 (juminhyo, kisai) */
	bool payment;  /* 納税証明書 instead of 課税（所得）証明書 (tax) */
	int year;      /* tax: 年度, western; 0: the newest there is */
};

/* Who issues. Borrowed. */
struct flow_issuing_office {
	const char *place;        /* "東京都清瀬市" */
	const char *title;        /* "清瀬市長" */
	const char *mayor;        /* "見本　太郎" */
	const char *seal;         /* text of the 公印: 4 to 16 characters, "清瀬市長之印" */
	const char *resident_tax; /* "市民税・都民税" */
	bool number_enabled;      /* documents with 個人番号 are offered (rules R4-33) */
	int minimum_age;          /* 15 unless the municipality says otherwise */
	bool marked_test;         /* テスト stands on every page: records that are not real */
};

struct flow_certificate_request {
	enum flow_certificate_kind kind;
	struct flow_certificate_options options;
	const char *certificate_key; /* FLOW_RECORD_KEY; or NULL */
	const char *user_key;        /* the same of a 利用者ID; exactly one of them */
	int64_t time;                /* of receipt: the day of issue is that day in Japan */
};

/* ---- what comes of it ---- */

enum flow_certificate_outcome { /* names: made and the codes of docs/issuance.md */
				FLOW_OUTCOME_MADE = 0,
				FLOW_OUTCOME_NO_SEAL,      /* no_seal_registration: K19 */
				FLOW_OUTCOME_UNDER_AGE,    /* under_age: K19 */
				FLOW_OUTCOME_NOT_ENROLLED, /* no_use_registration: K19 */
				FLOW_OUTCOME_NOT_AVAILABLE, /* not_available_here: K20, whatever the reason */
				FLOW_OUTCOME_DOCUMENT_ERROR, /* document_error: K21 */
				FLOW_OUTCOMES
};
CARD_API const char *flow_outcome_name(enum flow_certificate_outcome outcome);

/* Why it is not available: for the restricted record only. */
enum flow_certificate_why {
	FLOW_WHY_NONE = 0,
	FLOW_WHY_NO_MAPPING, /* nobody belongs to this card */
	FLOW_WHY_NO_RECORD,  /* no resident, register or tax record */
	FLOW_WHY_MOVED,      /* moved away: 除票 */
	FLOW_WHY_DECEASED,
	FLOW_WHY_ERASED,     /* 職権消除: 除票 */
	FLOW_WHY_CHANGING,   /* 異動処理中 */
	FLOW_WHY_SUPPRESSED, /* 発行抑止 for somebody who would stand on it */
	FLOW_WHY_PROTECTED,  /* 支援措置 for somebody who would stand on it */
	FLOW_WHY_OPTION,     /* not offered here: 個人番号 */
	FLOW_WHY_GLYPH,      /* with DOCUMENT_ERROR: a character that no font has */
	FLOW_WHY_DIFFERS,    /* with DOCUMENT_ERROR: text or pages are not what was to be drawn */
	FLOW_WHYS
};
CARD_API const char *flow_why_name(enum flow_certificate_why why);
/* For the list of the next morning, Japanese. */
CARD_API const char *flow_why_meaning(enum flow_certificate_why why);

struct flow_certificate {
	enum flow_certificate_outcome outcome;
	enum flow_certificate_why why;
	char atena
		[FLOW_RECORD_ATENA]; /* whose card it was; "" if unknown or known by the 戸籍 only */
	char member[65];             /* the same in the 戸籍 */
	char concerned[65];          /* whose notice, state or character stood in the way */
	uint32_t missing;            /* FLOW_WHY_GLYPH: the character */
	size_t pages;
	card_buf_t pdf;   /* MADE: the file, not signed */
	card_buf_t drawn; /* MADE: every text on it, a line each */
};

/*
 * Make a certificate. out is filled in all cases that are CARD_OK; free it with
 * flow_certificate_free. No reason for a refusal takes a store error's form.
 * CARD_ERR_INVALID_ARGUMENT: options that do not fit the kind; errors of the store.
 */
CARD_API enum card_error flow_certificate_make(flow_store_t *store, flow_fonts_t *fonts,
					       const struct flow_issuing_office *office,
					       const struct flow_certificate_request *request,
					       struct flow_certificate *out);
CARD_API void flow_certificate_free(struct flow_certificate *c);

#ifdef __cplusplus
}
#endif
#endif
