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

bool
rg_history_begin(RgMerge *merge)
{
	static RgStatement begin = {
		.text = "INSERT INTO rivergen_catalog.schema_history (organization_id, data_source_id, patterns) "
				"VALUES ($1, $2, $3::jsonb) ON CONFLICT DO NOTHING",
	};

	return rg_spi_execute(&begin, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
						  rg_text_or_null(merge->patterns)) > 0;
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
			"rivergen_catalog.is_described(description, column_descriptions, tags, column_tags) FROM rivergen_catalog.relation "
			"WHERE organization_id = $1 AND data_source_id = $2 AND relation_id = ANY ($3) "
			"AND deprecated_at IS NULL",
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
 * People's texts and tags, and scan results, follow the columns to their new names. A relation that now has
 * the former name of another one inherits people's texts and tags of that relation.
 */
static void
follow_names(RgMerge *merge)
{
	static RgStatement follow = {
		.text = "SELECT rivergen_catalog.follow_names($1, $2)",
	};

	rg_spi_execute(&follow, rg_int8(merge->organization_id), rg_int8(merge->data_source_id));
}

void
rg_history_record_changes(RgMerge *merge, int64 job_id)
{
	static RgStatement record = {
		.text = "SELECT rivergen_catalog.record_changes($1, $2, $3, $4, $5::jsonb, $6, $7, $8)",
	};
	Datum old_names, new_names;

	rg_renames_list(merge, &old_names, &new_names);
	rg_spi_execute(&record, rg_int8(merge->organization_id), rg_int8(merge->data_source_id), rg_int8(job_id),
				   rg_text_array(new_schemas(merge)), rg_text_or_null(merge->patterns),
				   rg_text_array(old_names), rg_text_array(new_names), rg_bool(merge->scope != NULL));
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
	};
	/* {} stands for all objects that are not in the list. */
	const char *more = merge->skipped_count > RG_SKIPPED_SHOWN ? ", {}" : "";
	char *skipped = psprintf("[%s%s]", merge->skipped.data, more);

	rg_spi_execute(&note, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
				   rg_text_or_null(merge->scope), rg_text(skipped));
}

/* Writes only if the patterns changed. */
static void
note_patterns(RgMerge *merge)
{
	static RgStatement note = {
		.text = "UPDATE rivergen_catalog.schema_history SET patterns = $3::jsonb "
				"WHERE organization_id = $1 AND data_source_id = $2 AND patterns IS DISTINCT FROM $3::jsonb",
	};

	if (merge->scope == NULL)
		rg_spi_execute(&note, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
					   rg_text_or_null(merge->patterns));
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
	};
	static RgStatement changes = {
		.text = "DELETE FROM rivergen_catalog.schema_change WHERE organization_id = $1 "
				"AND data_source_id = $2 AND changed_at < now() - $3 * interval '1 minute'",
	};

	rg_spi_execute(&versions, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
				   rg_int4(retention));
	rg_spi_execute(&changes, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
				   rg_int4(retention));
}

void
rg_history_finish(RgMerge *merge)
{
	note_skipped(merge);
	note_patterns(merge);
	forget_old(merge);
}
