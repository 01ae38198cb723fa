/*
 * driver_option.h — the options that connection strings may have, one table for each family of drivers. The
 * rows of the type table name these tables, and connection_option.c applies them.
 */
#ifndef RG_DRIVER_OPTION_H
#define RG_DRIVER_OPTION_H

#include "postgres.h"

typedef enum RgConnectionPart
{
	RG_PART_HOST,
	RG_PART_PORT,
	RG_PART_DATABASE,
	RG_PART_SCHEMA,
	RG_PART_CONNECT_TIMEOUT,
	RG_PART_APPLICATION_NAME,
	RG_PART_TLS_MODE,
	RG_PART_USERNAME,
	RG_PART_PASSWORD,
	RG_PART_WAREHOUSE,
	RG_PART_ROLE,
	RG_PART_AUTH_SOURCE,
	RG_PART_COUNT
} RgConnectionPart;

typedef enum RgOptionUse
{
	RG_OPTION_TAKEN,       /* its value is a part */
	RG_OPTION_TLS,         /* asks for a TLS mode at least */
	RG_OPTION_PASSED_OVER, /* a discovery does not depend on it, or is at least as strict without it */
	RG_OPTION_REFUSED
} RgOptionUse;

typedef struct RgDriverOption
{
	const char *names; /* spellings, or options with the same meaning; separated by spaces */
	RgOptionUse use;
	RgConnectionPart part;  /* of a RG_OPTION_TAKEN */
	const char *tls_mode;   /* of a RG_OPTION_TLS */
	const char *values;     /* the row holds for these values only, separated by spaces; NULL: for any */
	const char *beginnings; /* or for values that begin so and have no space in them */
	const char *reason;     /* of a refused option: what it would do */
	const char *hint;
} RgDriverOption;

/* A table of options; the last row has no names. */
extern const RgDriverOption rg_options_of_libpq[];
extern const RgDriverOption rg_options_of_mysql[];
extern const RgDriverOption rg_options_of_mongodb[];
extern const RgDriverOption rg_options_of_redis[];
extern const RgDriverOption rg_options_of_snowflake[];

/* Options of other drivers: refused, by name, in every connection string. */
extern const RgDriverOption rg_options_refused[];

#endif
