/* What an administrator does from the command line: make an account, issue a service's token. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "base/text.h"
#include "users.h"

static int
misused(const char *sentence)
{
	fprintf(stderr, "%s\n", sentence);
	return 2;
}

/* The first line of standard input, so that no secret stands in a process list. */
static const char *
read_secret(struct scope *scope)
{
	char line[ACCOUNT_PASSWORD_MAX * 4 + 2];
	size_t size;

	if (fgets(line, sizeof(line), stdin) == NULL)
		return "";
	size = strcspn(line, "\r\n");
	return scope_copy(scope, line, size);
}

static void
check_account(struct scope *scope, const struct account *account)
{
	const char *problem;
	size_t length = strlen(account->username);

	if (length < ACCOUNT_USERNAME_MIN || length > ACCOUNT_USERNAME_MAX)
		scope_bad_field(scope, "name", "Must have %d to %d characters.", ACCOUNT_USERNAME_MIN, ACCOUNT_USERNAME_MAX);
	else if ((problem = account_username_problem(account->username)) != NULL)
		scope_bad_field(scope, "name", "%s", problem);
	if ((problem = account_email_problem(account->email)) != NULL)
		scope_bad_field(scope, "email", "%s", problem);
	if (!text_is_utf8(account->password, strlen(account->password)))
		scope_bad_field(scope, "password", "Must be UTF-8.");
	else if ((length = text_length(account->password)) < ACCOUNT_PASSWORD_MIN || length > ACCOUNT_PASSWORD_MAX)
		scope_bad_field(scope, "password", "Must have %d to %d characters.", ACCOUNT_PASSWORD_MIN, ACCOUNT_PASSWORD_MAX);
	else if ((problem = account_password_problem(account->password)) != NULL ||
	    (problem = account_password_problem_for(account->password, account->username, account->email)) != NULL)
		scope_bad_field(scope, "password", "%s", problem);
}

static int
add_user(const struct app_state *state, struct db *db, struct scope *scope, int argc, char **argv)
{
	struct account account = { .roles = { role_text(ROLE_USER) }, .roles_count = 1, .traceparent = "",
		.verb = "--add-user" };
	unsigned role;

	(void)state;
	if (argc != 3)
		return misused("--add-user wants NAME EMAIL ROLE, and the password on standard input");
	role = role_from_text(argv[2]);
	if (role == 0 || role == ROLE_SERVICE)
		return misused("ROLE is user, organiser, producer or admin");
	if (role != ROLE_USER)
		account.roles[account.roles_count++] = role_text(role);
	account.username = argv[0];
	account.email = argv[1];
	account.password = read_secret(scope);
	check_account(scope, &account);
	account_add(db, scope, &account);
	if (!scope_failed(scope))
		puts(account.user_id);
	return EXIT_SUCCESS;
}

static int
issue_token(const struct app_state *state, struct db *db, struct scope *scope, int argc, char **argv)
{
	const char *problem, *token;
	unsigned role;

	if (argc != 2)
		return misused("--issue-token wants NAME ROLE");
	/* Both speak for everyone; a token with a lesser role could pass for the account of that name. */
	role = role_from_text(argv[1]);
	if (role != ROLE_SERVICE && role != ROLE_ADMIN)
		return misused("ROLE is service or admin");
	if ((problem = account_username_problem(argv[0])) != NULL || strlen(argv[0]) > ACCOUNT_USERNAME_MAX)
		return misused(problem != NULL ? problem : "NAME is too long");
	token = service_issue(state, db, scope, argv[0], role);
	if (!scope_failed(scope))
		puts(token);
	return EXIT_SUCCESS;
}

/* Several at once: each start brings those of all pools, and a process for each would take its time. */
static int
add_service(const struct app_state *state, struct db *db, struct scope *scope, int argc, char **argv)
{
	(void)state;
	if (argc == 0)
		return misused("--add-service wants NAMES, and the secret of each on a line of standard input");
	for (int i = 0; i < argc && !scope_failed(scope); i++)
		service_add(db, scope, argv[i], read_secret(scope));
	return EXIT_SUCCESS;
}

static int
end_service(const struct app_state *state, struct db *db, struct scope *scope, int argc, char **argv)
{
	(void)state;
	if (argc != 1)
		return misused("--end-service wants NAME");
	service_end(db, scope, argv[0]);
	return EXIT_SUCCESS;
}

static const struct statement list = { SQL(
	select name, status, updated_at from service order by name
) };

static int
list_services(const struct app_state *state, struct db *db, struct scope *scope, int argc, char **argv)
{
	struct rows *rows;

	(void)state, (void)argv;
	if (argc != 0)
		return misused("--list-services wants nothing more");
	rows = db_query(db, &list);
	for (int row = 0; row < rows_count(rows); row++)
		printf("%s %s %s\n", row_text(rows, row, "name"), row_text(rows, row, "status"),
		    row_key(rows, row, "updated_at"));
	(void)scope;
	return EXIT_SUCCESS;
}

const struct verb command_verbs[] = {
	{ "add-user", "NAME EMAIL ROLE", "make an account; the password is read from standard input", add_user },
	{ "issue-token", "NAME ROLE", "print an access token of 24 hours for a service or an administrator", issue_token },
	{ "add-service", "NAME...", "make services or give them new secrets, each a line of standard input", add_service },
	{ "end-service", "NAME", "refuse its secret and its tokens", end_service },
	{ "list-services", "", "print name, status and time of the last change", list_services },
	{ 0 }
};
