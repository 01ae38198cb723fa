#include "connectors/hudi/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/files/directory.h"

#define LONGEST_TIME 64

/* ---- names ---- */

/* What the name of a file says. */
typedef struct InstantName
{
	char begin[LONGEST_TIME + 1];
	char end[LONGEST_TIME + 1];
	const char *rest; /* from the first dot on */
} InstantName;

/* Returns what is behind the digits; NULL if there are none, or too many. */
static const char *
take_time(const char *name, char *time)
{
	size_t length = strspn(name, "0123456789");

	if (length == 0 || length > LONGEST_TIME)
		return NULL;
	memcpy(time, name, length);
	time[length] = '\0';
	return name + length;
}

static bool
parse_name(const char *name, InstantName *parsed)
{
	const char *rest = take_time(name, parsed->begin);

	parsed->end[0] = '\0';
	if (rest && *rest == '_')
		rest = take_time(rest + 1, parsed->end);
	parsed->rest = rest;
	return rest && *rest == '.';
}

/* A completed instant has no word behind its action; `.inflight` alone is a commit under way. */
static bool
is_completed(const InstantName *name, bool has_ends)
{
	return strchr(name->rest + 1, '.') == NULL && strcmp(name->rest, ".inflight") != 0 &&
		   strcmp(name->rest, ".requested") != 0 && (name->end[0] != '\0') == has_ends;
}

static bool
is_pending(const InstantName *name)
{
	const char *word = strrchr(name->rest, '.');

	return strcmp(word, ".inflight") == 0 || strcmp(word, ".requested") == 0;
}

static HudiAction
action_of(const char *rest)
{
	static const char *const actions[] = {".commit", ".deltacommit", ".replacecommit"};

	for (int i = 0; i < HUDI_OTHER; i++)
		if (strcmp(rest, actions[i]) == 0)
			return (HudiAction) i;
	return HUDI_OTHER;
}

/* ---- the list ---- */

static int
order_instants(const void *a, const void *b)
{
	const HudiInstant *one = a;
	const HudiInstant *other = b;
	int order = strcmp(one->end, other->end);

	if (order == 0)
		order = strcmp(one->begin, other->begin);
	return order != 0 ? order : strcmp(one->path, other->path);
}

static int
order_times(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static char *
path_of(const char *folder, const char *name)
{
	char *path = allocate(strlen(folder) + strlen(name) + 2);

	strcpy(path, folder);
	strcat(path, "/");
	return strcat(path, name);
}

static void
take_entry(HudiTimeline *timeline, const char *folder, const char *name, bool has_ends)
{
	InstantName parsed;

	if (!parse_name(name, &parsed))
		return;
	if (is_completed(&parsed, has_ends))
		timeline->completed[timeline->count++] =
			(HudiInstant){.begin = copy_text(parsed.begin),
						  .end = copy_text(has_ends ? parsed.end : parsed.begin),
						  .action = action_of(parsed.rest),
						  .path = path_of(folder, name)};
	else if (is_pending(&parsed))
		timeline->pending[timeline->pending_count++] = copy_text(parsed.begin);
}

/* The begins of completed instants are the completed ones' own. */
static void
take_begins(HudiTimeline *timeline)
{
	for (int i = 0; i < timeline->count; i++)
		if (timeline->completed[i].action != HUDI_OTHER)
			timeline->begins[timeline->begin_count++] = timeline->completed[i].begin;
}

static void
sort_times(char **times, int count)
{
	if (count > 1)
		qsort(times, (size_t) count, sizeof(char *), order_times);
}

void
hudi_timeline_read(HudiTimeline *timeline, const StoredFile *folder, const char *path, bool has_ends)
{
	Directory directory;
	size_t room;

	*timeline = (HudiTimeline){.completed = NULL};
	if (!directory_list(folder, path, &directory))
		return;
	room = (size_t) directory.count + 1;
	timeline->completed = allocate(room * sizeof(HudiInstant));
	timeline->begins = allocate(room * sizeof(char *));
	timeline->pending = allocate(room * sizeof(char *));
	for (int i = 0; i < directory.count; i++)
		if (!directory.entries[i].is_folder)
			take_entry(timeline, path, directory.entries[i].name, has_ends);
	directory_free(&directory);
	if (timeline->count > 1)
		qsort(timeline->completed, (size_t) timeline->count, sizeof(HudiInstant), order_instants);
	take_begins(timeline);
	sort_times(timeline->begins, timeline->begin_count);
	sort_times(timeline->pending, timeline->pending_count);
}

static bool
has_time(char *const *times, int count, const char *time)
{
	return count > 0 && bsearch(&time, times, (size_t) count, sizeof(char *), order_times) != NULL;
}

bool
hudi_timeline_has(const HudiTimeline *timeline, const char *begin)
{
	if (has_time(timeline->begins, timeline->begin_count, begin))
		return true;
	return timeline->begin_count > 0 && strcmp(begin, timeline->begins[0]) < 0 &&
		   !has_time(timeline->pending, timeline->pending_count, begin);
}

void
hudi_timeline_free(HudiTimeline *timeline)
{
	for (int i = 0; i < timeline->count; i++)
	{
		free(timeline->completed[i].begin);
		free(timeline->completed[i].end);
		free(timeline->completed[i].path);
	}
	for (int i = 0; i < timeline->pending_count; i++)
		free(timeline->pending[i]);
	free(timeline->completed);
	free(timeline->begins);
	free(timeline->pending);
	*timeline = (HudiTimeline){.completed = NULL};
}
