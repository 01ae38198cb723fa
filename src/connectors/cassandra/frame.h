/*
 * frame.h — frames of the CQL binary protocol, version 4, on a connection. One request is under way at a
 * time.
 */
#ifndef RG_CASSANDRA_FRAME_H
#define RG_CASSANDRA_FRAME_H

#include "connectors/cassandra/body.h"
#include "connectors/tcp/connection.h"
#include "wire/wire.h"

#define MOST_FRAME_BYTES (16 * 1024 * 1024)

typedef enum Opcode
{
	OPCODE_ERROR = 0x00,
	OPCODE_STARTUP = 0x01,
	OPCODE_READY = 0x02,
	OPCODE_AUTHENTICATE = 0x03,
	OPCODE_OPTIONS = 0x05,
	OPCODE_SUPPORTED = 0x06,
	OPCODE_QUERY = 0x07,
	OPCODE_RESULT = 0x08,
	OPCODE_AUTH_CHALLENGE = 0x0E,
	OPCODE_AUTH_RESPONSE = 0x0F,
	OPCODE_AUTH_SUCCESS = 0x10
} Opcode;

typedef enum FrameState
{
	FRAME_FINE,
	FRAME_LOST,          /* tcp_failure() says why */
	FRAME_NOT_CQL,       /* the bytes are no answer of this protocol */
	FRAME_OTHER_VERSION, /* the server speaks another version only */
	FRAME_TOO_LONG       /* it was passed over: the connection can be used */
} FrameState;

/* Bytes that were received and not yet taken, and the last frame. */
typedef struct FrameReader
{
	TcpConnection *connection;
	unsigned char piece[16384];
	size_t start;
	size_t end;
	WireBuffer frame;
} FrameReader;

extern bool frame_send(TcpConnection *connection, Opcode opcode, const WireBuffer *body);

/*
 * Waits for the answer. Its body, without what the server adds to every frame (tracing, warnings, payload),
 * stays until the next call.
 */
extern FrameState frame_receive(FrameReader *reader, Opcode *opcode, Body *body);

extern void frame_reader_free(FrameReader *reader);

/* Parts of a request's body. */
extern void put_byte(WireBuffer *body, unsigned number);
extern void put_short(WireBuffer *body, unsigned number);
extern void put_int(WireBuffer *body, int32_t number);
extern void put_long(WireBuffer *body, int64_t number);
extern void put_string(WireBuffer *body, const char *text);
extern void put_long_string(WireBuffer *body, const char *text, size_t length);

#endif
