#include "connectors/iceberg/deletes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/hash.h"
#include "connectors/common/memory.h"
#include "connectors/iceberg/data_file.h"
#include "connectors/iceberg/evolution.h"
#include "connectors/iceberg/vector.h"

/* Ids of the columns of a file of positions. */
#define ID_OF_POSITION 2147483545
#define ID_OF_PATH     2147483546

/* Positions that one file of deletes has of one file of rows. */
typedef struct Piece
{
	int64_t sequence; /* of the deletes */
	size_t first;     /* in the positions of all */
	size_t count;
	size_t next; /* of the same file: its number + 1; 0: there is none */
} Piece;

typedef struct DeletedFile
{
	char *path;    /* as the manifests have it; NULL: the place is free */
	size_t pieces; /* the last one's number + 1 */
	IcebergVectorPlace vector;
} DeletedFile;

struct IcebergDeletes
{
	DeletedFile *files; /* by the hash of the path */
	size_t size;        /* a power of two */
	size_t count;
	Piece *pieces;
	size_t piece_count;
	int64_t *positions;
	size_t position_count;
};

/* ---- files by their paths ---- */

static DeletedFile *
find_place(DeletedFile *files, size_t size, const char *path, size_t length)
{
	size_t at = (size_t) hash_bytes(HASH_BEGINS, path, length) & (size - 1);

	while (files[at].path && (strncmp(files[at].path, path, length) != 0 || files[at].path[length] != '\0'))
		at = (at + 1) & (size - 1);
	return &files[at];
}

static void
make_places(IcebergDeletes *deletes, size_t size)
{
	DeletedFile *files = allocate(size * sizeof(DeletedFile));

	for (size_t i = 0; i < size; i++)
		files[i] = (DeletedFile){.path = NULL};
	for (size_t i = 0; i < deletes->size; i++)
		if (deletes->files[i].path)
			*find_place(files, size, deletes->files[i].path, strlen(deletes->files[i].path)) =
				deletes->files[i];
	free(deletes->files);
	deletes->files = files;
	deletes->size = size;
}

static DeletedFile *
take_file(IcebergDeletes *deletes, const char *path, size_t length)
{
	DeletedFile *file;

	if (2 * (deletes->count + 1) > deletes->size)
		make_places(deletes, deletes->size == 0 ? 64 : 2 * deletes->size);
	file = find_place(deletes->files, deletes->size, path, length);
	if (file->path == NULL)
	{
		file->path = allocate(length + 1);
		memcpy(file->path, path, length);
		file->path[length] = '\0';
		deletes->count++;
	}
	return file;
}

/* ---- files of positions ---- */

/* Room is made for a power of two. */
static void *
make_room(void *items, size_t count, size_t size)
{
	return (count & (count - 1)) == 0 ? reallocate(items, (count == 0 ? 1 : 2 * count) * size) : items;
}

static void
begin_piece(IcebergDeletes *deletes, DeletedFile *file, int64_t sequence)
{
	deletes->pieces = make_room(deletes->pieces, deletes->piece_count, sizeof(Piece));
	deletes->pieces[deletes->piece_count++] =
		(Piece){.sequence = sequence, .first = deletes->position_count, .next = file->pieces};
	file->pieces = deletes->piece_count;
}

static void
add_position(IcebergDeletes *deletes, int64_t position)
{
	if (deletes->position_count == MOST_DELETED_POSITIONS)
		give_up(&(Failure){.step = "query",
						   .code = "too_large",
						   .message = "The Iceberg table has more than 20,000,000 deleted rows in its files.",
						   .hint = "Compaction of the table removes them."});
	deletes->positions = make_room(deletes->positions, deletes->position_count, sizeof(int64_t));
	deletes->positions[deletes->position_count++] = position;
	deletes->pieces[deletes->piece_count - 1].count++;
}

static void broken_deletes(const char *what) __attribute__((noreturn));

static void
broken_deletes(const char *what)
{
	give_up(&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "A file of deleted positions of the Iceberg table is broken.",
					   .detail = what});
}

static void
take_position(IcebergDeletes *deletes, const DeletedFile *file, const FileValue *value)
{
	char digits[24];
	char *end;
	long long position;

	snprintf(digits, sizeof(digits), "%.*s", (int) (value->length < 23 ? value->length : 23),
			 value->bytes ? value->bytes : "");
	position = strtoll(digits, &end, 10);
	if (file == NULL || end == digits || *end != '\0' || position < 0)
		broken_deletes("a row has no path or no position");
	add_position(deletes, position);
}

/* Rows of one file follow each other. */
static void
take_positions(IcebergDeletes *deletes, IcebergDataFile *data, int64_t sequence)
{
	FileValue values[2];
	DeletedFile *file = NULL;

	while (iceberg_data_file_next(data, values))
	{
		const char *path = values[0].bytes ? values[0].bytes : "";

		if (file == NULL || strncmp(file->path, path, values[0].length) != 0 ||
			file->path[values[0].length] != '\0')
		{
			file = take_file(deletes, path, values[0].length);
			begin_piece(deletes, file, sequence);
		}
		take_position(deletes, file, &values[1]);
	}
}

static void
read_positions(IcebergDeletes *deletes, const IcebergFile *listed, const StoredFile *folder)
{
	static const ReadRequest everything = {.limit = NO_LIMIT, .sample = NO_LIMIT};
	IcebergDataFile data;
	int columns[2];

	iceberg_data_file_open(&data, folder, listed);
	columns[0] = iceberg_find_stored(data.fields, ID_OF_PATH);
	columns[1] = iceberg_find_stored(data.fields, ID_OF_POSITION);
	if (columns[0] < 0 || columns[1] < 0)
		broken_deletes("it has not the columns of paths and positions");
	iceberg_data_file_begin(&data, columns, 2, &everything);
	take_positions(deletes, &data, listed->sequence);
	iceberg_data_file_close(&data);
}

/* ---- all of them ---- */

static void
take_vector(IcebergDeletes *deletes, const IcebergFile *listed)
{
	DeletedFile *file = take_file(deletes, listed->referenced.bytes, listed->referenced.length);

	if (file->vector.path)
		broken_deletes("a file of rows has two deletion vectors");
	iceberg_vector_place(&file->vector, listed);
}

static void
take_deletes(IcebergDeletes *deletes, const IcebergFile *listed, const StoredFile *folder)
{
	if (listed->content == CONTENT_EQUALITY_DELETES)
		give_up(&(Failure){.step = "query",
						   .code = "unsupported",
						   .message = "The Iceberg table has equality deletes, which are not read.",
						   .hint = "After its deletes have been compacted, the table can be read."});
	if (listed->content != CONTENT_POSITION_DELETES)
		return;
	if (listed->offset >= 0 && listed->referenced.length > 0)
		take_vector(deletes, listed);
	else
		read_positions(deletes, listed, folder);
}

static void
take_manifest(IcebergDeletes *deletes, const IcebergManifest *manifest, const StoredFile *folder)
{
	IcebergManifestReader reader;
	const IcebergFile *listed;

	iceberg_manifest_open(&reader, manifest, folder);
	iceberg_manifest_want(&reader, NULL, 0, NULL, 0);
	while ((listed = iceberg_manifest_next(&reader)) != NULL)
		take_deletes(deletes, listed, folder);
	iceberg_manifest_close(&reader);
}

IcebergDeletes *
iceberg_deletes_read(const IcebergManifests *manifests, const StoredFile *folder)
{
	IcebergDeletes *deletes = allocate(sizeof(IcebergDeletes));

	*deletes = (IcebergDeletes){.count = 0};
	for (int i = 0; i < manifests->count; i++)
		if (manifests->items[i].is_deletes)
			take_manifest(deletes, &manifests->items[i], folder);
	if (deletes->count > 0)
		return deletes;
	iceberg_deletes_free(deletes);
	return NULL;
}

void
iceberg_deletes_free(IcebergDeletes *deletes)
{
	if (deletes == NULL)
		return;
	for (size_t i = 0; i < deletes->size; i++)
	{
		free(deletes->files[i].path);
		iceberg_vector_place_free(&deletes->files[i].vector);
	}
	free(deletes->files);
	free(deletes->pieces);
	free(deletes->positions);
	free(deletes);
}

/* ---- of one file ---- */

static int
order_positions(const void *a, const void *b)
{
	int64_t one = *(const int64_t *) a;
	int64_t other = *(const int64_t *) b;

	return (one > other) - (one < other);
}

/* Deletes that are older than the file do not concern it. */
static void
collect(IcebergDeleted *deleted, const IcebergDeletes *deletes, const DeletedFile *file, int64_t sequence)
{
	size_t room = 0;

	for (size_t i = file->pieces; i > 0; i = deletes->pieces[i - 1].next)
		room += deletes->pieces[i - 1].count;
	deleted->positions = allocate((room + 1) * sizeof(int64_t));
	for (size_t i = file->pieces; i > 0; i = deletes->pieces[i - 1].next)
	{
		const Piece *piece = &deletes->pieces[i - 1];

		if (piece->sequence < sequence)
			continue;
		memcpy(deleted->positions + deleted->count, deletes->positions + piece->first,
			   piece->count * sizeof(int64_t));
		deleted->count += piece->count;
	}
	qsort(deleted->positions, deleted->count, sizeof(int64_t), order_positions);
}

/* Beside a vector, files of positions do not count. */
bool
iceberg_deleted_begin(IcebergDeleted *deleted, const IcebergDeletes *deletes, const StoredFile *folder,
					  const IcebergFile *file)
{
	const DeletedFile *found;

	*deleted = (IcebergDeleted){.positions = NULL};
	if (deletes == NULL)
		return false;
	found = find_place(deletes->files, deletes->size, file->path.bytes, file->path.length);
	if (found->path == NULL)
		return false;
	if (found->vector.path && found->vector.sequence >= file->sequence)
	{
		deleted->bytes = iceberg_vector_read(&found->vector, folder, &deleted->vector);
		deleted->has_vector = true;
		return true;
	}
	collect(deleted, deletes, found, file->sequence);
	return deleted->count > 0;
}

bool
iceberg_deleted_has(IcebergDeleted *deleted, int64_t row)
{
	if (deleted->has_vector)
		return roaring_has(&deleted->vector, (uint64_t) row);
	while (deleted->next < deleted->count && deleted->positions[deleted->next] < row)
		deleted->next++;
	return deleted->next < deleted->count && deleted->positions[deleted->next] == row;
}

void
iceberg_deleted_end(IcebergDeleted *deleted)
{
	roaring_free(&deleted->vector);
	free(deleted->bytes);
	free(deleted->positions);
	*deleted = (IcebergDeleted){.positions = NULL};
}
