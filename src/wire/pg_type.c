/*
 * pg_type.c — the list of types that may hold a column's values. The text form of these values means the same
 * on every server, under every setting that a reader fixes. That of money, and of types that name objects,
 * does not: they are not in the list.
 */
#include <stdlib.h>
#include <string.h>

#include "pg_type.h"

/* Sorted by bytes, for bsearch(). */
static const char *const names[] = {
	"bigint",
	"bit",
	"bit varying",
	"boolean",
	"box",
	"bpchar",
	"bytea",
	"cidr",
	"circle",
	"date",
	"datemultirange",
	"daterange",
	"double precision",
	"inet",
	"int4multirange",
	"int4range",
	"int8multirange",
	"int8range",
	"integer",
	"interval",
	"json",
	"jsonb",
	"line",
	"lseg",
	"macaddr",
	"macaddr8",
	"numeric",
	"nummultirange",
	"numrange",
	"oid",
	"path",
	"point",
	"polygon",
	"real",
	"smallint",
	"text",
	"time with time zone",
	"time without time zone",
	"timestamp with time zone",
	"timestamp without time zone",
	"tsmultirange",
	"tsquery",
	"tsrange",
	"tstzmultirange",
	"tstzrange",
	"tsvector",
	"uuid",
	"xml",
};

typedef struct Name
{
	const char *text;
	size_t length;
} Name;

static int
compare(const void *key, const void *element)
{
	const Name *name = key;
	const char *listed = *(const char *const *) element;
	int order = strncmp(name->text, listed, name->length);

	return order == 0 && listed[name->length] != '\0' ? -1 : order;
}

bool
wire_pg_type_is_listed(const char *name, size_t length)
{
	Name base = {name, length};

	if (length > 2 && name[length - 2] == '[' && name[length - 1] == ']')
		base.length -= 2;
	return bsearch(&base, names, sizeof(names) / sizeof(names[0]), sizeof(names[0]), compare) != NULL;
}
