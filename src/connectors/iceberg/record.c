#include "connectors/iceberg/record.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

void
iceberg_record_begin(IcebergRecord *record, const AvroType *type)
{
	*record = (IcebergRecord){.type = avro_without_null(type)};
	if (record->type->kind != AVRO_RECORD)
		return;
	record->ids = allocate((size_t) (record->type->count + 1) * sizeof(int64_t));
	for (int i = 0; i < record->type->count; i++)
		if (!json_member_integer(record->type->fields[i].json, "field-id", &record->ids[i]))
			record->ids[i] = NO_FIELD_ID;
}

void
iceberg_record_end(IcebergRecord *record)
{
	free(record->ids);
	*record = (IcebergRecord){.type = NULL};
}

const AvroField *
iceberg_record_field(const IcebergRecord *record, int64_t id)
{
	for (int i = 0; record->ids && i < record->type->count; i++)
		if (record->ids[i] == id)
			return &record->type->fields[i];
	return NULL;
}

bool
iceberg_take_integer(AvroFile *avro, const AvroType *type, int64_t *number)
{
	const AvroType *branch = avro_take_branch(avro, type);

	if (branch->kind != AVRO_INT && branch->kind != AVRO_LONG)
	{
		avro_skip(avro, branch);
		return false;
	}
	*number = avro_take_integer(avro, branch);
	return true;
}

bool
iceberg_take_boolean(AvroFile *avro, const AvroType *type, bool *is_true)
{
	const AvroType *branch = avro_take_branch(avro, type);

	if (branch->kind != AVRO_BOOLEAN)
	{
		avro_skip(avro, branch);
		return false;
	}
	*is_true = avro_take_boolean(avro);
	return true;
}

bool
iceberg_take_bytes(AvroFile *avro, const AvroType *type, AvroBytes *bytes)
{
	const AvroType *branch = avro_take_branch(avro, type);

	if (branch->kind != AVRO_BYTES && branch->kind != AVRO_STRING && branch->kind != AVRO_FIXED)
	{
		avro_skip(avro, branch);
		return false;
	}
	*bytes = avro_take_bytes(avro, branch);
	return true;
}

char *
iceberg_take_text(AvroFile *avro, const AvroType *type)
{
	AvroBytes bytes;
	char *text;

	if (!iceberg_take_bytes(avro, type, &bytes))
		return NULL;
	text = allocate(bytes.length + 1);
	memcpy(text, bytes.bytes, bytes.length);
	text[bytes.length] = '\0';
	return text;
}
