/* inspect.h — inside the worker room: what check() asks a worker. */
#ifndef RG_INSPECT_H
#define RG_INSPECT_H

#include "queue/queue.h"

extern void rg_inspect_serve(const RgCall *request);

#endif
