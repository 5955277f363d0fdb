/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kazasu — work with a My Number Card from the command line.
 */
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include <card/secret.h>

#include "commands.h"
#include "options.h"
#include "output.h"

static const struct kz_command commands[] = {
	{"status", cmd_status, N_("which card this is, tries left, certificates")},
	{"identify", cmd_identify, N_("check that a card is genuine and in force")},
	{"attrs", cmd_attrs, N_("name, address, date of birth, sex")},
	{"face", cmd_face, N_("photo, name and address as images")},
	{"number", cmd_number, N_("the individual number, for a named procedure")},
	{"cert", cmd_cert, N_("the certificates on the card")},
	{"crl", cmd_crl, N_("revocation lists: take in, ask, check")},
	{"ocsp", cmd_ocsp, N_("ask a responder whether a certificate is revoked")},
	{"trust", cmd_trust, N_("the authorities that are trusted")},
	{"verify-batch", cmd_verify_batch, N_("verify many signatures, JSON lines in and out")},
	{"sign", cmd_sign, N_("sign documents with the card")},
	{"apply", cmd_apply, N_("electronic applications: make, sign, receive")},
	{"verify", cmd_verify, N_("verify signed documents")},
	{"admin", cmd_admin, N_("stop and settle issuance at terminals")},
	{"kiosk", cmd_kiosk, N_("issue a certificate at a terminal")},
	{"paper", cmd_paper, N_("is this paper certificate the one that was issued")},
	{"pin", cmd_pin, N_("tries left; change or try a PIN")},
	{"login", cmd_login, N_("open a session at the counter")},
	{"logout", cmd_logout, N_("end it")},
	{"operator", cmd_operator, N_("accounts and rights of the counter")},
	{"check", cmd_check, N_("the double check of what was received")},
	{"register", cmd_register, N_("the register of residents of the counter")},
	{"journal", cmd_journal, N_("who did what: show, verify, export, disclose")},
	{"audit", cmd_audit, N_("self-check, audit plan, and what an auditor gets")},
	{"procedure", cmd_procedure, N_("what people come for, and what is read for it")},
	{"purpose", cmd_purpose, N_("the purposes for which a register may be asked")},
	{"lifecycle", cmd_lifecycle, N_("until when a card and its certificates are valid")},
	{"readers", cmd_readers, N_("list card readers")},
	{"apdu", cmd_apdu, N_("send commands as they are")},
	{"doctor", cmd_doctor, N_("find out why a reader or card does not work")},
	{"demo", cmd_demo, N_("show it all with a published test card")},
	{NULL, NULL, NULL},
};

/* What was written must have arrived: a full disk or a closed pipe is no success. */
static int close_output(struct kz *kz, int rc)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return rc;
	kz->answered = true;
	fprintf(stderr, "kazasu: %s\n", _("The result could not be written."));
	return KZ_IO;
}

/* Documents hold personal data on the heap: wiped before the memory is given back. */
static void wipe_and_free(void *p)
{
	if (p != NULL)
		card_wipe(p, malloc_usable_size(p));
	free(p);
}

int main(int argc, char **argv)
{
	struct kz kz = {.table = commands, .opt = {.wait = -1, .pin_fd = -1}};
	int rc;

	/* No core file and no ptrace by other programs of this user: a PIN may be in memory. */
	prctl(PR_SET_DUMPABLE, 0);
	signal(SIGPIPE, SIG_IGN);
	json_set_alloc_funcs(malloc, wipe_and_free);
	rc = kz_options_start(&kz, argc, argv);
	if (rc == KZ_GO)
		rc = kz.command->run(&kz);
	return close_output(&kz, rc);
}
