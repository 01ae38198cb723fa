/*
 * catalog.h — what the data dictionary says of the relations of one owner.
 */
#ifndef RG_ORACLE_CATALOG_H
#define RG_ORACLE_CATALOG_H

#include "connectors/oracle/statements.h"

/* The key columns of an owner whose keys are referred to. */
typedef struct OtherKeys
{
	char *owner;
	SqlRows columns;
} OtherKeys;

typedef struct Catalog
{
	OdbcSession *session;
	const Features *features;
	const char *owner;
	SqlRows objects;
	SqlRows tables;
	SqlRows external_tables;
	SqlRows partitions;
	SqlRows partition_keys;
	SqlRows columns;
	SqlRows synonym_columns;
	SqlRows defaults;
	SqlRows identities;
	SqlRows comments;
	SqlRows comments_of_materialized_views;
	SqlRows column_comments;
	SqlRows constraints;
	SqlRows key_columns;
	SqlRows long_conditions;
	SqlRows indexes;
	SqlRows expressions;
	SqlRows views;
	SqlRows long_views;
	SqlRows materialized_views;
	SqlRows sequences;
	SqlRows synonyms;
	OtherKeys *others;
	int other_count;
} Catalog;

extern void
catalog_read_objects(Catalog *catalog, OdbcSession *session, const Features *features, const char *owner);
extern void catalog_read(Catalog *catalog);

/* The columns of a key of this owner; they are read when they are first asked for. */
extern SqlGroup catalog_key_columns(Catalog *catalog, const char *owner, const char *constraint);

extern void catalog_free(Catalog *catalog);

#endif
