/* SPDX-License-Identifier: Apache-2.0 */
/* pia.h — which assessment of 特定個人情報 files is due (rules 8.3, PD-40). */
#ifndef CARDFLOW_PIA_H
#define CARDFLOW_PIA_H

#include <cardflow/calendar.h>

#ifdef __cplusplus
extern "C" {
#endif

enum flow_pia_level {
	FLOW_PIA_OUT_OF_SCOPE = 0, /* 対象外 */
	FLOW_PIA_THRESHOLD,        /* しきい値評価 */
	FLOW_PIA_FOCUSED,          /* 重点項目評価 */
	FLOW_PIA_FULL              /* 全項目評価 */
};

struct flow_pia_file {
	const char *kind;   /* electronic, paper, staff-hr */
	long subjects;      /* distinct persons (R7-35) */
	bool number_hidden; /* the business cannot see the number (R7-26) */
};

struct flow_pia_case {
	const struct flow_pia_file *files;
	size_t n;
	long handlers;             /* persons with access (R7-34) */
	struct card_date incident; /* the last one; {0}: none */
	struct card_date day;
	enum flow_pia_level raised; /* a body may raise the level, never lower it */
};

struct flow_pia_answer {
	enum flow_pia_level level;
	const char *level_ja, *rule; /* borrowed from the table; rule "" if raised */
	bool high_risk;
	const char *public_comment, *third_party_review; /* no, optional, required */
};

typedef struct flow_pia flow_pia_t;
/* Read pia-thresholds.csv; ranges of one kind and risk may not overlap or leave gaps. */
CARD_API enum card_error flow_pia_read(flow_pia_t **out, const char *path,
				       struct flow_problem *problem);
CARD_API void flow_pia_free(flow_pia_t **p);

/* CARD_ERR_NOT_FOUND: no row for a kind of file. */
CARD_API enum card_error flow_pia_judge(const flow_pia_t *p, const struct flow_pia_case *c,
					struct flow_pia_answer *out);

#ifdef __cplusplus
}
#endif
#endif
