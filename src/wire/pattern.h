/*
 * pattern.h — which schemas and relations of a source are discovered; README.md beside this file says how
 * patterns are written. Plain C, libc only: the server and the connectors decide alike.
 */
#ifndef RG_WIRE_PATTERN_H
#define RG_WIRE_PATTERN_H

#include "wire.h"

/* In the parts of a pattern; no byte of UTF-8 has these values. */
#define WIRE_ANY_STRING    '\xFF'
#define WIRE_ANY_CHARACTER '\xFE'

typedef struct WirePattern
{
	char *schema;
	char *relation; /* WIRE_ANY_STRING alone: the schema as a whole */
} WirePattern;

/* Returns NULL, or a static text that names the fault. What was parsed is released by wire_pattern_free(). */
extern const char *wire_pattern_parse(const char *text, WirePattern *pattern);
extern void wire_pattern_free(WirePattern *pattern);

/* Names the schema as a whole, when relation is NULL, or else the relation? */
extern bool wire_pattern_matches(const WirePattern *pattern, const char *schema, const char *relation);

/* May it match a relation of that schema? */
extern bool wire_pattern_reaches(const WirePattern *pattern, const char *schema);

typedef struct WirePatterns
{
	WirePattern *items;
	int count;
} WirePatterns;

/* An empty include list includes everything; what is in both lists is excluded. */
typedef struct WireSelection
{
	WirePatterns include;
	WirePatterns exclude;
} WireSelection;

/*
 * Takes two JSON arrays of texts, either of which may be absent. What is no pattern is passed over: whoever
 * stores patterns checks them. False when memory ran out.
 */
extern bool wire_selection_read(WireSelection *selection, WireSpan include, WireSpan exclude);
extern void wire_selection_free(WireSelection *selection);

extern bool wire_selects(const WireSelection *selection, const char *schema, const char *relation);

/* May anything of the schema be selected? */
extern bool wire_selects_any_of(const WireSelection *selection, const char *schema);

/* Is the schema itself meant, so that it is shown although nothing of it is selected? */
extern bool wire_selects_schema(const WireSelection *selection, const char *schema);

#endif
