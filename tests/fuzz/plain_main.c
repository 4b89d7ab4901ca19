/* Runs a fuzz target on the files given: for reproducing with a debugger, and where there is no clang. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static void
run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t size, room = 1 << 20;
	uint8_t *bytes = malloc(room), *exact;

	if (file == NULL || bytes == NULL)
		err(1, "%s", path);
	size = fread(bytes, 1, room, file);
	fclose(file);
	/* A copy without room to spare, so that ASan sees a read past its end. */
	if ((exact = realloc(bytes, size > 0 ? size : 1)) == NULL)
		err(1, "%s", path);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run_file(argv[i]);
	return 0;
}
