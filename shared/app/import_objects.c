/* Files of an import that are objects in JSON: which one each is, and the cells of an object. */
#include "app/imports.h"

static const json_t *
array_of(const struct import_file *file, const json_t *whole)
{
	const json_t *array;

	if (file->objects_in == NULL)
		return NULL;
	array = *file->objects_in != '\0' ? json_object_get(whole, file->objects_in) : whole;
	return json_is_array(array) ? array : NULL;
}

/* Empty cells are good in texts only. */
static bool
has_keys(const struct import_file *file, const json_t *object)
{
	for (const struct import_column *c = file->columns; c->name != NULL; c++)
		if (c->kind != CELL_TEXT && json_object_get(object, c->name) == NULL)
			return false;
	return true;
}

static bool
any_has_keys(const struct import_file *file, const json_t *objects)
{
	size_t count = json_array_size(objects);

	for (size_t i = 0; i < count; i++)
		if (has_keys(file, json_array_get(objects, i)))
			return true;
	return count == 0;
}

const struct import_file *
import_recognise_objects(const struct import_format *format, const json_t *whole, const json_t **objects)
{
	for (const struct import_file *file = format->files; file->name != NULL; file++) {
		*objects = array_of(file, whole);
		if (*objects != NULL && any_has_keys(file, *objects))
			return file;
	}
	return NULL;
}

/* NULL: it is no plain value. */
static const char *
cell_text(struct scope *sc, const json_t *value)
{
	switch (value != NULL ? json_typeof(value) : JSON_NULL) {
	case JSON_NULL:
		return "";
	case JSON_STRING:
		return json_string_value(value);
	case JSON_INTEGER:
		return scope_printf(sc, "%lld", (long long)json_integer_value(value));
	case JSON_REAL:
		return scope_printf(sc, "%.15g", json_real_value(value));
	case JSON_TRUE:
		return "TRUE";
	case JSON_FALSE:
		return "FALSE";
	default:
		return NULL;
	}
}

const char *
import_object_cells(struct scope *sc, const struct import_file *file, const json_t *object, const char **cells)
{
	if (!json_is_object(object))
		return "it is no object";
	for (int i = 0; file->columns[i].name != NULL; i++)
		if ((cells[i] = cell_text(sc, json_object_get(object, file->columns[i].name))) == NULL)
			return scope_printf(sc, "%s has parts", file->columns[i].name);
	return NULL;
}
