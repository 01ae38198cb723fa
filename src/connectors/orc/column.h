/*
 * column.h — the values of one column of a stripe, one after the other.
 */
#ifndef RG_ORC_COLUMN_H
#define RG_ORC_COLUMN_H

#include "connectors/orc/runs.h"
#include "connectors/orc/stripe.h"
#include "wire/wire.h"

typedef struct OrcColumn OrcColumn;

/* Begins at the stripe's first row. The stripe stays as long as the column does. */
extern OrcColumn *orc_column_begin(const OrcStripeParts *stripe, int type);

/*
 * Appends the next value, as PostgreSQL reads it; one in another value as JSON. Returns false if it is null:
 * then nothing is appended.
 */
extern bool orc_column_next(OrcColumn *column, WireBuffer *out);

extern void orc_column_end(OrcColumn *column);

#endif
