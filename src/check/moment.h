/*
 * moment.h — reads a point in time from a request, in the API's form or any form that PostgreSQL reads.
 */
#ifndef RG_CHECK_MOMENT_H
#define RG_CHECK_MOMENT_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "fault.h"

/* Returns the time that the text gives. What is wrong becomes a fault of the field. */
extern TimestampTz rg_check_moment(RgFaults *faults, const char *field, const char *text);

#endif
