/* SPDX-License-Identifier: Apache-2.0 */
/* mkstates — writes docs/issuance-states.md from the table that terminal and centre run. */
#include <stdio.h>

#include <cardflow/issue_transaction.h>

static void states_of(unsigned from)
{
	const char *comma = "";

	for (unsigned s = 0; s < FLOW_ISSUE_STATES_; s++) {
		if ((from & 1u << s) == 0)
			continue;
		printf("%s`%s`", comma, flow_issue_state_name((enum flow_issue_state)s));
		comma = ", ";
	}
}

static void effects_of(unsigned effects)
{
	const char *comma = "";

	for (unsigned bit = 1; bit != 0; bit <<= 1) {
		if ((effects & bit) == 0)
			continue;
		printf("%s%s", comma, flow_issue_effect_name(bit));
		comma = ", ";
	}
	if (effects == 0)
		printf("–");
}

static void table(void)
{
	static const char *const when[] = {"", " [first attempt]", " [after a resume]"};
	const struct flow_issue_rule *r;

	printf("| # | state | event | next | record, compensation | code |\n|---|---|---|---|---|---|\n");
	for (size_t i = 0; (r = flow_issue_rule(i)) != NULL; i++) {
		printf("| %s | ", r->row);
		states_of(r->from);
		printf(" | %s%s | ", flow_issue_event_name(r->event), when[r->when]);
		if (r->to == FLOW_ISSUE_STATES_)
			printf("unchanged | ");
		else
			printf("`%s` | ", flow_issue_state_name(r->to));
		effects_of(r->effects);
		printf(" | %s%s%s |\n", r->code != NULL ? "`" : "", r->code != NULL ? r->code : "–",
		       r->code != NULL ? "`" : "");
	}
}

/* One arrow for each pair of states, with the rows that make it. */
static void arrow(unsigned from, unsigned to)
{
	const struct flow_issue_rule *r;
	const char *last = "", *comma = "";

	for (size_t i = 0; (r = flow_issue_rule(i)) != NULL; i++) {
		if ((r->from & 1u << from) == 0 || (unsigned)r->to != to || r->row == last)
			continue;
		if (*last == '\0')
			printf("    %s --> %s : ",
			       flow_issue_state_name((enum flow_issue_state)from),
			       flow_issue_state_name((enum flow_issue_state)to));
		printf("%s%s", comma, r->row);
		last = r->row;
		comma = ", ";
	}
	if (*last != '\0')
		printf("\n");
}

static void drawing(void)
{
	printf("```mermaid\nstateDiagram-v2\n    [*] --> idle\n");
	for (unsigned from = 0; from < FLOW_ISSUE_STATES_; from++) {
		for (unsigned to = 0; to < FLOW_ISSUE_STATES_; to++)
			arrow(from, to);
	}
	for (unsigned s = 0; s < FLOW_ISSUE_STATES_; s++) {
		if (flow_issue_ended((enum flow_issue_state)s))
			printf("    %s --> [*]\n", flow_issue_state_name((enum flow_issue_state)s));
	}
	printf("```\n");
}

int main(void)
{
	printf("# コンビニ交付の状態遷移 / States of a transaction\n\n"
	       "Written by `make states` from `libcard/flow/issue/transaction.c`; do not edit. What messages carry is in "
	       "[issuance.md](issuance.md).\n\n"
	       "An event that has no line for a state is `BAD_STATE`: it is journaled and changes nothing. "
	       "Rows are those of the flow of the transaction, K01…K40.\n\n");
	drawing();
	printf("\n");
	table();
	return 0;
}
