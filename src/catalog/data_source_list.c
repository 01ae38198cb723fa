/*
 * data_source_list.c — pages of an organization's sources, by number or from a cursor on.
 *
 * One statement per sort field and direction, put together from the static texts below. It is planned for the
 * arguments of each call, since an absent filter must cost nothing. The statement cuts the page before it
 * reads anything that only the page's rows need: if neither filter nor order needs the state, the planner
 * drops that join, and the usual orders come from an index.
 *
 * The total is counted first and decides how the page is read: few rows by their ids, many by walking the
 * order until the page is full. In the latter case only the count uses the index of searches.
 */
#include "data_source_list.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "settings.h"
#include "catalog/list_order.h"
#include "sql.h"

/* The parameters of every statement here; counting uses only the filters. */
enum
{
	ORGANIZATION,
	WORKSPACE,
	TYPE,
	STATUS,
	SEARCH,
	TAGS,
	FILTERS,
	LIMIT = FILTERS,
	OFFSET,
	SHOWN,        /* rows of the page; LIMIT may be one more, to find out whether there is a next page */
	AFTER_ID,     /* null: from the beginning */
	AFTER_NULL,   /* the value there is null */
	AFTER_VALUE,  /* of the sort field's type */
	FOUND,        /* the ids of all rows that the filters let through; null: not known */
	WITHOUT_KEYS, /* the index of searches would not help */
	PARAMETERS
};

/* Counting keeps at most this number of ids. */
#define FEW "1000"

/*
 * The order is walked if there are at least MANY rows and the page ends within the first 1/PAGE_SHARE of
 * them.
 */
#define MANY       5000
#define PAGE_SHARE 50

#define SEARCHED "rivergen_catalog.search_keys($1, rivergen_catalog.folded($5), $6)"

/* The state's own status is compared, so that its index can be used. */
#define FILTERED                                                                                             \
	"FROM rivergen_catalog.data_source d LEFT JOIN rivergen_catalog.data_source_state s "                    \
	"ON s.organization_id = d.organization_id AND s.data_source_id = d.data_source_id "                      \
	"WHERE d.organization_id = $1 AND d.deleted_at IS NULL "                                                 \
	"AND ($2 IS NULL OR d.workspace_id = $2) AND ($3 IS NULL OR d.type = $3) "                               \
	"AND ($4 IS NULL OR d.maintenance = ($4 = 'maintenance') AND ($4 = 'maintenance' OR s.status = $4)) "    \
	"AND ($5 IS NULL OR rivergen_catalog.contains(d.search_text, rivergen_catalog.folded($5))) "             \
	"AND ($6 IS NULL OR d.tags @> $6) "

/* A search of fewer than three characters has no keys and cannot use the index. */
#define BY_KEYS                                                                                              \
	"(cardinality(" SEARCHED ") = 0 "                                                                        \
	"OR rivergen_catalog.search_keys(d.organization_id, d.search_text, d.tags) @> " SEARCHED ")"

/* Format arguments: column, condition behind the cursor, direction, place of nulls, type of the column. */
#define PAGE                                                                                                 \
	"SELECT coalesce(jsonb_agg(d.item ORDER BY p.place) "                                                    \
	"FILTER (WHERE p.place <= $9), '[]'), coalesce(max(p.place), 0) > $9, "                                  \
	"(array_agg(p.id) FILTER (WHERE p.place = $9))[1], "                                                     \
	"(array_agg(p.key::%5$s) FILTER (WHERE p.place = $9))[1] "                                               \
	"FROM (SELECT cut.*, row_number() OVER () AS place FROM ("                                               \
	"SELECT d.data_source_id AS id, %1$s AS key " FILTERED "AND ($14 OR " BY_KEYS                            \
	") AND ($13 IS NULL OR d.data_source_id = ANY ($13)) "                                                   \
	"AND ($10 IS NULL OR %2$s) "                                                                             \
	"ORDER BY %1$s %3$s%4$s, d.data_source_id %3$s LIMIT $7 OFFSET $8) cut) p "                              \
	"JOIN rivergen_catalog.shown_data_source d ON d.organization_id = $1 AND d.data_source_id = p.id"

/* The condition of the rows behind the cursor. Nulls come last in both directions. */
static char *
behind_cursor(const RgSortField *sort, const char *comparison)
{
	if (!sort->nullable)
		return psprintf("(%s, d.data_source_id) %s ($12, $10)", sort->column, comparison);
	return psprintf("CASE WHEN $11 THEN %1$s IS NULL AND d.data_source_id %2$s $10 "
					"ELSE (%1$s, d.data_source_id) %2$s ($12, $10) OR %1$s IS NULL END",
					sort->column, comparison);
}

static RgStatement *
page_statement(const RgListOrder *order)
{
	static RgStatement *statements[2];
	const RgSortField *sort = rg_sort_field(order->field);
	const char *direction = order->descending ? "DESC" : "ASC";
	RgStatement *statement;

	if (statements[order->descending] == NULL)
		statements[order->descending] =
			MemoryContextAllocZero(TopMemoryContext, sizeof(RgStatement) * rg_sort_field_count);
	statement = &statements[order->descending][order->field];
	if (statement->text == NULL)
	{
		char *text = psprintf(PAGE, sort->column, behind_cursor(sort, order->descending ? "<" : ">"),
							  direction, sort->nullable ? " NULLS LAST" : "", sort->type);

		statement->options = CURSOR_OPT_CUSTOM_PLAN;
		statement->text = MemoryContextStrdup(TopMemoryContext, text);
	}
	return statement;
}

/* A filter by status alone is counted without reading every source. Maintenance is no status of the state. */
#define COUNT_STATUS                                                                                         \
	"SELECT (SELECT count(*) FROM rivergen_catalog.data_source_state s "                                     \
	"WHERE s.organization_id = $1 AND s.status = $4) - "                                                     \
	"(SELECT count(*) FROM rivergen_catalog.data_source d "                                                  \
	"JOIN rivergen_catalog.data_source_state s "                                                             \
	"ON s.organization_id = d.organization_id AND s.data_source_id = d.data_source_id "                      \
	"WHERE d.organization_id = $1 AND (d.maintenance OR d.deleted_at IS NOT NULL) AND s.status = $4)"

static bool
is_status_only(const RgListFilter *filter)
{
	return filter->status != NULL && strcmp(filter->status, "maintenance") != 0 &&
		   filter->workspace_id == NULL && filter->type == NULL && filter->search == NULL &&
		   filter->tags == NULL;
}

static bool
is_search(const RgListFilter *filter)
{
	return filter->search != NULL || filter->tags != NULL;
}

/* Counting one status needs the same plan for every organization, so it is planned once. */
static RgStatement *
count_statement(const RgListFilter *filter)
{
	static RgStatement all = {
		.text = "SELECT count(*) " FILTERED,
		.options = CURSOR_OPT_CUSTOM_PLAN,
	};
	static RgStatement found = {
		.text = "SELECT count(*), CASE WHEN count(*) <= " FEW
				" THEN coalesce(array_agg(d.data_source_id), '{}') END " FILTERED "AND " BY_KEYS,
		.options = CURSOR_OPT_CUSTOM_PLAN,
	};
	static RgStatement of_status = {
		.text = COUNT_STATUS,
		.options = CURSOR_OPT_GENERIC_PLAN,
	};

	if (is_status_only(filter))
		return &of_status;
	return is_search(filter) ? &found : &all;
}

static void
set_filter(RgArgument *arguments, int64 organization_id, const RgListFilter *filter)
{
	arguments[ORGANIZATION] = rg_int8(organization_id);
	arguments[WORKSPACE] = filter->workspace_id != NULL ? rg_int8(*filter->workspace_id) : rg_null(INT8OID);
	arguments[TYPE] = rg_text_or_null(filter->type);
	arguments[STATUS] = rg_text_or_null(filter->status);
	arguments[SEARCH] = rg_text_or_null(filter->search);
	arguments[TAGS] = filter->tags != NULL ? rg_pointer(filter->tags, TEXTARRAYOID) : rg_null(TEXTARRAYOID);
	arguments[FOUND] = rg_null(INT8ARRAYOID);
	arguments[WITHOUT_KEYS] = rg_bool(!is_search(filter));
}

static void
set_extent(RgArgument *arguments, int64 limit, int64 offset, int64 shown)
{
	arguments[LIMIT] = rg_int8(limit);
	arguments[OFFSET] = rg_int8(offset);
	arguments[SHOWN] = rg_int8(shown);
}

/* after NULL: from the beginning. */
static void
set_cursor(RgArgument *arguments, const RgListOrder *order, const RgListCursor *after)
{
	Oid type = rg_sort_field_type(rg_sort_field(order->field));

	arguments[AFTER_ID] = after != NULL ? rg_int8(after->id) : rg_null(INT8OID);
	arguments[AFTER_NULL] = after != NULL ? rg_bool(after->is_null) : rg_null(BOOLOID);
	arguments[AFTER_VALUE] =
		after != NULL && !after->is_null ? (RgArgument){after->value, type, false} : rg_null(type);
}

/* A page whose offset exceeds bigint is empty, as any page beyond the end. */
static int64
offset_of(int64 page, int64 page_size)
{
	return page - 1 > PG_INT64_MAX / page_size ? PG_INT64_MAX : (page - 1) * page_size;
}

static int64
count(const RgListFilter *filter, RgArgument *arguments)
{
	int64 total;

	rg_spi_read_list(count_statement(filter), arguments, FILTERS);
	total = rg_spi_int64(0, 1);
	if (is_search(filter) && !rg_spi_is_null(0, 2))
	{
		bool is_null;

		arguments[FOUND] = rg_pointer(DatumGetArrayTypePCopy(rg_spi_datum(0, 2, &is_null)), INT8ARRAYOID);
		arguments[WITHOUT_KEYS] = rg_bool(true);
	}
	return total;
}

/* Is the page so near the beginning that walking the order is cheap? */
static bool
is_near(const RgListOrder *order, int64 total, int64 end)
{
	return rg_sort_field(order->field)->indexed && total >= MANY && end <= total / PAGE_SHARE;
}

Jsonb *
rg_data_source_list(int64 organization_id, const RgListFilter *filter, const RgListOrder *order, int64 page,
					int64 page_size)
{
	static RgStatement answer = {
		.text = "SELECT jsonb_build_object('items', $1, "
				"'pagination', rivergen_catalog.pagination($2, $3, $4))",
	};
	int64 offset = offset_of(page, page_size);
	RgArgument arguments[PARAMETERS];
	int64 total;

	set_filter(arguments, organization_id, filter);
	total = count(filter, arguments);
	set_extent(arguments, page_size, offset, page_size);
	set_cursor(arguments, order, NULL);
	if (offset < total && is_near(order, total, offset + page_size))
		arguments[WITHOUT_KEYS] = rg_bool(true);
	rg_spi_read_list(page_statement(order), arguments, PARAMETERS);
	rg_spi_read(&answer, rg_jsonb(rg_catalog_jsonb(0, 1)), rg_int8(page), rg_int8(page_size), rg_int8(total));
	return rg_catalog_jsonb(0, 1);
}

/* The cursor of the last row shown, of the page that was just read; NULL when nothing comes after it. */
static char *
next_cursor(const RgListOrder *order)
{
	RgListCursor cursor;

	if (!rg_spi_bool(0, 2))
		return NULL;
	cursor.id = rg_spi_int64(0, 3);
	cursor.value = rg_spi_datum(0, 4, &cursor.is_null);
	return rg_list_cursor_write(order, &cursor);
}

Jsonb *
rg_data_source_list_after(int64 organization_id, const RgListFilter *filter, const RgListOrder *order,
						  const RgListCursor *after, int64 page_size)
{
	static RgStatement answer = {
		.text = "SELECT jsonb_build_object('items', $1, 'next_cursor', $2)",
	};
	RgArgument arguments[PARAMETERS];
	Jsonb *items;

	set_filter(arguments, organization_id, filter);
	set_extent(arguments, page_size + 1, 0, page_size);
	set_cursor(arguments, order, after);
	rg_spi_read_list(page_statement(order), arguments, PARAMETERS);
	items = rg_catalog_jsonb(0, 1);
	rg_spi_read(&answer, rg_jsonb(items), rg_text_or_null(next_cursor(order)));
	return rg_catalog_jsonb(0, 1);
}
