/* Common passwords: what everybody tries first is refused, and nothing else. */
#include <string.h>

#include "unit.h"
#include "users.h"

static void
refuses(const char *const *passwords)
{
	for (; *passwords != NULL; passwords++)
		ck_assert_msg(account_password_problem(*passwords) != NULL, "%s passes", *passwords);
}

static void
takes(const char *const *passwords)
{
	for (; *passwords != NULL; passwords++)
		ck_assert_msg(account_password_problem(*passwords) == NULL, "%s is refused", *passwords);
}

#define REFUSES(...)	refuses((const char *const []){ __VA_ARGS__, NULL })
#define TAKES(...)	takes((const char *const []){ __VA_ARGS__, NULL })

START_TEST(a_word_that_everybody_thinks_of_is_refused_in_any_case)
{
	REFUSES("password", "PassWord", "iloveyou", "sunshine", "basketball", "Michelle", "trustno1", "Let me in", "hello-world");
}
END_TEST

START_TEST(what_stands_in_the_list_of_others_is_refused)
{
	REFUSES("teddybear", "ncc1701d", "Butthead", "THUNDERBIRD");
}
END_TEST

START_TEST(a_digit_or_a_sign_that_looks_like_the_letter_is_the_letter)
{
	REFUSES("p@ssw0rd", "Pa55word", "5un5hine", "drag0n99", "m1chelle", "we1come1", "!loveyou", "bu77erfly", "$up3rman");
}
END_TEST

START_TEST(what_people_hang_on_a_word_makes_it_no_better)
{
	REFUSES("password1", "12password", "Summer2024!", "!!dragon!!", "monkey1234", "admin12345678", "love12.05.1990",
	    "football7", "passwords", "123qwe-admin", "marquee1", "Marquee2026!!!");
}
END_TEST

START_TEST(what_is_said_twice_is_as_good_as_once)
{
	REFUSES("aaaaaaaa", "abababab", "xk7xk7xk7", "lovelove", "passwordpassword", "Dragon1Dragon1", "        ");
}
END_TEST

START_TEST(a_walk_over_the_keyboard_is_refused_in_either_direction)
{
	REFUSES("12345678", "0987654321", "abcdefgh", "zyxwvuts", "qwertyuiop", "poiuytrewq", "asdfghjkl", "1qaz2wsx", "zaq12wsx",
	    "q1w2e3r4", "qwer1234", "asdf;lkj1234", "11112222", "147258369", "!@#$%^&*", "123456789a", "qwe123asd");
}
END_TEST

START_TEST(a_date_alone_is_refused)
{
	REFUSES("19901225", "25121990", "12251990", "25.12.1990", "1990-12-25", "25/12/90", "20252026");
}
END_TEST

START_TEST(what_takes_some_thought_passes)
{
	TAKES("correct horse", "correct horse battery staple", "wrong horse", "tr0ub4dor&3", "mK9!xq2L", "my cat eats 7 mice",
	    "Zwölf Boxkämpfer", "elephant-tractor", "blue river stone", "gfhjrtwp", "hunter gatherer", "ddF8QFraXHLetUR5g6U33_nd",
	    "password manager of mine", "summer in the city", "qwerty is a row of keys");
}
END_TEST

START_TEST(the_longest_password_is_looked_at_too)
{
	char password[ACCOUNT_PASSWORD_MAX * 4 + 1];

	memset(password, '7', sizeof(password));
	password[sizeof(password) - 1] = '\0';
	ck_assert_ptr_nonnull(account_password_problem(password));
	for (size_t i = 0; i < sizeof(password) - 1; i++)
		password[i] = "kwxqvjzp"[(i * i + i / 7) % 8];
	ck_assert_ptr_null(account_password_problem(password));
}
END_TEST

START_TEST(a_name_alone_is_no_password_but_may_stand_in_one)
{
	ck_assert_ptr_nonnull(account_password_problem_for("annabelle", "Annabelle", "x@example.org"));
	ck_assert_ptr_nonnull(account_password_problem_for("annabelle-77", "annabelle", "x@example.org"));
	ck_assert_ptr_nonnull(account_password_problem_for("77mueller77", "x77", "Mueller@example.org"));
	ck_assert_ptr_nonnull(account_password_problem_for("annabelle12345678", "annabelle", "x@example.org"));
	ck_assert_ptr_nonnull(account_password_problem_for("anna.mueller", "anna", "mueller@example.org"));
	ck_assert_ptr_null(account_password_problem_for("annabelle met a bear", "annabelle", "x@example.org"));
	ck_assert_ptr_null(account_password_problem_for("tomorrow it rains", "tom", "to@example.org"));
	ck_assert_ptr_null(account_password_problem_for("correct horse", "annabelle", "annabelle@example.org"));
}
END_TEST

SUITE("common_passwords",
    a_word_that_everybody_thinks_of_is_refused_in_any_case,
    what_stands_in_the_list_of_others_is_refused,
    a_digit_or_a_sign_that_looks_like_the_letter_is_the_letter,
    what_people_hang_on_a_word_makes_it_no_better,
    what_is_said_twice_is_as_good_as_once,
    a_walk_over_the_keyboard_is_refused_in_either_direction,
    a_date_alone_is_refused,
    what_takes_some_thought_passes,
    the_longest_password_is_looked_at_too,
    a_name_alone_is_no_password_but_may_stand_in_one);
