/*
 * odbc_drivers.h — the ODBC drivers that the operator allows: rivergen.odbc_drivers.
 */
#ifndef RG_ODBC_DRIVERS_H
#define RG_ODBC_DRIVERS_H

#include "postgres.h"

#define RG_MOST_DRIVER_FILES    16
#define RG_MOST_DRIVER_KEYWORDS 32

typedef struct RgOdbcDriver
{
	char *name;
	const char *files[RG_MOST_DRIVER_FILES + 1]; /* that it may read, the library first; ends with NULL */
	int file_count;
	char *keywords[RG_MOST_DRIVER_KEYWORDS]; /* NAME=text */
	int keyword_count;
	bool knows_braces;
} RgOdbcDriver;

extern void rg_odbc_drivers_init(void);

/* The driver of this name, in the current memory context, or NULL. */
extern RgOdbcDriver *rg_odbc_driver(const char *name);

/* As a connector is told of it: a JSON object. */
extern char *rg_odbc_driver_json(const RgOdbcDriver *driver);

/*
 * Calls report for each file of each driver that cannot be read, with a text that says which and why.
 */
extern void rg_odbc_drivers_inspect(void (*report)(void *argument, const char *fault), void *argument);

#endif
