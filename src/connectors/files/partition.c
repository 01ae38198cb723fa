#include "connectors/files/partition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define HIVE_NULL "__HIVE_DEFAULT_PARTITION__"

static void
give_up_partition(const char *message, const char *detail, const char *hint) __attribute__((noreturn));

static void
give_up_partition(const char *message, const char *detail, const char *hint)
{
	give_up(&(Failure){
		.step = "query", .code = "configuration", .message = message, .detail = detail, .hint = hint});
}

static int
hex_digit(char byte)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF";
	const char *at = byte == '\0' ? NULL : strchr(digits, byte);

	return at == NULL ? -1 : (int) ((at - digits) % 16);
}

/* What is no escape stays, and so does that of NUL. */
static char *
decoded(const char *text, size_t length)
{
	char *result = allocate(length + 1);
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
	{
		int high = i + 2 < length && text[i] == '%' ? hex_digit(text[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text[i + 2]) : -1;

		if (low >= 0 && high + low > 0)
		{
			result[count++] = (char) (high * 16 + low);
			i += 2;
		}
		else
			result[count++] = text[i];
	}
	result[count] = '\0';
	if (!is_utf8(result))
		give_up_partition("The name of a partition is no UTF-8.", NULL, NULL);
	return result;
}

static int
count_folders(const char *path)
{
	int count = 0;

	for (; *path; path++)
		count += *path == '/';
	return count;
}

/* Takes one folder off the path, with its name and its value. */
static const char *
take_folder(const char *path, char **name, char **value)
{
	size_t length = strcspn(path, "/");
	size_t mark = strcspn(path, "=/");

	if (mark == 0 || mark == length)
		give_up_partition(
			"The folder has a folder that is no partition.", path,
			"A source that is a folder has files of one kind, also below folders such as year=2024.");
	*name = decoded(path, mark);
	*value = decoded(path + mark + 1, length - mark - 1);
	return path + length + 1;
}

static void give_up_different(const Tree *tree, int file) __attribute__((noreturn));

static void
give_up_different(const Tree *tree, int file)
{
	char detail[512];

	snprintf(detail, sizeof(detail), "%.250s and %.250s", tree->files[0].path, tree->files[file].path);
	give_up_partition("The parts of the folder have different partitions.", detail, NULL);
}

static void
read_path(Partitions *partitions, const Tree *tree, int file, char **values)
{
	const char *path = tree->files[file].path;

	if (count_folders(path) != partitions->count)
		give_up_different(tree, file);
	for (int i = 0; i < partitions->count; i++)
	{
		char *name;

		path = take_folder(path, &name, &values[i]);
		if (partitions->names[i] == NULL)
			partitions->names[i] = copy_text(name);
		if (strcmp(partitions->names[i], name) != 0)
			give_up_different(tree, file);
		free(name);
	}
}

/* The same column twice could not be told apart. */
static void
check_names(const Partitions *partitions)
{
	for (int i = 0; i < partitions->count; i++)
		for (int j = 0; j < i; j++)
			if (strcmp(partitions->names[i], partitions->names[j]) == 0)
				give_up_partition("Two partitions within one another have the same name.",
								  partitions->names[i], NULL);
}

static void
find_type(Partitions *partitions, int files, char *const *values, int column)
{
	Inference inference = INFERENCE_BEGINS;

	for (int i = 0; i < files; i++)
	{
		const char *value = values[i * partitions->count + column];

		if (strcmp(value, HIVE_NULL) != 0)
			infer_add(&inference, value, strlen(value));
	}
	partitions->types[column] = infer_type(&inference, false);
}

static FileValue
typed_value(InferredType type, const char *text)
{
	size_t length = strlen(text);
	WireBuffer out = {.data = NULL};

	if (strcmp(text, HIVE_NULL) == 0)
		return (FileValue){.bytes = NULL};
	if (type == INFERRED_TEXT)
		return (FileValue){.bytes = copy_text(text), .length = length};
	infer_trim(&text, &length);
	if (infer_is_null(text, length))
		return (FileValue){.bytes = NULL};
	inferred_write(&out, type, text, length);
	if (out.failed)
		give_up_out_of_memory();
	return (FileValue){.bytes = out.data, .length = out.length};
}

void
partitions_read(Partitions *partitions, const Tree *tree)
{
	int count = count_folders(tree->files[0].path);
	size_t cells = (size_t) tree->count * (size_t) count;
	char **values = allocate((cells + 1) * sizeof(char *));

	*partitions = (Partitions){.count = count};
	partitions->names = allocate((size_t) (count + 1) * sizeof(char *));
	partitions->types = allocate((size_t) (count + 1) * sizeof(InferredType));
	partitions->values = allocate((cells + 1) * sizeof(FileValue));
	memset(partitions->names, 0, (size_t) (count + 1) * sizeof(char *));
	for (int i = 0; i < tree->count; i++)
		read_path(partitions, tree, i, values + (size_t) i * (size_t) count);
	check_names(partitions);
	for (int i = 0; i < count; i++)
		find_type(partitions, tree->count, values, i);
	for (size_t i = 0; i < cells; i++)
	{
		partitions->values[i] = typed_value(partitions->types[i % (size_t) count], values[i]);
		free(values[i]);
	}
	free(values);
}

const FileValue *
partition_value(const Partitions *partitions, int file, int column)
{
	return &partitions->values[(size_t) file * (size_t) partitions->count + (size_t) column];
}
