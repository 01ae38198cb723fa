/*
 * description_document.c — rivergen.table_description_export and table_description_apply.
 *
 * table_description_apply locks all relations of the document in one order, then takes the entries one by
 * one: what is wrong with one does not keep the others from being written.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/memutils.h"

#include "api/api.h"
#include "api/discovery.h"
#include "catalog/bounded.h"
#include "catalog/description.h"
#include "catalog/description_document.h"
#include "catalog/identity.h"
#include "check/description.h"
#include "check/document.h"
#include "check/list.h"
#include "json_value.h"

#define MOST_ENTRIES 100000

PG_FUNCTION_INFO_V1(rg_sql_table_description_export);
PG_FUNCTION_INFO_V1(rg_sql_table_description_apply);

static const RgDocumentForm description_document = {"description", "descriptions",
													"table_description_export"};

typedef enum Outcome
{
	CHANGED,
	UNCHANGED,
	CONFLICT,
	NOT_FOUND,
	REFUSED,
	OUTCOMES
} Outcome;

static const char *const outcome_names[OUTCOMES] = {"changed", "unchanged", "conflict", "not_found",
													"refused"};

typedef struct Application
{
	RgIdentity identity;
	bool check_only;
	Jsonb *entries;
	int count;
	int64 *relation_ids; /* of the entries; 0: none has such a name */
	HTAB *taken;         /* relation id → the entry that named it first */
	int64 counts[OUTCOMES];
	JsonbParseState *told;
} Application;

typedef struct Taken
{
	int64 relation_id;
	int position;
} Taken;

/* ---- one entry ---- */

/* Does an earlier entry name the same relation? */
static bool
is_taken(Application *application, RgFaults *faults, int position)
{
	bool found;
	Taken *taken = hash_search(application->taken, &application->relation_ids[position], HASH_ENTER, &found);

	if (found)
		rg_fault(faults, "table_name", "is that of descriptions[%d] too", taken->position);
	else
		taken->position = position;
	return found;
}

static char *
version_of(Jsonb *entry)
{
	JsonbValue *version = rg_json_member(&entry->root, "version");

	return version != NULL && version->type == jbvString
			   ? pnstrdup(version->val.string.val, version->val.string.len)
			   : NULL;
}

static Outcome
write_entry(Application *application, RgFaults *faults, Jsonb *entry, int64 relation_id)
{
	const RgIdentity *identity = &application->identity;
	Jsonb *columns = rg_description_lock(identity->organization_id, relation_id);
	Jsonb *changes = rg_check_description_entry(faults, entry, columns);
	char *expected = version_of(entry);
	char *current;

	if (faults->count > 0)
		return REFUSED;
	if (!rg_description_differs(identity->organization_id, relation_id, changes, &current))
		return UNCHANGED;
	if (expected != NULL && strcmp(expected, current) != 0)
	{
		rg_fault(faults, "version", "is %s now: users changed texts or tags since", current);
		return CONFLICT;
	}
	if (!application->check_only)
		(void) rg_description_change(identity, relation_id, changes);
	return CHANGED;
}

static Outcome
apply_entry(Application *application, RgFaults *faults, const JsonbValue *value, int position)
{
	int64 relation_id = application->relation_ids[position];
	Jsonb *entry;

	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
	{
		rg_fault(faults, "entry", "must be a JSON object");
		return REFUSED;
	}
	entry = JsonbValueToJsonb(unconstify(JsonbValue *, value));
	if (!rg_check_description_place(faults, entry))
		return REFUSED;
	if (relation_id == 0)
	{
		rg_fault(faults, "table_name", "is not a current table or view of a data source of this name");
		return NOT_FOUND;
	}
	if (is_taken(application, faults, position))
		return REFUSED;
	return write_entry(application, faults, entry, relation_id);
}

/* Within SPI of its own, which frees the memory of the entry: a document may have many. */
static Outcome
apply_apart(Application *application, const JsonbValue *value, int position, char **details)
{
	MemoryContext outer = CurrentMemoryContext;
	RgFaults faults;
	Outcome outcome;

	SPI_connect();
	rg_faults_begin(&faults);
	outcome = apply_entry(application, &faults, value, position);
	*details = MemoryContextStrdup(outer, faults.lines.data);
	SPI_finish();
	return outcome;
}

/* ---- the answer ---- */

static void
tell_place(Application *application, const JsonbValue *value, const char *name)
{
	JsonbValue *given = value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data)
							? rg_json_member(value->val.binary.data, name)
							: NULL;

	rg_json_put(&application->told, name, given != NULL && given->type == jbvString ? given : rg_json_null());
}

static void
tell_details(JsonbParseState **told, char *lines)
{
	pushJsonbValue(told, WJB_KEY, rg_json_text("details"));
	pushJsonbValue(told, WJB_BEGIN_ARRAY, NULL);
	for (char *line = strtok(lines, "\n"); line != NULL; line = strtok(NULL, "\n"))
		pushJsonbValue(told, WJB_ELEM, rg_json_text(line));
	pushJsonbValue(told, WJB_END_ARRAY, NULL);
}

static void
tell(Application *application, const JsonbValue *value, int position, Outcome outcome, char *details)
{
	int64 relation_id = application->relation_ids[position];

	application->counts[outcome]++;
	pushJsonbValue(&application->told, WJB_BEGIN_OBJECT, NULL);
	tell_place(application, value, "data_source");
	tell_place(application, value, "table_schema");
	tell_place(application, value, "table_name");
	rg_json_put(&application->told, "id",
				relation_id != 0 ? rg_json_text(psprintf(INT64_FORMAT, relation_id)) : rg_json_null());
	rg_json_put(&application->told, "result", rg_json_text(outcome_names[outcome]));
	tell_details(&application->told, details);
	pushJsonbValue(&application->told, WJB_END_OBJECT, NULL);
}

static Jsonb *
answer(Application *application)
{
	Jsonb *told = JsonbValueToJsonb(pushJsonbValue(&application->told, WJB_END_ARRAY, NULL));
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(&state, "check_only", rg_json_boolean(application->check_only));
	rg_json_put(&state, "counts",
				rg_json_container(rg_api_integers(OUTCOMES, outcome_names, application->counts)));
	rg_json_put(&state, "entries", rg_json_container(told));
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* ---- the document ---- */

static void
read_document(Application *application, Jsonb *document)
{
	RgFaults faults;

	rg_faults_begin(&faults);
	application->entries = rg_check_document(&faults, document, &description_document);
	if (application->entries != NULL && JB_ROOT_COUNT(application->entries) > MOST_ENTRIES)
		rg_fault(&faults, "descriptions", "must be at most %d entries", MOST_ENTRIES);
	rg_faults_raise(&faults);
	application->count = JB_ROOT_COUNT(application->entries);
}

static HTAB *
make_taken(void)
{
	HASHCTL control = {.keysize = sizeof(int64), .entrysize = sizeof(Taken), .hcxt = CurrentMemoryContext};

	return hash_create("entries of a document", 128, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static Jsonb *
apply(Application *application)
{
	JsonbIterator *iterator = JsonbIteratorInit(&application->entries->root);
	JsonbValue value;
	int position = 0;

	application->relation_ids = rg_description_document_lock(application->identity.organization_id,
															 application->entries, application->count);
	application->taken = make_taken();
	pushJsonbValue(&application->told, WJB_BEGIN_ARRAY, NULL);
	(void) JsonbIteratorNext(&iterator, &value, true);
	while (JsonbIteratorNext(&iterator, &value, true) == WJB_ELEM)
	{
		char *details;
		Outcome outcome;

		CHECK_FOR_INTERRUPTS();
		outcome = apply_apart(application, &value, position, &details);
		tell(application, &value, position, outcome, details);
		position++;
	}
	return answer(application);
}

Datum
rg_sql_table_description_apply(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	Application application = {.identity = rg_identify(RG_EDITOR),
							   .check_only = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1)};

	read_document(&application, rg_api_optional_jsonb(fcinfo, 0));
	return rg_api_answer(apply(&application), application.check_only
												  ? "Description document checked, nothing was changed"
												  : "Description document applied");
}

Datum
rg_sql_table_description_export(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity caller = rg_identify(RG_VIEWER);
	RgDescriptionSelection selection = {
		.data_source_id = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0),
		.schema = rg_api_text_filter(fcinfo, 1),
		.tags = rg_api_filter(fcinfo, 2),
		.only_described = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3),
	};
	RgFaults faults;

	if (!PG_ARGISNULL(0))
		(void) rg_api_find_source(&caller, selection.data_source_id);
	rg_faults_begin(&faults);
	rg_check_sought_tags(&faults, selection.tags);
	rg_faults_raise(&faults);
	return rg_api_answer(rg_description_document(caller.organization_id, &selection),
						 "Table descriptions exported successfully");
}
