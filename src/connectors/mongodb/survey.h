/*
 * survey.h — the paths of a collection, told from documents that are always the same ones.
 */
#ifndef RG_MONGODB_SURVEY_H
#define RG_MONGODB_SURVEY_H

#include "connectors/inference/paths.h"
#include "connectors/mongodb/collections.h"

/* Returns the paths, or NULL with the server's error. */
extern Paths *survey(Session *session, const Collection *collection, bson_error_t *error);

#endif
