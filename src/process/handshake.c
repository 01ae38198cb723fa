#include "process/handshake.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A control message with one descriptor, aligned as the kernel wants it. */
typedef union Passed
{
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
} Passed;

bool
rg_handshake_open(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0;
}

bool
rg_handshake_offer(int end, const RgMeans *means, int listener)
{
	struct iovec vector = {(void *) means, sizeof(*means)};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	Passed passed = {0};
	char answer = 0;

	if (listener >= 0)
	{
		passed.header = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&passed.header), &listener, sizeof(int));
		message.msg_control = &passed;
		message.msg_controllen = sizeof(passed);
	}
	return sendmsg(end, &message, MSG_NOSIGNAL) == (ssize_t) sizeof(*means) && read(end, &answer, 1) == 1 &&
		   answer != 0;
}

bool
rg_handshake_accept(int end, RgMeans *means, int *listener)
{
	struct iovec vector = {means, sizeof(*means)};
	Passed passed = {0};
	struct msghdr message = {
		.msg_iov = &vector, .msg_iovlen = 1, .msg_control = &passed, .msg_controllen = sizeof(passed)};
	ssize_t length;

	do
		length = recvmsg(end, &message, MSG_CMSG_CLOEXEC);
	while (length < 0 && errno == EINTR);
	*listener = -1;
	if (length == (ssize_t) sizeof(*means) && CMSG_FIRSTHDR(&message) != NULL)
		memcpy(listener, CMSG_DATA(&passed.header), sizeof(int));
	return length == (ssize_t) sizeof(*means);
}

void
rg_handshake_answer(int end, bool may_go_on)
{
	char answer = may_go_on;

	(void) !write(end, &answer, 1);
}
