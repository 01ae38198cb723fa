/*
 * credentials.h — the credentials of a request, until they are sealed.
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
	char *text;  /* the plain text to seal: one JSON object, in memory that is wiped with its context */
	size_t size; /* bytes of text */

	/* The text that the client sealed itself, in place of all members above; this server cannot open it. */
	char *box;
	size_t box_size;
	int64 box_key_id;
	bool box_keys[RG_KEY_COUNT]; /* which the client declares to be in the box; it may declare none */
} RgCredentials;

/* Bytes of one value. */
#define RG_LONGEST_CREDENTIAL (64 * 1024)

/* Takes the members of a credentials object; null members count as absent. type may be NULL (not known). */
extern void rg_credentials_take(RgCredentials *credentials, RgFaults *faults, const RgSourceType *type,
								const JsonbValue *object);

/* Adds a credential from a connection string. Returns false if another value is already there. */
extern bool rg_credentials_add(RgCredentials *credentials, RgCredentialKey key, const char *value);

/* Returns the key of this name, or -1 if sources of this type take no such key. type may be NULL (any). */
extern int rg_credentials_key_find(const RgSourceType *type, const char *name, int length);

/* Returns the names that the type takes, separated by commas. */
extern char *rg_credentials_keys_taken(const RgSourceType *type);

/* Is the key given, as far as this server knows? */
extern bool rg_credentials_has(const RgCredentials *credentials, RgCredentialKey key);

extern int rg_credentials_count(const RgCredentials *credentials);

/* Writes the member text. */
extern void rg_credentials_write(RgCredentials *credentials);

#endif
