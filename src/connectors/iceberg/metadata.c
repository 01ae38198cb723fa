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
read_tree(const StoredFile *folder, const char *path, size_t *length, char *fault, size_t size)
{
	char *text = directory_read(folder, path, MOST_METADATA_BYTES, length);
	JsonTree *tree;

	fault[0] = '\0';
	if (text == NULL)
		return NULL;
	tree = json_tree_read(text, *length, fault, size);
	free(text);
	return tree;
}

static bool
take(IcebergMetadata *metadata, const StoredFile *folder, char *path)
{
	char fault[128];

	metadata->path = path;
	metadata->tree = read_tree(folder, path, &metadata->length, fault, sizeof(fault));
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

/* ---- the newest ---- */

/* The files of the folder, in the order of their names. */
typedef struct Search
{
	const StoredFile *folder;
	const Directory *directory;
	Candidate newest;
	Candidate *candidates; /* with the highest number first */
	int count;
	bool *are_older; /* of the directory's entries: than another one */
} Search;

static int
order_candidates(const void *a, const void *b)
{
	const Candidate *one = a;
	const Candidate *other = b;

	if (one->number != other->number)
		return one->number < other->number ? 1 : -1;
	return strcmp(other->name, one->name);
}

static int
order_names(const void *name, const void *entry)
{
	return strcmp(name, ((const DirectoryEntry *) entry)->name);
}

static const DirectoryEntry *
find_entry(const Directory *directory, const char *name)
{
	return bsearch(name, directory->entries, (size_t) directory->count, sizeof(DirectoryEntry), order_names);
}

/* A metadata file lists those before it, so they need not be read. */
static void
mark_older(const Search *search, const JsonNode *root)
{
	const JsonNode *log = json_member(root, "metadata-log");

	for (const JsonNode *entry = log ? log->first : NULL; entry; entry = entry->next)
	{
		const char *path = json_member_text(entry, "metadata-file");
		const char *slash = path ? strrchr(path, '/') : NULL;
		const DirectoryEntry *found = path ? find_entry(search->directory, slash ? slash + 1 : path) : NULL;

		if (found)
			search->are_older[found - search->directory->entries] = true;
	}
}

static void
try_candidate(Search *search, Candidate *candidate)
{
	char fault[128];
	char *path = path_of(candidate->name);
	size_t length;
	JsonTree *tree = read_tree(search->folder, path, &length, fault, sizeof(fault));

	free(path);
	if (tree == NULL)
		return;
	candidate->updated = updated_at(json_tree_root(tree));
	mark_older(search, json_tree_root(tree));
	json_tree_free(tree);
	if (is_newer(candidate, &search->newest))
		search->newest = *candidate;
}

/* Numbers begin again when a table is made again at the same place, so the times decide. */
static const char *
find_newest(const StoredFile *folder, const Directory *directory)
{
	Search search = {.folder = folder, .directory = directory};

	search.candidates = allocate((size_t) (directory->count + 1) * sizeof(Candidate));
	search.are_older = allocate((size_t) (directory->count + 1) * sizeof(bool));
	memset(search.are_older, 0, (size_t) directory->count * sizeof(bool));
	for (int i = 0; i < directory->count; i++)
		if (!directory->entries[i].is_folder && is_metadata_name(directory->entries[i].name))
			search.candidates[search.count++] = (Candidate){.name = directory->entries[i].name,
															.number = number_of(directory->entries[i].name)};
	qsort(search.candidates, (size_t) search.count, sizeof(Candidate), order_candidates);
	for (int i = 0; i < search.count; i++)
		if (!search.are_older[find_entry(directory, search.candidates[i].name) - directory->entries])
			try_candidate(&search, &search.candidates[i]);
	free(search.candidates);
	free(search.are_older);
	return search.newest.name;
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
	const char *newest;
	Directory directory;

	if (!directory_list(folder, "metadata", &directory))
		give_up_folder("The folder is no Iceberg table: it has no folder metadata.");
	if (find_any(&directory) == NULL)
		give_up_folder("The folder is no Iceberg table: its folder metadata has no file *.metadata.json.");
	newest = find_newest(folder, &directory);
	if (!take(metadata, folder, path_of(newest ? newest : find_any(&directory))))
		give_up_folder("The metadata of the Iceberg table is no longer there.");
	metadata->is_without_hint = true;
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

bool
iceberg_metadata_read_earlier(IcebergMetadata *metadata, const StoredFile *folder, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	*metadata = (IcebergMetadata){.path = NULL};
	if (!is_metadata_name(name) || !take(metadata, folder, path_of(name)))
		return false;
	if (metadata->root->kind != JSON_OBJECT)
		iceberg_broken(metadata, "it is no JSON object");
	return true;
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
iceberg_is_newest(const IcebergMetadata *metadata, const StoredFile *folder)
{
	IcebergMetadata now;
	bool is_same;

	iceberg_metadata_read(&now, folder);
	is_same = strcmp(now.path, metadata->path) == 0;
	iceberg_metadata_free(&now);
	return is_same;
}

bool
iceberg_is_view(const IcebergMetadata *metadata)
{
	return json_member(metadata->root, "view-uuid") != NULL;
}
