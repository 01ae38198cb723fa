/*
 * odbc_drivers.c — reads rivergen.odbc_drivers:
 *
 *     NAME = /path/of/the/driver.so [/path …] [braces] [KEYWORD=text …]; NAME = …
 *
 * A word between double quotes may have spaces and semicolons in it.
 */
#include "process/odbc_drivers.h"

#include <ctype.h>
#include <unistd.h>

#include "lib/stringinfo.h"
#include "utils/guc.h"
#include "utils/json.h"

static char *odbc_drivers = NULL;

typedef struct Reading
{
	char *at;          /* in a copy, whose words are ended with NUL */
	const char *fault; /* or NULL */
} Reading;

static void
skip_space(Reading *reading)
{
	while (isspace((unsigned char) *reading->at))
		reading->at++;
}

/*
 * Takes a word off, of which quotes are left out. is_name: an equals sign ends it, too. Returns NULL at the
 * end of an entry. The character behind the word is moved to *after, since the word's end takes its place.
 */
static char *
take_word(Reading *reading, bool is_name, char *after)
{
	char *word;
	char *end;
	bool is_quoted = false;

	skip_space(reading);
	if (*reading->at == '\0' || *reading->at == ';')
		return NULL;
	word = end = reading->at;
	for (; *reading->at != '\0'; reading->at++)
	{
		char c = *reading->at;

		if (c == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && (isspace((unsigned char) c) || c == ';' || (is_name && c == '=')))
			break;
		else
			*end++ = c;
	}
	if (is_quoted)
		reading->fault = "A quote is not closed.";
	*after = *reading->at;
	if (*after != '\0')
		reading->at++;
	*end = '\0';
	return word;
}

/* Keywords that name another driver, or a file with keywords. */
static bool
is_refused(const char *keyword, size_t length)
{
	static const char *const names[] = {"driver", "dsn", "filedsn", "savefile"};

	for (int i = 0; i < (int) lengthof(names); i++)
		if (strlen(names[i]) == length && pg_strncasecmp(names[i], keyword, length) == 0)
			return true;
	return false;
}

static const char *
take_keyword(RgOdbcDriver *driver, char *word)
{
	size_t length = strcspn(word, "=");

	if (word[length] == '\0' || length == 0)
		return "Behind a driver's path stand further paths, the word braces, and KEYWORD=text.";
	if (is_refused(word, length))
		return "DRIVER, DSN, FILEDSN and SAVEFILE are no keywords for a driver.";
	if (driver->keyword_count == RG_MOST_DRIVER_KEYWORDS)
		return "A driver has too many keywords.";
	driver->keywords[driver->keyword_count++] = word;
	return NULL;
}

static const char *
take_item(RgOdbcDriver *driver, char *word)
{
	if (*word == '/')
	{
		if (driver->file_count == RG_MOST_DRIVER_FILES)
			return "A driver has too many files.";
		driver->files[driver->file_count++] = word;
		return NULL;
	}
	if (driver->file_count == 0)
		return "Behind the equals sign stands the absolute path of the driver.";
	if (strcmp(word, "braces") == 0)
	{
		driver->knows_braces = true;
		return NULL;
	}
	return take_keyword(driver, word);
}

static void
take_equals_sign(Reading *reading, char after)
{
	if (after == '=')
		return;
	skip_space(reading);
	if (isspace((unsigned char) after) && *reading->at == '=')
		reading->at++;
	else
		reading->fault = "Behind the name of a driver stands an equals sign.";
}

/* Takes the next entry off. Returns false at the end, or when the text is at fault. */
static bool
take_driver(Reading *reading, RgOdbcDriver *driver)
{
	char after = ';';
	char *word;

	*driver = (RgOdbcDriver){0};
	while (isspace((unsigned char) *reading->at) || *reading->at == ';')
		reading->at++;
	driver->name = take_word(reading, true, &after);
	if (driver->name == NULL || reading->fault != NULL)
		return false;
	take_equals_sign(reading, after);
	after = ' ';
	while (reading->fault == NULL && after != ';' && (word = take_word(reading, false, &after)) != NULL)
		if (reading->fault == NULL)
			reading->fault = take_item(driver, word);
	if (reading->fault == NULL && (driver->file_count == 0 || *driver->name == '\0'))
		reading->fault = "A driver has a name, and the absolute path of its file.";
	return reading->fault == NULL;
}

static const char *
repeated_name(const char *value, const char *name)
{
	Reading reading = {.at = pstrdup(value)};
	RgOdbcDriver driver;
	int count = 0;

	while (take_driver(&reading, &driver))
		count += strcmp(driver.name, name) == 0;
	return count > 1 ? "A driver is listed twice." : NULL;
}

static bool
check_drivers(char **value, void **extra pg_attribute_unused(), GucSource source pg_attribute_unused())
{
	Reading reading = {.at = pstrdup(*value)};
	RgOdbcDriver driver;

	while (take_driver(&reading, &driver))
	{
		const char *fault = repeated_name(*value, driver.name);

		if (fault != NULL)
			reading.fault = fault;
		if (fault != NULL)
			break;
	}
	if (reading.fault != NULL)
	{
		GUC_check_errdetail("%s", reading.fault);
		GUC_check_errhint("NAME = /path/of/the/driver.so [/path …] [braces] [KEYWORD=text …]; NAME = …");
	}
	return reading.fault == NULL;
}

void
rg_odbc_drivers_init(void)
{
	DefineCustomStringVariable(
		"rivergen.odbc_drivers", "ODBC drivers that data sources may name, and what each may read.",
		"NAME = /path/of/the/driver.so [/path …] [braces] [KEYWORD=text …]; NAME = …. Empty: none.",
		&odbc_drivers, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, check_drivers, NULL, NULL);
}

RgOdbcDriver *
rg_odbc_driver(const char *name)
{
	Reading reading = {.at = pstrdup(odbc_drivers)};
	RgOdbcDriver *driver = palloc(sizeof(RgOdbcDriver));

	while (take_driver(&reading, driver))
		if (strcmp(driver->name, name) == 0)
			return driver;
	return NULL;
}

/* escape_json() wants a text that ends with NUL. */
static void
append_keyword(StringInfo json, const char *keyword)
{
	const char *text = strchr(keyword, '=');

	appendStringInfoChar(json, '[');
	escape_json(json, pnstrdup(keyword, text - keyword));
	appendStringInfoString(json, ", ");
	escape_json(json, text + 1);
	appendStringInfoChar(json, ']');
}

char *
rg_odbc_driver_json(const RgOdbcDriver *driver)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoString(&json, "{\"name\": ");
	escape_json(&json, driver->name);
	appendStringInfoString(&json, ", \"library\": ");
	escape_json(&json, driver->files[0]);
	appendStringInfo(&json, ", \"braces\": %s, \"keywords\": [", driver->knows_braces ? "true" : "false");
	for (int i = 0; i < driver->keyword_count; i++)
	{
		if (i > 0)
			appendStringInfoString(&json, ", ");
		append_keyword(&json, driver->keywords[i]);
	}
	appendStringInfoString(&json, "]}");
	return json.data;
}

void
rg_odbc_drivers_inspect(void (*report)(void *argument, const char *fault), void *argument)
{
	Reading reading = {.at = pstrdup(odbc_drivers)};
	RgOdbcDriver driver;

	while (take_driver(&reading, &driver))
		for (int i = 0; i < driver.file_count; i++)
			if (access(driver.files[i], R_OK) != 0)
				report(argument, psprintf("rivergen.odbc_drivers, %s: could not read \"%s\": %m", driver.name,
										  driver.files[i]));
}
