#include "check/document.h"

#include "json_value.h"

static void
refuse_members(RgFaults *faults, Jsonb *document, const RgDocumentForm *form)
{
	JsonbIterator *iterator = JsonbIteratorInit(&document->root);
	JsonbIteratorToken token;
	JsonbValue name;

	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		char *text = token == WJB_KEY ? rg_printable_name(name.val.string.val, name.val.string.len) : NULL;

		if (text != NULL && strcmp(text, form->list) != 0 && strcmp(text, "version") != 0)
			rg_fault(faults, text, "is not a member of a %s document", form->kind);
	}
	if (rg_json_member(&document->root, "data") != NULL)
		rg_fault_hint(faults, psprintf("The document is what %s answers in data.", form->source));
}

Jsonb *
rg_check_document(RgFaults *faults, Jsonb *document, const RgDocumentForm *form)
{
	JsonbValue *version;
	JsonbValue *entries;

	if (document == NULL || !JB_ROOT_IS_OBJECT(document))
	{
		rg_fault(faults, "document", "must be a JSON object");
		return NULL;
	}
	refuse_members(faults, document, form);
	version = rg_json_member(&document->root, "version");
	if (version != NULL && !rg_json_equal(version, rg_json_integer(1)))
		rg_fault(faults, "version", "must be 1");
	entries = rg_json_member(&document->root, form->list);
	if (entries != NULL && entries->type == jbvBinary && JsonContainerIsArray(entries->val.binary.data))
		return JsonbValueToJsonb(entries);
	rg_fault(faults, form->list, entries ? "must be an array" : "is required");
	return NULL;
}
