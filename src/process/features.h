/*
 * features.h — what the kernel offers.
 */
#ifndef RG_PROCESS_FEATURES_H
#define RG_PROCESS_FEATURES_H

#include "postgres.h"

#include "process.h"

extern RgFeatures rg_process_features(void);

#endif
