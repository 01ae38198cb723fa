/* definition.h — inside the queue room: a definition on its way to a worker, in a shared segment of its own.
 */
#ifndef RG_DEFINITION_SHARED_H
#define RG_DEFINITION_SHARED_H

#include "postgres.h"

#include "storage/dsm.h"

#include "queue.h"

/* The segment lives until the caller detaches, or its transaction ends. */
extern dsm_segment *rg_definition_share(const RgDefinitionToTest *definition, dsm_handle *handle);

/* The definition of a request, copied into the current context; false when its caller has gone. */
extern bool rg_call_definition(const RgCall *request, RgDefinitionToTest *definition);

#endif
