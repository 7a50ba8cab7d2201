/* golden_rig.h - texts that are stored below tests/golden and compared byte by byte.
 *
 * With GW_GOLDEN_UPDATE=1 they are written instead; review the difference like code.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_GOLDEN_RIG_H
#define GW_GOLDEN_RIG_H

#include <stdbool.h>

enum { GOLDEN_BYTES = 1 << 20 };

/* The whole file as text, into GOLDEN_BYTES; false when it cannot be read. */
bool golden_read(const char *name, char *text);
/* Fails the test, naming the line, when the file of that name holds another text. */
void golden_compare(const char *name, const char *text);

#endif
