#include "connectors/s3/lake.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/bucket/fetch.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/directory.h"
#include "connectors/s3/object.h"
#include "wire/stored.h"

/* The caller frees it. */
static char *
key_of(const Lake *lake, const char *path, const char *end)
{
	WireBuffer key = {0};

	wire_append_text(&key, lake->prefix);
	wire_append_text(&key, path);
	wire_append_text(&key, end);
	wire_append(&key, "", 1);
	if (key.failed)
		give_up_out_of_memory();
	return key.data;
}

/* Objects that stand for folders, as consoles make them, are none. */
static void
add_entry(Directory *directory, const ListedObject *object, size_t prefix_length)
{
	char *name = copy_text(object->key + prefix_length);
	size_t length = strlen(name);

	if (object->is_folder && length > 0)
		name[length - 1] = '\0';
	if (stored_leads_below(name))
		directory_add(directory, name, object->is_folder);
	free(name);
}

static bool
list(const StoredFile *folder, const char *path, Directory *directory)
{
	const Lake *lake = folder->place;
	char *prefix = key_of(lake, path, path[0] != '\0' ? "/" : "");
	HttpFailure failure;
	Listing listing;

	if (!listing_read_level(&listing, lake->bucket, prefix, MOST_DIRECTORY_ENTRIES, &failure))
		object_give_up(&failure);
	for (int i = 0; i < listing.count; i++)
		add_entry(directory, &listing.objects[i], strlen(prefix));
	listing_free(&listing);
	free(prefix);
	return directory->count > 0;
}

static bool
open_file(const StoredFile *folder, const char *path, StoredFile *file)
{
	const Lake *lake = folder->place;
	char *key;
	HttpFailure failure;
	ListedObject object;
	bool is_found;

	if (!stored_leads_below(path))
		return false;
	key = key_of(lake, path, "");
	is_found = object_find(&object, lake->bucket, key, &failure);
	free(key);
	if (!is_found && strcmp(failure.code, "database_not_found") != 0)
		object_give_up(&failure);
	if (is_found)
		object_open_found(file, lake->bucket, &object);
	return is_found;
}

/* Tables of lakes list no trees. */
static const Below below = {.list = list, .open = open_file};

/* The last part of the prefix. */
static char *
name_of(const Lake *lake)
{
	char *name = copy_text(lake->prefix[0] != '\0' ? lake->prefix : lake->bucket->name);
	char *slash;

	if (lake->prefix[0] != '\0')
		name[strlen(name) - 1] = '\0';
	slash = strrchr(name, '/');
	if (slash != NULL)
		memmove(name, slash + 1, strlen(slash));
	return name;
}

void
lake_open(Lake *lake, StoredFile *folder, Bucket *bucket, const BucketRelation *relation)
{
	*lake = (Lake){.bucket = bucket, .prefix = copy_text(relation->prefix_length > 0 ? relation->name : "")};
	lake->name = name_of(lake);
	*folder = no_stored_file;
	folder->name = lake->name;
	folder->below = &below;
	folder->place = lake;
}

void
lake_close(Lake *lake)
{
	free(lake->prefix);
	free(lake->name);
	*lake = (Lake){.prefix = NULL};
}
