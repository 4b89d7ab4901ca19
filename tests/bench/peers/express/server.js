// The demo domain's public reads on Express.
"use strict";
const express = require("express");
const { one, page } = require("../items.js");

function problem(response, status, code) {
	response.status(status).type("application/problem+json").send(JSON.stringify({ status, code }));
}

require("../processes.js")(() => {
	const app = express();
	app.disable("x-powered-by");
	app.disable("etag");
	app.get("/api/demo/items/:id", async (request, response) => {
		const found = await one(request.params.id);
		if (!found)
			return problem(response, 404, "not_found");
		response.set("Cache-Control", "private, no-store").json(found);
	});
	app.get("/api/demo/items", async (request, response) => {
		const found = await page(request.query);
		if (!found)
			return problem(response, 422, "invalid_input");
		if (found.link)
			response.set("Link", found.link);
		response.set("Cache-Control", "max-age=1, stale-while-revalidate=1").json(found.items);
	});
	app.use((error, request, response, next) => problem(response, 503, "unavailable"));
	app.listen(Number(process.env.PORT), "127.0.0.1");
});
