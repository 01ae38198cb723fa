/*
 * thrift.h — reads Thrift's compact protocol, in which Parquet writes its footer and the headers of its
 * pages.
 *
 * A fault is kept, and all that is read after it is zero or empty: callers look once at the end.
 */
#ifndef RG_PARQUET_THRIFT_H
#define RG_PARQUET_THRIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Thrift
{
	const unsigned char *next;
	const unsigned char *end;
	int depth;
	bool is_short;     /* the bytes end before the structure does */
	const char *fault; /* a static text, or NULL */
} Thrift;

/* Bytes of the text that is read. */
typedef struct ThriftBytes
{
	const char *start; /* NULL: absent */
	size_t length;
} ThriftBytes;

typedef struct ThriftField
{
	int id;   /* 0 before the first field */
	int type; /* of the protocol */
} ThriftField;

extern void thrift_begin(Thrift *in, const void *bytes, size_t length);

/* The next field of a structure, whose value has to be read or skipped. Returns false at its end. */
extern bool thrift_next(Thrift *in, ThriftField *field);

/* Around the fields of a structure. Returns false if structures are nested too deep. */
extern bool thrift_enter(Thrift *in);
extern void thrift_leave(Thrift *in);

/* The value of the field. One of another type is a fault. */
extern int64_t thrift_i64(Thrift *in, const ThriftField *field);
extern int32_t thrift_i32(Thrift *in, const ThriftField *field);
extern bool thrift_boolean(Thrift *in, const ThriftField *field);
extern ThriftBytes thrift_bytes(Thrift *in, const ThriftField *field);

/*
 * Begins a list whose elements have at least so many bytes: more of them than there are bytes for is a fault.
 * Returns how many elements there are; `element` gets their type.
 */
extern int64_t thrift_list(Thrift *in, const ThriftField *field, int least, ThriftField *element);

/* Begins a structure: that of the field, or an element of a list. Returns false after a fault. */
extern bool thrift_structure(Thrift *in, const ThriftField *field);

extern void thrift_skip(Thrift *in, const ThriftField *field);

#endif
