/*
 * metadata_secrets.h — metadata is stored and shown in plain text, so members that are secrets by their name
 * or value are refused, with a hint where they belong.
 */
#ifndef RG_CHECK_METADATA_SECRETS_H
#define RG_CHECK_METADATA_SECRETS_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "fault.h"

extern void rg_metadata_refuse_secrets(RgFaults *faults, JsonbContainer *metadata);

#endif
