/* versions.h — what must hold of the versions that a format tells of a table. */
#ifndef RG_FUZZ_VERSIONS_H
#define RG_FUZZ_VERSIONS_H

#include "connectors/files/format.h"

/* Most bytes of a document with the versions before it. */
#define MOST_LINE (1 << 20)

/* The frame that tells a relation with its versions is one of the protocol. */
extern void fuzz_check_versions(const FileRelation *relation);

#endif
