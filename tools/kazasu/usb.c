/* SPDX-License-Identifier: Apache-2.0 */
#include "usb.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* USB class of smart card readers (USB CCID 1.1, 4.1). */
#define CLASS_SMART_CARD 0x0B

/*
 * Readers sold for this card that do not speak CCID. The numbers are those of the kernel's own
 * drivers for them (drivers/nfc: port100, pn533 usb).
 */
static const struct {
	unsigned vendor, product;
	const char *name;
} without_ccid[] = {
	{0x054C, 0x06C1, "Sony RC-S380/S"},
	{0x054C, 0x06C3, "Sony RC-S380/P"},
	{0x054C, 0x02E1, "Sony RC-S330"},
	{0x054C, 0x01BB, "Sony RC-S320"},
};

/* First line of folder/device/attribute; "" if there is none. */
static void read_attribute(const char *folder, const char *device, const char *attribute, char *out,
			   size_t cap)
{
	char path[1024];
	FILE *f;
	int n = snprintf(path, sizeof path, "%s/%s/%s", folder, device, attribute);

	out[0] = '\0';
	if (n < 0 || (size_t)n >= sizeof path)
		return;
	f = fopen(path, "re");
	if (f == NULL)
		return;
	if (fgets(out, (int)cap, f) == NULL)
		out[0] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	fclose(f);
}

static unsigned read_hex(const char *folder, const char *device, const char *attribute)
{
	char text[16];

	read_attribute(folder, device, attribute, text, sizeof text);
	return (unsigned)strtoul(text, NULL, 16);
}

static void read_driver(const char *folder, const char *interface, char *out, size_t cap)
{
	char path[1024], target[1024];
	const char *slash;
	ssize_t n;
	int length = snprintf(path, sizeof path, "%s/%s/driver", folder, interface);

	if (length < 0 || (size_t)length >= sizeof path)
		return;
	n = readlink(path, target, sizeof target - 1);
	if (n <= 0)
		return;
	target[n] = '\0';
	slash = strrchr(target, '/');
	snprintf(out, cap, "%.*s", (int)cap - 1, slash != NULL ? slash + 1 : target);
}

/* Interfaces stand beside their device as "1-2:1.0". */
static void read_interfaces(const char *folder, const char *device, struct kz_usb_reader *r)
{
	const size_t n = strlen(device);
	DIR *dir = opendir(folder);
	const struct dirent *e;

	if (dir == NULL)
		return;
	while ((e = readdir(dir)) != NULL) {
		if (strncmp(e->d_name, device, n) != 0 || e->d_name[n] != ':')
			continue;
		if (read_hex(folder, e->d_name, "bInterfaceClass") == CLASS_SMART_CARD)
			r->ccid = true;
		if (r->driver[0] == '\0')
			read_driver(folder, e->d_name, r->driver, sizeof r->driver);
	}
	closedir(dir);
}

static bool read_device(const char *folder, const char *device, struct kz_usb_reader *r)
{
	const unsigned vendor = read_hex(folder, device, "idVendor");
	const unsigned product = read_hex(folder, device, "idProduct");

	memset(r, 0, sizeof *r);
	if (vendor == 0)
		return false;
	for (size_t i = 0; i < sizeof without_ccid / sizeof *without_ccid; i++) {
		if (without_ccid[i].vendor == vendor && without_ccid[i].product == product)
			r->no_ccid = without_ccid[i].name;
	}
	read_interfaces(folder, device, r);
	read_attribute(folder, device, "product", r->name, sizeof r->name);
	if (r->name[0] == '\0')
		snprintf(r->name, sizeof r->name, "%04X:%04X", vendor, product);
	return r->ccid || r->no_ccid != NULL;
}

size_t kz_usb_scan(const char *folder, struct kz_usb_reader *out, size_t cap)
{
	DIR *dir = opendir(folder);
	const struct dirent *e;
	size_t n = 0;

	if (dir == NULL)
		return 0;
	while (n < cap && (e = readdir(dir)) != NULL) {
		if (e->d_name[0] != '.' && strchr(e->d_name, ':') == NULL &&
		    read_device(folder, e->d_name, &out[n]))
			n++;
	}
	closedir(dir);
	return n;
}
