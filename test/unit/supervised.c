#include "supervised.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/* Loads the filter; returns its listener. */
static int
load_filter(bool is_killable)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_connect, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(*code), code};
	unsigned long flags =
		SECCOMP_FILTER_FLAG_NEW_LISTENER | (is_killable ? SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV : 0);
	int listener;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		err(1, "no_new_privs");
	listener = (int) syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	if (listener < 0 && errno == EINVAL) /* before Linux 5.19 */
		listener =
			(int) syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (listener < 0)
		err(1, "seccomp");
	return listener;
}

static void
send_descriptor(int channel, int descriptor)
{
	union
	{
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	char byte = 0;
	struct iovec data = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
	if (sendmsg(channel, &message, 0) != 1)
		err(1, "sendmsg");
}

static int
receive_descriptor(int channel)
{
	union
	{
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	char byte;
	struct iovec data = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	int descriptor;

	if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) != 1)
		err(1, "recvmsg");
	memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return descriptor;
}

void
say(int out, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vdprintf(out, format, arguments);
	va_end(arguments);
}

/* The lowest descriptor that is free: as many are in use. */
static int
count_descriptors(void)
{
	int descriptor = dup(STDIN_FILENO);

	close(descriptor);
	return descriptor;
}

static void
drain(int pipe, char *text, size_t size)
{
	size_t length = strlen(text);
	ssize_t got;

	while (length + 1 < size && (got = read(pipe, text + length, size - 1 - length)) > 0)
		length += (size_t) got;
	text[length] = '\0';
}

/* Until the child has ended. */
static void
serve(RgDialer *dialer, int listener, int pidfd, const int pipes[2], Outcome *outcome)
{
	struct pollfd polled[] = {{listener, POLLIN, 0},
							  {rg_dialer_descriptor(dialer), POLLIN, 0},
							  {pidfd, POLLIN, 0},
							  {pipes[0], POLLIN, 0},
							  {pipes[1], POLLIN, 0}};

	while (!(polled[2].revents & POLLIN))
	{
		int ready = poll(polled, 5, 10000);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			errx(1, "the child neither ends nor calls");
		outcome->wakeups++;
		if (polled[0].revents & POLLIN)
		{
			struct seccomp_notif notification = {0};

			if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notification) == 0 &&
				!rg_dialer_serve(dialer, &notification))
				errx(1, "a notification of another call");
			int count = count_descriptors();

			if (count > outcome->most_descriptors)
				outcome->most_descriptors = count;
		}
		/* The child closes these before its end shows. */
		for (int i = 0; i < 5; i++)
			if (polled[i].revents & POLLHUP && !(polled[i].revents & POLLIN))
				polled[i].fd = -1;
		if (polled[1].revents & POLLIN)
			rg_dialer_work(dialer);
		drain(pipes[0], outcome->said, sizeof(outcome->said));
		drain(pipes[1], outcome->reported, sizeof(outcome->reported));
	}
}

static void
make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) != 0)
		err(1, "pipe2");
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static void
run_child(Behaviour behaviour, bool is_supervised, bool is_killable, int channel, int out)
{
	if (is_supervised)
	{
		int listener = load_filter(is_killable);

		send_descriptor(channel, listener);
		close(listener);
	}
	close(channel);
	behaviour(out);
	_exit(0);
}

void
supervise(Behaviour behaviour, const RgDialerSettings *settings, bool is_killable, Outcome *outcome)
{
	int channel[2];
	int said[2];
	int reported[2];
	pid_t child;

	memset(outcome, 0, sizeof(*outcome));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0)
		err(1, "socketpair");
	make_pipe(said);
	make_pipe(reported);
	fflush(stdout);
	child = fork();
	if (child == 0)
	{
		close(channel[0]);
		close(reported[1]);
		run_child(behaviour, settings != NULL, is_killable, channel[1], said[1]);
	}
	close(channel[1]);
	close(said[1]);
	if (settings != NULL)
	{
		RgDialerSettings with_report = *settings;
		int listener = receive_descriptor(channel[0]);
		int pidfd = (int) syscall(SYS_pidfd_open, child, 0);
		int pipes[2] = {said[0], reported[0]};

		with_report.report = reported[1];

		RgDialer *dialer = rg_dialer_start(&with_report, listener, child);

		serve(dialer, listener, pidfd, pipes, outcome);
		rg_dialer_end(dialer);
		close(listener);
		close(pidfd);
	}
	close(reported[1]);
	waitpid(child, &outcome->status, 0);
	drain(said[0], outcome->said, sizeof(outcome->said));
	drain(reported[0], outcome->reported, sizeof(outcome->reported));
	close(channel[0]);
	close(said[0]);
	close(reported[0]);
}
