/* SPDX-License-Identifier: Apache-2.0 */
/* C_WaitForSlotEvent. */
#include "module.h"

/* How soon a waiting thread sees that C_Finalize wants to end. */
#define SLICE_MS 250u

static struct slot *pending(void)
{
	for (size_t i = 0; i < module.reader_count; i++)
		for (unsigned k = 0; k < (module.config.auth_only ? 1u : SLOT_KINDS); k++)
			if (module.readers[i]->slots[k].event)
				return &module.readers[i]->slots[k];
	return NULL;
}

/* Sleep until something may have changed. The waiting thread has a connection of its own: calls
 * over one connection wait for each other. */
static CK_RV sleep_once(struct source **own)
{
	struct card_pcsc_reader now[CARD_PCSC_READERS_MAX];
	size_t n = CARD_PCSC_READERS_MAX;
	const struct timespec pause = {.tv_nsec = SLICE_MS * 1000000L};

	module_away();
	if (*own == NULL && source_new(own) != CARD_OK)
		*own = NULL;
	if (*own == NULL || source_list(*own, now, &n) != CARD_OK)
		(void)nanosleep(&pause, NULL); /* no pcscd: it may come */
	else
		(void)source_wait(*own, now, n, SLICE_MS);
	return module_back();
}

CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID_PTR pSlot, CK_VOID_PTR pRserved)
{
	struct source *own = NULL;
	struct slot *s;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	if (pSlot == NULL || pRserved != NULL || (flags & ~(CK_FLAGS)CKF_DONT_BLOCK) != 0)
		rv = CKR_ARGUMENTS_BAD;
	while (rv == CKR_OK) {
		readers_refresh();
		s = pending();
		if (s != NULL) {
			s->event = false;
			*pSlot = slot_id(s);
			break;
		}
		rv = (flags & CKF_DONT_BLOCK) != 0 ? CKR_NO_EVENT : sleep_once(&own);
	}
	source_free(&own);
	module_leave();
	return rv;
}
