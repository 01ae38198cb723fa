#include "connectors/storage_broker/questions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connectors/bucket/fetch.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/storage_broker/answers.h"

/* One that has been read, and checked. */
typedef struct Asked
{
	Account *account;
	StoredQuestion question;
	char path[STORED_PATH_BYTES + 1];
} Asked;

/* ---- reading ---- */

/* Returns false at the end. */
static bool
receive(void *bytes, size_t length)
{
	char *at = bytes;

	while (length > 0)
	{
		ssize_t received = read(CONNECTOR_DESCRIPTOR, at, length);

		if (received < 0 && errno == EINTR)
			continue;
		if (received <= 0)
			return false;
		at += received;
		length -= (size_t) received;
	}
	return true;
}

static bool
is_range(const StoredQuestion *question)
{
	return question->length > 0 && question->length <= STORED_RANGE_BYTES && question->offset >= 0 &&
		   question->size > 0 && question->offset <= question->size - question->length;
}

/* A connector that is what it should be asks nothing else. */
static bool
is_fine(const Asked *asked)
{
	const StoredQuestion *question = &asked->question;

	if (question->operation >= STORED_OPERATIONS || strlen(asked->path) != question->path_length ||
		memchr(question->tag, '\0', sizeof(question->tag)) == NULL || strpbrk(question->tag, "\r\n") != NULL)
		return false;
	if (asked->path[0] != '\0' && !stored_leads_below(asked->path))
		return false;
	return question->operation != STORED_READ || is_range(question);
}

static bool
hear(Asked *asked)
{
	if (!receive(&asked->question, sizeof(asked->question)) ||
		asked->question.path_length > STORED_PATH_BYTES || !receive(asked->path, asked->question.path_length))
		return false;
	asked->path[asked->question.path_length] = '\0';
	return is_fine(asked);
}

/* ---- answering ---- */

/* The key of the path; as a prefix it ends in a slash. The caller frees it. */
static char *
key_of(const Asked *asked, bool is_prefix)
{
	WireBuffer key = {0};

	wire_append_text(&key, asked->account->bucket.path);
	if (asked->path[0] != '\0')
		wire_append_text(&key, "/");
	wire_append_text(&key, asked->path);
	wire_append(&key, "/", is_prefix ? 1 : 0);
	wire_append(&key, "", 1);
	if (key.failed)
		give_up_out_of_memory();
	return key.data;
}

/* Is there anything below the path? */
static bool
is_folder(const Asked *asked)
{
	char *prefix = key_of(asked, true);
	HttpFailure failure;
	Listing listing;
	bool is_found;

	if (!listing_read(&listing, &asked->account->bucket, prefix, 1, &failure))
		http_failure_report(&failure);
	is_found = listing.count > 0;
	listing_free(&listing);
	free(prefix);
	return is_found;
}

static void
drop_object(ListedObject *object)
{
	free((char *) object->key);
	free((char *) object->etag);
	free((char *) object->modified);
}

/*
 * Why a key cannot be looked up is known if there is none; else a listing may fail too, and say better why:
 * the answer to HEAD has no body.
 */
static void
find(const Asked *asked)
{
	char *key = key_of(asked, false);
	ListedObject object;
	HttpFailure failure;

	if (object_find(&object, &asked->account->bucket, key, &failure))
	{
		answer_entry(&object, "");
		drop_object(&object);
	}
	else if (failure.transient)
		http_failure_report(&failure);
	else if (is_folder(asked))
		answer_nothing(STORED_FOLDER);
	else if (strcmp(failure.code, "database_not_found") != 0)
		http_failure_report(&failure);
	else
		answer_nothing(STORED_NOTHING);
	free(key);
}

/* Objects that stand for folders, as consoles make them, are none. */
static void
answer_listed(const ListedObject *object, size_t prefix_length)
{
	const char *path = object->key + prefix_length;
	size_t length = strlen(path);

	if (object->is_folder && length > 0)
		((char *) path)[length - 1] = '\0';
	else if (length == 0 || path[length - 1] == '/')
		return;
	answer_entry(object, path);
}

static void
list(const Asked *asked)
{
	char *prefix = key_of(asked, true);
	size_t length = strlen(prefix);
	HttpFailure failure;
	Listing listing;
	bool is_fine;

	is_fine = (asked->question.operation == STORED_LIST ? listing_read_level : listing_read)(
		&listing, &asked->account->bucket, prefix, MOST_OBJECTS, &failure);
	if (!is_fine)
		http_failure_report(&failure);
	if (listing.has_more)
		give_up(&(Failure){
			.step = "query", .code = "too_large", .message = "The folder has more than 100,000 objects."});
	for (int i = 0; i < listing.count; i++)
		if (strncmp(listing.objects[i].key, prefix, length) == 0)
			answer_listed(&listing.objects[i], length);
	answer_nothing(STORED_END);
	listing_free(&listing);
	free(prefix);
}

static void
read_range(const Asked *asked)
{
	const StoredQuestion *question = &asked->question;
	char *key = key_of(asked, false);
	ListedObject object = {.key = key, .etag = question->tag, .size = question->size};
	HttpFailure failure;
	char *bytes =
		object_fetch(&asked->account->bucket, &object, question->offset, question->length, &failure);

	if (bytes == NULL)
		http_failure_report(&failure);
	answer_bytes(bytes, question->length);
	free(bytes);
	free(key);
}

static void
answer_question(void *argument)
{
	const Asked *asked = argument;

	if (asked->question.operation == STORED_FIND)
		find(asked);
	else if (asked->question.operation == STORED_READ)
		read_range(asked);
	else
		list(asked);
}

static void
tell_waiting(void)
{
	answer_nothing(STORED_WAITING);
	answers_flush();
}

void
questions_serve(Account *account)
{
	static Asked asked;
	AttemptFailure failure;

	asked.account = account;
	account->bucket.is_waiting = tell_waiting;
	while (hear(&asked))
	{
		if (!account->is_open)
			answer_failure(&account->failure);
		else if (!attempt(answer_question, &asked, &failure))
			answer_failure(&failure);
		answers_flush();
	}
}
