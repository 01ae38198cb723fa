/*
 * sample_failure.h — why a relation could not be sampled, in words without values.
 */
#ifndef RG_MYSQL_SAMPLE_FAILURE_H
#define RG_MYSQL_SAMPLE_FAILURE_H

/* error: the number of the server's error. The text lives until the next call. */
extern const char *sample_failure(unsigned error);

#endif
