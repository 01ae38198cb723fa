/*
 * data_source_list.c — pages of an organization's sources, by number or from a cursor on.
 *
 * One statement per sort field and direction, put together from the static texts below. They are planned for
 * each call's arguments, since a filter that is not given must cost nothing. The page is cut before anything
 * that only its rows need is read: where neither filter nor order need the state the planner drops that join,
 * and the usual orders are read off an index.
 *
 * The total is counted first, and what was counted says how the page is read: few rows by their ids, many by
 * going through the order until the page is full. Only the count looks at the index of searches then.
 */
#include "data_source_list.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "catalog.h"
#include "catalog/list_order.h"
#include "sql.h"

/* The parameters of every statement here; counting uses the filters only. */
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
	SHOWN,        /* of the rows that LIMIT lets through; the one more tells whether there is a next page */
	AFTER_ID,     /* null: from the beginning */
	AFTER_NULL,   /* the value there is null */
	AFTER_VALUE,  /* of the sort field's type */
	FOUND,        /* the ids of all rows that the filters let through; null: not known */
	WITHOUT_KEYS, /* the index of searches would not help */
	PARAMETERS
};

/* Up to so many ids are kept while counting. */
#define FEW "1000"

/* From so many rows on, and when the page is among the first of them by this factor, the order is gone
 * through. */
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

/* A search of fewer than three characters has no keys, and there the index is of no use. */
#define BY_KEYS                                                                                              \
	"(cardinality(" SEARCHED ") = 0 "                                                                        \
	"OR rivergen_catalog.search_keys(d.organization_id, d.search_text, d.tags) @> " SEARCHED ")"

/* To be completed by: column, condition behind the cursor, direction, place of nulls, type of the column. */
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

static void
prepare(RgStatement *statement, const char *text, int count, Oid value_type, int options)
{
	Oid types[PARAMETERS] = {INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID,    TEXTARRAYOID, INT8OID,
							 INT8OID, INT8OID, INT8OID, BOOLOID, value_type, INT8ARRAYOID, BOOLOID};
	SPIPlanPtr plan = SPI_prepare_cursor(text, count, types, options);

	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare a statement: %s", SPI_result_code_string(SPI_result));
	statement->plan = plan;
}

/* SQL for the rows behind the cursor. Nulls come last, whatever the direction. */
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
	if (statement->plan == NULL)
		prepare(statement,
				psprintf(PAGE, sort->column, behind_cursor(sort, order->descending ? "<" : ">"), direction,
						 sort->nullable ? " NULLS LAST" : "", sort->type),
				PARAMETERS, rg_sort_field_type(sort), CURSOR_OPT_CUSTOM_PLAN);
	return statement;
}

/* One status and nothing else: counted without looking at every source. Maintenance is no status of the
 * state. */
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

/* One status is counted the same way for everybody, so that is planned once. */
static RgStatement *
count_statement(const RgListFilter *filter)
{
	static RgStatement all, found, of_status;

	if (all.plan == NULL)
		prepare(&all, "SELECT count(*) " FILTERED, FILTERS, InvalidOid, CURSOR_OPT_CUSTOM_PLAN);
	if (found.plan == NULL)
		prepare(&found,
				"SELECT count(*), CASE WHEN count(*) <= " FEW
				" THEN coalesce(array_agg(d.data_source_id), '{}') END " FILTERED "AND " BY_KEYS,
				FILTERS, InvalidOid, CURSOR_OPT_CUSTOM_PLAN);
	if (of_status.plan == NULL)
		prepare(&of_status, COUNT_STATUS, FILTERS, InvalidOid, CURSOR_OPT_GENERIC_PLAN);
	if (is_status_only(filter))
		return &of_status;
	return is_search(filter) ? &found : &all;
}

typedef struct Arguments
{
	Datum values[PARAMETERS];
	char nulls[PARAMETERS];
} Arguments;

static void
set(Arguments *arguments, int parameter, Datum value)
{
	arguments->values[parameter] = value;
	arguments->nulls[parameter] = ' ';
}

static void
set_text(Arguments *arguments, int parameter, const char *text)
{
	if (text != NULL)
		set(arguments, parameter, CStringGetTextDatum(text));
}

static void
set_filter(Arguments *arguments, int64 organization_id, const RgListFilter *filter)
{
	memset(arguments->nulls, 'n', PARAMETERS);
	set(arguments, ORGANIZATION, Int64GetDatum(organization_id));
	if (filter->workspace_id != NULL)
		set(arguments, WORKSPACE, Int64GetDatum(*filter->workspace_id));
	set_text(arguments, TYPE, filter->type);
	set_text(arguments, STATUS, filter->status);
	set_text(arguments, SEARCH, filter->search);
	if (filter->tags != NULL)
		set(arguments, TAGS, PointerGetDatum(filter->tags));
	set(arguments, WITHOUT_KEYS, BoolGetDatum(!is_search(filter)));
}

static void
set_extent(Arguments *arguments, int64 limit, int64 offset, int64 shown)
{
	set(arguments, LIMIT, Int64GetDatum(limit));
	set(arguments, OFFSET, Int64GetDatum(offset));
	set(arguments, SHOWN, Int64GetDatum(shown));
}

/* A page so far out that its offset cannot be counted is as empty as any beyond the end. */
static int64
offset_of(int64 page, int64 page_size)
{
	return page - 1 > PG_INT64_MAX / page_size ? PG_INT64_MAX : (page - 1) * page_size;
}

static int64
count(const RgListFilter *filter, Arguments *arguments)
{
	int64 total;

	rg_catalog_read(count_statement(filter), arguments->values, arguments->nulls);
	total = rg_spi_int64(0, 1);
	if (is_search(filter) && !rg_spi_is_null(0, 2))
	{
		bool is_null;

		set(arguments, FOUND, PointerGetDatum(DatumGetArrayTypePCopy(rg_spi_datum(0, 2, &is_null))));
		set(arguments, WITHOUT_KEYS, BoolGetDatum(true));
	}
	return total;
}

/* With so many rows that the order is gone through for a short way only. */
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
		.types = {JSONBOID, INT8OID, INT8OID, INT8OID},
	};
	Datum values[] = {0, Int64GetDatum(page), Int64GetDatum(page_size), 0};
	int64 offset = offset_of(page, page_size);
	Arguments arguments = {0};
	int64 total;

	set_filter(&arguments, organization_id, filter);
	total = count(filter, &arguments);
	values[3] = Int64GetDatum(total);
	set_extent(&arguments, page_size, offset, page_size);
	if (offset < total && is_near(order, total, offset + page_size))
		set(&arguments, WITHOUT_KEYS, BoolGetDatum(true));
	rg_catalog_read(page_statement(order), arguments.values, arguments.nulls);
	values[0] = JsonbPGetDatum(rg_catalog_jsonb(0, 1));
	rg_catalog_read(&answer, values, NULL);
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
		.types = {JSONBOID, TEXTOID},
	};
	Arguments arguments = {0};
	Datum values[2] = {0};
	char *next;

	set_filter(&arguments, organization_id, filter);
	set_extent(&arguments, page_size + 1, 0, page_size);
	if (after != NULL)
	{
		set(&arguments, AFTER_ID, Int64GetDatum(after->id));
		set(&arguments, AFTER_NULL, BoolGetDatum(after->is_null));
		if (!after->is_null)
			set(&arguments, AFTER_VALUE, after->value);
	}
	rg_catalog_read(page_statement(order), arguments.values, arguments.nulls);
	values[0] = JsonbPGetDatum(rg_catalog_jsonb(0, 1));
	next = next_cursor(order);
	if (next != NULL)
		values[1] = CStringGetTextDatum(next);
	rg_catalog_read(&answer, values, next ? NULL : " n");
	return rg_catalog_jsonb(0, 1);
}
