/*
 * relevance.c — how well relations answer to the words of a question (docs/search.md).
 *
 * Each stem of the question is a term. Besides itself a term has weaker words of the organization that
 * resemble it: short forms, longer words that begin or end with it, and similar ones where it is in no name.
 * Every candidate is weighed by all terms, and sources by the best that they have for each.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "catalog/candidates.h"
#include "compat.h"
#include "sql.h"

#define MOST_RELATIONS 1000
#define COPY_FACTOR    0.7

PG_FUNCTION_INFO_V1(rg_sql_context_scores);

/* ---- scores ---- */

static double
saturated(const RgRelevance *relevance, const RgCandidate *candidate, int term)
{
	double weight = candidate->matches[term].weight;

	return relevance->terms[term].rarity * weight / (weight + 1);
}

static void
forget_deleted_sources(RgRelevance *relevance)
{
	static RgStatement find = {
		.text = "SELECT d.data_source_id FROM rivergen_catalog.data_source d WHERE d.organization_id = $1 "
				"AND d.data_source_id = ANY ($2) AND d.deleted_at IS NOT NULL",
		.types = {INT8OID, INT8ARRAYOID},
	};
	Datum *ids = palloc(sizeof(Datum) * (hash_get_num_entries(relevance->sources) + 1));
	HASH_SEQ_STATUS status;
	RgVotingSource *source;
	int count = 0;

	hash_seq_init(&status, relevance->sources);
	while ((source = hash_seq_search(&status)) != NULL)
		ids[count++] = Int64GetDatum(source->id);

	ArrayType *array = construct_array(ids, count, INT8OID, sizeof(int64), true, TYPALIGN_DOUBLE);
	Portal portal = rg_spi_open(
		&find, (Datum[]){Int64GetDatum(relevance->organization_id), PointerGetDatum(array)}, NULL);
	uint64 rows = rg_spi_fetch(portal, count);

	for (uint64 i = 0; i < rows; i++)
		rg_candidates_source(relevance, rg_spi_int64(i, 1))->is_gone = true;
	SPI_cursor_close(portal);
}

static double
most_votes(RgRelevance *relevance)
{
	HASH_SEQ_STATUS status;
	RgVotingSource *source;
	double most = 0;

	hash_seq_init(&status, relevance->sources);
	while ((source = hash_seq_search(&status)) != NULL)
	{
		for (int i = 0; i < relevance->count; i++)
			source->votes += source->best[i];
		if (!source->is_gone)
			most = Max(most, source->votes);
	}
	return most;
}

/* Each source has the best that its relations have for a term, and what its name and description have. */
static void
vote(RgRelevance *relevance, RgCandidate *const *candidates, int count, const List *named)
{
	ListCell *cell;

	for (int c = 0; c < count; c++)
		for (int i = 0; i < relevance->count; i++)
			candidates[c]->source->best[i] =
				Max(candidates[c]->source->best[i], (float) saturated(relevance, candidates[c], i));
	foreach (cell, named)
	{
		const RgNamedSource *one = lfirst(cell);

		rg_candidates_source(relevance, one->source_id)->votes +=
			relevance->terms[one->term].rarity_of_itself;
	}
}

static int
compare_candidates(const void *a, const void *b)
{
	const RgCandidate *left = *(RgCandidate *const *) a;
	const RgCandidate *right = *(RgCandidate *const *) b;

	if (left->score != right->score)
		return left->score > right->score ? -1 : 1;
	return left->id < right->id ? -1 : left->id > right->id;
}

/* The candidates, best first. */
static RgCandidate **
scored(RgRelevance *relevance, const List *named, int *count)
{
	RgCandidate **candidates =
		palloc(sizeof(RgCandidate *) * (hash_get_num_entries(relevance->candidates) + 1));
	HASH_SEQ_STATUS status;
	RgCandidate *candidate;

	*count = 0;
	hash_seq_init(&status, relevance->candidates);
	while ((candidate = hash_seq_search(&status)) != NULL)
		candidates[(*count)++] = candidate;
	vote(relevance, candidates, *count, named);
	forget_deleted_sources(relevance);

	double most = most_votes(relevance);

	for (int c = 0; c < *count; c++)
	{
		double share = most > 0 ? candidates[c]->source->votes / most : 0;
		double sum = 0;

		for (int i = 0; i < relevance->count; i++)
			sum += saturated(relevance, candidates[c], i);
		candidates[c]->score = candidates[c]->source->is_gone
								   ? 0
								   : sum * share * share * (candidates[c]->is_copy ? COPY_FACTOR : 1);
	}
	qsort(candidates, *count, sizeof(RgCandidate *), compare_candidates);
	return candidates;
}

/* ---- the answer ---- */

typedef struct Reason
{
	double weight;
	char *text;
} Reason;

static int
compare_reasons(const void *a, const void *b)
{
	const Reason *left = a;
	const Reason *right = b;

	if (left->weight != right->weight)
		return left->weight > right->weight ? -1 : 1;
	return strcmp(left->text, right->text);
}

/* "table: orders", "column: cust (customers)": where the words are, the weightiest first. */
static Datum
reasons(const RgRelevance *relevance, const RgCandidate *candidate)
{
	static const char *const places[] = {"", "table", "column", "text"};
	Reason *found = palloc(sizeof(Reason) * relevance->count);
	Datum *texts = palloc(sizeof(Datum) * relevance->count);
	int count = 0;

	for (int i = 0; i < relevance->count; i++)
	{
		const RgMatch *match = &candidate->matches[i];
		const RgTermWord *word = &relevance->terms[i].words[match->word];

		if (match->place == PLACE_NONE)
			continue;
		found[count].weight = saturated(relevance, candidate, i);
		found[count++].text =
			match->word == 0
				? psprintf("%s: %s", places[match->place], relevance->terms[i].said)
				: psprintf("%s: %s (%s)", places[match->place], word->stem, relevance->terms[i].said);
	}
	qsort(found, count, sizeof(Reason), compare_reasons);
	for (int i = 0; i < count; i++)
		texts[i] = CStringGetTextDatum(found[i].text);
	return PointerGetDatum(construct_array(texts, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* (organization_id, stems, said, within, schemas): see sql/objects/204_context_tables.sql. */
Datum
rg_sql_context_scores(PG_FUNCTION_ARGS)
{
	RgRelevance relevance = {
		.organization_id = PG_GETARG_INT64(0),
		.within = PG_ARGISNULL(3) ? NULL : PG_GETARG_ARRAYTYPE_P(3),
		.schemas = PG_ARGISNULL(4) ? NULL : PG_GETARG_ARRAYTYPE_P(4),
	};
	List *named;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	named = rg_candidates_find(&relevance, PG_GETARG_ARRAYTYPE_P(1), PG_GETARG_ARRAYTYPE_P(2));

	RgCandidate **best = scored(&relevance, named, &count);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	for (int i = 0; i < Min(count, MOST_RELATIONS) && best[i]->score > 0; i++)
	{
		Datum values[] = {Int64GetDatum(best[i]->source->id), Int64GetDatum(best[i]->id),
						  Float8GetDatum(best[i]->score), reasons(&relevance, best[i])};
		bool nulls[lengthof(values)] = {false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	SPI_finish();
	PG_RETURN_NULL();
}
