#include "check/fault.h"

#include "mb/pg_wchar.h"
#include "utils/formatting.h"
#include "utils/varlena.h"

#include "error.h"

#define MOST_FAULTS     100
#define MOST_NAME_BYTES 64

void
rg_faults_begin(RgFaults *faults)
{
	faults->count = 0;
	initStringInfo(&faults->lines);
	initStringInfo(&faults->hints);
}

void
rg_fault(RgFaults *faults, const char *field, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	if (++faults->count > MOST_FAULTS)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	appendStringInfo(&faults->lines, "%s%s: %s", faults->lines.len > 0 ? "\n" : "", field, text);
}

void
rg_fault_hint(RgFaults *faults, const char *hint)
{
	if (strstr(faults->hints.data, hint) != NULL)
		return;
	appendStringInfo(&faults->hints, "%s%s", faults->hints.len > 0 ? "\n" : "", hint);
}

void
rg_faults_append(RgFaults *faults, const char *label, const RgFaults *part)
{
	char *lines = pstrdup(part->lines.data);
	int room = Max(MOST_FAULTS - faults->count, 0);

	for (char *line = strtok(lines, "\n"); line != NULL && room > 0; line = strtok(NULL, "\n"), room--)
		appendStringInfo(&faults->lines, "%s%s%s%s", faults->lines.len > 0 ? "\n" : "", label ? label : "",
						 label ? "." : "", line);
	faults->count += part->count;
	if (part->hints.len > 0)
		rg_fault_hint(faults, part->hints.data);
}

void
rg_faults_raise(const RgFaults *faults)
{
	char *detail = faults->lines.data;

	if (faults->count == 0)
		return;
	if (faults->count > MOST_FAULTS)
		detail = psprintf("%s\n... and %d more", detail, faults->count - MOST_FAULTS);
	rg_fail(RG_BAD_REQUEST, "Invalid request data", detail,
			faults->hints.len > 0 ? faults->hints.data : NULL);
}

char *
rg_printable_name(const char *name, int length)
{
	int kept = pg_mbcliplen(name, length, MOST_NAME_BYTES);
	char *printable = psprintf("%.*s%s", kept, name, kept < length ? "..." : "");

	if (printable[0] == '\0')
		return pstrdup("\"\"");
	for (char *c = printable; *c != '\0'; c++)
	{
		if ((unsigned char) *c < ' ' || *c == 0x7f)
			*c = '?';
	}
	return printable;
}

/* Returns the first name that begins with the given text: user means username. */
static const char *
shortened(const char *name, int length, const char *const *names, int count)
{
	for (int i = 0; i < count && length >= 3; i++)
	{
		if (strncmp(names[i], name, length) == 0)
			return names[i];
	}
	return NULL;
}

/* Known names are in lower case, and case does not matter: PostgreSQL means postgresql. */
const char *
rg_nearest(const RgFaults *faults, const char *given, int length, const char *const *names, int count)
{
	const char *nearest = NULL;
	const char *name;
	int limit = Max(2, length / 3);

	if (length == 0 || length > MOST_NAME_BYTES || faults->count >= MOST_FAULTS)
		return NULL;
	name = asc_tolower(given, length);
	for (int i = 0; i < count; i++)
	{
		int distance = varstr_levenshtein_less_equal(name, length, names[i], (int) strlen(names[i]), 1, 1, 1,
													 limit, true);

		if (distance <= limit && distance < length)
		{
			nearest = names[i];
			limit = distance - 1;
		}
		if (limit < 0)
			break;
	}
	return nearest ? nearest : shortened(name, length, names, count);
}
