/*
 * library.h — libmongoc, silent and in bounded memory.
 */
#ifndef RG_MONGODB_LIBRARY_H
#define RG_MONGODB_LIBRARY_H

/* To be called before anything of the library, once or more. */
extern void library_begin(void);

#endif
