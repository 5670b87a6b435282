#pragma once

#include <stdio.h>

/// ncurses' `newterm` for the terminal described last, without what many emulators lack. With `direct`, colour numbers
/// above 15 are red, green and blue afterwards where this ncurses can have it so.
void *cnc_newterm(const char *type, int direct, FILE *output, FILE *input);
