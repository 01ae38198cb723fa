/*
 * query.c — runs one statement of SQL. The services parse it, and run a single one that only reads; the one
 * of OpenSearch can be set to delete, so that what does not begin as a question is refused here.
 *
 * Rows come in pages, and the service keeps a cursor between them, which is closed when no more are wanted.
 */
#include "connectors/elasticsearch/query.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/input.h"
#include "connectors/common/memory.h"
#include "connectors/common/row_frames.h"
#include "connectors/elasticsearch/value.h"

#define PAGE_ROWS       1000
#define MOST_PAGE_BYTES (64 << 20)
#define MOST_END_BYTES  (1 << 20)

/* What the two services call the same. */
typedef struct Words
{
	const char *path;
	const char *close_path;
	const char *columns;
	const char *rows;
} Words;

static const Words of_elasticsearch = {"/_sql", "/_sql/close", "columns", "rows"};
static const Words of_opensearch = {"/_plugins/_sql", "/_plugins/_sql/close", "schema", "datarows"};

typedef struct Query
{
	Cluster *cluster;
	const QueryRequest *request;
	const Words *words;
	Field *fields; /* the columns' types */
	ReadColumn *columns;
	int column_count;
	JsonTree *page;
	char *cursor; /* NULL: there are no more rows */
	RowFrames frames;
	WireBuffer text; /* of one value */
} Query;

/* ---- faults of the text ---- */

static void give_up_text(const char *message, const char *detail, const char *hint, int64_t position)
	__attribute__((noreturn));

static void
give_up_text(const char *message, const char *detail, const char *hint, int64_t position)
{
	give_up(&(Failure){.step = "query",
					   .code = "query",
					   .message = message,
					   .detail = detail,
					   .hint = hint,
					   .position = position});
}

/* "line 2:7: …": the character of the text, from 1; 0 if that is not said. */
static int64_t
position_of(const char *text, const char *reason)
{
	const char *told = strstr(reason, "line ");
	int64_t position = 0;
	int line;
	int column;

	if (told == NULL || sscanf(told, "line %6d:%6d", &line, &column) != 2 || line < 1 || column < 1)
		return 0;
	for (; line > 1 && *text != '\0'; text++)
	{
		position += ((unsigned char) *text & 0xC0) != 0x80;
		line -= *text == '\n';
	}
	return line == 1 && (size_t) column <= strlen(text) + 1 ? position + column : 0;
}

static void
check_text(const char *text)
{
	static const char *const words[] = {"select", "show", "describe", "desc", "with"};
	const char *start = text + strspn(text, " \t\r\n(");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncasecmp(start, words[i], strlen(words[i])) == 0 &&
			!isalnum((unsigned char) start[strlen(words[i])]))
			return;
	give_up_text(*start == '\0' ? "The query is empty." : "The statement is none that only reads.", NULL,
				 "It begins with SELECT, WITH, SHOW or DESCRIBE.", 0);
}

static void give_up_refused(const Query *query, const HttpFailure *failure, const ServiceError *error)
	__attribute__((noreturn));

/* What the service says of the text is about the caller's own words. */
static void
give_up_refused(const Query *query, const HttpFailure *failure, const ServiceError *error)
{
	bool is_unknown =
		error->status == 405 || error->status == 410 || strncmp(error->reason, "no handler found", 16) == 0;

	if (is_unknown)
		give_up(&(Failure){.step = "query",
						   .code = "unsupported",
						   .message = "The service has no SQL.",
						   .hint = "OpenSearch has it by the plugin opensearch-sql."});
	if (error->status == 400 || error->status == 404)
		give_up_text("The service does not take the query.", error->reason[0] ? error->reason : NULL, NULL,
					 position_of(query->request->text, error->reason));
	http_failure_report(failure);
}

/* ---- pages ---- */

static void
write_member(WireBuffer *body, const char *name, const char *text)
{
	wire_append_text(body, "{\"");
	wire_append_text(body, name);
	wire_append_text(body, "\":");
	wire_append_string(body, text, strlen(text));
}

static JsonTree *
ask(Query *query, const char *path, WireBuffer *body, int64_t most, HttpFailure *failure, ServiceError *error)
{
	Question question = {.method = "POST", .path = path, .most_bytes = most};
	JsonTree *tree;

	wire_append_text(body, "}");
	wire_append(body, "", 1);
	if (body->failed)
		give_up_out_of_memory();
	question.body = body->data;
	tree = cluster_ask(query->cluster, &question, failure, error);
	wire_free(body);
	return tree;
}

static void
close_cursor(Query *query)
{
	WireBuffer body = {0};
	HttpFailure failure;
	JsonTree *tree;

	if (query->cursor == NULL)
		return;
	write_member(&body, "cursor", query->cursor);
	free(query->cursor);
	query->cursor = NULL;
	tree = ask(query, query->words->close_path, &body, MOST_END_BYTES, &failure, NULL);
	if (tree != NULL)
		json_tree_free(tree);
}

/* A page replaces the one before it, and its cursor that one's. */
static void
take_page(Query *query, WireBuffer *body)
{
	HttpFailure failure;
	ServiceError error;
	JsonTree *tree = ask(query, query->words->path, body, MOST_PAGE_BYTES, &failure, &error);
	const char *cursor;

	if (tree == NULL)
	{
		close_cursor(query);
		give_up_refused(query, &failure, &error);
	}
	if (query->page != NULL)
		json_tree_free(query->page);
	query->page = tree;
	free(query->cursor);
	cursor = json_member_text(json_tree_root(tree), "cursor");
	query->cursor = cursor && *cursor ? copy_text(cursor) : NULL;
}

static void
ask_first(Query *query)
{
	int64_t limit = query->request->limit;
	int64_t rows = query->request->check_only ? 1 : PAGE_ROWS;
	WireBuffer body = {0};

	if (limit != NO_LIMIT && limit < rows)
		rows = limit + 1;
	write_member(&body, "query", query->request->text);
	wire_append_text(&body, ",\"fetch_size\":");
	wire_append_integer(&body, rows);
	take_page(query, &body);
}

static void
ask_next(Query *query)
{
	WireBuffer body = {0};

	write_member(&body, "cursor", query->cursor);
	take_page(query, &body);
}

/* ---- columns ---- */

static void give_up_answer(Query *query) __attribute__((noreturn));

static void
give_up_answer(Query *query)
{
	close_cursor(query);
	give_up(&(Failure){
		.step = "query", .code = "protocol", .message = "The answer of the service is no table of rows."});
}

/* A field of the type that the column has; SQL has other words for times. */
static void
set_type(Field *field, const char *type, bool is_opensearch)
{
	bool is_time = strcmp(type, "datetime") == 0 || (is_opensearch && strcmp(type, "timestamp") == 0);
	bool is_day = strcmp(type, "date") == 0;

	*field = (Field){.type = copy_text(is_time || is_day ? "date" : type)};
	if (is_day)
		field->format = copy_text("strict_date");
}

static void
write_column(Query *query, WireBuffer *columns, const JsonNode *told)
{
	static const Fields none = {.has_source = true};
	const char *name = json_member_text(told, "alias");
	const char *type = json_member_text(told, "type");
	Field *field = &query->fields[query->column_count];

	name = name ? name : json_member_text(told, "name");
	if (name == NULL || type == NULL)
		give_up_answer(query);
	set_type(field, type, query->words == &of_opensearch);
	read_column_set(&query->columns[query->column_count++], &none, field);
	document_separate(columns);
	document_literal(columns, "{");
	document_text(columns, "name", name);
	document_text(columns, "type", type);
	document_text(columns, "pg_type", column_pg_type(&none, field));
	document_literal(columns, "}");
}

/* Sends `reading`. */
static void
announce_columns(Query *query)
{
	const JsonNode *told = json_member(json_tree_root(query->page), query->words->columns);
	WireBuffer columns = {0};

	if (told == NULL || told->kind != JSON_ARRAY)
		give_up_answer(query);
	query->fields = allocate((size_t) (told->count + 1) * sizeof(Field));
	query->columns = allocate((size_t) (told->count + 1) * sizeof(ReadColumn));
	document_literal(&columns, "[");
	for (const JsonNode *column = told->first; column; column = column->next)
		write_column(query, &columns, column);
	document_literal(&columns, "]");
	emit_reading(NULL, 0, false, &columns);
	wire_free(&columns);
}

/* ---- rows ---- */

static void
send_row(Query *query, const JsonNode *row)
{
	const JsonNode *value = row->first;

	if (row->kind != JSON_ARRAY || row->count != query->column_count)
		give_up_answer(query);
	for (int i = 0; i < query->column_count; i++, value = value->next)
	{
		wire_reset(&query->text);
		if (value->kind == JSON_NULL)
			rows_null(&query->frames.rows);
		else
		{
			value_append_node(&query->text, &query->columns[i], value);
			if (query->text.failed)
				give_up_out_of_memory();
			rows_value(&query->frames.rows, query->text.length > 0 ? query->text.data : "",
					   query->text.length);
		}
	}
	row_frames_end_row(&query->frames);
}

/* Returns whether a row was left over. */
static bool
send_page(Query *query, int64_t *left)
{
	const JsonNode *rows = json_member(json_tree_root(query->page), query->words->rows);

	if (rows == NULL || rows->kind != JSON_ARRAY)
		give_up_answer(query);
	for (const JsonNode *row = rows->first; row; row = row->next)
	{
		if (*left == 0)
			return true;
		send_row(query, row);
		(*left)--;
	}
	return false;
}

static bool
send_rows(Query *query)
{
	int64_t left = query->request->limit == NO_LIMIT ? INT64_MAX : query->request->limit;
	bool has_more = send_page(query, &left);

	while (!has_more && query->cursor != NULL)
	{
		if (input_has_ended())
		{
			close_cursor(query);
			_Exit(EXIT_FAILURE);
		}
		ask_next(query);
		has_more = send_page(query, &left);
	}
	return has_more;
}

static void
end_query(Query *query)
{
	close_cursor(query);
	json_tree_free(query->page);
	for (int i = 0; i < query->column_count; i++)
	{
		free(query->fields[i].type);
		free(query->fields[i].format);
	}
	free(query->fields);
	free(query->columns);
	wire_free(&query->text);
}

bool
query_rows(Cluster *cluster, const Request *request)
{
	Query query = {.cluster = cluster,
				   .request = &request->query,
				   .words = cluster->is_opensearch ? &of_opensearch : &of_elasticsearch};
	bool has_more = false;

	check_text(query.request->text);
	ask_first(&query);
	announce_columns(&query);
	row_frames_begin(&query.frames, request->row_bytes);
	if (!query.request->check_only)
		has_more = send_rows(&query);
	row_frames_end(&query.frames);
	end_query(&query);
	return has_more;
}
