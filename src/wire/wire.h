/*
 * wire.h — the connector protocol, as both sides of the pipe read and write it. Plain C, libc only.
 * README.md beside this file is the protocol's specification.
 */
#ifndef RG_WIRE_H
#define RG_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define WIRE_PROTOCOL      2
#define WIRE_MAX_DEPTH     64
#define WIRE_MAX_MEMBERS   256
#define WIRE_ID_BYTES      256
#define WIRE_DIALECT_BYTES 64

/* What is told of a text that comes from outside. */
#define WIRE_MAX_WORDS 8192

/* A stretch of JSON text inside the line that was scanned; start is NULL when the member was absent or null.
 */
typedef struct WireSpan
{
	const char *start;
	size_t length;
} WireSpan;

typedef struct WireMember
{
	WireSpan name;  /* between the quotes, escapes as written */
	WireSpan value; /* the raw value, without surrounding white space */
} WireMember;

typedef struct WireObject
{
	int count;
	WireMember members[WIRE_MAX_MEMBERS];
} WireObject;

/*
 * Checks that text is exactly one valid JSON object (grammar, UTF-8, depth, no NUL, neither raw nor \u0000)
 * and lists its members. Returns NULL, or a static text that names the fault.
 */
extern const char *wire_object_scan(const char *text, size_t length, WireObject *object);

/* The member's value; start is NULL when it is absent or null. */
extern WireSpan wire_member(const WireObject *object, const char *name);

/*
 * Decodes a JSON string value into buffer, NUL-terminated. Returns its length in bytes, or -1 when the value
 * is not a string or does not fit; a decoded string is never longer than its span, so span.length + 1 always
 * fits.
 */
extern ssize_t wire_string(WireSpan value, char *buffer, size_t size);

/* Same, into memory from malloc that the caller frees; NULL when absent, null or not a string. */
extern char *wire_string_dup(WireSpan value);

extern bool wire_integer(WireSpan value, int64_t *result);
extern bool wire_boolean(WireSpan value, bool *result);

/* The length in bytes of the UTF-8 character that text begins with, or 0 when it is none; available is at
 * least 1. */
extern size_t wire_utf8_length(const char *text, size_t available);

/*
 * Writes the text into out, of `size` bytes with the NUL, as it may be told: control characters become
 * spaces, what is not UTF-8 becomes U+FFFD, spaces at the end are left out, and a text that is cut ends with
 * a whole character and an ellipsis. Returns the length.
 */
extern size_t wire_clean(const char *text, size_t length, char *out, size_t size);

/*
 * Takes the first element off an array that was scanned as part of an object; *rest begins as the array and
 * is what follows then. False when there is none, or when it is no array.
 */
extern bool wire_array_next(WireSpan *rest, WireSpan *element);

typedef enum WireFrameKind
{
	WIRE_HELLO,
	WIRE_LOG,
	WIRE_PROGRESS,
	WIRE_CONNECTED,
	WIRE_SCHEMA,
	WIRE_RELATION,
	WIRE_UNCHANGED,
	WIRE_SKIPPED,
	WIRE_REFERENCED,
	WIRE_SAMPLE,
	WIRE_ERROR,
	WIRE_END
} WireFrameKind;

/* A frame whose members are known to have the types that README.md gives them; spans point into the line. */
typedef struct WireFrame
{
	WireFrameKind kind;
	WireObject object;
} WireFrame;

/* Returns NULL, or a static text that names the fault. Member types and mandatory members are checked. */
extern const char *wire_frame_scan(const char *line, size_t length, WireFrame *frame);

/*
 * What a frame says of a schema or a relation: the members of schema, relation, unchanged, skipped and
 * referenced. Texts are NULL and numbers WIRE_ABSENT where the frame does not have them.
 */
#define WIRE_ABSENT (-1)

typedef struct WireRelation
{
	const char *schema; /* of a schema frame: its own name */
	const char *name;
	const char *id;
	const char *kind;
	const char *comment;
	const char *signature;
	WireSpan document;
	int64_t columns;
	int64_t row_estimate;
	int64_t size_bytes;
} WireRelation;

/* The most bytes that the texts of a frame take, each with its NUL. */
extern size_t wire_texts_size(const WireFrame *frame);

/* Decodes the members of a scanned frame. Its texts go to `texts`, which has wire_texts_size() bytes. */
extern void wire_relation_read(const WireFrame *frame, char *texts, WireRelation *relation);

typedef struct WireEnd
{
	int64_t schemas;
	int64_t relations;
	int64_t columns;
	int64_t unchanged; /* 0 when it is absent */
	const char *signature;
} WireEnd;

extern void wire_end_read(const WireFrame *frame, char *texts, WireEnd *end);

/*
 * A growing buffer that JSON is written into. When memory runs out `failed` is set and later writes do
 * nothing: check it once, before sending.
 */
typedef struct WireBuffer
{
	char *data;
	size_t length;
	size_t capacity;
	bool failed;
} WireBuffer;

extern void wire_append(WireBuffer *buffer, const char *bytes, size_t length);
extern void wire_append_text(WireBuffer *buffer, const char *text);
extern void wire_append_integer(WireBuffer *buffer, int64_t value);
/* A quoted, escaped JSON string; invalid UTF-8 becomes U+FFFD. */
extern void wire_append_string(WireBuffer *buffer, const char *bytes, size_t length);
extern void wire_reset(WireBuffer *buffer);
/* Zeroes, then frees. */
extern void wire_free(WireBuffer *buffer);

#endif
