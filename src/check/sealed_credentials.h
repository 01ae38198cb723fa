/*
 * sealed_credentials.h — {"sealed", "key_id", "keys"} in the place of credentials: a client sealed them
 * itself, and this server cannot look inside.
 */
#ifndef RG_CHECK_SEALED_CREDENTIALS_H
#define RG_CHECK_SEALED_CREDENTIALS_H

#include "postgres.h"

#include "credentials.h"
#include "fault.h"
#include "source_type.h"

/* sealed_credentials.c: is this object what a client sealed? Then it is taken so. */
extern bool rg_credentials_take_box(RgCredentials *credentials, RgFaults *faults, const RgSourceType *type,
									JsonbContainer *object);

#endif
