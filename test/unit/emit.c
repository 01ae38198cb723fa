/*
 * emit.c — what a connector writes when it has to give up: whole lines, the error on one of its own.
 */
#include "connectors/common/emit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const Failure failure = {.step = "query", .code = "query", .message = "it broke"};

#define ERROR                                                                                                \
	"{\"frame\":\"error\",\"step\":\"query\",\"code\":\"query\",\"message\":\"it broke\",\"transient\":false}\n"

static void
between_frames(void)
{
	emit_log("info", "before");
	give_up(&failure);
}

static void
in_a_document(void)
{
	static const RelationFrame relation = {.schema = "s", .name = "r", .kind = "table"};

	emit_log("info", "before");
	wire_append_text(emit_relation_begin(&relation), "{\"columns\":[");
	give_up(&failure);
}

static void
in_a_sample(void)
{
	emit_log("info", "before");
	wire_append_text(emit_sample_begin(3), ",\"categories\":{");
	give_up(&failure);
}

static void
after_a_document_that_was_taken_back(void)
{
	static const RelationFrame relation = {.schema = "s", .name = "r"};

	emit_log("info", "before");
	wire_append_text(emit_relation_begin(&relation), "{\"columns\":[");
	emit_relation_abandon(&relation, "why");
	give_up(&failure);
}

#define BEFORE "{\"frame\":\"log\",\"level\":\"info\",\"message\":\"before\"}\n"

static const struct
{
	const char *name;
	void (*act)(void);
	const char *expected;
} cases[] = {
	{"between frames", between_frames, BEFORE ERROR},
	{"in a document", in_a_document, BEFORE ERROR},
	{"in a sample", in_a_sample, BEFORE ERROR},
	{"after a document that was taken back", after_a_document_that_was_taken_back,
	 BEFORE "{\"frame\":\"skipped\",\"schema\":\"s\",\"name\":\"r\",\"reason\":\"why\"}\n" ERROR},
};

/* What the function writes on standard output until it ends the process. */
static void
output_of(void (*act)(void), char *text, size_t size)
{
	int ends[2];
	size_t length = 0;
	ssize_t read_now;
	pid_t child;

	if (pipe(ends) != 0 || (child = fork()) < 0)
		exit(EXIT_FAILURE);
	if (child == 0)
	{
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		act();
		_exit(EXIT_SUCCESS);
	}
	close(ends[1]);
	while (length < size - 1 && (read_now = read(ends[0], text + length, size - 1 - length)) > 0)
		length += (size_t) read_now;
	text[length] = '\0';
	close(ends[0]);
	waitpid(child, NULL, 0);
}

int
main(void)
{
	int failed = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		char text[1000];

		output_of(cases[i].act, text, sizeof(text));
		if (strcmp(text, cases[i].expected) == 0)
			printf("ok %s\n", cases[i].name);
		else
		{
			printf("not ok %s: %s\n", cases[i].name, text);
			failed = 1;
		}
		fflush(stdout);
	}
	return failed;
}
