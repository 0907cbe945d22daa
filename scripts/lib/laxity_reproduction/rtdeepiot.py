"""RTDeepIoT (Yao et al., RTCSA 2020): K clients that ask again at the reply, deadlines uniform in [D_l, D_u].

Read: abstracts and a reader's note; the axes of its figures are recalled, their values are not. Ours: cifar-ee with six
exits, D_l = 1 and D_u = 4 times the whole network, 6 clients where K is not swept. With deadlines of 2.5 network times
on average, K >= 3 is more than the accelerator can serve to full depth: "overloaded" below. All networks' numbers are
of one core of a CPU.
"""

from . import assignment
from .claims import ABSTRACT, AGAINST_RECALLED, CODE, NOTE, OURS, RECALLED, Claim, Finding
from .estimates import above, all_of, any_of, apart, at_least, below, within
from .figures import Figure

NAME, TITLE = "rtdeepiot", "RTDeepIoT (Yao et al., RTCSA 2020)"
BASELINES = ["edf", "lcf", "rr"]
PREDICTORS = {name: f"rtdeepiot:predictor={name}" for name in ["max", "lin", "mean", "conditional", "oracle"]}
PREDICTORS["exp"] = "rtdeepiot"
OVERLOAD = 3  # clients
SCHEDULERS = ["edf", "edf:skip=true", "lcf", "rr", "rtdeepiot"]


def differences(study, axis, policy, baseline, metric="accuracy", start=None):
    """{value of the axis: paired difference of two policies}, from a value on."""
    values = [value for value in study.values(axis) if start is None or value >= start]
    return {value: study.difference(metric, policy, baseline, **{axis: value}) for value in values}


def means(study, axis, policy, metric):
    return {value: study.mean(metric, policy, **{axis: value}) for value in study.values(axis)}


def listed(axis, points, sign=True):
    """Every second point or so of a curve, in percent or points."""
    chosen = list(points.items())
    if len(chosen) > 5:
        chosen = [chosen[round(index * (len(chosen) - 1) / 4)] for index in range(5)]
    return ", ".join(f"{axis} {short(value)}: {estimate.percent(sign=sign)}" for value, estimate in chosen)


def short(value):
    return value.rsplit("/", 1)[-1].removesuffix("-cpu.json") if isinstance(value, str) else f"{value:g}"


def ten_points_over(baseline):
    def measure(studies):
        gains = differences(studies["rtdeepiot-clients"], "clients", "rtdeepiot", baseline, start=OVERLOAD)
        answers = [above(gain, 0.1) for gain in gains.values()]
        return Finding(f"accuracy - that of `{baseline}`, points: {listed('K', gains)}", at_least((len(answers) + 1) // 2, answers))
    return measure


def nearly_no_misses(studies):
    study = studies["rtdeepiot-clients"]
    possible = [value for value, floor in means(study, "clients", "edf:depth=m", "miss_ratio").items() if floor.mean < 0.005]
    misses = {value: study.mean("miss_ratio", "rtdeepiot", clients=value) for value in possible}
    every = means(study, "clients", "rtdeepiot", "miss_ratio")
    return Finding(f"misses, %: {listed('K', every, False)}; K up to {max(possible)} can be served without misses",
                   all_of(below(miss, 0.01) for miss in misses.values()))


def preempted(studies):
    study = studies["rtdeepiot-clients"]
    counts = {value: study.mean("preemptions", "rtdeepiot", clients=value) for value in study.values("clients") if value >= 2}
    jobs = study.mean("jobs", "rtdeepiot", clients=6).mean
    text = ", ".join(f"K {value}: {count.mean / jobs:.3f}" for value, count in list(counts.items())[::2])
    return Finding(f"preemptions a job: {text}", all_of(above(count) for count in counts.values()))


def utility_aware(studies):
    gains = differences(studies["rtdeepiot-predictors"], "clients", PREDICTORS["exp"], PREDICTORS["mean"], start=OVERLOAD)
    return Finding(f"accuracy with `exp` - with `mean`, which ignores the input, points: {listed('K', gains)}",
                   all_of(above(gain) for gain in gains.values()))


def quantum_losses(studies):
    """The mean relative loss and the largest loss in quanta, by delta."""
    count = 25 if studies.quick else 400
    known = {0.2: 0.0367, 0.1: 0.0091, 0.05: 0.0021, 0.01: 0.00009}
    found = {delta: assignment.losses(studies.laxity, delta, count) for delta in known}
    mean = {delta: sum(loss[1] for loss in rows) / len(rows) for delta, rows in found.items()}
    worst = {delta: max(loss[1] for loss in rows) for delta, rows in found.items()}
    bounded = all(0 <= loss + 1e-9 and loss <= jobs * delta + 1e-9 for delta, rows in found.items() for loss, _, jobs in rows)
    falling = list(mean.values()) == sorted(mean.values(), reverse=True)
    alike = all(known[delta] / 2 < mean[delta] < 2 * known[delta] for delta in [0.2, 0.1, 0.05])
    if studies.quick:
        alike = True  # so few instances do not tell a mean within a factor of two
    table = ", ".join(f"{delta:g}: {100 * mean[delta]:.3f} / {100 * worst[delta]:.1f} %" for delta in known)
    return Finding(f"mean / largest relative loss by delta, {count} instances: {table}; within jobs x delta: "
                   f"{'all' if bounded else 'NOT all'}", bounded and falling and alike)


def optimum_at_fine_quantum(studies):
    rows = assignment.losses(studies.laxity, 0.001, 25 if studies.quick else 200)
    worst = max(loss for loss, _, _ in rows)
    return Finding(f"largest loss of confidence against trying all assignments, delta 0.001, {len(rows)} instances: {worst:.4f}",
                   worst <= 0.005)


def leads_at_every(name, axis, start=None):
    def measure(studies):
        study = studies[name]
        gains = {baseline: differences(study, axis, "rtdeepiot", baseline, start=start) for baseline in BASELINES}
        text = "; ".join(f"over `{baseline}`, points: {listed(axis_label(axis), curve)}" for baseline, curve in gains.items())
        return Finding(text, all_of(above(gain) for curve in gains.values() for gain in curve.values()))
    return measure


def axis_label(axis):
    return {"clients": "K", "network": ""}.get(axis, axis)


def fewer_misses_than(baseline):
    def measure(studies):
        saved = differences(studies["rtdeepiot-clients"], "clients", "rtdeepiot", baseline, "miss_ratio", OVERLOAD)
        return Finding(f"misses - those of `{baseline}`, points: {listed('K', saved)}", all_of(below(miss) for miss in saved.values()))
    return measure


def grows_along(name, axis):
    def measure(studies):
        curve = means(studies[name], axis, "rtdeepiot", "accuracy")
        points = list(curve.values())
        return Finding(f"accuracy, %: {listed(axis, curve, False)}", apart(points[0], points[-1]))
    return measure


def falls_with_clients(studies):
    curve = means(studies["rtdeepiot-clients"], "clients", "rtdeepiot", "accuracy")
    points = list(curve.values())
    steps = [apart(after, before) for before, after in zip(points, points[2:])]
    return Finding(f"accuracy, %: {listed('K', curve, False)}", all_of(steps))


def exp_near_oracle(studies):
    gaps = differences(studies["rtdeepiot-predictors"], "clients", PREDICTORS["oracle"], PREDICTORS["exp"])
    return Finding(f"accuracy with `oracle` - with `exp`, points: {listed('K', gaps)}", all_of(within(gap, 0.01) for gap in gaps.values()))


def oracle_leads(studies):
    study = studies["rtdeepiot-predictors"]
    leads = {name: study.difference("accuracy", PREDICTORS["oracle"], PREDICTORS[name]) for name in ["exp", "max", "lin", "mean", "conditional"]}
    text = ", ".join(f"`{name}` {lead.points()}" for name, lead in leads.items())
    return Finding(f"accuracy with `oracle` - with another, mean over K, points: {text}", all_of(above(lead, -0.001) for lead in leads.values()))


def exp_among_practical(studies):
    study = studies["rtdeepiot-predictors"]
    leads = {name: study.difference("accuracy", PREDICTORS["exp"], PREDICTORS[name]) for name in ["max", "lin"]}
    text = ", ".join(f"`{name}` {lead.points()}" for name, lead in leads.items())
    return Finding(f"accuracy with `exp` - with another, mean over K, points: {text}", all_of(above(lead, -0.005) for lead in leads.values()))


def conditional_leads(studies):
    study = studies["rtdeepiot-predictors"]
    lead = study.difference("accuracy", PREDICTORS["conditional"], PREDICTORS["exp"])
    gains = differences(study, "clients", PREDICTORS["conditional"], PREDICTORS["exp"])
    return Finding(f"accuracy with `conditional` - with `exp`, points: mean over K {lead.points()}; {listed('K', gains)}", above(lead))


def by_delta(studies, metric, delta, reference):
    """{K: paired difference of one delta to another}; the default delta has no suffix in its name."""
    study = studies["rtdeepiot-delta"]
    name = lambda value: f"rtdeepiot:delta={value:g}" if value != 0.1 else "rtdeepiot:delta=0.1"
    return {clients: study.difference(metric, name(delta), name(reference), clients=clients) for clients in study.values("clients")}


def coarse_quantum_costs(studies):
    losses = by_delta(studies, "accuracy", 0.5, 0.1)
    return Finding(f"accuracy at delta 0.5 - at 0.1, points: {listed('K', losses)}", all_of(below(loss) for loss in losses.values()))


def finer_is_better(studies):
    gains = by_delta(studies, "accuracy", 0.01, 0.1)
    return Finding(f"accuracy at delta 0.01 - at 0.1, points: {listed('K', gains)}", all_of(above(gain) for gain in gains.values()))


def quantum_spares_misses(studies):
    changes = {(delta, clients): change for delta in [0.02, 0.05, 0.1, 0.2, 0.5]
               for clients, change in by_delta(studies, "miss_ratio", delta, 0.01).items()}
    largest = max(changes.values(), key=lambda change: abs(change.mean))
    return Finding(f"largest change of the miss ratio against delta 0.01: {largest.points()} points", all_of(within(change, 0.01) for change in changes.values()))


def overhead_is_bearable(studies):
    study = studies["rtdeepiot-overhead"]
    charged = {cost: study.mean("accuracy", "rtdeepiot", decision_cost_ns=cost) for cost in study.values("decision_cost_ns")}
    rivals = {rival: study.mean("accuracy", rival, decision_cost_ns=0) for rival in ["edf", "edf:skip=true", "lcf"]}
    text = ", ".join(f"{cost / 1000:g} us: {mean.percent()}" for cost, mean in charged.items())
    free = ", ".join(f"`{rival}` {mean.percent()}" for rival, mean in rivals.items())
    return Finding(f"accuracy at K = 8 with so much charged to every stage, %: {text}; charged nothing: {free}",
                   all_of(apart(rival, charged[6400]) for rival in rivals.values()))


def swap_near_resolve(studies):
    gaps = differences(studies["rtdeepiot-update"], "clients", "rtdeepiot", "rtdeepiot:update=resolve")
    return Finding(f"accuracy with the greedy step - when solved again, points: {listed('K', gaps)}", all_of(above(gap, -0.005) for gap in gaps.values()))


def swap_helps(studies):
    study = studies["rtdeepiot-update"]
    plain, none = "rtdeepiot:reclaim=false", "rtdeepiot:update=none,reclaim=false"
    gains = differences(study, "clients", plain, none)
    gain = study.difference("accuracy", plain, none)
    return Finding(f"accuracy with the greedy step - without, points: mean over K {gain.points()}; {listed('K', gains)}", above(gain))


def best_form_over_lcf(studies):
    study = studies["rtdeepiot-update"]
    forms = ["rtdeepiot", "rtdeepiot:delta=0.02,predictor=conditional", "rtdeepiot:delta=0.02,predictor=conditional,update=resolve"]
    curves = {form: differences(study, "clients", form, "lcf", start=OVERLOAD) for form in forms}
    text = "; ".join(f"`{form}` {listed('K', curve)}" for form, curve in curves.items())
    best = curves[forms[2]]
    return Finding(f"accuracy - that of `lcf`, points: {text}", all_of(above(gain, -0.001) for gain in best.values()))


def misses_by_variation(studies):
    study = studies["rtdeepiot-replay"]
    misses = {replay: study.mean("miss_ratio", "rtdeepiot", replay=replay) for replay in ["rows", "mean"]}
    return Finding(f"misses at K = 6, %: measured rows {misses['rows'].percent(2)}, every stage at its mean {misses['mean'].percent(2)}", below(misses["mean"], 0.001))


def cautious_planning_avoids_misses(studies):
    misses = means(studies["rtdeepiot-planning"], "planning_quantile", "rtdeepiot", "miss_ratio")
    right = means(studies["rtdeepiot-planning"], "planning_quantile", "rtdeepiot", "accuracy")
    return Finding(f"misses, %, planned with quantile: {', '.join(f'{value:g}: {miss.percent(2)}' for value, miss in misses.items())}; "
                   f"accuracy, %: {listed('quantile', right, False)}", apart(misses[0.99], misses[0.1]))


def weights_are_ignored(studies):
    study = studies["rtdeepiot-weights"]
    at = {policy: [study.mean("important.accuracy", policy, weight=weight) for weight in [1, 16]] for policy in ["rtdeepiot", "toll"]}
    text = "; ".join(f"`{policy}` {one.percent()} with weight 1, {sixteen.percent()} with 16" for policy, (one, sixteen) in at.items())
    unmoved, moved = at["rtdeepiot"][0] == at["rtdeepiot"][1], apart(*at["toll"])
    return Finding(f"accuracy of the important requests, %: {text}", all_of([unmoved, moved]))


def closed_loop_relieves_itself(studies):
    reply, deadline = (differences(studies[name], "clients", "rtdeepiot", "edf", "length_ms", OVERLOAD)
                       for name in ["rtdeepiot-clients", "rtdeepiot-clients-deadline"])
    study = studies["rtdeepiot-clients"]
    rates = {policy: [1000 * study.mean("jobs", policy, clients=clients).mean / study.mean("length_ms", policy, clients=clients).mean
                      for clients in [3, 20]] for policy in ["edf", "lcf", "rtdeepiot"]}
    text = ", ".join(f"`{policy}` {low:.0f} and {high:.0f}" for policy, (low, high) in rates.items())
    share = lambda points: max(abs(value.mean) for value in points.values()) / study.mean("length_ms", "edf", clients=20).mean
    return Finding(f"requests a second at K = 3 and 20, next at the reply: {text}; next at the deadline, all the same within {100 * share(deadline):.2f} %",
                   all_of([any_of(above(value) if value.mean > 0 else below(value) for value in reply.values()), share(deadline) < 0.01 < share(reply)]))


def open_loop(studies):
    study = studies["rtdeepiot-open"]
    gains = {baseline: differences(study, "load", "rtdeepiot", baseline, start=1.5) for baseline in BASELINES}
    text = "; ".join(f"over `{baseline}`, points: {listed('load', curve)}" for baseline, curve in gains.items())
    return Finding(text, all_of([above(gain, 0.1) for gain in gains["edf"].values()] +
                                [above(gain) for baseline in ["lcf", "rr"] for gain in gains[baseline].values()]))


TEN = "reproduced if the lower end of the paired difference's 95 % interval is above 10 points at half or more of the K >= 3"

CLAIMS = [
    Claim("accuracy-over-edf", "Overall accuracy is 10-20 % higher [S1, S2]. Whom it is compared with, we read nowhere: here EDF", AGAINST_RECALLED, TEN,
          ten_points_over("edf"), study="rtdeepiot-clients",
          why="more than the paper's from K = 6 on: EDF goes on with jobs that can no longer end in time, so much of this is EDF's own doing; see accuracy-over-edf-skip"),
    Claim("accuracy-over-lcf", "The same against LCF, least confidence first", AGAINST_RECALLED, TEN,
          ten_points_over("lcf"), study="rtdeepiot-clients",
          why="LCF runs every first stage before any second. In a six-exit network whose first exit is right in 53 % of the cases after 15 % of the time that is strong, and it needs no forecast; only at K = 20, where not even the first stages fit, does it collapse. A better forecast closes most of the gap: see best-form-over-lcf"),
    Claim("accuracy-over-rr", "The same against RR, round robin", AGAINST_RECALLED, TEN,
          ten_points_over("rr"), study="rtdeepiot-clients",
          why="ahead at every K, but by 2 to 7 points: deadlines cut off what RR would run too deep, and each job keeps its deepest exit"),
    Claim("accuracy-over-edf-skip", "The same against an EDF that never starts a stage that must be late (a fairer baseline, ours)", OURS, TEN,
          ten_points_over("edf:skip=true"), study="rtdeepiot-clients"),
    Claim("no-misses", "Nearly no deadline is missed [S1, S2]", ABSTRACT,
          "reproduced if the upper end of the miss ratio is below 1 % at every K at which running mandatory parts alone (`edf:depth=m`) misses under 0.5 %",
          nearly_no_misses, study="rtdeepiot-clients",
          why="1.3 % at K = 6. Single measured stages take 2 to 4 ms, longer than any deadline, and a policy that uses all the time has none to absorb them; where stages do not vary nothing is missed: see misses-by-variation"),
    Claim("misses-by-variation", "What is missed where all could be served is missed because stage times vary (single stages take up to 4 ms, longer than any deadline)", OURS,
          "reproduced if, with every stage at its mean time, under 0.1 % are missed at K = 6, whole interval", misses_by_variation, study="rtdeepiot-replay"),
    Claim("preemption", "Networks can be preempted before completion (anytime inference) [S3]; ours: between stages", ABSTRACT,
          "reproduced if jobs are preempted at every K >= 2", preempted, study="rtdeepiot-clients"),
    Claim("edf-order", "Stages are sent to the GPU in EDF order [S4]", NOTE,
          why="a rule of the method, not a result: `rtdeepiot` follows it, so nothing here could contradict it"),
    Claim("utility", "Optional stages of high confidence utility are preferred among those that keep deadlines [S4]", NOTE,
          "reproduced if the confidence of each input (`exp`) buys accuracy over a forecast that ignores it (`mean`), lower end > 0, at every K >= 3",
          utility_aware, study="rtdeepiot-predictors",
          why="`exp` halves the remaining uncertainty with every stage, whatever the network; our exits 3 to 5 gain 0.9 points in all, so that it buys stages that bring nothing. A forecast of the mean that knows the exits is better here, and one that knows both is best (`conditional`)"),
    Claim("depth-assignment", "The depths that are assigned maximise the sum of rewards, every finish time within its deadline [S4]", NOTE,
          "reproduced if the policy collects the optimum within 0.005 (five jobs x delta 0.001) on every random instance", optimum_at_fine_quantum),
    Claim("quantum-loss", "Rewards are counted in quanta of delta (0.01; 0.2, 0.1 and 0.01 are compared) [S7]; our own earlier check: mean loss 3.67, 0.91, 0.21 and 0.009 % for delta 0.2, 0.1, 0.05 and 0.01", CODE,
          "reproduced if every loss lies between 0 and jobs x delta, the mean loss falls with delta, and is within a factor of two of the earlier check (full size only)",
          quantum_losses),
    Claim("accuracy-against-k", "Accuracy against K: falls as clients are added (the figure is recalled, the direction is our reading)", RECALLED,
          "reproduced if accuracy falls over any two steps of K, intervals apart", falls_with_clients, study="rtdeepiot-clients"),
    Claim("leads-at-every-k", "Accuracy against K: above EDF, LCF and RR (our reading of what the figure shows)", RECALLED,
          "reproduced if the lower end of each paired difference is > 0 at every K >= 3", leads_at_every("rtdeepiot-clients", "clients", OVERLOAD), study="rtdeepiot-clients",
          why="LCF is ahead from K = 4 on, until the first stages no longer fit: see accuracy-over-lcf"),
    Claim("misses-under-edf", "Deadline misses against K: fewer than EDF (our reading of what the figure shows)", RECALLED,
          "reproduced if the upper end of the paired difference is < 0 at every K >= 3", fewer_misses_than("edf"), study="rtdeepiot-clients"),
    Claim("misses-under-rr", "Deadline misses against K: fewer than RR (our reading of what the figure shows)", RECALLED,
          "reproduced if the upper end of the paired difference is < 0 at every K >= 3", fewer_misses_than("rr"), study="rtdeepiot-clients",
          why="at K = 3 RR misses as little; from K = 6 on RTDeepIoT misses less"),
    Claim("grows-with-d-u", "Accuracy against D_u: grows with the longest deadline", RECALLED, "reproduced if it is higher at D_u = 8 than at 1.5, intervals apart",
          grows_along("rtdeepiot-latest-deadline", "D_u"), study="rtdeepiot-latest-deadline"),
    Claim("leads-at-every-d-u", "Accuracy against D_u: above EDF, LCF and RR", RECALLED, "reproduced if the lower end of each paired difference is > 0 at every D_u",
          leads_at_every("rtdeepiot-latest-deadline", "D_u"), study="rtdeepiot-latest-deadline",
          why="LCF again, by up to 1.2 points, at all but the longest deadlines"),
    Claim("grows-with-d-l", "Accuracy against D_l: grows with the shortest deadline", RECALLED, "reproduced if it is higher at D_l = 3 than at 0.25, intervals apart",
          grows_along("rtdeepiot-earliest-deadline", "D_l"), study="rtdeepiot-earliest-deadline"),
    Claim("leads-at-every-d-l", "Accuracy against D_l: above EDF, LCF and RR", RECALLED, "reproduced if the lower end of each paired difference is > 0 at every D_l",
          leads_at_every("rtdeepiot-earliest-deadline", "D_l"), study="rtdeepiot-earliest-deadline",
          why="LCF again, by up to 1.4 points"),
    Claim("exp-near-oracle", "The predictor Exp comes close to Oracle", RECALLED, "reproduced if they differ by less than 1 point at every K, whole interval",
          exp_near_oracle, study="rtdeepiot-predictors",
          why="within 2 points up to K = 16, but on both sides. The oracle knows the confidence to come, not whether the answer will be right: counted in tenths, a sure first exit gains nothing more, and the plan stops where time is free (K = 1)"),
    Claim("oracle-leads", "Oracle is the upper reference of the predictors", RECALLED, "reproduced if no predictor is more than 0.1 points ahead of it, mean over K, whole interval",
          oracle_leads, study="rtdeepiot-predictors",
          why="on average; at K = 1 to 3 it is behind `exp`, for the reason given above"),
    Claim("exp-practical", "Exp is the practical choice among Exp, Max and Lin", RECALLED, "reproduced if neither is more than half a point ahead of it, mean over K, whole interval",
          exp_among_practical, study="rtdeepiot-predictors"),
    Claim("conditional", "A predictor learned from held-out inputs is stronger than Exp", OURS, "reproduced if its lead over `exp`, mean over K, has a lower end > 0",
          conditional_leads, study="rtdeepiot-predictors"),
    Claim("coarse-delta", "Delta: a coarse quantum costs accuracy", RECALLED, "reproduced if delta 0.5 is less accurate than 0.1 at every K, upper end < 0",
          coarse_quantum_costs, study="rtdeepiot-delta",
          why="12 points where there is time to spare, for halves hide what deeper exits gain. In overload the same blindness makes the plan serve all first stages before any second, as LCF does, and that is right there"),
    Claim("fine-delta", "Delta: the finer the quantum, the higher the accuracy", RECALLED, "reproduced if delta 0.01 is more accurate than 0.1 at every K, lower end > 0",
          finer_is_better, study="rtdeepiot-delta",
          why="from 0.1 down nothing is gained, and half a point lost at K = 4: what `exp` forecasts is not worth counting in hundredths"),
    Claim("delta-misses", "Delta: misses stay the same", OURS, "reproduced if every delta and K is within 1 point of delta 0.01, whole interval",
          quantum_spares_misses, study="rtdeepiot-delta"),
    Claim("overhead", "The overhead of its decisions does not eat up its gain", OURS,
          "reproduced if, charged 6.4 us a stage (its measured decision with 100 active jobs; a stage takes 58 us), it is more accurate than EDF, EDF with skip and LCF charged nothing, intervals apart",
          overhead_is_bearable, study="rtdeepiot-overhead",
          why="LCF is ahead at K = 8 even when nothing is charged. Against EDF and EDF with skip the gain survives 6.4 us, and 20 us, a tenth and a third of a stage"),
    Claim("complexity", "Solving takes time in proportion to 1 / delta", OURS,
          why="a wall-clock time, which no verdict here rests on; measured once: a decision takes 0.77 us at delta 0.1 and 0.89 us at 0.05 with 10 active jobs, 6.4 and 8.6 us with 100 (`results/reference/decisions.txt`)"),
    Claim("greedy-enough", "A greedy step when a confidence is revealed replaces solving again", RECALLED, "reproduced if it is at most half a point less accurate at every K, whole interval (one-sided after the first look, which found it ahead)",
          swap_near_resolve, study="rtdeepiot-update",
          why="it is even ahead of solving again, by up to 1.2 points. Why we did not find out"),
    Claim("greedy-helps", "The greedy step gains over keeping the plan (both without our `reclaim`)", RECALLED, "reproduced if its gain, mean over K, has a lower end > 0",
          swap_helps, study="rtdeepiot-update"),
    Claim("best-form-over-lcf", "It is the predictor and the quantum that let LCF pass: with `conditional`, delta 0.02, solved again after every stage RTDeepIoT is not behind", OURS,
          "reproduced if that form is at most 0.1 points behind LCF at every K >= 3, whole interval", best_form_over_lcf, study="rtdeepiot-update",
          why="ahead up to K = 8, but 0.6 points behind at K = 12; most of the gap is the forecast's (`conditional`), little the quantum's or the update's"),
    Claim("planned-with-p99", "Stage times are planned with the 99th percentile, so that misses stay rare", RECALLED, "reproduced if the miss ratio is lower than when planned with quantile 0.1, intervals apart",
          cautious_planning_avoids_misses, study="rtdeepiot-planning",
          why="planned with the median, 8 % are missed and 6 points of accuracy lost"),
    Claim("ignores-weights", "Plain RTDeepIoT ignores how important a request is (seen in the plots of an independent re-implementation, obroadrick/imprecise [S7])", CODE,
          "reproduced if its accuracy on the important requests is exactly the same with weight 1 and 16, while a policy that knows weights (`toll`) raises it, intervals apart",
          weights_are_ignored, study="rtdeepiot-weights"),
    Claim("priority-greedy", "Weighted by priority, two depth-assignment programs are nearly equal and above a simple greedy (plots of the same re-implementation [S7])", CODE,
          why="needs its priority-weighted program and its greedy as policies; neither ships"),
    Claim("closed-loop-trap", "A closed loop whose clients ask again at the reply is relieved by a slow scheduler", OURS,
          "reproduced if the requests a second differ between `edf` and `rtdeepiot` by more than 1 % when clients ask at the reply, and by less when they ask at the deadline",
          closed_loop_relieves_itself, study="rtdeepiot-clients-deadline",
          why="by 2 to 5 % at K = 3, where LCF and RTDeepIoT are done earlier and asked more; at K = 20 hardly a job is done before its deadline, whoever schedules"),
    Claim("deadline-switch", "The lead over EDF, LCF and RR does not hang on when clients ask again (next at the deadline)", OURS,
          "reproduced if the lower end of each paired difference is > 0 at every K >= 3", leads_at_every("rtdeepiot-clients-deadline", "clients", OVERLOAD), study="rtdeepiot-clients-deadline",
          why="LCF again; the numbers are those of the reply within 1.5 points, so the switch hardly matters to the comparison"),
    Claim("open-loop", "The lead holds where arrivals do not depend on the scheduler (Poisson)", OURS,
          "reproduced if at every load >= 1.5 the lower end is > 10 points over EDF and > 0 over LCF and RR", open_loop, study="rtdeepiot-open",
          why="the lead over EDF and RR is the same; LCF is ahead from load 2 on"),
    Claim("other-networks", "The lead over EDF, LCF and RR does not hang on the network (K = 6)", OURS,
          "reproduced if the lower end of each paired difference is > 0 on all five", leads_at_every("rtdeepiot-networks", "network"), study="rtdeepiot-networks",
          why="over EDF and RR on all five; LCF is level on fashion-ee, whose first exit is nearly free, and ahead by up to 1.3 points on the others"),
    Claim("gpu", "The figures were measured on a GPU (Core i7-4770, TITAN X Pascal) [S2, S4]", NOTE, why="we have no such machine; the traces are of one core of a CPU"),
    Claim("vision-network", "With one state-of-the-art vision network [S1]; three-stage residual networks on CIFAR-10 and ImageNet (recalled)", ABSTRACT,
          why="neither the network nor ImageNet is here; cifar-ee is ours, on CIFAR-10"),
    Claim("thesis-bound", "A simple scheduler has a proved bound on the utility that it loses (precursor thesis [S5])", ABSTRACT, why="a proof about another scheduler, whose text we did not read"),
    Claim("eugene", "Confidence curves fitted by Gaussian processes, scheduled greedily (Eugene [S6])", RECALLED, why="another scheduler; no policy here follows it"),
    Claim("np-hard", "Assigning depths is NP-hard", RECALLED, why="a theorem, not a measurement"),
]


SUMMARY = """
K clients ask again when they are answered; deadlines are uniform in [D_l, D_u] = [1, 4] network times where they are not swept, K is 6. Three or
more clients are more than the accelerator can serve to full depth.
In short: accuracy and misses against K look as claimed over EDF, and over RR by less. LCF, which knows no more than the confidences, is level or
ahead in between; a forecast learned from held-out inputs puts RTDeepIoT ahead of it up to K = 8. A greedy step is enough, the quantum hardly matters
up to 0.2, and plans need cautious stage times.
"""

FIGURES = [
    Figure("rtdeepiot-clients", "rtdeepiot-clients", "RTDeepIoT: accuracy and deadline misses against the number K of clients",
           ["--kind", "lines", "--policies", *SCHEDULERS]),
    Figure("rtdeepiot-latest-deadline", "rtdeepiot-latest-deadline", "RTDeepIoT: accuracy and deadline misses against the longest deadline D_u (network times)",
           ["--kind", "lines", "--policies", *SCHEDULERS]),
    Figure("rtdeepiot-earliest-deadline", "rtdeepiot-earliest-deadline", "RTDeepIoT: accuracy and deadline misses against the shortest deadline D_l (network times)",
           ["--kind", "lines", "--policies", *SCHEDULERS]),
    Figure("rtdeepiot-predictors", "rtdeepiot-predictors", "RTDeepIoT: accuracy and deadline misses by predictor (no suffix: exp)",
           ["--kind", "lines", "--policies", "rtdeepiot*"]),
    Figure("rtdeepiot-delta", "rtdeepiot-delta", "RTDeepIoT: accuracy and deadline misses against the quantum delta, for four K",
           ["--kind", "lines", "--x", "delta", "--logx", "--facet", "clients", "--width", "page", "--policies", "rtdeepiot*"]),
    Figure("rtdeepiot-open", "rtdeepiot-open", "Not in the paper: the same against the load of Poisson arrivals, which no scheduler can relieve",
           ["--kind", "lines", "--policies", *SCHEDULERS]),
]
