"""Means with 95 % intervals against an axis: the usual figure of a sweep, a panel per measure.

Where there are bounds, the least of them is dotted in the panel of accuracy. Views whose axis has words are left to bars
unless lines are asked for by name: they are then points side by side, on an axis that need not begin at zero.
"""

from laxity_figures.curves import draw_curves
from laxity_figures.kinds import bars
from laxity_figures.measures import measure_of
from laxity_figures.quantities import Quantity
from laxity_figures.selection import views
from laxity_figures.sweeps import sweep_of


def draw(request, source):
    sweep = sweep_of(source, request)
    measures = sweep.measures_asked(["accuracy", "miss_ratio"])
    quantities = [Quantity(measure_of(name), bound="least" if name == "accuracy" else "") for name in measures]
    for view in views(sweep, request):
        if not request.kinds and bars.are_usual(view, request):
            continue
        facts = [f"drawn: {', '.join(quantity.measure.name for quantity in quantities)} against {view.x_label}: means over the seeds",
                 "intervals: 95 % of the mean over the seeds (Student's t)"]
        drawing = draw_curves(view, request, quantities, "-".join([view.x_name, *measures]), facts)
        if drawing:
            yield drawing
