/*
 * catalog.h — what the source's catalog says of the relations of one schema, but for their columns, which are
 * many and are read relation by relation.
 */
#ifndef RG_SQLSERVER_CATALOG_H
#define RG_SQLSERVER_CATALOG_H

#include "connectors/sqlserver/statements.h"

typedef struct Catalog
{
	SqlRows objects;
	SqlRows indexes;
	SqlRows foreign_keys;
	SqlRows checks;
	SqlRows row_counts;
	SqlRows sizes; /* none, if the user may not see them */
	SqlRows partitions;
	SqlRows sequences;
} Catalog;

extern void
catalog_read_objects(Catalog *catalog, Session *session, const Features *features, const Wanted *wanted);
extern void catalog_read(Catalog *catalog, Session *session, const Wanted *wanted);
extern void catalog_free(Catalog *catalog);

#endif
