"""Regret: how far each policy's accuracy stays behind what no policy can beat, with its interval.

Needs a sweep with bounds (laxity sweep --bounds). The axis is logarithmic where regrets differ by orders of magnitude.
"""

from laxity_figures.curves import draw_curves
from laxity_figures.measures import measure_of
from laxity_figures.problem import NothingToDraw
from laxity_figures.quantities import Quantity
from laxity_figures.selection import views
from laxity_figures.sweeps import sweep_of

BOUNDS = {"least": "the least bound", "clairvoyant": "the clairvoyant bound"}


def draw(request, source):
    sweep = sweep_of(source, request)
    accuracy = measure_of("accuracy")
    rows = sweep.means(["accuracy"]) if "accuracy" in sweep.measures else None
    if rows is None or rows["regret_least"].isna().all():
        raise NothingToDraw(f"--kind regret: expected bounds in {source.folder}, found none; run the sweep again with --bounds")
    for view in views(sweep, request):
        for bound, name in BOUNDS.items():
            column = f"regret_{bound}"
            if rows[column].isna().all() or (bound == "clairvoyant" and "regret" not in request.kinds):
                continue
            quantity = Quantity(accuracy, column, f"{column}_low", f"{column}_high", f"accuracy behind {name} (points)", log_if_wide=True)
            facts = [f"drawn: {name} less the accuracy, against {view.x_label}: means over the seeds",
                     "intervals: 95 % of the mean difference to the bound, paired by seed (Student's t)"]
            drawing = draw_curves(view, request, [quantity], f"{view.x_name}-regret" + ("" if bound == "least" else f"-{bound}"), facts)
            if drawing:
                yield drawing
