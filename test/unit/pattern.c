/*
 * pattern.c — patterns of schemas and relations, alone. Prints TAP. A slow and obvious matcher checks the
 * fast one on random names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/pattern.h"

static int tests;
static int failures;

static void
ok(bool fine, const char *name, const char *about)
{
	printf("%sok %d - %s %s\n", fine ? "" : "not ", ++tests, name, about);
	failures += !fine;
}

static bool
matches(const char *text, const char *schema, const char *relation)
{
	WirePattern pattern;
	bool found;

	if (wire_pattern_parse(text, &pattern) != NULL)
		return false;
	found = wire_pattern_matches(&pattern, schema, relation);
	wire_pattern_free(&pattern);
	return found;
}

static void
test_one(void)
{
	static const struct
	{
		const char *pattern;
		const char *schema;
		const char *relation;
		bool expected;
	} cases[] = {
		{"sales", "sales", "orders", true},
		{"sales", "sales", NULL, true},
		{"sales", "Sales", "orders", false},
		{"sales", "sales2", "orders", false},
		{"sales.*", "sales", NULL, true},
		{"sales.**", "sales", NULL, true},
		{"sales.o*", "sales", NULL, false},
		{"sales.o*s", "sales", "orders", true},
		{"sales.o*s", "sales", "order", false},
		{"*.tmp_*", "any", "tmp_", true},
		{"*.tmp_*", "any", "xtmp_", false},
		{"*.t?p", "any", "t\xC3\xA4p", true},
		{"*.t??p", "any", "t\xC3\xA4p", false},
		{"*.*\xA4", "any", "\xC3\xA4", false},
		{"*.?", "any", "", false},
		{"*.?*", "any", "\xF0\x9F\x98\x80", true},
		{"*.a*b*c", "any", "aXbXbYc", true},
		{"*.a*b*c", "any", "aXbXbY", false},
		{"\"a.b\".c", "a.b", "c", true},
		{"\"*\".c", "x", "c", false},
		{"\"*\".c", "*", "c", true},
		{"\"a\"\"b\"", "a\"b", "c", true},
		{"\"a.\"*.\"?\"*", "a.xyz", "?1", true},
		{"*", "", "", true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(matches(cases[i].pattern, cases[i].schema, cases[i].relation) == cases[i].expected,
		   cases[i].expected ? "matches:" : "does not match:", cases[i].pattern);
}

static void
test_faults(void)
{
	static const char *const faulty[] = {"", ".", ".a", "a.", "a.b.c", "\"a", "a.\"b", "\"\"", "\"\".a"};
	WirePattern pattern;

	for (size_t i = 0; i < sizeof(faulty) / sizeof(faulty[0]); i++)
		ok(wire_pattern_parse(faulty[i], &pattern) != NULL, "is a fault:", faulty[i]);
}

static WireSelection
selection(const char *include, const char *exclude)
{
	WireSelection read;

	wire_selection_read(&read, (WireSpan){include, include ? strlen(include) : 0},
						(WireSpan){exclude, exclude ? strlen(exclude) : 0});
	return read;
}

static void
test_selection(void)
{
	WireSelection all = selection(NULL, NULL);
	WireSelection some = selection("[\"sales.*\", \"hr.p*\", 7, \"a.b.c\", \"\\u0071\\\"x.y\\\"\"]",
								   "[\"*.tmp_*\", \"sales.\\\"a.b\\\"\", \"old\"]");

	ok(wire_selects(&all, "s", "r") && wire_selects_schema(&all, "s") && wire_selects_any_of(&all, "s"),
	   "no patterns:", "everything");
	ok(some.include.count == 3 && some.exclude.count == 3, "lists:", "what is no pattern is passed over");
	ok(wire_selects(&some, "sales", "x") && !wire_selects(&some, "sales", "tmp_x") &&
		   !wire_selects(&some, "sales", "a.b"),
	   "exclude", "wins");
	ok(wire_selects_schema(&some, "sales") && wire_selects_any_of(&some, "hr") &&
		   !wire_selects_schema(&some, "hr"),
	   "a schema:", "whole or in part");
	ok(wire_selects_any_of(&some, "qx.y"), "escapes", "of JSON");
	ok(!wire_selects_any_of(&some, "other") && !wire_selects(&some, "other", "x"), "what is not included",
	   "is not selected");
	wire_selection_free(&some);
	some = selection("[]", "[\"old\"]");
	ok(!wire_selects_any_of(&some, "old") && wire_selects_schema(&some, "new"),
	   "an excluded schema:", "and the others");
	wire_selection_free(&some);
	wire_selection_free(&all);
}

static bool
obvious(const char *part, const char *name)
{
	if (*part == '\0')
		return *name == '\0';
	if (*part == '*')
		return obvious(part + 1, name) || (*name && obvious(part, name + 1));
	return *name && (*part == '?' || *part == *name) && obvious(part + 1, name + 1);
}

static void
random_text(char *text, const char *letters, int longest)
{
	int length = 1 + rand() % longest;

	for (int i = 0; i < length; i++)
		*text++ = letters[(size_t) rand() % strlen(letters)];
	*text = '\0';
}

static void
test_random(void)
{
	int wrong = 0;

	srand(1);
	for (int i = 0; i < 200000; i++)
	{
		char part[9];
		char name[13];

		random_text(part, "ab*?", 8);
		random_text(name, "ab", 12);
		wrong += matches(part, name, "x") != obvious(part, name);
	}
	ok(wrong == 0, "random names:", "as the obvious matcher");
}

int
main(void)
{
	test_one();
	test_faults();
	test_selection();
	test_random();
	printf("1..%d\n", tests);
	return failures > 0;
}
