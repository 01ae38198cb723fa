#include "connectors/hudi/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/hash.h"
#include "connectors/common/memory.h"
#include "connectors/files/directory.h"
#include "connectors/hudi/commit.h"
#include "connectors/hudi/schema.h"

#define PROPERTIES            HUDI_FOLDER "/hoodie.properties"
#define MOST_PROPERTIES_BYTES (16u << 20)

#define NEWEST_VERSION    9
#define UNKNOWN_VERSION   (-1)
#define FIRST_WITH_ENDS   8
#define DEFAULT_TIMELINE  "timeline"
#define LONGEST_OWN_NAMES 256
#define MOST_LISTED       100

/* ---- properties ---- */

static void give_up_folder(void) __attribute__((noreturn));

static void
give_up_folder(void)
{
	give_up(&(Failure){
		.step = "connect",
		.code = "configuration",
		.message = "The folder is no Hudi table: it has no file " PROPERTIES ".",
		.hint = "file_path is the folder of one table: the one that has the folder " HUDI_FOLDER "."});
}

/* A writer that changes them deletes the file for a moment; meanwhile there is a copy. */
static void
read_properties(HudiTable *table)
{
	size_t length;
	char *text = directory_read(table->folder, PROPERTIES, MOST_PROPERTIES_BYTES, &length);

	if (text == NULL)
		text = directory_read(table->folder, PROPERTIES ".backup", MOST_PROPERTIES_BYTES, &length);
	if (text == NULL)
		give_up_folder();
	hudi_properties_parse(&table->properties, text, length);
	free(text);
}

const char *
hudi_table_setting(const HudiTable *table, const char *name)
{
	const char *value = hudi_property(&table->properties, name);

	return value && value[0] != '\0' ? value : NULL;
}

/* The oldest tables do not say it. */
static int
version_of(const HudiTable *table)
{
	const char *value = hudi_table_setting(table, "hoodie.table.version");
	char *end;
	long version = value ? strtol(value, &end, 10) : 0;

	return value && (*end != '\0' || version < 0 || version > NEWEST_VERSION) ? UNKNOWN_VERSION
																			  : (int) version;
}

void
hudi_table_check(const HudiTable *table)
{
	if (table->version == UNKNOWN_VERSION)
		give_up(&(Failure){.step = "connect",
						   .code = "unsupported",
						   .message = "The version of the Hudi table's format is not known.",
						   .hint = "Tables of the versions 0 to 9 are read."});
}

/* From a list such as `region, ts:timestamp`, in which a name may say how it becomes a part of the path. */
char *
hudi_table_listed(const HudiTable *table, const char *name, int place)
{
	const char *at = hudi_table_setting(table, name);
	size_t length;
	char *listed;

	if (place >= MOST_LISTED)
		return NULL;
	for (; at && place > 0; place--)
		at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL;
	if (at == NULL)
		return NULL;
	at += strspn(at, " ");
	length = strcspn(at, ",:");
	while (length > 0 && at[length - 1] == ' ')
		length--;
	listed = allocate(length + 1);
	memcpy(listed, at, length);
	listed[length] = '\0';
	return listed;
}

bool
hudi_table_is_merged_on_read(const HudiTable *table)
{
	const char *type = hudi_table_setting(table, "hoodie.table.type");

	return type && strcmp(type, "MERGE_ON_READ") == 0;
}

/* ---- the timeline ---- */

/* Of old tables, only the version of the format says it. */
static bool
are_ends_named(const HudiTable *table)
{
	const char *layout = hudi_table_setting(table, "hoodie.timeline.layout.version");

	return layout ? strcmp(layout, "2") == 0 : table->version >= FIRST_WITH_ENDS;
}

static void
read_timeline(HudiTable *table)
{
	bool has_ends = are_ends_named(table);
	const char *below = hudi_table_setting(table, "hoodie.timeline.path");
	char path[sizeof(HUDI_FOLDER) + LONGEST_OWN_NAMES];

	if (below && strlen(below) >= LONGEST_OWN_NAMES)
		give_up(&(Failure){.step = "query",
						   .code = "protocol",
						   .message = "The properties of the Hudi table are broken.",
						   .detail = "hoodie.timeline.path is too long."});
	if (has_ends)
		snprintf(path, sizeof(path), HUDI_FOLDER "/%s", below ? below : DEFAULT_TIMELINE);
	hudi_timeline_read(&table->timeline, table->folder, has_ends ? path : HUDI_FOLDER, has_ends);
}

void
hudi_table_read(HudiTable *table, const StoredFile *folder)
{
	*table = (HudiTable){.folder = folder};
	read_properties(table);
	table->version = version_of(table);
	read_timeline(table);
}

void
hudi_table_free(HudiTable *table)
{
	hudi_properties_free(&table->properties);
	hudi_timeline_free(&table->timeline);
}

/* An instant never changes once it is completed. */
void
hudi_table_state(const HudiTable *table, char *state)
{
	const HudiTimeline *timeline = &table->timeline;
	const char *last = timeline->count > 0 ? timeline->completed[timeline->count - 1].end : "";
	uint64_t sum = HASH_BEGINS;

	for (int i = 0; i < timeline->count; i++)
		sum = hash_bytes(sum, timeline->completed[i].path, strlen(timeline->completed[i].path) + 1);
	for (int i = 0; i < table->properties.count; i++)
	{
		const HudiProperty *property = &table->properties.items[i];

		sum = hash_bytes(sum, property->name, strlen(property->name) + 1);
		sum = hash_bytes(sum, property->value, strlen(property->value) + 1);
	}
	snprintf(state, STORED_STATE_BYTES, "%.64s %016" PRIx64, last, sum);
}

/* ---- the schema ---- */

/* Some writers leave the schema empty, or write one that is none: an older one may be whole. */
AvroSchema *
hudi_instant_schema(const HudiTable *table, const HudiInstant *instant)
{
	HudiCommit commit;
	AvroSchema *schema = NULL;

	if (hudi_commit_read(&commit, table->folder, instant) && commit.schema)
		schema = hudi_schema_read(commit.schema);
	hudi_commit_free(&commit);
	return schema;
}

AvroSchema *
hudi_table_schema(const HudiTable *table)
{
	const char *created = hudi_table_setting(table, "hoodie.table.create.schema");
	AvroSchema *schema = NULL;

	for (int i = table->timeline.count - 1; i >= 0 && schema == NULL; i--)
		if (table->timeline.completed[i].action != HUDI_OTHER)
			schema = hudi_instant_schema(table, &table->timeline.completed[i]);
	if (schema == NULL && created)
		schema = hudi_schema_read(created);
	return schema;
}
