/*
 * credentials.h — the credentials of a request on their way from the request to the seal.
 */
#ifndef RG_CREDENTIALS_H
#define RG_CREDENTIALS_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "check/fault.h"
#include "check/source_type.h"

/* The values point into the request, or into memory from rg_secret_alloc. */
typedef struct RgCredentials
{
	const char *values[RG_KEY_COUNT];
	size_t lengths[RG_KEY_COUNT];
	char *text;  /* what is sealed: one JSON object, in memory that is wiped with its context */
	size_t size; /* bytes of text */
} RgCredentials;

/* Takes the members of a credentials object; null members are absent ones. type may be NULL (not known). */
extern void rg_credentials_take(RgCredentials *credentials, RgFaults *faults, const RgSourceType *type,
								const JsonbValue *object);

/* Adds one from a connection string; false when another value is already there. */
extern bool rg_credentials_add(RgCredentials *credentials, RgCredentialKey key, const char *value);

extern int rg_credentials_count(const RgCredentials *credentials);

/* Writes text. */
extern void rg_credentials_write(RgCredentials *credentials);

#endif
