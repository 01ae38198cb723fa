#include "connectors/files/folder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/hash.h"
#include "connectors/common/memory.h"
#include "connectors/common/judge.h"
#include "connectors/files/partition.h"
#include "connectors/files/tree.h"

/* The server is told that the work goes on, each so many parts. */
#define PARTS_OF_PROGRESS 100

typedef struct Part
{
	const TreeFile *listed;
	int number; /* in the list */
	StoredFile file;
	FileRelations relations; /* one */
} Part;

typedef struct Folder
{
	const Format *format;
	Tree tree;
	Partitions partitions;
	Part *parts;
	int count;
} Folder;

static void
give_up_parts(const char *message, const char *detail, const char *hint) __attribute__((noreturn));

static void
give_up_parts(const char *message, const char *detail, const char *hint)
{
	give_up(&(Failure){
		.step = "query", .code = "configuration", .message = message, .detail = detail, .hint = hint});
}

/* ---- the folder as a file ---- */

/* Of all files, empty ones too. */
static void
write_folder_state(const Tree *tree, char *state)
{
	uint64_t sum = HASH_BEGINS;

	/* The NUL behind each text counts, too. */
	for (int i = 0; i < tree->count; i++)
	{
		sum = hash_bytes(sum, tree->files[i].path, strlen(tree->files[i].path) + 1);
		sum = hash_bytes(sum, tree->files[i].state, strlen(tree->files[i].state) + 1);
	}
	snprintf(state, STORED_STATE_BYTES, "%d %016" PRIx64, tree->count, sum);
}

static bool
is_folder_unchanged(const StoredFile *file)
{
	const Folder *folder = file->object;
	char state[STORED_STATE_BYTES];
	Tree now;

	tree_list(&folder->tree.folder, &now);
	write_folder_state(&now, state);
	tree_free(&now);
	if (strcmp(state, file->state) != 0)
		give_up_changed_folder(NULL);
	return true;
}

static const Storage folders = {.is_unchanged = is_folder_unchanged};

/* Files without a byte are parts without rows. */
static void
take_parts(Folder *folder, StoredFile *file)
{
	folder->parts = allocate((size_t) (folder->tree.count + 1) * sizeof(Part));
	for (int i = 0; i < folder->tree.count; i++)
	{
		const TreeFile *listed = &folder->tree.files[i];

		file->size += listed->size;
		if (listed->size > 0)
			folder->parts[folder->count++] = (Part){.listed = listed, .number = i};
	}
	if (folder->count == 0)
		give_up_parts("The folder has no file with content.", NULL,
					  "Files whose names begin with `_` or `.` are passed over.");
}

void
folder_open(StoredFile *file, const Format *format)
{
	Folder *folder = allocate(sizeof(Folder));

	*folder = (Folder){.format = format};
	tree_list(file, &folder->tree);
	file->storage = &folders;
	file->object = folder;
	take_parts(folder, file);
	partitions_read(&folder->partitions, &folder->tree);
	write_folder_state(&folder->tree, file->state);
}

/* ---- parts ---- */

static void
open_part(const Folder *folder, Part *part)
{
	messages_are_of(part->listed->path);
	tree_open(&folder->tree, part->listed, &part->file);
}

static void
close_part(Part *part)
{
	stored_check(&part->file);
	stored_close(&part->file);
	messages_are_of(NULL);
}

static FileRelation *
relation_of(const Part *part)
{
	return &part->relations.items[0];
}

static void
check_folder(const Request *request, const StoredFile *file)
{
	Folder *folder = file->object;

	open_part(folder, &folder->parts[0]);
	folder->format->check(request, &folder->parts[0].file);
	close_part(&folder->parts[0]);
}

static void
survey_part(const Request *request, const Folder *folder, Part *part)
{
	open_part(folder, part);
	folder->format->check(request, &part->file);
	folder->format->survey(request, &part->file, &part->relations);
	if (part->relations.count != 1)
		give_up_parts("A part of the folder has not exactly one relation.", NULL,
					  "Such a file can be a source of its own.");
	close_part(part);
}

static bool
are_same(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool
join_column(FileColumn *a, FileColumn *b)
{
	a->not_null = b->not_null = a->not_null && b->not_null;
	return are_same(a->name, b->name) && are_same(a->type, b->type) && are_same(a->pg_type, b->pg_type) &&
		   are_same(a->more, b->more);
}

static bool
join_relations(const Format *format, FileRelation *a, FileRelation *b)
{
	if (a->column_count != b->column_count)
		return false;
	if (format->join != NULL)
		return format->join(a, b);
	for (int i = 0; i < a->column_count; i++)
		if (!join_column(&a->columns[i], &b->columns[i]))
			return false;
	return true;
}

static void
join_part(const Folder *folder, const Part *part)
{
	char detail[512];

	if (join_relations(folder->format, relation_of(&folder->parts[0]), relation_of(part)))
		return;
	snprintf(detail, sizeof(detail), "%.250s and %.250s", folder->parts[0].listed->path, part->listed->path);
	give_up_parts("The parts of the folder have different columns.", detail,
				  "A source that is a folder is one table. Each file can be a source of its own.");
}

/* ---- the relation ---- */

static void
add_columns(const Folder *folder, FileRelation *whole)
{
	const FileRelation *first = relation_of(&folder->parts[0]);

	for (int i = 0; i < first->column_count; i++)
	{
		FileColumn *column = relation_add_column(whole);

		*column = first->columns[i];
		column->name = copy_text(first->columns[i].name);
		column->more = first->columns[i].more ? copy_text(first->columns[i].more) : NULL;
	}
}

static void
add_partitions(const Folder *folder, FileRelation *whole)
{
	const Partitions *partitions = &folder->partitions;

	for (int i = 0; i < partitions->count; i++)
	{
		FileColumn *column;

		for (int j = 0; j < whole->column_count; j++)
			if (strcmp(whole->columns[j].name, partitions->names[i]) == 0)
				give_up_parts("A partition has the name of a column of the files.", partitions->names[i],
							  NULL);
		column = relation_add_column(whole);
		column->name = copy_text(partitions->names[i]);
		column->type = inferred_name(partitions->types[i]);
		column->pg_type = inferred_pg_type(partitions->types[i]);
		column->may_have_categories = true;
	}
}

/* Options that differ are those of parts, not of the whole. */
static void
add_options(const Folder *folder, FileRelation *whole)
{
	const WireBuffer *first = &relation_of(&folder->parts[0])->options;

	for (int i = 1; i < folder->count; i++)
	{
		const WireBuffer *options = &relation_of(&folder->parts[i])->options;

		if (options->length != first->length ||
			(first->length > 0 && memcmp(options->data, first->data, first->length) != 0))
			return;
	}
	wire_append(&whole->options, first->data, first->length);
}

static void
add_rows(const Folder *folder, FileRelation *whole)
{
	whole->rows = 0;
	for (int i = 0; i < folder->count && whole->rows != ABSENT; i++)
	{
		int64_t rows = relation_of(&folder->parts[i])->rows;

		whole->rows = rows == ABSENT ? ABSENT : whole->rows + rows;
	}
}

static void
survey_folder(const Request *request, const StoredFile *file, FileRelations *relations)
{
	Folder *folder = file->object;
	FileRelation *whole = relations_add(relations, file);

	for (int i = 0; i < folder->count; i++)
	{
		survey_part(request, folder, &folder->parts[i]);
		join_part(folder, &folder->parts[i]);
		if (i % PARTS_OF_PROGRESS == PARTS_OF_PROGRESS - 1)
			emit_progress("read", ABSENT);
	}
	whole->name = copy_text(file->name);
	whole->id = copy_text(FILE_ID);
	whole->content = folder;
	add_columns(folder, whole);
	add_partitions(folder, whole);
	add_options(folder, whole);
	add_rows(folder, whole);
}

/* ---- rows ---- */

typedef struct FolderRows
{
	const Folder *folder;
	ReadRequest read; /* with the conditions on columns of the files */
	bool has_read;
	int count;
	int *partitions; /* of each value; -1: it is one of the file's */
	int *columns;    /* of the files, that are read */
	int column_count;
	FileValue *values; /* of these */
	Judge *judges;     /* of conditions on partitions */
	int *judged;
	int judge_count;
	int next; /* part */
	Part *part;
	void *rows; /* of that part */
} FolderRows;

static int
find_partition(const Folder *folder, const char *name)
{
	for (int i = 0; i < folder->partitions.count; i++)
		if (strcmp(folder->partitions.names[i], name) == 0)
			return i;
	return -1;
}

static void
take_condition(FolderRows *rows, const Condition *condition)
{
	int partition = find_partition(rows->folder, condition->column);

	if (partition < 0)
		rows->read.conditions[rows->read.condition_count++] = *condition;
	else if (judge_begin(&rows->judges[rows->judge_count], condition,
						 inferred_pg_type(rows->folder->partitions.types[partition])))
		rows->judged[rows->judge_count++] = partition;
}

static void
take_conditions(FolderRows *rows, const ReadRequest *read)
{
	size_t count = (size_t) (read ? read->condition_count : 0) + 1;

	rows->judges = allocate(count * sizeof(Judge));
	rows->judged = allocate(count * sizeof(int));
	rows->read.conditions = NULL;
	if (read == NULL)
		return;
	rows->has_read = true;
	rows->read = *read;
	rows->read.conditions = allocate(count * sizeof(Condition));
	rows->read.condition_count = 0;
	for (int i = 0; i < read->condition_count; i++)
		take_condition(rows, &read->conditions[i]);
}

static void *
rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read)
{
	FolderRows *rows = allocate(sizeof(FolderRows));
	const Folder *folder = relation->content;
	int own = relation->column_count - folder->partitions.count;

	*rows = (FolderRows){.folder = folder, .count = count};
	rows->partitions = allocate((size_t) (count + 1) * sizeof(int));
	rows->columns = allocate((size_t) (count + 1) * sizeof(int));
	rows->values = allocate((size_t) (count + 1) * sizeof(FileValue));
	for (int i = 0; i < count; i++)
	{
		rows->partitions[i] = columns[i] < own ? -1 : columns[i] - own;
		if (columns[i] < own)
			rows->columns[rows->column_count++] = columns[i];
	}
	take_conditions(rows, read);
	return rows;
}

static bool
is_pruned(const FolderRows *rows, const Part *part)
{
	for (int i = 0; i < rows->judge_count; i++)
		if (!judge_passes(&rows->judges[i],
						  partition_value(&rows->folder->partitions, part->number, rows->judged[i])))
			return true;
	return false;
}

/* The types of the whole are known when all parts have been joined: those of this part follow. */
static void
begin_part(FolderRows *rows, Part *part)
{
	const Folder *folder = rows->folder;

	join_part(folder, part);
	open_part(folder, part);
	rows->part = part;
	rows->rows = folder->format->rows_begin(relation_of(part), rows->columns, rows->column_count,
											rows->has_read ? &rows->read : NULL);
}

static void
end_part(FolderRows *rows)
{
	rows->folder->format->rows_end(rows->rows);
	close_part(rows->part);
	rows->part = NULL;
}

/* Returns false behind the last part. */
static bool
next_part(FolderRows *rows)
{
	while (rows->next < rows->folder->count)
	{
		Part *part = &rows->folder->parts[rows->next++];

		if (is_pruned(rows, part))
			continue;
		begin_part(rows, part);
		return true;
	}
	return false;
}

static void
place_values(const FolderRows *rows, FileValue *values)
{
	int own = 0;

	for (int i = 0; i < rows->count; i++)
		values[i] = rows->partitions[i] < 0 ? rows->values[own++]
											: *partition_value(&rows->folder->partitions, rows->part->number,
															   rows->partitions[i]);
}

static bool
rows_next(void *of, FileValue *values)
{
	FolderRows *rows = of;

	for (;;)
	{
		if (rows->part == NULL && !next_part(rows))
			return false;
		if (rows->folder->format->rows_next(rows->rows, rows->values))
		{
			place_values(rows, values);
			return true;
		}
		end_part(rows);
	}
}

static void
rows_end(void *of)
{
	FolderRows *rows = of;

	if (rows->part != NULL)
		end_part(rows);
	for (int i = 0; i < rows->judge_count; i++)
		judge_end(&rows->judges[i]);
	free(rows->judges);
	free(rows->judged);
	free(rows->read.conditions);
	free(rows->partitions);
	free(rows->columns);
	free(rows->values);
	free(rows);
}

const Format *
folder_format(const Format *format)
{
	static Format of_folders;

	of_folders = (Format){.what = "a folder",
						  .documents = format->documents,
						  .has_one_relation = true,
						  .check = check_folder,
						  .survey = survey_folder,
						  .rows_begin = rows_begin,
						  .rows_next = rows_next,
						  .rows_end = rows_end};
	return &of_folders;
}
