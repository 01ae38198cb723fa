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

/*
 * Where this process has the text that is given backwards, so that the argument itself is not found: mappings
 * as /proc/self/maps shows them, the shared memory of the stream included.
 */
static void
tell_places(StringInfo told, const char *backwards)
{
	size_t length = strlen(backwards);
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[1024];
	char rights[8];
	unsigned long begin;
	unsigned long end;

	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL)
	{
		if (sscanf(line, "%lx-%lx %7s", &begin, &end, rights) != 3 || rights[0] != 'r' || rights[1] != 'w')
			continue;
		for (const char *at = (const char *) begin; at + length <= (const char *) end; at++)
		{
			size_t same = 0;

			while (same < length && at[same] == backwards[length - 1 - same])
				same++;
			if (same == length)
				appendStringInfo(told, "found in %s", line);
		}
	}
	if (maps != NULL)
		fclose(maps);
}

/*
 * operation, question, organization, source, user, timeout, lock (0: none), most parts with rows (0: all;
 * negative: fails then), and perhaps a text backwards, to be sought before the stream is closed
 */
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
	} while (part.kind != RG_STREAM_END && (most <= 0 || parts < most));
	counts = rg_stream_counts(stream);
	if (PG_NARGS() > 8)
		tell_places(&told, text_to_cstring(PG_GETARG_TEXT_PP(8)));
	rg_stream_close(stream);
	appendStringInfo(&told, "%d parts, " INT64_FORMAT " rows, " INT64_FORMAT " bytes, by %s", parts,
					 counts.rows, counts.bytes, counts.connector);
	PG_RETURN_TEXT_P(cstring_to_text(told.data));
}
