#include "connectors/excel/relations.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/excel/broken.h"
#include "connectors/excel/xml.h"

#define MOST_RELATIONS 65536

typedef struct Reading
{
	PartRelations *relations;
	const char *part;
} Reading;

/* Leaves out `name/..` and `.`, as far as there is a name. */
static void
shorten(char *path)
{
	char *out = path;

	for (char *at = path; *at;)
	{
		size_t length = strcspn(at, "/");
		char *next = at + length + (at[length] == '/');

		if (length == 2 && memcmp(at, "..", 2) == 0)
		{
			if (out > path)
				out--;
			while (out > path && out[-1] != '/')
				out--;
		}
		else if (length > 0 && !(length == 1 && *at == '.'))
		{
			memmove(out, at, (size_t) (next - at));
			out += next - at;
		}
		at = next;
	}
	*out = '\0';
}

/* The part that a target names: from the root on, or from the folder of the part that refers to it. */
static char *
resolve(const char *part, const char *target)
{
	const char *slash = strrchr(part, '/');
	size_t folder = target[0] == '/' || slash == NULL ? 0 : (size_t) (slash + 1 - part);
	char *path = allocate(folder + strlen(target) + 1);

	memcpy(path, part, folder);
	strcpy(path + folder, target);
	for (char *at = path; (at = strchr(at, '\\'));)
		*at = '/';
	shorten(path);
	return path;
}

static void
start(void *context, const char *name, const char **attributes)
{
	Reading *reading = context;
	PartRelations *relations = reading->relations;
	const char *id = xml_attribute(attributes, "Id");
	const char *type = xml_attribute(attributes, "Type");
	const char *target = xml_attribute(attributes, "Target");
	const char *mode = xml_attribute(attributes, "TargetMode");

	if (strcmp(name, "Relationship") != 0 || !id || !type || !target ||
		(mode && strcmp(mode, "External") == 0))
		return;
	if (relations->count == MOST_RELATIONS)
		give_up_too_large("A part of the workbook refers to more than 65,536 others.", NULL);
	if ((relations->count & (relations->count - 1)) == 0)
		relations->items = reallocate(
			relations->items, (size_t) (relations->count ? 2 * relations->count : 1) * sizeof(PartRelation));
	type = strrchr(type, '/') ? strrchr(type, '/') + 1 : type;
	relations->items[relations->count++] =
		(PartRelation){.id = copy_text(id), .type = copy_text(type), .part = resolve(reading->part, target)};
}

static void
end(void *context, const char *name)
{
	(void) context;
	(void) name;
}

void
part_relations_read(const Package *package, const char *part, PartRelations *relations)
{
	static const XmlHandlers handlers = {.start = start, .end = end};
	const char *slash = strrchr(part, '/');
	size_t folder = slash ? (size_t) (slash + 1 - part) : 0;
	char *name = allocate(strlen(part) + sizeof("_rels/.rels"));
	Reading reading = {.relations = relations, .part = part};

	*relations = (PartRelations){.items = NULL};
	memcpy(name, part, folder);
	strcpy(name + folder, "_rels/");
	strcat(name, part + folder);
	strcat(name, ".rels");
	if (package_has(package, name))
		xml_read(package, name, &handlers, &reading);
	free(name);
}

void
part_relations_free(PartRelations *relations)
{
	for (int i = 0; i < relations->count; i++)
	{
		free(relations->items[i].id);
		free(relations->items[i].type);
		free(relations->items[i].part);
	}
	free(relations->items);
}

const char *
part_relations_find(const PartRelations *relations, const char *id, const char *type)
{
	for (int i = 0; i < relations->count; i++)
		if (id ? strcmp(relations->items[i].id, id) == 0 && strcmp(relations->items[i].type, type) == 0
			   : strcmp(relations->items[i].type, type) == 0)
			return relations->items[i].part;
	return NULL;
}
