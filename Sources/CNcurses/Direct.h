#pragma once

#include <stdio.h>

/// ncurses' `newterm` for the terminal described last. Colour numbers above 15 are red, green and blue afterwards where
/// this ncurses can have it so.
void *cnc_newterm_direct(const char *type, FILE *output, FILE *input);
