/*
 * wire.h — reads and writes the connector protocol, for both sides of the pipe. Plain C, libc only. README.md
 * beside this file is the specification.
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
#define WIRE_ROWS_BYTES    65536 /* most bytes of a rows frame, unless it has one row only */
#define WIRE_MAX_VERSIONS  200   /* most earlier versions of a relation */

/* Most bytes of a text for people. */
#define WIRE_MAX_WORDS 8192

/* A piece of JSON text in the scanned line. start is NULL if the member is absent or null. */
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

/* Returns the member's value; start is NULL if it is absent or null. */
extern WireSpan wire_member(const WireObject *object, const char *name);

/*
 * Decodes a JSON string value into buffer, NUL-terminated. Returns its length in bytes, or -1 when the value
 * is not a string or does not fit; a decoded string is never longer than its span, so span.length + 1 always
 * fits.
 */
extern ssize_t wire_string(WireSpan value, char *buffer, size_t size);

/*
 * The same, into memory from malloc that the caller frees. Returns NULL if the value is absent, null or no
 * string, or memory ran out.
 */
extern char *wire_string_dup(WireSpan value);

extern bool wire_integer(WireSpan value, int64_t *result);
extern bool wire_boolean(WireSpan value, bool *result);

/*
 * Returns the length in bytes of the UTF-8 character at the beginning of text, or 0 if there is none.
 * available is at least 1.
 */
extern size_t wire_utf8_length(const char *text, size_t available);

/*
 * Cleans a text for people. Writes it into out, of `size` bytes with the NUL: control characters become
 * spaces, bytes that are not UTF-8 become U+FFFD, spaces at the end are left out, and a text that is too long
 * is cut after a whole character and ends with an ellipsis. Returns the length.
 */
extern size_t wire_clean(const char *text, size_t length, char *out, size_t size);

/*
 * Takes the first element off an array that was scanned as part of an object. *rest begins as the array, and
 * becomes the rest of it. Returns false at the end, or if the value is no array.
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
	WIRE_DATABASE,
	WIRE_READING,
	WIRE_ROWS,
	WIRE_ERROR,
	WIRE_END
} WireFrameKind;

/* A frame whose members have the types of README.md. The spans point into the line. */
typedef struct WireFrame
{
	WireFrameKind kind;
	WireObject object;
} WireFrame;

/*
 * Scans a line and checks types and mandatory members. Returns NULL, or a text that names the fault; it stays
 * until the next call.
 */
extern const char *wire_frame_scan(const char *line, size_t length, WireFrame *frame);

/*
 * The members of schema, relation, unchanged, skipped and referenced frames. Texts are NULL and numbers
 * WIRE_ABSENT if the frame does not have them.
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
	int64_t changed_at; /* milliseconds since 1970; since when the source has had the document */
	WireSpan versions;  /* an array of what wire_version_next() reads */
} WireRelation;

/* What a relation was before. The kind is a piece of the frame, without quotes. */
typedef struct WireVersion
{
	int64_t changed_at; /* milliseconds since 1970 */
	int64_t columns;
	WireSpan kind; /* start is NULL: that of the relation */
	WireSpan document;
} WireVersion;

/* Takes the first version off the member `versions` of a scanned frame. Returns false at the end. */
extern bool wire_version_next(WireSpan *versions, WireVersion *version);

/* Returns the most bytes that the texts of a frame need when decoded, each with its NUL. */
extern size_t wire_texts_size(const WireFrame *frame);

/*
 * Decodes the members of a scanned frame. Its texts go to `texts`, which has room for wire_texts_size()
 * bytes.
 */
extern void wire_relation_read(const WireFrame *frame, char *texts, WireRelation *relation);

typedef struct WireEnd
{
	int64_t schemas;
	int64_t relations;
	int64_t columns;
	int64_t unchanged; /* 0 when it is absent */
	const char *signature;
	int64_t rows; /* or WIRE_ABSENT */
	bool truncated;
} WireEnd;

extern void wire_end_read(const WireFrame *frame, char *texts, WireEnd *end);

/* What follows a rows frame: so many rows in so many bytes. With 0 bytes the rows have no columns. */
typedef struct WireRowsHead
{
	int64_t rows;
	int64_t bytes;
} WireRowsHead;

extern void wire_rows_head_read(const WireFrame *frame, WireRowsHead *rows);

/*
 * A growing buffer for JSON text. When memory runs out, `failed` is set and later writes do nothing: check it
 * once, before sending.
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
/* Appends a quoted, escaped JSON string; invalid UTF-8 becomes U+FFFD. */
extern void wire_append_string(WireBuffer *buffer, const char *bytes, size_t length);
extern void wire_reset(WireBuffer *buffer);
/* Zeroes, then frees. */
extern void wire_free(WireBuffer *buffer);

#endif
