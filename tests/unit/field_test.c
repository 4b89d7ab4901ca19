/* Binding: what reaches a handler's struct, and the sentences for what does not. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "http/request.h"
#include "unit.h"

#define ID_UPPER	"018F3C5E-7B2A-7C3D-8E4F-5A6B7C8D9E0F"
#define ID_LOWER	"018f3c5e-7b2a-7c3d-8e4f-5a6b7c8d9e0f"
#define CALLER		"0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6b"
#define NAMED		"\"name\":\"Alice\""	/* the one member that is required */
#define PRODUCT(n)	"{\"product_id\":\"" ID_LOWER "\",\"quantity\":" n "}"

struct product {
	const char	*product_id;
	int64_t		 quantity;
	const char	*price;
};

static const struct field product_fields[] = {
	ID_FIELD (FROM_BODY, product, product_id, .required = true),
	INT_FIELD(FROM_BODY, product, quantity, .required = true, .min = 1, .max = 10),
	MONEY_FIELD(FROM_BODY, product, price),
	{ 0 }
};

struct venue {
	const char	*city;
	int64_t		 capacity;
	bool		 open;
};

static const struct field venue_fields[] = {
	TEXT_FIELD(FROM_BODY, venue, city, .required = true),
	INT_FIELD (FROM_BODY, venue, capacity, .otherwise = 100),
	BOOL_FIELD(FROM_BODY, venue, open, .otherwise = true),
	{ 0 }
};

struct order {
	const char	*order_id, *part;
	const char	*user_id;
	const char	*q, *since;
	int64_t		 limit;
	bool		 all, is_admin;
	const char	*name, *color, *mail, *fee, *ref, *at;
	int64_t		 number, signed_number;
	bool		 gift;
	struct venue	 venue;
	struct list	 products, tags, mails;
};

static const char *
check_mail(const char *text)
{
	return text_is_email(text) ? NULL : "Must be a mail address.";
}

static const struct field order_fields[] = {
	ID_FIELD   (FROM_PATH, order, order_id, .required = true),
	TEXT_FIELD (FROM_PATH, order, part, .choices = "head tail"),
	ID_FIELD   (FROM_CALLER, order, user_id),
	BOOL_FIELD (FROM_CALLER, order, is_admin),
	TEXT_FIELD (FROM_QUERY, order, q),
	TIME_FIELD (FROM_QUERY, order, since),
	INT_FIELD  (FROM_QUERY, order, limit, .min = 1, .max = 50, .otherwise = 7),
	BOOL_FIELD (FROM_QUERY, order, all, .otherwise = true),
	DECIDED_FIELD(FROM_QUERY, "trace"),
	TEXT_FIELD (FROM_BODY, order, name, .required = true, .min = 3, .max = 8),
	TEXT_FIELD (FROM_BODY, order, color, .choices = "red green blue"),
	TEXT_FIELD (FROM_BODY, order, mail, .check = check_mail),
	MONEY_FIELD(FROM_BODY, order, fee),
	ID_FIELD   (FROM_BODY, order, ref),
	TIME_FIELD (FROM_BODY, order, at),
	INT_FIELD  (FROM_BODY, order, number, .max = 1000),
	INT_FIELD  (FROM_BODY, order, signed_number),
	BOOL_FIELD (FROM_BODY, order, gift),
	OBJECT_FIELD(order, venue, venue_fields),
	LIST_FIELD (order, products, product, .min = 1, .max = 3),
	TEXTS_FIELD(order, tags, .choices = "new old"),
	TEXTS_FIELD(order, mails, .check = check_mail),
	DECIDED_FIELD(FROM_BODY, "id"),
	DECIDED_FIELD(FROM_BODY, "status"),
	{ 0 }
};

static struct reply *
run(struct request *rq)
{
	(void)rq;
	return NULL;
}

static struct route row;
static struct request rq;
static const struct order *in;

static void
begin(void)
{
	scope_free(&rq.scope);
	row = (struct route){ POST, "/orders/{order_id}/{part}", run, INPUT(order), .summary = "s" };
	rq = (struct request){
		.method = POST, .route = &row, .query = "", .segments = { ID_UPPER, "head" },
		.content_type = "application/json",
	};
	memcpy(rq.caller.user_id, CALLER, sizeof(CALLER));
}

/* "" when it was bound; else the code, and for 422 each bad field with its sentence. */
static const char *
finish(void)
{
	const struct failure *failure = &rq.scope.failure;
	static char text[20000];
	size_t used = 0;

	field_bind(&rq);
	in = rq.input;
	ck_assert((in == NULL) == scope_failed(&rq.scope));
	if (!scope_failed(&rq.scope))
		return "";
	if (failure->errors == NULL)
		return scope_printf(&rq.scope, "%d %s", failure->status, failure->code);
	ck_assert_int_eq(failure->status, 422);
	ck_assert_str_eq(failure->code, "invalid");
	for (const struct field_error *e = failure->errors; e != NULL && used < sizeof(text); e = e->next)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s: %s", used > 0 ? " " : "",
		    e->field, e->message);
	return text;
}

static const char *
bind_bytes(const char *body, size_t size)
{
	begin();
	rq.body = body;
	rq.body_size = size;
	return finish();
}

static const char *
bind(const char *body)
{
	return bind_bytes(body, strlen(body));
}

static const char *
bind_query(const char *query)
{
	begin();
	rq.query = query;
	rq.body = "{" NAMED "}";
	rq.body_size = strlen(rq.body);
	return finish();
}

static const char *
bind_path(const char *id, const char *part)
{
	begin();
	rq.segments[0] = id;
	rq.segments[1] = part;
	rq.body = "{" NAMED "}";
	rq.body_size = strlen(rq.body);
	return finish();
}

/* --- sources --- */

START_TEST(values_come_from_path_query_body_and_caller)
{
	begin();
	rq.query = "q=a+b%26c&limit=5&all=false&since=2030-01-31T18:30:00%2B02:00";
	rq.body = "{" NAMED ", \"number\":12, \"gift\":true}";
	rq.body_size = strlen(rq.body);
	ck_assert_str_eq(finish(), "");
	ck_assert_str_eq(in->order_id, ID_LOWER);
	ck_assert_str_eq(in->part, "head");
	ck_assert_str_eq(in->user_id, CALLER);
	ck_assert_str_eq(in->q, "a b&c");
	ck_assert_str_eq(in->since, "2030-01-31T16:30:00Z");
	ck_assert_int_eq(in->limit, 5);
	ck_assert(!in->all);
	ck_assert_str_eq(in->name, "Alice");
	ck_assert_int_eq(in->number, 12);
	ck_assert(in->gift);
}
END_TEST

START_TEST(what_is_absent_has_its_other_value_or_none)
{
	ck_assert_str_eq(bind("{" NAMED "}"), "");
	ck_assert_int_eq(in->limit, 7);
	ck_assert(in->all);
	ck_assert_ptr_null(in->q);
	ck_assert_ptr_null(in->color);
	ck_assert_ptr_null(in->at);
	ck_assert_int_eq(in->number, 0);
	ck_assert(!in->gift);
	ck_assert_ptr_null(in->venue.city);
	ck_assert_int_eq(in->venue.capacity, 100);
	ck_assert(in->venue.open);
	ck_assert_uint_eq(in->products.count, 0);
	ck_assert_uint_eq(in->tags.count, 0);
}
END_TEST

START_TEST(null_is_absent)
{
	ck_assert_str_eq(bind("{" NAMED ",\"color\":null,\"number\":null,\"gift\":null,\"venue\":null,"
	    "\"products\":null,\"tags\":null}"), "");
	ck_assert_int_eq(in->venue.capacity, 100);
	ck_assert_str_eq(bind("{\"name\":null}"), "name: Is required.");
}
END_TEST

START_TEST(only_who_has_the_role_is_an_admin)
{
	static const struct { unsigned roles; bool is_admin; } callers[] = {
		{ 0, false }, { ROLE_USER, false }, { ROLE_SERVICE | ROLE_ORGANISER | ROLE_PRODUCER, false },
		{ ROLE_USER | ROLE_ADMIN, true },
	};

	for (size_t i = 0; i < sizeof(callers) / sizeof(callers[0]); i++) {
		begin();
		rq.body = "{" NAMED ",\"is_admin\":true}";
		rq.body_size = strlen(rq.body);
		rq.caller.roles = callers[i].roles;
		ck_assert_str_eq(finish(), "is_admin: Is not known here.");
		begin();
		rq.body = "{" NAMED "}";
		rq.body_size = strlen(rq.body);
		rq.caller.roles = callers[i].roles;
		ck_assert_str_eq(finish(), "");
		ck_assert_int_eq(in->is_admin, callers[i].is_admin);
	}
}
END_TEST

START_TEST(a_stranger_has_no_caller)
{
	begin();
	rq.caller.user_id[0] = '\0';
	rq.body = "{" NAMED "}";
	rq.body_size = strlen(rq.body);
	ck_assert_str_eq(finish(), "");
	ck_assert_ptr_null(in->user_id);
}
END_TEST

START_TEST(a_value_of_the_path_that_does_not_fit_is_404_and_nothing_else_is_said)
{
	ck_assert_str_eq(bind_path("12", "head"), "404 not_found");
	ck_assert_str_eq(bind_path(ID_LOWER "0", "head"), "404 not_found");
	ck_assert_str_eq(bind_path(ID_LOWER, "middle"), "404 not_found");
	begin();
	rq.segments[0] = "12";
	rq.query = "%";
	rq.body = "{";
	rq.body_size = 1;
	ck_assert_str_eq(finish(), "404 not_found");
}
END_TEST

/* --- the query --- */

START_TEST(a_malformed_query_is_400)
{
	static const char *const queries[] = {
		"%", "q=%4", "q=%zz", "%00=1", "q=a%00", "q=%ff", "\xff=1", "q=%c0%80", "nobody=1&q=%ed%a0%80",
	};

	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++)
		ck_assert_str_eq(bind_query(queries[i]), "400 bad_query");
}
END_TEST

START_TEST(unknown_and_repeated_parameters_are_named)
{
	ck_assert_str_eq(bind_query("color=red&q=1&q=2&Limit=3&name=Bob&=x"),
	    "color: Is not known here. q: Is given twice. Limit: Is not known here. name: Is not known here."
	    " : Is not known here.");
	ck_assert_str_eq(bind_query("%6cimit=5&&"), "");
	ck_assert_int_eq(in->limit, 5);
	ck_assert_str_eq(bind_query("q"), "");
	ck_assert_str_eq(in->q, "");
	ck_assert_str_eq(bind_query("q=a=b"), "");
	ck_assert_str_eq(in->q, "a=b");
}
END_TEST

/* --- the body --- */

START_TEST(a_body_that_is_no_object_is_400)
{
	static const char *const bodies[] = {
		"[]", "1", "null", "\"a\"", "{", "{" NAMED "} x", "name=Alice", "{" NAMED "," NAMED "}",
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		ck_assert_str_eq(bind(bodies[i]), "400 bad_json");
	ck_assert_str_eq(bind_bytes("{\"name\":\"Ali\0ce\"}", 17), "400 bad_json");
	ck_assert_str_eq(bind("{\"name\":\"\\ud83d\"}"), "400 bad_json");
	ck_assert_str_eq(bind("{\"name\":\"Ali\xff\"}"), "400 bad_json");
}
END_TEST

START_TEST(an_empty_body_has_no_members)
{
	ck_assert_str_eq(bind(""), "name: Is required.");
	begin();
	rq.content_type = NULL;
	row.fields = venue_fields + 1;		/* nothing in it is required */
	row.input_size = sizeof(struct venue);
	row.path = "/";
	field_bind(&rq);
	ck_assert(!scope_failed(&rq.scope));
	ck_assert_int_eq(((const struct venue *)rq.input)->capacity, 100);
}
END_TEST

START_TEST(a_body_that_is_not_json_in_utf8_is_415)
{
	begin();
	rq.body = "{" NAMED "}";
	rq.body_size = strlen(rq.body);
	rq.content_type = "text/plain";
	ck_assert_str_eq(finish(), "415 unsupported_media_type");
	begin();
	rq.body = "x";
	rq.body_size = 1;
	rq.content_type = NULL;
	ck_assert_str_eq(finish(), "415 unsupported_media_type");
}
END_TEST

START_TEST(a_body_beyond_its_limit_is_413)
{
	static char body[BODY_LIMIT + 2];

	memset(body, ' ', sizeof(body) - 1);
	memcpy(body, "{" NAMED "}", strlen("{" NAMED "}"));
	ck_assert_str_eq(bind_bytes(body, BODY_LIMIT), "");
	ck_assert_str_eq(bind_bytes(body, BODY_LIMIT + 1), "413 body_too_large");
	begin();
	row.body_limit = 10;
	rq.body = body;
	rq.body_size = 11;
	ck_assert_str_eq(finish(), "413 body_too_large");
}
END_TEST

static const char *
bind_as(enum body body, const char *text)
{
	begin();
	row = (struct route){ POST, "/", run, .body = body, .summary = "s" };
	rq.content_type = "text/plain";
	rq.body = text;
	rq.body_size = text != NULL ? strlen(text) : 0;
	field_bind(&rq);
	return scope_failed(&rq.scope) ? rq.scope.failure.code : "";
}

START_TEST(a_row_says_what_becomes_of_its_body)
{
	ck_assert_str_eq(bind_as(NONE, "x"), "unexpected_body");
	ck_assert_str_eq(bind_as(NONE, ""), "");
	ck_assert_str_eq(bind_as(NONE, NULL), "");
	ck_assert_str_eq(bind_as(IGNORED, "{\"empty\"}"), "");
	ck_assert_str_eq(bind_as(RAW, "\xff\xd8"), "");
	ck_assert_str_eq(bind_as(JSON, NULL), "");
	ck_assert_str_eq(bind_as(JSON, "{}"), "unsupported_media_type");
}
END_TEST

START_TEST(unknown_members_are_named_where_they_stand)
{
	ck_assert_str_eq(bind("{" NAMED ",\"colour\":1,\"venue\":{\"city\":\"Rome\",\"x\":{}},"
	    "\"products\":[" PRODUCT("1") "," PRODUCT("1,\"colour\":\"red\"") "]}"),
	    "venue.x: Is not known here. products[1].colour: Is not known here. colour: Is not known here.");
	ck_assert_str_eq(bind("{" NAMED ",\"q\":\"of the query\",\"order_id\":1}"),
	    "q: Is not known here. order_id: Is not known here.");
}
END_TEST

START_TEST(a_name_that_is_not_ours_is_cut_at_a_whole_character)
{
	char body[1000];

	snprintf(body, sizeof(body), "{" NAMED ",\"%063d\xc3\xa9%0200d\":1}", 0, 0);
	ck_assert_str_eq(bind(body), "000000000000000000000000000000000000000000000000000000000000000: Is not known here.");
}
END_TEST

START_TEST(a_hostile_name_is_told_as_it_is)
{
	ck_assert_str_eq(bind_query("%22%3E%3Cscript%3E=1"), "\"><script>: Is not known here.");
	ck_assert_str_eq(bind("{" NAMED ",\"\\u001b[31m\\u202e%s%n\":1}"), "\x1b[31m\xe2\x80\xae%s%n: Is not known here.");
}
END_TEST

START_TEST(what_the_server_decides_is_taken_and_ignored)
{
	ck_assert_str_eq(bind("{" NAMED ",\"id\":[{\"deep\":[1]}],\"status\":false}"), "");
	ck_assert_str_eq(bind_query("trace=anything"), "");
}
END_TEST

START_TEST(all_bad_fields_are_told_at_once)
{
	begin();
	rq.query = "limit=0&unknown=1";
	rq.body = "{\"color\":\"pink\",\"number\":1001,\"gift\":0,\"other\":1}";
	rq.body_size = strlen(rq.body);
	ck_assert_str_eq(finish(),
	    "unknown: Is not known here. limit: Must be at least 1. name: Is required. color: Must be one of red, green, blue."
	    " number: Must be at most 1000. gift: Must be true or false. other: Is not known here.");
}
END_TEST

/* --- what has parts --- */

START_TEST(an_object_fills_the_struct_inside)
{
	ck_assert_str_eq(bind("{" NAMED ",\"venue\":{\"city\":\"Rome\",\"open\":false}}"), "");
	ck_assert_str_eq(in->venue.city, "Rome");
	ck_assert_int_eq(in->venue.capacity, 100);
	ck_assert(!in->venue.open);
	ck_assert_str_eq(bind("{" NAMED ",\"venue\":{}}"), "venue.city: Is required.");
	ck_assert_str_eq(bind("{" NAMED ",\"venue\":[]}"), "venue: Must be an object.");
}
END_TEST

START_TEST(a_list_of_structs_fills_one_after_another)
{
	const struct product *products;

	ck_assert_str_eq(bind("{" NAMED ",\"products\":[" PRODUCT("2") "," PRODUCT("3") "]}"), "");
	ck_assert_uint_eq(in->products.count, 2);
	products = in->products.items;
	ck_assert_int_eq(products[0].quantity, 2);
	ck_assert_int_eq(products[1].quantity, 3);
	ck_assert_str_eq(products[1].product_id, ID_LOWER);
}
END_TEST

START_TEST(a_list_names_the_element_that_is_wrong)
{
	ck_assert_str_eq(bind("{" NAMED ",\"products\":[" PRODUCT("1") ",null,{\"quantity\":0}]}"),
	    "products[1]: Must be an object. products[2].product_id: Is required. products[2].quantity: Must be at least 1.");
	ck_assert_str_eq(bind("{" NAMED ",\"products\":[]}"), "products: Must have at least 1 element.");
	ck_assert_str_eq(bind("{" NAMED ",\"products\":[1,2,3,4]}"), "products: Must have at most 3 elements.");
	ck_assert_str_eq(bind("{" NAMED ",\"products\":{}}"), "products: Must be a list.");
}
END_TEST

START_TEST(a_list_of_texts_checks_each)
{
	ck_assert_str_eq(bind("{" NAMED ",\"tags\":[\"new\",\"old\"]}"), "");
	ck_assert_uint_eq(in->tags.count, 2);
	ck_assert_str_eq(((const char *const *)in->tags.items)[1], "old");
	ck_assert_str_eq(bind("{" NAMED ",\"tags\":[]}"), "");
	ck_assert_str_eq(bind("{" NAMED ",\"tags\":[\"new\",null,5,\"odd\"]}"),
	    "tags[1]: Must be a text. tags[2]: Must be a text. tags[3]: Must be one of new, old.");
	ck_assert_str_eq(bind("{" NAMED ",\"mails\":[\"a@b.org\",\"a\"]}"), "mails[1]: Must be a mail address.");
}
END_TEST

START_TEST(a_list_without_limits_has_at_most_ten_thousand_elements)
{
	static char body[50000] = "{" NAMED ",\"tags\":[0";
	size_t used = strlen(body);

	for (int i = 0; i < 10000; i++, used += 2)
		memcpy(body + used, ",0", 2);
	memcpy(body + used, "]}", 3);
	ck_assert_str_eq(bind(body), "tags: Must have at most 10000 elements.");
}
END_TEST

START_TEST(money_is_taken_as_it_is_written)
{
	const struct product *products;

	ck_assert_str_eq(bind("{" NAMED ",\"fee\":19.9900000000}"), "");
	ck_assert_str_eq(in->fee, "19.9900000000");
	ck_assert_str_eq(bind("{" NAMED ",\"fee\":999999999999.000000000001}"), "");
	ck_assert_str_eq(in->fee, "999999999999.000000000001");
	ck_assert_str_eq(bind("{" NAMED ",\"fee\":\"19.99\"}"), "");
	ck_assert_str_eq(in->fee, "19.99");
	ck_assert_str_eq(bind("{" NAMED ",\"fee\":20}"), "");
	ck_assert_str_eq(in->fee, "20");
	ck_assert_str_eq(bind("{" NAMED ",\"mail\":\"a1.5@b.c\",\"products\":[{\"price\":1.5,\"quantity\":2,"
	    "\"product_id\":\"" ID_LOWER "\"},{\"quantity\":1,\"price\":2.50,\"product_id\":\"" ID_LOWER "\"}],"
	    "\"fee\":0.10}"), "");
	products = in->products.items;
	ck_assert_str_eq(products[0].price, "1.5");
	ck_assert_str_eq(products[1].price, "2.50");
	ck_assert_str_eq(in->fee, "0.10");
}
END_TEST

START_TEST(what_is_no_amount_is_refused)
{
	static const char *const bad[] = { "-1", "-0.5", "1e2", "1E-400", "1e5", "true", "[]", "\"\"", "\"1e2\"", "1000000000000" };
	char body[128];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(body, sizeof(body), "{" NAMED ",\"fee\":%s}", bad[i]);
		ck_assert_str_eq(bind(body), "fee: Must be an amount like 19.99, not negative, with at most 12 digits before the point.");
	}
	ck_assert_str_eq(bind("{" NAMED ",\"fee\":1e400}"), "400 bad_json");
}
END_TEST

SUITE("field",
    values_come_from_path_query_body_and_caller,
    what_is_absent_has_its_other_value_or_none,
    null_is_absent,
    only_who_has_the_role_is_an_admin,
    a_stranger_has_no_caller,
    a_value_of_the_path_that_does_not_fit_is_404_and_nothing_else_is_said,
    a_malformed_query_is_400,
    unknown_and_repeated_parameters_are_named,
    a_body_that_is_no_object_is_400,
    an_empty_body_has_no_members,
    a_body_that_is_not_json_in_utf8_is_415,
    a_body_beyond_its_limit_is_413,
    a_row_says_what_becomes_of_its_body,
    unknown_members_are_named_where_they_stand,
    a_name_that_is_not_ours_is_cut_at_a_whole_character,
    a_hostile_name_is_told_as_it_is,
    what_the_server_decides_is_taken_and_ignored,
    all_bad_fields_are_told_at_once,
    an_object_fills_the_struct_inside,
    a_list_of_structs_fills_one_after_another,
    a_list_names_the_element_that_is_wrong,
    a_list_of_texts_checks_each,
    a_list_without_limits_has_at_most_ten_thousand_elements,
    money_is_taken_as_it_is_written,
    what_is_no_amount_is_refused);
