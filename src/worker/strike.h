/*
 * strike.h — inside the worker room: where a text spells a secret. Plain C, libc only.
 */
#ifndef RG_STRIKE_H
#define RG_STRIKE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Sets marks[i] for every byte i of the text that belongs to a spelling of the secret, which is UTF-8: as it
 * is, escaped as JSON, SQL, C, URLs and XML do it, in base64 or hexadecimal, as a whole or line by line, and
 * with what is not ASCII replaced or in Latin-1. A secret that is a JSON object stands for its members that
 * are secrets, too. Secrets of less than three characters are not looked for: they are in every text.
 */
extern void rg_strike(const char *text, size_t length, const char *secret, size_t secret_length, bool *marks);

#endif
