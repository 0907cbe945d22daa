"""What a figure of a sweep draws of the report's rows, as tables of numbers: the points of a line, what a caption says.

A Quantity says which columns of the report are drawn, in which unit. Points are in drawn units (percent for shares).
"""

from dataclasses import dataclass

import pandas as pd

from laxity_figures.facts import study_lines
from laxity_figures.measures import Measure, spoken
from laxity_figures.selection import axis_name, text_of


@dataclass(frozen=True)
class Quantity:
    """Columns `value`, `low`, `high` of the rows of `measure`."""

    measure: Measure
    value: str = "mean"
    low: str = "low"
    high: str = "high"
    label: str = ""
    bound: str = ""  # the bound drawn with it, a policy of the report's rows of kind "bound"
    zero: bool = False  # a line at zero
    log_if_wide: bool = False  # whether the axis is logarithmic where values differ by orders of magnitude

    @property
    def name(self):
        return self.label or self.measure.label


def points(view, quantity, rows, series, facet):
    """The points of one line, in order of x: a table with x, place, value, low, high in drawn units, n, itself."""
    chosen = rows[(rows["metric"] == quantity.measure.column) & (rows["series"] == series) & (rows["facet"] == facet)]
    constant = chosen[chosen["x"] == ""]
    if not constant.empty and len(constant) == len(chosen):  # a policy without the parameter that is the axis
        chosen = pd.concat([constant.iloc[:1].assign(x=value) for value in view.x_values])
    chosen = chosen[chosen["x"] != ""]
    scale = quantity.measure.scale
    table = pd.DataFrame({"x": list(chosen["x"]), "place": [view.place(value) for value in chosen["x"]],
                          **{to: scale * chosen[column].to_numpy(float)
                             for to, column in (("value", quantity.value), ("low", quantity.low), ("high", quantity.high))},
                          "n": list(chosen["n"]), "itself": list(chosen["itself"])})
    return table.sort_values("place", kind="stable", ignore_index=True)


def bound_points(view, quantity, rows, facet):
    """The points of the bound; none where there are several at one place, each of another value of the hue's axis."""
    chosen = rows[rows["kind"] == "bound"]
    if view.facet and view.facet != "policy":
        chosen = chosen[chosen["facet"] == facet]
    table = points(view, quantity, chosen.assign(facet=facet), quantity.bound, facet)
    return table.iloc[:0] if table["x"].duplicated().any() else table


def facet_title(view, value):
    if not view.facet:
        return ""
    return str(value) if view.facet == "policy" else f"{spoken(axis_name(view.facet))} {text_of(value)}"


def numbers_of(drawn):
    """The plotted numbers as one table. drawn: (view, quantity, series label, facet, points) each."""
    tables = []
    for view, quantity, series, facet, table in drawn:
        first = {axis_name(view.facet): facet} if view.facet else {}
        tables.append(pd.DataFrame({**{axis_name(axis): value for axis, value in view.fixed.items()}, **first, "line": series,
                                    axis_name(view.x) or "point": table["x"], "quantity": quantity.name,
                                    "value": table["value"], "low": table["low"], "high": table["high"], "n": table["n"]}))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def others(count):
    return f"{count} other{'s' if count > 1 else ''}"


def grey_facts(view):
    return [f"in grey: {', '.join(series.label for series in view.in_grey())}"] if view.in_grey() else []


def runs_facts(view):
    runs = view.runs([])
    missing = [view.left_out] if view.left_out else []
    return missing + study_lines(view.sweep.source, len(runs), [int(seed) for seed in runs["seed"].unique()])
