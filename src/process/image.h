/*
 * image.h — what the kernel opens to execute a program: its interpreter if it is a script, and their dynamic
 * linker. Plain C.
 */
#ifndef RG_IMAGE_H
#define RG_IMAGE_H

#include <stdbool.h>

#define RG_LONGEST_IMAGE_PATH 256

typedef struct RgImage
{
	char interpreter[RG_LONGEST_IMAGE_PATH]; /* empty: it is no script */
	char linker[RG_LONGEST_IMAGE_PATH];      /* empty: it is linked statically */
} RgImage;

/* False: the file cannot be read. */
extern bool rg_image_read(const char *program, RgImage *image);

#endif
