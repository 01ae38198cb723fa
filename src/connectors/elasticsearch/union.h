/*
 * union.h — the fields of aliases, which are those of all their indices. They are put together while the
 * mappings of the indices go by.
 */
#ifndef RG_ELASTICSEARCH_UNION_H
#define RG_ELASTICSEARCH_UNION_H

#include "connectors/elasticsearch/catalog.h"
#include "connectors/elasticsearch/fields.h"

typedef struct Union
{
	const Entry *alias;
	Fields fields;
	int found;          /* members that were added */
	const char *reason; /* why one of them could not be; NULL: all could */
} Union;

/* An index or a stream, and an alias that has it. */
typedef struct UnionMember
{
	const char *name;
	int number; /* of the union */
} UnionMember;

typedef struct Unions
{
	Union *items; /* by the names of the aliases */
	int count;
	UnionMember *members; /* by name */
	int member_count;
	int64_t fields; /* of all of them */
} Unions;

/* Adds an alias; after the last one unions_expected() is called. The entries must outlive the unions. */
extern void unions_expect(Unions *unions, const Entry *alias);
extern void unions_expected(Unions *unions);

/* Does an alias have an index or a stream of that name? */
extern bool unions_need(const Unions *unions, const char *name);

/* fields NULL: they cannot be read, and why. */
extern void unions_add(Unions *unions, const char *name, const Fields *fields, const char *reason);

extern const Union *unions_find(const Unions *unions, const char *alias);
extern void unions_free(Unions *unions);

#endif
