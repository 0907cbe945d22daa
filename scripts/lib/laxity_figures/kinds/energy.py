"""Where the energy went: harvested, used, spilled, and how often the power failed, against the axis.

Only of workloads with an energy section; all others run on mains power and have no such numbers.
"""

from laxity_figures.curves import draw_curves
from laxity_figures.measures import measure_of
from laxity_figures.problem import NothingToDraw
from laxity_figures.quantities import Quantity
from laxity_figures.selection import views
from laxity_figures.sweeps import sweep_of

COLUMNS = ["harvested_mj", "used_mj", "spilled_mj", "power_failures"]


def draw(request, source):
    sweep = sweep_of(source, request)
    there = [name for name in COLUMNS if name in sweep.measures]
    rows = sweep.means(there) if there else None
    if rows is None or rows["mean"].isna().all():
        raise NothingToDraw(f"--kind energy: expected a workload with an energy section in {source.folder}, found none")
    columns = request.y if request.kinds == ["energy"] and request.y else there
    sweep.measures_asked(columns)
    for view in views(sweep, request):
        facts = [f"drawn: {', '.join(measure_of(name).name for name in columns)} of a run, against {view.x_label}: means over the seeds",
                 "intervals: 95 % of the mean over the seeds (Student's t)"]
        drawing = draw_curves(view, request, [Quantity(measure_of(name)) for name in columns], f"{view.x_name}-energy", facts)
        if drawing:
            yield drawing
