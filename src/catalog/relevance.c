/*
 * relevance.c — how well relations answer to the words of a question (docs/search.md).
 *
 * Each stem of the question is a term. Besides itself a term has weaker words of the organization that
 * resemble it: short forms, longer words that begin or end with it, and similar ones where it is in no name.
 * Candidates are read by the index of stems: lists of relations by their names, columns and texts.
 * A list has an end: a term with more relations is common. It chooses none by itself, but together with
 * another one, in a source that the question names, or as the whole name of a relation. Every candidate is
 * weighed by all terms, and sources by the best that they have for each.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/tuplestore.h"

#include "catalog/term.h"
#include "catalog/words.h"
#include "compat.h"
#include "sql.h"

#define LIST_END       2000 /* relations in a list */
#define SMALL_SCOPE    3000 /* relations */
#define MOST_PAIRED    3
#define MOST_SAMPLED   100000
#define SAMPLE         64 /* one relation in so many: the index search_relation_sample */
#define MOST_RELATIONS 1000

#define NAME_WEIGHT   4.0
#define TEXT_WEIGHT   0.8
#define COLUMNS_USUAL 22.0
#define COPY_FACTOR   0.7

PG_FUNCTION_INFO_V1(rg_sql_context_scores);

typedef enum
{
	PLACE_NONE,
	PLACE_TABLE,
	PLACE_COLUMN,
	PLACE_TEXT
} Place;

typedef struct Match
{
	float weight;
	uint8 place;
	uint8 word;
	bool is_exact; /* the term itself is somewhere in the relation */
} Match;

typedef struct Source
{
	int64 id;
	float *best; /* of each term */
	double votes;
	bool is_gone;
} Source;

typedef struct Candidate
{
	int64 id;
	Source *source;
	Match *matches; /* of each term */
	bool is_copy;
	double score;
} Candidate;

typedef struct Ids
{
	const int32 *ids;
	int count;
} Ids;

typedef struct Relevance
{
	int64 organization_id;
	ArrayType *within;  /* NULL: all sources */
	ArrayType *schemas; /* NULL: all */
	RgTerm *terms;
	int count;
	int32 *copies; /* sorted */
	HTAB *candidates;
	HTAB *sources;
	double relations;
} Relevance;

/* Words in the names of copies. */
static const char *const copy_words[] = {"bak", "backup", "bkp",  "old",     "tmp",    "temp", "copi",
										 "stg", "stage",  "hist", "histori", "archiv", "test"};

/* ---- lists of ids ---- */

static ArrayType *
ids_of(const RgTerm *term)
{
	Datum ids[RG_TERM_WORDS];

	for (int i = 0; i < term->count; i++)
		ids[i] = Int32GetDatum(term->words[i].id);
	return construct_array(ids, term->count, INT4OID, sizeof(int32), true, TYPALIGN_INT);
}

static ArrayType *
one_id(int32 id)
{
	Datum ids[] = {Int32GetDatum(id)};

	return construct_array(ids, 1, INT4OID, sizeof(int32), true, TYPALIGN_INT);
}

/* ---- weighing ---- */

static bool
has_id(Ids ids, int32 id)
{
	int low = 0;
	int high = ids.count;

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (ids.ids[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ids.count && ids.ids[low] == id;
}

/* The ids of a cell of the current result, which lives as long as the result. */
static Ids
cell_ids(uint64 row, int column)
{
	bool is_null;
	ArrayType *array = DatumGetArrayTypeP(rg_spi_datum(row, column, &is_null));

	return (Ids){(const int32 *) ARR_DATA_PTR(array), ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array))};
}

/* names has the id of the whole name, too. */
static Match
match_of(const RgTerm *term, Ids names, Ids columns, Ids texts)
{
	Match match = {0};

	for (int i = 0; i < term->count; i++)
	{
		const RgTermWord *word = &term->words[i];
		double table = has_id(names, word->id) ? NAME_WEIGHT * (0.3 + 0.7 / Max(names.count - 1, 1)) : 0;
		double column = has_id(columns, word->id) ? 1 / (0.6 + 0.4 * columns.count / COLUMNS_USUAL) : 0;
		double text = has_id(texts, word->id) ? TEXT_WEIGHT : 0;
		float weight = word->factor * (table + column + text);

		if (weight > 0 && word->factor == 1)
			match.is_exact = true;
		if (weight > match.weight)
		{
			match.weight = weight;
			match.word = i;
			match.place = table > 0 ? PLACE_TABLE : column > text ? PLACE_COLUMN : PLACE_TEXT;
		}
	}
	return match;
}

static Source *
source_of(Relevance *relevance, int64 id)
{
	bool is_known;
	Source *source = hash_search(relevance->sources, &id, HASH_ENTER, &is_known);

	if (!is_known)
	{
		source->best = palloc0(sizeof(float) * relevance->count);
		source->votes = 0;
		source->is_gone = false;
	}
	return source;
}

/* The current result's row: source, relation, and the ids of its names, columns and texts. */
static void
add_candidate(Relevance *relevance, uint64 row)
{
	int64 id = rg_spi_int64(row, 2);
	bool is_known;
	Candidate *candidate = hash_search(relevance->candidates, &id, HASH_ENTER, &is_known);

	if (is_known)
		return;

	Ids names = cell_ids(row, 3);
	Ids columns = cell_ids(row, 4);
	Ids texts = cell_ids(row, 5);

	candidate->source = source_of(relevance, rg_spi_int64(row, 1));
	candidate->matches = palloc(sizeof(Match) * relevance->count);
	for (int i = 0; i < relevance->count; i++)
		candidate->matches[i] = match_of(&relevance->terms[i], names, columns, texts);
	candidate->is_copy = false;
	for (size_t i = 0; i < lengthof(copy_words) && !candidate->is_copy; i++)
		candidate->is_copy = has_id(names, relevance->copies[i]);
}

/* ---- lists of candidates ---- */

/*
 * The arguments of a list: organization, sources or NULL for all, schemas or NULL for all, ids of stems, ids
 * of other stems, and how many rows are read at most. A list is read by one index of stems; of given sources
 * also by their own index.
 */
#define ROWS "s.data_source_id, s.relation_id, s.name_stems, s.column_stems, s.text_stems"
#define LIST(what, source, condition, order)                                                                 \
	{                                                                                                        \
		.text =                                                                                              \
			"SELECT " what " FROM rivergen_catalog.search_relation s WHERE s.organization_id = $1 "          \
			"AND " source " AND ($3 IS NULL OR EXISTS (SELECT FROM rivergen_catalog.relation r "             \
			"WHERE r.organization_id = $1 AND r.relation_id = s.relation_id AND r.schema_name = ANY ($3))) " \
			"AND " condition order " LIMIT $6",                                                              \
		.types = {INT8OID, INT8ARRAYOID, TEXTARRAYOID, INT4ARRAYOID, INT4ARRAYOID, INT4OID},                 \
	}
#define ANY_SOURCE "$2::bigint[] IS NULL"
#define IN_SOURCES "s.data_source_id = ANY ($2)"

typedef struct RelationList
{
	RgStatement length_of_all;
	RgStatement length_in_sources;
	RgStatement rows_of_all;
	RgStatement rows_in_sources;
} RelationList;

#define RELATION_LIST(condition, order)                                                                      \
	{                                                                                                        \
		.length_of_all = LIST("1", ANY_SOURCE, condition, ""),                                               \
		.length_in_sources = LIST("1", IN_SOURCES, condition, ""),                                           \
		.rows_of_all = LIST(ROWS, ANY_SOURCE, condition, order),                                             \
		.rows_in_sources = LIST(ROWS, IN_SOURCES, condition, order),                                         \
	}

static RelationList in_names = RELATION_LIST("s.name_stems && $4 AND $5 IS NULL", "");
static RelationList in_columns = RELATION_LIST("s.column_stems && $4 AND $5 IS NULL", "");
static RelationList in_texts = RELATION_LIST("s.text_stems && $4 AND $5 IS NULL", "");
static RelationList both_in_names = RELATION_LIST("s.name_stems && $4 AND s.name_stems && $5", "");
static RelationList name_and_column = RELATION_LIST("s.name_stems && $4 AND s.column_stems && $5", "");
static RelationList first_in_names =
	RELATION_LIST("s.name_stems && $4 AND $5 IS NULL", " ORDER BY s.relation_id");
static RelationList first_in_columns =
	RELATION_LIST("s.column_stems && $4 AND $5 IS NULL", " ORDER BY s.relation_id");
static RelationList whole_scope = RELATION_LIST("$4 IS NULL AND $5 IS NULL", "");
static RelationList the_sample =
	RELATION_LIST("s.relation_id % 64 = 0 AND $4 IS NULL AND $5 IS NULL", " ORDER BY s.relation_id");

/* The rows are the current result. */
static uint64
read_list(const Relevance *relevance, RgStatement *list, const ArrayType *within, const ArrayType *ids,
		  const ArrayType *others, int most)
{
	Datum values[] = {Int64GetDatum(relevance->organization_id),
					  PointerGetDatum(within),
					  PointerGetDatum(relevance->schemas),
					  PointerGetDatum(ids),
					  PointerGetDatum(others),
					  Int32GetDatum(most)};
	char nulls[] = "      ";

	for (int i = 1; i < 5; i++)
		if (DatumGetPointer(values[i]) == NULL)
			nulls[i] = 'n';

	Portal portal = rg_spi_open(list, values, nulls);
	uint64 rows = rg_spi_fetch(portal, most);

	SPI_cursor_close(portal);
	CHECK_FOR_INTERRUPTS();
	return rows;
}

static void
add_rows(Relevance *relevance, uint64 rows)
{
	for (uint64 i = 0; i < rows; i++)
		add_candidate(relevance, i);
	SPI_freetuptable(SPI_tuptable);
}

/* Adds the relations of a list; false: there are too many, and none was added. */
static bool
add_list(Relevance *relevance, RelationList *list, const ArrayType *within, const ArrayType *ids,
		 const ArrayType *others)
{
	uint64 length = read_list(relevance, within != NULL ? &list->length_in_sources : &list->length_of_all,
							  within, ids, others, LIST_END + 1);

	SPI_freetuptable(SPI_tuptable);
	if (length > LIST_END)
		return false;
	if (length > 0)
		add_rows(relevance, read_list(relevance, within != NULL ? &list->rows_in_sources : &list->rows_of_all,
									  within, ids, others, LIST_END));
	return true;
}

/* Also the shorter list of a common term: of the relations that have it as their whole name. */
static void
add_lists_of_term(Relevance *relevance, RgTerm *term)
{
	const ArrayType *ids = ids_of(term);

	term->is_common_name = !add_list(relevance, &in_names, relevance->within, ids, NULL);
	term->is_common = !add_list(relevance, &in_columns, relevance->within, ids, NULL);
	term->is_common |= !add_list(relevance, &in_texts, relevance->within, ids, NULL);
	term->is_common |= term->is_common_name;
	if (term->is_common_name)
		add_list(relevance, &in_names, relevance->within,
				 one_id(rg_stem_id(relevance->organization_id, psprintf("=%s", term->stem))), NULL);
}

/* Of few relations in scope all are candidates. */
static void
add_lists(Relevance *relevance)
{
	if (relevance->within != NULL && relevance->relations <= SMALL_SCOPE)
		add_rows(relevance, read_list(relevance, &whole_scope.rows_in_sources, relevance->within, NULL, NULL,
									  2 * SMALL_SCOPE));
	else
		for (int i = 0; i < relevance->count; i++)
			add_lists_of_term(relevance, &relevance->terms[i]);
}

/* ---- how many relations have a term ---- */

static void
count_candidates(Relevance *relevance)
{
	HASH_SEQ_STATUS status;
	Candidate *candidate;

	hash_seq_init(&status, relevance->candidates);
	while ((candidate = hash_seq_search(&status)) != NULL)
		for (int i = 0; i < relevance->count; i++)
		{
			relevance->terms[i].relations += candidate->matches[i].is_exact;
			relevance->terms[i].resembling += candidate->matches[i].weight > 0;
		}
}

/* Of a common term the candidates are not all: a sample is counted. */
static void
count_common(Relevance *relevance)
{
	RgStatement *sample = relevance->within != NULL ? &the_sample.rows_in_sources : &the_sample.rows_of_all;
	uint64 rows = read_list(relevance, sample, relevance->within, NULL, NULL, MOST_SAMPLED);

	for (int t = 0; t < relevance->count; t++)
	{
		RgTerm *term = &relevance->terms[t];
		double found = 0;

		if (!term->is_common)
			continue;
		for (uint64 i = 0; i < rows; i++)
			found += match_of(term, cell_ids(i, 3), cell_ids(i, 4), cell_ids(i, 5)).weight > 0;
		term->relations = term->resembling =
			Max(found * SAMPLE, term->is_common_name ? LIST_END : LIST_END / 2);
	}
	SPI_freetuptable(SPI_tuptable);
}

static double
rarity(const Relevance *relevance, double found)
{
	found = Min(found, relevance->relations);
	return log(1 + (relevance->relations - found + 0.5) / (found + 0.5));
}

static void
find_rarities(Relevance *relevance)
{
	for (int i = 0; i < relevance->count; i++)
	{
		RgTerm *term = &relevance->terms[i];

		term->rarity = rarity(relevance, term->relations > 0 ? term->relations : term->resembling);
		term->rarity_of_itself = rarity(relevance, term->relations);
	}
}

static double
relations_in_scope(const Relevance *relevance)
{
	static RgStatement count = {
		.text = "SELECT coalesce(sum(c.relations_count), 0)::bigint FROM rivergen_catalog.schema_content c "
				"WHERE c.organization_id = $1 AND ($2 IS NULL OR c.data_source_id = ANY ($2))",
	};

	rg_spi_read(&count, rg_int8(relevance->organization_id),
				relevance->within != NULL ? rg_pointer(relevance->within, INT8ARRAYOID)
										  : rg_null(INT8ARRAYOID));
	return Max(rg_spi_int64(0, 1), 1);
}

/* ---- what sources are called ---- */

typedef struct Named
{
	int64 source_id;
	int term;
} Named;

/* The sources whose names or descriptions have the term; many: none. */
static void
find_named(const Relevance *relevance, int number, List **named)
{
	static RgStatement find = {
		.text = "SELECT data_source_id FROM rivergen_catalog.sources_named($1, $2, $3, 201)",
		.types = {INT8OID, TEXTOID, INT4OID},
	};
	const RgTerm *term = &relevance->terms[number];
	Portal portal = rg_spi_open(&find,
								(Datum[]){Int64GetDatum(relevance->organization_id),
										  CStringGetTextDatum(term->stem), Int32GetDatum(term->words[0].id)},
								NULL);
	uint64 rows = rg_spi_fetch(portal, 201);

	for (uint64 i = 0; rows <= 200 && i < rows; i++)
	{
		Named *one = palloc(sizeof(Named));

		*one = (Named){rg_spi_int64(i, 1), number};
		*named = lappend(*named, one);
	}
	SPI_cursor_close(portal);
}

static ArrayType *
sources_of(const List *named)
{
	Datum *ids = palloc(sizeof(Datum) * (list_length(named) + 1));
	int count = 0;
	ListCell *cell;

	foreach (cell, named)
		ids[count++] = Int64GetDatum(((const Named *) lfirst(cell))->source_id);
	return construct_array(ids, count, INT8OID, sizeof(int64), true, TYPALIGN_DOUBLE);
}

/* ---- which common terms choose together ---- */

static int
compare_terms(const void *a, const void *b)
{
	const RgTerm *left = *(RgTerm *const *) a;
	const RgTerm *right = *(RgTerm *const *) b;

	if (left->relations != right->relations)
		return left->relations < right->relations ? -1 : 1;
	return strcmp(left->stem, right->stem);
}

/* The common terms, the rarest first; their number. */
static int
common_terms(Relevance *relevance, RgTerm **common)
{
	int count = 0;

	for (int i = 0; i < relevance->count; i++)
		if (relevance->terms[i].is_common)
			common[count++] = &relevance->terms[i];
	qsort(common, count, sizeof(RgTerm *), compare_terms);
	return count;
}

static void
add_pairs(Relevance *relevance, RgTerm **common, int count)
{
	for (int i = 0; i < count; i++)
		for (int j = 0; common[i]->is_common_name && j < count; j++)
		{
			const ArrayType *one = one_id(common[i]->words[0].id);
			const ArrayType *other = one_id(common[j]->words[0].id);

			if (i < j && common[j]->is_common_name)
				add_list(relevance, &both_in_names, relevance->within, one, other);
			if (i != j)
				add_list(relevance, &name_and_column, relevance->within, one, other);
		}
}

/* When no list is short enough: the first relations of the rarest term. */
static void
add_first(Relevance *relevance, const RgTerm *term)
{
	RelationList *list = term->is_common_name ? &first_in_names : &first_in_columns;

	add_rows(relevance,
			 read_list(relevance, relevance->within != NULL ? &list->rows_in_sources : &list->rows_of_all,
					   relevance->within, one_id(term->words[0].id), NULL, LIST_END));
}

static void
add_common(Relevance *relevance, const List *named)
{
	RgTerm **common = palloc(sizeof(RgTerm *) * relevance->count);
	int count = common_terms(relevance, common);

	if (count == 0)
		return;
	for (int i = 0; named != NIL && i < count; i++)
	{
		add_list(relevance, &in_names, sources_of(named), ids_of(common[i]), NULL);
		add_list(relevance, &in_columns, sources_of(named), ids_of(common[i]), NULL);
	}
	add_pairs(relevance, common, Min(count, MOST_PAIRED));
	if (hash_get_num_entries(relevance->candidates) == 0)
		add_first(relevance, common[0]);
}

/* ---- scores ---- */

static double
saturated(const Relevance *relevance, const Candidate *candidate, int term)
{
	double weight = candidate->matches[term].weight;

	return relevance->terms[term].rarity * weight / (weight + 1);
}

static void
forget_deleted_sources(Relevance *relevance)
{
	static RgStatement find = {
		.text = "SELECT d.data_source_id FROM rivergen_catalog.data_source d WHERE d.organization_id = $1 "
				"AND d.data_source_id = ANY ($2) AND d.deleted_at IS NOT NULL",
		.types = {INT8OID, INT8ARRAYOID},
	};
	Datum *ids = palloc(sizeof(Datum) * (hash_get_num_entries(relevance->sources) + 1));
	HASH_SEQ_STATUS status;
	Source *source;
	int count = 0;

	hash_seq_init(&status, relevance->sources);
	while ((source = hash_seq_search(&status)) != NULL)
		ids[count++] = Int64GetDatum(source->id);

	ArrayType *array = construct_array(ids, count, INT8OID, sizeof(int64), true, TYPALIGN_DOUBLE);
	Portal portal = rg_spi_open(
		&find, (Datum[]){Int64GetDatum(relevance->organization_id), PointerGetDatum(array)}, NULL);
	uint64 rows = rg_spi_fetch(portal, count);

	for (uint64 i = 0; i < rows; i++)
		source_of(relevance, rg_spi_int64(i, 1))->is_gone = true;
	SPI_cursor_close(portal);
}

static double
most_votes(Relevance *relevance)
{
	HASH_SEQ_STATUS status;
	Source *source;
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
vote(Relevance *relevance, Candidate *const *candidates, int count, const List *named)
{
	ListCell *cell;

	for (int c = 0; c < count; c++)
		for (int i = 0; i < relevance->count; i++)
			candidates[c]->source->best[i] =
				Max(candidates[c]->source->best[i], (float) saturated(relevance, candidates[c], i));
	foreach (cell, named)
	{
		const Named *one = lfirst(cell);

		source_of(relevance, one->source_id)->votes += relevance->terms[one->term].rarity_of_itself;
	}
}

static int
compare_candidates(const void *a, const void *b)
{
	const Candidate *left = *(Candidate *const *) a;
	const Candidate *right = *(Candidate *const *) b;

	if (left->score != right->score)
		return left->score > right->score ? -1 : 1;
	return left->id < right->id ? -1 : left->id > right->id;
}

/* The candidates, best first. */
static Candidate **
scored(Relevance *relevance, const List *named, int *count)
{
	Candidate **candidates = palloc(sizeof(Candidate *) * (hash_get_num_entries(relevance->candidates) + 1));
	HASH_SEQ_STATUS status;
	Candidate *candidate;

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
	qsort(candidates, *count, sizeof(Candidate *), compare_candidates);
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
reasons(const Relevance *relevance, const Candidate *candidate)
{
	static const char *const places[] = {"", "table", "column", "text"};
	Reason *found = palloc(sizeof(Reason) * relevance->count);
	Datum *texts = palloc(sizeof(Datum) * relevance->count);
	int count = 0;

	for (int i = 0; i < relevance->count; i++)
	{
		const Match *match = &candidate->matches[i];
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

static HTAB *
table_of(const char *name, Size entry)
{
	HASHCTL control = {.keysize = sizeof(int64), .entrysize = entry, .hcxt = CurrentMemoryContext};

	return hash_create(name, 1024, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static void
prepare_terms(Relevance *relevance, ArrayType *stems, ArrayType *said)
{
	Datum *stem;
	Datum *word;
	int words;

	deconstruct_array(stems, TEXTOID, -1, false, TYPALIGN_INT, &stem, NULL, &relevance->count);
	deconstruct_array(said, TEXTOID, -1, false, TYPALIGN_INT, &word, NULL, &words);
	relevance->terms = palloc0(sizeof(RgTerm) * (relevance->count + 1));
	for (int i = 0; i < relevance->count; i++)
	{
		RgTerm *term = &relevance->terms[i];

		term->stem = TextDatumGetCString(stem[i]);
		term->said = i < words ? TextDatumGetCString(word[i]) : term->stem;
		rg_term_prepare(term, relevance->organization_id);
	}
	relevance->copies = palloc(sizeof(int32) * lengthof(copy_words));
	for (size_t i = 0; i < lengthof(copy_words); i++)
		relevance->copies[i] = rg_stem_id(relevance->organization_id, copy_words[i]);
}

static bool
has_common(const Relevance *relevance)
{
	for (int i = 0; i < relevance->count; i++)
		if (relevance->terms[i].is_common)
			return true;
	return false;
}

/* (organization_id, stems, said, within, schemas): see sql/objects/204_context_tables.sql. */
Datum
rg_sql_context_scores(PG_FUNCTION_ARGS)
{
	Relevance relevance = {
		.organization_id = PG_GETARG_INT64(0),
		.within = PG_ARGISNULL(3) ? NULL : PG_GETARG_ARRAYTYPE_P(3),
		.schemas = PG_ARGISNULL(4) ? NULL : PG_GETARG_ARRAYTYPE_P(4),
	};
	List *named = NIL;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	relevance.candidates = table_of("rivergen candidates", sizeof(Candidate));
	relevance.sources = table_of("rivergen sources", sizeof(Source));
	relevance.relations = relations_in_scope(&relevance);
	prepare_terms(&relevance, PG_GETARG_ARRAYTYPE_P(1), PG_GETARG_ARRAYTYPE_P(2));
	add_lists(&relevance);
	for (int i = 0; relevance.within == NULL && i < relevance.count; i++)
		find_named(&relevance, i, &named);
	count_candidates(&relevance);
	if (has_common(&relevance))
	{
		count_common(&relevance);
		add_common(&relevance, named);
	}
	find_rarities(&relevance);

	Candidate **best = scored(&relevance, named, &count);
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
