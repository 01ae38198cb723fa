/*
 * context.c — the schema as text for writers of queries: which relations, how much fits, and the answer.
 */
#include "catalog/context.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "catalog/context_format.h"
#include "catalog/context_sources.h"
#include "catalog/context_table.h"
#include "catalog/context_text.h"
#include "catalog/settings.h"
#include "catalog/words.h"
#include "compat.h"
#include "error.h"
#include "json_value.h"
#include "sql.h"

#define MOST_TABLES     1000
#define MOST_CHOSEN     20 /* when a question chooses */
#define BYTES_A_TOKEN   3.5
#define BYTES_OF_TABLE  20 /* at least */
#define BYTES_OF_COLUMN 12
#define BYTES_BEHIND    100 /* what is kept for the lines behind the tables */
#define NAMES_SHARE     8   /* their names take an eighth of the budget */

/* What a caller wants, and what is found for it. */
typedef struct Search
{
	int64 organization_id;
	const RgContext *wanted;
	ArrayType *within;  /* NULL: all sources */
	ArrayType *said;    /* the words of the question */
	ArrayType *stems;   /* theirs */
	int64 tables_total; /* in scope */
	int64 columns_total;
} Search;

/* A relation that was chosen. shards: so many tables by date from first_shard, or so many partitions of it;
 * 0: it is one. */
typedef struct Pick
{
	int64 id;
	Datum score;
	ArrayType *why;
	int64 shards;
	const char *first_shard;
	int64 hidden; /* other tables in scope that it stands for */
} Pick;

/* ---- which relations ---- */

static ArrayType *
ids_array(Datum *ids, int count)
{
	return construct_array(ids, count, INT8OID, sizeof(int64), true, TYPALIGN_DOUBLE);
}

static RgArgument
array_or_null(const ArrayType *array, Oid type)
{
	return array != NULL ? rg_pointer(array, type) : rg_null(type);
}

static ArrayType *
cell_array(uint64 row, int column)
{
	bool is_null;

	return DatumGetArrayTypePCopy(rg_spi_datum(row, column, &is_null));
}

static void
read_words(Search *search)
{
	static RgStatement read = {
		.text = "SELECT q.said, rivergen_catalog.stems(array_to_string(q.said, '  ')) "
				"FROM (SELECT rivergen_catalog.question_words($1) AS said OFFSET 0) q",
	};

	rg_spi_read(&read, rg_text(search->wanted->question != NULL ? search->wanted->question : ""));
	search->said = cell_array(0, 1);
	search->stems = cell_array(0, 2);
}

static void
read_scope(Search *search)
{
	static RgStatement read = {
		.text =
			"SELECT s.tables_total, s.columns_total FROM rivergen_catalog.context_scope($1, $2, $3, $4) s",
	};

	rg_spi_read(&read, rg_int8(search->organization_id), array_or_null(search->within, INT8ARRAYOID),
				array_or_null(search->wanted->schemas, TEXTARRAYOID),
				array_or_null(search->wanted->tables, TEXTARRAYOID));
	search->tables_total = rg_spi_int64(0, 1);
	search->columns_total = rg_spi_int64(0, 2);
}

/* The wanted names that nothing in scope has; NULL: no names are wanted. 404 if that is all of the schemas or
 * all of the tables. */
static Jsonb *
read_unknown(const Search *search)
{
	static RgStatement read = {
		.text = "SELECT u.unknown, u.message, u.detail, u.hint "
				"FROM rivergen_catalog.context_unknown($1, $2, $3, $4) u",
	};

	if (search->wanted->schemas == NULL && search->wanted->tables == NULL)
		return NULL;
	rg_spi_read(&read, rg_int8(search->organization_id), array_or_null(search->within, INT8ARRAYOID),
				array_or_null(search->wanted->schemas, TEXTARRAYOID),
				array_or_null(search->wanted->tables, TEXTARRAYOID));
	if (!rg_spi_is_null(0, 2))
		rg_fail(RG_NOT_FOUND, rg_spi_text(0, 2), rg_spi_text(0, 3), rg_spi_text(0, 4));
	return rg_catalog_jsonb(0, 1);
}

/* Whether all in scope is shown, as far as it fits; else the question chooses. */
static bool
is_everything(const Search *search)
{
	return ARR_NDIM(search->stems) == 0 || search->wanted->tables != NULL ||
		   (search->tables_total <= MOST_TABLES &&
			search->tables_total * BYTES_OF_TABLE + search->columns_total * BYTES_OF_COLUMN <=
				search->wanted->budget * BYTES_A_TOKEN);
}

static int
choose(const Search *search, Pick **picks)
{
	static RgStatement find = {
		.text = "SELECT p.relation_id, p.score, p.why, p.shards, p.first_shard, p.hidden "
				"FROM rivergen_catalog.context_picks($1, $2, $3, $4, $5, $6, $7, $8) p",
		.types = {INT8OID, TEXTARRAYOID, TEXTARRAYOID, INT8ARRAYOID, TEXTARRAYOID, TEXTARRAYOID, BOOLOID,
				  INT4OID},
	};
	const RgContext *wanted = search->wanted;
	bool everything = is_everything(search);
	int most = wanted->max_tables > 0 ? wanted->max_tables : everything ? MOST_TABLES : MOST_CHOSEN;
	Datum values[] = {Int64GetDatum(search->organization_id),
					  PointerGetDatum(search->stems),
					  PointerGetDatum(search->said),
					  PointerGetDatum(search->within),
					  PointerGetDatum(wanted->schemas),
					  PointerGetDatum(wanted->tables),
					  BoolGetDatum(everything),
					  Int32GetDatum(most)};
	const char nulls[] = {' ',
						  ' ',
						  ' ',
						  search->within != NULL ? ' ' : 'n',
						  wanted->schemas != NULL ? ' ' : 'n',
						  wanted->tables != NULL ? ' ' : 'n',
						  ' ',
						  ' ',
						  '\0'};
	Portal portal = rg_spi_open(&find, values, nulls);
	uint64 rows = rg_spi_fetch(portal, most);

	*picks = palloc(sizeof(Pick) * (rows + 1));
	for (uint64 i = 0; i < rows; i++)
	{
		bool is_null;

		(*picks)[i] = (Pick){
			.id = rg_spi_int64(i, 1),
			.score = rg_spi_datum(i, 2, &is_null),
			.why = cell_array(i, 3),
			.shards = rg_spi_int64(i, 4),
			.first_shard = rg_spi_text(i, 5),
			.hidden = rg_spi_int64(i, 6),
		};
	}
	SPI_cursor_close(portal);
	return (int) rows;
}

static ArrayType *
picked_ids(const Pick *picks, int count)
{
	Datum *ids = palloc(sizeof(Datum) * (count + 1));

	for (int i = 0; i < count; i++)
		ids[i] = Int64GetDatum(picks[i].id);
	return ids_array(ids, count);
}

/* Tables that are not shown because another one stands for them. */
static int64
collapsed(const Pick *picks, int count)
{
	int64 sum = 0;

	for (int i = 0; i < count; i++)
		sum += picks[i].hidden;
	return sum;
}

/* ---- what is known about them ---- */

static bool
are_of_several_sources(const RgContextTable *tables, int count)
{
	for (int i = 1; i < count; i++)
		if (tables[i].source_id != tables[0].source_id)
			return true;
	return false;
}

/* "source 3 "name", 12 tables by date from "x_20240101"", or a part of that; NULL: none. */
static char *
label_of(const RgContextTable *table, const Pick *pick)
{
	bool is_one = pick->shards == 0; /* of several that the source takes for one, perhaps */
	const char *count = is_one ? table->shards : psprintf(INT64_FORMAT, pick->shards);
	const char *first =
		rg_context_quoted(is_one ? table->first_shard : pick->first_shard, RG_CONTEXT_LONGEST_SOURCE);
	StringInfoData label;

	initStringInfo(&label);
	if (table->source != NULL)
		appendStringInfo(&label, "%s %s", table->source,
						 rg_context_source_name(table->source_name, RG_CONTEXT_LONGEST_SOURCE));
	if (count != NULL)
		appendStringInfo(&label, "%s%s ", table->source != NULL ? ", " : "", count);
	if (count != NULL && first != NULL)
		appendStringInfo(&label, "tables by date from %s", first);
	else if (count != NULL)
		appendStringInfoString(&label, pick->shards == 1 ? "partition" : "partitions");
	return label.len > 0 ? label.data : NULL;
}

static void
set_labels(RgContextTable *tables, const Pick *picks, int count)
{
	bool are_several = are_of_several_sources(tables, count);

	for (int i = 0; i < count; i++)
	{
		tables[i].source = are_several ? psprintf("source " INT64_FORMAT, tables[i].source_id) : NULL;
		tables[i].label = label_of(&tables[i], &picks[i]);
	}
}

/* ---- how much fits ---- */

static List *
strings_of(ArrayType *texts)
{
	List *strings = NIL;
	Datum *elements;
	int count;

	deconstruct_array(texts, TEXTOID, -1, false, TYPALIGN_INT, &elements, NULL, &count);
	for (int i = 0; i < count; i++)
		strings = lappend(strings, TextDatumGetCString(elements[i]));
	return strings;
}

static void
mark_important(const Search *search, RgContextTable *tables, int count)
{
	RgStemmer *stemmer = rg_stemmer(CurrentMemoryContext);
	const List *stems = strings_of(search->stems);

	for (int i = 0; i < count; i++)
		rg_context_mark_important(&tables[i], stemmer, stems);
}

/* Writes the bodies at a level, and stops when there are more bytes. True: all fit. */
static bool
write_level(RgContextFormat format, RgContextTable *tables, int count, RgContextLevel level, int64 bytes,
			RgContextBody *bodies)
{
	for (int i = 0; i < count && bytes >= 0; i++)
	{
		bodies[i] = rg_context_body(format, &tables[i], level);
		bytes -= bodies[i].bytes;
		CHECK_FOR_INTERRUPTS();
	}
	return bytes >= 0;
}

/* The most of the first tables that fit with more, while the others have less; -1: not even with less for
 * all. less NULL: the others are left out. */
static int
first_that_fit(const RgContextBody *more, const RgContextBody *less, int count, int64 bytes)
{
	int64 sum = 0;
	int most;

	for (int i = 0; less != NULL && i < count; i++)
		sum += less[i].bytes;
	most = sum <= bytes ? 0 : -1;
	for (int i = 0; i < count; i++)
	{
		sum += more[i].bytes - (less != NULL ? less[i].bytes : 0);
		if (sum <= bytes)
			most = i + 1;
	}
	return most;
}

/*
 * Writes what fits into the bytes; the number of tables. It gives up, in this order: examples, long texts,
 * unimportant columns; then, from the last table on, all but a line, all but the name, and the table.
 */
static int
fit(const Search *search, RgContextFormat format, RgContextTable *tables, int count, int64 bytes,
	RgContextBody *bodies)
{
	RgContextBody *less = palloc(sizeof(RgContextBody) * (count + 1));

	for (RgContextLevel level = RG_CONTEXT_ALL; level < RG_CONTEXT_IMPORTANT_COLUMNS; level++)
		if (write_level(format, tables, count, level, bytes, bodies))
			return count;
	mark_important(search, tables, count);
	(void) write_level(format, tables, count, RG_CONTEXT_IMPORTANT_COLUMNS, PG_INT64_MAX, bodies);
	for (RgContextLevel level = RG_CONTEXT_LINE; level <= RG_CONTEXT_NAME; level++)
	{
		(void) write_level(format, tables, count, level, PG_INT64_MAX, less);

		int first = first_that_fit(bodies, less, count, bytes);
		int kept = Max(first, 0);

		memcpy(bodies + kept, less + kept, sizeof(RgContextBody) * (count - kept));
		if (first >= 0)
			return count;
	}
	return Max(first_that_fit(bodies, NULL, count, bytes), 0);
}

/* ---- the answer ---- */

static JsonbValue *
texts_value(ArrayType *texts)
{
	JsonbParseState *array = NULL;
	ListCell *cell;

	pushJsonbValue(&array, WJB_BEGIN_ARRAY, NULL);
	foreach (cell, strings_of(texts))
		pushJsonbValue(&array, WJB_ELEM, rg_json_text(lfirst(cell)));
	return pushJsonbValue(&array, WJB_END_ARRAY, NULL);
}

static JsonbValue *
number_value(Datum float8)
{
	JsonbValue *value = palloc0(sizeof(JsonbValue));

	value->type = jbvNumeric;
	value->val.numeric = DatumGetNumeric(DirectFunctionCall3(
		numeric_in, DirectFunctionCall1(float8out, float8), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	return value;
}

static JsonbValue *
table_value(const RgContextTable *table, const Pick *pick, const RgContextBody *body)
{
	JsonbParseState *object = NULL;

	pushJsonbValue(&object, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(&object, "id", rg_json_text(psprintf(INT64_FORMAT, table->id)));
	rg_json_put(&object, "data_source_id", rg_json_integer(table->source_id));
	rg_json_put(&object, "table_schema", rg_json_text(table->plain_schema));
	rg_json_put(&object, "table_name", rg_json_text(table->plain_name));
	rg_json_put(&object, "score", number_value(pick->score));
	rg_json_put(&object, "why", texts_value(pick->why));
	rg_json_put(&object, "columns_shown", rg_json_integer(body->columns_shown));
	rg_json_put(&object, "columns_total", rg_json_integer(table->columns_total));
	return pushJsonbValue(&object, WJB_END_OBJECT, NULL);
}

static JsonbValue *
tables_value(const RgContextTable *tables, const Pick *picks, const RgContextBody *bodies, int count)
{
	JsonbParseState *array = NULL;

	pushJsonbValue(&array, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < count; i++)
		pushJsonbValue(&array, WJB_ELEM, table_value(&tables[i], &picks[i], &bodies[i]));
	return pushJsonbValue(&array, WJB_END_ARRAY, NULL);
}

static int
compare_tables(const void *a, const void *b)
{
	const RgContextTable *left = *(const RgContextTable *const *) a;
	const RgContextTable *right = *(const RgContextTable *const *) b;
	int by_schema = strcmp(left->plain_schema, right->plain_schema);

	if (left->source_id != right->source_id)
		return left->source_id < right->source_id ? -1 : 1;
	return by_schema != 0 ? by_schema : strcmp(left->plain_name, right->plain_name);
}

/* Pairs of columns. */
static JsonbValue *
pairs_value(const RgContextKey *key)
{
	JsonbParseState *array = NULL;

	pushJsonbValue(&array, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < list_length(key->plain_columns); i++)
	{
		bool is_known = i < list_length(key->plain_referenced);

		pushJsonbValue(&array, WJB_BEGIN_ARRAY, NULL);
		pushJsonbValue(&array, WJB_ELEM, rg_json_text(list_nth(key->plain_columns, i)));
		pushJsonbValue(&array, WJB_ELEM,
					   is_known ? rg_json_text(list_nth(key->plain_referenced, i)) : rg_json_null());
		pushJsonbValue(&array, WJB_END_ARRAY, NULL);
	}
	return pushJsonbValue(&array, WJB_END_ARRAY, NULL);
}

/* The foreign keys between the tables that are shown. */
static JsonbValue *
joins_value(const RgContextTable *tables, int count)
{
	const RgContextTable **sorted = palloc(sizeof(RgContextTable *) * (count + 1));
	JsonbParseState *array = NULL;

	for (int i = 0; i < count; i++)
		sorted[i] = &tables[i];
	qsort(sorted, count, sizeof(RgContextTable *), compare_tables);
	pushJsonbValue(&array, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < count; i++)
		for (int k = 0; k < tables[i].keys_count; k++)
		{
			const RgContextKey *key = &tables[i].keys[k];
			const RgContextTable *wanted = &(RgContextTable){.source_id = tables[i].source_id,
															 .plain_schema = key->plain_schema,
															 .plain_name = key->plain_table};
			const RgContextTable **found =
				bsearch(&wanted, sorted, count, sizeof(RgContextTable *), compare_tables);

			if (found == NULL)
				continue;
			pushJsonbValue(&array, WJB_BEGIN_OBJECT, NULL);
			rg_json_put(&array, "data_source_id", rg_json_integer(tables[i].source_id));
			rg_json_put(&array, "from", rg_json_text(tables[i].name));
			rg_json_put(&array, "to", rg_json_text((*found)->name));
			rg_json_put(&array, "columns", pairs_value(key));
			pushJsonbValue(&array, WJB_END_OBJECT, NULL);
		}
	return pushJsonbValue(&array, WJB_END_ARRAY, NULL);
}

static JsonbValue *
omitted_value(int64 tables, int64 columns)
{
	JsonbParseState *object = NULL;

	pushJsonbValue(&object, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(&object, "tables", rg_json_integer(tables));
	rg_json_put(&object, "columns", rg_json_integer(columns));
	return pushJsonbValue(&object, WJB_END_OBJECT, NULL);
}

/* unknown NULL: all names were found. */
static JsonbValue *
not_found_value(Jsonb *unknown)
{
	static const char *const members[] = {"schemas", "tables"};
	JsonbParseState *object = NULL;

	if (unknown != NULL)
		return rg_json_container(unknown);
	pushJsonbValue(&object, WJB_BEGIN_OBJECT, NULL);
	for (size_t i = 0; i < lengthof(members); i++)
		rg_json_put(&object, members[i], texts_value(construct_empty_array(TEXTOID)));
	return pushJsonbValue(&object, WJB_END_OBJECT, NULL);
}

static JsonbValue *
text_or_null(const char *text)
{
	return text != NULL ? rg_json_text(text) : rg_json_null();
}

/* Without the hint when there are more bytes with it. */
static void
write_head(StringInfo context, RgContextFormat format, const RgContextSources *sources, bool hints,
		   int64 bytes)
{
	rg_context_write_head(context, format, sources->names, sources->dialect, hints);
	if (!hints || context->len <= bytes)
		return;
	resetStringInfo(context);
	rg_context_write_head(context, format, sources->names, sources->dialect, false);
}

Jsonb *
rg_context(int64 organization_id, const RgContext *wanted)
{
	Search search = {.organization_id = organization_id, .wanted = wanted};
	RgContextFormat format = rg_context_format(wanted->format);
	JsonbParseState *answer = NULL;
	StringInfoData context;
	RgContextTable *tables;
	Pick *picks;

	if (wanted->data_source_id != 0)
		search.within = ids_array((Datum[]){Int64GetDatum(wanted->data_source_id)}, 1);

	Jsonb *unknown = read_unknown(&search);

	read_words(&search);
	read_scope(&search);

	int picked = choose(&search, &picks);
	ArrayType *ids = picked_ids(picks, picked);
	int64 bytes = (int64) (wanted->budget * BYTES_A_TOKEN);
	RgContextSources sources = rg_context_sources(organization_id, ids, bytes / NAMES_SHARE);
	int count = rg_context_tables_read(organization_id, PointerGetDatum(ids), wanted->examples,
									   wanted->descriptions, &tables);
	RgContextBody *bodies = palloc(sizeof(RgContextBody) * (count + 1));

	set_labels(tables, picks, count);
	initStringInfo(&context);
	write_head(&context, format, &sources, wanted->hints, bytes / 2);
	count = fit(&search, format, tables, count, bytes - context.len - BYTES_BEHIND, bodies);

	int64 tables_omitted = search.tables_total - count - collapsed(picks, picked);
	int64 columns_omitted = 0;

	for (int i = 0; i < count; i++)
		columns_omitted += tables[i].columns_total - bodies[i].columns_shown;
	rg_context_write_bodies(&context, format, bodies, count);
	rg_context_write_foot(&context, format, bodies, count, tables_omitted, columns_omitted);

	pushJsonbValue(&answer, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(&answer, "context", rg_json_string(context.data, context.len));
	rg_json_put(&answer, "format", rg_json_text(wanted->format));
	rg_json_put(&answer, "dialect", text_or_null(sources.dialect));
	rg_json_put(&answer, "tokens_estimated", rg_json_integer((int64) ceil(context.len / BYTES_A_TOKEN)));
	rg_json_put(&answer, "tables", tables_value(tables, picks, bodies, count));
	rg_json_put(&answer, "joins", joins_value(tables, count));
	rg_json_put(&answer, "omitted", omitted_value(tables_omitted, columns_omitted));
	rg_json_put(&answer, "not_found", not_found_value(unknown));
	rg_json_put(&answer, "discovered_at", text_or_null(sources.discovered_at));
	return JsonbValueToJsonb(pushJsonbValue(&answer, WJB_END_OBJECT, NULL));
}
