/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_doctor.c — why does the reader or the card not work?
 *
 * Each finding says what is so, what it means, and what to do. The exit code is that of the first
 * finding that keeps a card from being used; 0 if a My Number Card answers.
 */
#include "commands.h"
#include "options.h"
#include "output.h"
#include "usb.h"

#include <string.h>

#include <card/pcsc.h>
#include <card/token.h>

/* How long another program's transaction is watched before it is called long. */
#define BUSY_MS 2500u

struct doctor {
	struct kz *kz;
	json_t *findings;
	int exit;    /* of the first obstacle */
	bool usable; /* a card of ours answered */
};

/* One finding. exit KZ_DONE: no obstacle. */
static void found(struct doctor *d, int exit_code, const char *code, const char *subject,
		  const char *what, const char *means, const char *todo)
{
	json_array_append_new(d->findings,
			      json_pack("{s:s, s:b, s:s?, s:s, s:s?, s:s?}", "code", code, "ok",
					exit_code == KZ_DONE, "subject", subject, "what", what,
					"means", means, "todo", todo));
	if (d->exit == KZ_DONE)
		d->exit = exit_code;
}

static const char *text_of(const json_t *finding, const char *key)
{
	return json_string_value(json_object_get(finding, key));
}

/* With one usable card the other findings are remarks. */
static void say_findings(const struct doctor *d)
{
	const json_t *f;
	size_t i;

	json_array_foreach(d->findings, i, f)
	{
		const char *subject = text_of(f, "subject"), *means = text_of(f, "means");
		const char *todo = text_of(f, "todo");
		const char *mark = json_is_true(json_object_get(f, "ok")) ? "[o]"
				   : d->usable                            ? "[-]"
									  : "[x]";

		kz_say(d->kz, "%s %s%s%s\n", mark, subject != NULL ? subject : "",
		       subject != NULL ? ": " : "", text_of(f, "what"));
		if (means != NULL)
			kz_say(d->kz, "    %s\n", means);
		if (todo != NULL)
			kz_say(d->kz, "    → %s\n", todo);
	}
}

/* ---------------------------------------------------------------- the service */

static bool look_at_service(struct doctor *d, card_pcsc_t **pcsc)
{
	const enum card_error err = card_pcsc_new(pcsc);

	if (err == CARD_OK) {
		found(d, KZ_DONE, "service_ok", NULL, _("The card service (pcscd) answers."), NULL,
		      NULL);
		return true;
	}
	if (err == CARD_ERR_NOT_PERMITTED)
		found(d, KZ_NO_PERMISSION, "not_permitted", NULL,
		      _("The card service (pcscd) refuses this user."),
		      _("A polkit rule lets only some users or sessions work with cards; sessions "
			"over the network are often shut out."),
		      _("Ask the administrator for a polkit rule that allows "
			"org.debian.pcsc-lite.access_pcsc and access_card to this user."));
	else
		found(d, KZ_UNAVAILABLE, "service_absent", NULL,
		      _("The card service (pcscd) does not answer."),
		      _("It is not installed, or it does not run."),
		      _("Install the packages pcscd and libccid, then: systemctl enable --now "
			"pcscd.socket"));
	return false;
}

static void look_at_usb(struct doctor *d, size_t readers)
{
	struct kz_usb_reader usb[KZ_USB_MAX];
	const size_t n = kz_usb_scan(KZ_USB_SYSFS, usb, KZ_USB_MAX);
	char means[256];

	for (size_t i = 0; i < n; i++) {
		if (usb[i].no_ccid != NULL && !usb[i].ccid) {
			found(d, readers > 0 ? KZ_DONE : KZ_NO_CARD, "reader_not_ccid",
			      usb[i].no_ccid,
			      _("is connected, but the card service cannot use it."),
			      _("This reader does not speak the standard of card readers (CCID); it "
				"works only with its maker's software on other systems."),
			      _("Use a reader with CCID, such as the maker's RC-S300 or any contact "
				"reader."));
		} else if (usb[i].ccid && readers == 0) {
			if (usb[i].driver[0] != '\0')
				snprintf(means, sizeof means,
					 _("The kernel's driver \"%s\" has taken it, or the card "
					   "service has no driver for it."),
					 usb[i].driver);
			else
				snprintf(means, sizeof means, "%s",
					 _("The card service has no driver for it."));
			found(d, KZ_NO_CARD, "reader_no_driver", usb[i].name,
			      _("is connected, but the card service does not list it."), means,
			      _("Install the package libccid, unplug the reader and plug it in "
				"again, then: systemctl restart pcscd"));
		}
	}
	if (readers == 0 && d->exit == KZ_DONE)
		found(d, KZ_NO_CARD, "no_reader", NULL, _("There is no card reader."),
		      _("None is connected by USB, or it has no power."),
		      _("Connect a reader; try another socket or cable."));
}

/* ---------------------------------------------------------------- a card */

/* PC/SC part 3, 3.1.3.2.3: readers answer for storage cards with this RID and a number. */
static const char *storage_card(const struct card_pcsc_reader *r)
{
	static const uint8_t head[] = {0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06};

	for (size_t i = 1; i + sizeof head < r->atr_len; i++) {
		if (memcmp(r->atr + i, head, sizeof head) == 0)
			return r->atr[i + sizeof head] == 0x11
				       ? _("This is a FeliCa card (train pass, electronic money).")
				       : _("This is a plain memory card (building pass, ticket).");
	}
	return NULL;
}

static void look_at_token(struct doctor *d, const char *name, card_channel_t *ch,
			  const struct card_pcsc_reader *r)
{
	enum card_token_kind kind = CARD_TOKEN_UNKNOWN;
	const char *storage = storage_card(r);
	char what[160];
	enum card_error err = storage != NULL ? CARD_OK : card_token_identify(ch, &kind, NULL);

	if (err != CARD_OK) {
		found(d, kz_exit_of(err), "card_error", name, card_strerror(err, d->kz->lang),
		      _("The dialogue with the card broke."), kz_hint_of(err));
		return;
	}
	if (kind == CARD_TOKEN_CARD || kind == CARD_TOKEN_ANDROID || kind == CARD_TOKEN_IPHONE) {
		snprintf(what, sizeof what, _("a %s answers."),
			 card_token_kind_text(kind, d->kz->lang));
		found(d, KZ_DONE, "card_ok", name, what, NULL, NULL);
		d->usable = true;
		return;
	}
	if (kind == CARD_TOKEN_UNKNOWN)
		snprintf(what, sizeof what, "%s", _("the card on it is no My Number Card."));
	else
		snprintf(what, sizeof what, _("the card on it is a %s."),
			 card_token_kind_text(kind, d->kz->lang));
	found(d, KZ_WRONG_CARD, "other_card", name, what,
	      storage != NULL ? storage
			      : _("If several cards lie together (in a wallet), the reader takes "
				  "any of them."),
	      _("Take the My Number Card out of the wallet and place it alone."));
}

static void busy(struct doctor *d, const char *name)
{
	found(d, KZ_NO_CARD, "reader_busy", name, _("another program holds the card."),
	      _("It uses the card alone or has not finished its work with it (a browser, gpg's "
		"scdaemon, another Kazasu)."),
	      _("Close that program; for scdaemon: gpgconf --kill scdaemon"));
}

static void look_at_card(struct doctor *d, card_pcsc_t *pcsc, const struct card_pcsc_reader *r)
{
	card_reader_t *reader = NULL;
	card_channel_t *ch = NULL;
	enum card_error err = card_pcsc_open(pcsc, r->name, BUSY_MS, &reader);

	if (err == CARD_OK)
		err = card_channel_new(&ch, reader);
	if (err == CARD_OK)
		err = card_channel_begin(ch, BUSY_MS);
	if (err == CARD_OK) {
		look_at_token(d, r->name, ch, r);
		card_channel_end(ch);
	} else if (err == CARD_ERR_READER_BUSY) {
		busy(d, r->name);
	} else {
		found(d, kz_exit_of(err), "card_error", r->name, card_strerror(err, d->kz->lang),
		      _("The card could not be reached."), kz_hint_of(err));
	}
	card_channel_free(&ch);
	card_reader_free(&reader);
}

static void look_at_reader(struct doctor *d, card_pcsc_t *pcsc, const struct card_pcsc_reader *r)
{
	if (r->exclusive)
		busy(d, r->name);
	else if (r->mute)
		found(d, KZ_IO, "card_mute", r->name, _("the card on it does not answer."),
		      _("It lies badly or upside down, several cards disturb each other, or its "
			"chip is broken."),
		      _("Place the card alone and flat; clean the contacts; try another reader."));
	else if (r->card)
		look_at_card(d, pcsc, r);
	else
		found(d, KZ_NO_CARD, "no_card", r->name, _("no card lies on it."),
		      _("The reader works and waits."), _("Place the card."));
}

static bool meant(const struct kz *kz, const struct card_pcsc_reader *r)
{
	return kz->opt.reader == NULL || strcmp(kz->opt.reader, "pcsc") == 0 ||
	       strstr(r->name, kz->opt.reader) != NULL;
}

static void examine(struct doctor *d)
{
	struct card_pcsc_reader list[CARD_PCSC_READERS_MAX];
	size_t n = CARD_PCSC_READERS_MAX;
	card_pcsc_t *pcsc = NULL;

	if (!look_at_service(d, &pcsc)) {
		look_at_usb(d, 1);
		return;
	}
	if (card_pcsc_list(pcsc, list, &n) != CARD_OK)
		n = 0;
	look_at_usb(d, n);
	for (size_t i = 0; i < n; i++) {
		if (meant(d->kz, &list[i]))
			look_at_reader(d, pcsc, &list[i]);
	}
	card_pcsc_free(&pcsc);
}

int cmd_doctor(struct kz *kz)
{
	const struct kz_usage usage = {
		"",
		N_("Looks at the card service, the readers and the cards on them, and says of "
		   "each obstacle what it means and what to do. No secret is used."),
		NULL, 0, 0};
	struct doctor d = {.kz = kz, .exit = KZ_DONE};
	size_t n;
	int rc = kz_options(kz, &usage, NULL, &n);

	if (rc != KZ_GO)
		return rc;
	d.findings = json_array();
	examine(&d);
	say_findings(&d);
	if (d.usable)
		d.exit = KZ_DONE;
	if (d.exit == KZ_DONE)
		kz_say(kz, "%s\n", _("Everything is in order."));
	kz_json(kz, json_pack("{s:b, s:o}", "ok", d.exit == KZ_DONE, "findings", d.findings));
	return d.exit;
}
