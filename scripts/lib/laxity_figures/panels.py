"""Panels: what every kind does with a pair of axes.

All of it is in drawn units (percent for shares). Nothing here knows of a policy, a sweep or a kind.
"""

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


def text_width(page, text):
    """Points, roughly: enough to see whether a text will fit."""
    return 0.5 * page.small * len(text)


def spread_out(places, texts, points, page):
    """Which labels stand far enough from each other, of an axis so many points long: the first and the last, and of those
    between as many as fit."""
    span = max(places) - min(places) or 1.0
    extent = lambda place, text: ((place - min(places)) / span * points, text_width(page, text) / 2 + 0.2 * page.small)
    apart = lambda a, b: abs(extent(*a)[0] - extent(*b)[0]) >= extent(*a)[1] + extent(*b)[1]
    labels = sorted(zip(places, texts))
    kept = [labels[-1]] + ([labels[0]] if len(labels) > 1 and apart(labels[0], labels[-1]) else [])
    for label in labels[1:-1]:
        if all(apart(label, other) for other in kept):
            kept.append(label)
    return sorted(kept)


def value_text(value):
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def panel_points(panel):
    """How long its horizontal axis will be, in points, roughly: layout comes later."""
    grid = panel.get_subplotspec().get_gridspec()
    return 72 * panel.figure.get_figwidth() / grid.ncols * 0.78


def ticks_at_values(panel, view, page, log=False):
    """Ticks of x where there are values, as many as fit; words slanted where they are too long to stand side by side."""
    places = [view.place(value) for value in view.x_values]
    texts = [value_text(value) for value in view.x_values]
    room = panel_points(panel)
    if view.words:
        wide = sum(text_width(page, text) + page.small for text in texts) > room
        panel.set_xticks(places, texts, **({"rotation": 30, "ha": "right", "rotation_mode": "anchor"} if wide else {}))
        panel.set_xlim(min(places) - 0.5, max(places) + 0.5)
        panel.grid(False, axis="x")
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
    panel.plot(x, mean, zorder=zorder, **line)


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


def crowded_corner(lines):
    """Where lines crowd: ((x0, x1), (y0, y1)) around the third of x where they differ least, or None. lines: (x, y) each."""
    x = np.unique(np.concatenate([np.asarray(line[0], float) for line in lines])) if lines else np.array([])
    if len(x) < 3:
        return None
    count = max(2, len(x) // 3)
    best = None
    for start in range(len(x) - count + 1):
        inside = x[start:start + count]
        values = [float(y) for xs, ys in lines for at, y in zip(xs, ys) if inside[0] <= at <= inside[-1] and np.isfinite(y)]
        if not values:
            continue
        low, high = np.percentile(values, [15, 100])
        if best is None or high - low < best[0]:
            best = (high - low, (inside[0], inside[-1]), (low, high))
    if best is None:
        return None
    pad = 0.12 * (best[0] or 1.0)
    wide = 0.04 * (best[1][1] - best[1][0])
    return (best[1][0] - wide, best[1][1] + wide), (best[2][0] - pad, best[2][1] + pad)


def emptiest_place(panel, lines, width=0.42, height=0.4):
    """Where an inset covers least of the data: (x, y) of its lower left corner, as shares of the panel."""
    points = np.concatenate([panel.transLimits.transform(panel.transScale.transform(densified(line))) for line in lines])
    points = points[np.isfinite(points).all(axis=1)]
    places = [(x, y) for y in (0.08, 0.3, 0.52) for x in (0.1, 0.32, 0.55)]
    inside = lambda place: ((points[:, 0] > place[0] - 0.04) & (points[:, 0] < place[0] + width + 0.04)
                            & (points[:, 1] > place[1] - 0.1) & (points[:, 1] < place[1] + height + 0.04)).sum()
    return min(places, key=inside)


def densified(line, between=12):
    """A line with points in between, so that what it crosses is seen."""
    x, y = (np.asarray(values, float) for values in line)
    steps = np.linspace(0, len(x) - 1, between * max(1, len(x) - 1) + 1)
    return np.column_stack([np.interp(steps, np.arange(len(x)), x), np.interp(steps, np.arange(len(y)), y)])


def add_zoom(panel, zoom, lines, draw, page):
    """An inset of the part `zoom`, filled by draw(inset), where it covers least."""
    part = crowded_corner(lines) if zoom == "corner" else zoom
    if part is None:
        return None
    inset = panel.inset_axes([*emptiest_place(panel, lines), 0.42, 0.4])
    draw(inset)
    set_limits(inset, *part)
    inset.tick_params(labelsize=0.85 * page.small, length=1.5, pad=1.2)
    inset.set_facecolor("white")
    for spine in inset.spines.values():
        spine.set_visible(True)
        spine.set_color("#666666")
    inset.xaxis.set_major_locator(MaxNLocator(3))
    inset.yaxis.set_major_locator(MaxNLocator(3))
    inset.set_zorder(6)
    panel.indicate_inset_zoom(inset, edgecolor="#666666", linewidth=0.6, alpha=1)
    return part
