// The demo domain's public reads on Fastify.
"use strict";
const fastify = require("fastify");
const { one, page } = require("../items.js");

const item = {
	type: "object",
	properties: {
		item_id: { type: "string" },
		name: { type: "string" },
		description: { type: "string" },
		price: { type: "number" },
		price_minor: { type: "integer" },
		currency: { type: "string" },
		available: { type: "integer" },
		starts_at: { type: "string" },
	},
};
const items = { type: "array", items: item };

function problem(reply, status, code) {
	return reply.code(status).type("application/problem+json").send(JSON.stringify({ status, code }));
}

require("../processes.js")(() => {
	const app = fastify();
	app.get("/api/demo/items/:id", { schema: { response: { 200: item } } }, async (request, reply) => {
		const found = await one(request.params.id);
		if (!found)
			return problem(reply, 404, "not_found");
		reply.header("cache-control", "private, no-store");
		return found;
	});
	app.get("/api/demo/items", { schema: { response: { 200: items } } }, async (request, reply) => {
		const found = await page(request.query);
		if (!found)
			return problem(reply, 422, "invalid_input");
		if (found.link)
			reply.header("link", found.link);
		reply.header("cache-control", "max-age=1, stale-while-revalidate=1");
		return found.items;
	});
	app.setErrorHandler((error, request, reply) => problem(reply, 503, "unavailable"));
	app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
});
