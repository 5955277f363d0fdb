/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.h — a connection over TLS that fails on purpose. It stands between who asks and who answers,
 * shows each the certificate that it expects, and hands every HTTP message to the test, which may let it
 * pass, cut it off, hold it back, change it, or send it again.
 */
#ifndef WIRE_H
#define WIRE_H

#include <card/bytes.h>

#define WIRE_PATH 256

struct wire;
struct wire_connection;

/* One request and its answer: HTTP/1.1 as it went over the wire, heads included. */
struct wire_message {
	struct wire_connection *connection;
	char method[8], path[WIRE_PATH];
	card_buf_t request, answer;
	size_t request_body, answer_body; /* where the bodies begin */
	unsigned status;                  /* of the answer */
};

enum wire_point { WIRE_REQUEST = 0, WIRE_ANSWER };

enum wire_act {
	WIRE_PASS = 0,
	WIRE_CUT,   /* the connection ends here */
	WIRE_HOLD,  /* until the other side gave up; a request is delivered then */
	WIRE_TWICE, /* request: delivered twice; the second answer counts */
	WIRE_HALF   /* answer: the first half of its body, then the connection ends */
};

struct wire_config {
	const char *certificate, *key; /* shown to who asks */
	const char *ca;                /* who answers must have a certificate of it */
	/* The port to go on to, and as whom; may wait. false: there is nobody. */
	bool (*onward)(void *ctx, unsigned *port, char certificate[WIRE_PATH], char key[WIRE_PATH]);
	/* Called for every request before it is delivered, and for every answer; may change them. */
	enum wire_act (*at)(void *ctx, enum wire_point point, struct wire_message *m);
	void *ctx;
};

/* Listens on 127.0.0.1 until the program ends; *port: where. NULL: it could not. */
struct wire *wire_open(const struct wire_config *config, unsigned *port);

/* Deliver these bytes, a whole request, beside what goes on; the status of the answer, 0: none. */
unsigned wire_deliver(struct wire_connection *c, struct card_bytes request);

#endif
