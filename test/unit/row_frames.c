/*
 * row_frames.c — frames of rows: small at first, whole rows only, and a long row alone. What is written goes
 * to a pipe and is read again as the server would. Prints TAP.
 */
#include "connectors/common/row_frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_FRAMES 64

static int tests;
static int failures;

static void
ok(int fine, const char *name)
{
	printf("%sok %d - %s\n", fine ? "" : "not ", ++tests, name);
	failures += !fine;
}

typedef struct Answer
{
	int frames;
	long rows[MOST_FRAMES];
	long bytes[MOST_FRAMES];
	int whole; /* every frame ended where its head said, with a newline */
	char code[32];
} Answer;

static void
read_answer(FILE *input, Answer *answer)
{
	char head[512];

	*answer = (Answer){.whole = 1};
	while (fgets(head, sizeof(head), input) && answer->frames < MOST_FRAMES)
	{
		int at = answer->frames;
		char *code = strstr(head, "\"code\":\"");
		char last = '\n';

		if (code)
			sscanf(code, "\"code\":\"%31[a-z_]", answer->code);
		if (sscanf(head, "{\"frame\":\"rows\",\"rows\":%ld,\"bytes\":%ld}", &answer->rows[at],
				   &answer->bytes[at]) != 2)
			continue;
		for (long i = 0; i < answer->bytes[at]; i++)
			last = (char) fgetc(input);
		answer->whole &= last == '\n';
		answer->frames++;
	}
}

/* Runs `act` in a process of its own, whose output is read. */
static Answer
answer_of(void (*act)(void))
{
	int ends[2];
	Answer answer;
	FILE *input;

	fflush(stdout);
	if (pipe(ends) != 0)
		abort();
	if (fork() == 0)
	{
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		act();
		_exit(0);
	}
	close(ends[1]);
	input = fdopen(ends[0], "r");
	read_answer(input, &answer);
	fclose(input);
	wait(NULL);
	return answer;
}

static void
send_many(void)
{
	RowFrames frames;

	row_frames_begin(&frames, 1000);
	for (int i = 0; i < 100000; i++)
		row_frames_add(&frames, "123456789\n", 10);
	row_frames_end(&frames);
}

static void
send_long(void)
{
	static char row[200000];
	RowFrames frames;

	memset(row, 'x', sizeof(row));
	row[sizeof(row) - 1] = '\n';
	row_frames_begin(&frames, sizeof(row));
	row_frames_add(&frames, "a\n", 2);
	row_frames_add(&frames, "b\n", 2);
	row_frames_add(&frames, row, sizeof(row));
	row_frames_add(&frames, "c\n", 2);
	row_frames_end(&frames);
}

static void
send_too_long(void)
{
	RowFrames frames;

	row_frames_begin(&frames, 3);
	row_frames_add(&frames, "ab\n", 3);
	rows_value(&frames.rows, "abc", 3);
	row_frames_end_row(&frames);
	row_frames_end(&frames);
}

static void
flush_between(void)
{
	RowFrames frames;

	row_frames_begin(&frames, 100);
	for (int i = 0; i < 3; i++)
	{
		rows_value(&frames.rows, "a", 1);
		rows_null(&frames.rows);
		row_frames_end_row(&frames);
		row_frames_flush(&frames);
		row_frames_flush(&frames);
	}
	row_frames_end(&frames);
}

static void
count_many(void)
{
	row_frames_count(INT64_C(5000000000));
	row_frames_count(0);
}

static void
test_patience(void)
{
	RowFrames frames;

	row_frames_begin(&frames, 100);
	ok(row_frames_patience(&frames) == -1, "without rows nothing waits");
	rows_null(&frames.rows);
	row_frames_end_row(&frames);
	ok(row_frames_patience(&frames) == 1, "the first rows wait for a millisecond");
	frames.size *= 2;
	ok(row_frames_patience(&frames) == 10, "later ones for ten");
	wire_free(&frames.rows.text);
}

int
main(void)
{
	Answer answer = answer_of(send_many);
	long rows = 0;
	int fits = 1;

	for (int i = 0; i < answer.frames; i++)
	{
		rows += answer.rows[i];
		fits &= answer.bytes[i] <= WIRE_ROWS_BYTES && answer.bytes[i] == answer.rows[i] * 10;
	}
	ok(answer.whole && fits && rows == 100000, "many rows are whole, and all there");
	ok(answer.bytes[0] <= 4096 && answer.bytes[1] > 4096 && answer.bytes[1] <= 8192,
	   "the first frames are small");
	ok(answer.bytes[8] > 60000 && answer.frames < 24, "later frames are not");

	answer = answer_of(send_long);
	ok(answer.whole && answer.frames == 3 && answer.rows[0] == 2 && answer.rows[1] == 1 &&
		   answer.bytes[1] == 200000 && answer.rows[2] == 1,
	   "a long row stands alone");
	answer = answer_of(send_too_long);
	ok(answer.frames == 0 && strcmp(answer.code, "too_large") == 0, "a row over the limit ends the answer");
	answer = answer_of(flush_between);
	ok(answer.whole && answer.frames == 3 && answer.bytes[2] == 5, "what waits can be sent, and once only");
	answer = answer_of(count_many);
	ok(answer.frames == 3 && answer.rows[0] == INT32_MAX && answer.bytes[0] == 0 &&
		   answer.rows[0] + answer.rows[1] + answer.rows[2] == 5000000000L,
	   "rows without columns are counted in frames that fit");
	test_patience();
	printf("1..%d\n", tests);
	return failures > 0;
}
