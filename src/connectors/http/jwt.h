/*
 * jwt.h — tokens that a key signs: JSON Web Tokens with RS256.
 */
#ifndef RG_HTTP_JWT_H
#define RG_HTTP_JWT_H

#include <openssl/evp.h>
#include <stdint.h>

#include "wire/wire.h"

/* A private key as PEM text. passphrase: NULL if there is none. Returns NULL if it is no key, or not RSA's.
 */
extern EVP_PKEY *jwt_key_read(const char *pem, const char *passphrase);

/* Adds a time, in seconds since 1970, to claims. */
extern void jwt_add_time(WireBuffer *claims, const char *name, int64_t time);

/* The token of this header and these claims, which are JSON texts, and are freed. NULL: the key cannot sign.
 */
extern char *jwt_sign(EVP_PKEY *key, WireBuffer *header, WireBuffer *claims);

#endif
