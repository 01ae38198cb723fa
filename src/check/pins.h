/*
 * pins.h — the host keys that an SSH server may have: metadata.ssh.host_key, and the key that was seen.
 */
#ifndef RG_PINS_H
#define RG_PINS_H

#include "postgres.h"

#define RG_MOST_PINS 16

typedef struct RgPin
{
	char *type;        /* such as ssh-ed25519; NULL: only the fingerprint is known */
	char *key;         /* base64; NULL with type */
	char *fingerprint; /* SHA256:… */
} RgPin;

typedef struct RgPins
{
	int count;
	RgPin pins[RG_MOST_PINS];
} RgPins;

/*
 * Reads lines of a known_hosts file (their names do not count), public keys, fingerprints and what
 * `ssh-keygen -l` prints. Empty lines and comments are skipped. Returns NULL, or what is wrong.
 */
extern const char *rg_pins_read(RgPins *pins, const char *text);

/* Returns the pin with this fingerprint, or NULL. */
extern const RgPin *rg_pins_find(const RgPins *pins, const char *fingerprint);

#endif
