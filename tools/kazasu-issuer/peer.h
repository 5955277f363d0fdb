/* SPDX-License-Identifier: Apache-2.0 */
/* peer.h — who speaks: the subject of the TLS certificate (docs/issuance.md, Transport). */
#ifndef ISSUER_PEER_H
#define ISSUER_PEER_H

#include "config.h"

#include <gnutls/gnutls.h>

#define PEER_NAME 128

/* True if the certificate is in order (of our CA, in force, for clients), OU is center, and CN is
 * one of the centres of the configuration. name: its CN, "" if unknown. */
bool peer_is_center(gnutls_session_t session, const struct config *c, char name[PEER_NAME]);

#endif
