/*
 * record_rows.h — the rows of a stream as records, whose columns the caller has listed.
 */
#ifndef RG_STREAM_RECORD_ROWS_H
#define RG_STREAM_RECORD_ROWS_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "utils/jsonb.h"
#include "utils/tuplestore.h"

#include "stream/stream.h"

typedef struct RgRecordRows RgRecordRows;

/* columns: those of the stream; 400 if the descriptor has another number of them. */
extern RgRecordRows *
rg_stream_record_begin(JsonbContainer *columns, TupleDesc descriptor, Tuplestorestate *store);

/*
 * Stores the rows of a part. An error says which column and row. The caller has pinned the settings that
 * input functions read.
 */
extern void rg_stream_record_add(RgRecordRows *rows, RgStreamPart *part);

#endif
