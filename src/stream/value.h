/* value.h — from the fields of COPY text (wire/copy_text.h) to values of PostgreSQL's types. */
#ifndef RG_STREAM_VALUE_H
#define RG_STREAM_VALUE_H

#include "postgres.h"

#include "fmgr.h"

#include "wire/copy_text.h"

/* How values of one type are read. */
typedef struct RgValueType
{
	Oid type;
	int32 modifier;
	Oid parameter; /* of the input function */
	FmgrInfo input;
	bool checked; /* the bytes are known to be fine in this database's encoding */
	bool plain;   /* rg_value_is_plain; set where faults become null */
} RgValueType;

/* Lookups in CurrentMemoryContext, which must live as long as the type is used. */
extern void rg_value_type_init(RgValueType *type, Oid oid, int32 modifier);

/*
 * Are these bytes fine as they are, so that `checked` may be set for the fields in them? Fields of other
 * bytes are checked, and converted, one by one.
 */
extern bool rg_value_is_fine(const char *bytes, size_t length);

/*
 * The value of a field that is not NULL, in CurrentMemoryContext. Fails as the type's input function does.
 * Callers pin the styles.
 */
extern Datum rg_value_read(RgValueType *type, const WireField *field);

/* Its two ways: here, if the type is one of the frequent ones and the bytes are plain; and the input
 * function's. */
extern bool rg_value_read_fast(const RgValueType *type, const WireField *field, Datum *value);
extern Datum rg_value_read_by_input(RgValueType *type, const WireField *field);

/*
 * Settings of the session that change how values are read and written. The protocol has its own: dates in ISO
 * form, intervals in the style postgres. They are plain variables here, because pinning them as settings
 * would cost more than reading a row; so a caller restores them also after an error.
 */
typedef struct RgValueStyle
{
	int date_style;
	int date_order;
	int interval_style;
	int xml_option;
	int float_digits;
	bool array_nulls;
	void *time_zone;
} RgValueStyle;

extern void rg_value_style_pin(RgValueStyle *saved);
extern void rg_value_style_restore(const RgValueStyle *saved);

#endif
