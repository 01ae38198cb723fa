#include "connectors/hudi/commit.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/avro/avro_values.h"
#include "connectors/common/attempt.h"
#include "connectors/common/memory.h"
#include "connectors/files/directory.h"
#include "connectors/jsontree/json_tree.h"

#define MOST_COMMIT_BYTES (256u << 20)

#define EXTRA    "extraMetadata"
#define REPLACED "partitionToReplaceFileIds"
#define SCHEMA   "schema"

static void
take_text(char **text, const char *bytes, size_t length)
{
	free(*text);
	*text = allocate(length + 1);
	memcpy(*text, bytes, length);
	(*text)[length] = '\0';
}

/* Room is made for a power of two. */
static void
add_replaced(HudiCommit *commit, const char *partition, const char *group, size_t length)
{
	int count = commit->replaced_count;

	if ((count & (count - 1)) == 0)
		commit->replaced =
			reallocate(commit->replaced, (size_t) (count == 0 ? 1 : 2 * count) * sizeof(HudiReplaced));
	commit->replaced[count] = (HudiReplaced){.partition = copy_text(partition)};
	take_text(&commit->replaced[count].group, group, length);
	commit->replaced_count++;
}

/* ---- JSON ---- */

static void
take_replaced(HudiCommit *commit, const JsonNode *partitions)
{
	for (const JsonNode *partition = partitions ? partitions->first : NULL; partition;
		 partition = partition->next)
		for (const JsonNode *group = partition->first; group; group = group->next)
			if (partition->name && group->kind == JSON_TEXT)
				add_replaced(commit, partition->name, group->text, group->length);
}

static void
take_schema(HudiCommit *commit, const JsonNode *extra)
{
	const JsonNode *node = json_member(extra, SCHEMA);

	if (node && node->kind == JSON_TEXT)
		take_text(&commit->schema, node->text, node->length);
}

static bool
read_json(HudiCommit *commit, const char *text, size_t length)
{
	char fault[128];
	JsonTree *tree = json_tree_read(text, length, fault, sizeof(fault));
	const JsonNode *root = tree ? json_tree_root(tree) : NULL;
	bool is_object = root && root->kind == JSON_OBJECT;

	if (is_object)
	{
		take_schema(commit, json_member(root, EXTRA));
		take_replaced(commit, json_member(root, REPLACED));
	}
	if (tree)
		json_tree_free(tree);
	return is_object;
}

/* ---- Avro ---- */

/* Its kind is not looked at where values are of another one than is asked for: they are passed over. */
static bool
takes(AvroFile *avro, const AvroType **type, AvroKind kind)
{
	*type = avro_take_branch(avro, *type);
	if ((*type)->kind == kind)
		return true;
	avro_skip(avro, *type);
	return false;
}

static void
take_avro_extra(HudiCommit *commit, AvroFile *avro, const AvroType *type)
{
	AvroItems items = {0};

	if (!takes(avro, &type, AVRO_MAP))
		return;
	while (avro_next_item(avro, &items))
	{
		AvroBytes key = avro_take_key(avro);
		bool is_schema = key.length == strlen(SCHEMA) && memcmp(key.bytes, SCHEMA, key.length) == 0;
		const AvroType *value = type->fields[0].type;
		AvroBytes text;

		if (!takes(avro, &value, AVRO_STRING))
			continue;
		text = avro_take_bytes(avro, value);
		if (is_schema)
			take_text(&commit->schema, text.bytes, text.length);
	}
}

static void
take_avro_groups(HudiCommit *commit, AvroFile *avro, const AvroType *type, const char *partition)
{
	AvroItems items = {0};

	if (!takes(avro, &type, AVRO_ARRAY))
		return;
	while (avro_next_item(avro, &items))
	{
		const AvroType *value = type->fields[0].type;
		AvroBytes group;

		if (!takes(avro, &value, AVRO_STRING))
			continue;
		group = avro_take_bytes(avro, value);
		add_replaced(commit, partition, group.bytes, group.length);
	}
}

static void
take_avro_replaced(HudiCommit *commit, AvroFile *avro, const AvroType *type)
{
	AvroItems items = {0};
	char *partition = NULL;

	if (!takes(avro, &type, AVRO_MAP))
		return;
	while (avro_next_item(avro, &items))
	{
		AvroBytes key = avro_take_key(avro);

		take_text(&partition, key.bytes, key.length);
		take_avro_groups(commit, avro, type->fields[0].type, partition);
	}
	free(partition);
}

static void
take_object(HudiCommit *commit, AvroFile *avro)
{
	for (int i = 0; i < avro->type->count; i++)
	{
		const AvroField *field = &avro->type->fields[i];

		if (strcmp(field->name, EXTRA) == 0)
			take_avro_extra(commit, avro, field->type);
		else if (strcmp(field->name, REPLACED) == 0)
			take_avro_replaced(commit, avro, field->type);
		else
			avro_skip(avro, field->type);
	}
}

static bool
read_avro(HudiCommit *commit, const StoredFile *file)
{
	AvroFile avro;
	bool is_record;

	avro_open(&avro, file);
	is_record = avro.type->kind == AVRO_RECORD;
	while (is_record && avro_next(&avro))
		take_object(commit, &avro);
	avro_close(&avro);
	return is_record;
}

/* ---- either ---- */

/* What is tried. */
typedef struct Reading
{
	HudiCommit *commit;
	const StoredFile *folder;
	const char *path;
	bool is_read;
} Reading;

static void
read_commit(void *of)
{
	Reading *reading = of;
	char magic[4];
	StoredFile file;
	size_t length;
	char *text;

	if (!directory_open(reading->folder, reading->path, &file))
		return;
	if (avro_begins(magic, stored_read(&file, magic, sizeof(magic), 0)))
		reading->is_read = read_avro(reading->commit, &file);
	else if ((text = directory_read(reading->folder, reading->path, MOST_COMMIT_BYTES, &length)) != NULL)
	{
		reading->is_read = read_json(reading->commit, text, length);
		free(text);
	}
	directory_close(&file);
}

bool
hudi_commit_read(HudiCommit *commit, const StoredFile *folder, const HudiInstant *instant)
{
	Reading reading = {.commit = commit, .folder = folder, .path = instant->path};
	AttemptFailure failure;

	*commit = (HudiCommit){.schema = NULL};
	return attempt(read_commit, &reading, &failure) && reading.is_read;
}

void
hudi_commit_free(HudiCommit *commit)
{
	for (int i = 0; i < commit->replaced_count; i++)
	{
		free(commit->replaced[i].partition);
		free(commit->replaced[i].group);
	}
	free(commit->replaced);
	free(commit->schema);
	*commit = (HudiCommit){.schema = NULL};
}
