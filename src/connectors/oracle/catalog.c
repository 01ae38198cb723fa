/*
 * catalog.c — one statement for each kind of thing that an owner has. A statement that the dictionary of an
 * old version does not know leaves nothing of its kind.
 */
#include "connectors/oracle/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

/* An Oracle text of the dictionary that is no LONG has so many bytes at most, and may have been cut there. */
#define MOST_BYTES 4000

static void
read_rows(Catalog *catalog, const Statement *statement, SqlRows *rows)
{
	(void) statement_read(catalog->session, catalog->features, statement, &(Wanted){.owner = catalog->owner},
						  rows);
}

void
catalog_read_objects(Catalog *catalog, OdbcSession *session, const Features *features, const char *owner)
{
	*catalog = (Catalog){.session = session, .features = features, .owner = owner};
	read_rows(catalog, &statement_objects, &catalog->objects);
}

static bool
is_any(const Catalog *catalog, const char *type)
{
	for (size_t i = 0; i < catalog->objects.count; i++)
		if (catalog->objects.items[i][OBJECT_TYPE] &&
			strcmp(catalog->objects.items[i][OBJECT_TYPE], type) == 0)
			return true;
	return false;
}

static bool
has_long_condition(const Catalog *catalog)
{
	for (size_t i = 0; i < catalog->constraints.count; i++)
	{
		const char *const *row = catalog->constraints.items[i];
		bool is_check = row[CONSTRAINT_TYPE] && strcmp(row[CONSTRAINT_TYPE], "C") == 0;
		const char *condition = row[CONSTRAINT_CONDITION];

		if (is_check && (condition == NULL || strlen(condition) >= MOST_BYTES))
			return true;
	}
	return false;
}

static bool
has_long_view(const Catalog *catalog)
{
	for (size_t i = 0; i < catalog->views.count; i++)
	{
		const char *length = catalog->views.items[i][VIEW_LENGTH];

		if (catalog->views.items[i][VIEW_TEXT] == NULL || (length && strtol(length, NULL, 10) > MOST_BYTES))
			return true;
	}
	return false;
}

static void
read_tables(Catalog *catalog)
{
	read_rows(catalog, &statement_tables, &catalog->tables);
	read_rows(catalog, &statement_external_tables, &catalog->external_tables);
	read_rows(catalog, &statement_partitions, &catalog->partitions);
	if (catalog->partitions.count > 0)
		read_rows(catalog, &statement_partition_keys, &catalog->partition_keys);
	read_rows(catalog, &statement_key_columns, &catalog->key_columns);
	read_rows(catalog, &statement_indexes, &catalog->indexes);
	if (catalog->indexes.count > 0)
		read_rows(catalog, &statement_expressions, &catalog->expressions);
}

static void
read_columns(Catalog *catalog)
{
	read_rows(catalog, &statement_columns, &catalog->columns);
	read_rows(catalog, &statement_defaults, &catalog->defaults);
	if (catalog->features->identity)
		read_rows(catalog, &statement_identities, &catalog->identities);
	read_rows(catalog, &statement_column_comments, &catalog->column_comments);
	read_rows(catalog, &statement_comments, &catalog->comments);
}

static void
read_views(Catalog *catalog)
{
	if (is_any(catalog, "VIEW"))
		read_rows(catalog, &statement_views, &catalog->views);
	if (has_long_view(catalog))
		read_rows(catalog, &statement_long_views, &catalog->long_views);
	if (is_any(catalog, "MATERIALIZED VIEW"))
	{
		read_rows(catalog, &statement_materialized_views, &catalog->materialized_views);
		read_rows(catalog, &statement_comments_of_materialized_views,
				  &catalog->comments_of_materialized_views);
	}
}

static void
read_synonyms(Catalog *catalog)
{
	if (!is_any(catalog, "SYNONYM"))
		return;
	read_rows(catalog, &statement_synonyms, &catalog->synonyms);
	read_rows(catalog, &statement_synonym_columns, &catalog->synonym_columns);
}

void
catalog_read(Catalog *catalog)
{
	read_columns(catalog);
	read_rows(catalog, &statement_constraints, &catalog->constraints);
	if (has_long_condition(catalog))
		read_rows(catalog, &statement_long_conditions, &catalog->long_conditions);
	read_tables(catalog);
	read_views(catalog);
	read_synonyms(catalog);
	if (is_any(catalog, "SEQUENCE"))
		read_rows(catalog, &statement_sequences, &catalog->sequences);
}

static OtherKeys *
other_keys(Catalog *catalog, const char *owner)
{
	OtherKeys *other;

	for (int i = 0; i < catalog->other_count; i++)
		if (strcmp(catalog->others[i].owner, owner) == 0)
			return &catalog->others[i];
	catalog->others = reallocate(catalog->others, (size_t) (catalog->other_count + 1) * sizeof(OtherKeys));
	other = &catalog->others[catalog->other_count++];
	*other = (OtherKeys){.owner = copy_text(owner)};
	(void) statement_read(catalog->session, catalog->features, &statement_key_columns,
						  &(Wanted){.owner = owner}, &other->columns);
	return other;
}

SqlGroup
catalog_key_columns(Catalog *catalog, const char *owner, const char *constraint)
{
	if (strcmp(owner, catalog->owner) == 0)
		return sql_rows_of(&catalog->key_columns, constraint);
	return sql_rows_of(&other_keys(catalog, owner)->columns, constraint);
}

void
catalog_free(Catalog *catalog)
{
	SqlRows *const all[] = {&catalog->objects,
							&catalog->tables,
							&catalog->external_tables,
							&catalog->partitions,
							&catalog->partition_keys,
							&catalog->columns,
							&catalog->synonym_columns,
							&catalog->defaults,
							&catalog->identities,
							&catalog->comments,
							&catalog->comments_of_materialized_views,
							&catalog->column_comments,
							&catalog->constraints,
							&catalog->key_columns,
							&catalog->long_conditions,
							&catalog->indexes,
							&catalog->expressions,
							&catalog->views,
							&catalog->long_views,
							&catalog->materialized_views,
							&catalog->sequences,
							&catalog->synonyms};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		sql_rows_free(all[i]);
	for (int i = 0; i < catalog->other_count; i++)
	{
		sql_rows_free(&catalog->others[i].columns);
		free(catalog->others[i].owner);
	}
	free(catalog->others);
}
