# openapi: prints the contract of all pools as one OpenAPI document.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called openapi

	Prints what every installed pool says of its endpoints, and where sockets
	open, merged into one OpenAPI 3.1 document.  Nothing needs to run.
	USAGE
}

needs_nothing()
{
	:
}

main()
{
	(($# == 0)) || bad_usage "openapi: '$1' is not understood."
	load process secrets keys postgres cluster services
	openapi
}
