#include "connectors/snowflake/shown.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/sql/quote.h"

#define MOST_NAMES 16

/* No schema has as many relations, and no page as many rows. */
#define MOST_LISTED  1000000
#define MOST_OF_PAGE (10 * MOST_SHOWN)

static const HttpFailure endless = {
	.step = "query", .code = "protocol", .message = "The service's list of names goes on without end."};

/* A text between single quotes, in which a backslash escapes. */
static void
append_quoted_text(WireBuffer *sql, const char *text)
{
	document_literal(sql, "'");
	for (; *text != '\0'; text++)
	{
		if (*text == '\'' || *text == '\\')
			document_literal(sql, "\\");
		wire_append(sql, text, 1);
	}
	document_literal(sql, "'");
}

static void
append_name(WireBuffer *sql, const char *before, const char *name)
{
	if (name == NULL)
		return;
	wire_append_text(sql, before);
	sql_quote_name(sql, name, '"', '"');
}

static void
write_show(WireBuffer *sql, const Service *service, const Show *show, const char *last)
{
	document_literal(sql, "SHOW ");
	wire_append_text(sql, show->what);
	if (show->in != NULL)
	{
		document_literal(sql, " IN ");
		wire_append_text(sql, show->in);
		append_name(sql, " ", service->database);
		append_name(sql, ".", show->schema);
		append_name(sql, ".", show->relation);
	}
	if (show->in_pages)
	{
		document_literal(sql, " LIMIT ");
		wire_append_integer(sql, MOST_SHOWN);
	}
	if (last != NULL)
	{
		document_literal(sql, " FROM ");
		append_quoted_text(sql, last);
	}
	wire_append(sql, "", 1);
	if (sql->failed)
		give_up_out_of_memory();
}

/* A list that lacks a column, or has another name for it, must not be taken for an empty one. */
static bool
are_there(const Show *show, const int *places, HttpFailure *failure)
{
	for (int i = 0; i < show->count && (i == 0 || i < show->needed); i++)
		if (places[i] < 0)
		{
			*failure = (HttpFailure){
				.step = "query", .code = "protocol", .message = "The service's list lacks a column."};
			snprintf(failure->detail, sizeof(failure->detail), "SHOW %s has no %s.", show->what,
					 show->names[i]);
			return false;
		}
	return true;
}

/* Where the columns of that name stand in the rows; -1: nowhere. */
static void
find_places(const Result *result, const Show *show, int *places)
{
	for (int i = 0; i < show->count; i++)
	{
		const JsonNode *column = result_column(result, 0);

		places[i] = -1;
		for (int number = 0; column != NULL; column = column->next, number++)
		{
			const char *name = json_member_text(column, "name");

			if (places[i] < 0 && name != NULL && strcasecmp(name, show->names[i]) == 0)
				places[i] = number;
		}
	}
}

static const char *
text_at(const Cell *cells, int place)
{
	return place < 0 || cells[place].length == 0 ? NULL : cells[place].text;
}

static void
add_row(SqlRows *rows, const Cell *cells, const int *places, int count)
{
	const char *values[MOST_NAMES + 1];
	char order[24];

	if (text_at(cells, places[0]) == NULL)
		return;
	snprintf(order, sizeof(order), "%010zu", rows->count);
	values[0] = text_at(cells, places[0]);
	values[1] = order;
	for (int i = 1; i < count; i++)
		values[i + 1] = text_at(cells, places[i]);
	sql_rows_add(rows, values);
}

/* Sends the SHOW of a page, the first one or that behind this name. */
static void
begin_page(Showing *showing, Service *service, const char *last)
{
	WireBuffer sql = {.data = NULL};

	write_show(&sql, service, &showing->show, last);
	statement_begin(&showing->run, service, &(Statement){.sql = sql.data});
	wire_free(&sql);
}

static bool
finish_page(SqlRows *rows, Showing *showing, int *shown, HttpFailure *failure)
{
	int places[MOST_NAMES];
	const Cell *cells;
	Result result;

	*shown = 0;
	if (!statement_finish(&showing->run, &result, failure))
		return false;
	find_places(&result, &showing->show, places);
	while ((cells = result_next(&result, failure)) != NULL)
	{
		if (!are_there(&showing->show, places, failure))
			break;
		if (++*shown > MOST_OF_PAGE)
		{
			*failure = endless;
			break;
		}
		add_row(rows, cells, places, showing->show.count);
	}
	result_end(&result);
	return failure->code == NULL;
}

/* A page that begins where the one before has begun would go on for ever. */
static bool
goes_on(const SqlRows *rows, char **last, HttpFailure *failure)
{
	const char *name = rows->count > 0 ? rows->items[rows->count - 1][0] : NULL;

	if (name == NULL || (*last != NULL && strcmp(name, *last) == 0) || rows->count > MOST_LISTED)
	{
		*failure = endless;
		return false;
	}
	free(*last);
	*last = copy_text(name);
	return true;
}

void
shown_begin(Showing *showing, Service *service, const Show *show)
{
	showing->show = *show;
	begin_page(showing, service, NULL);
}

bool
shown_finish(SqlRows *rows, Showing *showing, int *shown, HttpFailure *failure)
{
	const Show *show = &showing->show;
	char *last = NULL;
	bool fine;
	int page;

	rows->columns = show->count + 1;
	fine = finish_page(rows, showing, shown, failure);
	for (page = *shown; fine && show->in_pages && page >= MOST_SHOWN; *shown += page)
	{
		fine = goes_on(rows, &last, failure);
		if (!fine)
			break;
		begin_page(showing, showing->run.service, last);
		fine = finish_page(rows, showing, &page, failure);
	}
	free(last);
	return fine;
}

void
shown_abandon(Showing *showing)
{
	statement_abandon(&showing->run);
}

bool
shown_add(SqlRows *rows, Service *service, const Show *show, int *shown, HttpFailure *failure)
{
	Showing showing;

	shown_begin(&showing, service, show);
	return shown_finish(rows, &showing, shown, failure);
}
