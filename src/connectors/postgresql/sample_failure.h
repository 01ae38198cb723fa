/*
 * sample_failure.h — why a relation could not be sampled, without any value of it.
 */
#ifndef RG_POSTGRESQL_SAMPLE_FAILURE_H
#define RG_POSTGRESQL_SAMPLE_FAILURE_H

#include <libpq-fe.h>

/*
 * Returns a text for people, in static memory. It never holds the server's own words, which may hold values.
 */
extern const char *sample_failure(const PGresult *failed);

#endif
