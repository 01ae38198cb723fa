/*
 * cells.h — answers of the server's catalog as rows of texts.
 */
#ifndef RG_CASSANDRA_CELLS_H
#define RG_CASSANDRA_CELLS_H

#include "connectors/cassandra/session.h"
#include "connectors/sql/rows.h"

#define MOST_CELLS 8

typedef enum CellForm
{
	CELL_TEXT,
	CELL_INTEGER,
	CELL_BOOLEAN, /* "true", or NULL */
	CELL_WORDS,   /* of a set of texts */
	CELL_MEMBER   /* of a map of texts */
} CellForm;

typedef struct Cell
{
	CellForm form;
	const char *member;
} Cell;

/* The statement about a keyspace, and about a relation of it; either may be NULL. The caller frees it. */
extern Statement cells_statement(const char *text, const char *keyspace, const char *relation);

/*
 * Begins to read what servers that are compatible with Cassandra may lack. Returns false, with nothing to
 * read, if it is not there.
 */
extern bool cells_begin_optional(Answer *answer, Session *session, const Statement *statement, int columns);

/* Adds the rows of the statement; each has a text at first. There are at most MOST_CELLS in a row. */
extern void cells_read(Session *session, const char *text, const char *keyspace, const char *relation,
					   const Cell *cells, SqlRows *rows);

/* The same of what may be lacking. */
extern void cells_read_optional(Session *session, const char *text, const char *keyspace,
								const char *relation, const Cell *cells, SqlRows *rows);

#endif
