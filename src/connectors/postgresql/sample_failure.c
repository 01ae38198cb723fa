/*
 * sample_failure.c — finds out why a relation could not be sampled.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "connectors/postgresql/sample_failure.h"

static bool
is_sqlstate(const char *text)
{
	return strlen(text) == 5 && strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5;
}

const char *
sample_failure(const PGresult *failed)
{
	typedef struct Meaning
	{
		const char *sqlstate; /* or its beginning */
		const char *text;
	} Meaning;
	static const Meaning meanings[] = {
		{"42501", "the user of the data source may not read it"},
		{"57014", "a query took longer than the time for one relation"},
		{"55P03", "it is locked by another session"},
		{"25006", "reading it would change data, which a scan does not do"},
		{"42P01", "it is no longer in the data source"},
		{"42703", "a column of it has just gone"},
		{"3F000", "its schema is no longer in the data source"},
		{"08", "the server of the foreign table could not be reached"},
		{"53", "the server lacks the resources to read it"},
		{"22", "reading it failed on a value"},
		{"42", "a function, type or column that it is made with is missing or has changed"},
		{"55000", "it cannot be read now: a materialized view without data, or the like"},
		{"0A", "the server does not support reading it"},
		{"54", "reading it takes more than the server allows"},
		{"58", "the server could not read its files"},
		{"P0", "a function that it is made with raised an error"},
		{"HV", "the wrapper of the foreign table could not read it"},
		{"XX001", "its data are damaged"},
		{"XX002", "an index of it is damaged"},
	};
	static char other[80];
	const char *sqlstate = PQresultErrorField(failed, PG_DIAG_SQLSTATE);

	for (size_t i = 0; sqlstate && i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strncmp(sqlstate, meanings[i].sqlstate, strlen(meanings[i].sqlstate)) == 0)
			return meanings[i].text;
	snprintf(other, sizeof(other), "reading it failed; the server's error code is %s",
			 sqlstate && is_sqlstate(sqlstate) ? sqlstate : "missing");
	return other;
}
