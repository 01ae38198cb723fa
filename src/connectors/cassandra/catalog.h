/*
 * catalog.h — what the keyspaces system and system_schema say: of the server, and of the relations of a
 * keyspace.
 */
#ifndef RG_CASSANDRA_CATALOG_H
#define RG_CASSANDRA_CATALOG_H

#include "connectors/cassandra/session.h"
#include "connectors/cassandra/type.h"
#include "connectors/sql/rows.h"

/* The columns of what is read. */
enum
{
	TABLE_NAME,
	TABLE_COMMENT,
	TABLE_LIFETIME,
	TABLE_COMPACTION,
	TABLE_FLAGS, /* words between spaces (flags_have()) */
	TABLE_COLUMNS
};
enum
{
	VIEW_NAME,
	VIEW_COMMENT,
	VIEW_LIFETIME,
	VIEW_COMPACTION,
	VIEW_BASE,
	VIEW_HAS_ALL_COLUMNS,
	VIEW_CONDITION,
	VIEW_COLUMNS
};
enum
{
	COLUMN_TABLE,
	COLUMN_NAME,
	COLUMN_KIND,
	COLUMN_POSITION,
	COLUMN_ORDER,
	COLUMN_TYPE,
	COLUMN_COLUMNS
};
enum
{
	INDEX_TABLE,
	INDEX_NAME,
	INDEX_KIND,
	INDEX_CLASS,
	INDEX_TARGET,
	INDEX_COLUMNS
};

/* Of one keyspace. */
typedef struct Catalog
{
	const char *keyspace;
	SqlRows tables;
	SqlRows views;
	SqlRows columns;
	SqlRows indexes;
	UserTypes types;
} Catalog;

/* Learns who the server is. Ends the process if there is no such keyspace. */
extern void catalog_begin(Session *session, const char *keyspace);

/* Reads the names of the keyspaces, in their order; those of the server itself only if they are asked for. */
extern void catalog_keyspaces(Session *session, const char *asked, SqlRows *keyspaces);

/* relation: of which to read the columns, or NULL. */
extern void catalog_read_columns(Session *session, const char *relation, Catalog *catalog);

/* Reads everything else, too. */
extern void catalog_read(Session *session, Catalog *catalog);

/* The columns of a relation as DESCRIBE has them: those of the key, then static ones, then others by name. */
extern SqlGroup catalog_columns(const Catalog *catalog, const char *relation);

/* Is the word among the flags? They may be NULL. */
extern bool flags_have(const char *flags, const char *word);

extern void catalog_free(Catalog *catalog);

#endif
