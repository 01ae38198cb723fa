/*
 * protobuf.h — reads messages of Protocol Buffers from memory, field by field.
 */
#ifndef RG_ORC_PROTOBUF_H
#define RG_ORC_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Message
{
	const unsigned char *at;
	const unsigned char *end;
	bool is_broken; /* it ends within a field, or has what is no field */
} Message;

typedef struct MessageField
{
	uint64_t number;
	uint64_t value; /* of an integer; 0 for others */
	Message bytes;  /* of a text, of bytes, or of a message; empty for others */
} MessageField;

extern Message message_of(const void *bytes, size_t length);

/* Returns false at the end, and when the message is broken. */
extern bool message_next(Message *message, MessageField *field);

/* The next one of the integers that a field packs; false at the end. */
extern bool message_next_packed(Message *packed, uint64_t *value);

/* A copy of the bytes as text, up to a NUL. The caller frees it. */
extern char *message_text(const Message *bytes);

#endif
