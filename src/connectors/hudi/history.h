/*
 * history.h — what a table was before, as the instants of its timeline say that are not archived.
 */
#ifndef RG_HUDI_HISTORY_H
#define RG_HUDI_HISTORY_H

#include "connectors/files/format.h"
#include "connectors/hudi/evolution.h"

/*
 * Gives the relation its versions, and the time of the present one. The digits of an instant are taken for a
 * time of UTC: a table does not say where its writer was, unless its timeline is one of UTC.
 */
extern void hudi_history_add(FileRelation *relation, const Request *request, const HudiTable *table,
							 const HudiEvolution *evolution);

#endif
