/*
 * mysql_types.c — how MySQL spells defaults, expressions and enumerated types, and names and texts that no
 * byte of them leaves. What it gives is from MySQL 9.7; a real MariaDB has test/connectors/mysql.t.
 */
#include "connectors/mysql/types.h"
#include "connectors/sql/quote.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;
static int tests = 0;
static SqlArena arena;

static void
check(const char *name, const char *got, const char *expected)
{
	bool fine = got == NULL || expected == NULL ? got == expected : strcmp(got, expected) == 0;

	printf("%s %d - %s\n", fine ? "ok" : "not ok", ++tests, name);
	if (!fine)
		printf("# got: %s\n# expected: %s\n", got ? got : "NULL", expected ? expected : "NULL");
	failures += !fine;
}

static void
check_literals(void)
{
	check("a bare text is quoted", type_literal(&arena, "varchar", "it's"), "'it''s'");
	check("so is a date", type_literal(&arena, "date", "2020-01-02"), "'2020-01-02'");
	check("so is a value of an enum", type_literal(&arena, "enum", "x,y"), "'x,y'");
	check("an empty text is one", type_literal(&arena, "char", ""), "''");
	check("a number is not", type_literal(&arena, "decimal", "1.50"), "1.50");
	check("bits come as a literal", type_literal(&arena, "bit", "b'101'"), "b'101'");
	check("bytes come as one", type_literal(&arena, "varbinary", "0x6162"), "0x6162");
	check("the word NULL is a text", type_literal(&arena, "varchar", "NULL"), "'NULL'");
	check("the present time is an expression", type_literal(&arena, "timestamp", "CURRENT_TIMESTAMP(3)"),
		  "CURRENT_TIMESTAMP(3)");
}

static void
check_expressions(void)
{
	check("quotes are escaped, and texts marked", type_unescape(&arena, "concat(_utf8mb4\\'x\\',`a`)"),
		  "concat('x',`a`)");
	check("backslashes", type_unescape(&arena, "_utf8mb4\\'a\\\\\\\\b\\'"), "'a\\\\b'");
	check("a name that begins alike stays", type_unescape(&arena, "my_utf8mb4\\'x\\'"), "my_utf8mb4'x'");
	check("a lone backslash stays", type_unescape(&arena, "a\\"), "a\\");
}

static void
check_values(const char *name, const char *type, int count, const char *last)
{
	SqlNames values = type_values(&arena, type);
	char numbered[32];

	snprintf(numbered, sizeof(numbered), "%d", values.count);
	check(name, values.count == count ? "" : numbered, "");
	check("and the last", values.count > 0 ? values.items[values.count - 1] : NULL, last);
}

static void
check_enums(void)
{
	check_values("a comma and a quote in a value", "enum('a','b,c','d''e')", 3, "d'e");
	check_values("an empty value", "enum('')", 1, "");
	check_values("a backslash", "enum('x\\\\y','z\\n')", 2, "z\n");
	check_values("no values", "enum()", 0, NULL);
	check_values("a type that is cut", "enum('a','b", 2, "b");
	check_values("a type that ends in a backslash", "enum('a\\", 1, "a\\");
	check_values("values with rubbish between", "enum('a' 'b')", 1, "a");
}

static const char *
counterpart(const char *type, const char *default_text)
{
	return type_in_postgresql(type_word(&arena, type), type, default_text);
}

static void
check_types(void)
{
	check("upper case", counterpart("BIGINT(20) unsigned", NULL), "numeric");
	check("a date", counterpart("date", "'2020-01-01'"), "date");
	check("a zero date of MariaDB", counterpart("date", "'0000-00-00'"), NULL);
	check("a zero date of MySQL", counterpart("datetime", "0000-00-00 00:00:00"), NULL);
	check("a vector", counterpart("vector(3)", NULL), NULL);
	check("a type that is not known", counterpart("quaternion", NULL), NULL);
	check("no type", counterpart("", NULL), NULL);
}

static void
check_quotes(void)
{
	static const char evil[] = "a'\"[]`\\%_\xF0\x9F\x98\x80";
	WireBuffer text = {0};

	sql_quote_name(&text, evil, '`', '`');
	sql_quote_name(&text, evil, '[', ']');
	wire_append(&text, " ", 1);
	sql_hexadecimal(&text, evil);
	wire_append(&text, "", 1);
	check("names between quotes, texts as digits", text.data,
		  "`a'\"[]``\\%_\xF0\x9F\x98\x80`[a'\"[]]`\\%_\xF0\x9F\x98\x80] 6127225b5d605c255ff09f9880");
	wire_free(&text);
}

int
main(void)
{
	check_literals();
	check_expressions();
	check_enums();
	check_types();
	check_quotes();
	sql_arena_free(&arena);
	printf("1..%d\n", tests);
	return failures > 0;
}
