/*
 * scan.c — a scan begins with its first row, never before: an EXPLAIN starts nothing. It ends with its last
 * row or in rg_foreign_scan_end. (The server calls ShutdownForeignScan after each fetch of an open cursor, so
 * nothing may end there.)
 *
 * Row by row the memory is the executor's, of one row. What lives longer is in the query's memory, also the
 * stream, which keeps the memory context that it was opened in.
 */
#include "scan.h"

#include "access/sysattr.h"
#include "common/int.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "condition.h"
#include "error.h"
#include "head.h"
#include "plan.h"
#include "replay.h"
#include "rows.h"

typedef struct Reading
{
	RgForeignTable table;
	int64 organization_id;
	TupleDesc descriptor; /* of the foreign table; NULL: only the number of rows is returned */
	List *columns;
	List *conditions; /* packed */
	List *values;     /* ExprState of each value, then of each limit */
	int limits;
	ExprState *recheck; /* NULL: the source has applied all exact conditions */
	RgStream *stream;   /* NULL: not begun, or ended */
	RgRows *rows;
	MemoryContext memory; /* of one request */
	bool has_begun;
	bool in_frame;
	bool at_end;
	bool has_counted;
	int64 total;      /* rows of this request */
	RgReplay *replay; /* NULL: the plan asks for no rescan */
	RgForeignScanCounts counts;
} Reading;

/* ---- begin ---- */

static List *
plan_part(const ForeignScanState *node, RgPlanPart part)
{
	return list_nth(castNode(ForeignScan, node->ss.ps.plan)->fdw_private, part);
}

static int
plan_number(const ForeignScanState *node, RgPlanPart part)
{
	return intVal(plan_part(node, part));
}

void
rg_foreign_scan_begin(ForeignScanState *node, int flags)
{
	ForeignScan *plan = castNode(ForeignScan, node->ss.ps.plan);
	Reading *scan;

	if (flags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	node->fdw_state = scan = palloc0(sizeof(Reading));
	rg_foreign_table_load((Oid) plan_number(node, RG_PLAN_TABLE), &scan->table);
	scan->organization_id = DatumGetInt64(castNode(Const, plan_part(node, RG_PLAN_ORGANIZATION))->constvalue);
	scan->columns = plan_part(node, RG_PLAN_COLUMNS);
	scan->conditions = plan_part(node, RG_PLAN_CONDITIONS);
	scan->limits = plan_number(node, RG_PLAN_LIMITS);
	scan->values = ExecInitExprList(plan->fdw_exprs, &node->ss.ps);
	if (plan_number(node, RG_PLAN_COUNT) == 0)
		scan->descriptor = RelationGetDescr(node->ss.ss_currentRelation);
	if (flags & EXEC_FLAG_REWIND)
		scan->replay = rg_replay_begin();
	scan->memory = AllocSetContextCreate(CurrentMemoryContext, "rivergen request", ALLOCSET_DEFAULT_SIZES);
}

/* ---- the request ---- */

static RgConditionValue
evaluate(ExprState *expression, ExprContext *context)
{
	RgConditionValue value = {exprType((Node *) expression->expr)};

	value.value = ExecEvalExprSwitchContext(expression, context, &value.is_null);
	return value;
}

static RgConditionValue *
evaluate_all(const Reading *scan, ExprContext *context)
{
	RgConditionValue *values = palloc0(sizeof(RgConditionValue) * (Size) (list_length(scan->values) + 1));
	int count = 0;
	ListCell *cell;

	foreach (cell, scan->values)
		values[count++] = evaluate(lfirst(cell), context);
	return values;
}

/* The sum of the last values; a null limit or offset is none. -1: no limit. */
static int64
limit_of(const Reading *scan, const RgConditionValue *values)
{
	const RgConditionValue *limits = values + list_length(scan->values) - scan->limits;
	int64 sum;

	if (scan->limits == 0 || scan->recheck != NULL || limits[0].is_null)
		return -1;
	sum = DatumGetInt64(limits[0].value);
	if (scan->limits > 1 && !limits[1].is_null &&
		pg_add_s64_overflow(sum, DatumGetInt64(limits[1].value), &sum))
		return -1;
	return Max(sum, 0);
}

RgStream *
rg_foreign_scan_open(const RgForeignTable *table, int64 organization_id, const char *question, int64 limit)
{
	RgStreamRequest request = {
		.operation = "read",
		.question = question,
		.server = table->server,
		.organization_id = organization_id,
		.schema = table->schema,
		.relation = table->name,
		.limit = Max(limit, 0),
	};

	return rg_stream_open(&request);
}

/* In the memory of the request; the values stay that of a row, which is enough: the question has their text.
 */
static void
begin_request(ForeignScanState *node, Reading *scan)
{
	ExprContext *context = node->ss.ps.ps_ExprContext;
	MemoryContext before = MemoryContextSwitchTo(scan->memory);
	RgConditionValue *values = evaluate_all(scan, context);
	RgQuestion question = {&scan->table, scan->columns, scan->conditions, values, limit_of(scan, values), -1};
	char *text = rg_question_text(&question);

	scan->has_begun = true;
	scan->in_frame = false;
	if (text == NULL)
		scan->at_end = true;
	else
	{
		scan->rows = rg_rows_begin(&scan->table, scan->descriptor, scan->columns);
		scan->stream = rg_foreign_scan_open(&scan->table, scan->organization_id, text, question.limit);
		scan->counts.requests++;
	}
	MemoryContextSwitchTo(before);
}

static void
add_counts(RgForeignScanCounts *counts, const RgStream *stream)
{
	RgStreamCounts more = rg_stream_counts(stream);

	counts->rows += more.rows;
	counts->bytes += more.bytes;
	counts->waited_ms += more.waited_ms;
}

static void
end_request(Reading *scan)
{
	if (scan->stream == NULL)
		return;
	add_counts(&scan->counts, scan->stream);
	rg_stream_close(scan->stream);
	scan->stream = NULL;
}

static void
reset_request(Reading *scan)
{
	end_request(scan);
	MemoryContextReset(scan->memory);
	scan->rows = NULL;
	scan->has_begun = scan->at_end = scan->in_frame = scan->has_counted = false;
	scan->total = 0;
}

/* ---- the head ---- */

static List *
columns_with(List *columns, List *conditions, Index relation)
{
	Bitmapset *used = NULL;
	int member = -1;

	columns = list_copy(columns);
	pull_varattnos((Node *) conditions, relation, &used);
	while ((member = bms_next_member(used, member)) >= 0)
		columns = list_append_unique_int(columns, member + FirstLowInvalidHeapAttributeNumber);
	return columns;
}

/* A count has no rows that could be checked here. */
static void
require_rows(const Reading *scan, bool masked)
{
	if (scan->descriptor != NULL)
		return;
	if (masked)
		rg_fail(RG_CONFLICT, "the values of the data source are masked since this statement was planned",
				"A condition at the source could tell what the masks hide.", "Prepare the statement again.");
	rg_fail(RG_CONFLICT, "the data source did not apply a condition that it is known to apply",
			"The number of rows would be wrong. The source has changed since its last discovery.",
			"rivergen.discover_schema(…, refresh => true) learns what has changed. Until then count(column) "
			"counts here.");
}

/*
 * The plan relies on conditions that the source has not all applied: it is asked again, with the columns that
 * these conditions need, and they are checked here.
 */
static void
begin_with_recheck(ForeignScanState *node, Reading *scan)
{
	ForeignScan *plan = castNode(ForeignScan, node->ss.ps.plan);
	MemoryContext before;

	reset_request(scan);
	before = MemoryContextSwitchTo(node->ss.ps.state->es_query_cxt);
	scan->columns = columns_with(scan->columns, plan->fdw_recheck_quals, plan->scan.scanrelid);
	scan->recheck = ExecInitQual(plan->fdw_recheck_quals, &node->ss.ps);
	MemoryContextSwitchTo(before);
	begin_request(node, scan);
}

/*
 * Conditions are checked with masked values, and the source must not compare what the masks hide. A plan that
 * was made before values were masked still sends its conditions.
 */
static void
take_head(ForeignScanState *node, Reading *scan, const RgStreamPart *head)
{
	bool hides = head->masked && scan->conditions != NIL;

	if (!hides && (scan->recheck != NULL || rg_head_applies(head->json, scan->conditions)))
		return;
	require_rows(scan, hides);
	if (hides)
		scan->conditions = NIL;
	begin_with_recheck(node, scan);
}

/* ---- rows ---- */

/* Waits for the next frame; at the end of the rows the stream is closed. */
static void
receive(ForeignScanState *node, Reading *scan)
{
	RgStreamPart part;

	rg_rows_receive(scan->rows, scan->stream, &part);
	switch (part.kind)
	{
		case RG_STREAM_HEAD:
			take_head(node, scan, &part);
			break;
		case RG_STREAM_ROWS:
			rg_rows_add(scan->rows, &part);
			scan->in_frame = true;
			scan->total += part.rows;
			break;
		case RG_STREAM_END:
			scan->at_end = true;
			end_request(scan);
			break;
	}
}

static bool
passes(ForeignScanState *node, Reading *scan, TupleTableSlot *slot)
{
	ExprContext *context = node->ss.ps.ps_ExprContext;

	if (scan->recheck == NULL)
		return true;
	context->ecxt_scantuple = slot;
	return ExecQual(scan->recheck, context);
}

/* The next row of the stream; false when there is none. */
static bool
next_row(ForeignScanState *node, Reading *scan, TupleTableSlot *slot)
{
	for (;;)
	{
		ExecClearTuple(slot);
		if (scan->in_frame && (scan->in_frame = rg_rows_next(scan->rows, slot->tts_values, slot->tts_isnull)))
		{
			ExecStoreVirtualTuple(slot);
			if (passes(node, scan, slot))
				return true;
			ResetExprContext(node->ss.ps.ps_ExprContext);
		}
		else if (scan->at_end)
			return false;
		else
			receive(node, scan);
	}
}

/* The only row of a scan that counts. */
static bool
next_count(ForeignScanState *node, Reading *scan, TupleTableSlot *slot)
{
	ExecClearTuple(slot);
	if (scan->has_counted)
		return false;
	while (!scan->at_end)
		receive(node, scan);
	scan->has_counted = true;
	slot->tts_values[0] = Int64GetDatum(scan->total);
	slot->tts_isnull[0] = false;
	ExecStoreVirtualTuple(slot);
	return true;
}

TupleTableSlot *
rg_foreign_scan_next(ForeignScanState *node)
{
	Reading *scan = node->fdw_state;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;

	if (scan->replay != NULL && rg_replay_next(scan->replay, slot))
		return slot;
	if (!scan->has_begun)
		begin_request(node, scan);
	if (!(scan->descriptor != NULL ? next_row(node, scan, slot) : next_count(node, scan, slot)))
		return ExecClearTuple(slot);
	if (scan->replay != NULL)
		rg_replay_keep(scan->replay, slot);
	return slot;
}

/* ---- again, and end ---- */

/* Rows that are kept are returned again, and the stream goes on behind them, unless a parameter has changed.
 */
void
rg_foreign_scan_again(ForeignScanState *node)
{
	Reading *scan = node->fdw_state;

	if (scan->replay != NULL && node->ss.ps.chgParam == NULL && rg_replay_rewind(scan->replay))
		return;
	reset_request(scan);
	if (scan->replay != NULL)
		rg_replay_clear(scan->replay);
}

void
rg_foreign_scan_end(ForeignScanState *node)
{
	Reading *scan = node->fdw_state;

	if (scan != NULL)
		end_request(scan);
}

/* With those of the present stream. */
RgForeignScanCounts
rg_foreign_scan_counts(const ForeignScanState *node)
{
	const Reading *scan = node->fdw_state;
	RgForeignScanCounts counts = scan->counts;

	if (scan->stream != NULL)
		add_counts(&counts, scan->stream);
	return counts;
}
