/*
 * data_source_types.c — the rows of the view rivergen.data_source_types. This file is outside of the rooms
 * because it uses two that do not include each other: check (the needs of a type) and process (whether its
 * connector is installed).
 */
#include "data_source_types.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "check/field.h"
#include "check/source_type.h"
#include "process/process.h"
#include "version.h"

#define COLUMNS 14

PG_FUNCTION_INFO_V1(rg_sql_data_source_types);

/* Is the executable there? One that cannot be found or started is, if is_faulty_too. */
static bool
is_there(const char *executable, bool is_faulty_too)
{
	const char *fault = NULL;

	return executable != NULL &&
		   (rg_process_connector_path(executable, &fault) != NULL || (is_faulty_too && fault != NULL));
}

bool
rg_lacks_connector(const char *type)
{
	const RgSourceType *row = rg_source_type_find(type, strlen(type));

	return row == NULL ||
		   !(is_there(rg_source_type_executable(row), true) || is_there(row->with_driver, true));
}

bool
rg_has_connector(const RgSourceType *type)
{
	return is_there(rg_source_type_executable(type), false) || is_there(type->with_driver, false);
}

typedef struct Names
{
	Datum names[RG_FIELD_COUNT + RG_KEY_COUNT];
	int count;
} Names;

static void
add_name(Names *names, const char *name)
{
	names->names[names->count++] = CStringGetTextDatum(name);
}

static Datum
text_array(Names *names)
{
	return PointerGetDatum(construct_array(names->names, names->count, TEXTOID, -1, false, TYPALIGN_INT));
}

static bool
is_required(const RgSourceType *type, RgFieldId field)
{
	switch (field)
	{
		case RG_FIELD_HOST:
			return type->needs & RG_NEEDS_HOST;
		case RG_FIELD_PORT:
			return type->needs & RG_NEEDS_PORT;
		case RG_FIELD_DATABASE_NAME:
			return type->needs & RG_NEEDS_DATABASE;
		case RG_FIELD_FILE_PATH:
			return type->needs & RG_NEEDS_FILE;
		default:
			return rg_fields[field].required;
	}
}

static Datum
fields_of(const RgSourceType *type, bool required)
{
	Names names = {.count = 0};

	for (int field = 0; field < RG_FIELD_COUNT; field++)
	{
		if (is_required(type, field) == required)
			add_name(&names, rg_fields[field].name);
	}
	if (required)
		add_name(&names, "credentials");
	else if (type->url_style != RG_URL_NONE)
		add_name(&names, "connection_string");
	return text_array(&names);
}

static Datum
keys_of(const RgSourceType *type)
{
	Names names = {.count = 0};

	for (int key = 0; key < RG_KEY_COUNT; key++)
	{
		if (rg_source_type_takes_key(type, key))
			add_name(&names, rg_credential_key_names[key]);
	}
	return text_array(&names);
}

static void
put_row(ReturnSetInfo *result, int position, const RgSourceType *type)
{
	const char *means = type->database_means;
	const char *tested = type->tested_against;
	const char *executable = rg_source_type_executable(type);
	Datum values[COLUMNS] = {
		Int32GetDatum(position),
		CStringGetTextDatum(type->name),
		CStringGetTextDatum(type->category),
		CStringGetTextDatum(type->label),
		fields_of(type, true),
		fields_of(type, false),
		keys_of(type),
		Int32GetDatum(type->default_port),
		means ? CStringGetTextDatum(means) : (Datum) 0,
		CStringGetTextDatum(executable),
		BoolGetDatum(rg_has_connector(type)),
		CStringGetTextDatum(rg_source_type_credentials_name(type->credentials)),
		BoolGetDatum(type->several_hosts),
		tested ? CStringGetTextDatum(tested) : (Datum) 0,
	};
	bool nulls[COLUMNS] = {[7] = type->default_port == 0, [8] = means == NULL, [13] = tested == NULL};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
rg_sql_data_source_types(PG_FUNCTION_ARGS)
{
	rg_version_require();
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < RG_SOURCE_TYPES; i++)
		put_row((ReturnSetInfo *) fcinfo->resultinfo, i + 1, &rg_source_types[i]);
	return (Datum) 0;
}
