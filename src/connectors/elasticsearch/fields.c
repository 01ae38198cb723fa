#include "connectors/elasticsearch/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/buffer_text.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/hash.h"
#include "connectors/common/memory.h"
#include "connectors/jsontree/json_text.h"

/* So many are looked through one after the other. */
#define FEW_FIELDS 16

/* ---- trees ---- */

static void
enter(Field *parent, Field *field)
{
	size_t mask = (size_t) parent->table_size - 1;
	size_t at = hash_text(field->name) & mask;

	while (parent->table[at] != NULL)
		at = (at + 1) & mask;
	parent->table[at] = field;
}

static void
enlarge_table(Field *parent)
{
	size_t bytes;

	parent->table_size = parent->table_size == 0 ? 4 * FEW_FIELDS : 2 * parent->table_size;
	bytes = (size_t) parent->table_size * sizeof(Field *);
	free(parent->table);
	parent->table = allocate(bytes);
	memset(parent->table, 0, bytes);
	for (Field *field = parent->first; field; field = field->next)
		enter(parent, field);
}

static Field *
add_field(Field *parent, const char *name)
{
	Field *field = allocate(sizeof(Field));

	*field = (Field){.name = copy_text(name), .ignore_above = -1};
	if (parent->last)
		parent->last->next = field;
	else
		parent->first = field;
	parent->last = field;
	parent->member_count++;
	if (parent->member_count > FEW_FIELDS && 2 * parent->member_count > parent->table_size)
		enlarge_table(parent);
	else if (parent->table != NULL)
		enter(parent, field);
	return field;
}

static Field *
find_field(const Field *parent, const char *name)
{
	size_t mask = (size_t) parent->table_size - 1;

	if (parent->table == NULL)
	{
		for (Field *field = parent->first; field; field = field->next)
			if (strcmp(field->name, name) == 0)
				return field;
		return NULL;
	}
	for (size_t at = hash_text(name) & mask; parent->table[at]; at = (at + 1) & mask)
		if (strcmp(parent->table[at]->name, name) == 0)
			return parent->table[at];
	return NULL;
}

static void
free_members(Field *field)
{
	while (field->first)
	{
		Field *member = field->first;

		field->first = member->next;
		free_members(member);
		free(member->name);
		free(member->type);
		free(member->path);
		free(member->format);
		free(member->settings);
		free(member);
	}
	free(field->table);
	field->table = NULL;
	field->last = NULL;
}

void
fields_free(Fields *fields)
{
	free_members(&fields->root);
	free(fields->meta);
	*fields = (Fields){0};
}

/* ---- what a mapping says of a field ---- */

static char *
take_buffer(WireBuffer *buffer)
{
	return buffer->length > 0 ? buffer_take_text(buffer) : NULL;
}

static char *
copy_member(const JsonNode *object, const char *name)
{
	const char *text = json_member_text(object, name);

	return text ? copy_text(text) : NULL;
}

static bool
is_false(const JsonNode *object, const char *name)
{
	const JsonNode *value = json_member(object, name);

	return value && (value->kind == JSON_FALSE ||
					 (json_text(value) != NULL && strcmp(json_text(value), "false") == 0));
}

/* What tells people what the values are. It is JSON text, in this order. */
static const char *const shown_settings[] = {"format",         "path",     "relations", "dims",
											 "scaling_factor", "analyzer", "value"};

static bool
says_nothing(const JsonNode *value)
{
	return value == NULL || value->kind == JSON_FALSE || (value->kind == JSON_TEXT && value->length == 0) ||
		   (value->kind >= JSON_ARRAY && value->count == 0);
}

static char *
settings_of(const JsonNode *told, bool is_multi)
{
	WireBuffer out = {0};

	for (size_t i = 0; i < sizeof(shown_settings) / sizeof(shown_settings[0]); i++)
	{
		const JsonNode *value = json_member(told, shown_settings[i]);

		if (says_nothing(value))
			continue;
		wire_append_text(&out, ",\"");
		wire_append_text(&out, shown_settings[i]);
		wire_append_text(&out, "\":");
		json_append(&out, value);
	}
	if (is_false(told, "enabled"))
		wire_append_text(&out, ",\"disabled\":true");
	if (is_multi)
		wire_append_text(&out, ",\"multi_field\":true");
	return take_buffer(&out);
}

/* Its script may be a text, or an object with its source in it. */
static char *
computed_settings(const JsonNode *told)
{
	const JsonNode *script = json_member(told, "script");
	const char *source = json_text(script) ? json_text(script) : json_member_text(script, "source");
	const char *format = json_member_text(told, "format");
	WireBuffer out = {0};

	wire_append_text(&out, ",\"generated\":\"virtual\"");
	if (source != NULL && *source != '\0')
	{
		wire_append_text(&out, ",\"expression\":");
		document_string(&out, source);
	}
	if (format != NULL && *format != '\0')
	{
		wire_append_text(&out, ",\"format\":");
		document_string(&out, format);
	}
	return take_buffer(&out);
}

static const JsonNode *
object_member(const JsonNode *object, const char *name)
{
	const JsonNode *member = json_member(object, name);

	return member && member->kind == JSON_OBJECT ? member : NULL;
}

/* An object needs no word for it. */
static const char *
type_of(const JsonNode *told)
{
	const char *type = json_member_text(told, "type");

	return type ? type : "object";
}

static void
describe_field(Field *field, const JsonNode *told, bool is_multi)
{
	field->type = copy_text(type_of(told));
	field->path = strcmp(field->type, "alias") == 0 ? copy_member(told, "path") : NULL;
	field->format = copy_member(told, "format");
	field->settings = settings_of(told, is_multi);
	field->is_multi = is_multi;
	field->is_searchable = !is_false(told, "index");
	field->has_null_value = json_member(told, "null_value") != NULL;
	(void) json_member_integer(told, "ignore_above", &field->ignore_above);
}

/* ---- mappings ---- */

static void add_members(Fields *fields, Field *parent, const JsonNode *told, bool are_multi, int level);

/* Every document has an id, which is a column already. */
static bool
is_free(const Fields *fields, const Field *parent, const char *name)
{
	return find_field(parent, name) == NULL && !(parent == &fields->root && strcmp(name, ID_FIELD) == 0);
}

static void
add_told(Fields *fields, Field *parent, const JsonNode *told, bool is_multi, int level)
{
	Field *field;

	if (told->kind != JSON_OBJECT || !is_free(fields, parent, told->name))
		return;
	if (level > MOST_FIELD_LEVELS)
	{
		fields->is_cut = true;
		return;
	}
	field = add_field(parent, told->name);
	fields->count++;
	describe_field(field, told, is_multi);
	add_members(fields, field, object_member(told, "properties"), false, level + 1);
	add_members(fields, field, object_member(told, "fields"), true, level + 1);
}

static void
add_members(Fields *fields, Field *parent, const JsonNode *told, bool are_multi, int level)
{
	for (const JsonNode *member = told ? told->first : NULL; member; member = member->next)
		add_told(fields, parent, member, are_multi, level);
}

/* Fields that a script computes: "runtime" of Elasticsearch, "derived" of OpenSearch. */
static void
add_computed(Fields *fields, const JsonNode *told)
{
	for (const JsonNode *member = told ? told->first : NULL; member; member = member->next)
	{
		Field *field;

		if (member->kind != JSON_OBJECT || !is_free(fields, &fields->root, member->name))
			continue;
		field = add_field(&fields->root, member->name);
		fields->count++;
		field->type = copy_text(type_of(member));
		field->format = copy_member(member, "format");
		field->settings = computed_settings(member);
		field->is_computed = true;
	}
}

static void
read_mapping(Fields *fields, const JsonNode *mapping)
{
	const JsonNode *meta = json_member(mapping, "_meta");
	WireBuffer out = {0};

	if (meta != NULL && fields->meta == NULL)
	{
		json_append(&out, meta);
		fields->meta = take_buffer(&out);
	}
	if (is_false(json_member(mapping, "_source"), "enabled"))
		fields->has_source = false;
	add_members(fields, &fields->root, object_member(mapping, "properties"), false, 1);
	add_computed(fields, object_member(mapping, "runtime"));
	add_computed(fields, object_member(mapping, "derived"));
}

/* Is the member a mapping, under the name of a type? So it is before version 7. */
static bool
is_typed(const JsonNode *mappings, const JsonNode *member)
{
	return object_member(mappings, "properties") == NULL && strcmp(member->name, "_meta") != 0 &&
		   strcmp(member->name, "runtime") != 0 && strcmp(member->name, "derived") != 0 &&
		   object_member(member, "properties") != NULL;
}

void
fields_read(Fields *fields, const JsonNode *mappings)
{
	bool is_older = false;

	*fields = (Fields){.has_source = true};
	if (mappings == NULL || mappings->kind != JSON_OBJECT)
		return;
	for (const JsonNode *member = mappings->first; member; member = member->next)
		if (is_typed(mappings, member))
		{
			is_older = true;
			read_mapping(fields, member);
		}
	if (!is_older)
		read_mapping(fields, mappings);
}

/* ---- several indices ---- */

static char *
copy_or_null(const char *text)
{
	return text ? copy_text(text) : NULL;
}

static bool
are_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Is the type among those that are joined? */
static bool
has_type(const char *joined, const char *type)
{
	size_t length = strlen(type);

	for (const char *at = joined; (at = strstr(at, type)) != NULL; at += length)
		if ((at == joined || (at - joined >= 3 && strncmp(at - 3, " | ", 3) == 0)) &&
			(at[length] == '\0' || strncmp(at + length, " | ", 3) == 0))
			return true;
	return false;
}

static void
join_type(Field *field, const char *type)
{
	size_t size = strlen(field->type) + strlen(type) + 4;
	char *joined;

	if (has_type(field->type, type))
		return;
	joined = allocate(size);
	snprintf(joined, size, "%s | %s", field->type, type);
	free(field->type);
	field->type = joined;
}

static void
replace(char **text, const char *by)
{
	if (are_same(*text, by))
		return;
	free(*text);
	*text = copy_or_null(by);
}

static void
copy_description(Field *field, const Field *other)
{
	replace(&field->type, other->type);
	replace(&field->path, other->path);
	replace(&field->format, other->format);
	replace(&field->settings, other->settings);
	field->ignore_above = other->ignore_above;
	field->is_multi = other->is_multi;
	field->is_computed = other->is_computed;
	field->is_searchable = other->is_searchable;
	field->has_null_value = other->has_null_value;
}

/* What is not the same in both is not said, and nothing is searched by it. */
static void
join_description(Field *field, const Field *other)
{
	bool is_same = strcmp(field->type, other->type) == 0 && are_same(field->path, other->path) &&
				   are_same(field->format, other->format);

	join_type(field, other->type);
	field->is_searchable &= other->is_searchable && is_same;
	field->has_null_value |= other->has_null_value;
	field->is_computed |= other->is_computed;
	if (field->ignore_above < 0 || (other->ignore_above >= 0 && other->ignore_above < field->ignore_above))
		field->ignore_above = other->ignore_above;
	if (!are_same(field->settings, other->settings))
		replace(&field->settings, NULL);
	if (!are_same(field->format, other->format))
		replace(&field->format, "");
}

static void
merge_members(Fields *fields, Field *parent, const Field *other, FieldsMerge how)
{
	for (const Field *member = other->first; member; member = member->next)
	{
		Field *field = find_field(parent, member->name);

		if (field == NULL)
		{
			field = add_field(parent, member->name);
			copy_description(field, member);
			fields->count++;
		}
		else if (how == MERGE_JOINS)
			join_description(field, member);
		else
			copy_description(field, member);
		merge_members(fields, field, member, how);
	}
}

void
fields_merge(Fields *fields, const Fields *other, FieldsMerge how)
{
	merge_members(fields, &fields->root, &other->root, how);
	fields->is_cut |= other->is_cut;
	fields->has_source &= other->has_source;
	if (how == MERGE_NEWER && other->meta != NULL)
		replace(&fields->meta, other->meta);
}

/* ---- finding ---- */

const Field *
fields_column(const Fields *fields, const char *name)
{
	return find_field(&fields->root, name);
}

/* The name of a field may have dots in it. */
static const Field *
field_below(const Field *parent, const char *path)
{
	for (const Field *field = parent->first; field; field = field->next)
	{
		size_t length = strlen(field->name);
		const Field *found;

		if (strncmp(path, field->name, length) != 0)
			continue;
		if (path[length] == '\0')
			return field;
		found = path[length] == '.' ? field_below(field, path + length + 1) : NULL;
		if (found != NULL)
			return found;
	}
	return NULL;
}

const Field *
fields_at(const Fields *fields, const char *path)
{
	return field_below(&fields->root, path);
}
