/* same.c — runs a case with the dialer and without it, and compares what it says. */
#include "same.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void
exchange(int out, int descriptor, int server)
{
	int peer = accept(server, NULL, NULL);
	char word[4] = "";

	say(out, "write %zd", write(descriptor, "abc", 3));
	say(out, ", read %zd", read(peer, word, 3));
	say(out, ", write back %zd", write(peer, "xyz", 3));
	say(out, ", read back %zd\n", read(descriptor, word, 3));
	close(descriptor);

	struct pollfd polled = {peer, POLLIN, 0};
	int count = poll(&polled, 1, 5000);

	say(out, "the peer sees the end: %d, %zd\n", count, read(peer, word, 3));
	close(peer);
}

static void
check_case(const Case *one, bool is_killable, const Outcome *without)
{
	static Outcome with;
	char what[200];

	reset();
	supervise(one->behaviour, &settings, is_killable, &with);
	snprintf(what, sizeof(what), "%s (%s)", one->what, is_killable ? "killable" : "interruptible");

	bool same = strcmp(without->said, with.said) == 0 && without->status == with.status;

	ok(same && without->said[0] != 0, what);
	if (!same)
		fprintf(stderr, "# without (%d):\n%s# with (%d):\n%s# report:\n%s", without->status, without->said,
				with.status, with.said, with.reported);
}

void
check_same(const Case *cases, size_t count)
{
	static Outcome without;

	for (size_t i = 0; i < count; i++)
	{
		reset();
		supervise(cases[i].behaviour, NULL, false, &without);
		check_case(&cases[i], false, &without);
		check_case(&cases[i], true, &without);
	}
}
