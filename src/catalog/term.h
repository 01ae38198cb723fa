/*
 * term.h — a stem of a question, and the words of an organization that resemble it.
 */
#ifndef RG_TERM_H
#define RG_TERM_H

#include "postgres.h"

#define RG_TERM_WORDS 20 /* at most: itself and what resembles it */

typedef struct RgTermWord
{
	int32 id;
	float factor; /* 1: the term itself */
	const char *stem;
} RgTermWord;

typedef struct RgTerm
{
	const char *stem;
	const char *said; /* the word of the question */
	RgTermWord words[RG_TERM_WORDS];
	int count;
	bool is_common_name; /* its list of names has an end */
	bool is_common;      /* one of its lists has */
	double relations;    /* that have the term itself */
	double resembling;   /* that have any of its words */
	double rarity;
	double rarity_of_itself; /* without what resembles it */
} RgTerm;

/* Finds the words of a term whose stem and said are set, the term itself first. Callers must be connected to
 * SPI. */
extern void rg_term_prepare(RgTerm *term, int64 organization_id);

#endif
