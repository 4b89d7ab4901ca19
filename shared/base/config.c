/* Settings from files. Values are kept as they stood there; a table's defaults go the same way. */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"

struct value {
	char	*text;		/* as in a file */
	char	*secret;	/* of a FILE: its first line */
};

struct config {
	const struct setting	*settings;
	size_t			 count;
	struct value		*values;	/* one for each setting */
};

static void __attribute__((noreturn))
slip(const char *name, const char *what)
{
	warnx("setting %s: %s", name, what);
	abort();
}

static void *
or_abort(void *p)
{
	if (p == NULL) {
		warnx("out of memory");
		abort();
	}
	return p;
}

static bool
is_yes(const char *text)
{
	return strcmp(text, "yes") == 0 || strcmp(text, "true") == 0 || strcmp(text, "on") == 0;
}

static bool
is_no(const char *text)
{
	return strcmp(text, "no") == 0 || strcmp(text, "false") == 0 || strcmp(text, "off") == 0;
}

static bool
is_integer(const struct setting *setting, const char *text)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0')
		return false;
	return (setting->min == 0 && setting->max == 0) || (n >= setting->min && n <= setting->max);
}

/* A sentence's end when the text will not do, else NULL. */
static const char *
complaint(const struct setting *setting, const char *text, char out[128])
{
	switch (setting->kind) {
	case SETTING_INTEGER:
		if (is_integer(setting, text))
			return NULL;
		if (setting->min == 0 && setting->max == 0)
			return "must be a whole number";
		snprintf(out, 128, "must be a whole number from %lld to %lld",
		    (long long)setting->min, (long long)setting->max);
		return out;
	case SETTING_BOOL:
		return is_yes(text) || is_no(text) ? NULL : "must be yes or no";
	case SETTING_TEXT:
	case SETTING_FILE:
		break;
	}
	return NULL;
}

/* The first line of a file. NULL, errno says why: ENODATA when it is empty. */
static char *
first_line(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	int error;

	if (file == NULL)
		return NULL;
	errno = 0;
	length = getline(&line, &room, file);
	error = errno;
	fclose(file);
	if (length >= 0)
		line[strcspn(line, "\r\n")] = '\0';
	if (length <= 0 || line[0] == '\0') {
		free(line);
		errno = length < 0 && error != 0 ? error : ENODATA;
		return NULL;
	}
	return line;
}

/* NULL, or why the text cannot be this setting's value. */
static const char *
set(struct config *config, size_t i, const char *text, char out[128])
{
	const struct setting *setting = &config->settings[i];
	struct value *value = &config->values[i];
	const char *why = complaint(setting, text, out);
	char *secret = NULL;

	if (why != NULL)
		return why;
	if (setting->kind == SETTING_FILE && *text != '\0' && (secret = first_line(text)) == NULL)
		return errno == ENODATA ? "names an empty file" : strerror(errno);
	free(value->text);
	free(value->secret);
	value->text = or_abort(strdup(text));
	value->secret = secret;
	return NULL;
}

struct config *
config_new(const struct setting *settings)
{
	struct config *config = or_abort(calloc(1, sizeof(*config)));
	const char *why;
	char out[128];

	config->settings = settings;
	while (settings[config->count].name != NULL)
		config->count++;
	config->values = or_abort(calloc(config->count + 1, sizeof(*config->values)));
	for (size_t i = 0; i < config->count; i++) {
		why = set(config, i, settings[i].otherwise == NULL ? "" : settings[i].otherwise, out);
		/* A file that is looked for by default may be absent. */
		if (why != NULL && settings[i].kind != SETTING_FILE)
			slip(settings[i].name, why);
		if (why != NULL)
			config->values[i].text = or_abort(strdup(""));
	}
	return config;
}

static char *
trim(char *text)
{
	char *end;

	text += strspn(text, " \t\r\n");
	for (end = text + strlen(text); end > text && strchr(" \t\r\n", end[-1]) != NULL; end--)
		continue;
	*end = '\0';
	return text;
}

/* A '#' starts a comment at the start of a line or after a space, so that a value may have one inside. */
static void
cut_comment(char *line)
{
	for (char *p = line; (p = strchr(p, '#')) != NULL; p++) {
		if (p == line || p[-1] == ' ' || p[-1] == '\t') {
			*p = '\0';
			return;
		}
	}
}

static size_t
find(const struct config *config, const char *name)
{
	size_t i = 0;

	while (i < config->count && strcmp(config->settings[i].name, name) != 0)
		i++;
	return i;
}

static bool
read_line(struct config *config, char *line, char problem[192])
{
	const char *why;
	char *name, *equals, out[128];
	size_t i;

	cut_comment(line);
	name = trim(line);
	if (*name == '\0')
		return true;
	if ((equals = strchr(name, '=')) == NULL) {
		snprintf(problem, 192, "a line is `name = value`");
		return false;
	}
	*equals = '\0';
	name = trim(name);
	if ((i = find(config, name)) == config->count) {
		snprintf(problem, 192, "there is no setting %.40s", name);
		return false;
	}
	if ((why = set(config, i, trim(equals + 1), out)) == NULL)
		return true;
	snprintf(problem, 192, "%s %s", name, why);
	return false;
}

static bool
read_lines(struct config *config, FILE *file, const char *path, char problem[256])
{
	char *line = NULL, why[192] = "";
	size_t room = 0;
	ssize_t length;
	int number = 0;

	while (why[0] == '\0' && (length = getline(&line, &room, file)) >= 0) {
		number++;
		if (strlen(line) != (size_t)length)
			snprintf(why, sizeof(why), "this is no text file");
		else
			read_line(config, line, why);
	}
	free(line);
	if (why[0] != '\0')
		snprintf(problem, 256, "%.200s:%d: %s", path, number, why);
	else if (ferror(file))
		snprintf(problem, 256, "%.200s: %s", path, strerror(errno));
	else
		return true;
	return false;
}

bool
config_read(struct config *config, const char *path, bool optional, char problem[256])
{
	FILE *file = fopen(path, "re");
	bool good;

	if (file == NULL && errno == ENOENT && optional)
		return true;
	if (file == NULL) {
		snprintf(problem, 256, "%.200s: %s", path, strerror(errno));
		return false;
	}
	good = read_lines(config, file, path, problem);
	fclose(file);
	return good;
}

/* kinds: a bit for each that will do. */
static const struct value *
look_up(const struct config *config, const char *name, unsigned kinds)
{
	size_t i = find(config, name);

	if (i == config->count)
		slip(name, "there is none of this name");
	if ((1u << config->settings[i].kind & kinds) == 0)
		slip(name, "it is of another kind");
	return &config->values[i];
}

const char *
config_text(const struct config *config, const char *name)
{
	const struct value *value = look_up(config, name, 1u << SETTING_TEXT | 1u << SETTING_FILE);

	if (config->settings[value - config->values].kind == SETTING_TEXT)
		return value->text;
	return value->secret == NULL ? "" : value->secret;
}

int64_t
config_integer(const struct config *config, const char *name)
{
	return strtoll(look_up(config, name, 1u << SETTING_INTEGER)->text, NULL, 10);
}

bool
config_bool(const struct config *config, const char *name)
{
	return is_yes(look_up(config, name, 1u << SETTING_BOOL)->text);
}

void
config_print(const struct config *config, FILE *out)
{
	for (size_t i = 0; i < config->count; i++) {
		fprintf(out, "%s# %s\n", i == 0 ? "" : "\n", config->settings[i].text);
		fprintf(out, "%s =%s%s\n", config->settings[i].name,
		    *config->values[i].text == '\0' ? "" : " ", config->values[i].text);
	}
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	for (size_t i = 0; i < config->count; i++) {
		free(config->values[i].text);
		free(config->values[i].secret);
	}
	free(config->values);
	free(config);
}
