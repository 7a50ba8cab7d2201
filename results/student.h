/* student.h - tails of Student's t distribution, exact enough for tiny p-values.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_STUDENT_H
#define GW_STUDENT_H

/* P(T > t); freedom > 0, whole or not; t may be infinite. NAN for NAN. */
double gw_student_above(double t, double freedom);

/* P(|T| > |t|). */
double gw_student_beyond(double t, double freedom);

#endif
