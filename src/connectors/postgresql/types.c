/*
 * types.c — the cache of types and collations.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/postgresql/recover.h"
#include "connectors/postgresql/statements.h"
#include "connectors/postgresql/types.h"
#include "wire/pg_type.h"

#define FIRST_CAPACITY 256

/* Most types and bytes of a table; beyond them a new table is begun. */
#define MAX_TYPES 16384
#define MAX_BYTES (2 * 1024 * 1024)

typedef struct Collation
{
	ObjectId id;
	char *name; /* NULL until the server has sent it */
} Collation;

static size_t
place_of(const TypeTable *table, ObjectId id, int32_t modifier)
{
	uint64_t key = (uint64_t) id << 32 | (uint32_t) modifier;

	return (size_t) (key * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (table->capacity - 1);
}

/* Returns the type's place, or the free place for it; there always is a free one. */
static Type *
probe(const TypeTable *table, ObjectId id, int32_t modifier)
{
	size_t place = place_of(table, id, modifier);

	while (table->types[place].used &&
		   (table->types[place].id != id || table->types[place].modifier != modifier))
		place = (place + 1) & (table->capacity - 1);
	return &table->types[place];
}

static void
table_create(TypeTable *table, size_t capacity)
{
	size_t size = capacity * sizeof(Type);

	*table = (TypeTable){.types = memset(allocate(size), 0, size), .capacity = capacity};
}

static void
table_free(TypeTable *table)
{
	for (size_t i = 0; i < table->capacity; i++)
	{
		free(table->types[i].name);
		free(table->types[i].labels);
		free(table->types[i].members);
		free(table->types[i].failure);
	}
	free(table->types);
	*table = (TypeTable){0};
}

static void
table_grow(TypeTable *table)
{
	TypeTable grown;

	table_create(&grown, table->capacity * 2);
	for (size_t i = 0; i < table->capacity; i++)
		if (table->types[i].used)
			*probe(&grown, table->types[i].id, table->types[i].modifier) = table->types[i];
	grown.count = table->count;
	free(table->types);
	*table = grown;
}

void
types_begin_chunk(Types *types)
{
	bool full = types->current.count > MAX_TYPES || types->bytes > MAX_BYTES;

	if (types->current.capacity != 0 && !full)
		return;
	table_free(&types->previous);
	types->previous = types->current;
	types->bytes = 0;
	table_create(&types->current, FIRST_CAPACITY);
}

/* Adds to an open array literal. */
static void
add_element(WireBuffer *array, int64_t value)
{
	wire_append_text(array, array->length == 0 ? "{" : ",");
	wire_append_integer(array, value);
}

/* Closes the literal. */
static Parameter
array_parameter(WireBuffer *array)
{
	wire_append(array, "}", sizeof("}"));
	if (array->failed)
		give_up_out_of_memory();
	return (Parameter){.value = array->data};
}

void
types_want(Types *types, ObjectId id, int32_t modifier)
{
	Type *type = probe(&types->current, id, modifier);

	if (type->used)
		return;
	*type = (Type){.id = id, .modifier = modifier, .used = true};
	add_element(&types->wanted_ids, id);
	add_element(&types->wanted_modifiers, modifier);
	types->current.count++;
	if (types->current.count * 2 > types->current.capacity)
		table_grow(&types->current);
}

static Collation *
find_collation(const Types *types, ObjectId id)
{
	for (int i = 0; i < types->collation_count; i++)
		if (types->collations[i].id == id)
			return &types->collations[i];
	return NULL;
}

void
types_want_collation(Types *types, ObjectId id)
{
	if (find_collation(types, id))
		return;
	types->collations =
		reallocate(types->collations, (size_t) (types->collation_count + 1) * sizeof(Collation));
	types->collations[types->collation_count++] = (Collation){.id = id};
	add_element(&types->wanted_collations, id);
}

TypesAsked
types_ask(Types *types, Session *session, const bool *denied)
{
	TypesAsked asked = {.types = types->wanted_ids.length > 0};

	asked.labels = asked.types && !denied[STATEMENT_LABELS];
	asked.collations = types->wanted_collations.length > 0 && !denied[STATEMENT_COLLATIONS];
	if (!asked.types && !asked.collations)
		return asked;
	session_begin_apart(session);
	if (asked.types)
	{
		Parameter parameters[] = {array_parameter(&types->wanted_ids),
								  array_parameter(&types->wanted_modifiers)};

		if (asked.labels)
			statement_execute(session, STATEMENT_LABELS, parameters, 2);
		statement_execute(session, STATEMENT_TYPES, parameters, 2);
	}
	if (asked.collations)
	{
		Parameter parameter = array_parameter(&types->wanted_collations);

		statement_execute(session, STATEMENT_COLLATIONS, &parameter, 1);
	}
	session_end_apart(session);
	wire_reset(&types->wanted_ids);
	wire_reset(&types->wanted_modifiers);
	wire_reset(&types->wanted_collations);
	return asked;
}

static char *
take_buffer(const WireBuffer *json)
{
	char *text;

	if (json->failed)
		give_up_out_of_memory();
	text = allocate(json->length + 1);
	if (json->length > 0)
		memcpy(text, json->data, json->length);
	text[json->length] = '\0';
	return text;
}

/* ,"enum":["new","paid"] */
static void
write_labels(WireBuffer *json, Elements labels)
{
	const char *separator = ",\"enum\":[";
	Element label;

	if (labels.left == 0)
		return;
	while (next_element(&labels, &label))
	{
		wire_append_text(json, separator);
		wire_append_string(json, label.bytes, (size_t) label.length);
		separator = ",";
	}
	wire_append_text(json, "]");
}

/* Returns the place that waits for a type: a new table may have been begun since the question. */
static Type *
waiting_place(const Types *types, ObjectId id, int32_t modifier)
{
	Type *type = probe(&types->current, id, modifier);

	if ((!type->used || type->known) && types->previous.capacity > 0)
		type = probe(&types->previous, id, modifier);
	/* Only requested types have a place; the server invented any other. */
	if (!type->used || type->known)
		give_up_malformed();
	return type;
}

static void
take_labels(Types *types, const PGresult *result)
{
	WireBuffer json = {0};

	for (int row = 0; row < PQntuples(result); row++)
	{
		Type *type =
			waiting_place(types, row_oid(result, row, LABEL_TYPE), row_int4(result, row, LABEL_MODIFIER));

		if (type->labels)
			give_up_malformed();
		wire_reset(&json);
		write_labels(&json, row_elements(result, row, LABEL_TEXTS));
		type->labels = take_buffer(&json);
		types->bytes += json.length;
	}
	wire_free(&json);
}

/* All other types are read as text, and so are arrays whose elements are arrays by way of a domain. */
static bool
holds_values(const char *type)
{
	size_t length = type ? strlen(type) : 0;

	return length > 0 && type[length - 1] != ']' && wire_pg_type_is_listed(type, length);
}

void
types_write_pg_type(WireBuffer *json, const PGresult *result, int row)
{
	const char *held = row_text(result, row, TYPE_HELD);
	bool is_array = row_bool(result, row, TYPE_IS_ARRAY);

	/* As a type of a column, character means character(1). */
	if (held && strcmp(held, "character") == 0)
		held = "bpchar";
	if (!holds_values(held))
		held = "text";
	if (!is_array && strcmp(held, "text") == 0)
		return;
	wire_append_text(json, ",\"pg_type\":\"");
	wire_append_text(json, held);
	wire_append_text(json, is_array ? "[]\"" : "\"");
}

static void
take_type(Types *types, const PGresult *result, int row)
{
	Type *type = waiting_place(types, row_oid(result, row, TYPE_ID), row_int4(result, row, TYPE_MODIFIER));
	const char *name = row_text(result, row, TYPE_NAME);
	const char *base = row_text(result, row, TYPE_BASE);
	WireBuffer json = {0};

	if (name == NULL)
		give_up_malformed();
	type->known = true;
	type->not_null = row_bool(result, row, TYPE_NOT_NULL);
	type->collation = row_oid(result, row, TYPE_COLLATION);
	wire_append_string(&json, name, strlen(name));
	type->name = take_buffer(&json);
	types->bytes += json.length;

	wire_reset(&json);
	if (base)
	{
		wire_append_text(&json, ",\"domain_base\":");
		wire_append_string(&json, base, strlen(base));
	}
	types_write_pg_type(&json, result, row);
	type->members = take_buffer(&json);
	types->bytes += json.length;
	wire_free(&json);
}

static void
take_types(Types *types, const PGresult *result)
{
	for (int row = 0; row < PQntuples(result); row++)
		take_type(types, result, row);
}

static void
take_collations(Types *types, const PGresult *result)
{
	for (int row = 0; row < PQntuples(result); row++)
	{
		Collation *collation = find_collation(types, row_oid(result, row, COLLATION_ID));
		const char *name = row_text(result, row, COLLATION_NAME);

		if (collation == NULL || collation->name != NULL || name == NULL)
			give_up_malformed();
		collation->name = copy_text(name);
	}
}

/* Receives one result and passes it to `take`, unless it is a failure. */
static void
receive(Types *types, Session *session, PGresult **failure, void (*take)(Types *, const PGresult *))
{
	PGresult *result = session_receive(session, failure);

	take(types, result);
	PQclear(result);
}

bool
types_receive(Types *types, Session *session, TypesAsked asked)
{
	PGresult *failure = NULL;
	bool complete;

	if (!asked.types && !asked.collations)
		return true;
	session_receive_begin_apart(session);
	if (asked.labels)
		receive(types, session, &failure, take_labels);
	if (asked.types)
		receive(types, session, &failure, take_types);
	if (asked.collations)
		receive(types, session, &failure, take_collations);
	session_receive_end_apart(session);
	complete = failure == NULL;
	PQclear(failure);
	return complete;
}

/* Asks for the type's labels and members alone. */
static void
recover_type(Type *type, Types *types, Discovery *discovery)
{
	char id[24];
	char modifier[24];
	Parameter parameters[] = {{.value = id}, {.value = modifier}};
	PGresult *result;

	snprintf(id, sizeof(id), "{%" PRIu32 "}", type->id);
	snprintf(modifier, sizeof(modifier), "{%" PRId32 "}", type->modifier);
	if (type->labels == NULL)
	{
		result = recover_object(discovery, STATEMENT_LABELS, parameters, 2, NULL);
		take_labels(types, result);
		PQclear(result);
	}
	result = recover_object(discovery, STATEMENT_TYPES, parameters, 2, &type->failure);
	take_types(types, result);
	PQclear(result);
	/* A missing type fails relations with columns of it, as one that cannot be described does. */
	type->known = true;
}

static void
recover_table(const TypeTable *table, Types *types, Discovery *discovery)
{
	for (size_t i = 0; i < table->capacity; i++)
		if (table->types[i].used && !table->types[i].known)
			recover_type(&table->types[i], types, discovery);
}

static void
recover_collations(Types *types, Discovery *discovery)
{
	char id[24];
	Parameter parameter = {.value = id};

	for (int i = 0; i < types->collation_count; i++)
	{
		PGresult *result;

		if (types->collations[i].name)
			continue;
		snprintf(id, sizeof(id), "{%" PRIu32 "}", types->collations[i].id);
		result = recover_object(discovery, STATEMENT_COLLATIONS, &parameter, 1, NULL);
		take_collations(types, result);
		PQclear(result);
	}
}

void
types_recover(Types *types, Discovery *discovery)
{
	recover_table(&types->previous, types, discovery);
	recover_table(&types->current, types, discovery);
	recover_collations(types, discovery);
}

const Type *
types_find(const Types *types, ObjectId id, int32_t modifier)
{
	const Type *type = probe(&types->current, id, modifier);

	if (!type->known && types->previous.capacity > 0)
		type = probe(&types->previous, id, modifier);
	return type->known ? type : NULL;
}

const char *
types_collation(const Types *types, ObjectId id)
{
	const Collation *collation = find_collation(types, id);

	return collation ? collation->name : NULL;
}
