#define _GNU_SOURCE 1
#define _XOPEN_SOURCE_EXTENDED 1
#define NCURSES_WIDECHAR 1
#include "CNcurses.h"
#include "Description.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

// term.h names a capability so.
#undef columns

static SCREEN *screen;
static int is_utf8;
static int has_default_colors;
static int cursor_is_shown;

int cnc_use_locale(void)
{
    const char *locale = setlocale(LC_CTYPE, "");
    is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    // No locale, or one that isn't installed, says nothing about the terminal; nearly all of them are UTF-8.
    int is_chosen = locale && strcmp(locale, "C") != 0 && strcmp(locale, "POSIX") != 0;
    if (!is_utf8 && !is_chosen)
        is_utf8 = setlocale(LC_CTYPE, "C.UTF-8") || setlocale(LC_CTYPE, "en_US.UTF-8");
    return is_utf8;
}

int cnc_width(uint32_t scalar)
{
    return wcwidth((wchar_t)scalar);
}

int cnc_describe(const char *type, int output)
{
    int error = 1;
    if (setupterm(type, output, &error) == OK)
        return tigetstr("cup") && tigetstr("cup") != (char *)-1 ? CNC_OK : CNC_UNUSABLE;
    return error == 0 ? CNC_UNKNOWN_TERMINAL : error < 0 ? CNC_NO_DATABASE : CNC_UNUSABLE;
}

int cnc_string(const char *capability, char *buffer, int capacity)
{
    const char *value = tigetstr((char *)capability);
    if (!value || value == (char *)-1)
        return -1;
    int length = 0;
    while (*value) {
        const char *end = value[0] == '$' && value[1] == '<' ? strchr(value, '>') : NULL;
        if (end) {
            value = end + 1;
            continue;
        }
        if (length == capacity)
            return -1;
        buffer[length++] = *value++;
    }
    return length;
}

int cnc_flag(const char *capability)
{
    return tigetflag((char *)capability) > 0;
}

int cnc_start(const char *type, int direct)
{
    screen = cnc_newterm(type, direct, stdout, stdin);
    if (!screen)
        return CNC_UNUSABLE;
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    // Else ncurses looks for input while it draws, and leaves frames half done.
    typeahead(-1);
    scrollok(stdscr, FALSE);
    // Emulators do not agree on the colour of what comes in from the right where characters are deleted.
    idcok(stdscr, FALSE);
    cursor_is_shown = -1;
    return CNC_OK;
}

void cnc_leave(void)
{
    // After this, endwin has shown the cursor.
    cursor_is_shown = -1;
    endwin();
}

void cnc_finish(void)
{
    if (!screen)
        return;
    endwin();
    delscreen(screen);
    screen = NULL;
}

int cnc_colors(void)
{
    if (!has_colors() || start_color() != OK)
        return 0;
    has_default_colors = use_default_colors() == OK;
    return COLORS;
}

int cnc_pairs(void)
{
    return COLOR_PAIRS;
}

int cnc_set_pair(int pair, int foreground, int background)
{
    if (!has_default_colors) {
        foreground = foreground < 0 ? COLOR_WHITE : foreground;
        background = background < 0 ? COLOR_BLACK : background;
    }
    return init_extended_pair(pair, foreground, background) == OK;
}

static attr_t attributes_of(uint8_t attributes)
{
    attr_t result = A_NORMAL;
    if (attributes & CNC_BOLD)
        result |= A_BOLD;
    if (attributes & CNC_DIM)
        result |= A_DIM;
    if (attributes & CNC_REVERSE)
        result |= A_REVERSE;
    if (attributes & CNC_UNDERLINE)
        result |= A_UNDERLINE;
    if (attributes & CNC_ITALIC)
        result |= A_ITALIC;
    return result;
}

// For character sets other than UTF-8.
static wchar_t plain(uint32_t scalar)
{
    switch (scalar) {
    case 0x2500: case 0x2501: case 0x2504: case 0x2508: case 0x2550: return L'-';
    case 0x2502: case 0x2503: case 0x2506: case 0x250A: case 0x2551: return L'|';
    case 0xB7: case 0x2022: case 0x2026: return L'.';
    default: break;
    }
    if (scalar >= 0x2500 && scalar < 0x2580)
        return L'+';
    return scalar >= 0x2580 && scalar < 0x25A0 ? L'#' : L'?';
}

// Returns the number of cells that it made: a character that can't be shown takes a cell for each of its columns.
static int convert(const cnc_cell *cell, cchar_t *result)
{
    wchar_t text[5] = {(wchar_t)cell->scalars[0]};
    int pair = cell->pair;
    int is_known = text[0] < 0x80 || (is_utf8 && wcwidth(text[0]) == cell->width);
    int length = 1;
    for (int i = 1; is_known && i < 4 && cell->scalars[i]; i++)
        if (is_utf8 && wcwidth((wchar_t)cell->scalars[i]) == 0)
            text[length++] = (wchar_t)cell->scalars[i];
    if (!is_known)
        text[0] = is_utf8 ? L'?' : plain(cell->scalars[0]);
    setcchar(result, text, attributes_of(cell->attributes), 0, &pair);
    if (is_known || cell->width < 2)
        return 1;
    text[0] = L' ';
    setcchar(result + 1, text, attributes_of(cell->attributes), 0, &pair);
    return 2;
}

void cnc_put(int row, int column, const cnc_cell *cells, int count)
{
    cchar_t run[128];
    while (count > 0) {
        int length = 0;
        int columns = 0;
        while (count > 0 && length < 126) {
            length += convert(cells, run + length);
            columns += cells->width;
            cells++;
            count--;
        }
        mvadd_wchnstr(row, column, run, length);
        column += columns;
    }
}

void cnc_show(int row, int column, int synchronized)
{
    int shown = row >= 0;
    if (shown)
        move(row, column);
    // Moving the hidden cursor back after each frame would be bytes for nothing.
    leaveok(stdscr, !shown);
    wnoutrefresh(stdscr);
    if (synchronized)
        cnc_send("\033[?2026h");
    doupdate();
    if (shown != cursor_is_shown) {
        curs_set(shown);
        cursor_is_shown = shown;
    }
    if (synchronized)
        cnc_send("\033[?2026l");
}

void cnc_redraw_all(void)
{
    clearok(curscr, TRUE);
}

void cnc_resize(int rows, int columns)
{
    if (is_term_resized(rows, columns))
        resizeterm(rows, columns);
    clearok(curscr, TRUE);
}

void cnc_size(int *rows, int *columns)
{
    getmaxyx(stdscr, *rows, *columns);
}

void cnc_beep(void)
{
    beep();
}

void cnc_send(const char *sequence)
{
    // ncurses has written all it has whenever one of its calls that draw returns, so this comes after it.
    size_t left = strlen(sequence);
    while (left > 0) {
        ssize_t count = write(STDOUT_FILENO, sequence, left);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return;
        sequence += count;
        left -= (size_t)count;
    }
}
