/*
 * places.c — boundaries are multiples of a power of two: seconds of an ObjectId, or numbers. The power is the
 * smallest with which there are few enough, so that they stay where they are while the range grows.
 */
#include "connectors/mongodb/places.h"

#include <math.h>

typedef struct Range
{
	double first;
	double last;
	bool is_time; /* of ObjectIds */
} Range;

static bool
take_number(const bson_t *document, double *number, bool *is_time)
{
	bson_iter_t id;

	if (!bson_iter_init_find(&id, document, "_id"))
		return false;
	*is_time = BSON_ITER_HOLDS_OID(&id);
	if (*is_time)
		*number = (double) (uint32_t) bson_oid_get_time_t(bson_iter_oid(&id));
	else if (BSON_ITER_HOLDS_INT(&id))
		*number = (double) bson_iter_as_int64(&id);
	else if (BSON_ITER_HOLDS_DOUBLE(&id))
		*number = bson_iter_double(&id);
	else
		return false;
	return isfinite(*number);
}

static void
append_boundary(bson_t *filter, const Range *range, double boundary)
{
	bson_t condition;
	bson_oid_t id = {{0}};

	bson_init(filter);
	BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &condition);
	if (range->is_time)
	{
		for (int i = 0; i < 4; i++)
			id.bytes[i] = (uint8_t) ((uint32_t) boundary >> (24 - 8 * i));
		BSON_APPEND_OID(&condition, "$gte", &id);
	}
	else
		BSON_APPEND_DOUBLE(&condition, "$gte", boundary);
	bson_append_document_end(filter, &condition);
}

int
places_between(const bson_t *first, const bson_t *last, bson_t *filters)
{
	Range range;
	bool is_time;
	double step = 1;
	int count = 0;

	if (!take_number(first, &range.first, &range.is_time) || !take_number(last, &range.last, &is_time) ||
		range.is_time != is_time || range.first >= range.last)
		return 0;
	while (floor(range.last / step) - floor(range.first / step) > MOST_PLACES)
		step *= 2;
	for (double boundary = (floor(range.first / step) + 1) * step;
		 boundary <= range.last && count < MOST_PLACES; boundary += step)
		append_boundary(&filters[count++], &range, boundary);
	return count;
}
