/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <card/grant.h>

struct card_grant {
	unsigned objects;
};

#define ALL_OBJECTS                                                                                \
	((unsigned)CARD_OBJECT_ATTRIBUTES | CARD_OBJECT_NUMBER | CARD_OBJECT_FACE |                \
	 CARD_OBJECT_NUMBER_IMAGE | CARD_OBJECT_BIRTH | CARD_OBJECT_SIGN_CERTIFICATE |             \
	 CARD_OBJECT_AUTH_CERTIFICATE | CARD_OBJECT_USER_ID)

enum card_error card_grant_new(card_grant_t **out, unsigned objects)
{
	struct card_grant *g;

	if (out == NULL || (objects & ~ALL_OBJECTS) != 0)
		return CARD_ERR_INVALID_ARGUMENT;
	g = malloc(sizeof(*g));
	if (g == NULL)
		return CARD_ERR_NO_MEMORY;
	g->objects = objects;
	*out = g;
	return CARD_OK;
}

void card_grant_free(card_grant_t **g)
{
	if (g == NULL)
		return;
	free(*g);
	*g = NULL;
}

const card_grant_t *card_grant_own_card(void)
{
	static const struct card_grant own = {
		ALL_OBJECTS & ~((unsigned)CARD_OBJECT_NUMBER | CARD_OBJECT_NUMBER_IMAGE)};

	return &own;
}

bool card_grant_permits(const card_grant_t *g, unsigned objects)
{
	return g != NULL && (g->objects & objects) == objects;
}
