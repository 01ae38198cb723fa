/*
 * file_name.h — the names of the files in which a table has its rows: ‹group›_‹token›_‹time›.parquet is a
 * base file, .‹group›_‹time›.log.‹number›_‹token› a log file. Times are those at which an instant begins.
 */
#ifndef RG_HUDI_FILE_NAME_H
#define RG_HUDI_FILE_NAME_H

#include <stdbool.h>

typedef struct HudiFileName
{
	const char *name;
	char *group;
	char *time;
	bool is_log;
} HudiFileName;

/* Returns false if the file is neither. */
extern bool hudi_file_name_parse(HudiFileName *parsed, const char *name);
extern void hudi_file_name_free(HudiFileName *parsed);

#endif
