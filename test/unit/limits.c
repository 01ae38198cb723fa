/* limits.c — what the trampoline takes for the limits of a child, and what it refuses. Prints TAP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "process/limits.h"

#define MOST_ARGUMENTS 32

static int tests;
static int failures;

static void
ok(bool passed, const char *name)
{
	printf("%sok %d - %s\n", passed ? "" : "not ", ++tests, name);
	failures += !passed;
}

/* Splits at spaces; the array ends with NULL. */
static void
split(char *text, char **arguments)
{
	int count = 0;

	for (char *word = strtok(text, " "); word != NULL && count < MOST_ARGUMENTS - 1; word = strtok(NULL, " "))
		arguments[count++] = word;
	arguments[count] = NULL;
}

/* What follows the limits, or NULL; text is changed. */
static const char *
read_text(char *text, RgLimits *limits)
{
	char *arguments[MOST_ARGUMENTS];

	split(text, arguments);

	char **rest = rg_limits_read(arguments, limits);

	return rest != NULL ? (*rest != NULL ? *rest : "") : NULL;
}

static void
takes(void)
{
	char usual[] = "1073741824 1048576 256 -- /connector argument";
	char more[] = "0 1073741824 4096 NLS_LANG=.AL32UTF8 ODBCSYSINI=/etc -- /connector";
	char *arguments[MOST_ARGUMENTS];
	RgLimits limits;
	const char *rest = read_text(usual, &limits);

	ok(rest != NULL && strcmp(rest, "/connector") == 0, "the usual limits");
	ok(limits.memory == 1073741824 && limits.file_size == RG_USUAL_FILE_SIZE &&
		   limits.descriptors == RG_USUAL_DESCRIPTORS,
	   "are read");

	split(more, arguments);

	char **behind = rg_limits_read(arguments, &limits);

	ok(behind != NULL && strcmp(*behind, "/connector") == 0, "the largest limits");
	ok(limits.memory == 0 && limits.file_size == RG_MOST_FILE_SIZE &&
		   limits.descriptors == RG_MOST_DESCRIPTORS,
	   "are read too");
	ok(strcmp(limits.environment[0], "NLS_LANG=.AL32UTF8") == 0 &&
		   strcmp(limits.environment[1], "ODBCSYSINI=/etc") == 0 && limits.environment[2] == NULL,
	   "variables end before the program");
}

static void
refuses(void)
{
	static const char *const texts[] = {
		"",
		"1 1 16",
		"1 1 16 A=b",
		"-1 1 16 -- x",
		"1x 1 16 -- x",
		"99999999999999999999 1 16 -- x",
		"1 0 16 -- x",
		"1 1073741825 16 -- x",
		"1 1 15 -- x",
		"1 1 4097 -- x",
		"1 1 16 LD_PRELOAD=/x -- x",
		"1 1 16 HOME=/root -- x",
		"1 1 16 LC_ALL=C -- x",
		"1 1 16 RES_OPTIONS=debug -- x",
		"1 1 16 lower=1 -- x",
		"1 1 16 1A=1 -- x",
		"1 1 16 =1 -- x",
		"1 1 16 NAME -- x",
		"1 1 16 A=1 B=1 C=1 D=1 E=1 F=1 G=1 H=1 I=1 -- x",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
	{
		RgLimits limits;
		char *copy = strdup(texts[i]);

		ok(read_text(copy, &limits) == NULL, texts[i]);
		free(copy);
	}
}

static void
bounds_variables(void)
{
	char longest[RG_LONGEST_VARIABLE + 2];

	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "A=", 2);
	longest[RG_LONGEST_VARIABLE] = '\0';
	ok(rg_variable_allowed(longest), "the longest variable");
	longest[RG_LONGEST_VARIABLE] = 'x';
	longest[RG_LONGEST_VARIABLE + 1] = '\0';
	ok(!rg_variable_allowed(longest), "one that is longer");
}

int
main(void)
{
	takes();
	refuses();
	bounds_variables();
	printf("1..%d\n", tests);
	return failures > 0;
}
