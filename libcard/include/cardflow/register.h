/* SPDX-License-Identifier: Apache-2.0 */
/*
 * register.h — registers of residents (宛名システム, 既存住基, 住基ネット) behind one interface
 * (rules ch. 6, R6-03…R6-17, flows C22).
 *
 * An inquiry names its purpose and is answered with the attributes of that purpose only. The
 * 個人番号 lies in a table of its own with its history; it is compared inside and never handed out.
 */
#ifndef CARDFLOW_REGISTER_H
#define CARDFLOW_REGISTER_H

#include <cardflow/journal.h>
#include <cardflow/procedure.h>

#ifdef __cplusplus
extern "C" {
#endif

enum flow_register_kind {
	FLOW_REGISTER_ATENA = 0, /* 宛名システム: of the own municipality, for its procedures */
	FLOW_REGISTER_JUKI,      /* 既存住基 */
	FLOW_REGISTER_JUKINET, /* 住基ネット: a purpose of the catalogue, strong factor (PD-31) */
	FLOW_REGISTER_COUNT_
};

typedef struct flow_register flow_register_t;

/* Tables: register_person (atena, name, address, birth_date, sex, alive, former_name, alias,
 * prefecture, resident_code) and register_number (atena, number, valid_from, valid_to). */
CARD_API enum card_error flow_register_setup(flow_store_t *store);

/* The store is borrowed; NULL: a register that cannot be reached now, so that inquiries are journaled
 * and get no answer. prefecture: two digits of the own one, for 別表3 and 4 (R6-04). */
CARD_API enum card_error flow_register_open(flow_register_t **out, flow_store_t *store,
					    enum flow_register_kind kind, const char *prefecture);
CARD_API void flow_register_close(flow_register_t **r);

/* Told of every line that is wrong and of every sum that does not agree. */
typedef void (*flow_problem_fn)(void *ctx, const struct flow_problem *problem);

/* Where an import comes from: tables as table.h describes them. */
struct flow_register_source {
	/* atena,name,address,birth_date,sex,alive,former_name,alias,prefecture,resident_code */
	const char *persons;
	const char *numbers; /* atena,number,valid_from,valid_to; NULL: none */
	/* what,count: what there should be; what is persons, numbers, alive, dead or prefecture:NN.
	 * NULL: not stated. */
	const char *sums;
	long stated_persons, stated_numbers; /* the same without a table; 0: not stated */
	flow_problem_fn report;              /* NULL: nobody wants to know more than the first */
	void *ctx;
};

/* What the tables hold. */
struct flow_register_import {
	long persons, numbers, alive;
	long wrong; /* lines and sums that were reported */
};

/*
 * Import, replacing what is there, in one transaction: all or nothing. Everything is looked at before
 * anything is written, so that one run names all that is wrong. CARD_ERR_MALFORMED with the first in
 * *problem: a wrong line; a number whose check digit is wrong; two numbers of one person at one time,
 * a number that is there twice; a person who is not there or there twice; sums that do not agree (both
 * figures are named). *out is filled then too.
 */
CARD_API enum card_error flow_register_import(flow_store_t *store,
					      const struct flow_register_source *source,
					      struct flow_register_import *out,
					      struct flow_problem *problem);

enum flow_number_answer {
	FLOW_NUMBER_SILENT = 0, /* no such person, no number, or the register did not answer */
	FLOW_NUMBER_EQUAL,
	FLOW_NUMBER_EARLIER, /* held before; another is in force */
	FLOW_NUMBER_DIFFERENT
};

/* From when to when a number of a person was in force; the digits stay inside. */
struct flow_number_period {
	struct card_date from, to; /* to {0}: still in force */
};
#define FLOW_HISTORY_MAX 8

struct flow_register_query {
	const struct flow_procedure *procedure; /* ATENA, JUKI: what it may see */
	const struct purpose *purpose;          /* JUKINET: needed; others: NULL or it limits too */
	unsigned attributes;                    /* asked for */
	struct card_date day;
	const char *atena; /* of the person; or NULL: name and birth date find exactly one */
	const char *name;
	struct card_date birth;
	const char *number; /* 12 digits to compare; NULL: none */
	bool strong;        /* the operator was proven by a strong factor too */
	const char *operator_id, *txn;
};

/* Only attributes that were asked for and permitted are filled; others are "". */
struct flow_register_answer {
	bool found;
	char atena[41];
	char name[512], address[1024], former_name[512], alias[512], resident_code[12];
	struct card_date birth;
	char sex;
	int alive; /* 1, 0; -1: not asked */
	enum flow_number_answer number;
	struct card_date number_since; /* EARLIER: when the number in force began */
	struct flow_number_period history[FLOW_HISTORY_MAX]; /* EARLIER: oldest first */
	size_t periods;
	const char *refused; /* code if CARD_ERR_DENIED; static */
};

/*
 * Ask. The inquiry and its refusal are journaled (provision, provision-refused; R6-43) before the
 * answer is given. CARD_ERR_DENIED with out->refused: purpose_…, attribute_…, number_…,
 * "strong_factor_missing", "resident_of_own_prefecture". A register that does not answer is
 * CARD_OK with found = false (never "confirmed").
 */
CARD_API enum card_error flow_register_ask(flow_register_t *r, journal_t *j,
					   const purpose_catalogue_t *purposes,
					   const struct flow_register_query *q,
					   struct flow_register_answer *out);

/*
 * How two writings of a name relate (R1-17). Nothing is normalised away: every difference that is
 * passed over is named.
 */
enum flow_name_mark {
	FLOW_NAME_SUBSTITUTED = 0x01, /* 代替文字: one side has a substitute character */
	FLOW_NAME_VARIANT = 0x02,     /* same character, other glyph (variation selector) */
	FLOW_NAME_SPACING = 0x04,     /* blanks between the parts */
	FLOW_NAME_WIDTH = 0x08,       /* full and half width */
	FLOW_NAME_CASE = 0x10,        /* capitals of an alphabet name */
	FLOW_NAME_FORMER = 0x20,      /* equal to the 旧氏 */
	FLOW_NAME_ALIAS = 0x40,       /* equal to the 通称 */
	FLOW_NAME_GAIJI = 0x80, /* 外字: one side has a character of its own (private use) */
	FLOW_NAME_KANA = 0x100 /* フリガナ: ひらがな and カタカナ, or small and full-sized kana */
};
/* "substituted", "variant", "spacing", "width", "case", "former", "alias", "gaiji", "kana": the name
 * of one mark; and what it means, for the clerk. "" if it is none. Static; the name is stable. */
CARD_API const char *flow_name_mark_name(enum flow_name_mark m);
CARD_API const char *flow_name_mark_text(enum flow_name_mark m, enum card_lang lang);

/* False: different. True: the same, with the marks (0: letter for letter). former and alias may be
 * NULL or "". */
CARD_API bool flow_name_compare(const char *card, const char *registered, const char *former,
				const char *alias, unsigned *marks);

#ifdef __cplusplus
}
#endif
#endif
