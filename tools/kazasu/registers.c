/* SPDX-License-Identifier: Apache-2.0 */
#include "registers.h"

#include <string.h>

#include "output.h"

static enum card_error has_rows(void *ctx, const char *const *column, size_t n)
{
	(void)column;
	(void)n;
	*(bool *)ctx = true;
	return CARD_OK;
}

/* The counter's own table, if anybody is in it: a register that holds nobody was never set up. */
static enum card_error own(struct kz_desk *d, const char *prefecture, flow_register_t **out)
{
	bool any = false;
	enum card_error err = flow_store_run(d->store, "SELECT 1 FROM register_person LIMIT 1",
					     NULL, 0, has_rows, &any);

	return err == CARD_OK && any
		       ? flow_register_open(out, d->store, FLOW_REGISTER_ATENA, prefecture)
		       : err;
}

static enum card_error configured(struct kz *kz, struct kz_registers *r, int kind,
				  const char *prefecture)
{
	struct flow_problem problem = {.text = ""};
	const enum card_error err =
		flow_store_open(&r->store[kind], r->config.reg[kind], 0, &problem);

	if (err != CARD_OK)
		kz_note(kz, _("kazasu: the register %s cannot be reached: %s"),
			kz_register_names[kind],
			problem.text[0] != '\0' ? problem.text : card_strerror(err, kz->lang));
	return flow_register_open(&r->reg[kind], r->store[kind], (enum flow_register_kind)kind,
				  prefecture);
}

int kz_registers_open(struct kz *kz, struct kz_desk *d, struct kz_registers *out)
{
	const char *prefecture;
	enum card_error err = CARD_OK;
	int rc;

	memset(out, 0, sizeof *out);
	rc = kz_config_read(kz, &out->config);
	if (rc != KZ_GO)
		return rc;
	prefecture = out->config.prefecture[0] != '\0' ? out->config.prefecture : "00";
	for (int i = 0; i < FLOW_REGISTER_COUNT_ && err == CARD_OK; i++) {
		if (out->config.reg[i][0] != '\0')
			err = configured(kz, out, i, prefecture);
		else if (i == FLOW_REGISTER_ATENA)
			err = own(d, prefecture, &out->reg[i]);
	}
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

void kz_registers_close(struct kz_registers *r)
{
	for (int i = 0; i < FLOW_REGISTER_COUNT_; i++) {
		flow_register_close(&r->reg[i]);
		flow_store_close(&r->store[i]);
	}
}
