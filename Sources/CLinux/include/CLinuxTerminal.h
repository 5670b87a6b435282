#pragma once

// The process-wide side of a full-screen terminal: the signals it must hear, and putting the terminal back
// whatever ends the process. One terminal at a time. Nothing here allocates or locks in a signal handler.

/// Opens a counting event descriptor, non-blocking and close-on-exec. Returns it, or -errno.
int csystem_event_open(void);

/// Takes over the terminal: saves its modes, hears signals, and from now on puts it back when the process crashes or
/// exits.
///
/// `restore` is what to write to the terminal then; at most 511 bytes are kept. With `capture_errors`, what the
/// process writes to its standard error is kept back while the terminal is taken, if that is a terminal too, and
/// the last 16 KiB of it are shown once the terminal is back.
///
/// A crash is chained to the handler that was there before when the environment sets SWIFT_BACKTRACE, and to the
/// system's default otherwise.
///
/// Returns 0; -EBUSY when it is taken already; another -errno.
int csystem_terminal_open(int input, int output, const void *restore, int restore_length, int capture_errors);

/// Gives the terminal and the signal handlers back. The caller has left full-screen mode.
void csystem_terminal_close(void);

/// The event descriptor that becomes readable when a signal came.
int csystem_terminal_signal_descriptor(void);

/// The signals since the last call, bit N for signal N. Empties the event descriptor.
unsigned long long csystem_terminal_take_signals(void);

/// The caller has left full-screen mode for a while: puts back terminal modes and standard error. With `for_child`,
/// keyboard signals are left to the program that has the terminal now.
void csystem_terminal_release(int for_child);

/// The opposite of csystem_terminal_release, before the caller returns to full-screen mode.
void csystem_terminal_retake(void);

/// Stops the process group as Ctrl-Z does, and returns once it runs again. The terminal has been released.
void csystem_terminal_stop(void);

/// Keeps what was captured of standard error from growing without bound: above 1 MiB it is dropped.
void csystem_terminal_trim_errors(void);

/// The terminal's size in character cells. Returns 0, or -errno; -ENODATA when the terminal doesn't know.
int csystem_terminal_size(int descriptor, int *columns, int *rows);
