/*
 * credential.h — the sealed credentials of a source.
 */
#ifndef RG_CATALOG_CREDENTIAL_H
#define RG_CATALOG_CREDENTIAL_H

#include "postgres.h"

#include "utils/array.h"

#include "identity.h"

/* Seals the plain text for a locked source in place of what it had. 503: there is no sealing key. */
extern void rg_credential_replace(const RgIdentity *identity, int64 data_source_id, const char *plain,
								  size_t size, ArrayType *key_names);

/* Same, of what a client sealed for the present key. 409: key_id is another one. */
extern void rg_credential_replace_box(const RgIdentity *identity, int64 data_source_id, int64 key_id,
									  const char *box, size_t size, ArrayType *key_names);

/* The same two for nobody's row: to be tested, and forgotten. */
extern bytea *rg_credential_seal(int64 organization_id, const char *plain, size_t size, int64 *key_id);
extern bytea *rg_credential_seal_box(int64 organization_id, int64 key_id, const char *box, size_t size);

/* Takes the credentials of a locked source away. */
extern void rg_credential_remove(int64 organization_id, int64 data_source_id);

/* Takes them away because the destination changed; whoever gave them keeps them. */
extern void rg_credential_drop_moved(const RgIdentity *identity, int64 data_source_id);

/* Notes that a new source was made without credentials and waits for them. */
extern void rg_credential_await(int64 organization_id, int64 data_source_id);

/* text[]: what failure_reason says of sources that wait for credentials. */
extern ArrayType *rg_credential_reminders(void);

#endif
