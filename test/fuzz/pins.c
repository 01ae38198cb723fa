/*
 * pins.c — host keys of SSH servers, as people paste them: lines of known_hosts, public keys, fingerprints.
 *
 * Sources: src/check/pins.c src/check/text.c
 * Uses: server sodium
 */
#include "check/pins.h"

#include "mb/pg_wchar.h"

#include "fuzz.h"

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	char *text = fuzz_text(&rest);
	RgPins pins = {0};

	if (pg_encoding_verifymbstr(PG_UTF8, text, (int) strlen(text)) != (int) strlen(text) ||
		rg_pins_read(&pins, text) != NULL)
		return;
	fuzz_must(pins.count >= 0 && pins.count <= RG_MOST_PINS, "there are not too many");
	for (int i = 0; i < pins.count; i++)
	{
		fuzz_must(strncmp(pins.pins[i].fingerprint, "SHA256:", 7) == 0, "each has its fingerprint");
		fuzz_must((pins.pins[i].type == NULL) == (pins.pins[i].key == NULL), "a key has its type");
		fuzz_must(rg_pins_find(&pins, pins.pins[i].fingerprint) != NULL, "each is found by its fingerprint");
	}
}
