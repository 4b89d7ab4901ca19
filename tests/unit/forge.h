/* Tokens by hand, without the code under test: any header and body, rightly signed or not. */
#ifndef FORGE_H
#define FORGE_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

/* All of these end the program when they cannot. */
EVP_PKEY	*forge_key(const char *curve);
/* As PEM, malloc'ed; the public key, or the private one. */
char		*forge_pem(EVP_PKEY *, bool private);
void		 forge_file(const char *folder, const char *name, const char *text);
/* An empty folder of its own. */
char		*forge_folder(void);
void		 forge_remove(char *folder);

/* base64url, malloc'ed. */
char		*forge_part(const void *, size_t);
/* "header.body", malloc'ed; both are given as JSON. */
char		*forge_unsigned(const char *header, const char *body);
/* The 64 bytes of ES256. */
void		 forge_sign(unsigned char out[64], EVP_PKEY *, const char *text);
char		*forge_token(EVP_PKEY *, const char *header, const char *body);

/* Loads this key as kid "k1", issuer "https://host", audience "marquee", ten minutes. */
struct token_keys *forge_keys(EVP_PKEY *);

#endif
