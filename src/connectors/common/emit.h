/*
 * emit.h — what a connector says: the frames of src/wire/README.md on standard output.
 *
 * Frames are collected and written in large pieces. Those that somebody waits for (hello, progress,
 * connected, error, end) are written at once. Texts for people are cleaned and cut (wire_clean). When the
 * reader is gone the process ends without a word.
 */
#ifndef RG_CONNECTOR_EMIT_H
#define RG_CONNECTOR_EMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/wire.h"

/* An integer member that is left out. */
#define ABSENT (-1)

/* Comes before the request is read. capabilities: the words of the protocol, up to a NULL. */
extern void emit_hello(const char *connector, const char *version, const char *const *capabilities);
extern void emit_log(const char *level, const char *message);
extern void emit_progress(const char *phase, int64_t relations_total);
/* dialect and identity may be NULL */
extern void emit_connected(const char *server, const char *dialect, const char *identity);
/* id and comment may be NULL */
extern void emit_schema(const char *name, const char *id, const char *comment);
/* The signature of the source, or NULL. Counts what was sent by itself. */
extern void emit_end(const char *signature);

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

/* A relation outside of the scope that something in it names. */
extern void emit_referenced(const char *schema, const char *name, const char *id);

/* Of the relation its schema, name and id; name is NULL when the whole schema could not be listed. */
extern void emit_skipped(const RelationFrame *relation, const char *reason);

/*
 * Begins a relation and returns the buffer to which the caller appends the document, an object, and nothing
 * else. emit_relation_end() closes the frame; a document that is longer than document_bytes is taken back and
 * reported as skipped.
 */
extern WireBuffer *emit_relation_begin(const RelationFrame *relation);
extern void emit_relation_end(const RelationFrame *relation, int64_t document_bytes);
/* Instead of emit_relation_end(): takes back what was begun and reports the relation as skipped. */
extern void emit_relation_abandon(const RelationFrame *relation, const char *reason);

/* A relation that is what its known signature stands for; kind, columns and signature are not looked at. */
extern void emit_unchanged(const RelationFrame *relation);

/*
 * Begins a sample of the relation with that number in the request; the caller appends members, each with its
 * comma, and nothing else.
 */
extern WireBuffer *emit_sample_begin(int64_t relation);
extern void emit_sample_end(void);
/* Instead of both: the relation could not be sampled. */
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
} Failure;

extern void give_up(const Failure *failure) __attribute__((noreturn));
extern void give_up_out_of_memory(void) __attribute__((noreturn));

#endif
