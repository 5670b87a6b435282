#define _GNU_SOURCE
#include "CLinuxTerminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static const int heard[] = {SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGINT, SIGQUIT, SIGHUP};
static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGSYS};
#define COUNT(array) ((int)(sizeof(array) / sizeof(array[0])))

// Written before any handler is installed, read by handlers; the atomics are what both sides change.
static struct {
    int input;
    int output;
    int chain_crashes;
    int error_log;      // a memory file in place of standard error, or -1
    int error_terminal; // the real standard error, or -1
    int restore_length;
    char restore[512];
    int has_modes; // not where input is a file or a pipe
    struct termios modes;
    struct sigaction heard_before[COUNT(heard)];
    struct sigaction crashes_before[COUNT(crashes)];
} terminal = {.error_log = -1, .error_terminal = -1};

static int signal_descriptor = -1;
static atomic_int is_open;
static atomic_int is_taken;
static atomic_int has_child;
static atomic_int asked_to_end;
static atomic_ullong pending;

int csystem_event_open(void)
{
    int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

static void write_all(int descriptor, const char *bytes, long length)
{
    while (length > 0) {
        long count = write(descriptor, bytes, (size_t)length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return;
        bytes += count;
        length -= count;
    }
}

// What was kept back may hold anything: only text, tabs and line ends get through.
static void show_kept_errors(void)
{
    char buffer[1024];
    struct stat status;
    if (terminal.error_log < 0 || fstat(terminal.error_log, &status) != 0)
        return;
    off_t position = status.st_size > 16384 ? status.st_size - 16384 : 0;
    unsigned char before = 0;
    for (;;) {
        long count = pread(terminal.error_log, buffer, sizeof buffer, position);
        if (count <= 0)
            break;
        for (long i = 0; i < count; i++) {
            unsigned char byte = (unsigned char)buffer[i];
            int is_control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
            if (is_control || (before == 0xC2 && byte < 0xA0))
                buffer[i] = '?';
            before = byte;
        }
        write_all(terminal.error_terminal, buffer, count);
        position += count;
    }
    if (ftruncate(terminal.error_log, 0) != 0)
        return;
}

// Async-signal-safe. SIGTTOU is blocked so that a process in the background isn't stopped half way.
static void put_back(int write_restore)
{
    if (!atomic_exchange(&is_taken, 0))
        return;
    int saved_errno = errno;
    sigset_t block, mask;
    sigemptyset(&block);
    sigaddset(&block, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &block, &mask);
    if (write_restore)
        write_all(terminal.output, terminal.restore, terminal.restore_length);
    if (terminal.has_modes)
        tcsetattr(terminal.input, TCSANOW, &terminal.modes);
    if (terminal.error_log >= 0) {
        dup2(terminal.error_terminal, STDERR_FILENO);
        show_kept_errors();
    }
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    errno = saved_errno;
}

static void put_back_at_exit(void)
{
    put_back(1);
}

static void on_crash(int number, siginfo_t *info, void *context)
{
    (void)context;
    put_back(1);
    struct sigaction next = {.sa_handler = SIG_DFL};
    for (int i = 0; i < COUNT(crashes); i++)
        if (crashes[i] == number && terminal.chain_crashes)
            next = terminal.crashes_before[i];
    sigaction(number, &next, NULL);
    // A fault happens again where it did, once this returns. What was sent, and a trap, which is past its
    // instruction already, must be raised again.
    if (info->si_code <= 0 || number == SIGTRAP || number == SIGABRT || number == SIGSYS)
        raise(number);
}

static void on_signal(int number)
{
    int saved_errno = errno;
    int from_keyboard = number == SIGINT || number == SIGQUIT;
    if (from_keyboard && atomic_load(&has_child))
        return;
    if (number == SIGTERM || number == SIGHUP || from_keyboard) {
        // A closing terminal sends SIGHUP more than once (kernel and shell): only the first one counts.
        if (atomic_exchange(&asked_to_end, 1) && number != SIGHUP) {
            put_back(1);
            struct sigaction action = {.sa_handler = SIG_DFL};
            sigaction(number, &action, NULL);
            raise(number);
            errno = saved_errno;
            return;
        }
    }
    atomic_fetch_or(&pending, 1ULL << number);
    unsigned long long one = 1;
    if (write(signal_descriptor, &one, sizeof one) < 0) {
        // The counter is full, so it is readable already.
    }
    errno = saved_errno;
}

static void capture_errors(void)
{
    if (terminal.error_log >= 0)
        dup2(terminal.error_log, STDERR_FILENO);
}

static void open_error_log(void)
{
    if (!isatty(STDERR_FILENO))
        return;
    int copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    int log = memfd_create("errors", MFD_CLOEXEC);
    if (copy < 0 || log < 0 || fcntl(log, F_SETFL, O_APPEND) != 0) {
        if (copy >= 0)
            close(copy);
        if (log >= 0)
            close(log);
        return;
    }
    terminal.error_terminal = copy;
    terminal.error_log = log;
}

static void close_error_log(void)
{
    if (terminal.error_log < 0)
        return;
    close(terminal.error_log);
    close(terminal.error_terminal);
    terminal.error_log = terminal.error_terminal = -1;
}

int csystem_terminal_open(int input, int output, const void *restore, int restore_length, int capture)
{
    static atomic_int exit_handler_is_set;
    static char alternate_stack[65536];
    if (atomic_exchange(&is_open, 1))
        return -EBUSY;
    terminal.has_modes = tcgetattr(input, &terminal.modes) == 0;
    if ((!terminal.has_modes && errno != ENOTTY) || (signal_descriptor < 0 && (signal_descriptor = csystem_event_open()) < 0)) {
        int error = errno;
        atomic_store(&is_open, 0);
        return -error;
    }
    terminal.input = input;
    terminal.output = output;
    terminal.restore_length = restore_length < 511 ? restore_length : 511;
    memcpy(terminal.restore, restore, (size_t)terminal.restore_length);
    terminal.chain_crashes = getenv("SWIFT_BACKTRACE") != NULL;
    atomic_store(&asked_to_end, 0);
    atomic_store(&has_child, 0);
    atomic_store(&pending, 0);
    if (capture)
        open_error_log();
    if (!atomic_exchange(&exit_handler_is_set, 1))
        atexit(put_back_at_exit);

    // An overflow of this thread's stack can be handled only on another one.
    stack_t stack;
    if (sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_DISABLE)) {
        stack = (stack_t){.ss_sp = alternate_stack, .ss_size = sizeof alternate_stack};
        sigaltstack(&stack, NULL);
    }
    for (int i = 0; i < COUNT(crashes); i++) {
        struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
        sigaction(crashes[i], &action, &terminal.crashes_before[i]);
    }
    for (int i = 0; i < COUNT(heard); i++) {
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | SA_ONSTACK};
        sigaction(heard[i], NULL, &terminal.heard_before[i]);
        // Who started the program (nohup, a shell without job control) had a reason to have a signal ignored.
        if (terminal.heard_before[i].sa_handler != SIG_IGN || heard[i] == SIGWINCH || heard[i] == SIGCONT)
            sigaction(heard[i], &action, NULL);
    }
    atomic_store(&is_taken, 1);
    capture_errors();
    return 0;
}

void csystem_terminal_close(void)
{
    if (!atomic_load(&is_open))
        return;
    put_back(0);
    for (int i = 0; i < COUNT(crashes); i++)
        sigaction(crashes[i], &terminal.crashes_before[i], NULL);
    for (int i = 0; i < COUNT(heard); i++)
        sigaction(heard[i], &terminal.heard_before[i], NULL);
    close_error_log();
    atomic_store(&is_open, 0);
}

int csystem_terminal_signal_descriptor(void)
{
    return signal_descriptor;
}

unsigned long long csystem_terminal_take_signals(void)
{
    unsigned long long count;
    if (read(signal_descriptor, &count, sizeof count) < 0) {
        // Nothing to empty.
    }
    return atomic_exchange(&pending, 0);
}

static void set_stop_action(void (*handler)(int))
{
    for (int i = 0; i < COUNT(heard); i++) {
        struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_ONSTACK};
        if (heard[i] == SIGTSTP && terminal.heard_before[i].sa_handler != SIG_IGN)
            sigaction(SIGTSTP, &action, NULL);
    }
}

void csystem_terminal_release(int for_child)
{
    atomic_store(&has_child, for_child);
    set_stop_action(SIG_DFL);
    put_back(0);
}

void csystem_terminal_retake(void)
{
    capture_errors();
    atomic_store(&is_taken, 1);
    set_stop_action(on_signal);
    atomic_store(&has_child, 0);
}

void csystem_terminal_stop(void)
{
    const struct timespec pause = {.tv_nsec = 2 * 1000 * 1000};
    atomic_fetch_and(&pending, ~(1ULL << SIGCONT));
    // The whole group, as the terminal's driver does it: a script that started the program stops with it.
    kill(0, SIGTSTP);
    // Another thread may take the signal, so the stop can come a moment after kill has returned. An orphaned group
    // isn't stopped at all; then there is nobody to continue it, and the wait ends by itself.
    for (int i = 0; i < 100 && !(atomic_load(&pending) & 1ULL << SIGCONT); i++)
        nanosleep(&pause, NULL);
    // Both are known to the caller now.
    atomic_fetch_and(&pending, ~(1ULL << SIGCONT | 1ULL << SIGTSTP));
}

void csystem_terminal_trim_errors(void)
{
    struct stat status;
    if (terminal.error_log < 0 || fstat(terminal.error_log, &status) != 0 || status.st_size < 1 << 20)
        return;
    if (ftruncate(terminal.error_log, 0) != 0)
        return;
}

int csystem_terminal_size(int descriptor, int *columns, int *rows)
{
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0)
        return -errno;
    if (size.ws_col == 0 || size.ws_row == 0)
        return -ENODATA;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}
