/*
 * absent.c — functions of the server that stand beside the parsers in their files, and that no target calls.
 * Without them nothing could be linked; a call ends the fuzzer and says its name.
 */
#include <stdio.h>
#include <stdlib.h>

#define ABSENT(name)                                                                                         \
	extern void name(void);                                                                                  \
	void name(void)                                                                                          \
	{                                                                                                        \
		fputs("fuzz: " #name "() of the server was called\n", stderr);                                       \
		abort();                                                                                             \
	}

ABSENT(DirectFunctionCall2Coll)
ABSENT(asc_tolower)
ABSENT(construct_array)
ABSENT(cstring_to_text)
ABSENT(getKeyJsonValueFromContainer)
ABSENT(int64_to_numeric)
ABSENT(jsonb_concat)
ABSENT(jsonb_delete)
ABSENT(numeric_cmp)
ABSENT(pg_detoast_datum)
ABSENT(pg_detoast_datum_packed)
ABSENT(pg_mbcliplen)
ABSENT(pushJsonbValue)
ABSENT(rg_fail)
ABSENT(text_to_cstring)
ABSENT(varstr_levenshtein_less_equal)
