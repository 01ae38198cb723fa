/*
 * values.c — conversions to text by the server, each with the style whose form has no locale and loses
 * nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/sqlserver/statements.h"
#include "connectors/sqlserver/types.h"
#include "connectors/sqlserver/values.h"

#define STYLE_NONE      0
#define STYLE_BYTES     1 /* 0x, and digits */
#define STYLE_16_DIGITS 2 /* of floats; of money all four behind the point */
#define STYLE_17_DIGITS 3 /* of floats: since SQL Server 2016 */
#define STYLE_DATE      23
#define STYLE_TIME      121
#define SERVER_2016     13
#define AZURE           5

static int
style_of_floats(const Session *session)
{
	return atoi(session->version) >= SERVER_2016 || session->edition == AZURE ? STYLE_17_DIGITS
																			  : STYLE_16_DIGITS;
}

static int
style_of(const Session *session, const char *word)
{
	static const struct
	{
		const char *word;
		int style;
	} styles[] = {
		{"date", STYLE_DATE},           {"datetime", STYLE_TIME},        {"datetime2", STYLE_TIME},
		{"datetimeoffset", STYLE_TIME}, {"smalldatetime", STYLE_TIME},   {"time", STYLE_TIME},
		{"money", STYLE_16_DIGITS},     {"smallmoney", STYLE_16_DIGITS},
	};

	if (strcmp(word, "float") == 0 || strcmp(word, "real") == 0)
		return style_of_floats(session);
	if (type_is_bytes(word))
		return STYLE_BYTES;
	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++)
		if (strcmp(word, styles[i].word) == 0)
			return styles[i].style;
	return STYLE_NONE;
}

/* Types that are made in .NET have a method for it. An image is no varbinary, but can become one. */
void
write_value(WireBuffer *sql, const Session *session, const char *const *row)
{
	const char *word = type_word(row);
	int style = style_of(session, word);

	wire_append_text(sql, "CONVERT(nvarchar(max), ");
	wire_append_text(sql, style == STYLE_BYTES ? "CONVERT(varbinary(max), " : "");
	write_name(sql, row[COLUMN_NAME]);
	wire_append_text(sql, row[COLUMN_BASE] == NULL ? ".ToString()" : "");
	wire_append_text(sql, style == STYLE_BYTES ? ")" : "");
	if (style != STYLE_NONE)
	{
		wire_append_text(sql, ", ");
		wire_append_integer(sql, style);
	}
	wire_append_text(sql, ")");
}

bool
is_gone(unsigned error)
{
	return error == 207 || error == 208 || error == 4413 || error == 4502;
}

bool
is_forbidden(unsigned error)
{
	return error == 229 || error == 230 || error == 916;
}

const char *
value_failure(unsigned error)
{
	static const struct
	{
		unsigned error;
		const char *text;
	} meanings[] = {
		{ERROR_LATE, "a query took longer than the time for one relation"},
		{207, "a column of it has just gone"},
		{208, "it, or a table that it is made with, is no longer in the data source"},
		{229, "the user of the data source may not read it"},
		{230, "the user of the data source may not read a column of it"},
		{916, "it is made with a database that the user of the data source may not use"},
		{1205, "it was locked by another session"},
		{1222, "it is locked by another session"},
		{4121, "a function that it is made with is missing"},
		{4413, "a table, column or function that it is made with is missing"},
		{4502, "its view has more columns than it was made with"},
		{7202, "the server that it refers to is not known"},
		{7399, "the server of the foreign table could not be reached"},
		{8115, "a value of it is too large for an expression of the view"},
		{8134, "an expression of the view divides by zero"},
		{33514, "a value of it is encrypted"},
	};
	static char other[80];

	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].error == error)
			return meanings[i].text;
	snprintf(other, sizeof(other), "reading it failed; the server's error code is %u", error);
	return other;
}
