// Runs a server in two processes that share its port.
"use strict";
const cluster = require("node:cluster");

module.exports = function (serve) {
	if (!cluster.isPrimary)
		return serve();
	cluster.fork();
	cluster.fork();
	cluster.on("exit", () => process.exit(1));
	// A primary that ends without a word would leave its children to find out.
	for (const signal of ["SIGTERM", "SIGINT"])
		process.on(signal, () => process.exit(0));
};
