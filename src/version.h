/*
 * version.h — the library and the script of the extension belong together only when they are of one version.
 * Between installing a package and ALTER EXTENSION UPDATE they are not, in each database by itself: then
 * functions have the arguments of another version, and tables its columns. Nothing is touched until they fit.
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

/* One index scan, in the caller's transaction; sees what others have committed. */
extern RgVersionFit rg_version_fit(void);

typedef struct RgVersionFault
{
	char *version; /* of the script */
	char *message;
	char *detail;
	char *hint; /* what an operator has to run */
} RgVersionFault;

/* Of a database where they differ; in a transaction. */
extern RgVersionFault rg_version_fault(void);

/* 503 where they differ. The first thing that a function does which may have changed. */
extern void rg_version_require(void);

#endif
