#pragma once

/// Hears SIGINT, SIGTERM and SIGHUP from now on, for the rest of the process: each arrives as one byte, its number, at
/// the descriptor that is returned; -1 where there are no descriptors left. SIGINT and SIGHUP stay ignored where the
/// parent had them ignored, as for a background job and under nohup(1).
int jobdeck_signals_open(void);

/// Leaves the signals to the system again: those that are heard end the process.
void jobdeck_signals_close(void);
