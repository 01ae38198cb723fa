/*
 * broken.h — ends the process with an error about the workbook.
 */
#ifndef RG_EXCEL_BROKEN_H
#define RG_EXCEL_BROKEN_H

/* It is no workbook, or a broken one. what: a sentence; detail may be NULL. */
extern void give_up_broken(const char *what, const char *detail) __attribute__((noreturn));

/* It is a workbook that cannot be read. */
extern void give_up_unsupported(const char *what, const char *hint) __attribute__((noreturn));

/* It is more than this connector takes. */
extern void give_up_too_large(const char *what, const char *detail) __attribute__((noreturn));

#endif
