/*
 * metadata_secrets.h — metadata is stored and shown as it is: what is a secret by its name or its look is
 * refused there, with a hint where it belongs.
 */
#ifndef RG_CHECK_METADATA_SECRETS_H
#define RG_CHECK_METADATA_SECRETS_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "fault.h"

/* metadata_secrets.c */
extern void rg_metadata_refuse_secrets(RgFaults *faults, JsonbContainer *metadata);

#endif
