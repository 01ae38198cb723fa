/*
 * filter.h — which manifests and files cannot have a row that is wanted, by their partitions and by the
 * bounds of their columns.
 */
#ifndef RG_ICEBERG_FILTER_H
#define RG_ICEBERG_FILTER_H

#include "connectors/common/judge.h"
#include "connectors/iceberg/manifest.h"

typedef struct IcebergCondition
{
	Judge judge;
	const char *type; /* of the column, in Iceberg's words */
	int column;       /* its position among those that are read */
} IcebergCondition;

typedef struct IcebergFilter
{
	IcebergCondition *conditions;
	int64_t *ids; /* of their columns, whose bounds are wanted */
	int count;
} IcebergFilter;

/* Makes room for as many conditions as the request has. */
extern void iceberg_filter_begin(IcebergFilter *filter, int conditions);
extern void iceberg_filter_end(IcebergFilter *filter);

/* Takes a condition on a column, which has this type, pg_type and id; one that cannot be used is left out. */
extern void iceberg_filter_take(IcebergFilter *filter, const Condition *condition, int column,
								const char *type, const char *pg_type, int64_t id);

/* May a file of the manifest have a row that fulfils all conditions? */
extern bool iceberg_filter_keeps_manifest(const IcebergFilter *filter, const IcebergManifest *manifest,
										  const IcebergMetadata *metadata);

/* May the file have one? Its parts are those of the columns that are read, its bounds those of the
 * conditions. */
extern bool iceberg_filter_keeps_file(const IcebergFilter *filter, const IcebergFile *file);

/* Appends the value of a part as PostgreSQL reads it in the type. Returns false if it has none. */
extern bool iceberg_part_write(WireBuffer *out, const IcebergPart *part, const char *type);

#endif
