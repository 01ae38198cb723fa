/* inspect.h — inside the worker room: the part of check() that a worker answers. */
#ifndef RG_INSPECT_H
#define RG_INSPECT_H

#include "queue/queue.h"

extern void rg_inspect_serve(const RgCall *request);

#endif
