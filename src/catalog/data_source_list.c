/*
 * data_source_list.c — pages of an organization's sources.
 *
 * One statement per sort field and direction, put together from the static texts below. They are planned for
 * each call's arguments, since a filter that is not given must cost nothing. The page is cut from data_source
 * alone where neither filter nor order need the state: then the planner drops that join, and the default
 * order is read off an index.
 */
#include "catalog/catalog.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "catalog/internal.h"

typedef struct SortField
{
	const char *column;
	bool nullable; /* NULLS LAST, which costs the index its use */
} SortField;

#define SORT_FIELDS 21

const char *const rg_sort_fields[SORT_FIELDS] = {
	"id",
	"organization_id",
	"workspace_id",
	"name",
	"type",
	"description",
	"host",
	"port",
	"database_name",
	"schema_name",
	"file_path",
	"use_ssh_tunnel",
	"ssh_host",
	"ssh_port",
	"status",
	"last_tested_at",
	"last_successful_connection_at",
	"schema_discovered_at",
	"schema_auto_refresh",
	"created_at",
	"updated_at",
};
const int rg_sort_field_count = SORT_FIELDS;

/* In the same order. */
static const SortField sort_fields[SORT_FIELDS] = {
	{"d.data_source_id", false},
	{"d.organization_id", false},
	{"d.workspace_id", true},
	{"d.name", false},
	{"d.type", false},
	{"d.description", true},
	{"d.host", true},
	{"d.port", true},
	{"d.database_name", true},
	{"d.schema_name", true},
	{"d.file_path", true},
	{"d.use_ssh_tunnel", false},
	{"d.ssh_host", true},
	{"d.ssh_port", true},
	{RG_SQL_STATUS, false},
	{"s.last_tested_at", true},
	{"s.last_successful_connection_at", true},
	{"s.schema_discovered_at", true},
	{"d.schema_auto_refresh", false},
	{"d.created_at", false},
	{"d.updated_at", false},
};

/* The parameters of every statement here; counting does not use the last two. */
enum
{
	ORGANIZATION,
	WORKSPACE,
	TYPE,
	STATUS,
	SEARCH,
	LIMIT,
	OFFSET,
	PARAMETERS
};

#define FILTERED                                                                                             \
	"FROM rivergen_catalog.data_source d LEFT JOIN rivergen_catalog.data_source_state s "                    \
	"ON s.organization_id = d.organization_id AND s.data_source_id = d.data_source_id "                      \
	"WHERE d.organization_id = $1 AND d.deleted_at IS NULL "                                                 \
	"AND ($2 IS NULL OR d.workspace_id = $2) AND ($3 IS NULL OR d.type = $3) "                               \
	"AND ($4 IS NULL OR " RG_SQL_STATUS " = $4) "                                                            \
	"AND ($5 IS NULL OR strpos(lower(d.name), lower($5)) > 0 OR strpos(lower(d.description), lower($5)) > "  \
	"0)"

#define ITEM                                                                                                 \
	"jsonb_build_object('id', d.data_source_id, 'organization_id', d.organization_id, "                      \
	"'workspace_id', d.workspace_id, 'name', d.name, 'type', d.type, 'description', d.description, "         \
	"'host', d.host, 'port', d.port, 'database_name', d.database_name, 'schema_name', d.schema_name, "       \
	"'file_path', d.file_path, 'use_ssh_tunnel', d.use_ssh_tunnel, 'ssh_host', d.ssh_host, "                 \
	"'ssh_port', d.ssh_port, 'status', " RG_SQL_STATUS ", "                                                  \
	"'last_tested_at', " RG_SQL_TIME(                                                                        \
		"s.last_tested_at") ", "                                                                             \
							"'last_successful_connection_at', " RG_SQL_TIME(                                 \
								"s.last_successful_connection_"                                              \
								"at") ", "                                                                   \
									  "'schema_discovered_at',"                                              \
									  " " RG_SQL_TIME(                                                       \
										  "s.schema_discovered_"                                             \
										  "at") ", "                                                         \
												"'schema_auto_"                                              \
												"refresh', "                                                 \
												"d.schema_auto_"                                             \
												"refresh, "                                                  \
												"'tags', "                                                   \
												"d.tags, "                                                   \
												"'created_at',"                                              \
												" " RG_SQL_TIME("d.created_"                                 \
																"at") ", "                                   \
																	  "'upd"                                 \
																	  "ated"                                 \
																	  "_at'"                                 \
																	  ","                                    \
																	  " " RG_SQL_TIME("d.updated_at") ")"

#define PAGE_BEFORE_ORDER                                                                                    \
	"SELECT coalesce(jsonb_agg(" ITEM " ORDER BY d.place), '[]') "                                           \
	"FROM (SELECT cut.*, row_number() OVER () AS place FROM (SELECT d.* " FILTERED " ORDER BY "
#define PAGE_AFTER_ORDER                                                                                     \
	" LIMIT $6 OFFSET $7) cut) d "                                                                           \
	"JOIN rivergen_catalog.data_source_state s "                                                             \
	"ON s.organization_id = d.organization_id AND s.data_source_id = d.data_source_id"

static void
prepare(RgStatement *statement, const char *text)
{
	static const Oid types[PARAMETERS] = {INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID, INT8OID, INT8OID};
	SPIPlanPtr plan = SPI_prepare_cursor(text, PARAMETERS, (Oid *) types, CURSOR_OPT_CUSTOM_PLAN);

	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare a statement: %s", SPI_result_code_string(SPI_result));
	statement->plan = plan;
}

static RgStatement *
page_statement(int field, bool descending)
{
	static RgStatement statements[SORT_FIELDS][2];
	RgStatement *statement = &statements[field][descending];
	const SortField *sort = &sort_fields[field];
	const char *direction = descending ? "DESC" : "ASC";

	if (statement->plan == NULL)
		prepare(statement, psprintf(PAGE_BEFORE_ORDER "%s %s%s, d.data_source_id %s" PAGE_AFTER_ORDER,
									sort->column, direction, sort->nullable ? " NULLS LAST" : "", direction));
	return statement;
}

static RgStatement *
count_statement(void)
{
	static RgStatement statement;

	if (statement.plan == NULL)
		prepare(&statement, "SELECT count(*) " FILTERED);
	return &statement;
}

static int
find_sort_field(const char *name)
{
	for (int i = 0; i < SORT_FIELDS; i++)
	{
		if (strcmp(rg_sort_fields[i], name) == 0)
			return i;
	}
	elog(ERROR, "no such sort field");
}

static void
set_text(Datum *values, char *nulls, int parameter, const char *text)
{
	nulls[parameter] = text ? ' ' : 'n';
	values[parameter] = text ? CStringGetTextDatum(text) : (Datum) 0;
}

static void
put(JsonbParseState **state, const char *name, JsonbValue *value)
{
	JsonbValue key = {.type = jbvString};

	key.val.string.val = unconstify(char *, name);
	key.val.string.len = strlen(name);
	pushJsonbValue(state, WJB_KEY, &key);
	pushJsonbValue(state, WJB_VALUE, value);
}

static void
put_integer(JsonbParseState **state, const char *name, int64 number)
{
	JsonbValue value = {.type = jbvNumeric};

	value.val.numeric = int64_to_numeric(number);
	put(state, name, &value);
}

static void
put_boolean(JsonbParseState **state, const char *name, bool truth)
{
	JsonbValue value = {.type = jbvBool};

	value.val.boolean = truth;
	put(state, name, &value);
}

static Jsonb *
build_pagination(int64 page, int64 page_size, int64 total)
{
	JsonbParseState *state = NULL;
	int64 pages = (total + page_size - 1) / page_size;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	put_integer(&state, "page", page);
	put_integer(&state, "page_size", page_size);
	put_integer(&state, "total_items", total);
	put_integer(&state, "total_pages", pages);
	put_boolean(&state, "has_next", page < pages);
	put_boolean(&state, "has_previous", page > 1);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

static JsonbValue
as_value(Jsonb *container)
{
	JsonbValue value = {.type = jbvBinary};

	value.val.binary.data = &container->root;
	value.val.binary.len = VARSIZE(container) - VARHDRSZ;
	return value;
}

static Jsonb *
build_list(Jsonb *items, Jsonb *pagination)
{
	JsonbParseState *state = NULL;
	JsonbValue value = as_value(items);

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	put(&state, "items", &value);
	value = as_value(pagination);
	put(&state, "pagination", &value);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* A page so far out that its offset cannot be counted is as empty as any beyond the end. */
static int64
offset_of(int64 page, int64 page_size)
{
	return page - 1 > PG_INT64_MAX / page_size ? PG_INT64_MAX : (page - 1) * page_size;
}

Jsonb *
rg_data_source_list(int64 organization_id, const RgListFilter *filter, const char *sort_by, bool descending,
					int64 page, int64 page_size)
{
	char nulls[PARAMETERS] = {' ', filter->workspace_id ? ' ' : 'n', ' ', ' ', ' ', ' ', ' '};
	Datum values[PARAMETERS] = {
		[ORGANIZATION] = Int64GetDatum(organization_id),
		[WORKSPACE] = Int64GetDatum(filter->workspace_id ? *filter->workspace_id : 0),
		[LIMIT] = Int64GetDatum(page_size),
		[OFFSET] = Int64GetDatum(offset_of(page, page_size)),
	};
	int64 total;

	set_text(values, nulls, TYPE, filter->type);
	set_text(values, nulls, STATUS, filter->status);
	set_text(values, nulls, SEARCH, filter->search);
	rg_catalog_read(count_statement(), values, nulls);
	total = rg_sql_int64(0, 1);
	rg_catalog_read(page_statement(find_sort_field(sort_by), descending), values, nulls);
	return build_list(rg_catalog_jsonb(0, 1), build_pagination(page, page_size, total));
}
