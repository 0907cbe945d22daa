"""Paired differences to a baseline, with their intervals: who is better, by how much, and whether it is more than luck.

The baseline is the winner unless --baseline names another. Every policy meets the same jobs under a seed, so that a difference is known far better than either mean.
"""

from dataclasses import replace

from laxity_figures.curves import draw_curves
from laxity_figures.measures import measure_of
from laxity_figures.policies import knows_the_future, named, short_name
from laxity_figures.problem import NothingToDraw
from laxity_figures.quantities import Quantity
from laxity_figures.selection import views
from laxity_figures.sweeps import sweep_of


def quantity_of(name, baseline):
    measure = measure_of(name)
    unit = f" ({measure.difference_unit})" if measure.difference_unit else ""
    return Quantity(measure, "difference", "difference_low", "difference_high", f"{measure.name} \N{MINUS SIGN} {short_name(baseline)}{unit}", zero=True)


def winner_of(sweep, request):
    """Of the policies that are drawn the one of the best mean that could run on a device: what the others have to be compared with."""
    shown = named(sweep.policies, request.policies)
    return next((policy for policy in sweep.ranking() if policy in shown and not knows_the_future(policy)), shown[0])


def draw(request, source):
    sweep = sweep_of(source, request)
    if len(sweep.policies) < 2:
        raise NothingToDraw(f"--kind difference: expected at least two policies in {source.file('runs.csv')}, found one")
    baseline = named(sweep.policies, [request.baseline], "--baseline")[0] if request.baseline else winner_of(sweep, request)
    measures = sweep.measures_asked(["accuracy", "miss_ratio"])
    quantities = [quantity_of(name, baseline) for name in measures]
    for view in views(sweep, request, baseline):
        view = replace(view, series=[series for series in view.series if series.key != baseline])
        facts = [f"drawn: {', '.join(quantity.measure.name for quantity in quantities)} less that of {baseline}, against {view.x_label}",
                 "intervals: 95 % of the mean difference, paired by seed (Student's t); not corrected for the number of policies"]
        drawing = draw_curves(view, request, quantities, "-".join([view.x_name, *measures, "difference"]), facts)
        if drawing:
            yield drawing
