/*
 * names.h — names of columns that differ: the format allows the same name twice, and none at all.
 */
#ifndef RG_PARQUET_NAMES_H
#define RG_PARQUET_NAMES_H

#include <stddef.h>

typedef struct NamePlace
{
	char *name; /* NULL: free */
	int last;   /* the last number that was added to it */
} NamePlace;

typedef struct Names
{
	NamePlace *places;
	size_t size; /* a power of two, at least twice the number of names */
} Names;

extern void names_begin(Names *names, int count);

/*
 * Returns a name for the column with this number, from 1, in memory that the caller frees: a second `a` is
 * called a_2, an empty one column_1.
 */
extern char *names_add(Names *names, const char *name, int number);

extern void names_end(Names *names);

#endif
