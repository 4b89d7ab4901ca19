/* What a session began on, as its owner would say it. */
#ifndef DEVICES_H
#define DEVICES_H

/* "Firefox on Linux", "Safari on iPhone", "curl": ASCII, never empty. user_agent: any bytes, or NULL. */
#define DEVICE_NAME_SIZE	49
void	 device_name(char out[DEVICE_NAME_SIZE], const char *user_agent);

/*
 * The network that a textual address is in: "203.0.113.0/24" of so many bits
 * for IPv4, so many for IPv6.  "" for what is no address; NULL is none: nginx
 * says "unix:" for its own socket.  An IPv4 address in IPv6 clothes
 * (::ffff:203.0.113.7) is one of IPv4.
 */
#define DEVICE_NETWORK_SIZE	50
void	 device_network(char out[DEVICE_NETWORK_SIZE], const char *address, int bits_v4, int bits_v6);

#endif
