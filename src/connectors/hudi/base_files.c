#include "connectors/hudi/base_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/directory.h"
#include "connectors/files/tree.h"
#include "connectors/hudi/commit.h"
#include "connectors/hudi/file_name.h"

#define MOST_FILES     1000000
#define PARTITION_MARK ".hoodie_partition_metadata"

typedef struct Listing
{
	const HudiTable *table;
	HudiReplaced *replaced; /* in order */
	int replaced_count;
	HudiBaseFiles *listed;
	int seen; /* files and folders */
} Listing;

/* ---- what was replaced ---- */

static int
order_replaced(const void *a, const void *b)
{
	const HudiReplaced *one = a;
	const HudiReplaced *other = b;
	int order = strcmp(one->partition, other->partition);

	return order != 0 ? order : strcmp(one->group, other->group);
}

static void
take_replaced(Listing *listing, const HudiInstant *instant)
{
	HudiCommit commit;

	if (!hudi_commit_read(&commit, listing->table->folder, instant))
		give_up(&(Failure){.step = "query",
						   .code = "protocol",
						   .message = "An instant of the Hudi table cannot be read.",
						   .detail = instant->path,
						   .hint = "It says which files were replaced, so the present rows are not known."});
	if (commit.replaced_count > 0)
	{
		size_t count = (size_t) (listing->replaced_count + commit.replaced_count);

		listing->replaced = reallocate(listing->replaced, count * sizeof(HudiReplaced));
		memcpy(listing->replaced + listing->replaced_count, commit.replaced,
			   (size_t) commit.replaced_count * sizeof(HudiReplaced));
		listing->replaced_count = (int) count;
	}
	commit.replaced_count = 0;
	hudi_commit_free(&commit);
}

static void
read_replaced(Listing *listing)
{
	const HudiTimeline *timeline = &listing->table->timeline;

	for (int i = 0; i < timeline->count; i++)
		if (timeline->completed[i].action == HUDI_REPLACECOMMIT)
			take_replaced(listing, &timeline->completed[i]);
	if (listing->replaced_count > 1)
		qsort(listing->replaced, (size_t) listing->replaced_count, sizeof(HudiReplaced), order_replaced);
}

static bool
is_replaced(const Listing *listing, const char *partition, const char *group)
{
	HudiReplaced key = {.partition = (char *) partition, .group = (char *) group};

	return listing->replaced_count > 0 && bsearch(&key, listing->replaced, (size_t) listing->replaced_count,
												  sizeof(HudiReplaced), order_replaced) != NULL;
}

static void
free_replaced(Listing *listing)
{
	for (int i = 0; i < listing->replaced_count; i++)
	{
		free(listing->replaced[i].partition);
		free(listing->replaced[i].group);
	}
	free(listing->replaced);
}

/* ---- the files of a folder ---- */

/* Of a group, the base files first, the newest one first of them. */
static int
order_names(const void *a, const void *b)
{
	const HudiFileName *one = a;
	const HudiFileName *other = b;
	int order = strcmp(one->group, other->group);

	if (order == 0)
		order = one->is_log - other->is_log;
	if (order == 0)
		order = strcmp(other->time, one->time);
	return order != 0 ? order : strcmp(other->name, one->name);
}

static char *
path_of(const char *folder, const char *name)
{
	char *path = allocate(strlen(folder) + strlen(name) + 2);

	strcpy(path, folder);
	strcat(path, folder[0] ? "/" : "");
	return strcat(path, name);
}

/* Room is made for a power of two. */
static void
add_file(HudiBaseFiles *listed, const char *partition, const HudiFileName *name)
{
	int count = listed->count;

	if ((count & (count - 1)) == 0)
		listed->files =
			reallocate(listed->files, (size_t) (count == 0 ? 1 : 2 * count) * sizeof(HudiBaseFile));
	listed->files[listed->count++] = (HudiBaseFile){
		.path = path_of(partition, name->name), .time = copy_text(name->time), .partition = partition};
}

/* Takes the names of one group. */
static void
take_group(Listing *listing, const char *partition, const HudiFileName *names, int count)
{
	const HudiTimeline *timeline = &listing->table->timeline;
	const char *newest = "";

	if (is_replaced(listing, partition, names->group))
		return;
	for (int i = 0; i < count; i++)
	{
		if (!hudi_timeline_has(timeline, names[i].time))
			continue;
		if (names[i].is_log)
			listing->listed->unmerged += strcmp(names[i].time, newest) >= 0;
		else if (newest[0] == '\0')
		{
			add_file(listing->listed, partition, &names[i]);
			newest = names[i].time;
		}
	}
}

static void
take_names(Listing *listing, const char *partition, HudiFileName *names, int count)
{
	int next;

	if (count > 1)
		qsort(names, (size_t) count, sizeof(HudiFileName), order_names);
	for (int first = 0; first < count; first = next)
	{
		next = first + 1;
		while (next < count && strcmp(names[next].group, names[first].group) == 0)
			next++;
		take_group(listing, partition, names + first, next - first);
	}
}

static void
take_files(Listing *listing, const char *partition, const Directory *directory)
{
	HudiFileName *names = allocate((size_t) (directory->count + 1) * sizeof(HudiFileName));
	int count = 0;

	for (int i = 0; i < directory->count; i++)
		if (!directory->entries[i].is_folder &&
			hudi_file_name_parse(&names[count], directory->entries[i].name))
			count++;
	take_names(listing, partition, names, count);
	for (int i = 0; i < count; i++)
		hudi_file_name_free(&names[i]);
	free(names);
}

/* ---- folders ---- */

static bool
is_partition(const Directory *directory)
{
	for (int i = 0; i < directory->count; i++)
		if (strncmp(directory->entries[i].name, PARTITION_MARK, strlen(PARTITION_MARK)) == 0)
			return true;
	return false;
}

static const char *
keep_partition(HudiBaseFiles *listed, const char *path)
{
	int count = listed->partition_count;

	if ((count & (count - 1)) == 0)
		listed->partitions =
			reallocate(listed->partitions, (size_t) (count == 0 ? 1 : 2 * count) * sizeof(char *));
	return listed->partitions[listed->partition_count++] = copy_text(path);
}

static void
count_entries(Listing *listing, const Directory *directory, int depth)
{
	listing->seen += directory->count;
	if (listing->seen > MOST_FILES || depth > MOST_TREE_DEPTH)
		give_up(&(Failure){.step = "query",
						   .code = "too_large",
						   .message = depth > MOST_TREE_DEPTH
										  ? "The folders of the Hudi table are more than 16 levels deep."
										  : "The Hudi table has more than 1,000,000 files."});
}

/* A partition has no partitions below it. */
static void
walk(Listing *listing, const char *path, int depth)
{
	Directory directory;

	if (!directory_list(listing->table->folder, path, &directory))
		return;
	count_entries(listing, &directory, depth);
	if (is_partition(&directory))
		take_files(listing, keep_partition(listing->listed, path), &directory);
	else
		for (int i = 0; i < directory.count; i++)
		{
			char *below = path_of(path, directory.entries[i].name);

			if (directory.entries[i].is_folder && directory.entries[i].name[0] != '.')
				walk(listing, below, depth + 1);
			free(below);
		}
	directory_free(&directory);
}

void
hudi_base_files_list(HudiBaseFiles *listed, const HudiTable *table)
{
	Listing listing = {.table = table, .listed = listed};

	*listed = (HudiBaseFiles){.files = NULL};
	read_replaced(&listing);
	walk(&listing, "", 0);
	free_replaced(&listing);
}

void
hudi_base_files_free(HudiBaseFiles *listed)
{
	for (int i = 0; i < listed->count; i++)
	{
		free(listed->files[i].path);
		free(listed->files[i].time);
	}
	for (int i = 0; i < listed->partition_count; i++)
		free(listed->partitions[i]);
	free(listed->files);
	free(listed->partitions);
	*listed = (HudiBaseFiles){.files = NULL};
}
