/*
 * format.h — a file format, as a structure of functions: what relations a file of it has, and their rows.
 * What is the same for all formats (frames, samples, conditions, limits) is not here, so that a format reads
 * a file the same way whether a source is that file, a part of a folder, an object of a bucket or a part of a
 * lake.
 */
#ifndef RG_FILES_FORMAT_H
#define RG_FILES_FORMAT_H

#include "connectors/common/judge.h"
#include "connectors/common/request.h"
#include "connectors/files/storage.h"
#include "wire/wire.h"

typedef struct FileColumn
{
	char *name;
	const char *type;         /* in the format's words */
	const char *pg_type;      /* NULL: text */
	bool not_null;            /* declared by the file */
	bool may_have_categories; /* few different values may be categories */
	char *more; /* further members of the column's document, each with a comma before; or NULL */
} FileColumn;

typedef struct FileVersions FileVersions;

typedef struct FileRelation
{
	const StoredFile *file;
	char *name;
	char *id; /* the same for as long as the path of the file is */
	FileColumn *columns;
	int column_count;
	int64_t rows;           /* ABSENT: not known exactly */
	const char *kind;       /* NULL: file */
	int64_t size;           /* in bytes; 0: that of the file */
	WireBuffer more;        /* further members of the document, each with a comma before */
	WireBuffer options;     /* members of the document's `options`, each with a comma before */
	void *content;          /* the format's own */
	int64_t changed_at;     /* milliseconds since 1970; ABSENT: it is not known since when it is as it is */
	FileVersions *versions; /* what it was before (versions.h); NULL: changed_at is not told, either */
} FileRelation;

typedef struct FileRelations
{
	FileRelation *items;
	int count;
	void *owner; /* of what their contents share; or NULL */
	void (*release)(void *owner);
} FileRelations;

typedef JudgedValue FileValue;

typedef struct Format
{
	const char *what;      /* for people: "a text file" */
	const char *documents; /* another text once the same file would be described in another way */
	bool has_one_relation; /* in each file, named like it */
	bool rows_are_exact;   /* that a survey counts: those that rows_next() would read */

	/* Opens a folder that is one table; NULL: sources are files, and folders of parts. */
	void (*open_folder)(StoredFile *folder);

	/* Ends the process unless the file is of this format, and the metadata of the source says what can be. */
	void (*check)(const Request *request, const StoredFile *file);

	/* Finds the relations of the file and their columns. Same bytes, same answer. */
	void (*survey)(const Request *request, const StoredFile *file, FileRelations *relations);

	/*
	 * Finds name and id of each relation that a file of several may have, without reading their rows; NULL:
	 * it takes as long as the survey.
	 */
	void (*list)(const Request *request, const StoredFile *file, FileRelations *relations);

	/*
	 * Begins to read the columns with these numbers. Rows that cannot fulfil the conditions of `read` may be
	 * left out, if it is not NULL; they are checked by the caller all the same, and must stay until
	 * rows_end(). rows_next() sets as many values as columns are read, which stay until it is called again,
	 * and returns false at the end. NULL: rows are not read.
	 */
	void *(*rows_begin)(const FileRelation *relation, const int *columns, int count, const ReadRequest *read);
	bool (*rows_next)(void *rows, FileValue *values);
	void (*rows_end)(void *rows);

	/*
	 * Of two parts of one table, which have as many columns: gives the columns of both the types that hold
	 * the values of both. Returns false if they are no such parts. It may be called again for the same
	 * relations. NULL: their columns must be the same.
	 */
	bool (*join)(FileRelation *relation, FileRelation *other);
} Format;

#define FILES_SCHEMA "files"

/* The id of the relation of a file that has no other. A relation beside others must have another id. */
#define FILE_ID "file"

/* Adds a relation whose members are empty. It moves when another one is added. */
extern FileRelation *relations_add(FileRelations *relations, const StoredFile *file);

/* Adds a column whose members are empty. It moves when another one is added. */
extern FileColumn *relation_add_column(FileRelation *relation);

extern bool relation_has_column(const FileRelation *relation, const char *name);

extern void relations_free(FileRelations *relations);

/* The name of a relation that has the file's: without the ending that its packing gives it. The caller frees
 * it. */
extern char *file_relation_name(const StoredFile *file);

#endif
