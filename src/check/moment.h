/*
 * moment.h — a point in time out of a request: as the API writes it, or in any form that PostgreSQL reads.
 */
#ifndef RG_CHECK_MOMENT_H
#define RG_CHECK_MOMENT_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "fault.h"

/* moment.c: the time that the text gives; what is wrong becomes a fault of field. */
extern TimestampTz rg_check_moment(RgFaults *faults, const char *field, const char *text);

#endif
