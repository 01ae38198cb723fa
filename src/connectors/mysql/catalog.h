/*
 * catalog.h — what the source's catalog says of the relations of one schema, but for their columns, which are
 * many and are read relation by relation.
 */
#ifndef RG_MYSQL_CATALOG_H
#define RG_MYSQL_CATALOG_H

#include "connectors/mysql/statements.h"

typedef struct Catalog
{
	bool is_mariadb;
	bool defaults_are_sql; /* MariaDB 10.2 and later */
	SqlRows tables;
	SqlRows foreign_keys;
	SqlRows indexes;
	SqlRows checks;
	SqlRows views;
	SqlRows partitions;
	SqlRows sequences; /* without those that the user may not read */
} Catalog;

extern void catalog_read_tables(Catalog *catalog, Session *session, const Wanted *wanted);
extern void catalog_read(Catalog *catalog, Session *session, const Features *features, const Wanted *wanted);
extern void catalog_free(Catalog *catalog);

#endif
