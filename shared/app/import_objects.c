/* Documents of an import that are arrays of plain objects: their cells, by the names of the columns. */
#include "app/imports.h"
#include "base/csv.h"

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

/* Why there are none, or NULL. */
static const char *
read_cells(const struct import_sheet *sheet, const json_t *object, const char **cells)
{
	struct scope *sc = sheet->import->scope;

	if (!json_is_object(object))
		return "it is no object";
	for (int i = 0; i < sheet->count; i++) {
		const char *name = sheet->file->columns[i].name;

		if ((cells[i] = cell_text(sc, json_object_get(object, name))) == NULL)
			return scope_printf(sc, "%s has parts", name);
	}
	return NULL;
}

void
import_take_objects(struct import_sheet *sheet, const json_t *array)
{
	const char *cells[CSV_MAX_CELLS], *problem;

	for (size_t i = 0; i < json_array_size(array); i++) {
		problem = read_cells(sheet, json_array_get(array, i), cells);
		import_take(sheet, (long)i + 1, cells, problem);
	}
}
