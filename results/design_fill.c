/* design_fill.c - designs without an estimator of their own: spread points, and one at a time.
 *
 * Idea      Latin hypercube: a random permutation of the strata in each dimension, and a random
 *           place within the stratum. Sobol and Halton are GSL's sequences from their point 0 on,
 *           which GSL leaves out: without it 2^m points of Sobol are no net.
 * Source    McKay, Beckman and Conover, Technometrics 21 (1979). Moved by chance so that several
 *           seeds give error bars: a digital shift for Sobol, which keeps the net (L'Ecuyer and
 *           Lemieux, 2002), a rotation for Halton (Cranley and Patterson, 1976).
 * Departs   Halton is not scrambled: with more than some ten dimensions its last ones move in
 *           step unless there are very many points.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <gsl/gsl_qrng.h>
#include <stdlib.h>

#include "base/random.h"
#include "results/design_kinds.h"

#define SOBOL_SCALE 0x1p30 /* GSL's Sobol numbers are multiples of its inverse */

/* How the numbers of one dimension are moved. */
struct shift {
    uint32_t bits; /* sobol: 30 bits */
    double unit;   /* sobol: within the last bit; halton: the rotation */
};

typedef double move(double x, const struct shift *shift);

static void
draw_order(struct gw_stream *stream, size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t other = (size_t)gw_stream_below(stream, i + 1);

        order[i] = order[other];
        order[other] = i;
    }
}

bool
gw_design_lhs(const struct gw_design_request *request, struct gw_design *design,
              struct gw_error *err)
{
    size_t *order = malloc(design->rows * sizeof *order);

    if (order == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the design");
    }
    for (size_t d = 0; d < design->dimensions; d++) {
        struct gw_stream stream;

        gw_stream_open(&stream, request->seed, 0, "design.lhs", d);
        draw_order(&stream, order, design->rows);
        for (size_t row = 0; row < design->rows; row++) {
            double place = (double)order[row] + gw_stream_unit(&stream);

            design->points[row * design->dimensions + d] = place / (double)design->rows;
        }
    }
    free(order);
    return true;
}

static double
move_sobol(double x, const struct shift *shift)
{
    uint32_t bits = (uint32_t)(x * SOBOL_SCALE) ^ shift->bits;

    return ((double)bits + shift->unit) / SOBOL_SCALE;
}

static double
move_halton(double x, const struct shift *shift)
{
    double moved = x + shift->unit;

    return moved < 1.0 ? moved : moved - 1.0;
}

static void
draw_shifts(const struct gw_design_request *request, const char *name, struct shift *shifts)
{
    for (size_t d = 0; d < request->dimensions; d++) {
        struct gw_stream stream;

        gw_stream_open(&stream, request->seed, 0, name, d);
        shifts[d].bits = gw_stream_u32(&stream) >> 2;
        shifts[d].unit = gw_stream_unit(&stream);
    }
}

static void
fill_sequence(gsl_qrng *sequence, move *moved, const struct shift *shifts, struct gw_design *design)
{
    for (size_t row = 0; row < design->rows; row++) {
        double *point = design->points + row * design->dimensions;

        if (row > 0) {
            gsl_qrng_get(sequence, point);
        }
        for (size_t d = 0; d < design->dimensions; d++) {
            point[d] = moved(point[d], &shifts[d]);
        }
    }
}

static bool
run_sequence(const struct gw_design_request *request, const gsl_qrng_type *type, const char *name,
             move *moved, struct gw_design *design, struct gw_error *err)
{
    struct shift *shifts = calloc(request->dimensions, sizeof *shifts);
    gsl_qrng *sequence =
        shifts == NULL ? NULL : gsl_qrng_alloc(type, (unsigned int)request->dimensions);

    if (sequence != NULL) {
        draw_shifts(request, name, shifts);
        fill_sequence(sequence, moved, shifts, design);
        gsl_qrng_free(sequence);
    }
    free(shifts);
    return sequence != NULL || gw_fail(err, GW_ENOMEM, "out of memory for the design");
}

bool
gw_design_sobol(const struct gw_design_request *request, struct gw_design *design,
                struct gw_error *err)
{
    return run_sequence(request, gsl_qrng_sobol, "design.sobol", move_sobol, design, err);
}

bool
gw_design_halton(const struct gw_design_request *request, struct gw_design *design,
                 struct gw_error *err)
{
    return run_sequence(request, gsl_qrng_halton, "design.halton", move_halton, design, err);
}

bool
gw_design_one_at_a_time(const struct gw_design_request *request, struct gw_design *design,
                        struct gw_error *err)
{
    size_t row = 1;

    (void)err;
    for (size_t d = 0; d < design->dimensions; d++) {
        for (size_t r = 0; r < design->rows; r++) {
            design->points[r * design->dimensions + d] = 0.5 / (double)request->ways[d];
        }
        for (size_t way = 1; way < request->ways[d]; way++, row++) {
            design->points[row * design->dimensions + d] =
                ((double)way + 0.5) / (double)request->ways[d];
        }
    }
    return true;
}
