#define _GNU_SOURCE 1
#define NCURSES_WIDECHAR 1
#include "Description.h"
#include "CNcurses.h"

#include <ncurses.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

// The terminal's own description is not handed to ncurses as it is, for two reasons.
//
// Scrolling by a count and repeating a character are what emulators lack most often that call themselves xterm, and what
// stood there before would stay. Without them ncurses takes ways that all terminals know.
//
// What ncurses calls direct colour needs a description whose colour numbers are red, green and blue. Few systems have
// one, and none has one for each terminal that shows such colours.
//
// So the description is written anew, in the format of term(5), and handed to ncurses in $TERMINFO, which may hold a
// description ("hex:…") in place of a directory. An ncurses that does not know this reads its usual one.

enum { CAPACITY = 16 * 1024 };

// Whether the description that is being written is to have direct colour.
static int is_wanted_direct;

typedef struct {
    uint8_t bytes[CAPACITY];
    int length;
    int is_full;
} buffer;

static void put(buffer *out, const void *bytes, int count)
{
    if (count > CAPACITY - out->length) {
        out->is_full = 1;
        return;
    }
    memcpy(out->bytes + out->length, bytes, (size_t)count);
    out->length += count;
}

static void put_number(buffer *out, int32_t value, int size)
{
    uint32_t rest = (uint32_t)value;
    for (int i = 0; i < size; i++, rest >>= 8)
        put(out, &(uint8_t){(uint8_t)rest}, 1);
}

static void align(buffer *out)
{
    if (out->length % 2)
        put_number(out, 0, 1);
}

// The first sixteen are the user's own colours; every other number is one of 24 bits.
#define DIRECT(normal, bright, direct)                                                                                 \
    "\033[%?%p1%{8}%<%t" normal "%p1%d%e%p1%{16}%<%t" bright "%p1%{8}%-%d%e" direct                                    \
    ";2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m"

int cnc_is_direct(void)
{
    const char *value = tigetstr("setaf");
    return value && value != (char *)-1 && strcmp(value, DIRECT("3", "9", "38")) == 0;
}

static int is_named(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return 1;
    return 0;
}

static const char *string_of(const char *name)
{
    static const char *const left_out[] = {"indn", "rin", "rep", NULL};
    // Colours are never redefined, and what sets both at once knows nothing of these.
    static const char *const not_direct[] = {"initc", "initp", "oc", "scp", "setf", "setb", NULL};
    if (is_named(name, left_out) || (is_wanted_direct && is_named(name, not_direct)))
        return NULL;
    if (is_wanted_direct && strcmp(name, "setaf") == 0)
        return DIRECT("3", "9", "38");
    if (is_wanted_direct && strcmp(name, "setab") == 0)
        return DIRECT("4", "10", "48");
    const char *value = tigetstr((char *)name);
    return value == (char *)-1 ? NULL : value;
}

static int number_of(const char *name)
{
    if (is_wanted_direct && strcmp(name, "colors") == 0)
        return 1 << 24;
    if (is_wanted_direct && strcmp(name, "pairs") == 0)
        return 1 << 16;
    int value = tigetnum((char *)name);
    return value < 0 ? -1 : value;
}

static int flag_of(const char *name)
{
    if (is_wanted_direct && strcmp(name, "ccc") == 0)
        return 0;
    return tigetflag((char *)name) > 0;
}

static void put_flags_and_numbers(buffer *out)
{
    for (int i = 0; i < BOOLCOUNT; i++)
        put_number(out, flag_of(boolnames[i]), 1);
    align(out);
    for (int i = 0; i < NUMCOUNT; i++)
        put_number(out, number_of(numnames[i]), 4);
}

// One flag more than the standard has: it makes the numbers direct.
static void put_extension(buffer *out)
{
    static const int16_t header[] = {1, 0, 0, 1, sizeof "RGB"};
    align(out);
    for (int i = 0; i < 5; i++)
        put_number(out, header[i], 2);
    put_number(out, 1, 1);
    align(out);
    put_number(out, 0, 2);
    put(out, "RGB", sizeof "RGB");
}

static int describe(const char *type, buffer *out)
{
    static buffer strings;
    static int16_t offsets[STRCOUNT];
    strings = (buffer){.length = 0};
    for (int i = 0; i < STRCOUNT; i++) {
        const char *value = string_of(strnames[i]);
        offsets[i] = value ? (int16_t)strings.length : -1;
        if (value)
            put(&strings, value, (int)strlen(value) + 1);
    }
    const int16_t header[] = {0x21E, (int16_t)(strlen(type) + 1), BOOLCOUNT, NUMCOUNT, STRCOUNT,
                              (int16_t)strings.length};
    for (int i = 0; i < 6; i++)
        put_number(out, header[i], 2);
    put(out, type, (int)strlen(type) + 1);
    put_flags_and_numbers(out);
    for (int i = 0; i < STRCOUNT; i++)
        put_number(out, offsets[i], 2);
    put(out, strings.bytes, strings.length);
    if (is_wanted_direct)
        put_extension(out);
    return !out->is_full && !strings.is_full;
}

static char *variable(const char *type)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char prefix[] = "TERMINFO=hex:";
    static buffer description;
    static char text[sizeof prefix + 2 * CAPACITY];
    description = (buffer){.length = 0};
    if (!describe(type, &description))
        return NULL;
    char *end = stpcpy(text, prefix);
    for (int i = 0; i < description.length; i++) {
        *end++ = digits[description.bytes[i] >> 4];
        *end++ = digits[description.bytes[i] & 15];
    }
    *end = 0;
    return text;
}

void *cnc_newterm(const char *type, int direct, FILE *output, FILE *input)
{
    is_wanted_direct = direct;
    char *description = variable(type);
    size_t count = 0;
    while (environ && environ[count])
        count++;
    // Another environment rather than another variable in it: threads may be reading this one.
    char **with = description ? malloc((count + 2) * sizeof *with) : NULL;
    if (!with)
        return newterm(type, output, input);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], "TERMINFO=", 9) != 0)
            with[kept++] = environ[i];
    with[kept++] = description;
    with[kept] = NULL;
    char **before = environ;
    environ = with;
    SCREEN *screen = newterm(type, output, input);
    environ = before;
    // Not freed, for the same reason.
    return screen ? screen : newterm(type, output, input);
}
