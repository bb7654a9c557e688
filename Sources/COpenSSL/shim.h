// The functions for SHA-256 alone, which OpenSSL 3 advises against: the general ones look for a configuration file
// and for a provider of the algorithm, which takes longer than most digests here.
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/crypto.h>
#include <openssl/sha.h>
