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

/* What all chunks share. */
typedef struct Discovery
{
	Session session;
	Types types;
	Vocabulary vocabulary;
	Signatures signatures;
	int64_t document_bytes;
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
	bool needs_texts;
	bool has_special_index;
	char *skip_reason; /* why its texts could not be had */
} Relation;

typedef struct Chunk
{
	PGresult *list; /* its group of the list of relations */
	RowList rows[CATALOG_COUNT];
	Relation *relations;
	int count;
	TypesAsked types_asked;
	bool texts_asked;
	Texts texts;
	bool catalogs_received;
	bool details_received;
	PGresult *texts_failure;
} Chunk;

/* The list is taken over. The next group of the list travels in the same batch, see chunk_receive_catalogs().
 */
extern void chunk_ask_catalogs(Chunk *chunk, Session *session, PGresult *list);

/* Both do nothing when it was done before. The first returns the group of the list that came along, or NULL.
 */
extern PGresult *chunk_receive_catalogs(Chunk *chunk, Discovery *discovery);
extern void chunk_receive_details(Chunk *chunk, Discovery *discovery);

extern void chunk_ask_details(Chunk *chunk, Discovery *discovery);

/*
 * Asks for the texts of each relation by itself after asking for all of them together failed. Nothing may be
 * unanswered in the session.
 */
extern void chunk_retry_texts(Chunk *chunk, Session *session);

extern void chunk_clear(Chunk *chunk);

/* Values of a column's row, in which null stands for the usual. */
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
