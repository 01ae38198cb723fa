/* words.h — inside the worker room: texts that come from outside, as they may be told, stored and logged. */
#ifndef RG_WORDS_H
#define RG_WORDS_H

#include "postgres.h"

#include "wire/wire.h"

/* Of each of the many texts that one job's result may hold. */
#define RG_REASON_BYTES 1000

/*
 * A copy of at most `most` bytes: every value of the credentials object (JSON text, or NULL) that is a secret
 * is struck out, then the rest is cleaned (wire_clean). In this order: cleaning changes a secret's spelling.
 */
extern char *rg_words(const char *text, size_t length, const char *credentials, size_t most);

/* The same of a JSON string; NULL when the member is absent. */
extern char *rg_words_of(WireSpan value, const char *credentials, size_t most);

#endif
