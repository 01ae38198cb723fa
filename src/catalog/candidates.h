/*
 * candidates.h — the relations that may answer to the words of a question, each weighed by all of them.
 *
 * Candidates are read by the index of stems: lists of relations by their names, columns and texts. A list has
 * an end: a term with more relations is common. A sample tells long lists without reading them. It chooses
 * none by itself, but together with another one, in a source that the question names, or as the whole name of
 * a relation.
 */
#ifndef RG_CANDIDATES_H
#define RG_CANDIDATES_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/hsearch.h"

#include "catalog/term.h"

typedef enum RgMatchPlace
{
	PLACE_NONE,
	PLACE_TABLE,
	PLACE_COLUMN,
	PLACE_TEXT
} RgMatchPlace;

typedef struct RgMatch
{
	float weight;
	uint8 place;
	uint8 word;
	bool is_exact; /* the term itself is somewhere in the relation */
} RgMatch;

typedef struct RgVotingSource
{
	int64 id;
	float *best; /* of each term */
	double votes;
	bool is_gone;
} RgVotingSource;

typedef struct RgCandidate
{
	int64 id;
	RgVotingSource *source;
	RgMatch *matches; /* of each term */
	bool is_copy;
	double score;
} RgCandidate;

/* Sorted ids of stems. */
typedef struct RgIds
{
	const int32 *ids;
	int count;
} RgIds;

/* Of the words of one relation. */
typedef struct RgStemLists
{
	RgIds names;
	RgIds columns;
	RgIds texts;
} RgStemLists;

typedef struct RgNamedSource
{
	int64 source_id;
	int term;
} RgNamedSource;

typedef struct RgRelevance
{
	int64 organization_id;
	ArrayType *within;  /* NULL: all sources */
	ArrayType *schemas; /* NULL: all */
	RgTerm *terms;
	int count;
	int32 *copies;       /* words in the names of copies */
	RgStemLists *sample; /* of the relations in scope, unless all are candidates */
	int sampled;
	HTAB *candidates;
	HTAB *sources;
	double relations;
} RgRelevance;

/*
 * Prepares the terms, whose stems and words of the question are given, and finds the candidates and how rare
 * each term is. organization_id, within and schemas are set. Returns the sources that the question names, as
 * RgNamedSource. Callers must be connected to SPI.
 */
extern List *rg_candidates_find(RgRelevance *relevance, ArrayType *stems, ArrayType *said);

/* The source, which is added if it is new. */
extern RgVotingSource *rg_candidates_source(RgRelevance *relevance, int64 id);

#endif
