/* SPDX-License-Identifier: Apache-2.0 */
/* usb.h — card readers among the USB devices, as sysfs tells, for `doctor`. */
#ifndef KAZASU_USB_H
#define KAZASU_USB_H

#include <stdbool.h>
#include <stddef.h>

#define KZ_USB_MAX 16

/* The folder of the devices of a running system. */
#define KZ_USB_SYSFS "/sys/bus/usb/devices"

struct kz_usb_reader {
	char name[96];       /* as the device tells, or "VVVV:PPPP" */
	bool ccid;           /* has an interface of the smart card class: pcscd can drive it */
	const char *no_ccid; /* a known reader that pcscd cannot drive: its name; else NULL */
	char driver[32];     /* kernel driver that has taken it; "" if none */
};

/* Readers below a folder like KZ_USB_SYSFS; returns how many, at most cap. */
size_t kz_usb_scan(const char *folder, struct kz_usb_reader *out, size_t cap);

#endif
