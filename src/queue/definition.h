/* definition.h — inside the queue room: a definition on its way to a worker, in a shared segment of its own.
 */
#ifndef RG_DEFINITION_SHARED_H
#define RG_DEFINITION_SHARED_H

#include "queue.h"

#include "storage/dsm.h"

/* The segment lives until the caller detaches, or its transaction ends. */
extern dsm_segment *rg_definition_share(const RgDefinitionToTest *definition, dsm_handle *handle);

#endif
