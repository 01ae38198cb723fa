#include "connectors/hudi/evolution.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/directory.h"

#define FOLDER             HUDI_FOLDER "/.schema"
#define ENDING             ".schemacommit"
#define MOST_HISTORY_BYTES (64u << 20)

/* ---- which file ---- */

/* Does the history count that has this name? Newer tables have the end of the instant in it, too. */
static bool
is_history(const HudiTable *table, const char *name)
{
	size_t digits = strspn(name, "0123456789");
	const char *rest = name + digits;
	char time[64];

	if (*rest == '_')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (digits == 0 || digits >= sizeof(time) || strcmp(rest, ENDING) != 0)
		return false;
	memcpy(time, name, digits);
	time[digits] = '\0';
	return hudi_timeline_has(&table->timeline, time);
}

/* Its path, which the caller frees; NULL: there is none. */
static char *
find_newest(const HudiTable *table)
{
	Directory directory;
	char *path = NULL;

	if (!directory_list(table->folder, FOLDER, &directory))
		return NULL;
	for (int i = directory.count - 1; i >= 0 && path == NULL; i--)
		if (!directory.entries[i].is_folder && is_history(table, directory.entries[i].name))
		{
			path = allocate(sizeof(FOLDER) + strlen(directory.entries[i].name) + 1);
			strcpy(path, FOLDER "/");
			strcat(path, directory.entries[i].name);
		}
	directory_free(&directory);
	return path;
}

/* ---- schemas ---- */

/* When the schema came; those that a table was created with have 0. */
static bool
version_of(const JsonNode *schema, int64_t *version)
{
	return json_member_integer(schema, "version_id", version);
}

/* The newest one that is not newer than that. */
static const JsonNode *
find_schema(const HudiEvolution *evolution, int64_t newest)
{
	const JsonNode *found = NULL;
	int64_t found_version = 0;
	int64_t version;

	for (const JsonNode *schema = evolution->schemas->first; schema; schema = schema->next)
		if (version_of(schema, &version) && version <= newest && (found == NULL || version > found_version))
		{
			found = schema;
			found_version = version;
		}
	return found;
}

static void give_up_history(const char *path, const char *fault) __attribute__((noreturn));

static void
give_up_history(const char *path, const char *fault)
{
	char detail[512];

	snprintf(detail, sizeof(detail), "%.255s: %s.", path, fault);
	give_up(&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "The history of the Hudi table's columns is broken.",
					   .detail = detail});
}

void
hudi_evolution_read(HudiEvolution *evolution, const HudiTable *table)
{
	char *path = find_newest(table);
	char fault[128] = "it is gone";
	size_t length;
	char *text;

	*evolution = (HudiEvolution){.tree = NULL};
	if (path == NULL)
		return;
	text = directory_read(table->folder, path, MOST_HISTORY_BYTES, &length);
	if (text)
		evolution->tree = json_tree_read(text, length, fault, sizeof(fault));
	if (evolution->tree == NULL)
		give_up_history(path, fault);
	evolution->schemas = json_member(json_tree_root(evolution->tree), "schemas");
	if (evolution->schemas == NULL || evolution->schemas->kind != JSON_ARRAY)
		give_up_history(path, "it has no schemas");
	evolution->present = find_schema(evolution, INT64_MAX);
	free(text);
	free(path);
}

void
hudi_evolution_free(HudiEvolution *evolution)
{
	if (evolution->tree)
		json_tree_free(evolution->tree);
	*evolution = (HudiEvolution){.tree = NULL};
}

/* ---- columns ---- */

static const JsonNode *
fields_of(const JsonNode *schema)
{
	const JsonNode *fields = json_member(schema, "fields");

	return fields ? fields->first : NULL;
}

bool
hudi_column_id(const JsonNode *schema, const char *name, int64_t *id)
{
	for (const JsonNode *field = fields_of(schema); field; field = field->next)
	{
		const char *its_name = json_member_text(field, "name");

		if (its_name && strcmp(its_name, name) == 0)
			return json_member_integer(field, "id", id);
	}
	return false;
}

const JsonNode *
hudi_evolution_schema(const HudiEvolution *evolution, const char *time)
{
	return evolution->tree ? find_schema(evolution, strtoll(time, NULL, 10)) : NULL;
}

const char *
hudi_evolution_name(const HudiEvolution *evolution, const JsonNode *schema, const char *name)
{
	int64_t id;
	int64_t other;

	if (schema == NULL || !hudi_column_id(evolution->present, name, &id))
		return name;
	for (const JsonNode *field = fields_of(schema); field; field = field->next)
		if (json_member_integer(field, "id", &other) && other == id)
			return json_member_text(field, "name");
	return NULL;
}
