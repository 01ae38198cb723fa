#include "connectors/orc/tail.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/orc/fault.h"
#include "connectors/orc/protobuf.h"

#define MOST_FOOTER_BYTES (64u << 20)
#define MOST_TAIL_BYTES   256 /* the last part, whose length is one byte */

/* Numbers of fields in the messages of the format. */
enum
{
	POSTSCRIPT_FOOTER_LENGTH = 1,
	POSTSCRIPT_COMPRESSION = 2,
	POSTSCRIPT_BLOCK_SIZE = 3,
	POSTSCRIPT_VERSION = 4,
	POSTSCRIPT_MAGIC = 8000,
	FOOTER_STRIPES = 3,
	FOOTER_TYPES = 4,
	FOOTER_ENCRYPTION = 10,
	STRIPE_OFFSET = 1,
	STRIPE_INDEX_LENGTH = 2,
	STRIPE_DATA_LENGTH = 3,
	STRIPE_FOOTER_LENGTH = 4,
	STRIPE_ROWS = 5,
	TYPE_KIND = 1,
	TYPE_CHILDREN = 2,
	TYPE_NAMES = 3,
	TYPE_LENGTH = 4,
	TYPE_PRECISION = 5,
	TYPE_SCALE = 6,
	TYPE_ATTRIBUTES = 7,
	ATTRIBUTE_KEY = 1,
	ATTRIBUTE_VALUE = 2
};

typedef struct Postscript
{
	uint64_t footer_length;
	bool has_magic;
	bool is_of_dwrf; /* which Meta made of ORC: there the version is one integer */
	size_t length;
} Postscript;

/* ---- the postscript ---- */

static void
take_version(OrcTail *tail, Message versions)
{
	uint64_t major = 0;
	uint64_t minor = 0;
	char text[48];

	message_next_packed(&versions, &major);
	message_next_packed(&versions, &minor);
	snprintf(text, sizeof(text), "%" PRIu64 ".%" PRIu64, major, minor);
	free(tail->version);
	tail->version = copy_text(text);
}

static bool
is_text(const Message *bytes, const char *text)
{
	size_t length = (size_t) (bytes->end - bytes->at);

	return length > 0 && length == strlen(text) && memcmp(bytes->at, text, length) == 0;
}

static void
read_postscript(OrcTail *tail, Postscript *postscript, Message message)
{
	MessageField field;

	tail->codec = (OrcCodec){.block_size = 262144};
	while (message_next(&message, &field))
		switch (field.number)
		{
			case POSTSCRIPT_FOOTER_LENGTH:
				postscript->footer_length = field.value;
				break;
			case POSTSCRIPT_COMPRESSION:
				tail->codec.packing = field.value;
				break;
			case POSTSCRIPT_BLOCK_SIZE:
				tail->codec.block_size = field.value;
				break;
			case POSTSCRIPT_VERSION:
				postscript->is_of_dwrf = field.bytes.at == NULL;
				if (!postscript->is_of_dwrf)
					take_version(tail, field.bytes);
				break;
			case POSTSCRIPT_MAGIC:
				postscript->has_magic = is_text(&field.bytes, "ORC");
				break;
		}
	if (message.is_broken)
		orc_broken("Its last bytes are no postscript.");
}

/* Files of Hive 0.11 have the magic word at their beginning only. */
static bool
begins_with_magic(const StoredFile *file)
{
	char magic[3];

	return stored_read(file, magic, 3, 0) == 3 && memcmp(magic, "ORC", 3) == 0;
}

/* Returns the length of the postscript, whose bytes end at bytes + *length - 1. */
static size_t
read_end(const StoredFile *file, unsigned char *bytes, size_t *length)
{
	size_t wanted = file->size < MOST_TAIL_BYTES ? (size_t) file->size : MOST_TAIL_BYTES;

	*length = stored_read(file, bytes, wanted, file->size - (int64_t) wanted);
	if (*length == 0 || *length != wanted)
		orc_broken("It ends early.");
	return bytes[*length - 1];
}

static void
find_footer(OrcTail *tail, const StoredFile *file, Postscript *postscript)
{
	unsigned char bytes[MOST_TAIL_BYTES];
	size_t length;

	postscript->length = read_end(file, bytes, &length);
	if (postscript->length + 1 > length)
		orc_broken("Its postscript is longer than the file.");
	read_postscript(tail, postscript,
					message_of(bytes + length - 1 - postscript->length, postscript->length));
	if (!postscript->has_magic && !begins_with_magic(file))
		orc_broken("It has not the word ORC in its postscript.");
	if (postscript->is_of_dwrf && postscript->has_magic)
		orc_unsupported("The file is a DWRF file, which is not read.", NULL);
	if (postscript->is_of_dwrf)
		orc_broken("Its last bytes are no postscript.");
	if (postscript->footer_length > (uint64_t) file->size - postscript->length - 1)
		orc_broken("Its footer is longer than the file.");
	if (postscript->footer_length > MOST_FOOTER_BYTES)
		orc_too_large("The footer of the ORC file is larger than 64 MiB.");
}

void
orc_tail_check(const StoredFile *file)
{
	unsigned char bytes[MOST_TAIL_BYTES];
	size_t length;

	if (begins_with_magic(file))
		return;
	if (read_end(file, bytes, &length) >= 3 && length >= 4 && memcmp(bytes + length - 4, "ORC", 3) == 0)
		return;
	orc_broken("It has the word ORC neither at its beginning nor at its end.");
}

/* ---- the footer ---- */

static void
add_child(OrcType *type, uint64_t number)
{
	type->children = reallocate(type->children, (size_t) (type->child_count + 1) * sizeof(int));
	type->children[type->child_count++] = number > INT32_MAX ? -1 : (int) number;
}

static void
take_attribute(OrcType *type, Message message)
{
	MessageField field;
	Message key = {.at = NULL};
	Message value = {.at = NULL};

	while (message_next(&message, &field))
		if (field.number == ATTRIBUTE_KEY)
			key = field.bytes;
		else if (field.number == ATTRIBUTE_VALUE)
			value = field.bytes;
	if (key.at == NULL || value.at == NULL)
		return;
	if (is_text(&key, "iceberg.required"))
		type->is_required = is_text(&value, "true");
	else if (is_text(&key, "iceberg.id"))
	{
		free(type->field_id);
		type->field_id = message_text(&value);
	}
}

static void
take_type_field(OrcType *type, MessageField *field)
{
	uint64_t number;

	switch (field->number)
	{
		case TYPE_KIND:
			if (field->value >= ORC_KINDS)
				orc_unsupported("The ORC file has a type that is not known.", NULL);
			type->kind = (OrcKind) field->value;
			break;
		case TYPE_CHILDREN:
			if (field->bytes.at == NULL)
				add_child(type, field->value);
			while (field->bytes.at != NULL && message_next_packed(&field->bytes, &number))
				add_child(type, number);
			break;
		case TYPE_NAMES:
			type->names = reallocate(type->names, (size_t) (type->name_count + 1) * sizeof(char *));
			type->names[type->name_count++] = message_text(&field->bytes);
			break;
		case TYPE_LENGTH:
			type->length = (int64_t) field->value;
			break;
		case TYPE_PRECISION:
			type->precision = (int64_t) field->value;
			break;
		case TYPE_SCALE:
			type->scale = (int64_t) field->value;
			break;
		case TYPE_ATTRIBUTES:
			take_attribute(type, field->bytes);
			break;
	}
}

static void
add_type(OrcTail *tail, Message message)
{
	OrcType type = {.kind = ORC_BOOLEAN};
	MessageField field;

	while (message_next(&message, &field))
		take_type_field(&type, &field);
	if (message.is_broken)
		orc_broken("A type in its footer cannot be read.");
	tail->types = reallocate(tail->types, (size_t) (tail->type_count + 1) * sizeof(OrcType));
	tail->types[tail->type_count++] = type;
}

static void
add_stripe(OrcTail *tail, Message message)
{
	OrcStripe stripe = {.rows = 0};
	int64_t *const members[] = {[STRIPE_OFFSET] = &stripe.offset,
								[STRIPE_INDEX_LENGTH] = &stripe.index_length,
								[STRIPE_DATA_LENGTH] = &stripe.data_length,
								[STRIPE_FOOTER_LENGTH] = &stripe.footer_length,
								[STRIPE_ROWS] = &stripe.rows};
	MessageField field;

	while (message_next(&message, &field))
		if (field.number >= STRIPE_OFFSET && field.number <= STRIPE_ROWS)
		{
			if (field.value > INT64_MAX / 8)
				orc_broken("A stripe lies behind its end.");
			*members[field.number] = (int64_t) field.value;
		}
	if (message.is_broken)
		orc_broken("A stripe in its footer cannot be read.");
	tail->stripes = reallocate(tail->stripes, (size_t) (tail->stripe_count + 1) * sizeof(OrcStripe));
	tail->stripes[tail->stripe_count++] = stripe;
	if (stripe.rows > INT64_MAX / 8 - tail->rows)
		orc_broken("Its number of rows cannot be.");
	tail->rows += stripe.rows;
}

static void
read_footer(OrcTail *tail, Message message)
{
	MessageField field;

	while (message_next(&message, &field))
		switch (field.number)
		{
			case FOOTER_STRIPES:
				add_stripe(tail, field.bytes);
				break;
			case FOOTER_TYPES:
				add_type(tail, field.bytes);
				break;
			case FOOTER_ENCRYPTION:
				tail->is_encrypted = true;
				break;
		}
	if (message.is_broken)
		orc_broken("Its footer cannot be read.");
}

/* ---- checks ---- */

static void
expect_children(const OrcType *type, int count)
{
	if (type->child_count != count)
		orc_broken("A type has not as many types in it as it must have.");
}

/* Each type but the first is in another one, whose number is smaller: so there are no circles. */
static void
check_type(const OrcTail *tail, int number, bool *is_used)
{
	const OrcType *type = &tail->types[number];

	for (int i = 0; i < type->child_count; i++)
	{
		int child = type->children[i];

		if (child <= number || child >= tail->type_count || is_used[child])
			orc_broken("The types in its footer are no tree.");
		is_used[child] = true;
	}
	if (type->kind == ORC_STRUCT)
		expect_children(type, type->name_count);
	else if (type->kind == ORC_LIST)
		expect_children(type, 1);
	else if (type->kind == ORC_MAP)
		expect_children(type, 2);
	else if (type->kind != ORC_UNION)
		expect_children(type, 0);
}

static void
check_types(const OrcTail *tail)
{
	bool *is_used = allocate((size_t) (tail->type_count + 1) * sizeof(bool));

	memset(is_used, 0, (size_t) tail->type_count * sizeof(bool));
	for (int i = 0; i < tail->type_count; i++)
		check_type(tail, i, is_used);
	free(is_used);
	if (tail->type_count == 0)
		orc_broken("It has no types.");
}

void
orc_tail_read(OrcTail *tail, const StoredFile *file)
{
	Postscript postscript = {.length = 0};
	OrcStream stream;
	unsigned char *bytes;
	size_t length;

	*tail = (OrcTail){.types = NULL};
	find_footer(tail, file, &postscript);
	orc_stream_begin(&stream, file, &tail->codec,
					 file->size - 1 - (int64_t) (postscript.length + postscript.footer_length),
					 (int64_t) postscript.footer_length);
	bytes = orc_stream_all(&stream, MOST_FOOTER_BYTES, &length);
	orc_stream_end(&stream);
	read_footer(tail, message_of(bytes, length));
	free(bytes);
	check_types(tail);
}

void
orc_tail_free(OrcTail *tail)
{
	for (int i = 0; i < tail->type_count; i++)
	{
		for (int j = 0; j < tail->types[i].name_count; j++)
			free(tail->types[i].names[j]);
		free(tail->types[i].names);
		free(tail->types[i].children);
		free(tail->types[i].field_id);
	}
	free(tail->types);
	free(tail->stripes);
	free(tail->version);
}
