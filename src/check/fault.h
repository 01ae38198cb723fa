/*
 * fault.h — everything that is wrong with a request, told in one error.
 *
 * A fault never quotes a value: the value may be a password in the wrong place.
 */
#ifndef RG_FAULT_H
#define RG_FAULT_H

#include "postgres.h"

#include "lib/stringinfo.h"

typedef struct RgFaults
{
	int count;
	StringInfoData lines;
	StringInfoData hints;
} RgFaults;

extern void rg_faults_begin(RgFaults *faults);

/* Adds "field: fault"; format is ours, never the request's. */
extern void
rg_fault(RgFaults *faults, const char *field, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Adds a line to the hint, once. */
extern void rg_fault_hint(RgFaults *faults, const char *hint);

/* Adds those of a part of the request; label, unless it is NULL, is put before each field: label.field. */
extern void rg_faults_append(RgFaults *faults, const char *label, const RgFaults *part);

/* Fails with 400 and every fault, or returns when there is none. */
extern void rg_faults_raise(const RgFaults *faults);

/* A name out of a request, cut and cleaned so that it fits into one line of an error. */
extern char *rg_printable_name(const char *name, int length);

/* Of count names, the one that was probably meant, or NULL. */
extern const char *rg_nearest(const char *given, int length, const char *const *names, int count);

#endif
