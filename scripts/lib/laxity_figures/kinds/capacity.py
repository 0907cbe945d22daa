"""How much each policy can carry: capacities as bars with 95 % intervals, the highest first, a panel per further point.

A policy has no mean where the bounds fail at the lowest value that was tried for some seeds, or still hold at the highest:
its bar then ends at the median of the seeds, those beyond the range counting at its ends, is pale, and says how many seeds
lie beyond. The column on the right has the mean, or that, and the paired difference to the first policy.
"""

import math

import numpy as np
import pandas as pd

from laxity_figures import layout, panels
from laxity_figures.drawing import Drawing
from laxity_figures.measures import axis_label, measure_of, spoken
from laxity_figures.policies import named, short_name
from laxity_figures.selection import axis_name, keep_columns
from laxity_figures.sources import read_csv
from laxity_figures.styles import style_of, tinted
from laxity_figures.sweeps import with_parameter

NUMBERS = ["mean", "low", "high", "difference", "difference_low", "difference_high"]
SEEDS = ["below", "above", "again"]


class Capacities:
    """capacity.csv and capacity-seeds.csv of a folder, policies as asked for. `points`: the combinations of further axes."""

    def __init__(self, source, request):
        self.rows = self.read(source, "capacity.csv", ["n", *SEEDS], NUMBERS)
        self.seeds = self.read(source, "capacity-seeds.csv", ["seed", *SEEDS], ["capacity"])
        self.axes = list(self.rows.columns[:list(self.rows.columns).index("policy")])
        self.first = self.rows["policy"].iloc[0]
        self.rows, self.seeds = (keep_columns(table, self.axes, request.where, "an axis of these capacities") for table in (self.rows, self.seeds))
        kept = named(list(dict.fromkeys(self.rows["policy"])), request.policies)
        self.rows = self.rows[self.rows["policy"].isin(kept)]
        self.seeds = self.seeds[self.seeds["policy"].isin(kept)]
        along = source.configuration.get("along", {})
        self.target, self.low, self.high = along.get("target", "load"), along.get("low"), along.get("high")
        self.requirements = source.configuration.get("requirements", [])
        self.points = list(dict.fromkeys(self.rows[self.axes].itertuples(index=False, name=None))) if self.axes else [()]

    @staticmethod
    def read(source, file, numbers, optional):
        """Axes that are parameters of policies go into the policies' names."""
        table = read_csv(source.file(file), ["policy", *numbers, *optional], numbers, optional, dtype={"policy": str}, keep_default_na=False,
                         na_values={name: [""] for name in optional})
        for axis in source.configuration.get("axes", []):
            if "policy" in axis and axis["name"] in table:
                table["policy"] = [with_parameter(policy, axis.get("parameter", axis["name"]), str(value))
                                   for policy, value in zip(table["policy"], table.pop(axis["name"]))]
        return table

    def at(self, table, point):
        for axis, value in zip(self.axes, point):
            table = table[table[axis] == value]
        return table

    def title(self, point):
        return ", ".join(f"{spoken(axis_name(axis))} {value}" for axis, value in zip(self.axes, point) if value != "")

    def middle(self, policy, point):
        """The median over the seeds, those beyond the range at -inf and inf; None without a seed."""
        seeds = self.at(self.seeds[self.seeds["policy"] == policy], point)
        values = np.where(seeds["below"] == 1, -math.inf, np.where(seeds["above"] == 1, math.inf, seeds["capacity"].to_numpy(float)))
        values = np.sort(values[~np.isnan(values)])
        return float(values[(len(values) - 1) // 2]) if len(values) else None

    def bounded(self):
        """"miss ratio <= 1 %, accuracy >= 90 %"."""
        said = []
        for requirement in self.requirements:
            measure = measure_of(requirement["measure"])
            limit, at_most = (requirement["at_most"], True) if "at_most" in requirement else (requirement["at_least"], False)
            unit = "%" if measure.unit.startswith("%") else measure.unit
            said.append(f"{measure.name} {chr(0x2264) if at_most else chr(0x2265)} {measure.scale * limit:g} {unit}".rstrip())
        return ", ".join(said)


def digits_for(half):
    """So many decimals that a half-width shows two figures."""
    return min(4, max(0, 1 - math.floor(math.log10(half)))) if half and half > 0 else 2


def plus_minus(mean, high, signed=False):
    if not np.isfinite(mean):
        return ""
    half = high - mean
    digits = digits_for(half if np.isfinite(half) else 0)
    return f"{mean:{'+' if signed else ''}.{digits}f}" + (f" \u00b1 {half:.{digits}f}" if np.isfinite(half) else "")


def beyond(row, capacities):
    """"6 of 10 > 8": the seeds that lie beyond the range, for a row without a mean."""
    said = [f"{row[name]} of {row['n']} {sign} {end:g}" for name, sign, end in (("below", "<", capacities.low), ("above", ">", capacities.high))
            if row[name] and end is not None]
    return ", ".join(said)


def order_of(capacities):
    """Policies by their capacities over all points, the highest first; in the order of the file where they are equal."""
    def rank(policy):
        middles = [capacities.middle(policy, point) for point in capacities.points]
        means = [capacities.at(capacities.rows[capacities.rows["policy"] == policy], point)["mean"].mean() for point in capacities.points]
        clamped = [min(max(value, capacities.low or 0), (capacities.high or 1e9) * 1.001) for value in (m for m in middles if m is not None)]
        return (-np.mean(clamped) if clamped else 0.0, -np.nanmean([0.0, *[mean for mean in means if np.isfinite(mean)]]))
    return sorted(dict.fromkeys(capacities.rows["policy"]), key=rank)


def draw_row(panel, place, row, capacities, point, right):
    """A bar and its interval; where the seeds lie beyond the range, an arrow at that end of it."""
    colour = style_of(row["policy"]).colour
    known = np.isfinite(row["mean"])
    middle = row["mean"] if known else capacities.middle(row["policy"], point)
    if middle is None:
        return
    panel.barh(place, min(max(middle, 0.0), right), height=0.66, color=colour if known else tinted(colour, 0.3), linewidth=0, zorder=2)
    if known and np.isfinite(row["low"]):
        panel.hlines(place, row["low"], row["high"], color="black", linewidth=1.0, zorder=4)
    for beyond_it, at, marker in ((middle == math.inf, right, ">"), (middle == -math.inf, capacities.low, "<")):
        if beyond_it and at is not None:
            panel.plot(at, place, marker=marker, color=colour, markersize=4, clip_on=False, zorder=5)


def range_end(capacities):
    """The right end of the axis: the highest value that is reached by anything."""
    reached = np.nanmax([*capacities.rows["high"], *capacities.rows["mean"], *capacities.seeds["capacity"], 0])
    return max(1.03 * reached, capacities.high if (capacities.rows["above"] > 0).any() and capacities.high else 0) or 1.0


def texts_of(capacities, rows):
    """Beside each bar, by policy: (mean or what is known instead, difference to the first)."""
    return {row["policy"]: (plus_minus(row["mean"], row["high"]) or beyond(row, capacities),
                            plus_minus(row["difference"], row["difference_high"], signed=True) if row["policy"] != capacities.first else "")
            for _, row in rows.iterrows()}


class TextColumns:
    """Two columns of text right of the panels, as wide as they need to be."""

    def __init__(self, figure, page, heads, texts):
        self.page, self.heads = page, heads
        self.gap = 0.9 * page.small / 72
        columns = [[head, *column] for head, column in zip(heads, zip(*texts))]
        self.columns = [column for column in columns if any(column[1:])]
        self.widths = [layout.texts_of_width(figure, set(column), page.small) for column in self.columns]

    @property
    def share(self):
        """Of the figure's width."""
        return sum(width + self.gap for width in self.widths) / self.page.width

    def write(self, panel, place, texts, **style):
        offset = self.gap
        for text, width, colour in zip(texts, self.widths, ("black", "#555555")):
            panel.annotate(text, (1.0, place), xycoords=panel.get_yaxis_transform(), xytext=(72 * offset, 0), textcoords="offset points",
                           fontsize=self.page.small, color=colour, annotation_clip=False, **{"va": "center", **style}).set_in_layout(False)
            offset += width + self.gap


def draw_panel(panel, capacities, point, order, right, columns, page):
    rows = capacities.at(capacities.rows, point)
    texts = texts_of(capacities, rows)
    for place, policy in enumerate(reversed(order)):
        for _, row in rows[rows["policy"] == policy].iterrows():
            draw_row(panel, place, row, capacities, point, right)
            columns.write(panel, place, texts[policy])
    panel.set_yticks(range(len(order)), [short_name(policy) for policy in reversed(order)])
    panel.tick_params(axis="y", length=0)
    panel.set_ylim(-0.6, len(order) - 0.4)
    panel.set_xlim(0, right)
    panel.grid(False, axis="y")
    panel.set_title(capacities.title(point), pad=2.5, loc="left", fontsize=page.text)


def draw(request, source):
    capacities, page = Capacities(source, request), request.page
    order, right = order_of(capacities), range_end(capacities)
    count, em = len(capacities.points), page.text / 72
    figure, grid = panels.new_figure(page, count, 1, height=count * (1.55 * len(order) + 1.9) * em + 4 * em, sharex=True)
    texts = [text for point in capacities.points for text in texts_of(capacities, capacities.at(capacities.rows, point)).values()]
    columns = TextColumns(figure, page, ("mean", f"minus {short_name(capacities.first)}"), texts)
    for panel, point in zip(grid[:, 0], capacities.points):
        draw_panel(panel, capacities, point, order, right, columns, page)
        panels.set_limits(panel, request.xlim, (None, None))
    columns.write(grid[0][0], len(order) - 0.4, columns.heads, va="bottom", style="italic")
    name = axis_name(capacities.target)
    what = f"highest {axis_label(capacities.target).partition(' (')[0]} with {capacities.bounded()}"
    grid[-1][0].set_xlabel(what.replace(" with ", " with\n", 1) if len(what) > 36 and page.width < 5 else what)
    layout.finish(figure, page, title="" if grid[0][0].get_title(loc="left") else " ", rect=(0, 0, 1 - columns.share, 1))
    seeds = capacities.rows["n"].max()
    again = capacities.rows["again"].sum()
    facts = [f"drawn: the highest {name} at which {capacities.bounded()}, mean over {seeds} seeds; pale bars end at the median of the seeds, "
             "some of which lie beyond the range that was tried", "intervals: 95 % of the mean over the seeds (Student's t); "
             f"differences to {capacities.first} are paired by seed", f"range tried: {capacities.low} to {capacities.high}; \"k of n > x\": so many seeds lie beyond it"]
    facts += [f"seeds that hold again further up: {again}; the first failure is what counts"] if again else []
    yield Drawing(figure, f"{name}-capacity", capacities.rows.rename(columns={"mean": f"capacity ({name})"}), facts)
