/*
 * pattern.h — decides which schemas and relations of a source are discovered; README.md beside this file says
 * how patterns are written. Plain C, libc only: the server and the connectors use the same code.
 */
#ifndef RG_WIRE_PATTERN_H
#define RG_WIRE_PATTERN_H

#include "wire.h"

/* Wildcards in the parts of a pattern; no byte of UTF-8 has these values. */
#define WIRE_ANY_STRING    '\xFF'
#define WIRE_ANY_CHARACTER '\xFE'

typedef struct WirePattern
{
	char *schema;
	char *relation; /* WIRE_ANY_STRING alone: the schema as a whole */
} WirePattern;

/*
 * Returns NULL, or a static text that names the fault. The caller releases the pattern with
 * wire_pattern_free().
 */
extern const char *wire_pattern_parse(const char *text, WirePattern *pattern);
extern void wire_pattern_free(WirePattern *pattern);

/* Does the pattern match the relation, or, if relation is NULL, the schema as a whole? */
extern bool wire_pattern_matches(const WirePattern *pattern, const char *schema, const char *relation);

/* Can the pattern match any relation of that schema? */
extern bool wire_pattern_reaches(const WirePattern *pattern, const char *schema);

typedef struct WirePatterns
{
	WirePattern *items;
	int count;
} WirePatterns;

/* An empty include list includes everything; a match in both lists is excluded. */
typedef struct WireSelection
{
	WirePatterns include;
	WirePatterns exclude;
} WireSelection;

/*
 * Reads two JSON arrays of texts, either of which may be absent. Skips texts that are no patterns: they are
 * checked before they are stored. Returns false if memory ran out.
 */
extern bool wire_selection_read(WireSelection *selection, WireSpan include, WireSpan exclude);
extern void wire_selection_free(WireSelection *selection);

extern bool wire_selects(const WireSelection *selection, const char *schema, const char *relation);

/* Can any relation of the schema be selected? */
extern bool wire_selects_any_of(const WireSelection *selection, const char *schema);

/* Is the schema itself selected, so that it is shown although none of its relations is? */
extern bool wire_selects_schema(const WireSelection *selection, const char *schema);

#endif
