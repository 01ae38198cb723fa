/*
 * cassandra_value.c — a type of Cassandra as its catalog spells it, with the user-defined types of its
 * keyspace, and the bytes of a value.
 *
 * Sources: src/connectors/cassandra/body.c src/connectors/cassandra/type.c src/connectors/cassandra/scalar.c
 * Sources: src/connectors/cassandra/value.c src/connectors/cassandra/fields.c
 * Sources: src/connectors/sql/arena.c src/connectors/common/value_text.c src/connectors/common/memory.c
 * Sources: src/wire
 * Uses: connector crypto
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/cassandra/fields.h"
#include "connectors/cassandra/value.h"
#include "fuzz.h"

static Bytes
take_bytes(FuzzRest *rest)
{
	size_t length = fuzz_byte(rest);
	Bytes taken = {.bytes = (const unsigned char *) rest->bytes, .length = length};

	if (length > rest->length)
		taken.length = rest->length;
	rest->bytes += taken.length;
	rest->length -= taken.length;
	return taken;
}

static void
must_be_json(const char *before, const WireBuffer *text)
{
	WireBuffer object = {0};
	WireObject scanned;

	wire_append_text(&object, before);
	wire_append(&object, text->data, text->length);
	wire_append_text(&object, "}");
	fuzz_must(wire_object_scan(object.data, object.length, &scanned) == NULL, "what is written is JSON");
	wire_free(&object);
}

static void
must_be_utf8(const WireBuffer *text)
{
	for (size_t i = 0; i < text->length;)
	{
		size_t length = wire_utf8_length(text->data + i, text->length - i);

		fuzz_must(length > 0 || text->data[i] == '\0', "a text is UTF-8");
		i += length > 0 ? length : 1;
	}
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	UserTypes types = {0};
	SqlArena arena = {0};
	WireBuffer text = {0};
	WireBuffer fields = {0};
	const CqlType *type;
	char *spelled;

	for (int count = fuzz_byte(&rest) % 8; count > 0; count--)
	{
		Bytes name = take_bytes(&rest);
		Bytes names = take_bytes(&rest);

		user_types_add(&types, name, names, take_bytes(&rest));
	}
	spelled = fuzz_line(&rest);
	type = type_read(&types, &arena, spelled);
	fuzz_must(type->text != NULL && type_shown(type)->text != NULL, "a type has its text");
	fields_append(&fields, type);
	must_be_json("{\"name\":\"a\"", &fields);
	if (value_append(&text, type, (Bytes){(const unsigned char *) rest.bytes, rest.length}) == VALUE_FINE)
	{
		must_be_utf8(&text);
		if (strcmp(type_in_postgresql(type), "jsonb") == 0)
			must_be_json("{\"value\":", &text);
	}
	wire_free(&text);
	wire_free(&fields);
	free(spelled);
	user_types_free(&types);
	sql_arena_free(&arena);
	fuzz_must_have_freed();
}
