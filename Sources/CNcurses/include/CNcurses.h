#pragma once

#include <stdint.h>

// The part of ncurses that draws, behind functions that Swift can import: ncurses' own interface is mostly macros and
// global variables. One screen at a time, used by one thread. Input is not read through ncurses.

/// One character to draw: a base and up to three combining marks, ended by 0.
typedef struct {
    uint32_t scalars[4];
    int32_t pair;
    uint8_t attributes;
    uint8_t width;
} cnc_cell;

enum {
    CNC_BOLD = 1,
    CNC_DIM = 2,
    CNC_REVERSE = 4,
    CNC_UNDERLINE = 8,
    CNC_ITALIC = 16,
};

enum {
    CNC_OK = 0,
    CNC_UNKNOWN_TERMINAL = 1,
    CNC_NO_DATABASE = 2,
    CNC_UNUSABLE = 3,
};

/// Chooses the locale for characters: the environment's, or C.UTF-8 when that names none. True when text is UTF-8.
int cnc_use_locale(void);

/// The columns that the chosen locale gives a character: 0, 1 or 2, and -1 when it has no such character.
int cnc_width(uint32_t scalar);

/// Reads the description of a terminal type. CNC_OK or what is wrong with it.
int cnc_describe(const char *type, int output);

/// A string of the described terminal without its padding, copied to `buffer`: its length, or -1 when the terminal has
/// no such string or it doesn't fit.
int cnc_string(const char *capability, char *buffer, int capacity);

/// A flag of the described terminal.
int cnc_flag(const char *capability);

/// Starts drawing on the standard streams: raw input, no echo. CNC_OK or CNC_UNUSABLE.
///
/// With `direct`, colour numbers above 15 are red, green and blue wherever this ncurses can have it so: cnc_is_direct
/// tells. The terminal must be one that understands ANSI's sequences.
int cnc_start(const char *type, int direct);

/// True when colour numbers above 15 are red, green and blue, as cnc_start was asked for.
int cnc_is_direct(void);

/// Leaves full-screen mode. Drawing again returns to it and draws everything.
void cnc_leave(void);

/// Leaves full-screen mode for good.
void cnc_finish(void);

/// The number of colours, 0 when there are none. To be asked once after cnc_start.
int cnc_colors(void);

/// The number of colour pairs.
int cnc_pairs(void);

/// Sets a colour pair; -1 is the terminal's own colour. Returns 0 when it can't be set.
int cnc_set_pair(int pair, int foreground, int background);

/// Puts a run of characters on one row. Characters that this system's locale can't show become `?`.
void cnc_put(int row, int column, const cnc_cell *cells, int count);

/// Sends what changed since the last time. `row` -1 hides the cursor.
void cnc_show(int row, int column, int synchronized);

/// The next cnc_show draws everything.
void cnc_redraw_all(void);

void cnc_resize(int rows, int columns);
void cnc_size(int *rows, int *columns);
void cnc_beep(void);

/// Sends control sequences in order with what is drawn, at once.
void cnc_send(const char *sequence);
