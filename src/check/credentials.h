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

	/* What a client sealed itself stands for all of the above, and cannot be looked into. */
	char *box;
	size_t box_size;
	int64 box_key_id;
	bool box_keys[RG_KEY_COUNT]; /* that the client says are in the box; it need not say any */
} RgCredentials;

/* Of one value. */
#define RG_LONGEST_CREDENTIAL (64 * 1024)

/* Takes the members of a credentials object; null members are absent ones. type may be NULL (not known). */
extern void rg_credentials_take(RgCredentials *credentials, RgFaults *faults, const RgSourceType *type,
								const JsonbValue *object);

/* Adds one from a connection string; false when another value is already there. */
extern bool rg_credentials_add(RgCredentials *credentials, RgCredentialKey key, const char *value);

/* The key of this name, or -1 when sources of this type take none such; type may be NULL (any). */
extern int rg_credentials_key_find(const RgSourceType *type, const char *name, int length);

/* The names that the type takes, separated by commas. */
extern char *rg_credentials_keys_taken(const RgSourceType *type);

/* Is the key among those given, as far as is known? */
extern bool rg_credentials_has(const RgCredentials *credentials, RgCredentialKey key);

extern int rg_credentials_count(const RgCredentials *credentials);

/* Writes text. */
extern void rg_credentials_write(RgCredentials *credentials);

#endif
