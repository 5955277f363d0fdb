/* SPDX-License-Identifier: Apache-2.0 */
/* config.h — the configuration file of the centre (kazasu-center(8)). */
#ifndef CENTER_CONFIG_H
#define CENTER_CONFIG_H

#include <cardflow/table.h>

#define CENTER_VERIFIERS 16u
#define CENTER_PATH      512u

struct center_config {
	char name[41], audience[101];
	char address[64]; /* to listen on */
	unsigned port;
	char tls_ca[CENTER_PATH], tls_certificate[CENTER_PATH], tls_key[CENTER_PATH];
	char store[CENTER_PATH]; /* a path, or "postgresql:…" */
	unsigned connections;
	char rules[CENTER_PATH], master_key[CENTER_PATH], secrets[CENTER_PATH],
		back_key[CENTER_PATH];
	char trust[CENTER_PATH], crl[CENTER_PATH],
		ocsp[CENTER_PATH]; /* ocsp: URL; "" = not asked */
	bool test_roots;
	unsigned message_seconds, idle_seconds; /* PD-22 */
	/* Ed25519 that signs checkpoints of the journal; a file off the machine that gets them; "" */
	char checkpoint_key[CENTER_PATH], checkpoint_copy[CENTER_PATH];
	unsigned checkpoint_seconds;
	unsigned clock_seconds; /* that a terminal's or a municipality's clock may differ */
};

/* Relative paths are those of the file's folder. CARD_ERR_IO, CARD_ERR_MALFORMED with *problem. */
enum card_error center_config_read(struct center_config *out, const char *path,
				   struct flow_problem *problem);

#endif
