/*
 * sample_failure.h — why a relation could not be sampled, in words that hold no value of it.
 */
#ifndef RG_POSTGRESQL_SAMPLE_FAILURE_H
#define RG_POSTGRESQL_SAMPLE_FAILURE_H

#include <libpq-fe.h>

/* For people, in static memory. The server's own words are not among them: they may hold values. */
extern const char *sample_failure(const PGresult *failed);

#endif
