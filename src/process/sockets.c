/*
 * sockets.c — the sockets that the supervisor made for the connector, by inode. The kernel does not give the
 * inode of a socket a second time.
 */
#include "process/sockets.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool
make_room(RgSockets *sockets)
{
	int room = sockets->room > 0 ? sockets->room * 2 : 16;
	RgSocket *items;

	if (sockets->count < sockets->room)
		return true;
	items = realloc(sockets->items, (size_t) room * sizeof(RgSocket));
	if (items == NULL)
		return false;
	sockets->items = items;
	sockets->room = room;
	return true;
}

RgSocket *
rg_sockets_add(RgSockets *sockets, int descriptor, bool is_stream)
{
	struct stat file;
	RgSocket *socket;

	if (fstat(descriptor, &file) != 0 || !make_room(sockets))
		return NULL;
	sockets->device = file.st_dev;
	socket = &sockets->items[sockets->count++];
	*socket = (RgSocket){.inode = file.st_ino, .descriptor = descriptor, .is_stream = is_stream};
	return socket;
}

RgSocket *
rg_sockets_find(const RgSockets *sockets, ino_t inode)
{
	for (int i = sockets->count - 1; i >= 0; i--)
	{
		if (sockets->items[i].inode == inode)
			return &sockets->items[i];
	}
	return NULL;
}

RgSocket *
rg_sockets_of(const RgSockets *sockets, const struct stat *file)
{
	if (!S_ISSOCK(file->st_mode) || file->st_dev != sockets->device)
		return NULL;
	return rg_sockets_find(sockets, file->st_ino);
}

void
rg_sockets_remove(RgSockets *sockets, RgSocket *socket)
{
	if (socket->descriptor >= 0)
		close(socket->descriptor);
	*socket = sockets->items[--sockets->count];
}

bool
rg_sockets_mark(RgSockets *sockets, pid_t child)
{
	char path[32];
	DIR *directory;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int) child);
	directory = opendir(path);
	if (directory == NULL)
		return false;
	for (int i = 0; i < sockets->count; i++)
		sockets->items[i].is_held = false;
	for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
	{
		struct stat file;
		RgSocket *socket =
			fstatat(dirfd(directory), entry->d_name, &file, 0) == 0 ? rg_sockets_of(sockets, &file) : NULL;

		if (socket != NULL)
			socket->is_held = true;
	}
	closedir(directory);
	return true;
}
