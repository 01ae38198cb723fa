#include "report_json.h"

#include "lib/stringinfo.h"

#include "process/network.h"

/* The words hold nothing that JSON would escape. */
char *
rg_report_missing(const RgReport *report)
{
	StringInfoData array;
	char *rest = pstrdup(report->missing);
	char *word;

	if (report->level[0] == '\0')
		return NULL;
	initStringInfo(&array);
	appendStringInfoChar(&array, '[');
	while ((word = strsep(&rest, ",")) != NULL)
	{
		if (*word != '\0')
			appendStringInfo(&array, "%s\"%s\"", array.len > 1 ? ", " : "", word);
	}
	appendStringInfoChar(&array, ']');
	return array.data;
}

/* An organization does not learn which resolver this server asks. */
static bool
is_of_server(const RgDialed *dial)
{
	return strncmp(dial->verdict, "denied:", strlen("denied:")) != 0 &&
		   rg_address_is_resolver(dial->address, dial->port);
}

char *
rg_report_dialed(const RgReport *report)
{
	StringInfoData array;

	if (report->level[0] == '\0' && report->dial_count == 0)
		return NULL;
	initStringInfo(&array);
	appendStringInfoChar(&array, '[');
	for (int i = 0; i < report->dial_count; i++)
	{
		const RgDialed *dial = &report->dials[i];

		if (is_of_server(dial))
			continue;
		appendStringInfo(&array, "%s{\"address\": \"%s\", \"port\": %d, \"verdict\": \"%s\"}",
						 array.len > 1 ? ", " : "", dial->address, dial->port, dial->verdict);
	}
	appendStringInfoChar(&array, ']');
	return array.data;
}
