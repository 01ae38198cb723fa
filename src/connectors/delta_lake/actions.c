#include "connectors/delta_lake/actions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/delta_lake/lines.h"
#include "connectors/delta_lake/log.h"
#include "connectors/parquet/part.h"

typedef struct Reading
{
	const char *path;
	const char *const *kinds;
	DeltaActionTake take;
	void *context;
} Reading;

static bool
is_wanted(const Reading *reading, const char *kind)
{
	for (const char *const *wanted = reading->kinds; *wanted; wanted++)
		if (strcmp(*wanted, kind) == 0)
			return true;
	return false;
}

static JsonTree *
read_tree(const Reading *reading, const char *text, size_t length)
{
	char fault[128];
	JsonTree *tree = json_tree_read(text, length, fault, sizeof(fault));

	if (tree == NULL)
		delta_broken(reading->path, fault);
	return tree;
}

static void
hand_over(const Reading *reading, const char *kind, const JsonNode *body, JsonTree **tree)
{
	DeltaAction action = {.kind = kind, .body = body, .tree = *tree};

	if (body->kind == JSON_NULL)
		return;
	if (body->kind != JSON_OBJECT)
		delta_broken(reading->path, "an action is no object");
	reading->take(reading->context, &action);
	*tree = action.tree;
}

/* ---- lines ---- */

/* Most lines are of other kinds: they are told by the word, before they are read as JSON. */
static bool
may_be_wanted(const Reading *reading, const char *line, size_t length)
{
	char word[64];

	for (const char *const *wanted = reading->kinds; *wanted; wanted++)
	{
		int written = snprintf(word, sizeof(word), "\"%s\"", *wanted);

		if (memmem(line, length, word, (size_t) written))
			return true;
	}
	return false;
}

static void
take_line(const Reading *reading, const char *line, size_t length)
{
	JsonTree *tree;
	const JsonNode *root;

	if (strspn(line, " \t\r") == length || !may_be_wanted(reading, line, length))
		return;
	tree = read_tree(reading, line, length);
	root = json_tree_root(tree);
	if (root->kind != JSON_OBJECT)
		delta_broken(reading->path, "a line is no object");
	for (const JsonNode *member = root->first; member && tree; member = member->next)
		if (is_wanted(reading, member->name))
			hand_over(reading, member->name, member, &tree);
	if (tree)
		json_tree_free(tree);
}

static void
read_lines(const Reading *reading, const StoredFile *folder)
{
	DeltaLines lines;
	size_t length;
	const char *line;

	delta_lines_begin(&lines, folder, reading->path);
	while ((line = delta_lines_next(&lines, &length)) != NULL)
		take_line(reading, line, length);
	delta_lines_end(&lines);
}

/* ---- rows of a checkpoint ---- */

/* The columns of the kinds; a writer leaves out those that it has no actions of. */
static int
find_columns(const Reading *reading, const FileRelation *relation, int *columns)
{
	int count = 0;

	for (int i = 0; i < relation->column_count; i++)
		if (is_wanted(reading, relation->columns[i].name))
			columns[count++] = i;
	return count;
}

static void
take_value(const Reading *reading, const char *kind, const FileValue *value)
{
	JsonTree *tree;

	if (value->bytes == NULL)
		return;
	tree = read_tree(reading, value->bytes, value->length);
	hand_over(reading, kind, json_tree_root(tree), &tree);
	if (tree)
		json_tree_free(tree);
}

static void
read_rows(const Reading *reading, const StoredFile *folder)
{
	static const ReadRequest everything = {.limit = NO_LIMIT};
	ParquetPart part;
	int *columns;
	FileValue *values;
	int count;

	if (!parquet_part_open(&part, folder, reading->path))
		delta_vanished(reading->path);
	columns = allocate((size_t) (part.relation->column_count + 1) * sizeof(int));
	values = allocate((size_t) (part.relation->column_count + 1) * sizeof(FileValue));
	count = find_columns(reading, part.relation, columns);
	if (count > 0)
	{
		parquet_part_begin(&part, columns, count, &everything);
		while (parquet_part_next(&part, values))
			for (int i = 0; i < count; i++)
				take_value(reading, part.relation->columns[columns[i]].name, &values[i]);
	}
	parquet_part_close(&part);
	free(columns);
	free(values);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);

	return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

void
delta_actions_read(const StoredFile *folder, const char *path, const char *const *kinds, DeltaActionTake take,
				   void *context)
{
	Reading reading = {.path = path, .kinds = kinds, .take = take, .context = context};

	if (ends_with(path, ".parquet"))
		read_rows(&reading, folder);
	else
		read_lines(&reading, folder);
}
