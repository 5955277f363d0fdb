/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <card/apdu.h>

#define SHORT_LC_MAX    255u
#define SHORT_LE_MAX    256u
#define EXTENDED_LC_MAX 65535u
#define EXTENDED_LE_MAX 65536u

enum card_error card_apdu_encode(const struct card_apdu *cmd, uint8_t *out, size_t cap, size_t *len)
{
	bool extended;
	size_t lc_bytes, le_bytes, need, n = 0;

	if (cmd == NULL || out == NULL || len == NULL || (cmd->data.p == NULL && cmd->data.n > 0))
		return CARD_ERR_INVALID_ARGUMENT;
	*len = 0;
	if (cmd->data.n > EXTENDED_LC_MAX || cmd->le > EXTENDED_LE_MAX)
		return CARD_ERR_TOO_LONG;
	extended = cmd->extended || cmd->data.n > SHORT_LC_MAX || cmd->le > SHORT_LE_MAX;
	lc_bytes = cmd->data.n == 0 ? 0 : (extended ? 3 : 1);
	/* Extended Le has the leading 00 only if there is no Lc to carry it. */
	le_bytes = cmd->le == 0 ? 0 : (extended ? (cmd->data.n == 0 ? 3u : 2u) : 1u);
	need = 4 + lc_bytes + cmd->data.n + le_bytes;
	if (need > cap)
		return CARD_ERR_BUFFER_TOO_SMALL;

	out[n++] = cmd->cla;
	out[n++] = cmd->ins;
	out[n++] = cmd->p1;
	out[n++] = cmd->p2;
	if (lc_bytes == 3) {
		out[n++] = 0;
		out[n++] = (uint8_t)(cmd->data.n >> 8);
	}
	if (lc_bytes > 0) {
		out[n++] = (uint8_t)cmd->data.n;
		memcpy(out + n, cmd->data.p, cmd->data.n);
		n += cmd->data.n;
	}
	if (le_bytes == 3)
		out[n++] = 0;
	if (le_bytes >= 2)
		out[n++] = (uint8_t)(cmd->le >> 8);
	if (le_bytes > 0)
		out[n++] = (uint8_t)cmd->le;
	*len = n;
	return CARD_OK;
}

static enum card_error decode_short(struct card_bytes in, struct card_apdu *out)
{
	size_t lc = in.p[4];

	if (in.n == 5) {
		out->le = in.p[4] == 0 ? SHORT_LE_MAX : in.p[4];
		return CARD_OK;
	}
	if (lc == 0 || (in.n != 5 + lc && in.n != 6 + lc))
		return CARD_ERR_MALFORMED;
	out->data = card_bytes(in.p + 5, lc);
	if (in.n == 6 + lc)
		out->le = in.p[5 + lc] == 0 ? SHORT_LE_MAX : in.p[5 + lc];
	return CARD_OK;
}

static uint32_t extended_le(const uint8_t *p)
{
	uint32_t le = (uint32_t)p[0] << 8 | p[1];

	return le == 0 ? EXTENDED_LE_MAX : le;
}

static enum card_error decode_extended(struct card_bytes in, struct card_apdu *out)
{
	size_t lc = (size_t)in.p[5] << 8 | in.p[6];

	out->extended = true;
	if (in.n == 7) {
		out->le = extended_le(in.p + 5);
		return CARD_OK;
	}
	if (lc == 0 || (in.n != 7 + lc && in.n != 9 + lc))
		return CARD_ERR_MALFORMED;
	out->data = card_bytes(in.p + 7, lc);
	if (in.n == 9 + lc)
		out->le = extended_le(in.p + 7 + lc);
	return CARD_OK;
}

enum card_error card_apdu_decode(struct card_bytes in, struct card_apdu *out)
{
	if (out == NULL || in.p == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct card_apdu){0};
	if (in.n < 4)
		return CARD_ERR_TRUNCATED;
	out->cla = in.p[0];
	out->ins = in.p[1];
	out->p1 = in.p[2];
	out->p2 = in.p[3];
	if (in.n == 4)
		return CARD_OK;
	if (in.p[4] == 0 && in.n >= 7)
		return decode_extended(in, out);
	return decode_short(in, out);
}

enum card_error card_rapdu_decode(struct card_bytes in, struct card_rapdu *out)
{
	if (out == NULL || (in.p == NULL && in.n > 0))
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct card_rapdu){0};
	if (in.n < 2)
		return CARD_ERR_TRUNCATED;
	out->data = card_bytes(in.p, in.n - 2);
	out->sw = (uint16_t)(in.p[in.n - 2] << 8 | in.p[in.n - 1]);
	return CARD_OK;
}

#define INS_VERIFY        0x20u
#define INS_CHANGE        0x24u
#define INS_PERFORM       0x2Au
#define INS_CHANGE_JICSAP 0x32u /* with class 80: card-spec 4.1 */
#define INS_SESSION_KEY   0xAEu /* with class 80: card-spec 4.5 */

bool card_apdu_is_secret(const struct card_apdu *cmd)
{
	if (cmd == NULL)
		return false;
	if ((cmd->cla & 0x0Cu) != 0 && (cmd->cla & 0xF0u) == 0)
		return true; /* secure messaging */
	if (cmd->data.n == 0)
		return false;
	return cmd->ins == INS_VERIFY || cmd->ins == INS_CHANGE || cmd->ins == INS_CHANGE_JICSAP ||
	       cmd->ins == INS_SESSION_KEY;
}

bool card_apdu_counts(const struct card_apdu *cmd)
{
	if (cmd == NULL || cmd->data.n == 0)
		return false;
	return cmd->ins == INS_VERIFY || cmd->ins == INS_CHANGE || cmd->ins == INS_CHANGE_JICSAP ||
	       cmd->ins == INS_PERFORM;
}
