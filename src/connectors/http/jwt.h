/*
 * jwt.h — tokens that a key signs: JSON Web Tokens with RS256.
 */
#ifndef RG_HTTP_JWT_H
#define RG_HTTP_JWT_H

#include <openssl/evp.h>
#include <stdbool.h>

#include "wire/wire.h"

/* A private key as PEM text. passphrase: NULL if there is none. Returns NULL if it is no key, or not RSA's.
 */
extern EVP_PKEY *jwt_key_read(const char *pem, const char *passphrase);

/* Appends the token of this header and these claims, which are JSON texts. Returns false if it failed. */
extern bool jwt_append(WireBuffer *out, EVP_PKEY *key, const WireBuffer *header, const WireBuffer *claims);

#endif
