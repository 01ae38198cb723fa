/*
 * result_columns.c — types of result columns.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/mysql/result_columns.h"
#include "connectors/mysql/types.h"

#define BINARY_CHARSET 63
#define LONGEST_BYTES  4  /* of a character of utf8mb4 */
#define NO_DECIMALS    31 /* of numbers whose fraction has any length */

static bool
is_text(const MYSQL_FIELD *field)
{
	return field->charsetnr != BINARY_CHARSET;
}

/* The word that information_schema has for the type. */
static const char *
word_of(const MYSQL_FIELD *field)
{
	static const struct
	{
		enum enum_field_types type;
		const char *word;
	} words[] = {
		{MYSQL_TYPE_TINY, "tinyint"},       {MYSQL_TYPE_SHORT, "smallint"},
		{MYSQL_TYPE_INT24, "mediumint"},    {MYSQL_TYPE_LONG, "int"},
		{MYSQL_TYPE_LONGLONG, "bigint"},    {MYSQL_TYPE_DECIMAL, "decimal"},
		{MYSQL_TYPE_NEWDECIMAL, "decimal"}, {MYSQL_TYPE_FLOAT, "float"},
		{MYSQL_TYPE_DOUBLE, "double"},      {MYSQL_TYPE_BIT, "bit"},
		{MYSQL_TYPE_YEAR, "year"},          {MYSQL_TYPE_DATE, "date"},
		{MYSQL_TYPE_NEWDATE, "date"},       {MYSQL_TYPE_TIME, "time"},
		{MYSQL_TYPE_DATETIME, "datetime"},  {MYSQL_TYPE_TIMESTAMP, "timestamp"},
		{MYSQL_TYPE_JSON, "json"},          {MYSQL_TYPE_GEOMETRY, "geometry"},
		{MYSQL_TYPE_NULL, "null"},
	};

	if (field->flags & (ENUM_FLAG | SET_FLAG))
		return field->flags & ENUM_FLAG ? "enum" : "set";
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].type == field->type)
			return words[i].word;
	if (field->type == MYSQL_TYPE_STRING)
		return is_text(field) ? "char" : "binary";
	if (field->type == MYSQL_TYPE_VAR_STRING || field->type == MYSQL_TYPE_VARCHAR)
		return is_text(field) ? "varchar" : "varbinary";
	return is_text(field) ? "text" : "blob";
}

/* MariaDB says json, uuid and the like beside the type that older clients know. */
static const char *
finer_word(const MYSQL_FIELD *field, char *buffer, size_t size)
{
	MARIADB_CONST_STRING name;

	if (mariadb_field_attr(&name, field, MARIADB_FIELD_ATTR_FORMAT_NAME) != 0 || name.length == 0)
		if (mariadb_field_attr(&name, field, MARIADB_FIELD_ATTR_DATA_TYPE_NAME) != 0)
			return NULL;
	if (name.length == 0 || name.length >= size)
		return NULL;
	memcpy(buffer, name.str, name.length);
	buffer[name.length] = '\0';
	return buffer;
}

/* A decimal's length counts its sign and its point. */
static unsigned long
precision_of(const MYSQL_FIELD *field)
{
	unsigned long beside = (field->decimals > 0) + !(field->flags & UNSIGNED_FLAG);

	return field->length > beside ? field->length - beside : field->length;
}

static void
write_type(const MYSQL_FIELD *field, const char *word, char *type, size_t size)
{
	const char *sign = strcmp(word, "year") != 0 && field->flags & UNSIGNED_FLAG ? " unsigned" : "";

	if (strcmp(word, "decimal") == 0)
		snprintf(type, size, "decimal(%lu,%u)%s", precision_of(field), field->decimals, sign);
	else if (strcmp(word, "varchar") == 0 || strcmp(word, "char") == 0)
		snprintf(type, size, "%s(%lu)", word, field->length / LONGEST_BYTES);
	else if (strcmp(word, "varbinary") == 0 || strcmp(word, "binary") == 0 || strcmp(word, "bit") == 0)
		snprintf(type, size, "%s(%lu)", word, field->length);
	else if ((strstr(word, "time") != NULL) && field->decimals > 0 && field->decimals < NO_DECIMALS)
		snprintf(type, size, "%s(%u)", word, field->decimals);
	else if (strstr(word, "int") != NULL && strcmp(word, "point") != 0)
		snprintf(type, size, "%s%s", word, sign);
	else
		snprintf(type, size, "%s", word);
}

void
result_column_write(WireBuffer *array, const MYSQL_FIELD *field, ResultColumn *column)
{
	char finer[64];
	char type[128];
	const char *word = finer_word(field, finer, sizeof(finer));
	bool is_geometry = field->type == MYSQL_TYPE_GEOMETRY;
	const char *pg_type;

	if (word == NULL)
		word = word_of(field);
	write_type(field, word, type, sizeof(type));
	pg_type = is_geometry || strcmp(word, "vector") == 0 ? "bytea" : type_in_postgresql(word, type, NULL);
	*column = (ResultColumn){.form = FORM_TEXT, .bits = (int) field->length};
	if (strcmp(word, "bit") == 0)
		column->form = FORM_BITS;
	else if (strcmp(word, "timestamp") == 0)
		column->form = FORM_MOMENT;
	else if (pg_type && strcmp(pg_type, "bytea") == 0)
		column->form = FORM_BYTES;
	document_separate(array);
	document_literal(array, "{");
	document_text(array, "name", field->name);
	document_text(array, "type", type);
	document_text(array, "pg_type", pg_type);
	document_literal(array, "}");
}
