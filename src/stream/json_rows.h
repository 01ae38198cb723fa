/*
 * json_rows.h — the rows of a stream as a JSON array of arrays.
 */
#ifndef RG_STREAM_JSON_ROWS_H
#define RG_STREAM_JSON_ROWS_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "stream/stream.h"

typedef struct RgJsonRows RgJsonRows;

/*
 * columns: an array of objects with name and pg_type; absent means text. Numbers, truth values and JSON
 * become such values where JSON has them; all others become texts. masks: values that look like secrets or
 * personal data become ***. most: the rows that are taken.
 */
extern RgJsonRows *rg_stream_json_begin(JsonbContainer *columns, bool masks, int64 most);

/* Takes the rows of a part. False: there were more than `most`, and the rest was not taken. 502, 413. */
extern bool rg_stream_json_add(RgJsonRows *rows, RgStreamPart *part);

/* Were as many rows taken as are wanted? */
extern bool rg_stream_json_is_full(const RgJsonRows *rows);

/* {"columns": [{"name", "type"}], "rows": [[…]], "truncated"}. */
extern Jsonb *rg_stream_json_end(RgJsonRows *rows, bool truncated);

#endif
