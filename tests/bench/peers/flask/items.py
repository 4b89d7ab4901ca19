"""The demo domain's public reads on Flask and psycopg2."""
import base64
import binascii
import os
import threading
from contextlib import contextmanager
from datetime import datetime, timezone
from uuid import UUID

import psycopg2
from flask import Flask, jsonify, request

COLUMNS = "select item_id::text, name, description, price_minor, currency, available, starts_at from item"
PREPARE = f"""
prepare one_item (uuid) as {COLUMNS} where item_id = $1;
prepare page_items (timestamptz, uuid, int) as
	{COLUMNS} where (starts_at, item_id) > ($1, $2) order by starts_at, item_id limit $3"""
START = ("-infinity", "00000000-0000-0000-0000-000000000000")
DIGITS = dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0)
DIGITS.update(dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3))
DIGITS.update(dict.fromkeys("CLF UYW".split(), 4))

app = Flask(__name__)
app.json.sort_keys = False
app.json.compact = True
mine = threading.local()


def connection():
	"""Each of gunicorn's threads keeps one connection."""
	if getattr(mine, "connection", None) is None or mine.connection.closed:
		mine.connection = psycopg2.connect(
			os.environ["DSN"], options="-c plan_cache_mode=force_generic_plan -c timezone=UTC")
		mine.connection.autocommit = True
		with mine.connection.cursor() as cursor:
			cursor.execute(PREPARE)
	return mine.connection


@contextmanager
def rows(statement, values):
	with connection().cursor() as cursor:
		cursor.execute(statement, values)
		yield cursor.fetchall()


def item(row):
	item_id, name, description, price_minor, currency, available, starts_at = row
	# A quotient of integers prints as the exact decimal up to 15 digits.
	return {
		"item_id": item_id, "name": name, "description": description,
		"price": price_minor / 10 ** DIGITS.get(currency, 2), "price_minor": price_minor,
		"currency": currency, "available": available, "starts_at": rfc3339(starts_at),
	}


def rfc3339(time):
	text = time.replace(tzinfo=None).isoformat()
	return (text.rstrip("0") if "." in text else text) + "Z"


@app.get("/api/demo/items/<uuid:item_id>")
def one(item_id):
	with rows("execute one_item (%s)", (str(item_id),)) as found:
		if not found:
			return problem(404, "not_found")
		return jsonify(item(found[0])), {"Cache-Control": "private, no-store"}


@app.get("/api/demo/items")
def page():
	limit = request.args.get("limit", 20, int)
	try:
		after = position(request.args["cursor"]) if "cursor" in request.args else START
	except (ValueError, binascii.Error):
		return problem(422, "invalid_input")
	if str(limit) != request.args.get("limit", "20") or not 1 <= limit <= 100:
		return problem(422, "invalid_input")
	headers = {"Cache-Control": "max-age=1, stale-while-revalidate=1"}
	with rows("execute page_items (%s, %s, %s)", (*after, limit + 1)) as found:
		items = [item(row) for row in found[:limit]]
	if len(found) > limit:
		headers["Link"] = f'</api/demo/items?limit={limit}&cursor={following(items[-1])}>; rel="next"'
	return jsonify(items), headers


def following(last):
	text = f"{last['starts_at']}|{last['item_id']}"
	return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position(cursor):
	at, item_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
	return datetime.fromisoformat(at.replace("Z", "+00:00")).astimezone(timezone.utc), str(UUID(item_id))


def problem(status, code):
	return {"status": status, "code": code}, status, {"Content-Type": "application/problem+json"}


@app.errorhandler(404)
def missing(_):
	return problem(404, "not_found")


@app.errorhandler(psycopg2.Error)
def unavailable(_):
	return problem(503, "unavailable")
