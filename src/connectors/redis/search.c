#include "connectors/redis/search.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define MOST_INDEXES 200
#define MOST_FIELDS  1000

/* ---- reading ---- */

static int
compare_names(const void *one, const void *other)
{
	return strcmp(((const SearchIndex *) one)->name, ((const SearchIndex *) other)->name);
}

static void
take_name(SearchIndexes *indexes, RespText name)
{
	if (name.length > 0 && strlen(name.bytes) == name.length && is_utf8(name.bytes))
		indexes->items[indexes->count++] = (SearchIndex){.name = copy_text(name.bytes)};
}

/* An index may be dropped after it was listed: its answer is an error then, and it covers nothing. */
void
search_read(SearchIndexes *indexes, Client *client)
{
	RespAnswer list = {.values = NULL};

	client_ask(client, &list, 1, (const char *[]){"FT._LIST"});
	indexes->items = allocate(MOST_INDEXES * sizeof(SearchIndex));
	for (const RespValue *name = resp_first(&list, resp_root(&list)); name && indexes->count < MOST_INDEXES;
		 name = resp_next(&list, name))
		take_name(indexes, resp_text(&list, name));
	resp_free(&list);
	if (indexes->count > 1)
		qsort(indexes->items, (size_t) indexes->count, sizeof(SearchIndex), compare_names);
	for (int i = 0; i < indexes->count; i++)
		client_ask(client, &indexes->items[i].answer, 2, (const char *[]){"FT.INFO", indexes->items[i].name});
}

/* ---- what an index is ---- */

static bool
is_word(const RespAnswer *answer, const RespValue *value, const char *word)
{
	RespText text = resp_text(answer, value);

	return text.length == strlen(word) && strncasecmp(text.bytes, word, text.length) == 0;
}

/* The value behind a name, in an array of names and values; NULL: there is none. */
static const RespValue *
member(const RespAnswer *answer, const RespValue *array, const char *name)
{
	const RespValue *at = array ? resp_first(answer, array) : NULL;

	while (at && !is_word(answer, at, name))
	{
		at = resp_next(answer, at);
		at = at ? resp_next(answer, at) : NULL;
	}
	return at ? resp_next(answer, at) : NULL;
}

static bool
begins_with(const RespAnswer *answer, const RespValue *prefixes, const Key *key)
{
	for (const RespValue *each = resp_first(answer, prefixes); each; each = resp_next(answer, each))
	{
		RespText prefix = resp_text(answer, each);

		if (is_word(answer, each, "*") || (each->kind == RESP_TEXT && prefix.length <= key->length &&
										   memcmp(prefix.bytes, key->bytes, prefix.length) == 0))
			return true;
	}
	return false;
}

static bool
covers(const RespAnswer *answer, const Key *const *keys, size_t count)
{
	const RespValue *definition = member(answer, resp_root(answer), "index_definition");
	const RespValue *prefixes = member(answer, definition, "prefixes");
	const RespValue *type = member(answer, definition, "key_type");

	if (prefixes == NULL || type == NULL || count == 0 ||
		!is_word(answer, type, key_type_name(keys[0]->type)))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!begins_with(answer, prefixes, keys[i]))
			return false;
	return true;
}

/* ---- writing ---- */

/* The field, and how it is indexed: "name text". */
static void
write_field(WireBuffer *out, const RespAnswer *answer, const RespValue *attribute)
{
	const RespValue *name = member(answer, attribute, "identifier");
	const RespValue *type = member(answer, attribute, "type");
	RespText text = name ? resp_text(answer, name) : (RespText){.length = 0};
	RespText kind = type ? resp_text(answer, type) : (RespText){.length = 0};
	WireBuffer field = {.data = NULL};

	if (text.length == 0 || strlen(text.bytes) != text.length || !is_utf8(text.bytes))
		return;
	wire_append(&field, text.bytes, text.length);
	wire_append(&field, " ", kind.length > 0);
	for (size_t i = 0; i < kind.length; i++)
		wire_append(&field, &(char){(char) tolower((unsigned char) kind.bytes[i])}, 1);
	wire_append(&field, "", 1);
	if (field.failed)
		give_up_out_of_memory();
	if (is_utf8(field.data))
	{
		document_separate(out);
		document_string(out, field.data);
	}
	wire_free(&field);
}

static void
write_index(WireBuffer *out, const SearchIndex *index)
{
	const RespAnswer *answer = &index->answer;
	const RespValue *attributes = member(answer, resp_root(answer), "attributes");
	int left = MOST_FIELDS;

	document_literal(out, "{");
	document_text(out, "name", index->name);
	document_text(out, "method", "search");
	document_member(out, "columns");
	document_literal(out, "[");
	for (const RespValue *each = attributes ? resp_first(answer, attributes) : NULL; each && left-- > 0;
		 each = resp_next(answer, each))
		write_field(out, answer, each);
	document_literal(out, "]}");
}

void
search_write(const SearchIndexes *indexes, WireBuffer *out, const Key *const *keys, size_t count)
{
	bool is_open = false;

	for (int i = 0; i < indexes->count; i++)
	{
		if (!covers(&indexes->items[i].answer, keys, count))
			continue;
		document_element(out, "indexes", is_open);
		write_index(out, &indexes->items[i]);
	}
	document_end_elements(out, is_open);
}

void
search_free(SearchIndexes *indexes)
{
	for (int i = 0; i < indexes->count; i++)
	{
		free(indexes->items[i].name);
		resp_free(&indexes->items[i].answer);
	}
	free(indexes->items);
	*indexes = (SearchIndexes){.items = NULL};
}
