/*
 * context_sources.h — what a schema context says about the sources of its relations.
 */
#ifndef RG_CONTEXT_SOURCES_H
#define RG_CONTEXT_SOURCES_H

#include "postgres.h"

#include "utils/array.h"

#define RG_CONTEXT_LONGEST_SOURCE 100 /* characters of a name */

typedef struct RgContextSources
{
	const char *names;         /* quoted, between commas */
	const char *dialect;       /* NULL: not known, or several */
	const char *discovered_at; /* the earliest; NULL: there are no sources */
} RgContextSources;

/* A source's name in quotes, cut to so many characters; it may have nothing that is visible. */
extern char *rg_context_source_name(const char *name, int longest);

/* The sources of the relations; their names take at most so many bytes. Callers must be connected to SPI. */
extern RgContextSources rg_context_sources(int64 organization_id, ArrayType *ids, int64 bytes);

#endif
