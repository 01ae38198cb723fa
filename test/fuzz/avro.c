/*
 * avro.c — an Avro object container file: its schema, and all its values, taken and skipped.
 *
 * Sources: src/connectors/avro src/connectors/jsontree src/connectors/files/storage.c
 * Sources: src/connectors/common/configuration.c src/connectors/common/memory.c src/wire
 * Uses: connector columnar yajl
 */
#include "connectors/avro/avro_values.h"

#include <stdint.h>

#include "lib/columnar.h"

#define MOST_OBJECTS 200
#define MOST_LEVELS  100

static void take(AvroFile *avro, const AvroType *type, int level);

static void
take_items(AvroFile *avro, const AvroType *type, int level)
{
	AvroItems items = {0};

	while (avro_next_item(avro, &items))
	{
		if (type->kind == AVRO_MAP)
			avro_take_key(avro);
		take(avro, type->fields[0].type, level);
	}
}

static void
take_held(AvroFile *avro, const AvroType *type, int level)
{
	if (level > MOST_LEVELS)
		fuzz_end();
	if (type->kind == AVRO_UNION)
		take(avro, avro_take_branch(avro, type), level);
	else if (type->kind == AVRO_RECORD)
		for (int i = 0; i < type->count; i++)
			take(avro, type->fields[i].type, level);
	else
		take_items(avro, type, level);
}

static void
take(AvroFile *avro, const AvroType *type, int level)
{
	static int taken;

	if (level == 0)
		taken = 0;
	if (++taken > 1000000)
		fuzz_end();
	switch (type->kind)
	{
		case AVRO_NULL:
			break;
		case AVRO_BOOLEAN:
			avro_take_boolean(avro);
			break;
		case AVRO_INT:
		case AVRO_LONG:
		case AVRO_ENUM:
			avro_take_integer(avro, type);
			break;
		case AVRO_FLOAT:
		case AVRO_DOUBLE:
			avro_take_number(avro, type);
			break;
		case AVRO_BYTES:
		case AVRO_STRING:
		case AVRO_FIXED:
		{
			AvroBytes bytes = avro_take_bytes(avro, type);

			fuzz_must(bytes.bytes + bytes.length <= avro->end, "bytes lie in their block");
			break;
		}
		default:
			take_held(avro, type, level + 1);
	}
}

void
fuzz_begin(void)
{
	fuzz_file_begin();
}

void
fuzz(const char *bytes, size_t length)
{
	StoredFile stored;
	AvroFile avro;

	fuzz_file(bytes, length, &stored);
	avro_open(&avro, &stored);
	for (int i = 0; i < MOST_OBJECTS && avro_next(&avro); i++)
	{
		const char *start = avro.at;
		const char *taken;

		take(&avro, avro.type, 0);
		taken = avro.at;
		avro.at = start;
		avro_skip(&avro, avro.type);
		fuzz_must(avro.at == taken, "what is skipped ends where what is taken does");
	}
	avro_close(&avro);
	fuzz_must_have_freed();
}
