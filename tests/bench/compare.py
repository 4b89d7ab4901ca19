"""All contenders must give the same answers: usage: compare.py NAME ITEMS_URL LIST_URL...

Rows with escapes and with amounts of other digits, one that is not there, a
list of 20, and the page that its Link leads to.
"""
import json
import re
import sys
import urllib.error
import urllib.request
from decimal import Decimal


def ask(url):
	try:
		with urllib.request.urlopen(url, timeout=10) as answer:
			return answer.status, answer.headers, answer.read()
	except urllib.error.HTTPError as error:
		return error.code, error.headers, b""


def number(text):
	"""19.5 and 19.50 are one amount, 19.499999999999 is another."""
	return Decimal(text).normalize()


def parsed(url):
	status, headers, body = ask(url)
	if status != 200 or headers.get_content_type() != "application/json":
		sys.exit(f"{url}: {status} {headers.get_content_type()}")
	return headers, json.loads(body, parse_float=number, parse_int=number)


def answers(items, listed):
	found = {n: parsed(f"{items}/00000000-0000-7000-8000-{n:012x}")[1] for n in (1, 3, 4, 5, 50, 99999)}
	headers, found["list"] = parsed(listed)
	link = re.search(r'<(?:https?://[^/]+)?(/[^>]+)>; rel="next"', headers["Link"] or "")
	if len(found["list"]) != 20 or not link:
		sys.exit(f"{listed}: {len(found['list'])} rows, Link {headers['Link']}")
	_, found["next page"] = parsed(items.replace("/api/demo/items", "") + link[1])
	found["missing row"] = ask(f"{items}/00000000-0000-7000-8000-{100001:012x}")[0]
	return found


def main():
	first, *rest = zip(sys.argv[1::3], sys.argv[2::3], sys.argv[3::3])
	wanted = answers(*first[1:])
	if wanted["missing row"] != 404:
		sys.exit(f"{first[0]}: {wanted['missing row']} for a row that is not there")
	for name, items, listed in rest:
		for what, got in answers(items, listed).items():
			if got != wanted[what]:
				sys.exit(f"{what}: the answers differ\n{first[0]}: {wanted[what]}\n{name}: {got}")
	print("the same answers from", ", ".join(sys.argv[1::3]), file=sys.stderr)


main()
