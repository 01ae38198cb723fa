/*
 * emit.c — writes frames. A process writes one answer, so the answer's state is static.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connectors/common/emit.h"
#include "connectors/common/input.h"

/* Several times what a pipe holds: few system calls, and the reader never waits long. */
#define WRITE_SIZE (256 * 1024)
/* The server takes no more of them. */
#define MOST_LOGS 100

static struct
{
	WireBuffer frames;
	size_t frame_start;
	bool in_frame;
	size_t relation_start;
	size_t document_start;
	int64_t schemas;
	int64_t relations;
	int64_t columns;
	int64_t unchanged;
	int64_t logs;
	int64_t rows;
	void (*abandon)(void);
} answer;

/* Ends the process without an error frame: the reader is gone. */
static void leave_quietly(void) __attribute__((noreturn));

static void
leave_quietly(void)
{
	_exit(EXIT_FAILURE);
}

/* Waits until more can be written, or until the server does not want it any more. */
static void
wait_for_reader(void)
{
	struct pollfd files[] = {{.fd = STDOUT_FILENO, .events = POLLOUT},
							 {.fd = answer.abandon ? STDIN_FILENO : -1, .events = POLLIN}};

	(void) poll(files, 2, -1);
	if (files[1].revents != 0 && input_has_ended())
	{
		answer.abandon();
		leave_quietly();
	}
}

static void
write_all(const char *bytes, size_t length)
{
	while (length > 0)
	{
		ssize_t written = write(STDOUT_FILENO, bytes, length);

		if (written >= 0)
		{
			bytes += written;
			length -= (size_t) written;
		}
		else if (errno == EAGAIN)
			wait_for_reader();
		else if (errno != EINTR)
			leave_quietly();
	}
}

static void
flush(void)
{
	if (answer.frames.failed)
		give_up_out_of_memory();
	write_all(answer.frames.data, answer.frames.length);
	wire_reset(&answer.frames);
}

static void
begin(const char *frame)
{
	answer.frame_start = answer.frames.length;
	answer.in_frame = true;
	wire_append_text(&answer.frames, "{\"frame\":\"");
	wire_append_text(&answer.frames, frame);
	wire_append_text(&answer.frames, "\"");
}

static void
add_name(const char *name)
{
	wire_append_text(&answer.frames, ",\"");
	wire_append_text(&answer.frames, name);
	wire_append_text(&answer.frames, "\":");
}

static void
add_text(const char *name, const char *value)
{
	if (value == NULL)
		return;
	add_name(name);
	wire_append_string(&answer.frames, value, strlen(value));
}

/* Adds a text for people, which may come from the source. */
static void
add_words(const char *name, const char *value)
{
	char words[WIRE_MAX_WORDS + 1];

	if (value == NULL)
		return;
	add_name(name);
	wire_append_string(&answer.frames, words, wire_clean(value, strlen(value), words, sizeof(words)));
}

static void
add_integer(const char *name, int64_t value)
{
	if (value == ABSENT)
		return;
	add_name(name);
	wire_append_integer(&answer.frames, value);
}

static void
finish(void)
{
	answer.in_frame = false;
	wire_append_text(&answer.frames, "}\n");
	if (answer.frames.failed)
		give_up_out_of_memory();
	if (answer.frames.length >= WRITE_SIZE)
		flush();
}

static const char *part_in_messages;

void
messages_are_of(const char *part)
{
	part_in_messages = part;
}

bool
messages_name_part(void)
{
	return part_in_messages != NULL;
}

void
emit_hello(const char *connector, const char *version, const char *const *capabilities)
{
	signal(SIGPIPE, SIG_IGN);
	begin("hello");
	add_integer("protocol", WIRE_PROTOCOL);
	add_text("connector", connector);
	add_text("version", version);
	add_name("capabilities");
	for (const char *const *each = capabilities; *each; each++)
	{
		wire_append_text(&answer.frames, each == capabilities ? "[" : ",");
		wire_append_string(&answer.frames, *each, strlen(*each));
	}
	wire_append_text(&answer.frames, *capabilities ? "]" : "[]");
	finish();
	flush();
}

/* What is being read, and a text about it. */
static void
add_part_words(const char *name, const char *text)
{
	char whole[1024];

	if (part_in_messages == NULL)
	{
		add_words(name, text);
		return;
	}
	snprintf(whole, sizeof(whole), "%.500s%s%.500s", part_in_messages, text ? ": " : "", text ? text : "");
	add_words(name, whole);
}

void
emit_log(const char *level, const char *message)
{
	if (++answer.logs > MOST_LOGS)
		return;
	begin("log");
	add_text("level", level);
	add_part_words("message", answer.logs < MOST_LOGS ? message : "further messages are left out");
	finish();
}

void
emit_progress(const char *phase, int64_t relations_total)
{
	begin("progress");
	add_words("phase", phase);
	add_integer("relations_total", relations_total);
	finish();
	flush();
}

void
emit_connected(const char *server, const char *dialect, const char *identity)
{
	begin("connected");
	add_words("server", server);
	add_text("dialect", dialect);
	add_text("identity", identity);
	finish();
	flush();
}

void
emit_schema(const char *name, const char *id, const char *comment)
{
	begin("schema");
	add_text("name", name);
	add_text("id", id);
	add_text("comment", comment);
	finish();
	answer.schemas++;
}

void
emit_database(const char *name)
{
	begin("database");
	add_text("name", name);
	finish();
}

WireBuffer *
emit_relation_begin(const RelationFrame *relation)
{
	answer.relation_start = answer.frames.length;
	begin("relation");
	add_text("schema", relation->schema);
	add_text("name", relation->name);
	add_text("kind", relation->kind);
	add_text("id", relation->id);
	add_integer("columns", relation->columns);
	add_integer("row_estimate", relation->row_estimate);
	add_integer("size_bytes", relation->size_bytes);
	add_text("signature", relation->signature);
	add_name("document");
	answer.document_start = answer.frames.length;
	return &answer.frames;
}

void
emit_relation_end(const RelationFrame *relation, int64_t document_bytes)
{
	if (!answer.frames.failed && (int64_t) (answer.frames.length - answer.document_start) > document_bytes)
	{
		answer.frames.length = answer.relation_start;
		emit_skipped(relation, "its description is longer than the limit for a document");
		return;
	}
	finish();
	answer.relations++;
	answer.columns += relation->columns;
}

void
emit_relation_abandon(const RelationFrame *relation, const char *reason)
{
	if (!answer.frames.failed)
		answer.frames.length = answer.relation_start;
	emit_skipped(relation, reason);
}

void
emit_unchanged(const RelationFrame *relation)
{
	begin("unchanged");
	add_text("schema", relation->schema);
	add_text("name", relation->name);
	add_text("id", relation->id);
	add_integer("row_estimate", relation->row_estimate);
	add_integer("size_bytes", relation->size_bytes);
	finish();
	answer.unchanged++;
}

void
emit_referenced(const char *schema, const char *name, const char *id)
{
	begin("referenced");
	add_text("schema", schema);
	add_text("name", name);
	add_text("id", id);
	finish();
}

void
emit_skipped(const RelationFrame *relation, const char *reason)
{
	begin("skipped");
	add_text("schema", relation->schema);
	add_text("name", relation->name);
	add_text("id", relation->id);
	add_words("reason", reason);
	finish();
}

WireBuffer *
emit_sample_begin(int64_t relation)
{
	begin("sample");
	add_integer("relation", relation);
	return &answer.frames;
}

void
emit_sample_end(void)
{
	finish();
	answer.relations++;
}

void
emit_sample_error(int64_t relation, const char *error)
{
	(void) emit_sample_begin(relation);
	add_words("error", error);
	emit_sample_end();
}

void
emit_end(const char *signature)
{
	begin("end");
	add_integer("schemas", answer.schemas);
	add_integer("relations", answer.relations);
	add_integer("columns", answer.columns);
	add_integer("unchanged", answer.unchanged > 0 ? answer.unchanged : ABSENT);
	add_text("signature", signature);
	finish();
	flush();
}

void
emit_until_abandoned(void (*abandon)(void))
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	answer.abandon = abandon;
	if (flags >= 0)
		(void) fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK);
}

static void
add_boolean(const char *name, bool value)
{
	add_name(name);
	wire_append_text(&answer.frames, value ? "true" : "false");
}

void
emit_reading(const int *applied, int applied_count, bool limited, const WireBuffer *columns)
{
	begin("reading");
	add_name("applied");
	wire_append_text(&answer.frames, "[");
	for (int i = 0; i < applied_count; i++)
	{
		if (i > 0)
			wire_append_text(&answer.frames, ",");
		wire_append_integer(&answer.frames, applied[i]);
	}
	wire_append_text(&answer.frames, "]");
	add_boolean("limited", limited);
	if (columns != NULL)
	{
		add_name("columns");
		wire_append(&answer.frames, columns->data, columns->length);
		answer.frames.failed |= columns->failed;
	}
	finish();
	flush();
}

void
emit_rows(int64_t rows, const char *bytes, size_t length)
{
	begin("rows");
	add_integer("rows", rows);
	add_integer("bytes", (int64_t) length);
	finish();
	wire_append(&answer.frames, bytes, length);
	answer.rows += rows;
}

void
emit_flush(void)
{
	flush();
}

void
emit_rows_end(bool truncated)
{
	begin("end");
	add_integer("schemas", 0);
	add_integer("relations", 0);
	add_integer("columns", 0);
	add_integer("rows", answer.rows);
	if (truncated)
		add_boolean("truncated", true);
	finish();
	flush();
	answer.rows = 0;
}

static void (*catcher)(const Failure *failure);

void
emit_catch(void (*caught)(const Failure *failure))
{
	catcher = caught;
}

void
give_up(const Failure *failure)
{
	if (catcher != NULL)
		catcher(failure);
	/* Takes back the frame that was begun, so that the error has its own line. */
	if (answer.in_frame && !answer.frames.failed)
		answer.frames.length = answer.frame_start;
	begin("error");
	add_text("step", failure->step);
	add_text("code", failure->code);
	add_words("message", failure->message);
	add_part_words("detail", failure->detail);
	add_words("hint", failure->hint);
	add_boolean("transient", failure->transient);
	add_integer("position", failure->position > 0 ? failure->position : ABSENT);
	finish();
	flush();
	_exit(EXIT_FAILURE);
}

void
give_up_out_of_memory(void)
{
	static const char frame[] =
		"{\"frame\":\"error\",\"step\":\"query\",\"code\":\"internal\",\"transient\":true,"
		"\"message\":\"The connector ran out of memory.\","
		"\"hint\":\"rivergen.connector_memory_limit sets how much it has.\"}\n";

	/* Drops the buffer, whose content may end anywhere; all output so far ended with a line. */
	write_all(frame, sizeof(frame) - 1);
	leave_quietly();
}
