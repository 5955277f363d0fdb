/* SPDX-License-Identifier: Apache-2.0 */
/*
 * choice.h — where card-spec has a gap, the card does what one table says.
 *
 * choice.c holds the only table of assumptions (card-spec 1.2, 13.2), each with
 * its confidence letter. A quirk either puts another value into a row or is a
 * fault of its own.
 */
#ifndef SIM_CHOICE_H
#define SIM_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_choice {
	SIM_FCI = 0,          /* SELECT with P2 = 00: enum sim_fci */
	SIM_FILLER,           /* byte after an object, 0x100: none */
	SIM_CERTIFICATE_SIZE, /* bytes of a certificate EF */
	SIM_FILE_UNIT,        /* other EFs with filler are multiples of this */
	SIM_READ_PART,        /* status word when less is there than asked for */
	SIM_READ_END,         /* … when nothing is there */
	SIM_TRIES_A,
	SIM_TRIES_BIRTH,
	SIM_TRIES_LOCAL,    /* PIN of the 条例利用AP */
	SIM_LOCAL_REFUSED,  /* MUTUAL AUTHENTICATE with a wrong proof */
	SIM_LOCAL_UNASKED,  /* … without a challenge */
	SIM_VERIFY_LENGTH,  /* 63C0: a try is used */
	SIM_VERIFY_EMPTY,   /* VERIFY of five bytes: an Lc or Le of 00 */
	SIM_QUERY_VERIFIED, /* retry query after success; 63C0: counter as usual */
	SIM_QUERY_LOCKED,
	SIM_VERIFY_LOCKED,
	SIM_VERIFY_NOT_SECRET,
	SIM_VERIFY_FAIL_CLEARS,
	SIM_CHANGE_UNVERIFIED,
	SIM_CHANGE_LENGTH,
	SIM_CHANGE_FORMAT,
	SIM_CHANGE_FIXED, /* a 照合番号 cannot be changed */
	SIM_CHANGE_ELSEWHERE,
	SIM_SIGN_LENGTH,
	SIM_SIGN_NO_LE,
	SIM_SIGN_NO_KEY, /* P2 = 00 without a default key */
	SIM_SIGN_NOT_KEY,
	SIM_SIGN_NO_CERTIFICATE,
	SIM_NO_EF,
	SIM_TEXT3_WITH_B,
	SIM_SURFACE6_FREE,
	SIM_UNKNOWN_READ,
	SIM_TERMINAL,      /* 80 A2 */
	SIM_FIRST_COMMAND, /* 0: normal, else the first answer after power-on */
	SIM_ATR_OBJECT,    /* 5F51: enum sim_where */
	SIM_ANDROID_AUTH_NEEDS_PIN,
	SIM_LENGTHS, /* enum sim_lengths */
	SIM_RECORDS, /* READ RECORD P2 = 05: 1 supported */
	SIM_EXTERNAL_AUTHENTICATE,
	SIM_SELECT_EMPTY,
	SIM_ADMINISTRATION,
	SIM_SESSION_AT_MF, /* 80 AE with no AP */
	SIM_PREFIX_LEAST,  /* shortest partial DF name */
	SIM_GET_RESPONSE,  /* 00 C0 with nothing waiting */
	SIM_TEXT8_FREE,
	SIM_RESET_TO_MF,           /* warm reset: 1 selects the card manager */
	SIM_SELECT_FAILURE_LEAVES, /* SELECT of an unknown name: 1 goes to the card manager */
	SIM_MANAGER,               /* the card manager can be selected by name */
	SIM_ABSENT_CERTIFICATE,    /* 1: a file of filler, 0: no file */
	SIM_JUKI_KEYS,             /* keys in the JPKI AP of a 住基カード */
	SIM_PHONE_ATR,             /* first bytes; 0: that of the card */
	SIM_CHOICE_COUNT_
};

enum sim_fci { SIM_FCI_MINIMAL = 0, SIM_FCI_NONE, SIM_FCI_6A86, SIM_FCI_61XX, SIM_FCI_LONG };
enum sim_where { SIM_AT_MF = 0, SIM_IN_AP, SIM_NOWHERE };
enum sim_lengths { SIM_LENGTHS_MEASURED = 0, SIM_LENGTHS_MINIMAL, SIM_LENGTHS_LONG };

struct sim_choice_row {
	const char *topic, *why;
	char letter; /* confidence: card-spec 1.1 */
	uint16_t value;
};
extern const struct sim_choice_row sim_choices[SIM_CHOICE_COUNT_];

/* Faults that are no choice. Bits of a set. */
enum sim_fault {
	SIM_FAULT_NO_SFI = 0,
	SIM_FAULT_61XX,
	SIM_FAULT_61XX_ENDLESS,
	SIM_FAULT_6CXX,
	SIM_FAULT_WRONG_LENGTH,
	SIM_FAULT_EMPTY_ANSWER,
	SIM_FAULT_TLV_PAST_END,
	SIM_FAULT_TLV_ENDLESS,
	SIM_FAULT_GARBAGE_CERTIFICATE,
	SIM_FAULT_TRUNCATED_CERTIFICATE,
	SIM_FAULT_HUGE_CERTIFICATE,
	SIM_FAULT_EXPIRED_CERTIFICATE,
	SIM_FAULT_STRANGER_CERTIFICATE,
	SIM_FAULT_WRONG_SIGNATURE,
	SIM_FAULT_SHORT_SIGNATURE,
	SIM_FAULT_SHORT_PHOTO,
	SIM_FAULT_GARBAGE_PHOTO,
	SIM_FAULT_CHALLENGE_FAILS,
	SIM_FAULT_CARD_CHAIN_BROKEN,
	SIM_FAULT_UNKNOWN_ISSUER,
	SIM_FAULT_RECORD_SIGNATURE,
	SIM_FAULT_RECORD_DIGEST,
	SIM_FAULT_ADDRESS_CHANGED,
	SIM_FAULT_OLD_CARD,
	SIM_FAULT_LOCAL_RESPONSE_WRONG,
	SIM_FAULT_LOCAL_RESPONSE_SHORT,
	SIM_FAULT_LOCAL_ID_LONG,
	SIM_FAULT_LOCAL_ID_ODD,
	SIM_FAULT_ATR_CONTACT_OLD,
	SIM_FAULT_ATR_CONTACT_NEW,
	SIM_FAULT_ATR_CONTACT_73C6,
	SIM_FAULT_ATR_TYPE_B_41,
	SIM_FAULT_ATR_TYPE_B_4B,
	SIM_FAULT_ATR_READER_MADE,
	SIM_FAULT_COUNT_
};

/* What a quirk does: a value for a row, or a fault. */
struct sim_quirk {
	const char *name, *effect;
	int choice; /* enum sim_choice, or -1 */
	uint16_t value;
	int fault; /* enum sim_fault, used if choice is -1 */
};
extern const struct sim_quirk sim_quirks[];
extern const size_t sim_n_quirks;

struct sim_behaviour {
	uint16_t choice[SIM_CHOICE_COUNT_];
	uint64_t faults;
};

void sim_behaviour_init(struct sim_behaviour *b);
/* false: no quirk of this name (n bytes). */
bool sim_behaviour_add(struct sim_behaviour *b, const char *name, size_t n);

static inline bool sim_fault(const struct sim_behaviour *b, enum sim_fault f)
{
	return (b->faults >> f) & 1;
}

#endif
