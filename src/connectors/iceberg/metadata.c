#include "connectors/iceberg/metadata.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/directory.h"

#define FOLDER              "metadata/"
#define HINT                FOLDER "version-hint.text"
#define MOST_HINT_BYTES     1024
#define MOST_METADATA_BYTES (64u << 20)
#define LONGEST_NAME        255

void
iceberg_broken(const IcebergMetadata *metadata, const char *what)
{
	char detail[512];

	snprintf(detail, sizeof(detail), "%.255s: %s.", metadata->path, what);
	give_up(&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "The metadata of the Iceberg table is broken.",
					   .detail = detail});
}

/* ---- names ---- */

static bool
ends_with(const char *name, const char *end)
{
	size_t length = strlen(name);

	return length > strlen(end) && strcmp(name + length - strlen(end), end) == 0;
}

/* Some writers pack them, under three different names. */
static bool
is_metadata_name(const char *name)
{
	return name[0] != '.' && (ends_with(name, ".metadata.json") || ends_with(name, ".metadata.json.gz"));
}

/* The number of v3.metadata.json and of 00003-‹uuid›.metadata.json; -1: there is none. */
static long long
number_of(const char *name)
{
	if (*name == 'v')
		name++;
	return isdigit((unsigned char) *name) ? strtoll(name, NULL, 10) : -1;
}

static char *
path_of(const char *name)
{
	char *path = allocate(sizeof(FOLDER) + strlen(name));

	strcpy(path, FOLDER);
	return strcat(path, name);
}

/* ---- reading ---- */

/* Returns NULL if there is no such file. */
static JsonTree *
read_tree(const StoredFile *folder, const char *path, char *fault, size_t size)
{
	size_t length;
	char *text = directory_read(folder, path, MOST_METADATA_BYTES, &length);
	JsonTree *tree;

	fault[0] = '\0';
	if (text == NULL)
		return NULL;
	tree = json_tree_read(text, length, fault, size);
	free(text);
	return tree;
}

static bool
take(IcebergMetadata *metadata, const StoredFile *folder, char *path)
{
	char fault[128];

	metadata->path = path;
	metadata->tree = read_tree(folder, path, fault, sizeof(fault));
	if (metadata->tree)
	{
		metadata->root = json_tree_root(metadata->tree);
		return true;
	}
	if (fault[0] != '\0')
		iceberg_broken(metadata, fault);
	free(path);
	metadata->path = NULL;
	return false;
}

/* The hint is a number, or a name without the words behind it. */
static bool
take_hinted(IcebergMetadata *metadata, const StoredFile *folder)
{
	static const char *const forms[] = {"v%s.metadata.json", "v%s.metadata.json.gz", "v%s.gz.metadata.json",
										"%s.metadata.json",  "%s.metadata.json.gz",  "%s"};
	size_t length;
	char *hint = directory_read(folder, HINT, MOST_HINT_BYTES, &length);
	char name[LONGEST_NAME + 1];

	if (hint == NULL)
		return false;
	while (length > 0 && isspace((unsigned char) hint[length - 1]))
		hint[--length] = '\0';
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
	{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		int written = snprintf(name, sizeof(name), forms[i], hint);
#pragma GCC diagnostic pop

		if (written > 0 && written <= LONGEST_NAME && is_metadata_name(name) && strchr(name, '/') == NULL &&
			take(metadata, folder, path_of(name)))
		{
			free(hint);
			return true;
		}
	}
	emit_log("warning", "version-hint.text names a metadata file that is not there; the newest one is taken");
	free(hint);
	return false;
}

typedef struct Candidate
{
	const char *name;
	int64_t updated;
	long long number;
} Candidate;

static bool
is_newer(const Candidate *one, const Candidate *other)
{
	if (other->name == NULL)
		return true;
	return one->updated != other->updated ? one->updated > other->updated : one->number > other->number;
}

/* The time of the last update; that of a view is the newest one of its versions. */
static int64_t
updated_at(const JsonNode *root)
{
	int64_t newest = 0;
	int64_t time;
	const JsonNode *versions = json_member(root, "versions");

	if (json_member_integer(root, "last-updated-ms", &time))
		return time;
	for (const JsonNode *version = versions ? versions->first : NULL; version; version = version->next)
		if (json_member_integer(version, "timestamp-ms", &time) && time > newest)
			newest = time;
	return newest;
}

/* Numbers begin again when a table is made again at the same place, so the times decide. */
static void
find_newest(const StoredFile *folder, const Directory *directory, Candidate *newest)
{
	char fault[128];

	for (int i = 0; i < directory->count; i++)
	{
		const char *name = directory->entries[i].name;
		Candidate candidate = {.name = name, .number = number_of(name)};
		JsonTree *tree;
		char *path;

		if (directory->entries[i].is_folder || !is_metadata_name(name))
			continue;
		path = path_of(name);
		tree = read_tree(folder, path, fault, sizeof(fault));
		free(path);
		if (tree == NULL)
			continue;
		candidate.updated = updated_at(json_tree_root(tree));
		json_tree_free(tree);
		if (is_newer(&candidate, newest))
			*newest = candidate;
	}
}

static void give_up_folder(const char *message) __attribute__((noreturn));

static void
give_up_folder(const char *message)
{
	give_up(
		&(Failure){.step = "connect",
				   .code = "configuration",
				   .message = message,
				   .hint = "file_path is the folder of one table: the one that has the folder metadata."});
}

static const char *
find_any(const Directory *directory)
{
	for (int i = 0; i < directory->count; i++)
		if (!directory->entries[i].is_folder && is_metadata_name(directory->entries[i].name))
			return directory->entries[i].name;
	return NULL;
}

static void
take_newest(IcebergMetadata *metadata, const StoredFile *folder)
{
	Candidate newest = {.name = NULL};
	Directory directory;
	char message[512];

	if (!directory_list(folder, "metadata", &directory))
		give_up_folder("The folder is no Iceberg table: it has no folder metadata.");
	if (find_any(&directory) == NULL)
		give_up_folder("The folder is no Iceberg table: its folder metadata has no file *.metadata.json.");
	find_newest(folder, &directory, &newest);
	if (!take(metadata, folder, path_of(newest.name ? newest.name : find_any(&directory))))
		give_up_folder("The metadata of the Iceberg table is no longer there.");
	snprintf(message, sizeof(message), "the newest metadata file is taken: %.300s", metadata->path);
	emit_log("info", message);
	directory_free(&directory);
}

void
iceberg_metadata_read(IcebergMetadata *metadata, const StoredFile *folder)
{
	*metadata = (IcebergMetadata){.path = NULL};
	if (!take_hinted(metadata, folder))
		take_newest(metadata, folder);
	if (metadata->root->kind != JSON_OBJECT)
		iceberg_broken(metadata, "it is no JSON object");
}

void
iceberg_metadata_free(IcebergMetadata *metadata)
{
	free(metadata->path);
	if (metadata->tree)
		json_tree_free(metadata->tree);
	*metadata = (IcebergMetadata){.path = NULL};
}

bool
iceberg_is_view(const IcebergMetadata *metadata)
{
	return json_member(metadata->root, "view-uuid") != NULL;
}
