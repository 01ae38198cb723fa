/* strike.h — inside the worker room: finds the spellings of a secret in a text. Plain C, libc only. */
#ifndef RG_STRIKE_H
#define RG_STRIKE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Sets marks[i] for every byte i of the text that belongs to a spelling of the secret (UTF-8): as it is;
 * escaped as in JSON, SQL, C, URLs and XML; in base64 or hexadecimal, whole or line by line; and with
 * characters outside of ASCII replaced or in Latin-1. If the secret is a JSON object, its secret members
 * count too. Secrets of less than three characters are ignored: they occur in every text.
 */
extern void rg_strike(const char *text, size_t length, const char *secret, size_t secret_length, bool *marks);

#endif
