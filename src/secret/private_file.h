/* private_file.h — files that hold secrets of this server. */
#ifndef RG_SECRET_PRIVATE_FILE_H
#define RG_SECRET_PRIVATE_FILE_H

/*
 * Why a file that was opened by this path does not keep a secret; NULL: it does. A descriptor below 0:
 * opening has failed, and errno says why.
 */
extern const char *rg_private_file_fault(const char *path, int descriptor);

/* A secret in the data directory would be in every base backup, beside the data that it protects. */
extern bool rg_inside_data_directory(const char *path);

#endif
