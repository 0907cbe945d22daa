"""Panels: what every kind does with a pair of axes.

All of it is in drawn units (percent for shares). Nothing here knows of a policy, a sweep or a kind.
"""

import re
import textwrap

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator


def new_figure(page, rows=1, columns=1, height=None, **options):
    """A figure of the page's width and its panels (rows x columns, always a matrix)."""
    figure = Figure(figsize=(page.width, height or page.height(rows)))
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def new_grid(page, count, height, **options):
    """A figure of `count` panels in as many rows as look full, each so high (a share of the column's width). A panel at the
    foot of its column carries the labels of the axis, also where the last row is not full."""
    most = 4 if page.width < 5 else 6
    columns = min(count, most, {4: 2, 5: 3, 6: 3, 9: 3}.get(count, most)) if page.width < 5 else min(count, most)
    rows = -(-count // columns)
    figure, grid = new_figure(page, rows, columns, page.column * (0.1 + height * rows), **options)
    for panel in grid.flat[count:]:
        panel.set_visible(False)
    for column in grid.T:
        [panel for panel in column if panel.get_visible()][-1].tick_params(labelbottom=True)
    return figure, grid


def hide_rest(grid, count):
    """Of a matrix of panels all but the first `count`."""
    for panel in grid.flat[count:]:
        panel.set_visible(False)


def label_lowest(grid):
    """The lowest visible panel of each column has the numbers of x, also where the last row is not full."""
    for column in grid.T:
        shown = [panel for panel in column if panel.get_visible()]
        if shown:
            shown[-1].tick_params(labelbottom=True)


def text_width(page, text):
    """Points, roughly: enough to see whether a text will fit."""
    return page.letter * page.small / page.text * len(text)


def wrapped(text, points, page):
    """In as many lines as it takes to be no longer than so many points; a unit in brackets stays whole if it can."""
    most = max(8, int(points / page.letter))
    name, bracket, unit = text.partition(" (")
    parts = [name, f"({unit}"] if bracket and len(text) > most else [text]
    return "\n".join(line for part in parts for line in balanced(part, most))


def balanced(text, most):
    """As few lines of at most so many letters as can be, about as long as one another; none begins with an operator."""
    lines_of = lambda width: textwrap.wrap(re.sub(r" ([/\N{MINUS SIGN}] )", "\N{NO-BREAK SPACE}\\1", text), width)
    count = len(lines_of(most))
    if count <= 1:
        return [text]
    lines = next(lines for lines in map(lines_of, range(-(-len(text) // count), most + 1)) if len(lines) == count)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def set_vertical_label(panel, text, page):
    """The label of y, in as many lines as its panel needs."""
    height = (72 * panel.figure.get_figheight() - 4 * page.text) / panel.get_subplotspec().get_gridspec().nrows
    panel.set_ylabel(wrapped(text, 0.97 * height, page))


def spread_out(places, texts, points, page):
    """Which labels stand far enough from each other, of an axis so many points long: the first and the last, and of those
    between as many as fit."""
    span = max(places) - min(places) or 1.0
    extent = lambda place, text: ((place - min(places)) / span * points, text_width(page, text) / 2 + 0.3 * page.small)
    apart = lambda a, b: abs(extent(*a)[0] - extent(*b)[0]) >= extent(*a)[1] + extent(*b)[1]
    labels = sorted(zip(places, texts))
    kept = [labels[-1]] + ([labels[0]] if len(labels) > 1 and apart(labels[0], labels[-1]) else [])
    for label in labels[1:-1]:
        if all(apart(label, other) for other in kept):
            kept.append(label)
    return sorted(kept)


def value_text(value):
    """Of a value of an axis; of a file (a trace) its name alone."""
    return f"{value:g}" if isinstance(value, (int, float)) else re.sub(r"^.*/|\.json$", "", str(value))


def panel_points(panel):
    """How long its horizontal axis will be, in points, roughly: layout comes later."""
    grid = panel.get_subplotspec().get_gridspec()
    return 72 * panel.figure.get_figwidth() / grid.ncols * 0.78


def ticks_at_values(panel, view, page, log=False):
    """Ticks of x where there are values, as many as fit."""
    places = [view.place(value) for value in view.x_values]
    texts = [value_text(value) for value in view.x_values]
    room = panel_points(panel)
    if view.words:
        ticks_of_words(panel, places, texts, page)
        return
    if log:
        panel.set_xscale("log")
        kept = spread_out([np.log(place) for place in places], texts, room, page)
        kept = [(np.exp(place), text) for place, text in kept]
    elif len(places) <= 12:
        kept = spread_out(places, texts, room, page)
    else:
        panel.xaxis.set_major_locator(MaxNLocator(max(3, int(room / (3.2 * page.small)))))
        panel.margins(x=0.025)
        return
    panel.xaxis.set_major_locator(FixedLocator([place for place, _ in kept]))
    panel.xaxis.set_major_formatter(FixedFormatter([text for _, text in kept]))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.margins(x=0.025)


def ticks_of_words(panel, places, texts, page):
    """Categories side by side, slanted where they are too long for that."""
    wide = sum(text_width(page, text) + page.small for text in texts) > panel_points(panel)
    panel.set_xticks(places, texts, **({"rotation": 30, "ha": "right", "rotation_mode": "anchor"} if wide else {}))
    panel.set_xlim(min(places) - 0.5, max(places) + 0.5)
    panel.grid(False, axis="x")


def set_scale(panel, measure, logy, limits=(None, None)):
    """The vertical axis of a measure: from its lowest value where the data come near to it, or logarithmic."""
    if logy:
        panel.set_yscale("log", nonpositive="clip")
    elif measure is not None and measure.lowest is not None:
        low, high = panel.get_ylim()
        if low < measure.lowest + 0.25 * (high - low):
            panel.set_ylim(measure.lowest, high)
        if measure.unit.startswith("%") and high > 100:
            panel.set_ylim(top=100)
        panel.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    elif measure is not None:
        panel.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    set_limits(panel, (None, None), limits)


def plain_decades(axis):
    """0.1, 1, 10 rather than powers; where an axis spans little, ticks between them as well."""
    low, high = axis.get_view_interval()
    subs = (1, 2, 5) if low > 0 and high / low < 60 else (1,)
    axis.set_major_locator(LogLocator(subs=subs, numticks=12))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def set_limits(panel, xlim, ylim):
    for setter, (low, high) in ((panel.set_xlim, xlim), (panel.set_ylim, ylim)):
        if low is not None:
            setter(low, None)
        if high is not None:
            setter(None, high)


MARKERS = 12  # that a line bears; of more points every second, third, ... has one


def draw_points(panel, x, mean, low, high, style, width, joined=True, shift=0.0, zorder=3):
    """Means with their intervals as thin whiskers: bands of lines that lie close would be one smear. NaN: a gap.

    shift: how far whiskers stand beside the point, in points on paper, so that those of several lines are all seen.
    """
    x, mean, low, high = (np.asarray(values, dtype=float) for values in (x, mean, low, high))
    line = style.line(width)
    if not joined:
        line["linestyle"] = "none"
    known = np.isfinite(low) & np.isfinite(high)
    if known.any():
        moved = panel.transData + ScaledTranslation(shift / 72, 0, panel.figure.dpi_scale_trans)
        panel.vlines(x[known], low[known], high[known], color=style.colour, linewidth=0.5 * width, zorder=2.2, transform=moved)
        panel.update_datalim(np.column_stack([np.repeat(x[known], 2), np.column_stack([low[known], high[known]]).ravel()]))
    panel.plot(x, mean, zorder=zorder, markevery=-(-len(x) // MARKERS), **line)


def draw_bars(panel, labels, mean, low, high, colours, page):
    """A horizontal bar per label, the first on top, with its interval; the value beside it is left to the axis."""
    places = np.arange(len(labels))[::-1]
    mean, low, high = (np.asarray(values, dtype=float) for values in (mean, low, high))
    panel.barh(places, np.nan_to_num(mean), color=colours, height=0.68, linewidth=0, zorder=2)
    known = np.isfinite(low) & np.isfinite(high)
    panel.hlines(places[known], low[known], high[known], color="black", linewidth=0.8, zorder=3)
    panel.set_yticks(places, labels)
    panel.set_ylim(-0.6, len(labels) - 0.4)
    panel.grid(False, axis="y")
    panel.tick_params(axis="y", length=0)
