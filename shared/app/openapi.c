/* The route tables of a domain, told as an OpenAPI 3.1 document. */
#include <ctype.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "app/answer.h"
#include "app/app.h"
#include "app/openapi.h"

/* --- input --- */

static json_t *fields_schema(const struct field *);

static json_t *
limited(json_t *schema, const struct field *f, const char *low, const char *high)
{
	if (f->min != 0)
		json_object_set_new(schema, low, json_integer(f->min));
	if (f->max != 0)
		json_object_set_new(schema, high, json_integer(f->max));
	return schema;
}

static json_t *
choices_schema(const char *choices)
{
	json_t *list = json_array();

	while (*choices != '\0') {
		size_t n = strcspn(choices, " ");

		json_array_append_new(list, json_stringn(choices, n));
		choices += n + strspn(choices + n, " ");
	}
	return json_pack("{s:s,s:o}", "type", "string", "enum", list);
}

static json_t *
list_schema(const struct field *f)
{
	json_t *items = f->size != 0 ? fields_schema(f->fields) : json_pack("{s:s}", "type", "string");

	return limited(json_pack("{s:s,s:o}", "type", "array", "items", items), f, "minItems", "maxItems");
}

static json_t *
field_schema(const struct field *f)
{
	switch (f->kind) {
	case INTEGER:
		return limited(json_pack("{s:s,s:s}", "type", "integer", "format", "int64"), f, "minimum", "maximum");
	case BOOLEAN:
		return json_pack("{s:s}", "type", "boolean");
	case TEXT:
		if (f->choices != NULL)
			return choices_schema(f->choices);
		return limited(json_pack("{s:s,s:s*}", "type", "string", "format", f->secret ? "password" : NULL), f,
		    "minLength", "maxLength");
	case ID:
		return json_pack("{s:s,s:s}", "type", "string", "format", "uuid");
	case TIME:
		return json_pack("{s:s,s:s}", "type", "string", "format", "date-time");
	case DATE:
		return json_pack("{s:s,s:s}", "type", "string", "format", "date");
	case MONEY:
		return json_pack("{s:[s,s],s:s,s:s}", "type", "number", "string", "pattern", "^(0|[1-9][0-9]{0,11})(\\.[0-9]{1,12})?$",
		    "description", "An exact decimal in the digits of its currency.");
	case OBJECT:
		return fields_schema(f->fields);
	case LIST_OF:
		return list_schema(f);
	default:
		return json_pack("{s:s,s:b}", "description", "Decided by the server; ignored.", "deprecated", 1);
	}
}

static json_t *
fields_schema(const struct field *fields)
{
	json_t *properties = json_object(), *required = json_array();

	for (const struct field *f = fields; f != NULL && f->name != NULL; f++) {
		if (f->source != FROM_BODY)
			continue;
		json_object_set_new(properties, f->name, field_schema(f));
		if (f->required)
			json_array_append_new(required, json_string(f->name));
	}
	return json_pack("{s:s,s:o,s:o,s:b}", "type", "object", "properties", properties, "required", required,
	    "additionalProperties", 0);
}

static void
add_parameter(json_t *list, const char *name, const char *in, bool required, json_t *schema)
{
	json_array_append_new(list, json_pack("{s:s,s:s,s:b,s:o}", "name", name, "in", in, "required", required,
	    "schema", schema));
}

static json_t *
parameters(const struct route *r)
{
	json_t *list = json_array();

	for (const struct field *f = r->fields; f != NULL && f->name != NULL; f++)
		if (f->source == FROM_PATH || f->source == FROM_QUERY)
			add_parameter(list, f->name, f->source == FROM_PATH ? "path" : "query",
			    f->required || f->source == FROM_PATH, field_schema(f));
	if (r->read != NULL && r->read->shape == PAGE) {
		add_parameter(list, "limit", "query", false,
		    json_pack("{s:s,s:i,s:i,s:i}", "type", "integer", "minimum", 1, "maximum", 100, "default", 20));
		add_parameter(list, "cursor", "query", false, json_pack("{s:s}", "type", "string"));
	}
	if (r->idempotent || r->id_of_key)
		add_parameter(list, "Idempotency-Key", "header", false,
		    json_pack("{s:s,s:i,s:i}", "type", "string", "minLength", 1, "maxLength", 255));
	return list;
}

static bool
has_body(const struct route *r)
{
	for (const struct field *f = r->fields; f != NULL && f->name != NULL; f++)
		if (f->source == FROM_BODY)
			return true;
	return false;
}

/* --- answers --- */

/* As reply.c writes it. */
static json_t *
data_schema(json_t *data, bool says_as_of)
{
	json_t *schema = json_pack("{s:s,s:{s:{s:s},s:o},s:[s,s]}", "type", "object", "properties",
	    "status", "const", "success", "data", data, "required", "status", "data");

	if (says_as_of) {
		json_object_set_new(json_object_get(schema, "properties"), "as_of", json_pack("{s:s,s:s,s:s}", "type", "string",
		    "format", "date-time", "description", "When the data were read."));
		json_array_append_new(json_object_get(schema, "required"), json_string("as_of"));
	}
	return schema;
}

static json_t *
success_schema(const struct route *r, bool *good)
{
	json_t *schema = answer_schema(r->answer != NULL ? r->answer : "");

	if (schema == NULL) {
		fprintf(stderr, "%s %s: answer is not well told: %s\n", method_text(r->method), r->path, r->answer);
		*good = false;
		return json_object();
	}
	if (r->read != NULL && r->read->shape != ONE && r->read->list == NULL)
		schema = json_pack("{s:s,s:o}", "type", "array", "items", schema);
	if (r->envelope == STATUS) {
		json_object_set_new(json_object_get(schema, "properties"), "status", json_pack("{s:s}", "const", "success"));
		json_array_append_new(json_object_get(schema, "required"), json_string("status"));
	} else if (r->envelope == STATUS_DATA) {
		schema = data_schema(schema, r->cache > 0);
	}
	return schema;
}

/* What is no JSON has no schema. */
static json_t *
success_content(const struct route *r, bool *good)
{
	if (r->type != NULL)
		return json_pack("{s:{s:{}}}", r->type, "schema");
	return json_pack("{s:{s:o}}", "application/json", "schema", success_schema(r, good));
}

static void
add_header(json_t *headers, const char *name, const char *description)
{
	json_object_set_new(headers, name, json_pack("{s:s,s:{s:s}}", "description", description, "schema", "type", "string"));
}

static json_t *
response_headers(const struct route *r)
{
	json_t *headers = json_object();

	if (r->read != NULL && r->read->shape == PAGE)
		add_header(headers, "Link", "The next page, rel=\"next\"; absent on the last one.");
	if (r->cache > 0) {
		add_header(headers, "Cache-Control", "How many seconds the answer may be kept.");
		add_header(headers, "ETag", "Changes with the data; for If-None-Match.");
	}
	return headers;
}

static json_t *
responses(const struct route *r, bool *good)
{
	char status[8];
	json_t *list = json_pack("{s:{s:s},s:{s:s}}", "4XX", "$ref", "#/components/responses/Problem",
	    "5XX", "$ref", "#/components/responses/Problem");

	snprintf(status, sizeof(status), "%d", r->status != 0 ? r->status : 200);
	json_object_set_new(list, status, json_pack("{s:s,s:o,s:o}", "description",
	    status_text(r->status != 0 ? r->status : 200), "content", success_content(r, good),
	    "headers", response_headers(r)));
	if (r->cache > 0)
		json_object_set_new(list, "304", json_pack("{s:s}", "description", "The data have not changed since that ETag."));
	return list;
}

/* "get_users_user_id" of GET /api/users/{user_id}. */
static json_t *
operation_id(const struct route *r)
{
	char id[256], *out = id;
	const char *path = strncmp(r->path, "/api/", 5) == 0 ? r->path + 4 : r->path;

	for (const char *c = method_text(r->method); *c != '\0'; c++)
		*out++ = (char)tolower((unsigned char)*c);
	for (; *path != '\0' && out < id + sizeof(id) - 1; path++)
		if (isalnum((unsigned char)*path) || *path == '_')
			*out++ = *path;
		else if (out[-1] != '_')
			*out++ = '_';
	while (out[-1] == '_')
		out--;
	return json_stringn(id, (size_t)(out - id));
}

/* Any one of the list will do; the names beside "bearer" are roles (OpenAPI 3.1, 4.8.30). */
static json_t *
security(const struct route *r)
{
	json_t *list = json_array();

	if (r->audience != ANYONE && r->roles == 0)
		json_array_append_new(list, json_pack("{s:[]}", "bearer"));
	for (unsigned role = 1; role != 0 && role <= r->roles; role <<= 1)
		if (r->roles & role)
			json_array_append_new(list, json_pack("{s:[s]}", "bearer", role_text(role)));
	return list;
}

static json_t *
operation(const struct app *app, const struct route *r, bool *good)
{
	json_t *op = json_pack("{s:o,s:s,s:[s],s:o,s:o,s:o}", "operationId", operation_id(r), "summary", r->summary,
	    "tags", app->name, "parameters", parameters(r), "responses", responses(r, good),
	    "security", security(r));

	if (has_body(r))
		json_object_set_new(op, "requestBody", json_pack("{s:b,s:{s:{s:o}}}", "required", 1,
		    "content", "application/json", "schema", fields_schema(r->fields)));
	return op;
}

/* --- the document --- */

static json_t *
components(void)
{
	return json_pack("{s:{s:{s:s,s:s,s:s}},s:{s:{s:s,s:{s:{s:{s:s}}}}},s:{s:{s:s,s:[s,s,s,s,s],s:{s:{s:s,s:s},s:{s:s},"
	    "s:{s:s},s:{s:s},s:{s:s},s:{s:s},s:{s:s,s:{s:s,s:[s,s],s:{s:{s:s},s:{s:s}}}}}}}}",
	    "securitySchemes", "bearer", "type", "http", "scheme", "bearer", "bearerFormat", "JWT",
	    "responses", "Problem", "description", "What went wrong (RFC 9457)", "content", "application/problem+json",
	    "schema", "$ref", "#/components/schemas/Problem",
	    "schemas", "Problem", "type", "object", "required", "type", "title", "status", "code", "detail", "properties",
	    "type", "type", "string", "format", "uri", "title", "type", "string",
	    "status", "type", "integer", "code", "type", "string", "detail", "type", "string", "request_id", "type", "string",
	    "errors", "type", "array", "items", "type", "object", "required", "field", "message", "properties",
	    "field", "type", "string", "message", "type", "string");
}

int
openapi_print(const struct app *app, FILE *out)
{
	json_t *paths = json_object(), *document;
	bool good = true;

	for (const struct route *const *table = app->resources; *table != NULL; table++)
		for (const struct route *r = *table; r->method != 0; r++) {
			char method[8];
			size_t i = 0;

			if (r->audience != SIGNED_IN && r->audience != ANYONE)
				continue;
			for (const char *c = method_text(r->method); *c != '\0'; c++)
				method[i++] = (char)tolower((unsigned char)*c);
			method[i] = '\0';
			if (json_object_get(paths, r->path) == NULL)
				json_object_set_new(paths, r->path, json_object());
			json_object_set_new(json_object_get(paths, r->path), method, operation(app, r, &good));
		}
	document = json_pack("{s:s,s:{s:s,s:s,s:{s:s,s:s}},s:[{s:s}],s:[{s:s,s:s*}],s:o,s:o}", "openapi", "3.1.0",
	    "info", "title", "Marquee", "version", PACKAGE_VERSION, "license", "name", "MIT", "identifier", "MIT",
	    "servers", "url", "/", "tags", "name", app->name, "description", app->summary, "paths", paths, "components", components());
	if (document == NULL) {
		fprintf(stderr, "the document cannot be made\n");
		return 1;
	}
	json_dumpf(document, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(document);
	return good ? 0 : 1;
}
