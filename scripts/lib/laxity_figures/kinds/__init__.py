"""The kinds of figure: the table that adding one means adding a row to.

A kind draws sources of one type (sources.TYPES), seldom of two. Its module's draw(request, source) yields Drawings, none where there is
nothing to draw; it is drawn by default if `usual`, else only when --kind names it. A usual kind has to make sense of any
source of its type without an option.
"""

from dataclasses import dataclass

from laxity_figures.kinds import (
    acceptance, agreement, bars, box, breakdown, budget, capacity, decisions, depths, difference, energy, exits,
    heatmap, lines, pareto, plan, regret, responses, timeline, validation)


@dataclass(frozen=True)
class Kind:
    """`source`: a type of sources.TYPES, or several, as in "sweep, run"."""

    name: str
    source: str
    usual: bool
    summary: str
    draw: object

    def draws(self, type_):
        return type_ in self.source.split(", ")


KINDS = [
    Kind("lines", "sweep", True, "means with 95 % intervals against an axis, a panel per measure", lines.draw),
    Kind("bars", "sweep", True, "the same as grouped bars; usual where the axis has words", bars.draw),
    Kind("difference", "sweep", True, "paired differences to a baseline, with 95 % intervals", difference.draw),
    Kind("regret", "sweep", True, "accuracy behind the bounds that no policy can beat (needs --bounds)", regret.draw),
    Kind("pareto", "sweep", True, "accuracy against misses, a path per policy over the axis", pareto.draw),
    Kind("heatmap", "sweep", False, "every policy at every point, means or ranks (--cells rank), who cannot be told from the best", heatmap.draw),
    Kind("box", "sweep", False, "how a measure varies over the seeds at one point", box.draw),
    Kind("exits", "sweep", True, "share of jobs that left at each depth, a panel per policy", exits.draw),
    Kind("depths", "sweep", False, "histogram of the depths at one point, a panel per policy", depths.draw),
    Kind("energy", "sweep", True, "energy harvested, used, spilled, power failures (needs an energy section)", energy.draw),
    Kind("cdf", "sweep, run", False, "response times: share of the jobs answered within a time, all seeds pooled", responses.draw_cdf),
    Kind("ccdf", "sweep, run", False, "the same for the tail: share of the jobs not answered, logarithmic", responses.draw_ccdf),
    Kind("acceptance", "sweep", True, "acceptance ratio of drawn task sets, simulated and by analysis", acceptance.draw),
    Kind("breakdown", "sweep", True, "breakdown utilisation of drawn task sets, a box per policy", breakdown.draw),
    Kind("capacity", "capacity", True, "the highest load that each policy can carry, bars with 95 % intervals", capacity.draw),
    Kind("validation", "validation", True, "simulation beside device, a panel per measure", validation.draw),
    Kind("agreement", "validation", True, "simulation against device: identity line and equivalence band (--band)", agreement.draw),
    Kind("budget", "budget", True, "what each difference between device and simulation is made of, signed and stacked", budget.draw),
    Kind("plan", "plan", True, "accuracy loss and worst miss ratio of every plan tried", plan.draw),
    Kind("decisions", "decisions", True, "what a decision costs against the number of active jobs", decisions.draw),
    Kind("timeline", "run", True, "the busiest second of a recorded run, and its busiest moment", timeline.draw),
]
BY_NAME = {kind.name: kind for kind in KINDS}


def table_text():
    """The table, for people."""
    width = max(len(kind.name) for kind in KINDS)
    lines = [f"{kind.name:{width}}  {kind.source:10}  {'usual ' if kind.usual else '      '}  {kind.summary}" for kind in KINDS]
    return "\n".join([f"{'kind':{width}}  {'draws a':10}  {'':6}  what it shows", *lines, "",
                      "\"usual\": drawn without being asked for; --kind KIND,... draws the ones named."])
