/*
 * pem.c — keys and certificates as people paste them.
 *
 * Sources: src/check/pem.c
 * Uses: server
 */
#include "check/pem.h"

#include "fuzz.h"

void
fuzz(const char *bytes, size_t length)
{
	char *tidy = palloc(RG_TIDY_PEM_SIZE((int) length));
	int size = rg_pem_tidy(bytes, (int) length, tidy);
	char *again = palloc(RG_TIDY_PEM_SIZE(size));

	fuzz_must(size >= 0 && size <= RG_TIDY_PEM_SIZE((int) length), "it fits");
	fuzz_must(rg_pem_tidy(tidy, size, again) == size && memcmp(tidy, again, size) == 0,
			  "what is tidy stays as it is");
}
