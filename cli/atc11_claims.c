/* atc11_claims.c - the claims Q1 to Q16 of the storage study, each with the rule that judges it.
 *
 * Source  Mashtizadeh et al., USENIX ATC 2011: what the talk says in text, axes or tables. A claim
 *         that rests on an estimate alone is shown and not judged.
 * Rules   work on means over the replications of a point; "every run" means each replication.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>

#include "cli/atc11.h"

enum { POINTS = 5 };

static const char *const oio[POINTS] = {"2", "4", "8", "16", "32"};

/* Mean of a metric at each OIO, and what the claims ask of such a curve. */
struct curve {
    double at[POINTS];
    double least, most, mean;
};

static struct curve
curve_of(const struct gw_pack_runs *runs, const char *architecture, enum gw_metric metric)
{
    struct curve curve = {.least = INFINITY, .most = -INFINITY};

    for (int i = 0; i < POINTS; i++) {
        struct gw_pack_filter filter = {architecture, {"workload.oio", NULL}, {oio[i], NULL}};

        curve.at[i] = gw_pack_mean(&runs[ATC11_OLTP], &filter, metric);
        curve.least = curve.at[i] < curve.least ? curve.at[i] : curve.least;
        curve.most = curve.at[i] > curve.most ? curve.at[i] : curve.most;
        curve.mean += curve.at[i] / POINTS;
    }
    return curve;
}

static double
spread(const struct curve *curve)
{
    return (curve->most - curve->least) / curve->mean;
}

static enum gw_verdict
verdict(bool ok)
{
    return ok ? GW_VERDICT_OK : GW_VERDICT_NOT_OK;
}

static double
exchange(const struct gw_pack_runs *runs, const char *architecture, const char *intensity,
         enum gw_metric metric)
{
    struct gw_pack_filter filter = {architecture, {"workload.intensity", NULL}, {intensity, NULL}};

    return gw_pack_mean(&runs[ATC11_EXCHANGE], &filter, metric);
}

static int
points_below(const struct curve *a, const struct curve *b)
{
    int count = 0;

    for (int i = 0; i < POINTS; i++) {
        count += a->at[i] < b->at[i];
    }
    return count;
}

/* ---- the OLTP study --------------------------------------------------------------------------------- */

static void
claim_q1(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    struct curve mirror = curve_of(runs, "mirror", GW_METRIC_MIGRATION_TIME_S);
    struct curve dbt = curve_of(runs, "dbt", GW_METRIC_MIGRATION_TIME_S);
    struct curve snapshot = curve_of(runs, "snapshot", GW_METRIC_MIGRATION_TIME_S);
    bool ok = points_below(&mirror, &dbt) == POINTS && points_below(&mirror, &snapshot) == POINTS &&
              spread(&mirror) < spread(&dbt) && spread(&mirror) < spread(&snapshot);
    struct gw_pack_claim claim = {
        "Q1", "mirroring has the lowest migration time and the smallest spread over OIO",
        "mean time below DBT and snapshot at each OIO; (most - least) / mean the smallest",
        verdict(ok)};

    gw_pack_add_claim(report, &claim,
                      "mirror %.0f-%.0f s (spread %.2f), dbt %.0f-%.0f s (%.2f), snapshot "
                      "%.0f-%.0f s (%.2f)",
                      mirror.least, mirror.most, spread(&mirror), dbt.least, dbt.most, spread(&dbt),
                      snapshot.least, snapshot.most, spread(&snapshot));
}

static void
claim_q2(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    struct curve mirror = curve_of(runs, "mirror", GW_METRIC_DOWNTIME_S);
    double one = exchange(runs, "mirror", "1", GW_METRIC_DOWNTIME_S);
    double two = exchange(runs, "mirror", "2", GW_METRIC_DOWNTIME_S);
    bool ok = mirror.least > 0.1 && mirror.most < 0.4 && mirror.most - mirror.least < 0.15 &&
              fabs(two - one) < 0.15;
    struct gw_pack_claim claim = {
        "Q2", "mirroring's downtime is about 0.2 s, flat in OIO and in load",
        "0.1 s to 0.4 s at each OIO, no more than 0.15 s apart; Exchange 1x and 2x likewise",
        verdict(ok)};

    gw_pack_add_claim(report, &claim, "OLTP %.3f-%.3f s, Exchange 1x %.3f s, 2x %.3f s",
                      mirror.least, mirror.most, one, two);
}

static void
claim_q3(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    struct curve mirror = curve_of(runs, "mirror", GW_METRIC_GUEST_PENALTY_S);
    struct curve dbt = curve_of(runs, "dbt", GW_METRIC_GUEST_PENALTY_S);
    struct curve snapshot = curve_of(runs, "snapshot", GW_METRIC_GUEST_PENALTY_S);
    struct curve dbt_down = curve_of(runs, "dbt", GW_METRIC_DOWNTIME_S);
    struct curve snapshot_down = curve_of(runs, "snapshot", GW_METRIC_DOWNTIME_S);
    int lowest = 0;
    int worst_penalty = points_below(&dbt, &snapshot);
    int worst_downtime = points_below(&dbt_down, &snapshot_down);

    for (int i = 0; i < POINTS; i++) {
        lowest += mirror.at[i] < dbt.at[i] && mirror.at[i] < snapshot.at[i];
    }
    {
        bool ok = lowest >= POINTS - 1 && mirror.mean < dbt.mean && mirror.mean < snapshot.mean &&
                  worst_penalty * 2 > POINTS && worst_downtime * 2 > POINTS;
        struct gw_pack_claim claim = {
            "Q3",
            "mirroring's penalty is the lowest; snapshot is usually worst in downtime and penalty",
            "mirror lowest in the mean over OIO and at four of the five at least; snapshot above "
            "DBT "
            "in penalty and in downtime at more than half of them",
            verdict(ok)};

        gw_pack_add_claim(report, &claim,
                          "mirror lowest at %d of 5 (%.0f-%.0f s; dbt %.0f-%.0f, snapshot "
                          "%.0f-%.0f); snapshot worst in penalty at %d, in downtime at %d of 5",
                          lowest, mirror.least, mirror.most, dbt.least, dbt.most, snapshot.least,
                          snapshot.most, worst_penalty, worst_downtime);
    }
}

static void
claim_q4(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    struct curve dbt = curve_of(runs, "dbt", GW_METRIC_DOWNTIME_S);
    struct curve snapshot = curve_of(runs, "snapshot", GW_METRIC_DOWNTIME_S);
    bool manageable = true;

    for (int i = 0; i < POINTS - 1; i++) {
        manageable = manageable && dbt.at[i] <= snapshot.most;
    }
    {
        struct gw_pack_claim claim = {
            "Q4", "DBT's downtime is manageable up to OIO 16 and exceeds snapshot's worst at 32",
            "at OIO 2 to 16 no more than snapshot's worst; at 32 above it",
            verdict(manageable && dbt.at[POINTS - 1] > snapshot.most)};

        gw_pack_add_claim(report, &claim,
                          "dbt %.1f %.1f %.1f %.1f, at 32 %.1f s; snapshot's worst %.1f s",
                          dbt.at[0], dbt.at[1], dbt.at[2], dbt.at[3], dbt.at[4], snapshot.most);
    }
}

static void
claim_q5(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    struct curve dbt = curve_of(runs, "dbt", GW_METRIC_MIGRATION_TIME_S);
    struct curve snapshot = curve_of(runs, "snapshot", GW_METRIC_MIGRATION_TIME_S);
    struct gw_pack_claim claim = {"Q5", "DBT's migration time at high OIO exceeds snapshot's worst",
                                  "mean at OIO 32 above the largest mean of snapshot",
                                  verdict(dbt.at[POINTS - 1] > snapshot.most)};

    gw_pack_add_claim(report, &claim,
                      "dbt at 32: %.0f s (axes of the talk: 667-762); snapshot's worst %.0f s "
                      "(476-571)",
                      dbt.at[POINTS - 1], snapshot.most);
}

static void
claim_q6(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    struct curve snapshot = curve_of(runs, "snapshot", GW_METRIC_DOWNTIME_S);
    struct curve mirror = curve_of(runs, "mirror", GW_METRIC_DOWNTIME_S);
    bool ok = snapshot.most <= 25 && snapshot.least > 10 * mirror.most;
    struct gw_pack_claim claim = {
        "Q6", "snapshot's downtime is of the 10 to 25 s class and never near zero",
        "largest mean at most 25 s (axis); smallest above ten times mirroring's largest (the lower "
        "end of the class is an estimate)",
        verdict(ok)};

    gw_pack_add_claim(report, &claim, "%.1f-%.1f s", snapshot.least, snapshot.most);
}

static void
claim_q12(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    struct gw_pack_filter filter = {"mirror", {"workload.oio", NULL}, {"16", NULL}};
    const struct gw_pack_runs *oltp = &runs[ATC11_OLTP];
    double p99 = gw_pack_quantile_ms(oltp, &filter, GW_LOCK_WAIT_NS, 0.99);
    double copy = gw_pack_quantile_ms(oltp, &filter, GW_RANGE_COPY_NS, 0.99);
    double loaded = 0;
    double idle = 0;

    for (size_t i = 0; i < oltp->count; i++) {
        const struct gw_series *series = &oltp->results[i]->series[GW_SERIES_RANGE];

        for (size_t row = 0; row < series->rows; row++) {
            const double *values = &series->values[row * series->columns];
            double *most = values[0] < 0.5 ? &loaded : &idle;

            *most = values[2] > *most ? values[2] : *most;
        }
    }
    {
        struct gw_pack_claim claim = {
            "Q12", "lock contention only while the loaded disk moves; lock waits at most 60 ms",
            "OIO 16: 99 % of lock waits within 60 ms and of range copies within 800 ms (the axes); "
            "no "
            "wait above 1 ms for the lock of the idle disk at any OIO",
            verdict(p99 <= 60 && copy <= 800 && loaded > 1 && idle < 1)};

        gw_pack_add_claim(
            report, &claim,
            "OIO 16: lock wait p99 %.1f ms, range copy p99 %.0f ms; longest wait over "
            "all OIO %.0f ms on the loaded disk, %.0f ms on the idle one",
            p99, copy, loaded, idle);
    }
}

static void
claim_q13(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    static const char *const goals[] = {"1s", "5s", "20s"};
    double time_s[3];
    double downtime_s[3];

    for (int i = 0; i < 3; i++) {
        struct gw_pack_filter filter = {"dbt", {"migration.downtime_goal", NULL}, {goals[i], NULL}};

        time_s[i] = gw_pack_mean(&runs[ATC11_GOALS], &filter, GW_METRIC_MIGRATION_TIME_S);
        downtime_s[i] = gw_pack_mean(&runs[ATC11_GOALS], &filter, GW_METRIC_DOWNTIME_S);
    }
    {
        bool ok = time_s[0] >= time_s[1] && time_s[1] >= time_s[2] && time_s[0] > time_s[2] &&
                  downtime_s[0] <= downtime_s[1] && downtime_s[1] <= downtime_s[2] &&
                  downtime_s[0] < downtime_s[2];
        struct gw_pack_claim claim = {
            "Q13", "in DBT migration time and downtime trade off",
            "downtime goals of 1, 5 and 20 s at OIO 16: time falls and downtime rises",
            verdict(ok)};

        gw_pack_add_claim(report, &claim, "time %.1f %.1f %.1f s, downtime %.2f %.2f %.2f s",
                          time_s[0], time_s[1], time_s[2], downtime_s[0], downtime_s[1],
                          downtime_s[2]);
    }
}

static void
claim_q15(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    struct curve time = curve_of(runs, "snapshot", GW_METRIC_MIGRATION_TIME_S);
    struct curve penalty = curve_of(runs, "snapshot", GW_METRIC_GUEST_PENALTY_S);
    const struct gw_pack_runs *oltp = &runs[ATC11_OLTP];
    bool ok = oltp->count > 0;

    for (size_t i = 0; i < oltp->count; i++) {
        const double *metric = oltp->results[i]->metric;

        ok = ok && metric[GW_METRIC_GUEST_PENALTY_S] <= metric[GW_METRIC_MIGRATION_TIME_S];
    }
    {
        struct gw_pack_claim claim = {
            "Q15", "penalty is at most the migration time; snapshot's worst is near its time",
            "every OLTP run: penalty <= migration time. The second half rests on axis maxima alone "
            "(weak) and is shown, not judged",
            verdict(ok)};

        gw_pack_add_claim(report, &claim,
                          "snapshot's worst penalty %.0f s beside its worst time %.0f s (axes: "
                          "429-476 and 476-571)",
                          penalty.most, time.most);
    }
}

static void
claim_q16(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    struct curve mirror = curve_of(runs, "mirror", GW_METRIC_MIGRATION_TIME_S);
    struct gw_pack_claim claim = {"Q16", "mirroring's time grows mildly from OIO 2 to 32",
                                  "an estimate: not judged", GW_VERDICT_NONE};

    gw_pack_add_claim(report, &claim, "%.0f s to %.0f s, %+.0f %%", mirror.at[0],
                      mirror.at[POINTS - 1], 100 * (mirror.at[POINTS - 1] / mirror.at[0] - 1));
}

/* ---- Exchange and the special set-ups ------------------------------------------------------------------ */

static void
claim_q7(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    double time_s[3] = {exchange(runs, "mirror", "1", GW_METRIC_MIGRATION_TIME_S),
                        exchange(runs, "incremental-dbt", "1", GW_METRIC_MIGRATION_TIME_S),
                        exchange(runs, "dbt", "1", GW_METRIC_MIGRATION_TIME_S)};
    double downtime_s[3] = {exchange(runs, "mirror", "1", GW_METRIC_DOWNTIME_S),
                            exchange(runs, "incremental-dbt", "1", GW_METRIC_DOWNTIME_S),
                            exchange(runs, "dbt", "1", GW_METRIC_DOWNTIME_S)};
    bool ok = time_s[0] < time_s[1] && time_s[1] < time_s[2] && downtime_s[0] < downtime_s[1] &&
              downtime_s[1] < downtime_s[2];
    struct gw_pack_claim claim = {
        "Q7", "Exchange: mirror < incremental DBT < DBT in time and in downtime",
        "means in this order; ratios of the talk: time 1.527 and 1.373, downtime 60.4 and 34.4",
        verdict(ok)};

    gw_pack_add_claim(report, &claim,
                      "time %.0f < %.0f < %.0f s (ratios to mirror %.3f, %.3f), downtime %.3f < "
                      "%.2f < %.2f s",
                      time_s[0], time_s[1], time_s[2], time_s[2] / time_s[0], time_s[1] / time_s[0],
                      downtime_s[0], downtime_s[1], downtime_s[2]);
}

static void
claim_q8(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    struct gw_pack_filter dbt = {"dbt", {"workload.intensity", NULL}, {"2", NULL}};
    struct gw_pack_filter incremental = dbt;
    struct gw_pack_filter mirror = dbt;
    double share[3];
    double change;

    incremental.architecture = "incremental-dbt";
    mirror.architecture = "mirror";
    share[0] = gw_pack_outcome_share(&runs[ATC11_EXCHANGE], &dbt, GW_NOT_CONVERGED);
    share[1] = gw_pack_outcome_share(&runs[ATC11_EXCHANGE], &incremental, GW_NOT_CONVERGED);
    share[2] = gw_pack_outcome_share(&runs[ATC11_EXCHANGE], &mirror, GW_COMPLETED);
    change = 100 * (exchange(runs, "mirror", "2", GW_METRIC_MIGRATION_TIME_S) /
                        exchange(runs, "mirror", "1", GW_METRIC_MIGRATION_TIME_S) -
                    1);
    {
        bool ok = share[0] >= 1 && share[1] >= 1 && share[2] >= 1 && fabs(change) <= 10;
        struct gw_pack_claim claim = {
            "Q8", "at 2x DBT and incremental DBT fail; mirror succeeds in about its 1x time",
            "every run; mirror 2x within 10 % of mirror 1x (the talk: 5.1 % faster)", verdict(ok)};

        gw_pack_add_claim(report, &claim,
                          "not converged: dbt %.0f %%, incremental %.0f %%; mirror completes %.0f "
                          "%%, time %+.1f %%",
                          100 * share[0], 100 * share[1], 100 * share[2], change);
    }
}

static void
claim_q9(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    const struct gw_pack_runs *slow = &runs[ATC11_SLOW];
    struct gw_pack_filter dbt = {.architecture = "dbt"};
    struct gw_pack_filter mirror = {.architecture = "mirror"};
    double fails = gw_pack_outcome_share(slow, &dbt, GW_NOT_CONVERGED);
    double ends = gw_pack_outcome_share(slow, &mirror, GW_COMPLETED);
    double before = gw_pack_mean(slow, &mirror, GW_METRIC_GUEST_IOPS_BEFORE);
    double during = gw_pack_mean(slow, &mirror, GW_METRIC_GUEST_IOPS_DURING);
    struct gw_pack_claim claim = {
        "Q9", "with a slow destination DBT fails; mirroring slows the guest instead and ends",
        "every run: DBT not converged, mirror completed, guest IOPS during below 90 % of before",
        verdict(fails >= 1 && ends >= 1 && during < 0.9 * before)};

    gw_pack_add_claim(report, &claim,
                      "dbt not converged %.0f %%, mirror completed %.0f %%, its guest %.0f -> %.0f "
                      "IOPS",
                      100 * fails, 100 * ends, before, during);
}

static void
claim_q10(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    struct gw_pack_filter dbt = {.architecture = "dbt"};
    struct gw_pack_filter heat = {.architecture = "heat"};
    double skewed = gw_pack_mean(&runs[ATC11_HEAT], &heat, GW_METRIC_BYTES_COPIED) /
                    gw_pack_mean(&runs[ATC11_HEAT], &dbt, GW_METRIC_BYTES_COPIED);
    double uniform = gw_pack_mean(&runs[ATC11_HEAT_UNIFORM], &heat, GW_METRIC_BYTES_COPIED) /
                     gw_pack_mean(&runs[ATC11_HEAT_UNIFORM], &dbt, GW_METRIC_BYTES_COPIED);
    struct gw_pack_claim claim = {
        "Q10", "heat helps skewed writes, not uniform ones",
        "bytes copied, heat over DBT: below 0.98 for Exchange, within 0.98 to 1.02 for OLTP. "
        "Copy-on-write file systems are not modelled",
        verdict(skewed < 0.98 && uniform > 0.98 && uniform < 1.02)};

    gw_pack_add_claim(report, &claim, "skewed %.3f, uniform %.4f", skewed, uniform);
}

static void
claim_q11(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    const struct gw_pack_runs *oltp = &runs[ATC11_OLTP];
    struct gw_pack_filter snapshot = {.architecture = "snapshot"};
    struct gw_pack_filter dbt = {.architecture = "dbt"};
    struct gw_pack_filter mirror = {.architecture = "mirror"};
    double size = 38.0 * 1024 * 1024 * 1024;
    double logs = gw_pack_most(oltp, &snapshot, GW_METRIC_EXTRA_SPACE_PEAK_BYTES);
    double dbt_extra = gw_pack_most(oltp, &dbt, GW_METRIC_EXTRA_SPACE_PEAK_BYTES);
    double mirror_extra = gw_pack_most(oltp, &mirror, GW_METRIC_EXTRA_SPACE_PEAK_BYTES);
    struct gw_pack_claim claim = {
        "Q11", "snapshot needs up to 3x space and is not atomic; DBT and mirror are atomic",
        "snapshot has redo logs beyond the two images, at most one VM size; DBT and mirror have "
        "none. Atomicity is proved by the torture tests (authority at every step)",
        verdict(logs > 0 && logs <= size && dbt_extra <= 0 && mirror_extra <= 0)};

    gw_pack_add_claim(report, &claim, "peak in all: snapshot %.3fx, dbt %.3fx, mirror %.3fx",
                      2 + logs / size, 2 + dbt_extra / size, 2 + mirror_extra / size);
}

/* Bytes that the first pass leaves dirty, mean over the runs. */
static double
first_dirty_bytes(const struct gw_pack_runs *runs, const char *architecture, const char *rate)
{
    struct gw_pack_filter filter = {architecture, {"workload.rate", NULL}, {rate, NULL}};
    double sum = 0;
    size_t count = 0;

    for (size_t i = 0; i < runs->count; i++) {
        struct gw_pack_runs one = {runs->study, &runs->results[i], 1};
        const struct gw_series *series = &runs->results[i]->series[GW_SERIES_ITERATION];

        if (!isnan(gw_pack_mean(&one, &filter, GW_METRIC_ITERATIONS)) && series->rows > 0) {
            sum += series->values[4];
            count++;
        }
    }
    return count == 0 ? (double)NAN : sum / (double)count;
}

static void
claim_q14(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    static const char *const rates[] = {"50/s", "400/s", "3200/s"};
    double ratio[3];

    for (int i = 0; i < 3; i++) {
        ratio[i] = first_dirty_bytes(&runs[ATC11_LIGHT], "incremental-dbt", rates[i]) /
                   first_dirty_bytes(&runs[ATC11_LIGHT], "dbt", rates[i]);
    }
    {
        struct gw_pack_claim claim = {
            "Q14", "incremental DBT saves half of the first re-copy at light load, less at heavy",
            "dirty after pass 1, incremental over DBT: 0.45 to 0.55 at 50 writes/s, rising with "
            "the rate (theory: (1 - (1-e^-a)/a) / (1 - e^-a))",
            verdict(ratio[0] > 0.45 && ratio[0] < 0.55 && ratio[1] > ratio[0] &&
                    ratio[2] > ratio[1])};

        gw_pack_add_claim(report, &claim, "%.3f at 50, %.3f at 400, %.3f at 3200 writes/s",
                          ratio[0], ratio[1], ratio[2]);
    }
}

void
atc11_judge_claims(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    void (*const claims[])(const struct gw_pack_runs *, struct gw_pack_report *) = {
        claim_q1, claim_q2,  claim_q3,  claim_q4,  claim_q5,  claim_q6,  claim_q7,  claim_q8,
        claim_q9, claim_q10, claim_q11, claim_q12, claim_q13, claim_q14, claim_q15, claim_q16};

    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        claims[i](runs, report);
    }
}
