#include "definition.h"

/* The segment: this header, then the columns, then the sealed credentials. */
typedef struct SharedDefinition
{
	int64 key_id;
	Size columns_size;
	Size sealed_size; /* 0 = none */
	char bytes[FLEXIBLE_ARRAY_MEMBER];
} SharedDefinition;

dsm_segment *
rg_definition_share(const RgDefinitionToTest *definition, dsm_handle *handle)
{
	Size columns_size = VARSIZE(definition->columns);
	Size sealed_size = definition->sealed ? VARSIZE(definition->sealed) : 0;
	dsm_segment *segment =
		dsm_create(offsetof(SharedDefinition, bytes) + MAXALIGN(columns_size) + sealed_size, 0);
	SharedDefinition *shared = dsm_segment_address(segment);

	shared->key_id = definition->key_id;
	shared->columns_size = columns_size;
	shared->sealed_size = sealed_size;
	memcpy(shared->bytes, definition->columns, columns_size);
	if (sealed_size > 0)
		memcpy(shared->bytes + MAXALIGN(columns_size), definition->sealed, sealed_size);
	*handle = dsm_segment_handle(segment);
	return segment;
}

static void *
copy_out(const char *bytes, Size size)
{
	return size > 0 ? memcpy(palloc(size), bytes, size) : NULL;
}

bool
rg_call_definition(const RgCall *request, RgDefinitionToTest *definition)
{
	dsm_segment *segment = dsm_attach(request->definition);

	if (segment == NULL)
		return false;

	SharedDefinition *shared = dsm_segment_address(segment);

	definition->key_id = shared->key_id;
	definition->columns = copy_out(shared->bytes, shared->columns_size);
	definition->sealed = copy_out(shared->bytes + MAXALIGN(shared->columns_size), shared->sealed_size);
	dsm_detach(segment);
	return true;
}
