"""What is measured of RTDeepIoT's claims: functions of the studies, each a number or a curve and whether its rule holds."""

from . import assignment
from .claims import Finding
from .estimates import above, all_of, any_of, apart, at_least, below, within

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
    return ", ".join(f"{axis} {short(value)}: {estimate.percent(sign=sign)}".lstrip() for value, estimate in chosen)


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
