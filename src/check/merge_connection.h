/*
 * merge_connection.h — puts the parts of a connection string into the fields and credentials of the request.
 */
#ifndef RG_CHECK_MERGE_CONNECTION_H
#define RG_CHECK_MERGE_CONNECTION_H

#include "postgres.h"

#include "draft.h"

/* Parses the request's connection_string and puts its parts into the draft. */
extern void rg_draft_take_connection_string(RgDraft *draft, const JsonbValue *text);

#endif
