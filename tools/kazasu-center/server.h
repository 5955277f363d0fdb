/* SPDX-License-Identifier: Apache-2.0 */
/* server.h — the centre on the network. */
#ifndef SERVER_H
#define SERVER_H

#include "center.h"

struct server;
struct tls_keys;

/* What a configuration says about TLS. CARD_ERR_IO, CARD_ERR_MALFORMED with *problem. */
enum card_error server_keys_read(struct tls_keys **out, const struct center_config *config,
				 struct flow_problem *problem);
/* From the next handshake and the next request on; takes it over. */
void server_use(struct server *s, struct tls_keys *keys);

/* Listen and answer until it is stopped. CARD_ERR_NO_SERVICE with *problem. */
enum card_error server_start(struct server **out, struct center *center,
			     struct flow_problem *problem);
unsigned server_port(const struct server *s);

/* Take nothing new (503 DRAINING) and wait until what has begun is answered, a minute at most. */
void server_drain(struct server *s);
void server_stop(struct server **s);

#endif
