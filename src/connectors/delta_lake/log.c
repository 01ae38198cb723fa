#include "connectors/delta_lake/log.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/directory.h"

#define VERSION_DIGITS 20
#define PART_DIGITS    10

/* Of a longer log, the history of older versions is left out: each commit is a file that must be read. */
#define MOST_KEPT 1000

void
delta_broken(const char *path, const char *what)
{
	char detail[512];

	snprintf(detail, sizeof(detail), "%.300s: %s.", path, what);
	give_up(&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "The log of the Delta table is broken.",
					   .detail = detail});
}

void
delta_vanished(const char *path)
{
	give_up(
		&(Failure){.step = "query",
				   .code = "relation_changed",
				   .transient = true,
				   .message = "The Delta table was rewritten while it was read: a file is no longer there.",
				   .detail = path,
				   .hint = "Try again; if the file stays away, it was removed although the log names it."});
}

/* ---- names ---- */

typedef enum LogFileKind
{
	LOG_OTHER,
	LOG_COMMIT,
	LOG_COMPACTED,
	LOG_CHECKPOINT
} LogFileKind;

typedef struct LogFile
{
	const char *name;
	LogFileKind kind;
	int64_t version; /* the first one */
	int64_t last;    /* of LOG_COMPACTED; of others the same */
	int64_t part;    /* of LOG_CHECKPOINT, from 1 */
	int64_t parts;   /* 1: it is whole */
} LogFile;

/* Takes that many digits and the end behind them off the name. */
static bool
take_number(const char **name, size_t digits, const char *end, int64_t *number)
{
	const char *at = *name;

	*number = 0;
	for (size_t i = 0; i < digits; i++, at++)
		if (!isdigit((unsigned char) *at) || __builtin_mul_overflow(*number, 10, number) ||
			__builtin_add_overflow(*number, *at - '0', number))
			return false;
	if (strncmp(at, end, strlen(end)) != 0)
		return false;
	*name = at + strlen(end);
	return true;
}

/* What is behind `N.checkpoint.`: parquet, ‹i›.‹n›.parquet, ‹uuid›.parquet or ‹uuid›.json. */
static LogFileKind
read_checkpoint_name(const char *name, LogFile *file)
{
	const char *rest = name;

	file->part = 1;
	file->parts = 1;
	if (strcmp(name, "parquet") == 0)
		return LOG_CHECKPOINT;
	if (take_number(&rest, PART_DIGITS, ".", &file->part) &&
		take_number(&rest, PART_DIGITS, ".", &file->parts) && strcmp(rest, "parquet") == 0)
		return file->part >= 1 && file->part <= file->parts ? LOG_CHECKPOINT : LOG_OTHER;
	file->part = 1;
	file->parts = 1;
	return strcspn(name, ".") == 36 && (strcmp(name + 36, ".parquet") == 0 || strcmp(name + 36, ".json") == 0)
			   ? LOG_CHECKPOINT
			   : LOG_OTHER;
}

/* Files of other names are none of the log: sums, hints, and what writers have left behind. */
static LogFile
read_name(const char *name)
{
	LogFile file = {.name = name};
	const char *rest = name;

	if (!take_number(&rest, VERSION_DIGITS, ".", &file.version))
		return file;
	file.last = file.version;
	if (strcmp(rest, "json") == 0)
		file.kind = LOG_COMMIT;
	else if (strncmp(rest, "checkpoint.", 11) == 0)
		file.kind = read_checkpoint_name(rest + 11, &file);
	else if (take_number(&rest, VERSION_DIGITS, ".", &file.last) && strcmp(rest, "compacted.json") == 0 &&
			 file.version < file.last)
		file.kind = LOG_COMPACTED;
	return file;
}

/* ---- the checkpoint ---- */

typedef struct LogFiles
{
	LogFile *files; /* in the order of their names, and so of their versions */
	int count;
} LogFiles;

static char *
path_of(const char *name)
{
	char *path = allocate(sizeof(DELTA_LOG_FOLDER) + strlen(name));

	strcpy(path, DELTA_LOG_FOLDER);
	return strcat(path, name);
}

static bool
is_part(const LogFile *file, const LogFile *like)
{
	return file->kind == LOG_CHECKPOINT && file->version == like->version && file->parts == like->parts;
}

/* Names of parts of one checkpoint are in the order of their numbers. */
static bool
has_all_parts(const LogFiles *files, const LogFile *first)
{
	int64_t found = 0;

	if (first->parts == 1)
		return true;
	for (int i = 0; i < files->count; i++)
		if (is_part(&files->files[i], first) && files->files[i].part == found + 1)
			found++;
	return found == first->parts;
}

/* The paths of the parts of a checkpoint. */
static char **
parts_of(const LogFiles *files, const LogFile *first, int *count)
{
	char **parts = allocate((size_t) first->parts * sizeof(char *));

	*count = 0;
	if (first->parts == 1)
	{
		parts[(*count)++] = path_of(first->name);
		return parts;
	}
	for (int i = 0; i < files->count; i++)
		if (is_part(&files->files[i], first))
			parts[(*count)++] = path_of(files->files[i].name);
	return parts;
}

static bool
is_checkpoint(const LogFiles *files, const LogFile *file)
{
	return file->kind == LOG_CHECKPOINT && file->part == 1 && has_all_parts(files, file);
}

/* Returns the version of the newest checkpoint that is complete; -1: there is none. */
static int64_t
take_checkpoint(DeltaLog *log, const LogFiles *files)
{
	for (int i = files->count - 1; i >= 0; i--)
	{
		const LogFile *file = &files->files[i];

		if (!is_checkpoint(files, file))
			continue;
		log->parts = parts_of(files, file, &log->part_count);
		return file->version;
	}
	return -1;
}

/* ---- commits ---- */

/* From the newest version down; of those that end with the same version, the one that begins first. */
static int
order_commits(const void *a, const void *b)
{
	const LogFile *one = a;
	const LogFile *other = b;

	if (one->last != other->last)
		return one->last < other->last ? 1 : -1;
	return (one->version > other->version) - (one->version < other->version);
}

static void give_up_gap(int64_t version) __attribute__((noreturn));

static void
give_up_gap(int64_t version)
{
	char detail[128];

	snprintf(detail, sizeof(detail),
			 "The commit of version %" PRId64 " is missing, between a newer one and the last checkpoint.",
			 version);
	give_up(&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "The log of the Delta table has a gap.",
					   .detail = detail});
}

/* Each version must be in a file, down to the checkpoint. */
static void
take_commits(DeltaLog *log, LogFiles *commits, int64_t checkpoint)
{
	int64_t next = log->version;

	if (commits->count > 1)
		qsort(commits->files, (size_t) commits->count, sizeof(LogFile), order_commits);
	log->commits = allocate((size_t) (commits->count + 1) * sizeof(char *));
	for (int i = 0; i < commits->count; i++)
	{
		const LogFile *file = &commits->files[i];

		if (file->last > next)
			continue;
		if (file->last < next)
			break;
		log->commits[log->commit_count++] = path_of(file->name);
		next = file->version - 1;
	}
	if (next > checkpoint)
		give_up_gap(next);
}

/* ---- what is kept of the history ---- */

/* The oldest checkpoint from which on all commits are kept; NULL: there is none. */
static const LogFile *
first_checkpoint(const LogFiles *files, int64_t oldest)
{
	for (int i = 0; i < files->count; i++)
		if (files->files[i].version >= oldest - 1 && is_checkpoint(files, &files->files[i]))
			return &files->files[i];
	return NULL;
}

static void
take_first(DeltaLog *log, const LogFiles *files, int64_t oldest)
{
	const LogFile *first = first_checkpoint(files, oldest);
	int64_t above;

	if (first == NULL)
		return;
	log->first_parts = parts_of(files, first, &log->first_part_count);
	above = log->version - first->version;
	if (above < log->kept_count)
	{
		log->first_commit = log->kept[above];
		log->kept_count = (int) above;
	}
}

static void
take_kept(DeltaLog *log, const LogFiles *files)
{
	int64_t next = log->version;

	log->kept = allocate((size_t) (files->count + 1) * sizeof(char *));
	for (int i = files->count - 1; i >= 0 && log->kept_count < MOST_KEPT; i--)
	{
		const LogFile *file = &files->files[i];

		if (file->kind != LOG_COMMIT || file->version > next)
			continue;
		if (file->version < next)
			break;
		log->kept[log->kept_count++] = path_of(file->name);
		next--;
	}
	if (next >= 0 && log->kept_count < MOST_KEPT)
		take_first(log, files, next + 1);
}

static void
choose(DeltaLog *log, const LogFiles *files)
{
	int64_t checkpoint = take_checkpoint(log, files);
	LogFiles commits = {.files = allocate((size_t) (files->count + 1) * sizeof(LogFile))};

	log->version = checkpoint;
	for (int i = 0; i < files->count; i++)
	{
		const LogFile *file = &files->files[i];

		if (file->kind == LOG_COMMIT && file->version > log->version)
			log->version = file->version;
		if ((file->kind == LOG_COMMIT || file->kind == LOG_COMPACTED) && file->version > checkpoint)
			commits.files[commits.count++] = *file;
	}
	take_commits(log, &commits, checkpoint);
	take_kept(log, files);
	free(commits.files);
}

/* ---- the log ---- */

static void give_up_folder(const char *message) __attribute__((noreturn));

static void
give_up_folder(const char *message)
{
	give_up(
		&(Failure){.step = "connect",
				   .code = "configuration",
				   .message = message,
				   .hint = "file_path is the folder of one table: the one that has the folder _delta_log."});
}

void
delta_log_read(DeltaLog *log, const StoredFile *folder)
{
	Directory directory;
	LogFiles files = {.count = 0};

	*log = (DeltaLog){.folder = folder};
	if (!directory_list(folder, "_delta_log", &directory))
		give_up_folder("The folder is no Delta table: it has no folder _delta_log.");
	files.files = allocate((size_t) (directory.count + 1) * sizeof(LogFile));
	for (int i = 0; i < directory.count; i++)
	{
		LogFile file = read_name(directory.entries[i].name);

		if (file.kind != LOG_OTHER && !directory.entries[i].is_folder)
			files.files[files.count++] = file;
	}
	choose(log, &files);
	if (log->version < 0)
		give_up_folder("The folder is no Delta table: its folder _delta_log has neither a commit nor a "
					   "complete checkpoint.");
	free(files.files);
	directory_free(&directory);
}

const char *
delta_log_newest(const DeltaLog *log)
{
	return log->commit_count > 0 ? log->commits[0] : log->parts[log->part_count - 1];
}
