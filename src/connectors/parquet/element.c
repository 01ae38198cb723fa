#include "connectors/parquet/element.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/parquet/text.h"

/* ---- the logical type, a union ---- */

static void
read_decimal(Thrift *in, SchemaElement *element)
{
	ThriftField field = {.id = 0};

	while (thrift_next(in, &field))
		if (field.id == 1)
			element->scale = thrift_i32(in, &field);
		else if (field.id == 2)
			element->precision = thrift_i32(in, &field);
		else
			thrift_skip(in, &field);
}

/* Which of milliseconds, microseconds and nanoseconds. */
static void
read_unit(Thrift *in, const ThriftField *field, SchemaElement *element)
{
	ThriftField unit = {.id = 0};

	if (!thrift_structure(in, field))
		return;
	while (thrift_next(in, &unit))
	{
		element->unit = unit.id == 1 ? UNIT_MILLISECOND : unit.id == 2 ? UNIT_MICROSECOND : UNIT_NANOSECOND;
		thrift_skip(in, &unit);
	}
	thrift_leave(in);
}

static void
read_time(Thrift *in, SchemaElement *element)
{
	ThriftField field = {.id = 0};

	element->unit = UNIT_MILLISECOND;
	while (thrift_next(in, &field))
		if (field.id == 1)
			element->is_utc = thrift_boolean(in, &field);
		else if (field.id == 2)
			read_unit(in, &field, element);
		else
			thrift_skip(in, &field);
}

static void
read_integer(Thrift *in, SchemaElement *element)
{
	ThriftField field = {.id = 0};

	while (thrift_next(in, &field))
		if (field.id == 1)
			element->bits = thrift_i32(in, &field);
		else if (field.id == 2)
			element->is_signed = thrift_boolean(in, &field);
		else
			thrift_skip(in, &field);
}

static void
read_place(Thrift *in, SchemaElement *element)
{
	ThriftField field = {.id = 0};

	while (thrift_next(in, &field))
		if (field.id == 1)
			element->crs = thrift_bytes(in, &field);
		else if (field.id == 2)
			element->algorithm = thrift_i32(in, &field);
		else
			thrift_skip(in, &field);
}

static void
read_nothing(Thrift *in, SchemaElement *element)
{
	ThriftField field = {.id = 0};

	(void) element;
	while (thrift_next(in, &field))
		thrift_skip(in, &field);
}

static const struct
{
	LogicalType logical;
	void (*read)(Thrift *in, SchemaElement *element);
} logical_types[] = {[1] = {LOGICAL_STRING, read_nothing},   [2] = {LOGICAL_MAP, read_nothing},
					 [3] = {LOGICAL_LIST, read_nothing},     [4] = {LOGICAL_ENUM, read_nothing},
					 [5] = {LOGICAL_DECIMAL, read_decimal},  [6] = {LOGICAL_DATE, read_nothing},
					 [7] = {LOGICAL_TIME, read_time},        [8] = {LOGICAL_TIMESTAMP, read_time},
					 [10] = {LOGICAL_INTEGER, read_integer}, [11] = {LOGICAL_UNKNOWN, read_nothing},
					 [12] = {LOGICAL_JSON, read_nothing},    [13] = {LOGICAL_BSON, read_nothing},
					 [14] = {LOGICAL_UUID, read_nothing},    [15] = {LOGICAL_FLOAT16, read_nothing},
					 [16] = {LOGICAL_VARIANT, read_nothing}, [17] = {LOGICAL_GEOMETRY, read_place},
					 [18] = {LOGICAL_GEOGRAPHY, read_place}};

#define LOGICAL_TYPES ((int) (sizeof(logical_types) / sizeof(logical_types[0])))

static void
read_logical(Thrift *in, const ThriftField *field, SchemaElement *element)
{
	ThriftField member = {.id = 0};

	if (!thrift_structure(in, field))
		return;
	while (thrift_next(in, &member))
	{
		if (member.id >= LOGICAL_TYPES || logical_types[member.id].read == NULL)
		{
			thrift_skip(in, &member);
			continue;
		}
		element->logical = logical_types[member.id].logical;
		if (!thrift_structure(in, &member))
			return;
		logical_types[member.id].read(in, element);
		thrift_leave(in);
	}
	thrift_leave(in);
}

/* ---- the converted type ---- */

static const struct
{
	LogicalType logical;
	int size; /* bits of an integer, or the unit of a time */
	bool is_signed;
} converted_types[] = {[0] = {.logical = LOGICAL_STRING},
					   [1] = {.logical = LOGICAL_MAP},
					   [2] = {.logical = LOGICAL_MAP},
					   [3] = {.logical = LOGICAL_LIST},
					   [4] = {.logical = LOGICAL_ENUM},
					   [5] = {.logical = LOGICAL_DECIMAL},
					   [6] = {.logical = LOGICAL_DATE},
					   [7] = {.logical = LOGICAL_TIME, .size = UNIT_MILLISECOND},
					   [8] = {.logical = LOGICAL_TIME, .size = UNIT_MICROSECOND},
					   [9] = {.logical = LOGICAL_TIMESTAMP, .size = UNIT_MILLISECOND},
					   [10] = {.logical = LOGICAL_TIMESTAMP, .size = UNIT_MICROSECOND},
					   [11] = {.logical = LOGICAL_INTEGER, .size = 8},
					   [12] = {.logical = LOGICAL_INTEGER, .size = 16},
					   [13] = {.logical = LOGICAL_INTEGER, .size = 32},
					   [14] = {.logical = LOGICAL_INTEGER, .size = 64},
					   [15] = {.logical = LOGICAL_INTEGER, .size = 8, .is_signed = true},
					   [16] = {.logical = LOGICAL_INTEGER, .size = 16, .is_signed = true},
					   [17] = {.logical = LOGICAL_INTEGER, .size = 32, .is_signed = true},
					   [18] = {.logical = LOGICAL_INTEGER, .size = 64, .is_signed = true},
					   [19] = {.logical = LOGICAL_JSON},
					   [20] = {.logical = LOGICAL_BSON},
					   [21] = {.logical = LOGICAL_INTERVAL}};

#define CONVERTED_TYPES ((int) (sizeof(converted_types) / sizeof(converted_types[0])))

/* Times of the older kind are those of UTC. */
static void
convert(SchemaElement *element, int converted)
{
	if (element->logical != LOGICAL_NONE || converted < 0 || converted >= CONVERTED_TYPES)
		return;
	element->logical = converted_types[converted].logical;
	element->bits = converted_types[converted].size;
	element->is_signed = converted_types[converted].is_signed;
	element->unit = (TimeUnit) converted_types[converted].size;
	element->is_utc = true;
}

/* ---- the element ---- */

/* As UTF-8 without NUL. */
static char *
copy_name(ThriftBytes bytes)
{
	WireBuffer name = {.data = NULL};

	text_append(&name, bytes.start, bytes.length);
	wire_append(&name, "", 1);
	if (name.failed)
		give_up_out_of_memory();
	return name.data;
}

static void
read_field(Thrift *in, const ThriftField *field, SchemaElement *element, int *converted)
{
	switch (field->id)
	{
		case 1:
			element->physical = (PhysicalType) thrift_i32(in, field);
			break;
		case 2:
			element->length = thrift_i32(in, field);
			break;
		case 3:
			element->repetition = (Repetition) thrift_i32(in, field);
			break;
		case 4:
			free(element->name);
			element->name = copy_name(thrift_bytes(in, field));
			break;
		case 5:
			element->child_count = thrift_i32(in, field);
			break;
		case 6:
			*converted = thrift_i32(in, field);
			break;
		case 7:
			element->scale = thrift_i32(in, field);
			break;
		case 8:
			element->precision = thrift_i32(in, field);
			break;
		case 9:
			element->id = thrift_i32(in, field);
			element->has_id = true;
			break;
		case 10:
			read_logical(in, field, element);
			break;
		default:
			thrift_skip(in, field);
	}
}

void
element_read(Thrift *in, SchemaElement *element)
{
	ThriftField field = {.id = 0};
	int converted = -1;

	*element = (SchemaElement){.physical = PHYSICAL_NONE, .algorithm = -1};
	while (thrift_next(in, &field))
		read_field(in, &field, element, &converted);
	convert(element, converted);
	if (element->child_count > 0)
		element->physical = PHYSICAL_NONE;
}
