/* SPDX-License-Identifier: Apache-2.0 */
/* service.h — HTTPS with certificates on both sides, for the centres that are named. */
#ifndef ISSUER_SERVICE_H
#define ISSUER_SERVICE_H

#include "office.h"

struct service;

/* Listen. NULL with a message. The service takes over the reference to the office. */
struct service *service_start(struct office *o);

/* The port it listens on (asked for as 0: one that is free). */
unsigned service_port(const struct service *s);

/* From now on requests are answered from this office, and connections begin with its TLS files. The
 * address stays as it is. */
void service_use(struct service *s, struct office *o);

/* No new connections; wait until the requests that came are answered (at most so many seconds). */
void service_stop(struct service **s, int seconds);

#endif
