/*
 * folders.c — goes down from the prefix of the source. A range of the listing, which is in the order of keys,
 * is all that is below one folder.
 */
#include "connectors/s3/folders.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/http/url.h"

#define MOST_DEPTH     64
#define NULL_PARTITION "__HIVE_DEFAULT_PARTITION__"

typedef struct Folder
{
	const Listing *listing;
	int first;
	int end;       /* of the range in the listing */
	size_t length; /* of its prefix, with the slash */
} Folder;

static const char *
key_at(const Folder *folder, int number)
{
	return folder->listing->objects[number].key;
}

/* What stands below the folder in the key. */
static const char *
rest_at(const Folder *folder, int number)
{
	return key_at(folder, number) + folder->length;
}

/* Names that begin so are a writer's own notes. */
static bool
is_hidden_name(const char *name)
{
	return name[0] == '_' || name[0] == '.';
}

/* Is a part of the path hidden, or is the key the mark of a folder? */
static bool
is_hidden(const char *rest)
{
	for (const char *part = rest; part != NULL;)
	{
		const char *slash = strchr(part, '/');

		if (is_hidden_name(part) || part[0] == '\0')
			return true;
		part = slash ? slash + 1 : NULL;
	}
	return false;
}

static BucketRelation *
add_relation(BucketRelations *relations)
{
	int count = relations->count;

	/* Room is made for a power of two. */
	if ((count & (count - 1)) == 0)
		relations->items =
			reallocate(relations->items, (size_t) (count == 0 ? 1 : 2 * count) * sizeof(BucketRelation));
	relations->items[count] = (BucketRelation){0};
	relations->count++;
	return &relations->items[count];
}

static void
add_part(BucketRelation *relation, const ListedObject *object)
{
	int count = relation->object_count;

	if ((count & (count - 1)) == 0)
		relation->objects =
			reallocate(relation->objects, (size_t) (count == 0 ? 1 : 2 * count) * sizeof(ListedObject *));
	relation->objects[relation->object_count++] = object;
}

static void
name_folder(BucketRelation *relation, const Folder *folder)
{
	relation->prefix_length = folder->length;
	relation->name = copy_text(folder->length > 0 ? key_at(folder, folder->first) : "/");
	relation->name[folder->length > 0 ? folder->length : 1] = '\0';
}

void
folders_add_object(BucketRelations *relations, const ListedObject *object)
{
	const ObjectFormat *format = object_format(object->key);
	BucketRelation *relation;

	if (format == NULL)
	{
		relations->unknown++;
		return;
	}
	relation = add_relation(relations);
	relation->name = copy_text(object->key);
	relation->format = format;
	add_part(relation, object);
	if (object->size == 0)
		relation->unreadable = "The object is empty.";
	else if (object->is_archived)
		relation->unreadable = "The object is archived, and has to be restored before it is read.";
	else if (format->format == NULL)
		relation->unreadable = "Objects of this format cannot be read yet.";
}

/* ---- lakes ---- */

/* Does a key below the folder begin so? */
static bool
has_child(const Folder *folder, const char *start, const char *end)
{
	size_t length = strlen(start);
	size_t end_length = strlen(end);

	for (int i = folder->first; i < folder->end && strncmp(rest_at(folder, i), start, length) <= 0; i++)
	{
		const char *rest = rest_at(folder, i);
		size_t rest_length = strlen(rest);

		if (strncmp(rest, start, length) == 0 && rest_length >= end_length &&
			strcmp(rest + rest_length - end_length, end) == 0)
			return true;
	}
	return false;
}

/* NULL: it is none. */
static const ObjectFormat *
lake_format(const Folder *folder)
{
	if (has_child(folder, "_delta_log/", ".json"))
		return &delta_lake_tables;
	if (has_child(folder, "metadata/", ".metadata.json"))
		return &iceberg_tables;
	if (has_child(folder, ".hoodie/", "hoodie.properties"))
		return &hudi_tables;
	return NULL;
}

/* ---- partitions ---- */

/* The length of the name in a folder `name=value/` at the beginning; 0: there is none. */
static size_t
partition_name_length(const char *rest)
{
	const char *slash = strchr(rest, '/');
	const char *equals = strchr(rest, '=');

	return slash != NULL && equals != NULL && equals < slash ? (size_t) (equals - rest) : 0;
}

/* Takes the names of the partitions from the first key. */
static void
take_partitions(BucketRelation *relation, const char *rest)
{
	size_t length;

	relation->partitions = allocate(MOST_PARTITIONS * sizeof(char *));
	while (relation->partition_count < MOST_PARTITIONS && (length = partition_name_length(rest)) > 0)
	{
		char *name = copy_text(rest);

		name[length] = '\0';
		(void) url_unescape(name, false);
		relation->partitions[relation->partition_count++] = name;
		rest = strchr(rest, '/') + 1;
	}
}

/* Has the key the same partitions, in the same order, and no folder below them? */
static bool
has_partitions(const BucketRelation *relation, const char *rest)
{
	for (int i = 0; i < relation->partition_count; i++)
	{
		size_t length = partition_name_length(rest);
		char *name = copy_text(rest);
		bool is_same;

		name[length] = '\0';
		(void) url_unescape(name, false);
		is_same = length > 0 && strcmp(name, relation->partitions[i]) == 0;
		free(name);
		if (!is_same)
			return false;
		rest = strchr(rest, '/') + 1;
	}
	return partition_name_length(rest) == 0;
}

char *
folders_partition_value(const BucketRelation *relation, const char *key, int number)
{
	const char *rest = key + relation->prefix_length;
	char *value;

	for (int i = 0; i < number; i++)
		rest = strchr(rest, '/') + 1;
	value = copy_text(strchr(rest, '=') + 1);
	*strchr(value, '/') = '\0';
	(void) url_unescape(value, false);
	if (strcmp(value, NULL_PARTITION) != 0)
		return value;
	free(value);
	return NULL;
}

/* ---- folders ---- */

static void
forget_relation(BucketRelation *relation)
{
	free(relation->name);
	free(relation->objects);
	for (int i = 0; i < relation->partition_count; i++)
		free(relation->partitions[i]);
	free(relation->partitions);
	*relation = (BucketRelation){0};
}

/* May the object be a part: of the same format, readable, and where the others are? */
static bool
fits(const BucketRelation *relation, const ListedObject *object, const char *rest)
{
	return object_format(object->key) == relation->format && !object->is_archived &&
		   (relation->partition_count > 0 ? has_partitions(relation, rest) : strchr(rest, '/') == NULL);
}

/* All that is visible, has content and a format, below the partitions or directly in the folder. Returns
 * false if it is not of one kind. */
static bool
collect_parts(BucketRelation *relation, const Folder *folder)
{
	for (int i = folder->first; i < folder->end; i++)
	{
		const ListedObject *object = &folder->listing->objects[i];
		const char *rest = rest_at(folder, i);

		if (is_hidden(rest) || object->size == 0 || object_format(object->key) == NULL ||
			(relation->partition_count == 0 && strchr(rest, '/') != NULL))
			continue;
		if (relation->format == NULL)
			relation->format = object_format(object->key);
		if (!fits(relation, object, rest))
			return false;
		add_part(relation, object);
	}
	return relation->object_count > 0;
}

static int
first_visible(const Folder *folder)
{
	for (int i = folder->first; i < folder->end; i++)
		if (!is_hidden(rest_at(folder, i)))
			return i;
	return -1;
}

static void
judge_parts(BucketRelation *relation)
{
	if (relation->format->format == NULL)
		relation->unreadable = "Objects of this format cannot be read yet.";
	else if (!relation->format->format->has_one_relation)
		relation->unreadable = "Objects of this format cannot be parts of one relation.";
}

/* Makes the folder one relation. Returns false if it is none. */
static bool
take_folder(BucketRelations *relations, const Folder *folder, int fewest)
{
	int visible = first_visible(folder);
	BucketRelation relation = {.is_folder = true};

	if (visible < 0)
		return false;
	if (partition_name_length(rest_at(folder, visible)) > 0)
		take_partitions(&relation, rest_at(folder, visible));
	if (!collect_parts(&relation, folder) ||
		(relation.partition_count == 0 && relation.object_count < fewest))
	{
		forget_relation(&relation);
		return false;
	}
	name_folder(&relation, folder);
	judge_parts(&relation);
	*add_relation(relations) = relation;
	return true;
}

static void
add_lake(BucketRelations *relations, const Folder *folder, const ObjectFormat *format)
{
	BucketRelation *relation = add_relation(relations);

	name_folder(relation, folder);
	relation->is_lake = true;
	relation->format = format;
}

static void read_folder(BucketRelations *relations, const Folder *folder, int depth);

/* Where the folder ends that the key at `number` is in: all of its keys have the same beginning. */
static int
end_of_folder(const Folder *folder, int number, size_t length)
{
	int end = number + 1;

	while (end < folder->end && strncmp(key_at(folder, end), key_at(folder, number), length) == 0)
		end++;
	return end;
}

/* with_objects: those directly in the folder are relations each. */
static void
read_children(BucketRelations *relations, const Folder *folder, bool with_objects, int depth)
{
	for (int i = folder->first; i < folder->end;)
	{
		const char *rest = rest_at(folder, i);
		const char *slash = strchr(rest, '/');
		Folder child = {.listing = folder->listing, .first = i, .end = i + 1};

		if (slash == NULL)
		{
			if (with_objects && !is_hidden(rest))
				folders_add_object(relations, &folder->listing->objects[i]);
			i++;
			continue;
		}
		child.length = (size_t) (slash + 1 - key_at(folder, i));
		child.end = end_of_folder(folder, i, child.length);
		if (!is_hidden_name(rest))
			read_folder(relations, &child, depth + 1);
		i = child.end;
	}
}

/* Deeper folders are looked at as if all of their objects were in this one. */
static void
read_flat(BucketRelations *relations, const Folder *folder)
{
	for (int i = folder->first; i < folder->end; i++)
		if (!is_hidden(rest_at(folder, i)))
			folders_add_object(relations, &folder->listing->objects[i]);
}

static void
read_folder(BucketRelations *relations, const Folder *folder, int depth)
{
	const ObjectFormat *lake = lake_format(folder);
	bool is_taken;

	if (lake != NULL)
		add_lake(relations, folder, lake);
	else if (depth > MOST_DEPTH)
		read_flat(relations, folder);
	else
	{
		is_taken = take_folder(relations, folder, FEWEST_PARTS);
		if (!is_taken || relations->items[relations->count - 1].partition_count == 0)
			read_children(relations, folder, !is_taken, depth);
	}
}

void
folders_read(BucketRelations *relations, const Listing *listing, const char *path)
{
	Folder folder = {.listing = listing, .end = listing->count, .length = strlen(path)};

	*relations = (BucketRelations){0};
	if (listing->count > 0)
		read_folder(relations, &folder, 0);
}

void
folders_read_one(BucketRelations *relations, const Listing *listing, const char *prefix)
{
	Folder folder = {.listing = listing, .end = listing->count, .length = strlen(prefix)};
	const ObjectFormat *lake;

	*relations = (BucketRelations){0};
	if (listing->count == 0)
		return;
	lake = lake_format(&folder);
	if (lake != NULL)
		add_lake(relations, &folder, lake);
	else
		(void) take_folder(relations, &folder, 1);
}

void
folders_free(BucketRelations *relations)
{
	for (int i = 0; i < relations->count; i++)
		forget_relation(&relations->items[i]);
	free(relations->items);
	*relations = (BucketRelations){0};
}
