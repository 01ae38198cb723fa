/*
 * sealed_credentials.h — {"sealed", "key_id", "keys"} in place of credentials: a client sealed them itself,
 * and this server cannot open them.
 */
#ifndef RG_CHECK_SEALED_CREDENTIALS_H
#define RG_CHECK_SEALED_CREDENTIALS_H

#include "postgres.h"

#include "credentials.h"
#include "fault.h"
#include "source_type.h"

/* Takes the object and returns true if a client sealed it; else returns false. */
extern bool rg_credentials_take_box(RgCredentials *credentials, RgFaults *faults, const RgSourceType *type,
									JsonbContainer *object);

#endif
