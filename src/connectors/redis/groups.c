#include "connectors/redis/groups.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

/* A key with its segments. */
typedef struct Split
{
	const Key *key;
	Segment segments[MOST_SEGMENTS];
	int count;
} Split;

typedef struct Sorting
{
	Groups *groups;
	const char *delimiter;
	Segment path[MOST_SEGMENTS]; /* of the present place */
} Sorting;

/* ---- segments at one place ---- */

static int
compare_segments(const Segment *a, const Segment *b)
{
	size_t shorter = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->bytes, b->bytes, shorter);

	return order ? order : a->length < b->length ? -1 : a->length > b->length;
}

static int
compare_at(const void *a, const void *b, void *depth)
{
	const Split *left = *(const Split *const *) a;
	const Split *right = *(const Split *const *) b;

	return compare_segments(&left->segments[*(int *) depth], &right->segments[*(int *) depth]);
}

/* The keys from `from` on that have the same segment there. */
static size_t
length_of_run(Split **splits, size_t from, size_t count, int depth)
{
	size_t to = from + 1;

	while (to < count && compare_segments(&splits[from]->segments[depth], &splits[to]->segments[depth]) == 0)
		to++;
	return to - from;
}

/* Do data follow a name? The names behind it may be many, which is the same. */
static bool
is_prefix(const Sorting *sorting, Split **splits, size_t count, int depth)
{
	const Segment *names[MOST_NAMES];
	int known = 0;

	for (size_t i = 0; i < count; i++)
	{
		const Segment *next = &splits[i]->segments[depth + 1];
		int at = 0;

		if (splits[i]->count <= depth + 1)
			continue;
		if (segment_is_data(next, sorting->delimiter))
			return true;
		while (at < known && compare_segments(names[at], next) != 0)
			at++;
		if (at == MOST_NAMES)
			return true;
		if (at == known)
			names[known++] = next;
	}
	return false;
}

/* Are there too many names to be names? */
static bool
are_data(const Sorting *sorting, Split **splits, size_t count, int depth)
{
	int names = 0;
	int prefixes = 0;
	size_t length;

	for (size_t i = 0; i < count; i += length)
	{
		length = length_of_run(splits, i, count, depth);
		if (segment_is_data(&splits[i]->segments[depth], sorting->delimiter))
			continue;
		if (is_prefix(sorting, splits + i, length, depth))
			prefixes++;
		else
			names++;
		if (names > MOST_NAMES || prefixes > MOST_PREFIXES)
			return true;
	}
	return false;
}

/* ---- groups ---- */

static Group *
find_group(Sorting *sorting, size_t first, KeyType type, int depth)
{
	Groups *groups = sorting->groups;
	Group *group;

	for (size_t i = first; i < groups->count; i++)
		if (groups->items[i].type == type)
			return &groups->items[i];
	if (groups->count == groups->capacity)
	{
		groups->capacity = groups->capacity ? groups->capacity * 2 : 64;
		groups->items = reallocate(groups->items, groups->capacity * sizeof(Group));
	}
	group = &groups->items[groups->count++];
	*group = (Group){.type = type, .pattern = {.count = depth, .type = KEY_GONE}};
	memcpy(group->pattern.segments, sorting->path, (size_t) depth * sizeof(Segment));
	return group;
}

static void
add_key(Group *group, const Key *key)
{
	if ((group->count & (group->count - 1)) == 0)
		group->keys = reallocate(group->keys, (group->count ? group->count * 2 : 1) * sizeof(Key *));
	group->keys[group->count++] = key;
}

/* Keys that end here: a group for each type. */
static void
take_ended(Sorting *sorting, Split **splits, size_t count, int depth)
{
	size_t first = sorting->groups->count;

	for (size_t i = 0; i < count; i++)
		add_key(find_group(sorting, first, splits[i]->key->type, depth), splits[i]->key);
}

static void sort_at(Sorting *sorting, Split **splits, size_t count, int depth);

/* Goes on behind a segment that the keys have in common; NULL: a star. */
static void
go_on(Sorting *sorting, Split **splits, size_t count, int depth, const Segment *segment)
{
	size_t ended = 0;

	if (count == 0)
		return;
	sorting->path[depth] = segment ? *segment : (Segment){.bytes = NULL};
	for (size_t i = 0; i < count; i++)
		if (splits[i]->count == depth + 1)
		{
			Split *split = splits[i];

			splits[i] = splits[ended];
			splits[ended++] = split;
		}
	take_ended(sorting, splits, ended, depth + 1);
	sort_at(sorting, splits + ended, count - ended, depth + 1);
}

static void
sort_at(Sorting *sorting, Split **splits, size_t count, int depth)
{
	Split **data;
	size_t data_count = 0;
	size_t length;

	if (count == 0)
		return;
	qsort_r(splits, count, sizeof(Split *), compare_at, &depth);
	if (are_data(sorting, splits, count, depth))
	{
		go_on(sorting, splits, count, depth, NULL);
		return;
	}
	data = allocate(count * sizeof(Split *));
	for (size_t i = 0; i < count; i += length)
	{
		Segment segment = splits[i]->segments[depth];

		length = length_of_run(splits, i, count, depth);
		if (!segment_is_data(&segment, sorting->delimiter))
			go_on(sorting, splits + i, length, depth, &segment);
		else
			for (size_t at = i; at < i + length; at++)
				data[data_count++] = splits[at];
	}
	go_on(sorting, data, data_count, depth, NULL);
	free(data);
}

/* ---- what belongs together ---- */

static void
join(Group *into, Group *group)
{
	for (size_t i = 0; i < group->count; i++)
		add_key(into, group->keys[i]);
	free(group->keys);
	group->keys = NULL;
	group->count = 0;
}

static bool
covers(const Pattern *pattern, const Pattern *other)
{
	if (pattern->count != other->count)
		return false;
	for (int i = 0; i < pattern->count; i++)
		if (pattern->segments[i].bytes && compare_segments(&pattern->segments[i], &other->segments[i]) != 0)
			return false;
	return true;
}

/* A key that is alone belongs to a pattern that it fits. */
static void
join_fitting(Groups *groups)
{
	Group **stars = allocate((groups->count + 1) * sizeof(Group *));
	size_t count = 0;

	for (size_t i = 0; i < groups->count; i++)
		if (pattern_has_star(&groups->items[i].pattern))
			stars[count++] = &groups->items[i];
	for (size_t i = 0; i < groups->count; i++)
	{
		Group *alone = &groups->items[i];

		for (size_t at = 0; at < count && !pattern_has_star(&alone->pattern); at++)
			if (stars[at]->type == alone->type && covers(&stars[at]->pattern, &alone->pattern))
			{
				join(stars[at], alone);
				break;
			}
	}
	free(stars);
}

static bool
are_of_one_pattern(const Group *a, const Group *b)
{
	if (a->pattern.count != b->pattern.count)
		return false;
	for (int i = 0; i < a->pattern.count; i++)
	{
		const Segment *left = &a->pattern.segments[i];
		const Segment *right = &b->pattern.segments[i];

		if ((left->bytes == NULL) != (right->bytes == NULL) ||
			(left->bytes && compare_segments(left, right) != 0))
			return false;
	}
	return true;
}

/* Groups of one pattern follow one another. Keys that may not be read are told with the others of it. */
static void
tell_types_apart(Groups *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		for (size_t at = i + 1;
			 at < groups->count && are_of_one_pattern(&groups->items[i], &groups->items[at]); at++)
		{
			Group *a = &groups->items[i];
			Group *b = &groups->items[at];

			if (a->count == 0 || b->count == 0)
				continue;
			if (b->type == KEY_REFUSED || a->type == KEY_REFUSED)
			{
				Group *refused = a->type == KEY_REFUSED ? a : b;

				(refused == a ? b : a)->refused += refused->count;
				refused->count = 0;
			}
			else
			{
				a->pattern.type = a->type;
				b->pattern.type = b->type;
			}
		}
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const Group *) a)->name, ((const Group *) b)->name);
}

static void
drop_empty(Groups *groups)
{
	size_t kept = 0;

	for (size_t i = 0; i < groups->count; i++)
		if (groups->items[i].count > 0)
			groups->items[kept++] = groups->items[i];
	groups->count = kept;
}

void
groups_make(Groups *groups, const Keys *keys, const char *delimiter)
{
	Sorting sorting = {.groups = groups, .delimiter = delimiter};
	Split *splits = allocate((keys->count + 1) * sizeof(Split));
	Split **sorted = allocate((keys->count + 1) * sizeof(Split *));
	size_t count = 0;

	*groups = (Groups){.items = NULL};
	for (size_t i = 0; i < keys->count; i++)
	{
		const Key *key = &keys->items[i];

		if (key->type == KEY_GONE)
			continue;
		splits[count].key = key;
		splits[count].count = segments_of(key->bytes, key->length, delimiter, splits[count].segments);
		sorted[count] = &splits[count];
		count++;
	}
	sort_at(&sorting, sorted, count, 0);
	free(sorted);
	free(splits);
	join_fitting(groups);
	tell_types_apart(groups);
	drop_empty(groups);
	for (size_t i = 0; i < groups->count; i++)
		groups->items[i].name = pattern_name(&groups->items[i].pattern, delimiter);
	qsort(groups->items, groups->count, sizeof(Group), compare_names);
}
