#include "catalog/candidates.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "catalog/words.h"
#include "compat.h"
#include "sql.h"

#define LIST_END      2000 /* relations in a list */
#define SURELY_LONG   4000 /* by the sample */
#define SMALL_SCOPE   3000 /* relations */
#define MOST_PAIRED   3
#define MOST_SAMPLED  100000
#define SAMPLE        64 /* one relation in so many: the index search_relation_sample */
#define NAME_WEIGHT   4.0
#define TEXT_WEIGHT   0.8
#define COLUMNS_USUAL 22.0

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
has_id(RgIds ids, int32 id)
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
static RgIds
cell_ids(uint64 row, int column)
{
	bool is_null;
	ArrayType *array = DatumGetArrayTypeP(rg_spi_datum(row, column, &is_null));

	return (RgIds){(const int32 *) ARR_DATA_PTR(array), ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array))};
}

/* The names have the id of the whole name, too. */
static RgMatch
match_of(const RgTerm *term, const RgStemLists *stems)
{
	RgMatch match = {0};

	for (int i = 0; i < term->count; i++)
	{
		const RgTermWord *word = &term->words[i];
		double table =
			has_id(stems->names, word->id) ? NAME_WEIGHT * (0.3 + 0.7 / Max(stems->names.count - 1, 1)) : 0;
		double column =
			has_id(stems->columns, word->id) ? 1 / (0.6 + 0.4 * stems->columns.count / COLUMNS_USUAL) : 0;
		double text = has_id(stems->texts, word->id) ? TEXT_WEIGHT : 0;
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

RgVotingSource *
rg_candidates_source(RgRelevance *relevance, int64 id)
{
	bool is_known;
	RgVotingSource *source = hash_search(relevance->sources, &id, HASH_ENTER, &is_known);

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
add_candidate(RgRelevance *relevance, uint64 row)
{
	int64 id = rg_spi_int64(row, 2);
	bool is_known;
	RgCandidate *candidate = hash_search(relevance->candidates, &id, HASH_ENTER, &is_known);

	if (is_known)
		return;

	RgStemLists stems = {cell_ids(row, 3), cell_ids(row, 4), cell_ids(row, 5)};

	candidate->source = rg_candidates_source(relevance, rg_spi_int64(row, 1));
	candidate->matches = palloc(sizeof(RgMatch) * relevance->count);
	for (int i = 0; i < relevance->count; i++)
		candidate->matches[i] = match_of(&relevance->terms[i], &stems);
	candidate->is_copy = false;
	for (size_t i = 0; i < lengthof(copy_words) && !candidate->is_copy; i++)
		candidate->is_copy = has_id(stems.names, relevance->copies[i]);
}

/* ---- lists of candidates ---- */

/*
 * The arguments of a list: organization, sources or NULL for all, schemas or NULL for all, ids of stems, ids
 * of other stems, and how many rows are read at most. A list is read by one index of stems; of given sources
 * also by their own index.
 */
#define LIST(source, condition, order)                                                                       \
	{                                                                                                        \
		.text =                                                                                              \
			"SELECT s.data_source_id, s.relation_id, s.name_stems, s.column_stems, s.text_stems "            \
			"FROM rivergen_catalog.search_relation s WHERE s.organization_id = $1 "                          \
			"AND " source " AND ($3 IS NULL OR EXISTS (SELECT FROM rivergen_catalog.relation r "             \
			"WHERE r.organization_id = $1 AND r.relation_id = s.relation_id AND r.schema_name = ANY ($3))) " \
			"AND " condition order " LIMIT $6",                                                              \
		.types = {INT8OID, INT8ARRAYOID, TEXTARRAYOID, INT4ARRAYOID, INT4ARRAYOID, INT4OID},                 \
	}
#define ANY_SOURCE "$2::bigint[] IS NULL"
#define IN_SOURCES "s.data_source_id = ANY ($2)"

typedef struct RelationList
{
	RgStatement of_all;
	RgStatement in_sources;
} RelationList;

#define RELATION_LIST(condition, order)                                                                      \
	{                                                                                                        \
		.of_all = LIST(ANY_SOURCE, condition, order), .in_sources = LIST(IN_SOURCES, condition, order),      \
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
static RelationList the_sample = RELATION_LIST("s.relation_id % 64 = 0 AND $4 IS NULL AND $5 IS NULL",
											   " ORDER BY s.data_source_id, s.relation_id");

/* The rows are the current result. */
static uint64
read_list(const RgRelevance *relevance, RelationList *list, const ArrayType *within, const ArrayType *ids,
		  const ArrayType *others, int most)
{
	RgStatement *statement = within != NULL ? &list->in_sources : &list->of_all;
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

	Portal portal = rg_spi_open(statement, values, nulls);
	uint64 rows = rg_spi_fetch(portal, most);

	SPI_cursor_close(portal);
	CHECK_FOR_INTERRUPTS();
	return rows;
}

static void
add_rows(RgRelevance *relevance, uint64 rows)
{
	for (uint64 i = 0; i < rows; i++)
		add_candidate(relevance, i);
	SPI_freetuptable(SPI_tuptable);
}

/* Adds the relations of a list; false: there are too many, and none was added. */
static bool
add_list(RgRelevance *relevance, RelationList *list, const ArrayType *within, const ArrayType *ids,
		 const ArrayType *others)
{
	uint64 rows = read_list(relevance, list, within, ids, others, LIST_END + 1);

	if (rows > LIST_END)
		SPI_freetuptable(SPI_tuptable);
	else
		add_rows(relevance, rows);
	return rows <= LIST_END;
}

/* ---- the sample ---- */

/* It stays until the connection to SPI ends. */
static void
read_sample(RgRelevance *relevance)
{
	int rows = (int) read_list(relevance, &the_sample, relevance->within, NULL, NULL, MOST_SAMPLED);

	relevance->sample = palloc(sizeof(RgStemLists) * (rows + 1));
	for (int i = 0; i < rows; i++)
		relevance->sample[i] = (RgStemLists){cell_ids(i, 3), cell_ids(i, 4), cell_ids(i, 5)};
	relevance->sampled = rows;
}

static bool
has_word_of(const RgTerm *term, RgIds ids)
{
	for (int i = 0; i < term->count; i++)
		if (has_id(ids, term->words[i].id))
			return true;
	return false;
}

/* Adds a list, unless so many relations of the sample are in it that reading to its end would find it too
 * long. */
static bool
add_list_unless_long(RgRelevance *relevance, RelationList *list, int sampled, const ArrayType *ids)
{
	return sampled * SAMPLE <= SURELY_LONG && add_list(relevance, list, relevance->within, ids, NULL);
}

/* Also the shorter list of a common term: of the relations that have it as their whole name. */
static void
add_lists_of_term(RgRelevance *relevance, RgTerm *term)
{
	const ArrayType *ids = ids_of(term);
	int names = 0;
	int columns = 0;
	int texts = 0;

	for (int i = 0; i < relevance->sampled; i++)
	{
		names += has_word_of(term, relevance->sample[i].names);
		columns += has_word_of(term, relevance->sample[i].columns);
		texts += has_word_of(term, relevance->sample[i].texts);
	}
	term->is_common_name = !add_list_unless_long(relevance, &in_names, names, ids);
	term->is_common = !add_list_unless_long(relevance, &in_columns, columns, ids);
	term->is_common |= !add_list_unless_long(relevance, &in_texts, texts, ids);
	term->is_common |= term->is_common_name;
	if (term->is_common_name)
		add_list(relevance, &in_names, relevance->within,
				 one_id(rg_stem_id(relevance->organization_id, psprintf("=%s", term->stem))), NULL);
}

/* Of few relations in scope all are candidates. */
static void
add_lists(RgRelevance *relevance)
{
	if (relevance->within != NULL && relevance->relations <= SMALL_SCOPE)
	{
		add_rows(relevance,
				 read_list(relevance, &whole_scope, relevance->within, NULL, NULL, 2 * SMALL_SCOPE));
		return;
	}
	read_sample(relevance);
	for (int i = 0; i < relevance->count; i++)
		add_lists_of_term(relevance, &relevance->terms[i]);
}

/* ---- how many relations have a term ---- */

static void
count_candidates(RgRelevance *relevance)
{
	HASH_SEQ_STATUS status;
	RgCandidate *candidate;

	hash_seq_init(&status, relevance->candidates);
	while ((candidate = hash_seq_search(&status)) != NULL)
		for (int i = 0; i < relevance->count; i++)
		{
			relevance->terms[i].relations += candidate->matches[i].is_exact;
			relevance->terms[i].resembling += candidate->matches[i].weight > 0;
		}
}

/* Of a common term the candidates are not all: the sample is counted. */
static void
count_common(RgRelevance *relevance)
{
	for (int t = 0; t < relevance->count; t++)
	{
		RgTerm *term = &relevance->terms[t];
		double found = 0;

		if (!term->is_common)
			continue;
		for (int i = 0; i < relevance->sampled; i++)
			found += match_of(term, &relevance->sample[i]).weight > 0;
		term->relations = term->resembling =
			Max(found * SAMPLE, term->is_common_name ? LIST_END : LIST_END / 2);
	}
}

static double
rarity(const RgRelevance *relevance, double found)
{
	found = Min(found, relevance->relations);
	return log(1 + (relevance->relations - found + 0.5) / (found + 0.5));
}

static void
find_rarities(RgRelevance *relevance)
{
	for (int i = 0; i < relevance->count; i++)
	{
		RgTerm *term = &relevance->terms[i];

		term->rarity = rarity(relevance, term->relations > 0 ? term->relations : term->resembling);
		term->rarity_of_itself = rarity(relevance, term->relations);
	}
}

static double
relations_in_scope(const RgRelevance *relevance)
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

/* The sources whose names or descriptions have the term; many: none. */
static void
find_named(const RgRelevance *relevance, int number, List **named)
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
		RgNamedSource *one = palloc(sizeof(RgNamedSource));

		*one = (RgNamedSource){rg_spi_int64(i, 1), number};
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
		ids[count++] = Int64GetDatum(((const RgNamedSource *) lfirst(cell))->source_id);
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
common_terms(RgRelevance *relevance, RgTerm **common)
{
	int count = 0;

	for (int i = 0; i < relevance->count; i++)
		if (relevance->terms[i].is_common)
			common[count++] = &relevance->terms[i];
	qsort(common, count, sizeof(RgTerm *), compare_terms);
	return count;
}

static void
add_pairs(RgRelevance *relevance, RgTerm **common, int count)
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
add_first(RgRelevance *relevance, const RgTerm *term)
{
	RelationList *list = term->is_common_name ? &first_in_names : &first_in_columns;

	add_rows(relevance,
			 read_list(relevance, list, relevance->within, one_id(term->words[0].id), NULL, LIST_END));
}

static void
add_common(RgRelevance *relevance, const List *named)
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

/* ---- all of them ---- */

static HTAB *
table_of(const char *name, Size entry)
{
	HASHCTL control = {.keysize = sizeof(int64), .entrysize = entry, .hcxt = CurrentMemoryContext};

	return hash_create(name, 1024, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static void
prepare_terms(RgRelevance *relevance, ArrayType *stems, ArrayType *said)
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
has_common(const RgRelevance *relevance)
{
	for (int i = 0; i < relevance->count; i++)
		if (relevance->terms[i].is_common)
			return true;
	return false;
}

List *
rg_candidates_find(RgRelevance *relevance, ArrayType *stems, ArrayType *said)
{
	List *named = NIL;

	relevance->candidates = table_of("rivergen candidates", sizeof(RgCandidate));
	relevance->sources = table_of("rivergen sources", sizeof(RgVotingSource));
	relevance->relations = relations_in_scope(relevance);
	prepare_terms(relevance, stems, said);
	add_lists(relevance);
	for (int i = 0; relevance->within == NULL && i < relevance->count; i++)
		find_named(relevance, i, &named);
	count_candidates(relevance);
	if (has_common(relevance))
	{
		count_common(relevance);
		add_common(relevance, named);
	}
	find_rarities(relevance);
	return named;
}
