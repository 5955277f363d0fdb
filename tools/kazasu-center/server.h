/* SPDX-License-Identifier: Apache-2.0 */
/* server.h — the centre on the network. */
#ifndef SERVER_H
#define SERVER_H

#include "center.h"

struct server;

/* Listen and answer until it is stopped. CARD_ERR_NO_SERVICE with *problem. */
enum card_error server_start(struct server **out, struct center *center,
			     struct flow_problem *problem);
unsigned server_port(const struct server *s);

/* Take nothing new (503 DRAINING) and wait until what has begun is answered. */
void server_drain(struct server *s);
void server_stop(struct server **s);

#endif
