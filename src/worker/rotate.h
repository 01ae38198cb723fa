/* rotate.h — inside the worker room: changing the key that credentials are sealed for. */
#ifndef RG_ROTATE_H
#define RG_ROTATE_H

#include "queue/queue.h"

extern void rg_rotate_serve(const RgCall *request);
extern void rg_forget_serve(const RgCall *request);

/* Seals credentials again that a rotation left: it was interrupted, or a transaction committed after it. */
extern void rg_rotate_resume(void);

#endif
