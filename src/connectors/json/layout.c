#include "connectors/json/layout.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/inference/paths.h"

/* An object with more members is a row. */
#define MOST_MEMBERS 100
/* The server is told that the work goes on, each so many bytes. */
#define BYTES_OF_PROGRESS (INT64_C(32) << 20)

/* Of what kinds values are that could be rows. */
typedef struct Kinds
{
	int64_t objects;
	int64_t arrays;
	int64_t scalars;
	int64_t nulls;
	int64_t longest; /* array */
} Kinds;

typedef struct Member
{
	char *name;
	JsonKind kind;
	bool is_feature_collection; /* its value is this word */
	Kinds elements;
} Member;

typedef struct Look
{
	JsonEvents events;
	Kinds values;
	Kinds elements;
	Member *members;
	int member_count;
	bool has_more_members;
	int64_t lengths[3]; /* of the arrays that are open, by their depth */
} Look;

static void
count_kind(Kinds *kinds, JsonKind kind)
{
	kinds->objects += kind == JSON_OBJECT;
	kinds->arrays += kind == JSON_ARRAY;
	kinds->nulls += kind == JSON_NULL;
	kinds->scalars += kind != JSON_OBJECT && kind != JSON_ARRAY && kind != JSON_NULL;
}

static int64_t
number_of(const Kinds *kinds)
{
	return kinds->objects + kinds->arrays + kinds->scalars + kinds->nulls;
}

static bool
is_in_only_object(const Look *look)
{
	return look->values.objects == 1 && number_of(&look->values) == 1;
}

static Member *
last_member(const Look *look)
{
	return look->member_count > 0 && !look->has_more_members ? &look->members[look->member_count - 1] : NULL;
}

static void
add_member(Look *look, const JsonEvent *event)
{
	Member *member;

	if (look->member_count == MOST_MEMBERS)
	{
		look->has_more_members = true;
		return;
	}
	if (look->members == NULL)
		look->members = allocate(MOST_MEMBERS * sizeof(Member));
	member = &look->members[look->member_count++];
	*member = (Member){.name = allocate(event->length + 1)};
	memcpy(member->name, event->bytes, event->length);
	member->name[event->length] = '\0';
}

/* Kinds of the values that an event at this depth is one of; NULL: they could not be rows. */
static Kinds *
kinds_at(Look *look, int depth)
{
	Member *member = last_member(look);

	if (depth == 0)
		return &look->values;
	if (depth == 1 && look->values.arrays == 1 && number_of(&look->values) == 1)
		return &look->elements;
	if (depth == 2 && is_in_only_object(look) && member && member->kind == JSON_ARRAY)
		return &member->elements;
	return NULL;
}

static void
begin_value(Look *look, const JsonEvent *event)
{
	Kinds *kinds = kinds_at(look, event->depth);
	Member *member = last_member(look);

	if (event->depth > 0 && event->depth <= 3)
		look->lengths[event->depth - 1]++;
	if (event->depth < 3 && event->kind == JSON_ARRAY)
		look->lengths[event->depth] = 0;
	if (kinds)
		count_kind(kinds, event->kind);
	if (event->depth == 0 && look->values.objects > 0 && look->values.objects < number_of(&look->values))
		json_events_refuse(&look->events,
						   "The file is not valid JSON: objects and other values follow one another.");
	if (event->depth != 1 || !is_in_only_object(look) || member == NULL)
		return;
	member->kind = event->kind;
	member->is_feature_collection =
		event->kind == JSON_TEXT && event->length == 17 && memcmp(event->bytes, "FeatureCollection", 17) == 0;
}

static void
take(void *context, const JsonEvent *event)
{
	Look *look = context;
	Kinds *kinds;

	if (event->depth > 3)
		return;
	if (event->kind == JSON_KEY && event->depth == 1 && is_in_only_object(look))
		add_member(look, event);
	if (event_begins_value(event))
		begin_value(look, event);
	kinds = event->kind == JSON_ARRAY_END && event->depth < 3 ? kinds_at(look, event->depth) : NULL;
	if (kinds && look->lengths[event->depth] > kinds->longest)
		kinds->longest = look->lengths[event->depth];
}

/* ---- what follows from it ---- */

static RowForm
form_of(const Kinds *kinds)
{
	if (kinds->scalars == 0 && kinds->arrays == 0 && (kinds->objects > 0 || kinds->nulls == 0))
		return ROW_OBJECT;
	if (kinds->scalars == 0 && kinds->objects == 0 && kinds->longest > 0 &&
		kinds->longest <= MOST_PATH_MEMBERS)
		return ROW_ARRAY;
	return ROW_VALUE;
}

static void
add_relation(FileLayout *layout, RowPlace place, const Kinds *kinds, const char *member)
{
	layout->relations = reallocate(layout->relations, (size_t) (layout->count + 1) * sizeof(RowLayout));
	layout->relations[layout->count++] =
		(RowLayout){.place = place, .form = form_of(kinds), .member = member ? copy_text(member) : NULL};
}

static bool
has_rows(const Member *member)
{
	const Kinds *kinds = &member->elements;

	return member->kind == JSON_ARRAY && kinds->objects > 0 && kinds->arrays == 0 && kinds->scalars == 0;
}

/* Does it say about the rows beside it nothing that would be lost? */
static bool
is_beside_rows(const Member *member)
{
	return member->kind != JSON_OBJECT && (member->kind != JSON_ARRAY || number_of(&member->elements) == 0);
}

static bool
is_unique(const Look *look, int number)
{
	for (int i = 0; i < look->member_count; i++)
		if (i != number && strcmp(look->members[i].name, look->members[number].name) == 0)
			return false;
	return true;
}

/* The features of GeoJSON, or NULL. */
static const Member *
find_features(const Look *look)
{
	const Member *features = NULL;
	bool is_collection = false;

	for (int i = 0; i < look->member_count; i++)
	{
		const Member *member = &look->members[i];

		is_collection |= strcmp(member->name, "type") == 0 && member->is_feature_collection;
		if (strcmp(member->name, "features") == 0 && has_rows(member) && is_unique(look, i))
			features = member;
	}
	return is_collection ? features : NULL;
}

/* Are all members rows, or scalars beside them? */
static bool
are_relations(const Look *look)
{
	int count = 0;

	for (int i = 0; i < look->member_count; i++)
	{
		const Member *member = &look->members[i];

		if (!has_rows(member) && !is_beside_rows(member))
			return false;
		if (has_rows(member) && (!is_unique(look, i) || member->name[0] == '\0'))
			return false;
		count += has_rows(member);
	}
	return count > 0 && !look->has_more_members;
}

static void
add_relations_of_members(const Look *look, FileLayout *layout)
{
	const Member *features = find_features(look);

	if (features)
		add_relation(layout, ROWS_ARE_OF_MEMBER, &features->elements, features->name);
	else if (are_relations(look))
		for (int i = 0; i < look->member_count; i++)
			if (has_rows(&look->members[i]))
				add_relation(layout, ROWS_ARE_OF_MEMBER, &look->members[i].elements, look->members[i].name);
}

static void
conclude(const Look *look, FileLayout *layout)
{
	bool is_only = number_of(&look->values) == 1;

	if (number_of(&look->values) == 0)
		give_up(&(Failure){.step = "query", .code = "protocol", .message = "The file has no JSON value."});
	if (is_only && look->values.objects == 1)
		add_relations_of_members(look, layout);
	if (layout->count == 0 && is_only && look->values.arrays == 1)
		add_relation(layout, ROWS_ARE_ELEMENTS, &look->elements, NULL);
	if (layout->count == 0)
		add_relation(layout, ROWS_ARE_VALUES, &look->values, NULL);
}

void
layout_find(const StoredFile *file, FileLayout *layout)
{
	Look *look = allocate(sizeof(Look));
	int64_t told = 0;

	memset(look, 0, sizeof(*look));
	*layout = (FileLayout){.relations = NULL};
	json_events_begin(&look->events, file, take, look);
	while (look->events.text.in.count <= SURVEYED_BYTES && json_events_next(&look->events))
		if (look->events.text.in.count - told > BYTES_OF_PROGRESS)
		{
			told = look->events.text.in.count;
			emit_progress("read", ABSENT);
		}
	conclude(look, layout);
	json_events_end(&look->events);
	for (int i = 0; i < look->member_count; i++)
		free(look->members[i].name);
	free(look->members);
	free(look);
}

/* ---- the events of rows ---- */

bool
row_filter_takes(RowFilter *filter, JsonEvent *event)
{
	int depth = filter->layout->place == ROWS_ARE_VALUES     ? 0
				: filter->layout->place == ROWS_ARE_ELEMENTS ? 1
															 : 2;

	if (event->depth >= depth)
	{
		event->depth -= depth;
		return depth == 0 || filter->is_open;
	}
	if (event->kind == JSON_KEY)
		filter->is_member = depth == 2 && event->length == strlen(filter->layout->member) &&
							memcmp(event->bytes, filter->layout->member, event->length) == 0;
	else if (event->depth == depth - 1)
		filter->is_open = event->kind == JSON_ARRAY && (depth == 1 || filter->is_member);
	return false;
}
