/*
 * context_table.c — reads what the schema context writes about relations.
 */
#include "catalog/context_table.h"

#include "access/detoast.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "catalog/context_text.h"
#include "json_value.h"
#include "sql.h"

#define LONGEST_TYPE   400
#define LONGEST_KIND   40
#define LONGEST_VALUE  60
#define MOST_VALUES    10
#define IMPORTANT_ONES 3
#define MOST_IN_LINE   20
#define MASK           "***"
#define MOST_BYTES     (INT64CONST(64) << 20) /* of documents: they are larger in memory than in a context */

/* What of the catalog tells about the columns of one relation. Containers are NULL where there is nothing. */
typedef struct Known
{
	const char *family;
	JsonbContainer *descriptions;
	JsonbContainer *categories;
	JsonbContainer *examples; /* rows */
	bool with_examples;
	bool with_descriptions;
} Known;

/* ---- values of documents ---- */

/* As the operator ->> has it. */
static char *
text_of(const JsonbValue *value)
{
	if (value == NULL)
		return NULL;
	switch (value->type)
	{
		case jbvString:
			return pnstrdup(value->val.string.val, value->val.string.len);
		case jbvNumeric:
			return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
		case jbvBool:
			return pstrdup(value->val.boolean ? "true" : "false");
		case jbvBinary:
			return JsonbToCString(NULL, value->val.binary.data, value->val.binary.len);
		default:
			return NULL;
	}
}

static JsonbValue *
member(JsonbContainer *object, const char *name)
{
	return object != NULL && JsonContainerIsObject(object) ? rg_json_member(object, name) : NULL;
}

static char *
member_text(JsonbContainer *object, const char *name)
{
	return text_of(member(object, name));
}

/* The array, or NULL. */
static JsonbContainer *
array_of(const JsonbValue *value)
{
	return value != NULL && value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data)
			   ? value->val.binary.data
			   : NULL;
}

static JsonbContainer *
member_array(JsonbContainer *object, const char *name)
{
	return array_of(member(object, name));
}

static JsonbContainer *
member_object(JsonbContainer *object, const char *name)
{
	const JsonbValue *value = member(object, name);

	return value != NULL && value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data)
			   ? value->val.binary.data
			   : NULL;
}

/* The elements of an array, of which there may be none. */
typedef struct Elements
{
	JsonbIterator *iterator;
	JsonbValue value;
} Elements;

static Elements
elements_of(JsonbContainer *array)
{
	Elements elements = {.iterator = array != NULL ? JsonbIteratorInit(array) : NULL};

	if (array != NULL)
		(void) JsonbIteratorNext(&elements.iterator, &elements.value, true);
	return elements;
}

static bool
next_element(Elements *elements)
{
	return elements->iterator != NULL &&
		   JsonbIteratorNext(&elements->iterator, &elements->value, true) == WJB_ELEM;
}

/* The element, or NULL when it is no object. */
static JsonbContainer *
element_object(const Elements *elements)
{
	return elements->value.type == jbvBinary && JsonContainerIsObject(elements->value.val.binary.data)
			   ? elements->value.val.binary.data
			   : NULL;
}

static int
length_of(JsonbContainer *array)
{
	return array != NULL ? (int) JsonContainerSize(array) : 0;
}

/* As they are. */
static List *
texts_of(JsonbContainer *array)
{
	Elements elements = elements_of(array);
	List *texts = NIL;

	while (next_element(&elements))
	{
		char *text = text_of(&elements.value);

		if (text != NULL)
			texts = lappend(texts, text);
	}
	return texts;
}

static List *
spelled(const List *names, const char *family)
{
	List *all = NIL;
	ListCell *cell;

	foreach (cell, names)
		all = lappend(all, rg_context_name(lfirst(cell), family));
	return all;
}

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

/* The names are sorted: a table may have as many columns in its keys as it has columns. */
static bool
has_name(const List *names, const char *name)
{
	int low = 0;
	int high = list_length(names);

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (strcmp(list_nth(names, middle), name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list_length(names) && strcmp(list_nth(names, low), name) == 0;
}

/* A text as a line that is as long as any level shows it; the text is freed. */
static char *
short_line(char *text)
{
	char *line = rg_context_line(text, RG_CONTEXT_LONGEST_TEXT);

	if (text != NULL)
		pfree(text);
	return line;
}

/* ---- examples ---- */

typedef struct Values
{
	StringInfoData list;
	int left; /* so many more are looked at */
} Values;

static void
add_value(Values *values, const char *text)
{
	const char *line = rg_context_line(text, LONGEST_VALUE);

	values->left--;
	if (line == NULL || strcmp(text, MASK) == 0)
		return;
	if (values->list.len > 1)
		appendStringInfoString(&values->list, ", ");
	escape_json(&values->list, line);
}

/* The values that the column may have, else the frequent ones, else those of the rows that are kept. */
static char *
examples_of(const Known *known, JsonbContainer *column, const char *name)
{
	const JsonbValue *listed = member(column, "enum");
	Values values = {.left = MOST_VALUES};

	if (listed == NULL)
		listed = member(known->categories, name);
	if (listed == NULL && known->examples == NULL)
		return NULL;

	Elements elements = elements_of(listed != NULL ? array_of(listed) : known->examples);

	initStringInfo(&values.list);
	appendStringInfoChar(&values.list, '[');
	while (values.left > 0 && next_element(&elements))
		add_value(&values,
				  listed != NULL ? text_of(&elements.value) : member_text(element_object(&elements), name));
	appendStringInfoChar(&values.list, ']');
	return values.list.len > 2 ? values.list.data : NULL;
}

/* ---- columns and keys ---- */

static RgContextColumn
column_of(JsonbContainer *column, const List *keys, const List *referring, const Known *known)
{
	const char *plain = member_text(column, "name");
	const char *type = rg_context_line(member_text(column, "type"), LONGEST_TYPE);
	const JsonbValue *not_null = member(column, "not_null");
	char *text = NULL;

	if (plain == NULL)
		plain = "";
	if (known->with_descriptions)
		text = member_text(known->descriptions, plain);
	if (known->with_descriptions && text == NULL)
		text = member_text(column, "comment");
	return (RgContextColumn){
		.plain = plain,
		.name = rg_context_name(plain, known->family),
		.type = type != NULL ? type : "unknown",
		.text = short_line(text),
		.values = known->with_examples ? examples_of(known, column, plain) : NULL,
		.is_key = has_name(keys, plain),
		.is_referring = has_name(referring, plain),
		.is_not_null = not_null != NULL && not_null->type == jbvBool && not_null->val.boolean,
	};
}

/* primary_key: its columns. The foreign keys are read. */
static void
read_columns(RgContextTable *table, JsonbContainer *document, const List *primary_key, const Known *known)
{
	JsonbContainer *columns = member_array(document, "columns");
	Elements elements = elements_of(columns);
	List *keys = list_copy(primary_key);
	List *referring = NIL;

	for (int i = 0; i < table->keys_count; i++)
		referring = list_concat(referring, table->keys[i].plain_columns);
	list_sort(keys, compare_names);
	list_sort(referring, compare_names);
	table->columns = palloc(sizeof(RgContextColumn) * (length_of(columns) + 1));
	while (next_element(&elements))
		table->columns[table->columns_count++] = column_of(element_object(&elements), keys, referring, known);
}

/* A key that tells no table is not shown. */
static void
read_keys(RgContextTable *table, JsonbContainer *keys, const char *family)
{
	Elements elements = elements_of(keys);

	table->keys = palloc(sizeof(RgContextKey) * (length_of(keys) + 1));
	while (next_element(&elements))
	{
		JsonbContainer *key = element_object(&elements);
		const char *schema = member_text(key, "schema");
		const char *name = member_text(key, "table");
		List *columns = texts_of(member_array(key, "columns"));
		List *referenced = texts_of(member_array(key, "referenced_columns"));

		if (schema == NULL)
			schema = table->plain_schema;
		if (name != NULL)
			table->keys[table->keys_count++] = (RgContextKey){
				.plain_schema = schema,
				.plain_table = name,
				.table = rg_context_table_name(schema, name, family),
				.columns = spelled(columns, family),
				.referenced = spelled(referenced, family),
				.plain_columns = columns,
				.plain_referenced = referenced,
			};
	}
}

/* Where a column stands among the important ones. */
typedef struct Place
{
	RgContextColumn *column;
	int stems;
} Place;

static int
compare_places(const void *a, const void *b)
{
	const Place *left = a;
	const Place *right = b;

	if (left->column->is_key != right->column->is_key)
		return left->column->is_key ? -1 : 1;
	if (left->column->is_referring != right->column->is_referring)
		return left->column->is_referring ? -1 : 1;
	if (left->stems != right->stems)
		return left->stems > right->stems ? -1 : 1;
	return (left->column > right->column) - (left->column < right->column);
}

void
rg_context_mark_important(RgContextTable *table, RgStemmer *stemmer, const List *stems)
{
	Place *places = palloc(sizeof(Place) * (table->columns_count + 1));
	int count = 0;

	for (int i = 0; i < table->columns_count; i++)
	{
		RgContextColumn *column = &table->columns[i];
		int found = rg_name_stems(stemmer, column->plain, stems);

		column->is_important = i < IMPORTANT_ONES || column->is_key || column->is_referring || found > 0;
		column->is_in_line = false;
		if (column->is_important)
			places[count++] = (Place){column, found};
	}
	qsort(places, count, sizeof(Place), compare_places);
	for (int i = 0; i < Min(count, MOST_IN_LINE); i++)
		places[i].column->is_in_line = true;
	pfree(places);
}

/* ---- relations ---- */

/* The cell's object or array in the memory context, or NULL. */
static JsonbContainer *
cell_container(uint64 row, int column, MemoryContext within)
{
	MemoryContext outer = MemoryContextSwitchTo(within);
	bool is_null;
	Datum value = rg_spi_datum(row, column, &is_null);
	JsonbContainer *container = is_null ? NULL : &DatumGetJsonbP(value)->root;

	MemoryContextSwitchTo(outer);
	return container;
}

/* The row of the current result; nothing of it stays in `scratch`. */
static RgContextTable
table_of(uint64 row, Known known, MemoryContext scratch)
{
	JsonbContainer *document = cell_container(row, 9, scratch);
	List *primary_key = texts_of(member_array(member_object(document, "primary_key"), "columns"));
	JsonbContainer *shards = member_object(document, "shards");
	const char *kind = rg_spi_text(row, 6);
	char *text = NULL;
	RgContextTable table = {
		.id = rg_spi_int64(row, 1),
		.source_id = rg_spi_int64(row, 2),
		.source_name = rg_spi_text(row, 3),
		.plain_schema = rg_spi_text(row, 4),
		.plain_name = rg_spi_text(row, 5),
		.kind = strcmp(kind, "table") != 0 ? rg_context_line(kind, LONGEST_KIND) : NULL,
		.columns_total = rg_spi_int32(row, 8),
		.shards = member_text(shards, "count"),
		.first_shard = member_text(shards, "first"),
	};

	known.family = rg_spi_text(row, 7);
	known.descriptions = cell_container(row, 11, scratch);
	known.categories = cell_container(row, 12, scratch);
	known.examples = cell_container(row, 13, scratch);
	table.name = rg_context_table_name(table.plain_schema, table.plain_name, known.family);
	if (known.with_descriptions)
		text = rg_spi_text(row, 10);
	if (known.with_descriptions && text == NULL)
		text = member_text(document, "comment");
	table.text = short_line(text);
	table.primary_key = spelled(primary_key, known.family);
	read_keys(&table, member_array(document, "foreign_keys"), known.family);
	read_columns(&table, document, primary_key, &known);
	return table;
}

/* The bytes of the row's documents. */
static int64
bytes_of(uint64 row)
{
	int64 bytes = 0;

	for (int column = 9; column <= 13; column++)
	{
		bool is_null;
		Datum value = rg_spi_datum(row, column, &is_null);

		bytes += is_null ? 0 : (int64) toast_raw_datum_size(value);
	}
	return bytes;
}

int
rg_context_tables_read(int64 organization_id, Datum ids, bool examples, bool descriptions,
					   RgContextTable **tables)
{
	static RgStatement read = {
		.text =
			"SELECT r.relation_id, r.data_source_id, d.name, r.schema_name, r.relation_name, r.kind, "
			"coalesce(rivergen_catalog.dialect_family(r.dialect), d.type), r.columns_count, r.document, "
			"r.description, r.column_descriptions, r.categories, r.examples "
			"FROM unnest($2) WITH ORDINALITY i (id, number) "
			"CROSS JOIN LATERAL (SELECT r.* FROM rivergen_catalog.relation r "
			"WHERE r.organization_id = $1 AND r.relation_id = i.id OFFSET 0) r "
			"JOIN rivergen_catalog.data_source d ON d.organization_id = $1 AND d.data_source_id = r.data_source_id "
			"ORDER BY i.number",
		.types = {INT8OID, INT8ARRAYOID},
	};
	Known known = {.with_examples = examples, .with_descriptions = descriptions};
	Portal portal = rg_spi_open(&read, (Datum[]){Int64GetDatum(organization_id), ids}, NULL);
	uint64 rows = rg_spi_fetch(portal, FETCH_ALL);
	MemoryContext scratch =
		AllocSetContextCreate(CurrentMemoryContext, "rivergen document", ALLOCSET_DEFAULT_SIZES);
	int64 bytes = 0;
	uint64 count = 0;

	*tables = palloc(sizeof(RgContextTable) * (rows + 1));
	for (; count < rows && ((bytes += bytes_of(count)) <= MOST_BYTES || count == 0); count++)
	{
		CHECK_FOR_INTERRUPTS();
		(*tables)[count] = table_of(count, known, scratch);
		MemoryContextReset(scratch);
	}
	SPI_cursor_close(portal);
	return (int) count;
}
