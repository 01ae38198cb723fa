/*
 * footer.h — the footer of a Parquet file: its schema, and where the values of each column are.
 *
 * A part that is damaged ends the process with an error that names it. Texts point into the footer's own
 * bytes.
 */
#ifndef RG_PARQUET_FOOTER_H
#define RG_PARQUET_FOOTER_H

#include "connectors/files/storage.h"
#include "connectors/parquet/thrift.h"

/* As the format numbers them. */
typedef enum PhysicalType
{
	PHYSICAL_NONE = -1, /* a group */
	PHYSICAL_BOOLEAN,
	PHYSICAL_INT32,
	PHYSICAL_INT64,
	PHYSICAL_INT96,
	PHYSICAL_FLOAT,
	PHYSICAL_DOUBLE,
	PHYSICAL_BYTES,
	PHYSICAL_FIXED
} PhysicalType;

typedef enum Repetition
{
	REQUIRED,
	OPTIONAL,
	REPEATED
} Repetition;

/* The logical type, or what the older converted type says in its place. */
typedef enum LogicalType
{
	LOGICAL_NONE,
	LOGICAL_STRING,
	LOGICAL_MAP,
	LOGICAL_LIST,
	LOGICAL_ENUM,
	LOGICAL_DECIMAL,
	LOGICAL_DATE,
	LOGICAL_TIME,
	LOGICAL_TIMESTAMP,
	LOGICAL_INTERVAL,
	LOGICAL_INTEGER,
	LOGICAL_UNKNOWN,
	LOGICAL_JSON,
	LOGICAL_BSON,
	LOGICAL_UUID,
	LOGICAL_FLOAT16,
	LOGICAL_VARIANT,
	LOGICAL_GEOMETRY,
	LOGICAL_GEOGRAPHY
} LogicalType;

/* The numbers are the digits of a second. */
typedef enum TimeUnit
{
	UNIT_MILLISECOND = 3,
	UNIT_MICROSECOND = 6,
	UNIT_NANOSECOND = 9
} TimeUnit;

/* An element of the schema, which is a tree written in the order of its nodes. */
typedef struct SchemaElement
{
	char *name; /* UTF-8 */
	PhysicalType physical;
	int length; /* of PHYSICAL_FIXED */
	Repetition repetition;
	int child_count;
	LogicalType logical;
	int precision;
	int scale;
	TimeUnit unit;
	bool is_utc;
	int bits; /* of LOGICAL_INTEGER */
	bool is_signed;
	ThriftBytes crs;
	int algorithm; /* of LOGICAL_GEOGRAPHY; -1: the usual one */
	bool has_id;
	int32_t id;
} SchemaElement;

typedef struct ColumnStatistics
{
	ThriftBytes least; /* bounds in the order that the column's type has; NULL: not known */
	ThriftBytes greatest;
} ColumnStatistics;

/* The values of a column in one group of rows. */
typedef struct ColumnChunk
{
	PhysicalType physical;
	int codec;
	int64_t offset; /* of the first page */
	int64_t size;
	int64_t value_count; /* of levels */
	const char *refusal; /* why it cannot be read, or NULL */
	ColumnStatistics statistics;
} ColumnChunk;

typedef struct RowGroup
{
	int64_t row_count;
	int chunk_count;
	ColumnChunk *chunks;
} RowGroup;

typedef struct Footer
{
	const StoredFile *file;
	char *bytes;
	SchemaElement *elements;
	int element_count;
	RowGroup *groups;
	int group_count;
	int64_t row_count;
	int64_t order_count; /* of columns whose statistics have a defined order, from the first leaf on */
	bool *orders;
	bool is_of_iceberg;
} Footer;

typedef enum FooterKind
{
	FOOTER_PLAIN,
	FOOTER_ENCRYPTED,
	FOOTER_NONE /* no Parquet file */
} FooterKind;

/* What the file's last bytes say. */
extern FooterKind footer_kind(const StoredFile *file);

/* Of a file whose footer is plain. */
extern void footer_read(Footer *footer, const StoredFile *file);
extern void footer_free(Footer *footer);

/* Ends the process: what is in the file cannot be. */
extern void give_up_damaged(const StoredFile *file, const char *what) __attribute__((noreturn));

/* The same, of a column. */
extern void give_up_column(const StoredFile *file, const char *column, const char *code, const char *what)
	__attribute__((noreturn));

#endif
