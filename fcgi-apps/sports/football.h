/*
 * Formats of football: they begin with football_begin, then their own steps
 * turn lines into import_game and import_event (sql/sports/003_imports.sql),
 * and football_steps make of them what they tell.
 */
#ifndef FOOTBALL_H
#define FOOTBALL_H

#include "app/imports.h"

extern const struct import_step football_begin[];
extern const struct import_step football_steps[];

#endif
