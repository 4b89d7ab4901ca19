# What is generated once and kept: passwords, the keys that sign tokens, the certificate.
# shellcheck shell=bash
# shellcheck disable=SC2154

# A file appears complete or not at all.
keep()	# FILE MODE: takes its contents from stdin
{
	local new=$1.new

	(umask 077 && cat >"$new")
	chmod "$2" "$new"
	mv "$new" "$1"
}

# Leaves a file alone that says the same: its time tells when it changed.
keep_changed()	# FILE MODE
{
	local text

	text=$(cat)
	if [[ ! -e $1 || $(<"$1") != "$text" ]]; then
		printf '%s\n' "$text" | keep "$1" "$2"
	fi
}

random_word()
{
	head -c 24 /dev/urandom | base64 -w0 | tr '+/' '-_'
}

make_password()	# ROLE
{
	[[ -s $secrets/$1.password ]] || random_word | keep "$secrets/$1.password" 0600
}

make_secret()	# FILE
{
	[[ -s $secrets/$1 ]] || { random_word && random_word; } | keep "$secrets/$1" 0600
}

# Signed by itself, for this machine only; made anew a month before it ends.
make_certificate()
{
	if [[ -s $certificate && -s $certificate_key ]] &&
	    openssl x509 -in "$certificate" -noout -checkend $((30 * 86400)) >/dev/null; then
		return
	fi
	(
		umask 077
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days 397 \
			-subj /CN=localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1' \
			-addext 'keyUsage=critical,digitalSignature' -addext 'extendedKeyUsage=serverAuth' \
			-keyout "$certificate_key.new" -out "$certificate.new" 2>/dev/null
	)
	chmod 0644 "$certificate.new"
	# A key without a certificate is made anew, a certificate of another key would be used.
	rm -f "$certificate"
	mv "$certificate_key.new" "$certificate_key"
	mv "$certificate.new" "$certificate"
}

# What Redis and its replicas know each other by: certificate and key in one file.
make_redis_certificate()
{
	[[ ! -s $secrets/redis.pem ]] || return 0
	(
		umask 077
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days 3650 \
			-subj /CN=redis -keyout "$secrets/redis.key.new" -out "$secrets/redis.crt.new" 2>/dev/null
		cat "$secrets/redis.key.new" "$secrets/redis.crt.new" >"$secrets/redis.pem.new"
	)
	rm "$secrets/redis.key.new" "$secrets/redis.crt.new"
	mv "$secrets/redis.pem.new" "$secrets/redis.pem"
}

make_secrets()
{
	local name

	make_password marquee_replication
	make_password demo-account
	for name in $(domains) $(schemas); do
		make_password "$name"
	done
	# What a pool signs in with at users.
	for name in $(domains); do
		make_secret "$name.service"
	done
	make_secret users.secret
	with_keys_locked settle_keys
	make_certificate
	make_redis_certificate
}
