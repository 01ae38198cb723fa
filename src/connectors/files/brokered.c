#include "connectors/files/brokered.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/directory.h"
#include "connectors/files/ranges.h"
#include "connectors/files/tree.h"
#include "wire/stored.h"

_Static_assert(MOST_RANGE_BYTES <= STORED_RANGE_BYTES, "a range is answered at once");

static int broker = -1;

typedef struct BrokeredFile
{
	char *path; /* from the source on */
	char tag[STORED_TAG_BYTES];
	Ranges ranges;
} BrokeredFile;

static void give_up_broker(const char *message) __attribute__((noreturn));

static void
give_up_broker(const char *message)
{
	give_up(&(Failure){.step = "query",
					   .code = "internal",
					   .transient = true,
					   .message = message,
					   .hint = "The server's log may say more."});
}

/* ---- questions and answers ---- */

static void
send_bytes(const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0)
	{
		ssize_t sent = send(broker, at, length, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			give_up_broker("The process that reads the storage has ended.");
		at += sent;
		length -= (size_t) sent;
	}
}

static void
receive_bytes(void *bytes, size_t length)
{
	char *at = bytes;

	while (length > 0)
	{
		ssize_t received = read(broker, at, length);

		if (received < 0 && errno == EINTR)
			continue;
		if (received <= 0)
			give_up_broker("The process that reads the storage has ended.");
		at += received;
		length -= (size_t) received;
	}
}

static void
ask(StoredQuestion *question, const char *path)
{
	size_t length = strlen(path);

	if (length > STORED_PATH_BYTES)
		give_up_folder("too_large", "A path in the storage is longer than 1,024 bytes.", path, NULL);
	question->path_length = (uint32_t) length;
	send_bytes(question, sizeof(*question));
	send_bytes(path, length);
}

static void report_failure(const char *text, size_t length) __attribute__((noreturn));

/* Six texts; what a broken broker leaves out is empty. */
static void
report_failure(const char *text, size_t length)
{
	const char *texts[6] = {"", "", "", "", "", ""};
	size_t at = 0;

	for (size_t i = 0; i < 6 && at < length; i++)
	{
		texts[i] = text + at;
		at += strlen(text + at) + 1;
	}
	if (texts[3][0] == '\0')
		give_up_broker("The process that reads the storage has failed.");
	give_up(&(Failure){.step = texts[0],
					   .code = texts[1],
					   .transient = texts[2][0] != '\0',
					   .message = texts[3],
					   .detail = texts[4][0] != '\0' ? texts[4] : NULL,
					   .hint = texts[5][0] != '\0' ? texts[5] : NULL});
}

static void
check_answer(StoredAnswer *answer)
{
	size_t most = answer->kind == STORED_BYTES     ? STORED_RANGE_BYTES
				  : answer->kind == STORED_FAILURE ? STORED_TEXT_BYTES
												   : STORED_PATH_BYTES;

	if (answer->kind >= STORED_KINDS || answer->length > most || answer->size < 0)
		give_up_broker("The process that reads the storage answers what is no answer.");
	answer->tag[STORED_TAG_BYTES - 1] = '\0';
}

/* Returns the bytes behind the answer, with a NUL, for the caller to free. */
static char *
hear(StoredAnswer *answer)
{
	char *bytes;

	for (;;)
	{
		receive_bytes(answer, sizeof(*answer));
		check_answer(answer);
		bytes = allocate((size_t) answer->length + 1);
		receive_bytes(bytes, answer->length);
		bytes[answer->length] = '\0';
		if (answer->kind == STORED_FAILURE)
			report_failure(bytes, answer->length);
		if (answer->kind != STORED_WAITING)
			return bytes;
		free(bytes);
		emit_progress("read", ABSENT);
	}
}

/* Asks what the path is. */
static StoredAnswer
look_up(const char *path)
{
	StoredQuestion question = {.operation = STORED_FIND};
	StoredAnswer answer;

	ask(&question, path);
	free(hear(&answer));
	return answer;
}

/* ---- files ---- */

static void
write_state(const StoredAnswer *answer, char *state)
{
	snprintf(state, STORED_STATE_BYTES, "%" PRId64 " %s", answer->size, answer->tag);
}

static char *
fetch(const void *of, int64_t offset, int64_t length)
{
	const BrokeredFile *file = of;
	StoredQuestion question = {
		.operation = STORED_READ, .offset = offset, .length = length, .size = file->ranges.size};
	StoredAnswer answer;
	char *bytes;

	memcpy(question.tag, file->tag, sizeof(question.tag));
	ask(&question, file->path);
	bytes = hear(&answer);
	if (answer.kind != STORED_BYTES || (int64_t) answer.length != length)
		give_up_broker("The process that reads the storage has not sent what it was asked for.");
	return bytes;
}

static size_t
read_file(const StoredFile *file, void *bytes, size_t size, int64_t offset)
{
	BrokeredFile *brokered = file->object;

	return ranges_read(&brokered->ranges, bytes, size, offset);
}

/* Each range was asked for under that condition. */
static bool
is_unchanged(const StoredFile *file)
{
	(void) file;
	return true;
}

static void
close_file(StoredFile *file)
{
	BrokeredFile *brokered = file->object;

	if (brokered == NULL)
		return;
	ranges_end(&brokered->ranges);
	free(brokered->path);
	free(brokered);
	file->object = NULL;
}

static const Storage brokered_files = {.read = read_file, .is_unchanged = is_unchanged, .close = close_file};

static void
take_file(StoredFile *file, const char *path, const char *name, const StoredAnswer *answer)
{
	BrokeredFile *brokered = allocate(sizeof(BrokeredFile));

	*brokered = (BrokeredFile){.path = copy_text(path),
							   .ranges = {.fetch = fetch, .file = brokered, .size = answer->size}};
	memcpy(brokered->tag, answer->tag, sizeof(brokered->tag));
	*file = (StoredFile){
		.storage = &brokered_files, .name = name, .size = answer->size, .descriptor = -1, .object = brokered};
	write_state(answer, file->state);
}

static bool
open_file(const StoredFile *folder, const char *path, StoredFile *file)
{
	const char *slash = strrchr(path, '/');
	StoredAnswer answer;

	(void) folder;
	if (!stored_leads_below(path))
		return false;
	answer = look_up(path);
	if (answer.kind != STORED_FILE)
		return false;
	take_file(file, path, slash ? slash + 1 : path, &answer);
	return true;
}

/* The list has told size and tag, which every range is asked for with. */
static void
open_listed(const TreeFile *listed, StoredFile *file)
{
	const char *slash = strrchr(listed->path, '/');
	StoredAnswer answer = {.kind = STORED_FILE, .size = listed->size};

	snprintf(answer.tag, sizeof(answer.tag), "%s", strchr(listed->state, ' ') + 1);
	take_file(file, listed->path, slash ? slash + 1 : listed->path, &answer);
}

/* ---- folders ---- */

static bool
is_passed_over(const char *path)
{
	for (const char *name = path; name != NULL; name = strchr(name, '/'))
	{
		name += *name == '/';
		if (tree_passes_over(name))
			return true;
	}
	return false;
}

static int
depth_of(const char *path)
{
	int depth = 0;

	for (const char *at = path; *at != '\0'; at++)
		depth += *at == '/';
	return depth;
}

/* A key with an empty part, or one that a path cannot have, is no file of a folder. */
static bool
is_a_path(const char *path)
{
	static bool is_told;

	if (stored_leads_below(path))
		return true;
	if (!is_told)
		emit_log("warning", "Objects are passed over whose keys have a part that is empty, `.` or `..`.");
	is_told = true;
	return false;
}

static void
add_to_tree(Tree *tree, const char *path, const StoredAnswer *answer)
{
	if (is_passed_over(path) || !is_a_path(path))
		return;
	if (depth_of(path) > MOST_TREE_DEPTH)
		give_up_folder("too_large", "The folder has more than 16 levels.", path, NULL);
	write_state(answer, tree_add(tree, path, answer->size)->state);
}

static void
list_tree(const StoredFile *folder, Tree *tree)
{
	StoredQuestion question = {.operation = STORED_TREE};
	StoredAnswer answer;

	(void) folder;
	ask(&question, "");
	do
	{
		char *path = hear(&answer);

		if (answer.kind == STORED_FILE)
			add_to_tree(tree, path, &answer);
		free(path);
	} while (answer.kind == STORED_FILE);
}

static bool
list(const StoredFile *folder, const char *path, Directory *directory)
{
	StoredQuestion question = {.operation = STORED_LIST};
	StoredAnswer answer;

	(void) folder;
	if (path[0] != '\0' && !stored_leads_below(path))
		return false;
	ask(&question, path);
	do
	{
		char *name = hear(&answer);

		if ((answer.kind == STORED_FILE || answer.kind == STORED_FOLDER) && is_a_path(name))
			directory_add(directory, name, answer.kind == STORED_FOLDER);
		free(name);
	} while (answer.kind == STORED_FILE || answer.kind == STORED_FOLDER);
	return directory->count > 0;
}

static const Below brokered_below = {
	.list_tree = list_tree, .list = list, .open = open_file, .open_listed = open_listed};

bool
brokered_take(StoredFile *file, int descriptor)
{
	const char *name = file->name;
	StoredAnswer answer;

	broker = descriptor;
	answer = look_up("");
	if (answer.kind == STORED_NOTHING)
		give_up(&(Failure){
			.step = "connect", .code = "database_not_found", .message = "The file does not exist."});
	if (answer.kind == STORED_FILE)
	{
		take_file(file, "", name, &answer);
		return true;
	}
	*file = (StoredFile){.name = name, .descriptor = -1, .below = &brokered_below};
	return false;
}
