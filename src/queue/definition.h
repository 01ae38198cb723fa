/* definition.h — inside the queue room: passes a definition to a worker in a shared segment of its own. */
#ifndef RG_DEFINITION_SHARED_H
#define RG_DEFINITION_SHARED_H

#include "postgres.h"

#include "storage/dsm.h"

#include "queue.h"

/* The segment lives until the caller detaches, or its transaction ends. */
extern dsm_segment *rg_definition_share(const RgDefinitionToTest *definition, dsm_handle *handle);

/* Copies the definition of a call into the current context; false when its caller has left. */
extern bool rg_call_definition(const RgCall *request, RgDefinitionToTest *definition);

#endif
