/*
 * history.c — keeps documents before they are replaced, and records the changes. The comparison itself is
 * rivergen_catalog.source_changes(); README.md says what it compares.
 */
#include "merge/history.h"

#include <limits.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "renames.h"
#include "sql.h"

#define MINUTES_PER_YEAR (365 * 24 * 60)

static int retention = MINUTES_PER_YEAR;

void
rg_history_init(void)
{
	DefineCustomIntVariable("rivergen.schema_history_retention",
							"How long changes and replaced versions of schemas are kept.",
							"Older rows of a source are removed when it is discovered again.", &retention,
							MINUTES_PER_YEAR, 60, INT_MAX / 60, PGC_SIGHUP, GUC_UNIT_MIN, NULL, NULL, NULL);
}

static Datum
patterns_datum(const RgMerge *merge)
{
	return merge->patterns ? CStringGetTextDatum(merge->patterns) : (Datum) 0;
}

bool
rg_history_begin(RgMerge *merge)
{
	static RgStatement begin = {
		.text = "INSERT INTO rivergen_catalog.schema_history (organization_id, data_source_id, patterns) "
				"VALUES ($1, $2, $3::jsonb) ON CONFLICT DO NOTHING",
		.types = {INT8OID, INT8OID, TEXTOID},
	};
	Datum values[] = {Int64GetDatum(merge->organization_id), Int64GetDatum(merge->data_source_id),
					  patterns_datum(merge)};

	return rg_spi_run(&begin, values, merge->patterns ? NULL : "  n") > 0;
}

/* A deprecated relation is left out: its document was kept when it was deprecated. */
void
rg_history_keep(RgMerge *merge, const List *ids)
{
	static RgStatement keep = {
		.text =
			"INSERT INTO rivergen_catalog.relation_version (organization_id, data_source_id, relation_id, "
			"valid_from, valid_to, schema_name, relation_name, kind, native_id, document, dialect, is_described) "
			"SELECT organization_id, data_source_id, relation_id, changed_at, now(), schema_name, "
			"relation_name, kind, native_id, document, dialect, "
			"description IS NOT NULL OR column_descriptions <> '{}' FROM rivergen_catalog.relation "
			"WHERE organization_id = $1 AND data_source_id = $2 AND relation_id = ANY ($3) "
			"AND deprecated_at IS NULL",
		.types = {INT8OID, INT8OID, INT8ARRAYOID},
	};

	rg_merge_run_for_ids(merge, &keep, ids);
}

/* Names of the schemas that were not stored before. */
static Datum
new_schemas(const RgMerge *merge)
{
	Datum *names = palloc(sizeof(Datum) * Max(list_length(merge->schemas), 1));
	int count = 0;
	ListCell *cell;

	foreach (cell, merge->schemas)
	{
		const SourceSchema *schema = lfirst(cell);

		if (!schema->known)
			names[count++] = CStringGetTextDatum(schema->name);
	}
	return rg_merge_text_array(names, count);
}

/*
 * People's texts and scan results follow the columns to their new names. A relation that now has the former
 * name of another one inherits people's texts of that relation.
 */
static void
follow_names(RgMerge *merge)
{
	static RgStatement follow = {
		.text = "SELECT rivergen_catalog.follow_names($1, $2)",
		.types = {INT8OID, INT8OID},
	};
	Datum values[] = {Int64GetDatum(merge->organization_id), Int64GetDatum(merge->data_source_id)};

	rg_spi_run(&follow, values, NULL);
}

void
rg_history_record_changes(RgMerge *merge, int64 job_id)
{
	static RgStatement record = {
		.text = "SELECT rivergen_catalog.record_changes($1, $2, $3, $4, $5::jsonb, $6, $7, $8)",
		.types = {INT8OID, INT8OID, INT8OID, TEXTARRAYOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, BOOLOID},
	};
	Datum old_names, new_names;

	rg_renames_list(merge, &old_names, &new_names);

	Datum values[] = {
		Int64GetDatum(merge->organization_id),
		Int64GetDatum(merge->data_source_id),
		Int64GetDatum(job_id),
		new_schemas(merge),
		patterns_datum(merge),
		old_names,
		new_names,
		BoolGetDatum(merge->scope != NULL),
	};

	rg_spi_run(&record, values, merge->patterns ? NULL : "    n   ");
	follow_names(merge);
}

/* Writes only if the list changed. A discovery of one schema replaces the entries of that schema only. */
static void
note_skipped(RgMerge *merge)
{
	static RgStatement note = {
		.text = "UPDATE rivergen_catalog.schema_history h SET skipped = n.skipped "
				"FROM (SELECT organization_id, data_source_id, nullif(coalesce((SELECT jsonb_agg(k) "
				"FROM jsonb_array_elements(skipped) k WHERE k ->> 'schema' <> $3), '[]') || $4::jsonb, '[]') "
				"AS skipped FROM rivergen_catalog.schema_history WHERE organization_id = $1 "
				"AND data_source_id = $2) n "
				"WHERE h.organization_id = $1 AND h.data_source_id = $2 "
				"AND n.organization_id = h.organization_id AND n.data_source_id = h.data_source_id "
				"AND h.skipped IS DISTINCT FROM n.skipped",
		.types = {INT8OID, INT8OID, TEXTOID, TEXTOID},
	};
	/* {} stands for all objects that are not in the list. */
	const char *more = merge->skipped_count > RG_SKIPPED_SHOWN ? ", {}" : "";
	char *skipped = psprintf("[%s%s]", merge->skipped.data, more);
	Datum values[] = {Int64GetDatum(merge->organization_id), Int64GetDatum(merge->data_source_id),
					  merge->scope ? CStringGetTextDatum(merge->scope) : (Datum) 0,
					  CStringGetTextDatum(skipped)};

	rg_spi_run(&note, values, merge->scope ? NULL : "  n ");
}

/* Writes only if the patterns changed. */
static void
note_patterns(RgMerge *merge)
{
	static RgStatement note = {
		.text = "UPDATE rivergen_catalog.schema_history SET patterns = $3::jsonb "
				"WHERE organization_id = $1 AND data_source_id = $2 AND patterns IS DISTINCT FROM $3::jsonb",
		.types = {INT8OID, INT8OID, TEXTOID},
	};
	Datum values[] = {Int64GetDatum(merge->organization_id), Int64GetDatum(merge->data_source_id),
					  patterns_datum(merge)};

	if (merge->scope == NULL)
		rg_spi_run(&note, values, merge->patterns ? NULL : "  n");
}

/* Moves the beginning of the history to the end of the last version that was deleted. */
static void
forget_old(RgMerge *merge)
{
	static RgStatement versions = {
		.text = "WITH old AS (DELETE FROM rivergen_catalog.relation_version WHERE organization_id = $1 "
				"AND data_source_id = $2 AND valid_to < now() - $3 * interval '1 minute' RETURNING valid_to) "
				"UPDATE rivergen_catalog.schema_history SET begins_at = o.valid_to "
				"FROM (SELECT max(valid_to) AS valid_to FROM old) o WHERE organization_id = $1 "
				"AND data_source_id = $2 AND begins_at < o.valid_to",
		.types = {INT8OID, INT8OID, INT4OID},
	};
	static RgStatement changes = {
		.text = "DELETE FROM rivergen_catalog.schema_change WHERE organization_id = $1 "
				"AND data_source_id = $2 AND changed_at < now() - $3 * interval '1 minute'",
		.types = {INT8OID, INT8OID, INT4OID},
	};
	Datum values[] = {Int64GetDatum(merge->organization_id), Int64GetDatum(merge->data_source_id),
					  Int32GetDatum(retention)};

	rg_spi_run(&versions, values, NULL);
	rg_spi_run(&changes, values, NULL);
}

void
rg_history_finish(RgMerge *merge)
{
	note_skipped(merge);
	note_patterns(merge);
	forget_old(merge);
}
