/*
 * emit.h — writes the frames of src/wire/README.md to standard output.
 *
 * Frames are collected and written in large pieces. The frames that the server waits for (hello, progress,
 * connected, error, end) are written at once. Texts for people are cleaned and cut (wire_clean). When the
 * reader is gone the process ends silently.
 */
#ifndef RG_CONNECTOR_EMIT_H
#define RG_CONNECTOR_EMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/wire.h"

/* The value of an integer member that is left out. */
#define ABSENT (-1)

/* To be called before the request is read. capabilities: the words of the protocol, up to a NULL. */
extern void emit_hello(const char *connector, const char *version, const char *const *capabilities);
extern void emit_log(const char *level, const char *message);
extern void emit_progress(const char *phase, int64_t relations_total);
/* dialect and identity may be NULL */
extern void emit_connected(const char *server, const char *dialect, const char *identity);
/* id and comment may be NULL */
extern void emit_schema(const char *name, const char *id, const char *comment);
/* A database of the source's server. */
extern void emit_database(const char *name);
/* signature: of the source, or NULL. The counts of the frame are made here. */
extern void emit_end(const char *signature);

/*
 * The answer to read and query. applied: positions of conditions; columns: JSON text of the array, or NULL.
 * emit_rows() keeps its frame and the rows until emit_flush() or emit_rows_end(). The latter ends the answer;
 * another may follow.
 */
extern void emit_reading(const int *applied, int applied_count, bool limited, const WireBuffer *columns);
extern void emit_rows(int64_t rows, const char *bytes, size_t length);
extern void emit_flush(void);
extern void emit_rows_end(bool truncated);

/*
 * From now on standard input is watched while the server does not take the output. When it ends, `abandon` is
 * called, which ends what the source does, and then the process ends.
 */
extern void emit_until_abandoned(void (*abandon)(void));

typedef struct RelationFrame
{
	const char *schema;
	const char *name;
	const char *kind;
	const char *id; /* or NULL */
	int64_t columns;
	int64_t row_estimate;
	int64_t size_bytes;
	const char *signature; /* or NULL */
} RelationFrame;

/* Emits the name of a relation outside of the scope that something inside refers to. */
extern void emit_referenced(const char *schema, const char *name, const char *id);

/* Uses the relation's schema, name and id; name is NULL if the whole schema could not be listed. */
extern void emit_skipped(const RelationFrame *relation, const char *reason);

/*
 * Begins a relation. Returns the buffer to which the caller appends the document, one object.
 * emit_relation_end() ends the frame; if the document is longer than document_bytes, it takes the frame back
 * and reports the relation as skipped.
 */
extern WireBuffer *emit_relation_begin(const RelationFrame *relation);
extern void emit_relation_end(const RelationFrame *relation, int64_t document_bytes);
/* Instead of emit_relation_end(): takes the frame back and reports the relation as skipped. */
extern void emit_relation_abandon(const RelationFrame *relation, const char *reason);

/*
 * Reports a relation whose document is the one that its known signature stands for. Ignores kind, columns and
 * signature.
 */
extern void emit_unchanged(const RelationFrame *relation);

/*
 * Begins a sample of the relation at this position of the request. The caller appends members only, each with
 * a comma before it.
 */
extern WireBuffer *emit_sample_begin(int64_t relation);
extern void emit_sample_end(void);
/* Instead of both: reports that the relation could not be sampled. */
extern void emit_sample_error(int64_t relation, const char *error);

/*
 * A failure that ends the operation. step and code are words of the protocol; detail and hint may be NULL. No
 * text may hold a secret.
 */
typedef struct Failure
{
	const char *step;
	const char *code;
	bool transient;
	const char *message;
	const char *detail;
	const char *hint;
	int64_t position; /* in the query's text, from 1; 0: none */
} Failure;

extern void give_up(const Failure *failure) __attribute__((noreturn));

/* From now on logs, and failures in their detail, name this part of the source, which stays. NULL: none. */
extern void messages_are_of(const char *part);

/* Do they name a part now, so that a text need not? */
extern bool messages_name_part(void);

/* From now on give_up() calls this first, which need not return; NULL: nothing (attempt.h). */
extern void emit_catch(void (*caught)(const Failure *failure));

extern void give_up_out_of_memory(void) __attribute__((noreturn));

#endif
