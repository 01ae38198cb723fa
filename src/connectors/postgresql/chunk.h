/*
 * chunk.h — some hundred relations on their way from the server's catalogs to documents.
 *
 * A chunk is asked for in two batches. The first reads the catalogs. What they turn out to need (types that
 * are not known yet, texts for which the server must lock the relation) is the second.
 */
#ifndef RG_POSTGRESQL_CHUNK_H
#define RG_POSTGRESQL_CHUNK_H

#include "connectors/postgresql/rows.h"
#include "connectors/postgresql/session.h"
#include "connectors/postgresql/signatures.h"
#include "connectors/postgresql/statements.h"
#include "connectors/postgresql/texts.h"
#include "connectors/postgresql/types.h"
#include "connectors/postgresql/vocabulary.h"

/* State that all chunks share. */
typedef struct Discovery
{
	Session session;
	Types types;
	Vocabulary vocabulary;
	Signatures signatures;
	int64_t document_bytes;
	bool denied[STATEMENT_COUNT]; /* the user may not run it, for any object */
	bool raw_texts;               /* the server does not know in which encoding its texts are */
	int64_t not_utf8;             /* relations of which a text had to be made UTF-8 */
} Discovery;

/* Positions in a RowList. */
typedef struct Range
{
	int first;
	int end;
} Range;

typedef struct Relation
{
	ObjectId id;
	Range rows[CATALOG_COUNT];
	bool needs[STATEMENT_COUNT]; /* which of the texts it has */
} Relation;

/* A relation that could not be read completely, and why. */
typedef struct RelationFailure
{
	ObjectId relation;
	char *reason;
} RelationFailure;

typedef struct Chunk
{
	PGresult *list; /* its group of the list of relations */
	RowList rows[CATALOG_COUNT];
	Relation *relations;
	int count;
	bool asked[STATEMENT_COUNT];    /* in the batches */
	bool answered[STATEMENT_COUNT]; /* without a failure */
	TypesAsked types_asked;
	Texts texts;
	bool catalogs_received;
	bool details_received;
	bool catalogs_failed; /* some of them */
	bool types_failed;
	bool texts_failed;
	RelationFailure *failures;
	int failure_count;
} Chunk;

/* The list is taken over. The next group of the list travels in the same batch, see chunk_receive_catalogs().
 */
extern void chunk_ask_catalogs(Chunk *chunk, Discovery *discovery, PGresult *list);

/* Both do nothing if called again. The first returns the group of the list that came along, or NULL. */
extern PGresult *chunk_receive_catalogs(Chunk *chunk, Discovery *discovery);
extern void chunk_receive_details(Chunk *chunk, Discovery *discovery);

/* Asks again, relation by relation, what failed. No answer may be outstanding in the session. */
extern void chunk_recover_catalogs(Chunk *chunk, Discovery *discovery);
extern void chunk_recover_details(Chunk *chunk, Discovery *discovery);

/* Surveys the catalogs first; they must have been received, and recovered if some failed. */
extern void chunk_ask_details(Chunk *chunk, Discovery *discovery);

/* Takes over the reason; the first reason of a relation counts. */
extern void chunk_add_failure(Chunk *chunk, ObjectId relation, char *reason);
/* Returns why the relation could not be read, or NULL. */
extern const char *chunk_failure(const Chunk *chunk, ObjectId relation);

extern void chunk_clear(Chunk *chunk);

/* Values of a column's row, in which null stands for the usual value. */
static inline int32_t
column_modifier(const PGresult *columns, int row)
{
	return row_is_null(columns, row, COLUMN_MODIFIER) ? -1 : row_int4(columns, row, COLUMN_MODIFIER);
}

/* 0: the type has no collation. */
static inline ObjectId
column_collation(const PGresult *columns, int row)
{
	return row_is_null(columns, row, COLUMN_COLLATION) ? 0 : row_oid(columns, row, COLUMN_COLLATION);
}

/* The row of a relation's column in rows[STATEMENT_COLUMNS], or -1 when it has no such column. */
extern int chunk_column(const Chunk *chunk, const Relation *relation, int64_t number);

/* The row at a position of one of the lists. */
static inline int
chunk_row(const Chunk *chunk, Statement list, int position)
{
	return rowlist_row(&chunk->rows[list], position);
}

#endif
