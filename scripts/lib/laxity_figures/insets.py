"""Insets: a part of a panel drawn again, larger, where the panel is empty. Which part crowds, and where there is room.

Parts are ((x0, x1), (y0, y1)) in data; --zoom names one, or leaves the choice to crowded_corner() or densest_part().
"""

import numpy as np
from matplotlib.ticker import FixedLocator, MaxNLocator

from laxity_figures import panels
from laxity_figures.notes import note
from laxity_figures.problem import Problem


def crowded_corner(lines):
    """Where the leading lines end: ((x0, x1), (y0, y1)) around the better half of them in the last third of x, or None.

    lines: (x, y) each. Better is where most of the other lines are not: the half that spans less.
    """
    x = np.unique(np.concatenate([np.asarray(line[0], float) for line in lines])) if lines else np.array([])
    if len(x) < 3:
        return None
    begin = x[-max(2, -(-len(x) // 3))]
    ends = [np.asarray(ys, float)[np.asarray(xs, float) >= begin] for xs, ys in lines]
    ends = sorted((end[np.isfinite(end)] for end in ends if np.isfinite(end).any()), key=np.mean)
    half = max(2, -(-len(ends) // 2))
    span = lambda group: max(map(np.max, group)) - min(map(np.min, group))
    if len(ends) < 2:
        return None
    group = min((ends[:half], ends[-half:]), key=span)
    low, high = min(map(np.min, group)), max(map(np.max, group))
    pad, wide = 0.12 * (high - low or 1.0), 0.05 * (x[-1] - begin)
    return (begin - wide, x[-1] + wide), (low - pad, high + pad)


def densest_part(panel, points):
    """Around the points (n x 2, in data) that crowd on the panel, at least half of them; None of fewer than four points."""
    points = np.asarray(points, float).reshape(-1, 2)
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) < 4:
        return None
    to_axes = panel.transScale + panel.transLimits
    places = to_axes.transform(points)
    near = places[crowd_of(places)]
    pad = 0.015 + 0.06 * (near.max(axis=0) - near.min(axis=0))
    (x0, y0), (x1, y1) = to_axes.inverted().transform([near.min(axis=0) - pad, near.max(axis=0) + pad])
    return (x0, x1), (y0, y1)


def crowd_of(places):
    """Indices of the places that crowd. From the one in the midst of the densest half the crowd grows by whoever is nearest to
    any of it (as Prim's tree does): to half of all, and on until the next one is twice as far away as any so far."""
    distances = np.abs(places[:, None] - places[None]).max(axis=2)
    half = -(-len(places) // 2)
    first = np.sort(distances, axis=1)[:, half - 1].argmin()
    members, widest, away = [first], 0.0, distances[first].copy()
    while len(members) < len(places):
        away[members] = np.inf
        nearest = away.argmin()
        if len(members) >= half and away[nearest] > 2 * widest:
            break
        widest = max(widest, away[nearest])
        members.append(nearest)
        away = np.minimum(away, distances[nearest])
    return members


def check_part(part, lines):
    """Throws Problem for a part beside all data."""
    spans = [(values[np.isfinite(values)].min(), values[np.isfinite(values)].max())
             for values in (np.concatenate([np.asarray(line[i], float) for line in lines]) for i in (0, 1))]
    if any(high < least or low > most for (low, high), (least, most) in zip(part, spans)):
        asked = ",".join(f"{low:g}:{high:g}" for low, high in part)
        (x0, x1), (y0, y1) = spans
        raise Problem(f"--zoom: expected a part of x {x0:.4g} to {x1:.4g}, y {y0:.4g} to {y1:.4g}, found {asked}, where nothing is drawn")


INSET_SIZES = ((0.44, 0.42), (0.38, 0.36), (0.32, 0.3))


def emptiest_place(panel, lines):
    """Where an inset covers no data, the largest one first, else where it covers least: (x, y, width, height), as shares of
    the panel, its tick labels included on the left and below."""
    points = np.concatenate([panel.transLimits.transform(panel.transScale.transform(densified(line))) for line in lines])
    points = points[np.isfinite(points).all(axis=1)]
    covered = lambda x, y, width, height: int(((points[:, 0] > x - 0.1) & (points[:, 0] < x + width + 0.02)
                                               & (points[:, 1] > y - 0.13) & (points[:, 1] < y + height + 0.03)).sum())
    places = [(x, y, width, height) for width, height in INSET_SIZES
              for y in np.linspace(0.14, 0.97 - height, 5) for x in np.linspace(0.11, 0.97 - width, 6)]
    return min(places, key=lambda place: covered(*place))


def densified(line, between=12):
    """A line with points in between, so that what it crosses is seen."""
    x, y = (np.asarray(values, float) for values in line)
    steps = np.linspace(0, len(x) - 1, between * max(1, len(x) - 1) + 1)
    return np.column_stack([np.interp(steps, np.arange(len(x)), x), np.interp(steps, np.arange(len(y)), y)])


def set_scale(inset, panel, part):
    """That of the panel where it has to be: a part that spans less than a decade is easier read on a linear axis."""
    for scale, setter, axis, (low, high) in ((panel.get_xscale(), inset.set_xscale, inset.xaxis, part[0]),
                                             (panel.get_yscale(), inset.set_yscale, inset.yaxis, part[1])):
        if scale != "linear" and low > 0 and high > 10 * low:
            setter("log")
            axis.set_view_interval(low, high, ignore=True)
            panels.plain_decades(axis)
        else:
            margin = 0.08 * (high - low)  # where the numbers of both axes would meet
            ticks = MaxNLocator(4).tick_values(low, high)
            axis.set_major_locator(FixedLocator(ticks[(ticks > low + margin) & (ticks < high)]))


def add_inset(panel, zoom, found, lines, draw, page):
    """An inset filled by draw(inset), where it covers least of the lines, (x, y) each. The part is `zoom`, or if that is
    "corner" the one that was `found`. Returns it; None, and says so, where none was."""
    part = found if zoom == "corner" else zoom
    if part is None:
        note("--zoom: nothing crowds here: no inset; --zoom X0:X1,Y0:Y1 names a part")
        return None
    check_part(part, lines)
    inset = panel.inset_axes(list(emptiest_place(panel, lines)))
    draw(inset)
    set_scale(inset, panel, part)
    panels.set_limits(inset, *part)
    inset.tick_params(labelsize=0.85 * page.small, length=1.5, pad=1.2)
    inset.set_facecolor("white")
    for spine in inset.spines.values():
        spine.set_visible(True)
        spine.set_color("#666666")
    inset.set_zorder(6)
    panel.indicate_inset_zoom(inset, edgecolor="#666666", linewidth=0.6, alpha=1)
    return part


def inset_facts(part):
    return [f"inset: x {part[0][0]:.4g} to {part[0][1]:.4g}, y {part[1][0]:.4g} to {part[1][1]:.4g}"] if part else []
