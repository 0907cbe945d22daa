"""What is measured of RT-mDL's claims: functions of the studies, each a number or a curve and whether its rule holds."""

import csv
import tempfile
from pathlib import Path

from .claims import Finding
from .estimates import above, all_of, any_of, apart, at_least, below, share_of
from .rtdeepiot_findings import listed
from .studies import SCENARIOS

BOUND, LIGHT, HIGH = 0.1, 0.35, 0.5
SMALLEST = "dm:variant=smallest"
BASELINES = ["dm", SMALLEST, "um"]
SETS = {"set1": [0.3, 0.5, 0.2, 0.2], "set2": [0.3, 0.2, 0.4, 0.25], "set3": [0.5, 0.3, 0.3, 0.6], "set4": [0.2, 0.3, 0.3, 0.25]}
TIGHT = [0.6, 0.5, 0.3, 0.3]  # of rtmdl-requirements
THREE = ["net-1", "net-2", "net-3"]
FOUR = ["obstacles", "signs", "lights", "scene"]


# --- Plans ---

def at_loads(loads):
    return {f"/tasks/{index}/arrival/load": load for index, load in enumerate(loads)}


def plan_at(studies, load, policy="rtmdl"):
    return studies.plan("rtmdl-three", policy, **at_loads([load] * 3))


def given_up(plan):
    """Accuracy that a plan gives up against the original networks, a task, as a share."""
    return plan["loss"] / len(plan["tasks"])


def given_up_by_smallest(studies):
    """The same for the cheapest variant of every task, which is among the first candidates of any search: the largest loss of all."""
    with tempfile.TemporaryDirectory() as folder:
        studies.laxity.output("plan", "--workload", SCENARIOS / "rtmdl-three.json", "--policy", "rtmdl:generations=1", "--out", Path(folder) / "plan")
        with open(Path(folder) / "plan" / "candidates.csv", newline="") as file:
            rows = [row for row in csv.DictReader(file) if all(row[f"{task}_variant"] == "cifar-ee-w038-d4" for task in THREE)]
    return max(float(row["loss"]) for row in rows) / len(THREE)


def points_lost(share):
    return f"{100 * share:.2f}"


# --- Measurements ---

def headline(studies):
    study = studies["rtmdl-sets"]
    saved = -study.difference("miss_ratio", "rtmdl", "dm")
    before = study.mean("miss_ratio", "dm")
    losses = {name: given_up(studies.plan("rtmdl-four", "rtmdl", **at_loads(loads))) for name, loads in SETS.items()}
    return saved, share_of(saved, before), sum(losses.values()) / len(losses)


def headline_relative(studies):
    saved, share, loss = headline(studies)
    return Finding(f"misses less by {share.percent()} % of those of `dm`, mean of four sets; accuracy given up, points a task: {points_lost(loss)}",
                   all_of([above(share, 0.4012), loss <= 0.017]))


def headline_points(studies):
    saved, share, loss = headline(studies)
    return Finding(f"misses less by {saved.percent()} points, mean of four sets; accuracy given up, points a task: {points_lost(loss)}",
                   all_of([above(saved, 0.4012), loss <= 0.017]))


def task_misses(study, policy, load, tasks=("net-2", "net-3")):
    return {task: study.mean(f"{task}.miss_ratio", policy, load=load) for task in tasks}


def listed_tasks(misses):
    return " / ".join(miss.percent() for miss in misses.values())


def light_load(studies):
    study = studies["rtmdl-load"]
    rtmdl, dm = (task_misses(study, policy, LIGHT) for policy in ["rtmdl", "dm"])
    gains = [study.difference(f"{task}.miss_ratio", "rtmdl", "dm", load=LIGHT) for task in ["net-2", "net-3"]]
    return Finding(f"misses of the 2nd / 3rd task, %: RT-mDL {listed_tasks(rtmdl)}, DM-NMC {listed_tasks(dm)}",
                   all_of([below(gain) for gain in gains] + [below(miss, 0.2) for miss in dm.values()]))


def high_load(studies):
    study = studies["rtmdl-load"]
    rtmdl, dm = (task_misses(study, policy, HIGH) for policy in ["rtmdl", "dm"])
    return Finding(f"misses of the 2nd / 3rd task, %: RT-mDL {listed_tasks(rtmdl)}, DM-NMC {listed_tasks(dm)}",
                   all_of([below(miss, BOUND) for miss in rtmdl.values()] + [above(miss, 0.5) for miss in dm.values()]))


def smallest_misses_least(studies):
    study = studies["rtmdl-load"]
    gaps = {(task, load): study.difference(f"{task}.miss_ratio", "rtmdl", SMALLEST, load=load) for task in ["net-2", "net-3"] for load in [LIGHT, HIGH]}
    text = ", ".join(f"{task} at load {load}: {gap.points()}" for (task, load), gap in gaps.items())
    return Finding(f"misses of RT-mDL - those of DM-MC, points: {text}", all_of(above(gap) for gap in gaps.values()))


def accuracy_loss(studies):
    light, high, smallest = given_up(plan_at(studies, LIGHT)), given_up(plan_at(studies, HIGH)), given_up_by_smallest(studies)
    return Finding(f"accuracy given up, points a task: RT-mDL {points_lost(light)} (light), {points_lost(high)} (high); DM-MC {points_lost(smallest)}",
                   light <= high < smallest)


def answered_right(studies):
    study = studies["rtmdl-load"]
    gains = {load: study.difference("accuracy", "rtmdl", SMALLEST, load=load) for load in study.values("load")}
    return Finding(f"right answers of all jobs, RT-mDL - DM-MC, points: {listed('load', gains)}", all_of(above(gain) for gain in gains.values()))


def over_sets(studies, policy):
    return {name: studies["rtmdl-sets"].mean("miss_ratio", policy, set=name) for name in SETS}


def task_sets(studies):
    study = studies["rtmdl-sets"]
    curves = {policy: over_sets(studies, policy) for policy in ["rtmdl", "dm", "um"]}
    gains = [study.difference("miss_ratio", "rtmdl", rival, set=name) for rival in ["dm", "um"] for name in SETS]
    text = "; ".join(f"`{policy}` {', '.join(miss.percent() for miss in curve.values())}" for policy, curve in curves.items())
    return Finding(f"misses on sets 1 to 4, %: {text}", all_of([below(miss, BOUND) for miss in curves["rtmdl"].values()] + [below(gain) for gain in gains]))


def utilisation_monotone(studies):
    study = studies["rtmdl-sets"]
    gaps = {name: study.difference("miss_ratio", "um", "dm", set=name) for name in SETS}
    text = ", ".join(f"{name}: {gap.points()}" for name, gap in gaps.items())
    return Finding(f"misses of `um` - those of `dm`, points: {text}", at_least(3, (below(gap) for gap in gaps.values())))


def keeps_the_bound(studies):
    study = studies["rtmdl-load"]
    misses = {(task, load): study.mean(f"{task}.miss_ratio", "rtmdl", load=load) for task in THREE for load in study.values("load")}
    (task, load), worst = max(misses.items(), key=lambda item: item[1].mean)
    return Finding(f"worst miss ratio of any task and load: {worst.percent()} % ({task} at load {load:g})", all_of(below(miss, BOUND) for miss in misses.values()))


ORDERS = ["dm", "rm", "um", "edf", "rtmdl"]


def order_matters(studies):
    study = studies["rtmdl-priorities"]
    spread = {}
    for load in study.values("load"):
        found = {policy: study.mean("miss_ratio", policy, load=load) for policy in ORDERS if policy != "edf"}
        least, most = (choose(found, key=lambda policy: found[policy].mean) for choose in [min, max])
        spread[load] = study.difference("miss_ratio", most, least, load=load)
    return Finding(f"misses with the worst - with the best of four fixed orders, points: {listed('load', spread)}", any_of(above(gap, 0.1) for gap in spread.values()))


def scheduling_is_not_enough(studies):
    study = studies["rtmdl-priorities"]
    found = {policy: study.mean("miss_ratio", policy, load=HIGH) for policy in ORDERS}
    text = ", ".join(f"`{policy}` {miss.percent()}" for policy, miss in found.items())
    return Finding(f"misses of the original networks at high load, %: {text} (`rtmdl`: the best order that its search found)", all_of(above(miss, BOUND) for miss in found.values()))


def joint_over_priorities(studies):
    alone = studies["rtmdl-priorities"].mean("miss_ratio", "rtmdl", load=HIGH)
    joint = studies["rtmdl-load"].mean("miss_ratio", "rtmdl", load=HIGH)
    return Finding(f"misses at high load, %: priorities alone {alone.percent()}, variants and priorities {joint.percent()}", apart(joint, alone))


def joint_over_scaling(studies):
    study = studies["rtmdl-scaling"]
    levels = ["original", "d4", "w050", "w050-d4", "w038-d4"]
    misses = {level: study.mean("miss_ratio", "dm", load=HIGH, level=level) for level in levels}
    gains = {level: study.difference("accuracy", "rtmdl", "dm", load=HIGH, level=level) for level in levels}
    text = ", ".join(f"{level} {gains[level].points()} ({misses[level].percent()} % missed)" for level in levels)
    return Finding(f"right answers of all jobs at high load, the joint plan - one level for all under `dm`, points: {text}",
                   all_of(above(gain) for gain in gains.values()))


def packing_helps(studies):
    study = studies["rtmdl-packing"]
    gains = {load: study.difference("accuracy", "rtmdl", "rtmdl:epsilon=0", load=load) for load in study.values("load")}
    mean = study.difference("accuracy", "rtmdl", "rtmdl:epsilon=0")
    return Finding(f"right answers of all jobs with packing - without, two slots, points: mean {mean.points()}; {listed('load', gains)}", above(mean))


def separate_queues_help(studies):
    study = studies["rtmdl-queues"]
    found = {(policy, queues): study.mean("accuracy", policy, queues=queues, period=26) for policy in ["dm", "rtmdl"] for queues in ["separate", "one"]}
    text = ", ".join(f"`{policy}` {found[policy, 'separate'].percent()} with separate queues, {found[policy, 'one'].percent()} with one" for policy in ["dm", "rtmdl"])
    return Finding(f"right answers of all jobs, 30 % of a pipeline on the host, %: {text}", all_of(apart(found[policy, "one"], found[policy, "separate"]) for policy in ["dm", "rtmdl"]))


def memory(studies):
    budgets = [1.5, 4, 8, 16]
    plans = {budget: studies.plan("rtmdl-four", f"rtmdl:storage_mb={budget}") for budget in budgets}
    losses = [given_up(plan) for plan in plans.values()]
    fits = all(plan["storage_bytes"] <= budget * 1e6 for budget, plan in plans.items())
    study = studies["rtmdl-memory"]
    misses = [study.mean("miss_ratio", f"rtmdl:storage_mb={budget}") for budget in budgets]
    text = ", ".join(f"{budget} MB: {points_lost(loss)}" for budget, loss in zip(budgets, losses))
    falling = all(after <= before + 0.001 for before, after in zip(losses, losses[1:])) and losses[-1] < losses[0]
    worst = max(misses, key=lambda miss: miss.mean)
    return Finding(f"accuracy given up, points a task: {text}; every plan fits: {'yes' if fits else 'no'}; misses at most {worst.percent()} %",
                   all_of([fits, falling, *(below(miss, BOUND) for miss in misses)]))


def requirements(studies):
    bounds = [0.01, 0.05, 0.1, 0.2, 0.4]
    plans = {bound: studies.plan("rtmdl-four", f"rtmdl:miss_bound={bound}", **at_loads(TIGHT)) for bound in bounds}
    losses = [given_up(plan) for plan in plans.values()]
    text = ", ".join(f"{100 * bound:g} %: {points_lost(loss)}" for bound, loss in zip(bounds, losses))
    falling = all(after <= before + 0.001 for before, after in zip(losses, losses[1:])) and losses[-1] < losses[0]
    return Finding(f"accuracy given up, points a task, by bound on the misses: {text}", falling)


def requirements_kept(studies):
    study = studies["rtmdl-requirements"]
    worst = {}
    for bound in [0.01, 0.05, 0.1, 0.2, 0.4]:
        misses = [study.mean(f"{task}.miss_ratio", f"rtmdl:miss_bound={bound}") for task in FOUR]
        worst[bound] = max(misses, key=lambda miss: miss.mean)
    text = ", ".join(f"{100 * bound:g} %: {miss.percent()}" for bound, miss in worst.items())
    plans = [studies.plan("rtmdl-four", f"rtmdl:miss_bound={bound}", **at_loads(TIGHT)) for bound in worst]
    kept = ", ".join(f"{100 * bound:g} %" for bound, plan in zip(worst, plans) if not plan["feasible"]) or "none"
    return Finding(f"misses of the worst task, %, by bound: {text}; no plan of the search kept the bound of: {kept}", all_of(below(miss, bound) for bound, miss in worst.items()))


def analysis_is_pessimistic(studies):
    study = studies["rtmdl-analysis"]
    shares = {total: (study.mean("accepted", "dm", U=total), study.mean("schedulable", "dm", U=total)) for total in study.values("U")}
    text = ", ".join(f"utilisation {total:g}: {accepted.percent()} without a miss, {sure.percent()} by analysis" for total, (accepted, sure) in shares.items())
    return Finding(f"task sets under `dm`, %: {text}", any_of(apart(sure, accepted) for accepted, sure in shares.values()))
