/*
 * Formats of football: their first steps turn lines into import_game and
 * import_event (sql/sports/003_imports.sql), these make of them what they tell.
 */
#ifndef FOOTBALL_H
#define FOOTBALL_H

#include "app/imports.h"

extern const struct import_step football_steps[];

#endif
