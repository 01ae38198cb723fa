#include "connectors/hudi/partition_path.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define FIELDS    "hoodie.table.partition.fields"
#define HIVE_NULL "__HIVE_DEFAULT_PARTITION__"

int
hudi_partition_place(const HudiTable *table, const char *name)
{
	char *field;

	for (int i = 0; (field = hudi_table_listed(table, FIELDS, i)) != NULL; i++)
	{
		bool is_it = strcmp(field, name) == 0;

		free(field);
		if (is_it)
			return i;
	}
	return -1;
}

static int
count_fields(const HudiTable *table)
{
	int count = 0;
	char *field;

	while ((field = hudi_table_listed(table, FIELDS, count)) != NULL)
	{
		free(field);
		count++;
	}
	return count;
}

static int
count_folders(const char *path)
{
	int count = path[0] != '\0';

	for (; *path; path++)
		count += *path == '/';
	return count;
}

/* The folder at that place, and how long its name is; one field alone has all of them. */
static const char *
find_part(const HudiTable *table, const char *path, int place, size_t *length)
{
	int fields = count_fields(table);

	*length = strlen(path);
	if (fields == 1 && path[0] != '\0')
		return path;
	if (fields != count_folders(path))
		return NULL;
	for (; place > 0; place--)
		path = strchr(path, '/') + 1;
	*length = strcspn(path, "/");
	return path;
}

static int
hex_digit(char byte)
{
	if (!isxdigit((unsigned char) byte))
		return -1;
	return isdigit((unsigned char) byte) ? byte - '0' : tolower((unsigned char) byte) - 'a' + 10;
}

/* What is no escape stays, and so does that of NUL. */
static void
unescape(char *text)
{
	char *to = text;

	while (*text)
	{
		int high = *text == '%' ? hex_digit(text[1]) : -1;
		int low = high >= 0 ? hex_digit(text[2]) : -1;
		bool is_escape = low >= 0 && high + low > 0;

		*to++ = is_escape ? (char) (high * 16 + low) : *text;
		text += is_escape ? 3 : 1;
	}
	*to = '\0';
}

static char *
value_of(const HudiTable *table, const char *part, size_t length)
{
	char *value = allocate(length + 1);

	memcpy(value, part, length);
	value[length] = '\0';
	if (hudi_property_is_true(&table->properties, "hoodie.datasource.write.partitionpath.urlencode", false))
		unescape(value);
	if (!is_utf8(value))
		give_up(&(Failure){
			.step = "query", .code = "protocol", .message = "The name of a partition is no UTF-8."});
	if (strcmp(value, HIVE_NULL) != 0)
		return value;
	free(value);
	return NULL;
}

char *
hudi_partition_value(const HudiTable *table, const char *path, int place)
{
	char *name = hudi_table_listed(table, FIELDS, place);
	size_t name_length = strlen(name);
	size_t length;
	const char *part = find_part(table, path, place, &length);

	if (part == NULL)
		give_up(&(Failure){.step = "query",
						   .code = "protocol",
						   .message = "The path of a partition has not one folder for each of its fields.",
						   .detail = path});
	if (length > name_length && strncmp(part, name, name_length) == 0 && part[name_length] == '=')
	{
		part += name_length + 1;
		length -= name_length + 1;
	}
	free(name);
	return value_of(table, part, length);
}
