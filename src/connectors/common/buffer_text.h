/*
 * buffer_text.h — the text that a buffer was filled with.
 */
#ifndef RG_CONNECTOR_BUFFER_TEXT_H
#define RG_CONNECTOR_BUFFER_TEXT_H

#include "wire/wire.h"

/* Returns the text, which takes no more memory than it has bytes, and frees the buffer. The caller frees it.
 */
extern char *buffer_take_text(WireBuffer *buffer);

#endif
