// The item table by way of pg, for the Fastify and the Express peer.
"use strict";
const pg = require("pg");

pg.types.setTypeParser(pg.types.builtins.INT8, Number);
// The session's zone is UTC: "2030-01-01 00:06:00.004+00" becomes RFC 3339 without a Date between.
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => text.replace(" ", "T").replace("+00", "Z"));

const pool = new pg.Pool({
	connectionString: process.env.DSN,
	max: 4,
	options: "-c plan_cache_mode=force_generic_plan -c timezone=UTC",
});

const columns = "select item_id, name, description, price_minor, currency, available, starts_at from item";
const oneItem = { name: "one_item", text: `${columns} where item_id = $1` };
const pageItems = {
	name: "page_items",
	text: `${columns} where (starts_at, item_id) > ($1, $2) order by starts_at, item_id limit $3`,
};
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const start = ["-infinity", "00000000-0000-0000-0000-000000000000"];

const digits = new Map([
	..."BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" ").map((code) => [code, 0]),
	..."BHD IQD JOD KWD LYD OMR TND".split(" ").map((code) => [code, 3]),
	..."CLF UYW".split(" ").map((code) => [code, 4]),
]);
const scale = [1, 10, 100, 1000, 10000];

// A quotient of integers prints as the exact decimal up to 15 digits.
function item(row) {
	return {
		item_id: row.item_id,
		name: row.name,
		description: row.description,
		price: row.price_minor / scale[digits.get(row.currency) ?? 2],
		price_minor: row.price_minor,
		currency: row.currency,
		available: row.available,
		starts_at: row.starts_at,
	};
}

// One item, or undefined.
async function one(id) {
	if (!uuid.test(id))
		return undefined;
	const { rows } = await pool.query({ ...oneItem, values: [id] });
	return rows.length ? item(rows[0]) : undefined;
}

// A page and its Link header, undefined on the last page; undefined for a query that makes no sense.
async function page({ limit = "20", cursor }) {
	const count = Number(limit), after = cursor === undefined ? start : position(cursor);
	if (!Number.isInteger(count) || count < 1 || count > 100 || !after)
		return undefined;
	const { rows } = await pool.query({ ...pageItems, values: [...after, count + 1] });
	const items = rows.slice(0, count).map(item);
	if (rows.length <= count)
		return { items };
	const { starts_at, item_id } = rows[count - 1];
	const next = Buffer.from(`${starts_at}|${item_id}`).toString("base64url");
	return { items, link: `</api/demo/items?limit=${count}&cursor=${next}>; rel="next"` };
}

function position(cursor) {
	const [at, id] = Buffer.from(String(cursor), "base64url").toString().split("|");
	return id && uuid.test(id) && !Number.isNaN(Date.parse(at)) ? [at, id] : undefined;
}

module.exports = { one, page };
