/*
 * fault.h — all faults of a request, reported in one error.
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

/* Adds "field: fault". format is never text of the request. */
extern void
rg_fault(RgFaults *faults, const char *field, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Adds a line to the hint, once. */
extern void rg_fault_hint(RgFaults *faults, const char *hint);

/* Adds the faults of a part of the request. label, unless NULL, is put before each field: label.field. */
extern void rg_faults_append(RgFaults *faults, const char *label, const RgFaults *part);

/* Fails with 400 and all faults; returns if there are none. */
extern void rg_faults_raise(const RgFaults *faults);

/* Returns a name from a request, cut and cleaned to fit into one line of an error. */
extern char *rg_printable_name(const char *name, int length);

/*
 * Returns the name that was probably meant, of count names, or NULL; also NULL when so many faults were added
 * that no other one is told.
 */
extern const char *
rg_nearest(const RgFaults *faults, const char *given, int length, const char *const *names, int count);

#endif
