/*
 * document.h — turns a chunk's rows into frames.
 */
#ifndef RG_POSTGRESQL_DOCUMENT_H
#define RG_POSTGRESQL_DOCUMENT_H

#include "connectors/postgresql/chunk.h"

/* Emits every relation of the chunk, as a relation or as skipped. */
extern void emit_chunk(const Chunk *chunk, Discovery *discovery);

#endif
