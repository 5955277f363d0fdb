/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <card/channel.h>
#include <card/secret.h>
#include <card/sw.h>

#include "channel_notes.h"
#include "log_internal.h"

#define INS_SELECT       0xA4u
#define INS_GET_RESPONSE 0xC0u
#define AID_MAX          16u
/* 61xx carries at most 256 bytes a turn, so this many turns fill CARD_RESPONSE_MAX. */
#define GET_RESPONSE_TURNS 260u

/* GlobalPlatform card manager: card-spec 2.1, 2.5 (leaving an AP clears its security status). */
static const uint8_t card_manager[] = {0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00};

struct card_channel {
	card_reader_t *reader;
	bool open;             /* inside a transaction */
	bool secret_presented; /* since begin: the end must clear */
	bool keep_status;
	bool fresh;     /* no command was answered since power-up, as far as we know */
	bool no_short;  /* this card refused a short file id */
	bool lost;      /* the card went away in this transaction */
	bool power_cut; /* by the last end */
	uint64_t generation;
	uint8_t aid[AID_MAX]; /* current application in this transaction; aid_len 0: unknown */
	size_t aid_len;
	uint16_t file; /* current EF, 0: unknown */
	struct channel_notes notes;
	uint16_t sw;
	unsigned commands, clearings;
	card_secret_t *secret_command; /* commands that carry a secret are built here only */
	size_t block;                  /* 0: CARD_BLOCK_SHORT */
	uint8_t command[CARD_COMMAND_MAX];
	uint8_t response[CARD_RESPONSE_MAX];
};

enum card_error card_channel_new(card_channel_t **out, card_reader_t *reader)
{
	struct card_channel *ch;

	if (out == NULL || reader == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	ch = calloc(1, sizeof(*ch));
	if (ch == NULL)
		return CARD_ERR_NO_MEMORY;
	if (card_secret_new(&ch->secret_command) != CARD_OK) {
		free(ch);
		return CARD_ERR_NO_MEMORY;
	}
	ch->reader = reader;
	ch->fresh = true;
	ch->generation = card_reader_generation(reader);
	*out = ch;
	return CARD_OK;
}

void card_channel_free(card_channel_t **ch)
{
	if (ch == NULL || *ch == NULL)
		return;
	(void)card_channel_end(*ch);
	card_secret_free(&(*ch)->secret_command);
	card_wipe(*ch, sizeof(**ch));
	free(*ch);
	*ch = NULL;
}

static void forget_selection(struct card_channel *ch)
{
	ch->aid_len = 0;
	ch->file = 0;
	ch->notes.verified = 0;
}

/* What was learned of the card does not hold for another one. */
static void note_generation(struct card_channel *ch)
{
	uint64_t now = card_reader_generation(ch->reader);

	if (now == ch->generation)
		return;
	ch->generation = now;
	ch->fresh = true;
	ch->no_short = false;
	forget_selection(ch);
}

enum card_error card_channel_begin(card_channel_t *ch, unsigned timeout_ms)
{
	enum card_error err;

	if (ch == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (ch->open)
		return CARD_ERR_BAD_STATE;
	err = card_reader_begin(ch->reader, timeout_ms);
	if (err != CARD_OK)
		return err;
	note_generation(ch);
	forget_selection(ch);
	memset(ch->notes.tries, CHANNEL_NOT_ASKED, sizeof(ch->notes.tries));
	ch->open = true;
	ch->secret_presented = false;
	ch->notes.opened = false;
	ch->keep_status = false;
	ch->lost = false;
	return CARD_OK;
}

enum card_error card_channel_clear(card_channel_t *ch)
{
	struct card_apdu select = {.ins = INS_SELECT, .p1 = 0x04, .p2 = 0x0C};
	enum card_error err;

	if (ch == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	select.data = card_bytes(card_manager, sizeof(card_manager));
	forget_selection(ch);
	ch->clearings++;
	err = card_channel_transmit(ch, &select, NULL);
	if (err != CARD_OK)
		return err;
	if (ch->sw != CARD_SW_OK) {
		ch->secret_presented = true; /* the end sees to it, by power if need be */
		return card_sw_error(ch->sw);
	}
	ch->secret_presented = false;
	return CARD_OK;
}

enum card_error card_channel_end(card_channel_t *ch)
{
	enum card_disposition how = CARD_LEAVE;
	uint16_t sw;
	enum card_error err = CARD_OK, ended;

	if (ch == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!ch->open)
		return CARD_OK;
	sw = ch->sw; /* the caller's last status word stays readable */
	if ((ch->secret_presented || ch->notes.opened) && !ch->keep_status && !ch->lost) {
		err = card_channel_clear(ch);
		if (err != CARD_OK && !ch->lost) {
			card_log_emit(CARD_LOG_STATUS_NOT_CLEARED, (unsigned long)err, 0);
			how = CARD_UNPOWER;
			err = CARD_OK;
		}
	}
	ch->sw = sw;
	ch->open = false;
	ended = card_reader_end(ch->reader, how);
	ch->power_cut = how == CARD_UNPOWER;
	/* Whatever was typed may still lie in the command buffer. */
	card_wipe(ch->command, sizeof(ch->command));
	card_wipe(ch->response, sizeof(ch->response));
	return err != CARD_OK ? err : ended;
}

bool card_channel_power_cut(const card_channel_t *ch)
{
	return ch != NULL && ch->power_cut;
}

void card_channel_keep_status(card_channel_t *ch)
{
	if (ch != NULL)
		ch->keep_status = true;
}

/* A transport error of a command: which of our errors it is. */
static enum card_error transport_error(struct card_channel *ch, enum card_error err, bool counts,
				       bool maybe_executed, uint8_t ins)
{
	forget_selection(ch);
	if (err == CARD_ERR_REMOVED || err == CARD_ERR_NO_CARD || err == CARD_ERR_NO_READER ||
	    err == CARD_ERR_NO_SERVICE || err == CARD_ERR_RESET)
		ch->lost = true;
	if (counts && maybe_executed) {
		card_log_emit(CARD_LOG_OUTCOME_UNKNOWN, ins, 0);
		return CARD_ERR_OUTCOME_UNKNOWN;
	}
	return err;
}

/* A VERIFY or CHANGE never lies in ordinary memory: short case 3 commands are built in a secret. */
static enum card_error encode_secret(card_secret_t *s, const struct card_apdu *cmd)
{
	const uint8_t header[] = {cmd->cla, cmd->ins, cmd->p1, cmd->p2, (uint8_t)cmd->data.n};
	enum card_error err = card_secret_set(s, card_bytes(header, sizeof(header)));

	for (size_t i = 0; err == CARD_OK && i < cmd->data.n; i++)
		err = card_secret_push(s, cmd->data.p[i]);
	return err;
}

static enum card_error encode(struct card_channel *ch, const struct card_apdu *cmd,
			      struct card_bytes *out)
{
	size_t len = 0;
	enum card_error err;

	if (card_apdu_is_secret(cmd) && !cmd->extended && cmd->le == 0 && cmd->data.n > 0 &&
	    cmd->data.n + 5 <= CARD_SECRET_MAX) {
		err = encode_secret(ch->secret_command, cmd);
		*out = card_secret_bytes(ch->secret_command);
		return err;
	}
	err = card_apdu_encode(cmd, ch->command, sizeof(ch->command), &len);
	*out = card_bytes(ch->command, len);
	return err;
}

/* One command, one answer, into ch->response; n receives the data bytes before the status word. */
static enum card_error exchange(struct card_channel *ch, const struct card_apdu *cmd, size_t *n)
{
	bool counts = card_apdu_counts(cmd), maybe = false;
	size_t got = 0;
	struct card_bytes command = {0};
	struct card_rapdu answer;
	enum card_error err;

	err = encode(ch, cmd, &command);
	if (err != CARD_OK)
		return err;
	if (card_apdu_is_secret(cmd))
		ch->secret_presented = true;
	ch->commands++;
	ch->sw = 0;
	err = card_reader_transmit(ch->reader, command, ch->response, sizeof(ch->response), &got,
				   &maybe);
	if (card_apdu_is_secret(cmd)) {
		card_wipe(ch->command, command.n);
		card_secret_wipe(ch->secret_command);
	}
	if (err != CARD_OK)
		return transport_error(ch, err, counts, maybe, cmd->ins);
	err = card_rapdu_decode(card_bytes(ch->response, got), &answer);
	if (err != CARD_OK) { /* no status word: nobody knows what happened */
		err = transport_error(ch, err, counts, true, cmd->ins);
		/* Without a byte: how some drivers say that the card went away. The connection
		 * may still stand, so the status is cleared at the end all the same. */
		return got == 0 && err == CARD_ERR_TRUNCATED ? CARD_ERR_REMOVED : err;
	}
	ch->sw = answer.sw;
	*n = answer.data.n;
	card_log_emit(CARD_LOG_COMMAND,
		      (unsigned long)cmd->cla << 24 | (unsigned long)cmd->ins << 16 |
			      (unsigned long)cmd->p1 << 8 | cmd->p2,
		      answer.sw);
	return CARD_OK;
}

/* A caller's fixed buffer holds what the command can rightly bring: more is the card's fault. */
static enum card_error keep(struct card_channel *ch, size_t n, card_buf_t *out)
{
	enum card_error err =
		out == NULL ? CARD_OK : card_buf_append(out, card_bytes(ch->response, n));

	return err == CARD_ERR_BUFFER_TOO_SMALL ? CARD_ERR_TOO_LONG : err;
}

static uint32_t le_of(uint16_t sw)
{
	return (sw & 0xFFu) == 0 ? 256u : (sw & 0xFFu);
}

/* 61xx: fetch the rest of the answer, with class 00 whatever the command's was (card-spec 2.5). */
static enum card_error get_response(struct card_channel *ch, size_t total, card_buf_t *out)
{
	for (unsigned turn = 0; (ch->sw & 0xFF00u) == 0x6100u; turn++) {
		struct card_apdu more = {.ins = INS_GET_RESPONSE, .le = le_of(ch->sw)};
		size_t n = 0;
		enum card_error err;

		if (turn == GET_RESPONSE_TURNS)
			return CARD_ERR_TOO_LONG;
		err = exchange(ch, &more, &n);
		if (err != CARD_OK)
			return err;
		total += n;
		if (total > CARD_RESPONSE_MAX)
			return CARD_ERR_TOO_LONG;
		err = keep(ch, n, out);
		if (err != CARD_OK)
			return err;
	}
	return CARD_OK;
}

enum card_error card_channel_transmit(card_channel_t *ch, const struct card_apdu *cmd,
				      card_buf_t *out)
{
	struct card_apdu again;
	size_t before, n = 0;
	enum card_error err;

	if (ch == NULL || cmd == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!ch->open)
		return CARD_ERR_BAD_STATE;
	before = out != NULL ? out->n : 0;
	err = exchange(ch, cmd, &n);
	if (err == CARD_OK && ch->sw == CARD_SW_FAILURE && ch->fresh && !card_apdu_counts(cmd)) {
		/* card-spec 2.5: one card answered the first command after power-up so. */
		card_log_emit(CARD_LOG_FIRST_ANSWER_6F00, 0, 0);
		ch->fresh = false;
		err = exchange(ch, cmd, &n);
	}
	if (err != CARD_OK)
		return err;
	ch->fresh = false;
	if ((ch->sw & 0xFF00u) == 0x6C00u && cmd->le != 0) {
		again = *cmd;
		again.le = le_of(ch->sw);
		again.extended = false;
		err = exchange(ch, &again, &n);
		if (err != CARD_OK)
			return err;
	}
	err = keep(ch, n, out);
	if (err == CARD_OK && (ch->sw & 0xFF00u) == 0x6100u)
		err = get_response(ch, n, out);
	if (err != CARD_OK && out != NULL)
		out->n = before;
	return err;
}

enum card_error card_channel_pinpad(card_channel_t *ch, const struct card_pinpad_request *req)
{
	bool maybe = false;
	size_t got = 0;
	struct card_rapdu answer;
	enum card_error err;

	if (ch == NULL || req == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!ch->open)
		return CARD_ERR_BAD_STATE;
	ch->secret_presented = true;
	ch->commands++;
	ch->sw = 0;
	err = card_reader_pinpad(ch->reader, req, ch->response, sizeof(ch->response), &got, &maybe);
	if (!maybe && (err == CARD_ERR_CANCELLED || err == CARD_ERR_TIMEOUT ||
		       err == CARD_ERR_UNSUPPORTED || err == CARD_ERR_INVALID_ARGUMENT))
		return err;
	if (err != CARD_OK)
		return transport_error(ch, err, true, maybe, req->apdu.p[1]);
	err = card_rapdu_decode(card_bytes(ch->response, got), &answer);
	if (err != CARD_OK)
		return transport_error(ch, err, true, true, req->apdu.p[1]);
	ch->sw = answer.sw;
	return CARD_OK;
}

enum card_error card_channel_select(card_channel_t *ch, struct card_bytes aid)
{
	struct card_apdu select = {.ins = INS_SELECT, .p1 = 0x04, .p2 = 0x0C, .data = aid};
	enum card_error err;

	if (ch == NULL || aid.p == NULL || aid.n == 0 || aid.n > AID_MAX)
		return CARD_ERR_INVALID_ARGUMENT;
	if (ch->open && card_bytes_equal(card_bytes(ch->aid, ch->aid_len), aid))
		return CARD_OK;
	forget_selection(ch);
	err = card_channel_transmit(ch, &select, NULL);
	if (err != CARD_OK)
		return err;
	if (ch->sw != CARD_SW_OK)
		return card_sw_error(ch->sw);
	memcpy(ch->aid, aid.p, aid.n);
	ch->aid_len = aid.n;
	return CARD_OK;
}

enum card_error card_channel_select_file(card_channel_t *ch, uint16_t file_id)
{
	uint8_t id[2] = {(uint8_t)(file_id >> 8), (uint8_t)file_id};
	struct card_apdu select = {.ins = INS_SELECT, .p1 = 0x02, .p2 = 0x0C};
	enum card_error err;

	if (ch == NULL || file_id == 0)
		return CARD_ERR_INVALID_ARGUMENT;
	if (ch->open && ch->file == file_id)
		return CARD_OK;
	select.data = card_bytes(id, sizeof(id));
	ch->file = 0;
	err = card_channel_transmit(ch, &select, NULL);
	if (err != CARD_OK)
		return err;
	if (ch->sw != CARD_SW_OK)
		return card_sw_error(ch->sw);
	ch->file = file_id;
	return CARD_OK;
}

void card_channel_set_file(card_channel_t *ch, uint16_t file_id)
{
	if (ch != NULL)
		ch->file = file_id;
}

void card_channel_set_block(card_channel_t *ch, size_t bytes)
{
	if (ch != NULL)
		ch->block = bytes > CARD_BLOCK_MAX ? CARD_BLOCK_MAX : bytes;
}

size_t card_channel_block(const card_channel_t *ch)
{
	return ch == NULL || ch->block < CARD_BLOCK_SHORT ? CARD_BLOCK_SHORT : ch->block;
}

bool card_channel_short_ids(const card_channel_t *ch)
{
	return ch != NULL && !ch->no_short;
}

void card_channel_refuse_short_ids(card_channel_t *ch, uint16_t file_id)
{
	if (ch == NULL || ch->no_short)
		return;
	ch->no_short = true;
	card_log_emit(CARD_LOG_SHORT_ID_REFUSED, file_id, ch->sw);
}

uint16_t card_channel_sw(const card_channel_t *ch)
{
	return ch != NULL ? ch->sw : 0;
}

unsigned card_channel_commands(const card_channel_t *ch)
{
	return ch != NULL ? ch->commands : 0;
}

unsigned card_channel_clearings(const card_channel_t *ch)
{
	return ch != NULL ? ch->clearings : 0;
}

uint64_t card_channel_generation(const card_channel_t *ch)
{
	return ch != NULL ? card_reader_generation(ch->reader) : 0;
}

card_reader_t *card_channel_reader(const card_channel_t *ch)
{
	return ch != NULL ? ch->reader : NULL;
}

struct channel_notes *card_channel_notes(card_channel_t *ch)
{
	return &ch->notes;
}
