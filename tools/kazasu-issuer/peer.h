/* SPDX-License-Identifier: Apache-2.0 */
/* peer.h — who speaks: the subject of the TLS certificate (docs/issuance.md, Transport). */
#ifndef ISSUER_PEER_H
#define ISSUER_PEER_H

#include "config.h"

#include "../https/credentials.h"

/* True if OU is center and CN one of the centres of the configuration. *name: the CN, "" if there is
 * none that may stand in a log. */
bool peer_is_center(const struct tls_peer *p, const struct config *c, const char **name);

#endif
