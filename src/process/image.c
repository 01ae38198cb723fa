#include "process/image.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#define BLANKS " \t"

/* #! and a path, as the kernel reads it. */
static bool
read_interpreter(const char *start, char *path)
{
	size_t length;

	start += 2;
	start += strspn(start, BLANKS);
	length = strcspn(start, BLANKS "\r\n");
	if (length == 0 || length >= RG_LONGEST_IMAGE_PATH)
		return false;
	memcpy(path, start, length);
	path[length] = '\0';
	return true;
}

/* The path in the program header of the type PT_INTERP. */
static bool
read_linker(int file, const ElfW(Ehdr) * header, char *path)
{
	ElfW(Phdr) part;

	for (int i = 0; i < header->e_phnum; i++)
	{
		off_t place = (off_t) (header->e_phoff + (size_t) i * header->e_phentsize);

		if (pread(file, &part, sizeof(part), place) != (ssize_t) sizeof(part))
			return false;
		if (part.p_type != PT_INTERP)
			continue;
		if (part.p_filesz == 0 || part.p_filesz >= RG_LONGEST_IMAGE_PATH)
			return false;
		path[part.p_filesz] = '\0';
		return pread(file, path, part.p_filesz, (off_t) part.p_offset) == (ssize_t) part.p_filesz;
	}
	return true;
}

static bool
read_file(int file, RgImage *image)
{
	union
	{
		char text[RG_LONGEST_IMAGE_PATH + 8];
		ElfW(Ehdr) header;
	} start;
	ssize_t length = pread(file, start.text, sizeof(start.text) - 1, 0);

	if (length < 2)
		return false;
	start.text[length] = '\0';
	if (memcmp(start.text, "#!", 2) == 0)
		return read_interpreter(start.text, image->interpreter);
	return length < (ssize_t) sizeof(start.header) || memcmp(start.text, ELFMAG, SELFMAG) != 0 ||
		   read_linker(file, &start.header, image->linker);
}

static bool
read_program(const char *program, RgImage *image)
{
	int file = open(program, O_RDONLY | O_CLOEXEC);
	bool fine = file >= 0 && read_file(file, image);

	if (file >= 0)
		close(file);
	return fine;
}

bool
rg_image_read(const char *program, RgImage *image)
{
	memset(image, 0, sizeof(*image));
	return read_program(program, image) &&
		   (*image->interpreter == '\0' || read_program(image->interpreter, image));
}
