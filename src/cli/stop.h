/** @file cli/stop.h  Ctrl-C, SIGTERM and SIGHUP. SPDX-License-Identifier: MIT */
#ifndef CAO_CLI_STOP_H
#define CAO_CLI_STOP_H
#include <stdatomic.h>

/** From here on the first of these signals ends the work in order and the second ends it at once,
 *  both with CAO_EXIT_STOPPED. Until cao_stop_in_order() nothing is written yet and the first ends it
 *  at once too. Signals that the caller has us ignore (nohup, a shell's background) stay ignored.
 *  @return the flag to hand to the work */
const atomic_int *cao_stop_init(void);
/** Files are about to be written. */
void cao_stop_in_order(void);
#endif
