/*
 * relations.h — which parts of a package another one refers to.
 */
#ifndef RG_EXCEL_RELATIONS_H
#define RG_EXCEL_RELATIONS_H

#include "connectors/excel/package.h"

typedef struct PartRelation
{
	char *id;
	char *type; /* its last word, which transitional and strict workbooks share */
	char *part;
} PartRelation;

typedef struct PartRelations
{
	PartRelation *items;
	int count;
} PartRelations;

/* Those of a part; of the whole package, if it is "". */
extern void part_relations_read(const Package *package, const char *part, PartRelations *relations);
extern void part_relations_free(PartRelations *relations);

/* The part by the id, or by the type if id is NULL; NULL: there is none. */
extern const char *part_relations_find(const PartRelations *relations, const char *id, const char *type);

#endif
