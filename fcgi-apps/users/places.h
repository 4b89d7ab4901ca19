/* Where an address is, as a database of MaxMind's format (MMDB 2.0, City or Country) has it. */
#ifndef PLACES_H
#define PLACES_H

/*
 * "Berlin, Germany" or "Germany"; "" when the file ("" for none) does not know
 * the address or cannot be read, which is logged.  The file is opened each
 * time, some 20 us beside a password's 60 ms, so a newer one may be moved into
 * its place at any time.
 */
#define PLACE_SIZE	129
void	 place_find(char out[PLACE_SIZE], const char *file, const char *address);

#endif
