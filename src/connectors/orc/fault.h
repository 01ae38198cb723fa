/*
 * fault.h — ends the process because the file is not as ORC files are, or has what is not read.
 */
#ifndef RG_ORC_FAULT_H
#define RG_ORC_FAULT_H

/* detail may be NULL */
extern void orc_broken(const char *detail) __attribute__((noreturn));
extern void orc_unsupported(const char *message, const char *detail) __attribute__((noreturn));
extern void orc_too_large(const char *message) __attribute__((noreturn));

#endif
