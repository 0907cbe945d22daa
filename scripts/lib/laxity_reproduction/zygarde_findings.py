"""What is measured of Zygarde's claims: functions of the studies, each a number or a curve and whether its rule holds."""

import re

from .claims import Finding
from .estimates import above, all_of, any_of, apart, below, share_of, within
from .rtdeepiot_findings import listed

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
