/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"

static void put_hex(FILE *log, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(log, "%02X", p[i]);
}

/* VERIFY, CHANGE (00 24, 80 32), the session key (80 AE) and class 08 / 0C carry
 * secrets, whatever the class byte says. */
static bool secret(const uint8_t *cmd, size_t n)
{
	if (n < 5)
		return false;
	return cmd[1] == 0x20 || cmd[1] == 0x24 || cmd[1] == 0x32 || cmd[1] == 0xAE ||
	       (cmd[0] & 0x0C) != 0;
}

void sim_log_command(FILE *log, const uint8_t *cmd, size_t n)
{
	if (!log)
		return;
	fputs("> ", log);
	if (secret(cmd, n)) { /* header and length; at most one byte of what follows is a length */
		put_hex(log, cmd, 5);
		if (n > 5)
			fputs("**", log);
	} else {
		put_hex(log, cmd, n);
	}
	fputc('\n', log);
	fflush(log);
}

void sim_log_answer(FILE *log, const uint8_t *cmd, size_t n, const uint8_t *resp, size_t len)
{
	if (!log)
		return;
	fputs("< ", log);
	if (!resp) {
		fputs("(torn)", log);
	} else if (secret(cmd, n) && len > 2) {
		fputs("**", log);
		put_hex(log, resp + len - 2, 2);
	} else {
		put_hex(log, resp, len);
	}
	fputc('\n', log);
	fflush(log);
}
