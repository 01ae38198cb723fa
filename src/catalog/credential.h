/*
 * credential.h — the sealed credentials of a source.
 */
#ifndef RG_CATALOG_CREDENTIAL_H
#define RG_CATALOG_CREDENTIAL_H

#include "postgres.h"

#include "utils/array.h"

#include "identity.h"

/* Seals the plain text and stores it as the credentials of a locked source. 503: there is no sealing key. */
extern void rg_credential_replace(const RgIdentity *identity, int64 data_source_id, const char *plain,
								  size_t size, ArrayType *key_names);

/* The same for a box that a client sealed. 409: key_id is not the newest key. */
extern void rg_credential_replace_box(const RgIdentity *identity, int64 data_source_id, int64 key_id,
									  const char *box, size_t size, ArrayType *key_names);

/* Seal credentials that are not stored, for a test of a definition. Errors as above. */
extern bytea *rg_credential_seal(int64 organization_id, const char *plain, size_t size, int64 *key_id);
extern bytea *rg_credential_seal_box(int64 organization_id, int64 key_id, const char *box, size_t size);

/* Deletes the credentials of a locked source. */
extern void rg_credential_remove(int64 organization_id, int64 data_source_id);

/* Deletes the credentials after a move to another destination, unless this user gave them. */
extern void rg_credential_drop_moved(const RgIdentity *identity, int64 data_source_id);

/* Records in failure_reason that a new source needs credentials. */
extern void rg_credential_await(int64 organization_id, int64 data_source_id);

/* text[]: the values of failure_reason of sources that need credentials. */
extern ArrayType *rg_credential_reminders(void);

#endif
