#include "connectors/s3/parts.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/s3/join_columns.h"
#include "connectors/s3/object.h"
#include "connectors/s3/part_rows.h"

const Format parts_format = {
	.what = "parts", .rows_begin = part_rows_begin, .rows_next = part_rows_next, .rows_end = part_rows_end};

static int
newest(const BucketRelation *source)
{
	int found = 0;

	for (int i = 1; i < source->object_count; i++)
		if (strcmp(source->objects[i]->modified, source->objects[found]->modified) > 0)
			found = i;
	return found;
}

/* The newest one, whose columns come first, the first, the last and the middle one. Returns how many. */
static int
choose_objects(const BucketRelation *source, int *chosen)
{
	int places[MOST_LOOKED_AT] = {newest(source), 0, source->object_count - 1, source->object_count / 2};
	int count = 0;

	for (int i = 0; i < MOST_LOOKED_AT; i++)
	{
		bool is_new = true;

		for (int j = 0; j < count; j++)
			is_new &= chosen[j] != places[i];
		if (is_new)
			chosen[count++] = places[i];
	}
	return count;
}

static FileRelation *
relation_of(const Parts *parts, int number)
{
	return &parts->surveys[number].found.items[0];
}

static bool
have_same_names(const FileRelation *one, const FileRelation *other)
{
	bool are_same = one->column_count == other->column_count;

	for (int i = 0; are_same && i < one->column_count; i++)
		are_same = strcmp(one->columns[i].name, other->columns[i].name) == 0;
	return are_same;
}

bool
parts_join(const Parts *parts, FileRelation *part)
{
	const Format *format = parts->source->format->format;
	FileRelation *first = relation_of(parts, 0);

	return have_same_names(first, part) && (format->join == NULL || format->join(first, part));
}

/* An object that was looked at is read no more: what was found in it stays. */
static bool
look_at(Parts *parts, const ListedObject *object, AttemptFailure *failure)
{
	Survey *survey = &parts->surveys[parts->looked_at];

	if (!survey_object(survey, parts->request, parts->bucket, parts->source->format, object, failure))
		return false;
	stored_close(&survey->file);
	parts->looked_at++;
	parts->are_alike &= parts_join(parts, &survey->found.items[0]);
	return true;
}

/* Types are those that the last join has left. */
static void
add_columns(Parts *parts)
{
	for (int i = 0; i < parts->looked_at; i++)
	{
		(void) parts_join(parts, relation_of(parts, i));
		parts->are_alike &= join_columns(&parts->relation, relation_of(parts, i));
	}
	for (int i = 0; parts->looked_at < parts->source->object_count && i < parts->relation.column_count; i++)
		parts->relation.columns[i].not_null = false;
}

/* They are known if all parts are. */
static void
add_rows(Parts *parts)
{
	int64_t rows = 0;

	for (int i = 0; i < parts->looked_at && rows != ABSENT; i++)
		rows = relation_of(parts, i)->rows == ABSENT ? ABSENT : rows + relation_of(parts, i)->rows;
	if (parts->looked_at == parts->source->object_count)
		parts->relation.rows = rows;
}

static void
add_partition(Parts *parts, int number)
{
	const BucketRelation *source = parts->source;
	Inference inference = INFERENCE_BEGINS;
	FileColumn *column;
	InferredType type;

	for (int i = 0; i < source->object_count; i++)
	{
		char *value = folders_partition_value(source, source->objects[i]->key, number);

		if (value != NULL)
			infer_add(&inference, value, strlen(value));
		free(value);
	}
	type = infer_type(&inference, false);
	parts->partition_types[number] = type;
	column = relation_add_column(&parts->relation);
	column->name = copy_text(source->partitions[number]);
	column->type = inferred_name(type);
	column->pg_type = inferred_pg_type(type);
	column->may_have_categories = type == INFERRED_TEXT || type == INFERRED_BOOLEAN;
}

/* A column of that name which is in the files, too, is the one of the files. */
static void
add_partitions(Parts *parts)
{
	WireBuffer names = {0};

	parts->file_columns = parts->relation.column_count;
	for (int i = 0; i < parts->source->partition_count; i++)
	{
		wire_append_text(&names, i > 0 ? ", " : "");
		wire_append_text(&names, parts->source->partitions[i]);
		if (find_file_column(&parts->relation, parts->source->partitions[i]) < 0)
			add_partition(parts, i);
	}
	document_further(&parts->relation.options, "format", parts->source->format->name);
	wire_append(&names, "", 1);
	if (names.failed)
		give_up_out_of_memory();
	if (parts->source->partition_count > 0)
		document_further(&parts->relation.options, "partitioned_by", names.data);
	wire_free(&names);
}

bool
parts_survey(Parts *parts, const Request *request, Bucket *bucket, const BucketRelation *source,
			 AttemptFailure *failure)
{
	int chosen[MOST_LOOKED_AT];
	int count = choose_objects(source, chosen);

	*parts = (Parts){.request = request, .bucket = bucket, .source = source, .are_alike = true};
	parts->relation = (FileRelation){.file = &no_stored_file, .rows = ABSENT, .content = parts};
	for (int i = 0; i < count; i++)
		if (!look_at(parts, source->objects[chosen[i]], failure))
			return false;
	add_columns(parts);
	add_rows(parts);
	add_partitions(parts);
	return true;
}

void
parts_free(Parts *parts)
{
	FileRelations relations = {.items = allocate(sizeof(FileRelation)), .count = 1};

	relations.items[0] = parts->relation;
	relations_free(&relations);
	for (int i = 0; i < parts->looked_at; i++)
		survey_end(&parts->surveys[i]);
}
