"""Zygarde (Islam & Nirjon, IMWUT 2020): inference on harvested power, mandatory until an exit is sure enough.

Read: the abstracts, a review, and the authors' code for eta. Ours: cifar-ee on 0.4 W of harvested power, taking 1 W while it
runs; a job every 1.25 network times; a confidence of 0.8 as the utility test. "EDF" runs all stages, "EDF-M" leaves at
the first sure exit (`edf:threshold=0.8`), which is the paper's input-dependent mandatory part. A job counts as
scheduled if it returned a sure answer, or one of full depth, by its deadline (`confident_ratio`).

Energy is execution time here, for the processor takes the same power whatever it runs: a job's mean execution time is
the energy used / jobs.
"""

import re

from .claims import ABSTRACT, CODE, NOTE, OURS, RECALLED, Claim, Finding
from .estimates import above, all_of, any_of, apart, below, share_of, within
from .figures import Figure
from .rtdeepiot import listed

NAME, TITLE = "zygarde", "Zygarde (Islam & Nirjon, IMWUT 2020)"
MANDATORY = "edf:threshold=0.8"
SYSTEMS = ["persistent", "solar-0.71", "solar-0.48", "solar-0.35", "radio-0.70", "radio-0.51", "radio-0.40"]
SCHEDULED = "confident_ratio"
SCHEDULERS = ["edf", MANDATORY, "rm", "zygarde"]


def by_system(studies, metric, policy, baseline, name="zygarde-systems"):
    return {system: studies[name].difference(metric, policy, baseline, system=system) for system in SYSTEMS}


def relative(studies, metric, policy, baseline):
    """Differences as shares of the baseline's mean."""
    study = studies["zygarde-systems"]
    return {system: share_of(gap, study.mean(metric, baseline, system=system)) for system, gap in by_system(studies, metric, policy, baseline).items()}


def all_listed(points):
    return ", ".join(f"{name}: {estimate.points()}" for name, estimate in points.items())


def more_scheduled(baseline, least):
    def measure(studies):
        gains = relative(studies, SCHEDULED, "zygarde", baseline)
        return Finding(f"jobs scheduled, more than `{baseline}` by %: {all_listed(gains)}", all_of(above(gain, least) for gain in gains.values()))
    return measure


def best_gain(metric, what, baseline, least):
    """Of an "up to": whether the best system reaches it."""
    def measure(studies):
        gains = by_system(studies, metric, "zygarde", baseline)
        return Finding(f"{what} - that of `{baseline}`, points: {all_listed(gains)}", any_of(above(gain, least) for gain in gains.values()))
    return measure


def most_more_scheduled(studies):
    gains = relative(studies, SCHEDULED, "zygarde", "edf")
    return Finding(f"jobs scheduled, more than `edf` by %: {all_listed(gains)}", any_of(above(gain, 0.33) for gain in gains.values()))


def never_behind(metric, what, baseline):
    def measure(studies):
        gains = by_system(studies, metric, "zygarde", baseline)
        return Finding(f"{what} - that of `{baseline}`, points: {all_listed(gains)}", all_of(above(gain) for gain in gains.values()))
    return measure


def shorter_runs(least):
    def measure(studies):
        study = studies["zygarde-mains"]
        saved = {load: share_of(-study.difference("used_mj", MANDATORY, "edf", load=load), study.mean("used_mj", "edf", load=load)) for load in study.values("load") if load < 1}
        lost = {load: study.difference("accuracy", MANDATORY, "edf", load=load) for load in saved}
        return Finding(f"execution time of a job, less than without early exits by %: {listed('load', saved, False)}; accuracy lost, points: {listed('load', lost)}",
                       any_of(above(share, least) for share in saved.values()))
    return measure


def zygarde_runs_shorter(studies):
    study = studies["zygarde-mains"]
    saved = {load: share_of(-study.difference("used_mj", "zygarde", "edf", load=load), study.mean("used_mj", "edf", load=load)) for load in study.values("load") if load < 1}
    return Finding(f"execution time of a job under `zygarde`, less than under `edf` by %: {listed('load', saved, False)}", any_of(above(share, 0.26) for share in saved.values()))


# --- eta ---

def eta(studies, harvester):
    return float(re.search(r"eta (-?[\d.]+)", studies.shown("zygarde", **{"/energy/harvester": harvester})).group(1))


def radio(on, off):
    return f'{{"kind": "bursts", "power": 1000, "power_unit": "mW", "on": {on}, "off": {off}, "slot": 2, "unit": "ms"}}'


def persistent_eta(studies):
    value = eta(studies, '{"kind": "persistent", "power": 400, "power_unit": "mW"}')
    return Finding(f"eta of persistent power: {value:g}", value == 1)


def chance_eta(studies):
    value = eta(studies, radio(3.3333, 5))
    return Finding(f"eta of power that is there in 40 % of the slots, each by chance: {value:g}", abs(value) < 0.15)


def eta_grows(studies):
    stays = [4, 8, 12, 16, 24, 40]
    found = [eta(studies, radio(2 * stay, 3 * stay)) for stay in stays]
    return Finding(f"eta by mean stay, slots on: {', '.join(f'{stay}: {value:g}' for stay, value in zip(stays, found))}", found == sorted(found))


def rises_with_eta(metric, what):
    def measure(studies):
        study = studies["zygarde-systems"]
        found = {system: study.mean(metric, "zygarde", system=system) for system in SYSTEMS}
        steps = [("solar-0.71", "persistent"), ("solar-0.48", "solar-0.71"), ("solar-0.35", "solar-0.48"),
                 ("radio-0.70", "persistent"), ("radio-0.51", "radio-0.70"), ("radio-0.40", "radio-0.51")]
        text = ", ".join(f"{system}: {mean.percent()}" for system, mean in found.items())
        return Finding(f"{what} under `zygarde`, %: {text}", all_of(apart(found[less], found[more]) for less, more in steps))
    return measure


def storage_explains_eta(studies):
    study = studies["zygarde-capacitor"]
    gaps = {}
    for capacity in study.values("capacity_mJ"):
        good, poor = (study.mean(SCHEDULED, "zygarde", system=system, capacity_mJ=capacity) for system in ["radio-0.70", "radio-0.40"])
        gaps[capacity] = (good, poor)
    text = ", ".join(f"{capacity:g} mJ: {good.percent()} and {poor.percent()}" for capacity, (good, poor) in gaps.items())
    small, large = gaps[min(gaps)], gaps[max(gaps)]
    shrinks = abs(large[0].mean - large[1].mean) < abs(small[0].mean - small[1].mean) / 2
    return Finding(f"jobs scheduled with eta 0.70 and 0.40, %, by capacitor: {text}", shrinks)


# --- What is optional ---

def optional_with_plenty(studies):
    study = studies["zygarde-strength"]
    jobs = study.mean("jobs", "zygarde", power_mW=100).mean
    extra = {power: study.difference("complete", "zygarde", MANDATORY, power_mW=power).scaled(1 / jobs) for power in study.values("power_mW")}
    weak, strong = extra[100], extra[1200]
    return Finding(f"jobs that ended with the whole network, `zygarde` - `{MANDATORY}`, points of all jobs, by mW: {listed('', extra).replace('  ', ' ')}",
                   all_of([below(weak, 0.02), above(strong, 0.2)]))


def gate_saves_mandatory(studies):
    gains = by_system(studies, SCHEDULED, "zygarde", "zygarde:energy=off", "zygarde-variations")
    return Finding(f"jobs scheduled with the gate - without, points: {all_listed(gains)}", all_of(above(gain) for gain in gains.values()))


def plenty_near_full(studies):
    gains = by_system(studies, SCHEDULED, "zygarde:plenty=0.9", "zygarde:plenty=0.1", "zygarde-variations")
    return Finding(f"jobs scheduled, optional from 0.9 - from 0.1 of the capacitor, points: {all_listed(gains)}", all_of([above(gain, -0.001) for gain in gains.values()] + [any_of(above(gain) for gain in gains.values())]))


# --- Probes of ours ---

def near_full_over_mandatory(studies):
    gains = by_system(studies, SCHEDULED, "zygarde:plenty=0.9", MANDATORY, "zygarde-variations")
    return Finding(f"jobs scheduled, optional units from 0.9 of the capacitor on - EDF-M, points: {all_listed(gains)}", all_of(above(gain, -0.01) for gain in gains.values()))


def gain_shrinks_with_power(studies):
    study = studies["zygarde-strength"]
    gains = {power: study.difference(SCHEDULED, "zygarde", "edf", power_mW=power) for power in study.values("power_mW")}
    return Finding(f"jobs scheduled, `zygarde` - `edf`, points, by mW: {listed('', gains).replace('  ', ' ')}", apart(gains[1200], max(gains.values(), key=lambda gain: gain.mean)))


def on_mains(studies):
    study = studies["zygarde-mains"]
    gains = {load: study.difference("accuracy", "zygarde", "edf", load=load) for load in study.values("load")}
    return Finding(f"accuracy on ample power, `zygarde` - `edf`, points: {listed('load', gains)}", all_of(above(gain) for load, gain in gains.items() if load >= 1))


def checking_deadlines_helps(studies):
    gains = by_system(studies, "accuracy", "zygarde:skip=true", "zygarde", "zygarde-variations")
    return Finding(f"accuracy with `skip=true` - without, points: {all_listed(gains)}", all_of(above(gain) for gain in gains.values()))


def short_queue_is_cheap(studies):
    gaps = by_system(studies, SCHEDULED, "zygarde:queue=3", "zygarde", "zygarde-variations")
    return Finding(f"jobs scheduled with a queue of 3 - unbounded, points: {all_listed(gaps)}", all_of(above(gap, -0.01) for gap in gaps.values()))


def margin_or_confidence(studies):
    gaps = by_system(studies, "accuracy", "zygarde:threshold=0.6,utility=margin", "zygarde", "zygarde-variations")
    return Finding(f"accuracy with the margin 2 c - 1 from 0.6 on - with the confidence from 0.8 on, points: {all_listed(gaps)}", all_of(within(gap, 0.01) for gap in gaps.values()))


EVERY = "reproduced if the lower end of the paired difference is > 0 on every system"

CLAIMS = [
    Claim("scheduled-over-edf", "9-34 % more tasks are scheduled than under EDF-like schedulers [S15]; here against EDF, all units", ABSTRACT,
          "reproduced if the lower end of the paired gain is above 9 % of EDF's on every system (more than 34 % is no contradiction)", more_scheduled("edf", 0.09), study="zygarde-systems",
          why="more than the paper's 9-34 % on five systems, for EDF runs every job to full depth on power for 40 % of it"),
    Claim("scheduled-over-edf-m", "The same against EDF-M, mandatory units only", ABSTRACT,
          "reproduced if the lower end of the paired gain is above 9 % of EDF-M's on every system", more_scheduled(MANDATORY, 0.09), study="zygarde-systems",
          why="EDF-M runs what Zygarde runs, mandatory parts, in a better order for deadlines, and saves what Zygarde spends on optional units at half a capacitor: see gate-against-edf-m. If the paper's \"EDF-like\" means EDF-M, our network and load leave no room for the gain"),
    Claim("accuracy-over-edf", "Accuracy is up to 21 % higher than under EDF-like schedulers [S15]; here points against EDF", ABSTRACT,
          "reproduced if the lower end of the paired difference is above 21 points on some system", best_gain("accuracy", "accuracy", "edf", 0.21), study="zygarde-systems"),
    Claim("accuracy-over-edf-m", "The same against EDF-M", ABSTRACT, "reproduced if the lower end of the paired difference is above 21 points on some system",
          best_gain("accuracy", "accuracy", MANDATORY, 0.21), study="zygarde-systems",
          why="as above: within 0.2 points on five systems, behind where outages are long"),
    Claim("execution-time", "Execution time is up to 26 % less [S15]; here by early exits (EDF-M against EDF, ample power)", ABSTRACT,
          "reproduced if at some load < 1 the lower end of the paired saving is above 26 %", shorter_runs(0.26), study="zygarde-mains"),
    Claim("execution-time-zygarde", "The same, of Zygarde itself on ample power", ABSTRACT, "reproduced if at some load < 1 the lower end of the paired saving is above 26 %",
          zygarde_runs_shorter, study="zygarde-mains",
          why="with power to spare Zygarde runs all optional units, so it takes as long as EDF and is as accurate"),
    Claim("v1-scheduled", "Version 1 (2019): 33 % more tasks [S16]; version 2 has other numbers", ABSTRACT, "reproduced if the lower end of the paired gain is above 33 % of EDF's on some system", most_more_scheduled, study="zygarde-systems"),
    Claim("v1-accuracy", "Version 1: accuracy 9.45 points higher [S16]", ABSTRACT, "reproduced if the lower end of the paired difference to EDF is above 9.45 points on some system",
          best_gain("accuracy", "accuracy", "edf", 0.0945), study="zygarde-systems"),
    Claim("v1-time", "Version 1: execution time 14 % less [S16]", ABSTRACT, "reproduced if at some load < 1 the lower end of the paired saving of early exits is above 14 %", shorter_runs(0.14), study="zygarde-mains"),
    Claim("over-edf", "Jobs scheduled by harvester: more than EDF", RECALLED, EVERY, never_behind(SCHEDULED, "jobs scheduled", "edf"), study="zygarde-systems"),
    Claim("over-edf-m", "Jobs scheduled by harvester: more than EDF-M", RECALLED, EVERY, never_behind(SCHEDULED, "jobs scheduled", MANDATORY), study="zygarde-systems",
          why="as scheduled-over-edf-m"),
    Claim("over-rm", "Jobs scheduled by harvester: more than RM (one task: first come, first served)", RECALLED, EVERY, never_behind(SCHEDULED, "jobs scheduled", "rm"), study="zygarde-systems"),
    Claim("accurate-over-edf-m", "Accuracy over released jobs by harvester: higher than EDF-M", RECALLED, EVERY, never_behind("accuracy", "accuracy", MANDATORY), study="zygarde-systems",
          why="as accuracy-over-edf-m"),
    Claim("eta-persistent", "eta = 1 for persistent power [S18]", CODE, "reproduced if it is 1", persistent_eta),
    Claim("eta-chance", "eta is about 0 for power by chance [S18]", CODE, "reproduced if it lies within 0.15 of 0", chance_eta),
    Claim("eta-grows", "eta grows with predictability [S18] (the direction is our reading)", CODE, "reproduced if it grows with the mean stay of a bursty harvester", eta_grows),
    Claim("scheduled-by-eta", "The more predictable the energy, the more jobs are scheduled (seven systems: persistent, three of solar, three of radio power)", RECALLED,
          "reproduced if each step of eta, within solar and within radio, schedules more, intervals apart", rises_with_eta(SCHEDULED, "jobs scheduled"), study="zygarde-systems",
          why="at the same mean power and capacitor (20 mJ, 50 ms of it) the order is the reverse: predictable bursts are long, and so are the outages between them, which the capacitor does not bridge; see eta-and-storage. Real harvesters differ in more than eta"),
    Claim("accuracy-by-eta", "The more predictable the energy, the higher the accuracy", RECALLED, "reproduced if each step of eta, within solar and within radio, is more accurate, intervals apart",
          rises_with_eta("accuracy", "accuracy"), study="zygarde-systems",
          why="as above"),
    Claim("eta-and-storage", "What eta does to the jobs scheduled hangs on the capacitor: at the same mean power predictable bursts mean long outages", OURS,
          "reproduced if the gap between eta 0.70 and 0.40 with 200 mJ is less than half of that with 10 mJ", storage_explains_eta, study="zygarde-capacitor"),
    Claim("optional-with-plenty", "Optional units run only when energy is plentiful, mandatory ones alone otherwise", RECALLED,
          "reproduced if, against EDF-M, over 20 points more jobs end with the whole network at 1.2 W and under 2 at 0.1 W, whole intervals", optional_with_plenty, study="zygarde-strength",
          why="at 0.4 W and below the capacitor is hardly ever half full"),
    Claim("gate", "Gating optional units saves energy for mandatory ones", RECALLED, "reproduced if the gate (`energy=on` against `off`) schedules more on every system, lower end > 0", gate_saves_mandatory, study="zygarde-variations"),
    Claim("plenty-near-full", "Plentiful means a capacitor that is nearly full: optional work then takes what would be lost", RECALLED,
          "reproduced if a gate at 0.9 of the capacitor schedules no fewer jobs than one at 0.1 on any system (-0.1 points) and more on some", plenty_near_full, study="zygarde-variations"),
    Claim("gate-against-edf-m", "It is the gate at half of the capacitor that costs jobs against EDF-M: optional units take what the night, or the next outage, would have needed", OURS,
          "reproduced if with a gate at 0.9 Zygarde schedules at most 1 point less than EDF-M on every system, whole interval", near_full_over_mandatory, study="zygarde-variations"),
    Claim("gain-and-strength", "The stronger the harvester, the smaller the lead over EDF", OURS, "reproduced if the lead at 1.2 W is below the largest, intervals apart", gain_shrinks_with_power, study="zygarde-strength"),
    Claim("on-mains", "Urgency, uncertainty and the mandatory bonus pay without harvesting, too", OURS, "reproduced if accuracy is above EDF's at every load >= 1, lower end > 0", on_mains, study="zygarde-mains"),
    Claim("no-deadline-check", "The rule never checks that a unit can end in time; checking it helps (`skip=true`, ours)", OURS, "reproduced if accuracy is higher with the check on every system, lower end > 0", checking_deadlines_helps, study="zygarde-variations"),
    Claim("queue", "Jobs wait in a short queue (here of 3); one that comes to a full one is lost", RECALLED, "reproduced (as harmless) if a queue of 3 costs less than 1 point of the jobs scheduled on every system, whole interval", short_queue_is_cheap, study="zygarde-variations",
          why="during an outage jobs pile up, and a queue of three loses those that would have been served after it"),
    Claim("utility", "The utility is the margin between the two nearest classes", RECALLED, "reproduced (as harmless to our reading) if margin and confidence differ by less than 1 point of accuracy on every system, whole interval", margin_or_confidence, study="zygarde-variations"),
    Claim("k-means", "Exits are k-means classifiers whose centroids adapt at run time [S17]", NOTE, why="our exits are softmax classifiers; a trace holds what was measured, so nothing can adapt"),
    Claim("runtime", "Intermittent execution in the manner of SONIC, batteryless microcontrollers, 256 KB [S15, S17]", NOTE, why="no such board; power failures are simulated, between stages, and cost nothing but the wait"),
    Claim("data", "Four data sets (MNIST, ESC-10, CIFAR-100, Visual Wake Words) and six deployments", ABSTRACT, why="neither the data nor the sites; the names of the data sets are recalled"),
    Claim("schedulability", "A necessary condition counts outages as a sporadic task", RECALLED, why="its exact form we do not know, so there is nothing to hold against a measurement"),
    Claim("contrastive", "Networks trained so that early layers tell classes apart (layer-aware loss)", RECALLED, why="our networks are trained with the sum of the exits' losses"),
]

SUMMARY = """
Seven energy systems of the same mean power (0.4 W, half of what the jobs would take), named by their eta. "Scheduled" is a job that returned
a sure answer (confidence 0.8), or one of full depth, in time; EDF-M is `edf:threshold=0.8`.
In short: against EDF and RM Zygarde schedules far more and is far more accurate, as claimed. Against EDF-M, which runs
the same mandatory parts, it is level or behind, for optional units at half a capacitor cost energy that is missed later. Predictability alone is no
virtue: what counts at a given mean power is how long the outages are against the capacitor.
"""

FIGURES = [
    Figure("zygarde-systems", "zygarde-systems", "Zygarde: jobs scheduled (confident answers) and accuracy by harvester, named by eta",
           ["--kind", "lines", "--x", "system", "--width", "page", "--y", "confident_ratio,accuracy", "--policies", *SCHEDULERS]),
    Figure("zygarde-strength", "zygarde-strength", "Zygarde: jobs scheduled and accuracy against the strength of a persistent harvester (mW)",
           ["--kind", "lines", "--y", "confident_ratio,accuracy", "--policies", *SCHEDULERS]),
    Figure("zygarde-strength-radio", "zygarde-strength-radio", "Zygarde: the same against the power of a radio harvester while it is on, 40 % of the time (mW, eta 0.51)",
           ["--kind", "lines", "--y", "confident_ratio,accuracy", "--policies", *SCHEDULERS]),
    Figure("zygarde-capacitor", "zygarde-capacitor", "Zygarde: jobs scheduled against the capacitor (mJ), by eta of a radio harvester",
           ["--kind", "lines", "--x", "capacity_mJ", "--logx", "--facet", "system", "--width", "page", "--y", "confident_ratio", "--policies", "edf", "edf:threshold=0.8", "zygarde"]),
    Figure("zygarde-mains", "zygarde-mains", "Zygarde: accuracy and energy used (which is execution time) on ample power, against load",
           ["--kind", "lines", "--y", "accuracy,used_mj", "--policies", *SCHEDULERS]),
]
