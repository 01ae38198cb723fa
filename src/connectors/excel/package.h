/*
 * package.h — the zip archive that a workbook is, and its parts. The archive says how long each part is when
 * it is unpacked: what it says is bounded, and no part gives more than that.
 */
#ifndef RG_EXCEL_PACKAGE_H
#define RG_EXCEL_PACKAGE_H

#include "connectors/files/storage.h"

#define MOST_PARTS 10000
/* Of all parts together. */
#define MOST_PACKAGE_BYTES (INT64_C(512) << 20)
/* Past the first megabyte, of the packed size. */
#define MOST_PART_RATIO 200

typedef struct Package Package;
typedef struct Part Part;

/* Ends the process if the file is no zip archive, or passes a bound. */
extern Package *package_open(const StoredFile *file);
extern void package_close(Package *package);

/* Is there a part of this name? Upper and lower case are the same. */
extern bool package_has(const Package *package, const char *name);

/* Ends the process if there is no such part, or if it is encrypted. */
extern Part *part_open(const Package *package, const char *name);

/* Returns how many bytes there are: 0 at the end. */
extern size_t part_read(Part *part, char *bytes, size_t size);
extern void part_close(Part *part);

#endif
