/*
 * streams.c — a module of the tests: a stream as a SQL function, which tells what came. It can stop in the
 * middle: wait for an advisory lock after the first rows, fail, or close the stream early.
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "stream/stream.h"

#define TOLD_BYTES 1000

PG_MODULE_MAGIC;
PG_FUNCTION_INFO_V1(stream);

static void
tell(StringInfo told, const RgStreamPart *part)
{
	if (part->kind == RG_STREAM_HEAD)
		appendStringInfo(told, "head %s\n", part->json);
	else if (part->kind == RG_STREAM_ROWS && told->len < TOLD_BYTES)
		appendBinaryStringInfo(told, part->bytes, Min(part->length, TOLD_BYTES));
	else if (part->kind == RG_STREAM_END)
		appendStringInfo(told, "end " INT64_FORMAT "%s\n", part->rows, part->truncated ? " truncated" : "");
}

/* operation, question, server, organization, source, user, timeout, lock (0: none), most parts with rows (0:
 * all) */
Datum
stream(PG_FUNCTION_ARGS)
{
	RgStreamRequest request = {.operation = text_to_cstring(PG_GETARG_TEXT_PP(0)),
							   .question = text_to_cstring(PG_GETARG_TEXT_PP(1)),
							   .organization_id = PG_GETARG_INT64(2),
							   .data_source_id = PG_GETARG_INT64(3),
							   .user_id = PG_GETARG_INT64(4),
							   .schema = "s",
							   .relation = "t",
							   .timeout = PG_GETARG_INT32(5)};
	int64 lock = PG_GETARG_INT64(6);
	int most = PG_GETARG_INT32(7);
	RgStream *stream = rg_stream_open(&request);
	RgStreamPart part;
	RgStreamCounts counts;
	StringInfoData told;
	int parts = 0;

	initStringInfo(&told);
	do
	{
		rg_stream_next(stream, &part);
		tell(&told, &part);
		parts += part.kind == RG_STREAM_ROWS;
		if (lock != 0 && parts == 1 && part.kind == RG_STREAM_ROWS)
			DirectFunctionCall1(pg_advisory_lock_int8, Int64GetDatum(lock));
		if (most < 0 && parts == -most)
			elog(ERROR, "failed on purpose");
	} while (part.kind != RG_STREAM_END && (most == 0 || parts < most));
	counts = rg_stream_counts(stream);
	rg_stream_close(stream);
	appendStringInfo(&told, "%d parts, " INT64_FORMAT " rows, " INT64_FORMAT " bytes, by %s", parts,
					 counts.rows, counts.bytes, counts.connector);
	PG_RETURN_TEXT_P(cstring_to_text(told.data));
}
