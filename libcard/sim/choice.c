/* SPDX-License-Identifier: Apache-2.0 */
#include "choice.h"

#include <string.h>

#include <card/sim.h>

const struct sim_choice_row sim_choices[SIM_CHOICE_COUNT_] = {
	[SIM_FCI] = {"SELECT P2=00", "minimal FCI: 6F { 84 AID } (gap 1)", 'D', SIM_FCI_MINIMAL},
	[SIM_FILLER] = {"filler after an object", "FF, as seen in the text AP (3.1)", 'D', 0xFF},
	[SIM_CERTIFICATE_SIZE] = {"size of a certificate EF",
				  "gap 2; 200 characters of address need 2609", 'D', 3072},
	[SIM_FILE_UNIT] = {"size of other EFs", "gap 14: filled up to a multiple", 'D', 256},
	[SIM_READ_PART] = {"read across the end", "short data (13.2)", 'A', 0x9000},
	[SIM_READ_END] = {"read past the end", "13.2", 'D', 0x6B00},
	[SIM_TRIES_A] = {"tries of 照合番号A", "4.4; no official text (gap 3)", 'C', 10},
	[SIM_TRIES_BIRTH] = {"tries of the 生年月日 key", "not published (gap 3)", 'D', 10},
	[SIM_TRIES_LOCAL] = {"条例利用AP: name, files, keys, tries of its PIN",
			     "nothing is public (2.1); all of it is ours: docs/issuance.md", 'D',
			     3},
	[SIM_LOCAL_REFUSED] = {"条例利用AP: a wrong proof",
			       "6300, no counter: the key has 256 bits", 'D', 0x6300},
	[SIM_LOCAL_UNASKED] = {"条例利用AP: a proof without a challenge", "6985", 'D', 0x6985},
	[SIM_VERIFY_LENGTH] = {"VERIFY, wrong length", "no try used (gap 4)", 'D', 0x6700},
	[SIM_VERIFY_EMPTY] = {"VERIFY of 5 bytes", "4.4: another shape answers 6700", 'C', 0x6700},
	[SIM_QUERY_VERIFIED] = {"retry query after success", "63Cx (4.4)", 'A', 0x63C0},
	[SIM_QUERY_LOCKED] = {"retry query, locked", "63C0 rather than 6984 (4.4)", 'B', 0x63C0},
	[SIM_VERIFY_LOCKED] = {"VERIFY, locked", "6984 measured (4.4, disagreement)", 'B', 0x6984},
	[SIM_VERIFY_NOT_SECRET] = {"VERIFY of an EF that is no secret", "6981", 'D', 0x6981},
	[SIM_VERIFY_FAIL_CLEARS] = {"a wrong VERIFY", "leaves an earlier success standing (2.5)",
				    'D', 0},
	[SIM_CHANGE_UNVERIFIED] = {"CHANGE without VERIFY", "gap 10", 'D', 0x6982},
	[SIM_CHANGE_LENGTH] = {"CHANGE, wrong length", "as VERIFY", 'D', 0x6700},
	[SIM_CHANGE_FORMAT] = {"CHANGE, wrong characters", "6A80", 'D', 0x6A80},
	[SIM_CHANGE_FIXED] = {"CHANGE of a 照合番号", "6985", 'D', 0x6985},
	[SIM_CHANGE_ELSEWHERE] = {"CHANGE command of the other APs", "6D00", 'D', 0x6D00},
	[SIM_SIGN_LENGTH] = {"sign, wrong length", "6985 or 6700 (4.2)", 'D', 0x6985},
	[SIM_SIGN_NO_LE] = {"sign without Le", "6700", 'D', 0x6700},
	[SIM_SIGN_NO_KEY] = {"sign P2=00 in an AP without default key", "6A86", 'D', 0x6A86},
	[SIM_SIGN_NOT_KEY] = {"sign with an EF that is no signing key", "6985", 'D', 0x6985},
	[SIM_SIGN_NO_CERTIFICATE] = {"sign with a key that has no certificate", "6985", 'D',
				     0x6985},
	[SIM_NO_EF] = {"no current EF", "4.1: seen in emulators only", 'D', 0x6986},
	[SIM_TEXT3_WITH_B] = {"text EF 0003 with 照合番号B", "open (3.4, disagreement)", 'D', 1},
	[SIM_SURFACE6_FREE] = {"surface EF 0006", "free (gap 13)", 'D', 1},
	[SIM_UNKNOWN_READ] = {"READ of an unknown EF", "selectable, 6982 (gap 5)", 'D', 0x6982},
	[SIM_TERMINAL] = {"80 A2 with any data", "6700 for dummy data (gap 6)", 'D', 0x6700},
	[SIM_FIRST_COMMAND] = {"first command after power-on", "normal; one card 6F00 (2.5)", 'B',
			       0},
	[SIM_ATR_OBJECT] = {"GET DATA 5F51", "answered at MF (3.7)", 'B', SIM_AT_MF},
	[SIM_ANDROID_AUTH_NEEDS_PIN] = {"Android 000A", "needs PIN 0018 (8.1)", 'A', 1},
	[SIM_LENGTHS] = {"length form in TLV", "as measured (3.1)", 'B', SIM_LENGTHS_MEASURED},
	[SIM_RECORDS] = {"READ RECORD P2=05", "supported (4.1)", 'D', 1},
	[SIM_EXTERNAL_AUTHENTICATE] = {"EXTERNAL AUTHENTICATE", "listed, not measured (4.1)", 'C',
				       0x6985},
	[SIM_SELECT_EMPTY] = {"SELECT P1=04 without a name", "6700", 'D', 0x6700},
	[SIM_ADMINISTRATION] = {"administration commands", "issuer only: 6982", 'D', 0x6982},
	[SIM_SESSION_AT_MF] = {"80 AE outside every AP", "as in the JPKI AP", 'D', 0x6982},
	[SIM_PREFIX_LEAST] = {"shortest partial DF name", "5 bytes, a RID", 'D', 5},
	[SIM_GET_RESPONSE] = {"GET RESPONSE, nothing waiting", "6D00", 'D', 0x6D00},
	[SIM_TEXT8_FREE] = {"text EF 0008", "free (gap 13)", 'D', 1},
	[SIM_RESET_TO_MF] = {"warm reset", "selects the card manager; the status stays (2.5)", 'D',
			     1},
	[SIM_SELECT_FAILURE_LEAVES] = {"SELECT of an unknown name", "changes nothing", 'D', 0},
	[SIM_MANAGER] = {"SELECT A0000001510000", "works on the card (2.1), on phones too", 'D', 1},
	[SIM_ABSENT_CERTIFICATE] = {"absent certificate", "a file of filler, a key that refuses",
				    'D', 1},
	[SIM_JUKI_KEYS] = {"住基カード", "one key, no 利用者証明, no certificate left", 'D', 1},
	[SIM_PHONE_ATR] = {"ATR of a phone", "Type A, no historical bytes: 3B80800101", 'D',
			   0x3B80},
};

#define CHOOSE(name, effect, row, value)                                                           \
	{                                                                                          \
		name, effect, row, value, -1                                                       \
	}
#define FAULT(name, effect, bit)                                                                   \
	{                                                                                          \
		name, effect, -1, 0, bit                                                           \
	}

const struct sim_quirk sim_quirks[] = {
	/* 13.2, "the driver must also accept" */
	CHOOSE("fci-none", "SELECT P2=00 answers no data", SIM_FCI, SIM_FCI_NONE),
	CHOOSE("fci-6a86", "SELECT P2=00 answers 6A86", SIM_FCI, SIM_FCI_6A86),
	CHOOSE("fci-61xx", "SELECT P2=00 answers 61xx, the FCI by GET RESPONSE", SIM_FCI,
	       SIM_FCI_61XX),
	CHOOSE("fci-long", "SELECT P2=00 answers a long FCI", SIM_FCI, SIM_FCI_LONG),
	CHOOSE("filler-00", "00 after objects", SIM_FILLER, 0x00),
	CHOOSE("no-filler", "files end with their object", SIM_FILLER, 0x100),
	CHOOSE("read-part-6282", "short data comes with 6282", SIM_READ_PART, 0x6282),
	CHOOSE("past-end-6282", "reading past the end answers 6282", SIM_READ_END, 0x6282),
	CHOOSE("past-end-9000", "reading past the end answers 9000 without data", SIM_READ_END,
	       0x9000),
	CHOOSE("verify-wrong-length-63cx", "VERIFY of a wrong length uses a try", SIM_VERIFY_LENGTH,
	       0x63C0),
	CHOOSE("query-9000-after-verify", "retry query answers 9000 once verified",
	       SIM_QUERY_VERIFIED, 0x9000),
	CHOOSE("query-6984", "retry query of a locked secret answers 6984", SIM_QUERY_LOCKED,
	       0x6984),
	CHOOSE("query-6983", "retry query of a locked secret answers 6983", SIM_QUERY_LOCKED,
	       0x6983),
	CHOOSE("locked-6983", "VERIFY of a locked secret answers 6983", SIM_VERIFY_LOCKED, 0x6983),
	CHOOSE("locked-63c0", "VERIFY of a locked secret answers 63C0", SIM_VERIFY_LOCKED, 0x63C0),
	CHOOSE("wrong-verify-clears", "a wrong VERIFY ends this secret's status",
	       SIM_VERIFY_FAIL_CLEARS, 1),
	CHOOSE("change-6985", "CHANGE without VERIFY answers 6985", SIM_CHANGE_UNVERIFIED, 0x6985),
	CHOOSE("change-6986", "CHANGE without VERIFY answers 6986", SIM_CHANGE_UNVERIFIED, 0x6986),
	CHOOSE("sign-length-6700", "sign with a wrong length answers 6700", SIM_SIGN_LENGTH,
	       0x6700),
	CHOOSE("no-ef-6a82", "no current EF answers 6A82", SIM_NO_EF, 0x6A82),
	CHOOSE("text0003-6982", "text EF 0003 stays closed with 照合番号B", SIM_TEXT3_WITH_B, 0),
	CHOOSE("surface0006-6982", "surface EF 0006 needs 照合番号 A or B", SIM_SURFACE6_FREE, 0),
	CHOOSE("unknown-6981", "READ of unknown EFs answers 6981", SIM_UNKNOWN_READ, 0x6981),
	CHOOSE("terminal-6a86", "80 A2 answers 6A86", SIM_TERMINAL, 0x6A86),
	CHOOSE("terminal-6d00", "80 A2 answers 6D00", SIM_TERMINAL, 0x6D00),
	CHOOSE("first-6f00", "the first command after power-on answers 6F00", SIM_FIRST_COMMAND,
	       0x6F00),
	CHOOSE("status-5f51", "GET DATA 5F51 answers only inside an AP", SIM_ATR_OBJECT, SIM_IN_AP),
	CHOOSE("no-5f51", "GET DATA 5F51 answers 6A88", SIM_ATR_OBJECT, SIM_NOWHERE),
	CHOOSE("android-free-000a", "Android token: 000A without PIN", SIM_ANDROID_AUTH_NEEDS_PIN,
	       0),
	CHOOSE("length-minimal", "TLV lengths as short as possible", SIM_LENGTHS,
	       SIM_LENGTHS_MINIMAL),
	CHOOSE("length-long", "every TLV length in 82 form", SIM_LENGTHS, SIM_LENGTHS_LONG),
	CHOOSE("record-multi-6a81", "READ RECORD P2=05 answers 6A81", SIM_RECORDS, 0),
	CHOOSE("text0008-6982", "text EF 0008 needs the PIN or a 照合番号", SIM_TEXT8_FREE, 0),
	CHOOSE("reset-keeps-selection", "a warm reset leaves the selection too", SIM_RESET_TO_MF,
	       0),
	CHOOSE("select-failure-leaves", "SELECT of an unknown name leaves the application",
	       SIM_SELECT_FAILURE_LEAVES, 1),
	CHOOSE("no-card-manager", "SELECT A0000001510000 answers 6A82", SIM_MANAGER, 0),
	CHOOSE("absent-certificate-6a82", "an absent certificate has no file",
	       SIM_ABSENT_CERTIFICATE, 0),
	/* 2.5 and 4.1 */
	CHOOSE("local-refused-6982", "条例利用AP: a wrong proof answers 6982", SIM_LOCAL_REFUSED,
	       0x6982),
	CHOOSE("local-unasked-6982", "条例利用AP: a proof without a challenge answers 6982",
	       SIM_LOCAL_UNASKED, 0x6982),
	FAULT("no-sfi", "short identifier forms answer 6A86", SIM_FAULT_NO_SFI),
	FAULT("61xx", "answers with data come by 61xx and GET RESPONSE", SIM_FAULT_61XX),
	FAULT("6cxx", "a longer Le than the data answers 6Cxx", SIM_FAULT_6CXX),
	FAULT("old-card", "no GET DATA 7F21: the MF chain has one link", SIM_FAULT_OLD_CARD),
	/* broken cards */
	FAULT("61xx-endless", "GET RESPONSE never comes to an end", SIM_FAULT_61XX_ENDLESS),
	FAULT("wrong-length-answer", "READ BINARY answers one byte too many",
	      SIM_FAULT_WRONG_LENGTH),
	FAULT("empty-answer", "READ BINARY answers 9000 without data", SIM_FAULT_EMPTY_ANSWER),
	FAULT("tlv-past-end", "lengths inside records point past their end",
	      SIM_FAULT_TLV_PAST_END),
	FAULT("tlv-endless", "records say they have 65535 bytes", SIM_FAULT_TLV_ENDLESS),
	FAULT("garbage-certificate", "certificates are noise after their header",
	      SIM_FAULT_GARBAGE_CERTIFICATE),
	FAULT("truncated-certificate", "certificate EFs end in the middle",
	      SIM_FAULT_TRUNCATED_CERTIFICATE),
	FAULT("huge-certificate", "certificates say they have 65535 bytes",
	      SIM_FAULT_HUGE_CERTIFICATE),
	FAULT("expired-cert", "holder certificates ended two years after the CA began",
	      SIM_FAULT_EXPIRED_CERTIFICATE),
	FAULT("stranger-cert", "holder certificates signed by a CA nobody knows",
	      SIM_FAULT_STRANGER_CERTIFICATE),
	FAULT("wrong-signature", "signatures have one bit wrong", SIM_FAULT_WRONG_SIGNATURE),
	FAULT("short-signature", "signatures have 255 bytes", SIM_FAULT_SHORT_SIGNATURE),
	FAULT("short-photo", "the photo ends after 40 bytes", SIM_FAULT_SHORT_PHOTO),
	FAULT("garbage-photo", "the photo is noise", SIM_FAULT_GARBAGE_PHOTO),
	FAULT("challenge-fails", "券面 APs sign with another key than they show",
	      SIM_FAULT_CHALLENGE_FAILS),
	FAULT("card-chain-broken", "card-verifiable certificates with a wrong signature",
	      SIM_FAULT_CARD_CHAIN_BROKEN),
	FAULT("unknown-issuer", "card-verifiable certificates name an unknown key id",
	      SIM_FAULT_UNKNOWN_ISSUER),
	FAULT("record-signature-broken", "DF13, DF28, DF33, DF43, DF52 have one bit wrong",
	      SIM_FAULT_RECORD_SIGNATURE),
	FAULT("record-digest-broken", "DF31 and DF32 of the text AP are digests of something else",
	      SIM_FAULT_RECORD_DIGEST),
	FAULT("address-changed", "text EF 0002 has another address than was signed",
	      SIM_FAULT_ADDRESS_CHANGED),
	FAULT("local-response-wrong", "条例利用AP: the response has one bit wrong",
	      SIM_FAULT_LOCAL_RESPONSE_WRONG),
	FAULT("local-response-short", "条例利用AP: the response has 31 bytes",
	      SIM_FAULT_LOCAL_RESPONSE_SHORT),
	FAULT("local-id-long", "条例利用AP: the 利用者ID says it is longer than its file",
	      SIM_FAULT_LOCAL_ID_LONG),
	FAULT("local-id-odd", "条例利用AP: the 利用者ID has characters it cannot have",
	      SIM_FAULT_LOCAL_ID_ODD),
	/* ATRs of card-spec 2.2, 2.3 */
	FAULT("atr-contact-old", "3BE000FF8131FE4514", SIM_FAULT_ATR_CONTACT_OLD),
	FAULT("atr-contact-new", "3BDA13FF8131FB468012392F31C173C601C03B",
	      SIM_FAULT_ATR_CONTACT_NEW),
	FAULT("atr-contact-73c6", "3BC5FF8131FB458073C6010000", SIM_FAULT_ATR_CONTACT_73C6),
	FAULT("atr-type-b-41", "3B888001000041E0B381A1003B", SIM_FAULT_ATR_TYPE_B_41),
	FAULT("atr-type-b-4b", "3B888001004B51FFB381D1000F", SIM_FAULT_ATR_TYPE_B_4B),
	FAULT("atr-reader-made", "3BF59100FF918171FE40004200010000D1D6 form",
	      SIM_FAULT_ATR_READER_MADE),
};
const size_t sim_n_quirks = sizeof sim_quirks / sizeof sim_quirks[0];

void sim_behaviour_init(struct sim_behaviour *b)
{
	b->faults = 0;
	for (size_t i = 0; i < SIM_CHOICE_COUNT_; i++)
		b->choice[i] = sim_choices[i].value;
}

bool sim_behaviour_add(struct sim_behaviour *b, const char *name, size_t n)
{
	for (size_t i = 0; i < sim_n_quirks; i++) {
		const struct sim_quirk *q = &sim_quirks[i];

		if (strlen(q->name) != n || memcmp(q->name, name, n) != 0)
			continue;
		if (q->choice >= 0)
			b->choice[q->choice] = q->value;
		else
			b->faults |= (uint64_t)1 << q->fault;
		return true;
	}
	return false;
}

const char *card_sim_quirk_name(size_t i)
{
	return i < sim_n_quirks ? sim_quirks[i].name : NULL;
}

const char *card_sim_quirk_effect(size_t i)
{
	return i < sim_n_quirks ? sim_quirks[i].effect : NULL;
}
