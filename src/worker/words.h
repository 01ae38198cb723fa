/* words.h — inside the worker room: makes texts from outside fit to be reported, stored and logged. */
#ifndef RG_WORDS_H
#define RG_WORDS_H

#include "postgres.h"

#include "wire/wire.h"

/* The limit for each of the many texts that one job's result may hold. */
#define RG_REASON_BYTES 1000

/*
 * A copy of at most `most` bytes: every secret value of the credentials object (JSON text, or NULL) is
 * removed, then the rest is cleaned (wire_clean). In this order: cleaning changes the spelling of a secret.
 */
extern char *rg_words(const char *text, size_t length, const char *credentials, size_t most);

/* The same of a JSON string; NULL when the member is absent. */
extern char *rg_words_of(WireSpan value, const char *credentials, size_t most);

#endif
