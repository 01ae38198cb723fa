#include "connectors/storage_broker/answers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "connectors/common/emit.h"
#include "connectors/storage_broker/questions.h"

#define COLLECTED_BYTES 65536

static WireBuffer collected;

void
answers_flush(void)
{
	const char *at = collected.data;
	size_t left = collected.length;

	if (collected.failed)
		exit(1);
	while (left > 0)
	{
		ssize_t sent = send(CONNECTOR_DESCRIPTOR, at, left, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			exit(0);
		at += sent;
		left -= (size_t) sent;
	}
	wire_reset(&collected);
}

static void
answer(const StoredAnswer *answered, const char *bytes)
{
	wire_append(&collected, (const char *) answered, sizeof(*answered));
	wire_append(&collected, bytes, answered->length);
	if (collected.length >= COLLECTED_BYTES)
		answers_flush();
}

void
answer_nothing(StoredKind kind)
{
	answer(&(StoredAnswer){.kind = kind}, "");
}

void
answer_bytes(const char *bytes, int64_t length)
{
	answer(&(StoredAnswer){.kind = STORED_BYTES, .length = (uint32_t) length}, bytes);
}

static void
give_up_entry(const char *message)
{
	give_up(&(Failure){.step = "query", .code = "protocol", .message = message});
}

void
answer_entry(const ListedObject *object, const char *path)
{
	StoredAnswer entry = {.kind = object->is_folder ? STORED_FOLDER : STORED_FILE,
						  .length = (uint32_t) strlen(path),
						  .size = object->size};
	const char *tag = object->etag ? object->etag : "";

	if (entry.length > STORED_PATH_BYTES)
		give_up_entry("The service names a key of more than 1,024 bytes.");
	if (strlen(tag) >= sizeof(entry.tag))
		give_up_entry("The service's tags of objects are longer than 95 bytes.");
	memcpy(entry.tag, tag, strlen(tag));
	answer(&entry, path);
}

/* ---- failures ---- */

/* Is it what the source has, rather than the storage? */
static bool
is_of_source(const AttemptFailure *failure)
{
	return strcmp(failure->code, "relation_changed") == 0 || strcmp(failure->code, "too_large") == 0;
}

/* The credentials and the bucket are the operator's: no user of a source can mend them. */
static const char *
code_for_users(const AttemptFailure *failure)
{
	if (strcmp(failure->code, "authentication") == 0)
		return "permission";
	return strcmp(failure->code, "database_not_found") == 0 ? "configuration" : failure->code;
}

static void
add_text(char *texts, size_t *length, const char *text)
{
	size_t room = STORED_TEXT_BYTES - *length;
	int written = snprintf(texts + *length, room, "%s", text);

	*length += (size_t) written < room ? (size_t) written + 1 : room;
}

static void
send_failure(const char *step, const char *code, bool transient, const char *message, const char *detail,
			 const char *hint)
{
	char texts[STORED_TEXT_BYTES];
	size_t length = 0;

	add_text(texts, &length, step);
	add_text(texts, &length, code);
	add_text(texts, &length, transient ? "1" : "");
	add_text(texts, &length, message);
	add_text(texts, &length, detail);
	add_text(texts, &length, hint);
	answer(&(StoredAnswer){.kind = STORED_FAILURE, .length = (uint32_t) length}, texts);
}

void
answer_failure(const AttemptFailure *failure)
{
	char detail[sizeof(failure->message) + sizeof(failure->detail)];

	if (is_of_source(failure))
	{
		send_failure(failure->step, failure->code, failure->transient,
					 failure->transient ? "The file was changed while it was read." : failure->message, "",
					 failure->transient ? "Try again." : "");
		return;
	}
	snprintf(detail, sizeof(detail), "%s%s%s", failure->message, failure->detail[0] ? " " : "",
			 failure->detail);
	send_failure(strcmp(failure->step, "authenticate") == 0 ? "connect" : failure->step,
				 code_for_users(failure), failure->transient, "The storage for files cannot be read.", detail,
				 "The operator's settings rivergen.storage_root, rivergen.storage_endpoint and "
				 "rivergen.storage_credentials_file say where it is.");
}
