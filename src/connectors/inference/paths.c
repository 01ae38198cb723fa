#include "connectors/inference/paths.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/hash.h"
#include "connectors/common/memory.h"
#include "connectors/inference/data_names.h"

#define BUCKETS 4096
/* What a name takes in a path besides its bytes. */
#define BESIDE_NAME 3

/* A container that is open. */
typedef struct Level
{
	PathNode *node;
	PathNode *expected; /* the member that may come next */
	PathNode *member;   /* of the value that comes next; NULL: it is left out */
	bool is_array;
	uint64_t object;
} Level;

struct Paths
{
	const PathTypes *types;
	PathNode *row;
	PathNode *buckets[BUCKETS];
	Level levels[MOST_PATH_DEPTH];
	int depth;         /* of the open containers that are described */
	int64_t left_deep; /* open containers inside of one that is not */
	int path_count;
	size_t path_bytes;
	int64_t left_out;
	int64_t repeated;
	uint64_t objects;
};

/* ---- nodes ---- */

static PathNode **
bucket_of(Paths *paths, const PathNode *parent, const char *name, size_t length)
{
	uint64_t sum = hash_bytes(HASH_BEGINS ^ (uint64_t) (uintptr_t) parent >> 4, name, length);

	return &paths->buckets[(sum ^ sum >> 32) % BUCKETS];
}

static bool
is_named(const PathNode *node, const char *name, size_t length)
{
	return node->length == length && memcmp(node->name, name, length) == 0;
}

static PathNode *
find_member(Paths *paths, const PathNode *parent, const char *name, size_t length)
{
	PathNode *node = *bucket_of(paths, parent, name, length);

	while (node && !(node->parent == parent && is_named(node, name, length)))
		node = node->next_of_bucket;
	return node;
}

/* parent: NULL of the row. */
static PathNode *
create_node(Paths *paths, const PathNode *parent, const char *name, size_t length)
{
	PathNode *node = allocate(sizeof(PathNode));

	*node = (PathNode){.name = allocate(length + 1),
					   .length = length,
					   .path_bytes = parent ? parent->path_bytes + length + BESIDE_NAME : 0,
					   .depth = parent ? parent->depth + 1 : 0,
					   .fits = UINT32_MAX};
	memcpy(node->name, name, length);
	node->name[length] = '\0';
	paths->path_count++;
	paths->path_bytes += node->path_bytes;
	return node;
}

/* Makes it the last member of the parent. */
static void
link_member(Paths *paths, PathNode *parent, PathNode *node)
{
	PathNode **bucket = bucket_of(paths, parent, node->name, node->length);

	node->parent = parent;
	node->next = NULL;
	node->next_of_bucket = *bucket;
	*bucket = node;
	if (parent->last_member)
		parent->last_member->next = node;
	else
		parent->members = node;
	parent->last_member = node;
	parent->member_count++;
}

static void
unlink_bucket(Paths *paths, PathNode *node)
{
	PathNode **place = bucket_of(paths, node->parent, node->name, node->length);

	while (*place != node)
		place = &(*place)->next_of_bucket;
	*place = node->next_of_bucket;
}

/* Takes the members off the parent. Returns the first one; they are in no bucket any more. */
static PathNode *
take_members(Paths *paths, PathNode *parent)
{
	PathNode *first = parent->members;

	for (PathNode *node = first; node; node = node->next)
		unlink_bucket(paths, node);
	parent->members = NULL;
	parent->last_member = NULL;
	parent->member_count = 0;
	return first;
}

static void
release_node(Paths *paths, PathNode *node)
{
	paths->path_count--;
	paths->path_bytes -= node->path_bytes;
	free(node->name);
	free(node->more);
	free(node);
}

static void merge(Paths *paths, PathNode *into, PathNode *from);

/* All members become one that stands for their values. */
static void
make_map(Paths *paths, PathNode *node)
{
	PathNode *member = take_members(paths, node);
	PathNode *value = create_node(paths, node, "{}", 2);

	node->is_map = true;
	link_member(paths, node, value);
	while (member)
	{
		PathNode *next = member->next;

		merge(paths, value, member);
		member = next;
	}
}

static void
merge_members(Paths *paths, PathNode *into, PathNode *from)
{
	PathNode *member = take_members(paths, from);

	while (member)
	{
		PathNode *next = member->next;
		PathNode *same =
			into->is_map ? into->members : find_member(paths, into, member->name, member->length);

		if (same)
			merge(paths, same, member);
		else
			link_member(paths, into, member);
		if (!into->is_map && into->member_count > MOST_PATH_MEMBERS)
			make_map(paths, into);
		member = next;
	}
}

/* The other node, which has no parent any more, ends. */
static void
merge(Paths *paths, PathNode *into, PathNode *from)
{
	into->types |= from->types;
	into->fits &= from->fits;
	if (from->is_map && !into->is_map)
		make_map(paths, into);
	if (into->is_map && !from->is_map)
		make_map(paths, from);
	merge_members(paths, into, from);
	if (from->element && into->element)
		merge(paths, into->element, from->element);
	else if (from->element)
	{
		into->element = from->element;
		into->element->parent = into;
	}
	release_node(paths, from);
}

/* ---- events ---- */

static bool
has_room(Paths *paths, const PathNode *parent, size_t length)
{
	size_t bytes = parent->path_bytes + length + BESIDE_NAME;

	/* The row is counted, too. */
	if (paths->path_count <= MOST_PATHS && paths->path_bytes + bytes <= MOST_PATH_BYTES)
		return true;
	paths->left_out++;
	return false;
}

static PathNode *
add_member(Paths *paths, Level *level, const char *name, size_t length)
{
	PathNode *node = level->node;

	if (node->depth > 0 && node->member_count >= MOST_PATH_MEMBERS)
	{
		make_map(paths, node);
		level->expected = NULL;
		return node->members;
	}
	if (!has_room(paths, node, length))
		return NULL;
	link_member(paths, node, create_node(paths, node, name, length));
	return node->last_member;
}

static PathNode *
member_of_name(Paths *paths, Level *level, const char *name, size_t length)
{
	PathNode *member;

	if (level->node->is_map)
		return level->node->members;
	if (level->expected && is_named(level->expected, name, length))
		return level->expected;
	member = find_member(paths, level->node, name, length);
	return member ? member : add_member(paths, level, name, length);
}

void
paths_key(Paths *paths, const char *name, size_t length)
{
	Level *level = paths->depth > 0 ? &paths->levels[paths->depth - 1] : NULL;
	PathNode *member;

	if (paths->left_deep > 0 || level == NULL)
		return;
	member = member_of_name(paths, level, name, length);
	level->member = member;
	if (member == NULL || level->node->is_map)
		return;
	level->expected = member->next;
	paths->repeated += member->object == level->object;
	member->object = level->object;
}

static PathNode *
element_of(Paths *paths, PathNode *array)
{
	if (array->element == NULL && has_room(paths, array, 0))
	{
		array->element = create_node(paths, array, "", 0);
		array->element->parent = array;
	}
	return array->element;
}

/* Returns the node of the value that comes; NULL: it is left out. */
static PathNode *
node_of_value(Paths *paths)
{
	Level *level = paths->depth > 0 ? &paths->levels[paths->depth - 1] : NULL;

	if (paths->left_deep > 0)
		return NULL;
	if (level == NULL)
		return paths->row;
	return level->is_array ? element_of(paths, level->node) : level->member;
}

static void
begin_container(Paths *paths, int type, bool is_array)
{
	PathNode *node = node_of_value(paths);

	if (node)
	{
		node->types |= PATH_TYPE(type);
		node->fits = 0;
	}
	if (node == NULL || paths->depth == MOST_PATH_DEPTH)
	{
		paths->left_out += node != NULL;
		paths->left_deep++;
		return;
	}
	paths->levels[paths->depth++] =
		(Level){.node = node, .expected = node->members, .is_array = is_array, .object = ++paths->objects};
}

static void
end_container(Paths *paths)
{
	if (paths->left_deep > 0)
		paths->left_deep--;
	else
		paths->depth--;
}

void
paths_object_begin(Paths *paths)
{
	begin_container(paths, paths->types->object, false);
}

void
paths_object_end(Paths *paths)
{
	end_container(paths);
}

void
paths_array_begin(Paths *paths)
{
	begin_container(paths, paths->types->array, true);
}

void
paths_array_end(Paths *paths)
{
	end_container(paths);
}

void
paths_null(Paths *paths)
{
	(void) node_of_value(paths);
}

void
paths_value(Paths *paths, int type, PathTypeSet fits)
{
	PathNode *node = node_of_value(paths);

	if (node == NULL)
		return;
	node->types |= PATH_TYPE(type);
	node->fits &= fits;
}

void
paths_declare(Paths *paths, PathTypeSet types, char *more)
{
	PathNode *node = node_of_value(paths);

	if (node == NULL)
	{
		free(more);
		return;
	}
	node->declared = types;
	free(node->more);
	node->more = more;
}

/* ---- the end ---- */

static bool
are_data(const PathNode *object)
{
	PathTypeSet types = 0;

	if (object->is_map || object->member_count < FEWEST_DATA_NAMES)
		return false;
	for (const PathNode *member = object->members; member; member = member->next)
	{
		if (!is_data_name(member->name, member->length) || (types && member->types && member->types != types))
			return false;
		types |= member->types;
	}
	return true;
}

static void
find_maps(Paths *paths, PathNode *node)
{
	for (PathNode *member = node->members; member; member = member->next)
		find_maps(paths, member);
	if (node->element)
		find_maps(paths, node->element);
	if (are_data(node))
		make_map(paths, node);
}

const PathNode *
paths_finish(Paths *paths)
{
	find_maps(paths, paths->row);
	return paths->row;
}

static void add_node(Paths *paths, PathNode *into, const PathNode *from);

static void
add_members(Paths *paths, PathNode *into, const PathNode *from)
{
	if (from->is_map && !into->is_map)
		make_map(paths, into);
	for (const PathNode *member = from->members; member; member = member->next)
	{
		Level level = {.node = into};
		PathNode *same = member_of_name(paths, &level, member->name, member->length);

		if (same)
			add_node(paths, same, member);
	}
}

static void
add_node(Paths *paths, PathNode *into, const PathNode *from)
{
	PathNode *element = from->element ? element_of(paths, into) : NULL;

	into->types |= from->types;
	into->fits &= from->fits;
	if (element)
		add_node(paths, element, from->element);
	add_members(paths, into, from);
}

void
paths_add(Paths *paths, const Paths *others)
{
	add_node(paths, paths->row, others->row);
	for (PathNode *member = paths->row->members; member; member = member->next)
		find_maps(paths, member);
}

int64_t
paths_left_out(const Paths *paths)
{
	return paths->left_out;
}

int64_t
paths_repeated(const Paths *paths)
{
	return paths->repeated;
}

Paths *
paths_create(const PathTypes *types)
{
	Paths *paths = allocate(sizeof(Paths));

	memset(paths, 0, sizeof(*paths));
	paths->types = types;
	paths->row = create_node(paths, NULL, "", 0);
	return paths;
}

static void
free_node(PathNode *node)
{
	while (node->members)
	{
		PathNode *member = node->members;

		node->members = member->next;
		free_node(member);
	}
	if (node->element)
		free_node(node->element);
	free(node->name);
	free(node->more);
	free(node);
}

void
paths_free(Paths *paths)
{
	free_node(paths->row);
	free(paths);
}
