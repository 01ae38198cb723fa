/*
 * body.h — reads the body of a frame. No length in it is believed: what does not lie in the body makes it
 * broken, and then everything that is read from it is empty.
 */
#ifndef RG_CASSANDRA_BODY_H
#define RG_CASSANDRA_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Body
{
	const unsigned char *at;
	const unsigned char *end;
	bool is_broken;
} Body;

/* Bytes in a body; `bytes` NULL: null. */
typedef struct Bytes
{
	const unsigned char *bytes;
	size_t length;
} Bytes;

extern Body body_of(const void *bytes, size_t length);
extern size_t body_left(const Body *body);

extern unsigned body_byte(Body *body);
extern unsigned body_short(Body *body);
extern int32_t body_int(Body *body);
extern int64_t body_long(Body *body);

/* So many bytes. */
extern Bytes body_take(Body *body, size_t length);

/* A text behind its length, of 2 or of 4 bytes. */
extern Bytes body_string(Body *body);
extern Bytes body_long_string(Body *body);

/* A value behind its length, of which a negative one is null. */
extern Bytes body_value(Body *body);

/* A number of Cassandra's own form, in 1 to 9 bytes. */
extern uint64_t body_unsigned_vint(Body *body);
extern int64_t body_vint(Body *body);

extern bool bytes_are(Bytes bytes, const char *text);

/* Copies them as a text, which the caller frees. */
extern char *bytes_text(Bytes bytes);

#endif
