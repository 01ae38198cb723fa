/*
 * version.h — whether the library and the script of the extension have the same version. They differ in each
 * database between the installation of a package and ALTER EXTENSION UPDATE: functions then have the
 * arguments, and tables the columns, of the other version. Until they fit the library reads and writes
 * nothing there.
 */
#ifndef RG_EXTENSION_VERSION_H
#define RG_EXTENSION_VERSION_H

#include "postgres.h"

typedef enum RgVersionFit
{
	RG_VERSION_ABSENT, /* the extension is not in this database */
	RG_VERSION_FITS,
	RG_VERSION_DIFFERS
} RgVersionFit;

/* One index scan in the caller's transaction, with a new snapshot. */
extern RgVersionFit rg_version_fit(void);

typedef struct RgVersionFault
{
	char *version; /* of the script */
	char *message;
	char *detail;
	char *hint; /* the statement that an operator must run */
} RgVersionFault;

/* For a database where they differ. Call it in a transaction. */
extern RgVersionFault rg_version_fault(void);

/* 503 if they differ. Functions whose arguments may have changed call it first. */
extern void rg_version_require(void);

#endif
