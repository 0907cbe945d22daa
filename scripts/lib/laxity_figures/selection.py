"""Which rows are drawn, and what for: a View is one figure's worth of a sweep.

Of a sweep's axes one is drawn along x, one may be the colour (hue) and one the panels (facet); an axis that moves together
with x is not asked about, and each combination of the values of all others is a View of its own. What a line stands for
is a Series: a policy, or a value of the hue's axis.
"""

import re
from dataclasses import dataclass

import pandas as pd

from laxity_figures.measures import axis_label, spoken
from laxity_figures.notes import note
from laxity_figures.panels import value_text as text_of
from laxity_figures.policies import emphasised, knows_the_future, named, short_name
from laxity_figures.problem import Problem, not_among
from laxity_figures.styles import Style, ordered_style, style_of, style_of_best
from laxity_figures.sweeps import without_parameter


@dataclass(frozen=True)
class Series:
    """A line. `emphasis`: 0 grey, 1 in colour, 2 the winner, drawn wider."""

    key: str
    label: str
    style: Style
    emphasis: int = 1

    def width(self, line):
        """Of its line, where others are so wide. Wide enough to be found, too thin to cover its neighbours."""
        return line * (1.3 if self.emphasis == 2 else 1)


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
    left_out: str = ""  # who isn't drawn for want of a parameter, and which: for the caption

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
        return ", ".join(f"{spoken(axis_name(axis))} {text_of(value)}" for axis, value in self.fixed.items())

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

    def runs(self, columns, file="runs.csv"):
        return self.choose(self.sweep.runs(columns, file).assign(kind="policy"))

    def spread(self, rows):
        """The rows, those of lines without the parameter that is x once at each of its values: they are the same all along."""
        constant = (rows["x"] == "").groupby([rows["series"], rows["facet"]]).transform("all").astype(bool)
        return pd.concat([rows[~constant & (rows["x"] != "")], *(rows[constant].assign(x=value) for value in self.x_values)])

    def constant(self, rows):
        """The labels of those lines."""
        own = set(rows["series"][rows["x"] != ""])
        there = set(rows["series"][rows["x"] == ""])
        return [series.label for series in self.series if series.key in there and series.key not in own]

    def in_colour(self):
        return [series for series in self.series if series.emphasis]

    def in_grey(self):
        return [series for series in self.series if not series.emphasis]


def axis_name(axis):
    return axis.removeprefix("axis:").rsplit("/", 1)[-1].removeprefix("generate.")


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
        return text in (str(value), text_of(value))


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


def keep_columns(table, columns, where, what):
    """The rows of a plain table at these values of its columns. Throws Problem for what there isn't."""
    for name, texts in where.items():
        column = next((column for column in columns if name in (column, axis_name(column))), None)
        if column is None:
            raise not_among("--where", name, [axis_name(each) for each in columns] or ["no axis"], what)
        for text in texts:
            if not any(same(value, text) for value in table[column]):
                raise not_among(f"--where {name}", text, map(text_of, map(native, table[column])), "one of the values that there are")
        table = table[[any(same(value, text) for text in texts) for value in table[column]]]
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
        """Axes of the workload that need figures of their own: not those that move along with another one."""
        known = [axis for axis in (self.x, self.hue, self.facet) if axis in self.sweep.axes]
        rest = []
        for axis in self.sweep.axes:
            moves_along = any((means.groupby(other)[axis].nunique() == 1).all() for other in known + rest)
            if axis not in known and means[axis].nunique() > 1 and not moves_along:
                rest.append(axis)
        return rest


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


def stripped(policy, sweep, roles):
    for axis in roles.of_policies():
        policy = without_parameter(policy, sweep.parameter_of(axis))
    return policy


class Chooser:
    """Takes from the report's rows, or from the runs, those that are drawn: the policies asked for, in their order, at the
    points asked for, without the parameters that are axes of the figure."""

    def __init__(self, sweep, request, roles):
        self.sweep, self.request, self.roles = sweep, request, roles
        chosen = named(sweep.policies, request.policies)
        chosen += [name for name, _ in request.best if name not in chosen]
        self.order = {policy: index for index, policy in enumerate(chosen)}

    def clean(self, table):
        table = keep_where(table, self.sweep, self.request.where, check=False)
        table = table[table["policy"].isin(self.order) | (table["kind"] == "bound")]
        table = table.assign(place=table["policy"].map(self.order)).sort_values("place", kind="stable")
        return strip(table, self.sweep, self.roles)

    def rows(self, table, fixed, facet):
        """The rows of one view, with "x", "series" and "facet"."""
        table = self.clean(table)
        for axis, value in fixed.items():
            table = table[table[axis] == value]
        series = table[self.roles.hue].map(text_of).where(table["kind"] != "bound", table["policy"])
        return table.assign(x=table[self.roles.x] if self.roles.x else "all", series=series, facet=table[facet] if facet else "")


def left_out(means, chooser, roles, baseline):
    """Of the policies asked for those without a parameter that is the colour or the panels: "" if there are none."""
    asked = set(chooser.order) - {baseline}
    of_policies = means[means["policy"].isin(asked) & (means["kind"] != "bound")]
    parts = []
    for axis in (roles.hue, roles.facet):
        without = list(dict.fromkeys(of_policies["policy"][of_policies[axis] == ""])) if axis in chooser.sweep.policy_axes else []
        without.sort(key=chooser.order.get)
        parts += [f"{', '.join(without)}: left out, for want of {axis_name(axis)}, which is the {'colour' if axis == roles.hue else 'panels'}"] if without else []
    return "; ".join(parts)


def ranked_policies(policies, sweep, request, roles):
    """The policies of a figure, the best first; forms that were chosen after the fact before all others."""
    best = [name for name, _ in request.best if name in policies]
    names = [name if name in policies else stripped(name, sweep, roles) for name in sweep.ranking()]
    return best + [name for name in dict.fromkeys(names) if name in policies and name not in best]


def series_of_policies(policies, sweep, request, roles):
    """A line per policy. The winner is the best that could run on a device and was not chosen after the fact."""
    patterns = dict(request.best)
    ranked = ranked_policies(policies, sweep, request, roles)
    winner = next((name for name in ranked if not knows_the_future(name) and name not in patterns), "") if len(policies) > 1 else ""
    references = ["edf"] + ([request.baseline] if request.baseline else [])
    colour = {*emphasised(ranked, policies, references, request.top, bool(request.policies)), *patterns}
    return [Series(name, name if name in patterns else short_name(name),
                   style_of_best(name, patterns[name]) if name in patterns else style_of(name),
                   0 if name not in colour else 2 if name == winner else 1) for name in policies]


def series_of_values(table, policies, roles):
    """A line per value of the hue's axis, in colours of an order."""
    if len(policies) > 1 and roles.facet not in ("", "policy"):
        raise Problem(f"--hue {axis_name(roles.hue)}: expected one policy, for the panels are {axis_name(roles.facet)}; "
                      f"choose it with --policies: {', '.join(policies)}")
    values = ordered(table[roles.hue][table["kind"] != "bound"])
    name = axis_label(roles.hue).partition(" (")[0]
    return [Series(text_of(value), f"{name} {text_of(value)}", ordered_style(index, len(values))) for index, value in enumerate(values)]


def combinations_of(means, axes):
    """Every combination of values of these axes that there is, as {axis: value}."""
    if not axes:
        return [{}]
    return [dict(zip(axes, values)) for values in dict.fromkeys(zip(*(map(native, means[axis]) for axis in axes)))]


def views(sweep, request, baseline=""):
    """Every figure's View. `baseline`: of the differences, if the kind shows any. Throws Problem for what names nothing."""
    named(sweep.policies, [request.baseline] if request.baseline else [], "--baseline")
    means = keep_where(sweep.means(sweep.default_measures(), baseline), sweep, request.where, check=True)
    roles = Roles(sweep, request, means)
    chooser = Chooser(sweep, request, roles)
    table = chooser.clean(means)
    of_policies = table[table["kind"] != "bound"]
    policies = list(dict.fromkeys(of_policies["policy"]))
    if not policies:
        raise Problem(f"{sweep.source.file('runs.csv')}: expected a policy with the parameter {axis_name(roles.hue)} among those "
                      f"chosen, found {', '.join(chooser.order)}")
    missing = left_out(means, chooser, roles, baseline)
    if missing:
        note(f"{sweep.source.name}: {missing}")
    series = series_of_policies(policies, sweep, request, roles) if roles.hue == "policy" else series_of_values(table, policies, roles)
    facet = roles.facet or ("policy" if roles.hue != "policy" and len(policies) > 1 else "")
    facet_values = policies if facet == "policy" else ordered(of_policies[facet]) if facet else [""]
    for fixed in combinations_of(means, roles.left_over(means)):
        choose = lambda rows, fixed=fixed: chooser.rows(rows, fixed, facet)
        x_values = ordered(value for value in choose(means)["x"] if value != "")
        yield View(sweep, roles.x, x_values, series, facet, facet_values, fixed, choose, baseline, missing)
