/*
 * table.h — what a table says of itself: its properties, its timeline, and its present schema. No file of
 * rows is opened for that: the newest schema that an instant names counts, else the one that the table was
 * created with.
 */
#ifndef RG_HUDI_TABLE_H
#define RG_HUDI_TABLE_H

#include "connectors/avro/avro_schema.h"
#include "connectors/hudi/properties.h"
#include "connectors/hudi/timeline.h"

#define HUDI_FOLDER ".hoodie"

typedef struct HudiTable
{
	const StoredFile *folder;
	HudiProperties properties;
	HudiTimeline timeline;
	int version; /* of the format */
} HudiTable;

/* Ends the process if the folder is no table. */
extern void hudi_table_read(HudiTable *table, const StoredFile *folder);

/* Ends the process if the version of its format is not known. */
extern void hudi_table_check(const HudiTable *table);

extern void hudi_table_free(HudiTable *table);

/* Writes what tells one state of the table from another, of STORED_STATE_BYTES at most. */
extern void hudi_table_state(const HudiTable *table, char *state);

/* The value of a property; NULL if there is none, or if it is empty. */
extern const char *hudi_table_setting(const HudiTable *table, const char *name);

/* Returns NULL if nothing names a schema. */
extern AvroSchema *hudi_table_schema(const HudiTable *table);

/* The schema that the instant names; NULL: it names none, or one that is none. */
extern AvroSchema *hudi_instant_schema(const HudiTable *table, const HudiInstant *instant);

/* The name at this place of a property that is a list, which has at most 100; the caller frees it. NULL: it
 * has fewer. */
extern char *hudi_table_listed(const HudiTable *table, const char *name, int place);

extern bool hudi_table_is_merged_on_read(const HudiTable *table);

#endif
