/*
 * plain_text.h — bounds what libmariadb sends without TLS. The library has no setting for it that holds.
 */
#ifndef RG_MYSQL_PLAIN_TEXT_H
#define RG_MYSQL_PLAIN_TEXT_H

#include <stdbool.h>

/* What may be sent without TLS during a login. */
typedef enum PlainText
{
	PLAIN_NOTHING, /* but the request for TLS */
	PLAIN_PROOFS,  /* answers from which the password cannot be had */
	PLAIN_ANYTHING
} PlainText;

extern void plain_text_allow(PlainText allowed);
/* Did the library try to send more than is allowed? */
extern bool plain_text_has_been_refused(void);

#endif
