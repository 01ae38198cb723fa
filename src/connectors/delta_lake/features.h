/*
 * features.h — what a reader must know to read a table, as its protocol names it.
 */
#ifndef RG_DELTA_FEATURES_H
#define RG_DELTA_FEATURES_H

#include "connectors/delta_lake/snapshot.h"

/* Logs what this connector does not know; the table is described all the same. */
extern void delta_features_log(const DeltaSnapshot *snapshot);

/* Ends the process if there is such a thing: its rows would be wrong. */
extern void delta_features_must_be_known(const DeltaSnapshot *snapshot);

#endif
