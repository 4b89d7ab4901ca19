/*
 * Common passwords: a word that everybody thinks of, with what people hang on
 * it, or a walk over the keyboard, or one that stands in a list.  What is not
 * of a few cheap pieces passes.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "password_list.h"
#include "users.h"

#define MOST_LOOSE	4	/* beside the word or the walk: digits and signs count once, letters twice */
#define NEVER		10000
#define LEAST_PIECE	3
#define WORD_MOST	24
#define ROOM		(ACCOUNT_PASSWORD_MAX * 4 + 1)

/* The roots of what lists of stolen passwords begin with, in order; letters only. */
static const char *const words[] = {
	"abc", "abcd", "access", "admin", "adminadmin", "administrator", "africa", "ahmed", "aisha", "alex",
	"alexander", "alexandra", "alexis", "ali", "allah", "always", "amanda", "amazing", "amen", "america",
	"amit", "andrea", "andrew", "android", "angel", "angela", "angelica", "angels", "anjali", "anna",
	"anthony", "anything", "apple", "apples", "april", "arsenal", "asd", "asdf", "asdfg", "ashley", "asshole",
	"audi", "august", "australia", "autumn", "avengers", "awesome", "azerty", "babe", "baby", "babyboy",
	"babygirl", "babylon", "backup", "badboy", "badgirl", "bailey", "banana", "bar", "barbara", "barbie",
	"barcelona", "bart", "baseball", "basketball", "bastard", "batman", "bayern", "baz", "bear", "beatles",
	"beautiful", "beckham", "berlin", "bestfriend", "bible", "bienvenue", "bigboy", "bigdaddy", "biggie",
	"bighead", "bitch", "biteme", "black", "blackjack", "blah", "blessed", "blessing", "blue", "bmw",
	"brandon", "brasil", "brazil", "brian", "brittany", "broncos", "brother", "buddha", "buddy", "bulldogs",
	"bullshit", "bunny", "business", "buster", "butter", "butterfly", "california", "camaro", "canada",
	"candy", "carlos", "carolina", "caroline", "casino", "cat", "catherine", "cats", "celtic", "champion",
	"change", "changeme", "charles", "charlie", "cheese", "chelsea", "cherry", "chevy", "chicken", "china",
	"chocolate", "christ", "christian", "christina", "christmas", "christopher", "church", "claudia", "cobra",
	"cock", "coffee", "company", "computer", "contrasena", "cookie", "cookies", "cool", "coolio", "corvette",
	"cougar", "counter", "counterstrike", "cowboys", "crazy", "cricket", "crystal", "cupcake", "cutie",
	"cycling", "dad", "daddy", "daisy", "dance", "dancer", "dancing", "danger", "daniel", "daniela",
	"danielle", "darling", "database", "david", "december", "default", "demo", "desert", "destiny",
	"deutschland", "diamond", "diana", "dick", "disco", "disney", "dog", "doggy", "dogs", "dollar", "dolphin",
	"dolphins", "dortmund", "dragon", "dragonball", "dream", "dreamer", "dreams", "drums", "ducati", "eagle",
	"eagles", "earth", "eatme", "edward", "edwin", "elephant", "elizabeth", "emily", "eminem", "energy",
	"england", "eric", "espana", "evelyn", "everton", "example", "exodus", "facebook", "faith", "falcon",
	"family", "fantastic", "father", "fatima", "fatma", "february", "fernando", "ferrari", "fire", "florian",
	"flower", "flowers", "foo", "foobar", "football", "ford", "forever", "fortnite", "france", "francis",
	"francisco", "freedom", "friday", "friend", "friends", "friendship", "frodo", "fuck", "fucker", "fuckme",
	"fuckoff", "fuckyou", "funny", "fussball", "gabriel", "gabriela", "gamer", "gaming", "gandalf", "ganesh",
	"garfield", "geheim", "genesis", "george", "germany", "giants", "ginger", "god", "godfather", "godislove",
	"goku", "gold", "golden", "golf", "golfer", "goodboy", "goodgirl", "google", "grace", "grandma", "green",
	"greenday", "guest", "guitar", "hallo", "hannah", "hanuman", "happiness", "happy", "harley", "harrypotter",
	"haslo", "hassan", "hawk", "heather", "heaven", "hello", "hellohello", "hellokitty", "helloworld",
	"hermione", "hobbit", "hockey", "hogwarts", "holiday", "honda", "honey", "hope", "horse", "horses",
	"hotdog", "hotrod", "hotstuff", "hottie", "hugs", "hulk", "hunter", "hussein", "ibrahim", "ihateyou",
	"ilove", "iloveu", "ilovey", "iloveyou", "imissyou", "india", "ineedyou", "instagram", "internet",
	"iphone", "ireland", "ironman", "isabella", "islam", "island", "italia", "jackson", "jacob", "jaguar",
	"james", "january", "japan", "jasmine", "jasper", "jennifer", "jeremy", "jessica", "jesus", "jesuschrist",
	"john", "joker", "jonathan", "jordan", "jordans", "joseph", "joshua", "juan", "julia", "julian", "july",
	"june", "justice", "justin", "juventus", "katie", "kevin", "keyword", "khan", "killer", "kimberly", "king",
	"kingdom", "kisses", "kissme", "kissmyass", "kitten", "kitty", "knight", "koala", "krishna", "kumar",
	"ladybug", "lakers", "lakshmi", "lamborghini", "laura", "lauren", "legolas", "lemon", "leonardo",
	"letmein", "letmeinn", "letmeinnow", "liberty", "lightning", "lilly", "lily", "linda", "linux", "lion",
	"lions", "lisa", "liverpool", "login", "logon", "london", "love", "lovely", "loveme", "lover", "lovers",
	"loves", "loveyou", "lucas", "lucky", "madison", "magic", "magical", "mama", "manager", "manchester",
	"mango", "manutd", "march", "marcus", "maria", "mariana", "marie", "marina", "mario", "mark", "markus",
	"marquee", "martin", "marvel", "mary", "master", "matrix", "matthew", "maverick", "max", "megan",
	"melissa", "mercedes", "merlin", "messi", "metal", "metallica", "mexico", "michael", "michelle", "mickey",
	"mickeymouse", "microsoft", "midnight", "midnite", "miguel", "milan", "million", "millionaire",
	"minecraft", "minnie", "mohamed", "mohammed", "mommy", "monday", "money", "monica", "monkey", "moon",
	"moonlight", "motdepasse", "mother", "mountain", "muhammad", "mum", "music", "mustang", "mylove", "mypass",
	"mypassword", "mysecret", "naruto", "natalia", "natalie", "natasha", "nathan", "neo", "network", "newpass",
	"newpassword", "newyork", "neymar", "nicholas", "nicole", "ninja", "nintendo", "nirvana", "nissan",
	"nobody", "nopassword", "nothing", "november", "ocean", "october", "office", "oldpassword", "oliver",
	"olivia", "omar", "opensesame", "oracle", "orange", "orangejuice", "orchid", "packers", "pamela", "panda",
	"panther", "papa", "paris", "parol", "parola", "pass", "passcode", "passpass", "passphrase", "passw",
	"passwd", "password", "passwordpassword", "passwort", "patel", "patricia", "patrick", "patriots", "paul",
	"peace", "peaches", "penguin", "pepper", "perfect", "peter", "philip", "phoenix", "piano", "pikachu",
	"pink", "pizza", "platinum", "player", "playstation", "pokemon", "poker", "pony", "porn", "porsche",
	"potter", "power", "pretty", "prince", "princess", "private", "priya", "pumpkin", "puppy", "purple",
	"pussy", "qaz", "queen", "qwe", "qwert", "qwerty", "qwertz", "rabbit", "rachel", "rahul", "raiders",
	"rainbow", "rangers", "realmadrid", "rebecca", "red", "redhead", "redsox", "rich", "richard", "river",
	"robert", "roblox", "rock", "rockstar", "ronaldo", "root", "rose", "roses", "ruby", "rugby", "running",
	"russia", "sachin", "samantha", "sample", "samsung", "samuel", "samurai", "sandra", "sarah", "saturday",
	"schalke", "scorpion", "scotland", "sebastian", "secret", "secrets", "security", "senha", "september",
	"server", "service", "sesame", "sex", "sexsex", "sexy", "sexyboy", "sexygirl", "shadow", "shark", "sharma",
	"shit", "shiva", "silver", "simon", "simpsons", "singer", "singh", "sister", "skywalker", "slipknot",
	"smile", "smiley", "smokey", "snake", "snoopy", "soccer", "soldier", "solo", "someone", "something",
	"sonic", "sophia", "sophie", "spider", "spiderman", "spock", "spongebob", "sports", "spring", "star",
	"starlight", "stars", "startrek", "starwars", "steelers", "stefan", "stephanie", "stephen", "steven",
	"storm", "strawberry", "success", "suckit", "sugar", "summer", "sunday", "sunflower", "sunny", "sunset",
	"sunshine", "superman", "superuser", "support", "susan", "sweetheart", "sweetie", "sweety", "swimming",
	"sylvia", "system", "temp", "temporary", "tennis", "test", "tester", "testing", "texas", "thepassword",
	"thomas", "thunder", "thursday", "ticket", "tickets", "tiffany", "tiger", "tigers", "tigger", "toyota",
	"trouble", "trustno", "trustnoone", "tuesday", "turtle", "tweety", "twitter", "tyler", "unicorn", "united",
	"user", "username", "vader", "valentina", "vanessa", "veronica", "victoria", "victory", "vincent", "viper",
	"wachtwoord", "warcraft", "warrior", "water", "wednesday", "welcome", "whatever", "whatsup", "white",
	"whoami", "wildcat", "wildcats", "william", "willkommen", "windows", "winter", "wizard", "wolf",
	"wolverine", "wonderful", "xbox", "xyz", "yamaha", "yankees", "yellow", "yoda", "yourpassword", "youtube",
	"yusuf", "zachary", "zelda", "zxc", "zxcvb",
};

/* Walked over in either direction: the alphabet, keys side by side, keys above each other. */
static const char *const rows[] = {
	"abcdefghijklmnopqrstuvwxyz", "01234567890", "13579", "24680", "147258369", "159357", "789456123",
	"qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
	"!@#$%^&*()", "qazwsxedcrfvtgbyhnujmikolp", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
	"zaq1xsw2cde3vfr4bgt5nhy6mju7", "q1w2e3r4t5y6u7i8o9p0", "1q2w3e4r5t6y7u8i9o0p", "a1s2d3f4g5h6j7k8l9",
	"a1b2c3d4e5f6g7h8i9", "1a2b3c4d5e6f7g8h9i",
};

/* A password in lower case, and how much of it is loose before and after each place. */
struct puzzle {
	char	text[ROOM];
	size_t	length;
	int	before[ROOM], after[ROOM];
};

static size_t
same_length(const char *text)
{
	size_t length = 0;

	while (text[length] == text[0] && text[0] != '\0')
		length++;
	return length;
}

/* Of one row, from where its first character stands. */
static size_t
row_length(const char *text, const char *row)
{
	const char *at = *text == '\0' ? NULL : strchr(row, *text);
	size_t up = 0, down = 0;

	if (at == NULL)
		return 0;
	while (at[up] != '\0' && at[up] == text[up])
		up++;
	while (down <= (size_t)(at - row) && *(at - down) == text[down])
		down++;
	return up > down ? up : down;
}

static size_t
walk_length(const char *text)
{
	size_t longest = same_length(text), length, i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((length = row_length(text, rows[i])) > longest)
			longest = length;
	return longest;
}

static int
number(const char *text, int digits)
{
	int value = 0;

	for (; digits > 0; digits--, text++) {
		if (!isdigit((unsigned char)*text))
			return -1;
		value = value * 10 + *text - '0';
	}
	return value;
}

static bool
is_year(const char *text)
{
	int century = number(text, 2);

	return (century == 19 || century == 20) && number(text, 4) >= 0;
}

static bool
is_day(const char *text)
{
	int first = number(text, 2), second = first < 0 ? -1 : number(text + 2, 2);

	return first >= 1 && second >= 1 && first <= 31 && second <= 31 && (first <= 12 || second <= 12);
}

/* 8 or 6 digits, the year first or last; so few only when nothing else is there. */
static size_t
date_length(const char *text, bool alone)
{
	if ((is_year(text) && is_day(text + 4)) || (is_day(text) && is_year(text + 4)))
		return 8;
	if (alone && strlen(text) == 6 && number(text, 6) >= 0 && (is_day(text) || is_day(text + 2)))
		return 6;
	return 0;
}

static void
join(struct puzzle *p, size_t from, size_t to, bool forward)
{
	if (forward && p->before[from] < p->before[to])
		p->before[to] = p->before[from];
	if (!forward && p->after[to] < p->after[from])
		p->after[from] = p->after[to];
}

/* All the pieces that begin there cost nothing. */
static void
step(struct puzzle *p, size_t at, bool forward)
{
	const char *text = p->text + at;
	size_t longest = walk_length(text), date = date_length(text, at == 0), length;
	int loose = isalpha((unsigned char)*text) || (unsigned char)*text >= 0x80 ? 2 : 1;

	if (forward && p->before[at] + loose < p->before[at + 1])
		p->before[at + 1] = p->before[at] + loose;
	if (!forward && p->after[at + 1] + loose < p->after[at])
		p->after[at] = p->after[at + 1] + loose;
	for (length = LEAST_PIECE; length <= longest; length++)
		join(p, at, at + length, forward);
	if (is_year(text))
		join(p, at, at + 4, forward);
	if (date > 0)
		join(p, at, at + date, forward);
}

static void
measure(struct puzzle *p)
{
	size_t i;

	for (i = 0; i <= p->length; i++)
		p->before[i] = p->after[i] = NEVER;
	p->before[0] = p->after[p->length] = 0;
	for (i = 0; i < p->length; i++)
		step(p, i, true);
	for (i = p->length; i-- > 0;)
		step(p, i, false);
}

static int
compare_word(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

/* As a word, with the letters that digits and signs stand for; 1 and ! stand for two. */
static bool
is_word(const char *text, size_t length, char one)
{
	static const char leet[] = "@4031!$57", letters[] = "aaoe\1\1sst";
	char word[WORD_MOST + 1];
	const char *sign;
	size_t i;

	for (i = 0; i < length; i++) {
		sign = strchr(leet, text[i]);
		word[i] = sign == NULL ? text[i] : letters[sign - leet];
		if (word[i] == '\1')
			word[i] = one;
	}
	word[length] = '\0';
	return bsearch(word, words, sizeof(words) / sizeof(words[0]), sizeof(words[0]), compare_word) != NULL;
}

static bool
has_word(const struct puzzle *p)
{
	size_t start, length;

	for (start = 0; start < p->length; start++)
		for (length = LEAST_PIECE; length <= WORD_MOST && start + length <= p->length; length++)
			if (p->before[start] + p->after[start + length] <= MOST_LOOSE &&
			    (is_word(p->text + start, length, 'i') || is_word(p->text + start, length, 'l')))
				return true;
	return false;
}

/* The shortest beginning of which the whole is repetitions. */
static size_t
period(const struct puzzle *p)
{
	size_t length;

	for (length = 1; length < p->length; length++)
		if (p->length % length == 0 && memcmp(p->text, p->text + length, p->length - length) == 0)
			break;
	return length;
}

static bool
is_common(struct puzzle *p)
{
	size_t unit = period(p);

	if (p->length == 0 || (unit < p->length && unit <= LEAST_PIECE))
		return true;
	p->length = unit;
	p->text[unit] = '\0';
	measure(p);
	return p->before[p->length] <= MOST_LOOSE || has_word(p);
}

static void
fold(struct puzzle *p, const char *password, const char *dropped)
{
	p->length = 0;
	for (; *password != '\0' && p->length < ROOM - 1; password++)
		if (strchr(dropped, *password) == NULL)
			p->text[p->length++] = *password >= 'A' && *password <= 'Z' ? *password + 32 : *password;
	p->text[p->length] = '\0';
}

static int
compare_listed(const void *password, const void *listed)
{
	return strcasecmp(password, *(const char *const *)listed);
}

static bool
is_listed(const char *password)
{
	return bsearch(password, password_list, password_list_count, sizeof(password_list[0]), compare_listed) != NULL;
}

const char *
account_password_problem(const char *password)
{
	struct puzzle puzzle;
	bool common = is_listed(password);

	fold(&puzzle, password, "");
	common |= is_common(&puzzle);
	fold(&puzzle, password, " -_./,");
	return common || is_common(&puzzle) ? "Is too common: anyone would guess it." : NULL;
}

/* Takes the name out of the text wherever it stands. */
static bool
cut(char *text, const char *name, size_t length)
{
	bool found = false;
	char *p;

	for (p = text; length >= LEAST_PIECE && strlen(p) >= length;) {
		if (strncasecmp(p, name, length) == 0) {
			memmove(p, p + length, strlen(p + length) + 1);
			found = true;
		} else {
			p++;
		}
	}
	return found;
}

/* A name inside of a good password makes it no worse; what is left has to be one. */
const char *
account_password_problem_for(const char *password, const char *username, const char *email)
{
	char rest[ROOM] = "";
	bool found;

	memccpy(rest, password, '\0', sizeof(rest) - 1);
	found = cut(rest, username, strlen(username));
	if (!cut(rest, email, strcspn(email, "@")) && !found)
		return NULL;
	if (text_length(rest) >= ACCOUNT_PASSWORD_MIN && account_password_problem(rest) == NULL)
		return NULL;
	return "Is little more than the name or the address.";
}
