"""Which rows are drawn, and what for: a View is one figure's worth of a sweep.

Of a sweep's axes one is drawn along x, one may be the colour (hue) and one the panels (facet); an axis that moves together
with x is not asked about, and each combination of the values of all others is a View of its own. What a line stands for
is a Series: a policy, or a value of the hue's axis.
"""

import re
from dataclasses import dataclass

import pandas as pd

from laxity_figures.measures import axis_label
from laxity_figures.policies import baseline_of, emphasised, knows_the_future, named, short_name
from laxity_figures.problem import Problem, not_among
from laxity_figures.styles import Style, ordered_style, style_of
from laxity_figures.sweeps import without_parameter


@dataclass(frozen=True)
class Series:
    """A line. `emphasis`: 0 grey, 1 in colour, 2 the winner, drawn wider."""

    key: str
    label: str
    style: Style
    emphasis: int = 1


@dataclass
class View:
    """Rows of means for one figure, with the columns "x", "series" and "facet" beside those of the report."""

    sweep: object
    x: str
    x_values: list  # in order: numbers rising, words as they come
    series: list
    facet: str  # an axis, "policy" or ""
    facet_values: list
    fixed: dict  # axis -> value, of the axes that this figure is one value of
    choose: object  # a function: the report's or the runs' rows -> those of this view, with the three columns
    baseline: str = ""

    @property
    def words(self):
        """Whether x is a category: no lines between its values."""
        return not all(isinstance(value, (int, float)) for value in self.x_values)

    @property
    def suffix(self):
        """Of the figure's name."""
        return "".join("-" + re.sub(r"[^\w.=-]+", "_", f"{axis_name(axis)}={text_of(value)}") for axis, value in self.fixed.items())

    @property
    def title(self):
        return ", ".join(f"{axis_name(axis).replace('_', ' ')} {text_of(value)}" for axis, value in self.fixed.items())

    @property
    def x_name(self):
        return re.sub(r"[^\w.=-]+", "_", axis_name(self.x)) or "point"

    @property
    def x_label(self):
        return axis_label(self.x)

    def place(self, value):
        """Where a value of x is drawn: a number at itself, words side by side."""
        return float(self.x_values.index(value)) if self.words else float(value)

    def rows(self, measures):
        return self.choose(self.sweep.means(measures, self.baseline))

    def runs(self, columns):
        return self.choose(self.sweep.runs(columns).assign(kind="policy"))

    def in_colour(self):
        return [series for series in self.series if series.emphasis]

    def in_grey(self):
        return [series for series in self.series if not series.emphasis]


def axis_name(axis):
    return axis.removeprefix("axis:").rsplit("/", 1)[-1]


def text_of(value):
    return f"{value:g}" if isinstance(value, float) else str(value)


def native(value):
    return value.item() if hasattr(value, "item") else value


def ordered(values):
    """Numbers rising, words as they come."""
    values = list(dict.fromkeys(map(native, values)))
    return sorted(values) if all(isinstance(value, (int, float)) for value in values) else values


def same(value, text):
    try:
        return float(value) == float(text)
    except ValueError:
        return str(value) == text


def find_axis(option, name, axes):
    """The axis of that name, with or without what makes it unique in the report. Throws Problem."""
    for axis in axes:
        if name in (axis, axis_name(axis)):
            return axis
    raise not_among(option, name, [axis_name(axis) for axis in axes] or ["no axis"], "an axis of this sweep")


def keep_where(table, sweep, where, check):
    """The rows at these values. Policies without a parameter stay whatever is asked of it. Throws Problem for what there isn't."""
    for name, texts in where.items():
        axis = find_axis("--where", name, sweep.axes + sweep.policy_axes)
        values = [native(value) for value in dict.fromkeys(table[axis]) if value != ""]
        for text in texts:
            if check and not any(same(value, text) for value in values):
                raise not_among(f"--where {name}", text, [text_of(value) for value in values], "one of the values that were swept")
        kept = [value for value in values if any(same(value, text) for text in texts)]
        absent = table[axis] == "" if axis in sweep.policy_axes else False
        table = table[table[axis].isin(kept) | absent | ((table["kind"] == "bound") if axis in sweep.policy_axes else False)]
    return table


class Roles:
    """What each axis of a sweep is for, under a request. `x`, `hue` and `facet` are "" for nothing, or "policy"."""

    def __init__(self, sweep, request, means):
        axes = sweep.axes + sweep.policy_axes
        role = lambda option, name: name if name in ("", "policy") else find_axis(option, name, axes)
        self.sweep = sweep
        self.hue, self.facet = role("--hue", request.hue) or "policy", role("--facet", request.facet)
        taken = {self.hue, self.facet}
        self.x = find_axis("--x", request.x, axes) if request.x else next(
            (axis for axis in sweep.axes if axis not in taken and means[axis].nunique() > 1),
            next((axis for axis in sweep.axes if axis not in taken), ""))
        if self.x and self.x in taken or self.hue == self.facet:
            raise Problem(f"--x, --hue and --facet: expected three different axes, found {axis_name(self.x)}, "
                          f"{axis_name(self.hue)} and {axis_name(self.facet) or 'none'}")

    def of_policies(self):
        """The axes among them that are parameters of policies: a policy goes without them in its name."""
        return [axis for axis in (self.x, self.hue, self.facet) if axis in self.sweep.policy_axes]

    def left_over(self, means):
        """Axes of the workload that need figures of their own: not those that move along with one that has a role."""
        drawn = [axis for axis in (self.x, self.hue, self.facet) if axis in self.sweep.axes]
        rest = [axis for axis in self.sweep.axes if axis not in drawn and means[axis].nunique() > 1]
        return [axis for axis in rest if not any((means.groupby(role)[axis].nunique() == 1).all() for role in drawn)]


def strip(table, sweep, roles):
    """Policies without the parameters that are axes of this figure; of those axes' values, numbers."""
    for axis in roles.of_policies():
        parameter = sweep.parameter_of(axis)
        table = table.assign(policy=[without_parameter(policy, parameter) if value != "" else policy
                                     for policy, value in zip(table["policy"], table[axis])])
        if axis == roles.hue or axis == roles.facet:
            table = table[(table[axis] != "") | (table["kind"] == "bound")]
        present = table[axis] != ""
        table = table.assign(**{axis: table[axis].where(~present, number_or_none(table[axis][present]).reindex(table.index))})
    return table


def number_or_none(column):
    numbers = pd.to_numeric(column, errors="coerce")
    return (column if numbers.isna().any() else numbers).astype(object)


def views(sweep, request, baseline=""):
    """Every figure's View. `baseline`: of the differences, if the kind shows any. Throws Problem for what names nothing."""
    named(sweep.policies, request.policies)
    means = sweep.means(sweep.default_measures(), baseline)
    means = keep_where(means, sweep, request.where, check=True)
    roles = Roles(sweep, request, means)
    ranking = sweep.ranking()
    if request.policies:  # by their whole names, or without the parameters that are axes
        whole = named(sweep.policies, request.policies) + [name for name, _ in request.best]
    else:
        whole = sweep.policies
    order = {policy: index for index, policy in enumerate(whole)}

    def cleaned(table):
        table = keep_where(table, sweep, request.where, check=False)
        table = table[table["policy"].isin(whole) | (table["kind"] == "bound")]
        table = table.assign(place=table["policy"].map(order)).sort_values("place", kind="stable")
        return strip(table, sweep, roles)

    table = cleaned(means)
    policies = list(dict.fromkeys(table["policy"][table["kind"] != "bound"]))
    best = [name for name, _ in request.best]
    ranked = list(dict.fromkeys(p for name in ranking for p in [name if name in policies else stripped(name, sweep, roles)] if p in policies))
    ranked = [name for name in best if name in policies] + [name for name in ranked if name not in best]
    able = [policy for policy in ranked if not knows_the_future(policy) and policy not in best]
    winner = able[0] if able and len(policies) > 1 else ""
    colour = emphasised(ranked, policies, baseline_of(policies, request.baseline if request.baseline in policies else ""), request.top, bool(request.policies))
    colour += [name for name in best if name not in colour]

    if roles.hue == "policy":
        series = [Series(policy, short_name(policy) if policy not in best else policy, style_of(policy),
                         0 if policy not in colour else 2 if policy == winner else 1) for policy in policies]
    else:
        if len(policies) > 1 and roles.facet not in ("", "policy"):
            raise Problem(f"--hue {axis_name(roles.hue)}: expected one policy, for the panels are {axis_name(roles.facet)}; "
                          f"choose it with --policies: {', '.join(policies)}")
        values = ordered(table[roles.hue][table["kind"] != "bound"])
        series = [Series(text_of(value), f"{axis_label(roles.hue).partition(' (')[0]} {text_of(value)}",
                         ordered_style(index, len(values))) for index, value in enumerate(values)]
    facet = roles.facet or ("policy" if roles.hue != "policy" and len(policies) > 1 else "")
    facet_values = policies if facet == "policy" else ordered(table[facet][table["kind"] != "bound"]) if facet else [""]

    def choose_for(fixed):
        def choose(rows):
            rows = cleaned(rows)
            for axis, value in fixed.items():
                rows = rows[rows[axis] == value]
            hue = rows[roles.hue].map(text_of)
            return rows.assign(x=rows[roles.x] if roles.x else "all", series=hue.where(rows["kind"] != "bound", rows["policy"]),
                               facet=rows[facet] if facet else "")
        return choose

    result = []
    rest = roles.left_over(means)
    combinations = list(dict.fromkeys(zip(*(map(native, means[axis]) for axis in rest)))) if rest else [()]
    for combination in combinations:
        fixed = dict(zip(rest, combination))
        choose = choose_for(fixed)
        x_values = ordered(value for value in choose(means)["x"] if value != "")
        result.append(View(sweep, roles.x, x_values, series, facet, facet_values, fixed, choose, baseline))
    return result


def stripped(policy, sweep, roles):
    for axis in roles.of_policies():
        policy = without_parameter(policy, sweep.parameter_of(axis))
    return policy
