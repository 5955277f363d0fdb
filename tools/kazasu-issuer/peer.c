/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <string.h>

/* What may stand in a line of the log. */
static bool plain(const char *name)
{
	return *name != '\0' &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_") ==
		       strlen(name);
}

bool peer_is_center(const struct tls_peer *p, const struct config *c, const char **name)
{
	*name = plain(p->id) ? p->id : "";
	for (size_t i = 0; i < c->centers; i++) {
		if (strcmp(c->center[i], *name) == 0)
			return strcmp(p->role, "center") == 0;
	}
	return false;
}
