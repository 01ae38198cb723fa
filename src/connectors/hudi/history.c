#include "connectors/hudi/history.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "connectors/common/emit.h"
#include "connectors/files/versions.h"
#include "connectors/hudi/describe.h"

/* Each instant is a file that must be read. */
#define MOST_INSTANTS 1000

/* The first digits of an instant: year, month, day, hour, minute, second; then, of newer writers,
 * milliseconds. */
#define SECOND_DIGITS 14
#define MILLI_DIGITS  17

static int
number_of(const char *digits, int from, int count)
{
	int number = 0;

	for (int i = from; i < from + count; i++)
		number = 10 * number + (digits[i] - '0');
	return number;
}

/* Returns ABSENT if the digits are no time. */
static int64_t
time_of(const char *digits)
{
	size_t length = strspn(digits, "0123456789");
	struct tm parts;

	if (digits[length] != '\0' || (length != SECOND_DIGITS && length != MILLI_DIGITS))
		return ABSENT;
	parts = (struct tm){.tm_year = number_of(digits, 0, 4) - 1900,
						.tm_mon = number_of(digits, 4, 2) - 1,
						.tm_mday = number_of(digits, 6, 2),
						.tm_hour = number_of(digits, 8, 2),
						.tm_min = number_of(digits, 10, 2),
						.tm_sec = number_of(digits, 12, 2)};
	if (parts.tm_year < 70 || parts.tm_mon < 0 || parts.tm_mon > 11)
		return ABSENT;
	return (int64_t) timegm(&parts) * 1000 +
		   (length == MILLI_DIGITS ? number_of(digits, SECOND_DIGITS, 3) : 0);
}

static void
add_version(FileRelation *relation, const HudiTable *table, const HudiInstant *instant, int64_t time,
			const HudiEvolution *evolution)
{
	FileRelations relations = {.items = NULL};
	AvroSchema *schema = hudi_instant_schema(table, instant);

	if (schema == NULL)
		return;
	hudi_describe(relations_add(&relations, relation->file), table, schema,
				  hudi_evolution_schema(evolution, instant->begin));
	file_versions_add(relation->versions, &relations.items[0], time);
	relation->changed_at = time;
	relations_free(&relations);
	avro_schema_free(schema);
}

void
hudi_history_add(FileRelation *relation, const Request *request, const HudiTable *table,
				 const HudiEvolution *evolution)
{
	const HudiTimeline *timeline = &table->timeline;
	int first = timeline->count > MOST_INSTANTS ? timeline->count - MOST_INSTANTS : 0;

	relation->versions = file_versions_begin(request);
	for (int i = first; i < timeline->count; i++)
	{
		const HudiInstant *instant = &timeline->completed[i];
		int64_t time = time_of(instant->end);

		if (instant->action != HUDI_OTHER && time != ABSENT && file_versions_want(request, time))
			add_version(relation, table, instant, time, evolution);
	}
}
