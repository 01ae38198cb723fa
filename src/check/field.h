/*
 * field.h — the table of the fields that a request may set, one row per column of a data source.
 */
#ifndef RG_FIELD_H
#define RG_FIELD_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "check/fault.h"

typedef enum RgFieldId
{
	RG_FIELD_WORKSPACE_ID,
	RG_FIELD_NAME,
	RG_FIELD_TYPE,
	RG_FIELD_DESCRIPTION,
	RG_FIELD_HOST,
	RG_FIELD_PORT,
	RG_FIELD_DATABASE_NAME,
	RG_FIELD_SCHEMA_NAME,
	RG_FIELD_FILE_PATH,
	RG_FIELD_USE_SSH_TUNNEL,
	RG_FIELD_SSH_HOST,
	RG_FIELD_SSH_PORT,
	RG_FIELD_SSH_USERNAME,
	RG_FIELD_SSH_LOCAL_PORT,
	RG_FIELD_CONNECTION_POOL_SIZE,
	RG_FIELD_CONNECTION_TIMEOUT,
	RG_FIELD_QUERY_TIMEOUT,
	RG_FIELD_MAX_RETRIES,
	RG_FIELD_SCHEMA_AUTO_REFRESH,
	RG_FIELD_SCHEMA_REFRESH_INTERVAL,
	RG_FIELD_METADATA,
	RG_FIELD_TAGS,
	RG_FIELD_COUNT
} RgFieldId;

typedef enum RgFieldKind
{
	RG_KIND_TEXT,    /* minimum and maximum count characters */
	RG_KIND_NAME,    /* text, white space around it removed */
	RG_KIND_HOST,    /* text, one host's name or address */
	RG_KIND_LOGIN,   /* text that ends up in an argument list: no leading -, no white space */
	RG_KIND_PATH,    /* text, a path in the organization's storage */
	RG_KIND_INTEGER, /* minimum and maximum bound the value */
	RG_KIND_BOOLEAN,
	RG_KIND_METADATA,
	RG_KIND_TAGS
} RgFieldKind;

typedef struct RgField
{
	const char *name;
	RgFieldKind kind;
	int64 minimum;
	int64 maximum;
	bool has_initial; /* a default; null resets to it */
	int64 initial;
	bool required; /* null and absence are faults */
	bool fixed;    /* cannot be changed once created */
} RgField;

extern const RgField rg_fields[RG_FIELD_COUNT];

/*
 * Returns the value as it will be stored, or NULL after adding its faults under the label. value must not be
 * null. Only storage paths of this organization are allowed.
 */
extern JsonbValue *rg_field_check(RgFaults *faults, const char *label, const RgField *field,
								  const JsonbValue *value, int64 organization_id);

/* Returns the field's default: a value, or JSON null. */
extern JsonbValue *rg_field_initial(const RgField *field);

#endif
