/*
 * codec.h — inside the room: unpacks the blocks of a file.
 */
#ifndef RG_AVRO_CODEC_H
#define RG_AVRO_CODEC_H

#include "connectors/avro/avro_file.h"

/* The codec of that name; NULL is none. One that is not read ends the process. */
extern AvroCodec avro_codec(const char *name, size_t length);

/* Unpacks the block, and sets where its objects are. */
extern void avro_unpack(AvroFile *avro, size_t packed_length);

#endif
