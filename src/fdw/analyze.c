/*
 * analyze.c — the source is asked for about as many rows as the statistics need. A source that sends all of
 * them is sampled here (Vitter's algorithm, as for local tables).
 */
#include "analyze.h"

#include "access/htup_details.h"
#include "commands/vacuum.h"
#include "miscadmin.h"
#include "optimizer/plancat.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/sampling.h"

#include "compat.h"
#include "facts.h"
#include "question.h"
#include "rows.h"
#include "scan.h"

typedef struct Sample
{
	RgRows *rows;
	TupleDesc descriptor;
	Datum *values;
	bool *nulls;
	HeapTuple *tuples;
	int wanted;
	int taken;
	double seen;
	double skip; /* rows to pass over before the next one is taken; negative: to be chosen */
	ReservoirStateData state;
	MemoryContext row; /* memory of one row */
} Sample;

static void
put(Sample *sample, int place)
{
	sample->tuples[place] = heap_form_tuple(sample->descriptor, sample->values, sample->nulls);
}

static void
replace_some(Sample *sample)
{
	int place;

	if (sample->skip < 0)
		sample->skip = reservoir_get_next_S(&sample->state, sample->seen, sample->wanted);
	if (sample->skip <= 0)
	{
		place = (int) (sample->wanted * sampler_random_fract(&sample->state.randstate));
		heap_freetuple(sample->tuples[place]);
		put(sample, place);
	}
	sample->skip -= 1;
}

static bool
take_row(Sample *sample)
{
	MemoryContext before = MemoryContextSwitchTo(sample->row);
	bool found;

	MemoryContextReset(sample->row);
	found = rg_rows_next(sample->rows, sample->values, sample->nulls);
	MemoryContextSwitchTo(before);
	if (!found)
		return false;
	if (sample->taken < sample->wanted)
		put(sample, sample->taken++);
	else
		replace_some(sample);
	sample->seen += 1;
	return true;
}

static void
take_all(Sample *sample, RgStream *stream)
{
	RgStreamPart part;

	do
	{
		rg_rows_receive(sample->rows, stream, &part);
		if (part.kind != RG_STREAM_ROWS)
			continue;
		rg_rows_add(sample->rows, &part);
		while (take_row(sample))
			rg_analyze_delay();
	} while (part.kind != RG_STREAM_END);
}

static List *
all_columns(TupleDesc descriptor)
{
	List *columns = NIL;

	for (int i = 0; i < descriptor->natts; i++)
		if (!TupleDescAttr(descriptor, i)->attisdropped)
			columns = lappend_int(columns, i + 1);
	return columns;
}

static void
sample_begin(Sample *sample, const RgForeignTable *table, Relation relation, List *columns)
{
	sample->descriptor = RelationGetDescr(relation);
	sample->rows = rg_rows_begin(table, sample->descriptor, columns);
	sample->values = palloc0(sizeof(Datum) * (Size) sample->descriptor->natts);
	sample->nulls = palloc0(sizeof(bool) * (Size) sample->descriptor->natts);
	sample->skip = -1;
	sample->row = AllocSetContextCreate(CurrentMemoryContext, "rivergen row", ALLOCSET_DEFAULT_SIZES);
	reservoir_init_selection_state(&sample->state, sample->wanted);
}

static int
acquire_rows(Relation relation, int level, HeapTuple *tuples, int wanted, double *live, double *dead)
{
	Sample sample = {.tuples = tuples, .wanted = wanted};
	RgForeignTable table;
	RgFacts facts;
	RgStream *stream;
	List *columns = all_columns(RelationGetDescr(relation));
	RgQuestion question = {.table = &table, .columns = columns, .limit = -1, .sample = wanted};

	rg_foreign_table_load(RelationGetRelid(relation), &table);
	rg_facts_load(&table, &facts);
	sample_begin(&sample, &table, relation, columns);
	stream = rg_foreign_scan_open(&table, facts.organization_id, rg_question_text(&question), -1);
	take_all(&sample, stream);
	rg_stream_close(stream);
	MemoryContextDelete(sample.row);
	/* Rows of a sample say nothing of how many there are. */
	*live = sample.seen < wanted ? sample.seen : Max(sample.seen, facts.rows);
	*dead = 0;
	ereport(level, (errmsg("\"%s\": the data source sent %.0f rows, %d are in the sample",
						   RelationGetRelationName(relation), sample.seen, sample.taken)));
	return sample.taken;
}

/* How many the rows would take here. */
static double
pages_of(Relation relation)
{
	RgForeignTable table;
	RgFacts facts;
	double rows;

	rg_foreign_table_load(RelationGetRelid(relation), &table);
	rg_facts_load(&table, &facts);
	rows = facts.rows >= 0 ? facts.rows : relation->rd_rel->reltuples;
	return rows * (get_relation_data_width(RelationGetRelid(relation), NULL) + SizeofHeapTupleHeader) /
		   BLCKSZ;
}

/*
 * A table that has this one as a child or partition takes its sample from both in proportion to their pages.
 * Zero would mean that the table was never analyzed.
 */
bool
rg_analyze_table(Relation relation, AcquireSampleRowsFunc *function, BlockNumber *pages)
{
	double taken = pages_of(relation);

	*pages = (BlockNumber) Max(1, Min(taken, (double) MaxBlockNumber));
	*function = acquire_rows;
	return true;
}
