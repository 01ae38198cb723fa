/*
 * mongodb_document.c — a document in BSON: its paths, its values in every form of a column, and as a query of
 * a caller.
 *
 * Sources: src/connectors/mongodb/columns.c src/connectors/mongodb/feed.c src/connectors/mongodb/filter.c
 * Sources: src/connectors/mongodb/pipeline.c src/connectors/mongodb/types.c src/connectors/mongodb/value.c
 * Sources: src/connectors/inference src/connectors/common/compare.c src/connectors/common/memory.c
 * Sources: src/connectors/common/read_request.c src/connectors/common/value_text.c src/wire
 * Uses: connector bson
 */
#include <string.h>

#include "connectors/inference/path_document.h"
#include "connectors/mongodb/columns.h"
#include "connectors/mongodb/feed.h"
#include "connectors/mongodb/filter.h"
#include "connectors/mongodb/pipeline.h"
#include "connectors/mongodb/types.h"
#include "connectors/mongodb/value.h"
#include "fuzz.h"

/* The wire's own reader of JSON goes less deep than documents may. */
#define FEW_BRACKETS 50

static bool
is_utf8(const char *text, size_t length)
{
	while (length > 0)
	{
		size_t taken = wire_utf8_length(text, length);

		if (taken == 0 || *text == '\0')
			return false;
		text += taken;
		length -= taken;
	}
	return true;
}

static bool
is_shallow(const WireBuffer *text)
{
	int brackets = 0;

	for (size_t i = 0; i < text->length; i++)
		brackets += text->data[i] == '{' || text->data[i] == '[';
	return brackets < FEW_BRACKETS;
}

static bool
is_json(const WireBuffer *value)
{
	static WireObject object;
	WireBuffer text = {.data = NULL};
	bool is_fine;

	wire_append_text(&text, "{\"a\":");
	wire_append(&text, value->data, value->length);
	wire_append_text(&text, "}");
	is_fine = wire_object_scan(text.data, text.length, &object) == NULL && object.count == 1;
	wire_free(&text);
	return is_fine;
}

static void
check_paths(const bson_t *document)
{
	Feed feed = {.paths = paths_create(&mongo_types)};
	bool is_whole = feed_document(&feed, document);
	WireBuffer out = {.data = NULL};
	const PathNode *row;

	row = is_whole ? paths_finish(feed.paths) : NULL;
	for (const PathNode *node = row && !row->is_map ? row->members : NULL; node; node = node->next)
	{
		char *pg_type = path_pg_type(&mongo_types, node);

		fuzz_must(is_utf8(node->name, node->length), "a name is UTF-8");
		/* A timestamp is a scalar whose text is JSON. */
		fuzz_must(path_is_of(&mongo_types, node, MONGO_TIMESTAMP) ||
					  value_form(pg_type) == path_form(&mongo_types, node),
				  "the type of a column says the form of its values");
		wire_reset(&out);
		path_append_column(&out, &mongo_types, node);
		fuzz_must(is_json(&out), "a column is JSON");
		free(pg_type);
	}
	wire_free(&out);
	paths_free(feed.paths);
}

static void
check_values(const bson_t *document)
{
	static const PathForm forms[] = {PATH_FORM_SCALAR, PATH_FORM_ARRAY, PATH_FORM_JSON};
	bson_iter_t members;

	if (!bson_iter_init(&members, document))
		return;
	while (bson_iter_next(&members))
		for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		{
			WireBuffer out = {.data = NULL};
			bool is_broken = false;

			if (value_write(&out, &members, forms[i], &is_broken))
			{
				fuzz_must(is_utf8(out.data, out.length), "a value is UTF-8 without NUL");
				fuzz_must(forms[i] != PATH_FORM_JSON || !is_shallow(&out) || is_json(&out),
						  "a value of jsonb is JSON");
			}
			wire_free(&out);
		}
}

static void
check_row(const bson_t *document)
{
	Columns columns = {.items = NULL};
	bson_iter_t members;
	Row row;

	if (bson_iter_init(&members, document))
		while (columns.count < 100 && bson_iter_next(&members))
			columns_add(&columns, bson_iter_key(&members), columns.count % 2 ? "jsonb" : NULL);
	for (int i = 0; i < columns.count; i++)
		fuzz_must(columns_find(&columns, columns.items[i].name) == i, "a column is found by its name");
	row_begin(&row, &columns);
	(void) row_take(&row, document);
	row_end(&row);
	columns_free(&columns);
}

void
fuzz(const char *bytes, size_t length)
{
	PipelineFault fault;
	bson_t document;

	if (!bson_init_static(&document, (const uint8_t *) bytes, length))
		return;
	check_paths(&document);
	check_values(&document);
	check_row(&document);
	(void) pipeline_check(&document, &fault);
}
