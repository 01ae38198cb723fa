// Reads {document, checks: [{name, pointer, value, closed}]} from standard input. Writes [{name, errors}]: first of the
// document itself, by the official schema of OpenAPI; then of its schemas, read strictly; then of each value, by the
// schema at the pointer into the document. closed: a member that is not described is an error, too.
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { readFileSync } from "node:fs";

const { document, checks } = JSON.parse(readFileSync(0, "utf8"));

function reader(strict) {
	const ajv = new Ajv2020({ allErrors: true, strict, strictTypes: false, strictRequired: false, allowUnionTypes: true });
	addFormats(ajv);
	return ajv.addVocabulary(["components"]);
}

// Further settings are each document's own, and requests are closed where they are to be.
const open = new Set(["Metadata", "DataSourceCreate", "DataSourceServer"]);

function close(schema) {
	if (Array.isArray(schema)) return schema.map(close);
	if (schema === null || typeof schema !== "object") return schema;
	const closed = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, open.has(key) ? value : close(value)]));
	const isObject = schema.type === "object" && typeof schema.properties === "object";
	return isObject ? { ...closed, additionalProperties: false } : closed;
}

function strictly() {
	const ajv = reader(true);
	ajv.addSchema({ $id: "strict", components: document.components });
	return Object.keys(document.components.schemas).flatMap((name) => {
		try {
			ajv.compile({ $ref: `strict#/components/schemas/${name}` });
			return [];
		} catch (error) {
			return [`${name}: ${error.message}`];
		}
	});
}

const readers = { open: reader(false), closed: reader(false) };
readers.open.addSchema(document, "document");
readers.closed.addSchema(close(document), "document");
const compiled = new Map();

function errorsOf({ pointer, value, closed }) {
	const key = `${closed ? "closed" : "open"} ${pointer}`;
	if (!compiled.has(key)) compiled.set(key, readers[closed ? "closed" : "open"].compile({ $ref: `document#${pointer}` }));
	const validate = compiled.get(key);
	return validate(value) ? [] : validate.errors.map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
}

const { valid, errors } = await new Validator().validate(structuredClone(document));
const results = [
	{ name: "the official schema", errors: valid ? [] : [errors].flat().map((e) => JSON.stringify(e)) },
	{ name: "strict reading", errors: strictly() },
	...checks.map((check) => ({ name: check.name, errors: errorsOf(check) })),
];
process.stdout.write(JSON.stringify(results));
