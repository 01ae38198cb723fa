#include "connectors/iceberg/partition.h"

#include <string.h>

#include "connectors/iceberg/schema.h"

/* What the first version of the format numbers fields from that have no id. */
#define FIRST_PARTITION_ID 1000

const JsonNode *
iceberg_present_partition(const JsonNode *root)
{
	int64_t number;
	const JsonNode *specs = json_member(root, "partition-specs");

	if (specs && json_member_integer(root, "default-spec-id", &number))
		return json_member(iceberg_numbered(specs, "spec-id", number), "fields");
	return json_member(root, "partition-spec");
}

const JsonNode *
iceberg_partition_source(const JsonNode *field)
{
	const JsonNode *source = json_member(field, "source-id");
	const JsonNode *sources = json_member(field, "source-ids");

	return source || sources == NULL ? source : sources->first;
}

static bool
is_identity_of(const JsonNode *field, int64_t column)
{
	const char *transform = json_member_text(field, "transform");
	int64_t source;

	return transform && strcmp(transform, "identity") == 0 &&
		   json_integer(iceberg_partition_source(field), &source) && source == column;
}

int64_t
iceberg_identity_partition(const IcebergMetadata *metadata, int64_t spec, int64_t column, int *position)
{
	const JsonNode *specs = json_member(metadata->root, "partition-specs");
	const JsonNode *fields = specs ? json_member(iceberg_numbered(specs, "spec-id", spec), "fields")
								   : json_member(metadata->root, "partition-spec");
	int64_t id;

	*position = 0;
	for (const JsonNode *field = fields ? fields->first : NULL; field; field = field->next, ++*position)
		if (is_identity_of(field, column))
			return json_member_integer(field, "field-id", &id) ? id : FIRST_PARTITION_ID + *position;
	return NO_PARTITION_ID;
}
