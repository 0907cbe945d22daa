"""Legends, labels at line ends and margins: nothing covers data, nothing overlaps, no paper is wasted.

finish() is called once, when all is drawn and the limits are set. Names of lines stand at their ends, in their colour,
where they fit; otherwise in a legend above the panels.
"""

from dataclasses import dataclass

from matplotlib.lines import Line2D

from laxity_figures.styles import BOUND, PALE


OTHERS = "#808080"  # letters of what is said of the grey lines


@dataclass
class EndLabel:
    """The name of a line that ends at y (in the panel's data), drawn right of the panel."""

    text: str
    colour: str
    y: float
    x: float = None  # where the line ends, if that is not the right end of the panel


def policy_handle(series, width=1.1):
    return Line2D([], [], label=series.label, **series.style.line(series.width(width)))


def rest_handle(label, width):
    return Line2D([], [], label=label, color=PALE, linewidth=0.6 * width)


def bound_handle(width, label="least bound"):
    return Line2D([], [], label=label, linewidth=0.9 * width, **BOUND)


def texts_of_width(figure, texts, size):
    """The widest of these texts, in inches."""
    renderer = figure.canvas.get_renderer()
    widest = 0.0
    for text in texts:
        drawn = figure.text(0, 0, text, fontsize=size)
        widest = max(widest, drawn.get_window_extent(renderer).width / figure.dpi)
        drawn.remove()
    return widest


def labels_fit(figure, page, labels, panels, share=0.27):
    """Whether these names can stand at the line ends of one column of panels."""
    if not labels or max(len(each) for each in labels) == 0:
        return False
    line = 1.12 * page.small / 72
    height = 0.72 * figure.get_figheight() / len(panels)
    most = max(len(each) for each in labels)
    return most * line <= height and texts_of_width(figure, {label.text for each in labels for label in each}, page.small) <= share * page.width


def pushed_apart(wanted, gap, low, high):
    """Places as near to the wanted ones as possible, in their order, at least `gap` apart, between low and high.

    Neighbours that are too near form a block around the mean of where they want to be (isotonic regression by pooling).
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    blocks = []  # [sum of (wanted - offset), members]
    for index in order:
        blocks.append([wanted[index], [index]])
        while len(blocks) > 1 and mean_place(blocks[-2], gap) + gap * len(blocks[-2][1]) > mean_place(blocks[-1], gap):
            total, members = blocks.pop()
            blocks[-1][0] += total - gap * len(blocks[-1][1]) * len(members)
            blocks[-1][1] += members
    placed = [0.0] * len(wanted)
    floor = low
    for block in blocks:
        start = max(mean_place(block, gap), floor)
        for position, index in enumerate(block[1]):
            placed[index] = start + gap * position
        floor = start + gap * len(block[1])
    ceiling = high
    for index in reversed(order):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - gap
    return placed


def mean_place(block, gap):
    """Where the first member of a block stands. Its sum is of what each member wants, less its distance to the first."""
    return block[0] / len(block[1])


def draw_end_labels(panel, labels, page):
    """Beside the panel, the names of its lines; a thin line leads to one that had to move."""
    figure = panel.figure
    box = panel.get_window_extent(figure.canvas.get_renderer())
    gap = 1.12 * page.small * figure.dpi / 72 / box.height
    to_axes = lambda y: panel.transAxes.inverted().transform(panel.transData.transform((0 if panel.get_xscale() == "linear" else 1, y)))[1]
    wanted = [min(max(to_axes(label.y), 0.0), 1.0) for label in labels]
    placed = pushed_apart(wanted, gap, 0.02, 0.98)
    pad = 1.15 * page.text / 72 * figure.dpi / box.width
    for label, start, end in zip(labels, wanted, placed):
        panel.plot([1.0 + 0.15 * pad, 1.0 + 0.85 * pad], [start, end], transform=panel.transAxes, color=label.colour, linewidth=0.5,
                   clip_on=False, solid_capstyle="butt").pop().set_in_layout(False)
        panel.text(1.0 + pad, end, label.text, transform=panel.transAxes, color=label.colour, fontsize=page.small, va="center",
                   ha="left").set_in_layout(False)


def put_legend(figure, handles, title, top, columns):
    """Above the panels, in as many columns as fit. Returns its height as a share of the figure's."""
    for count in range(min(columns, len(handles)), 0, -1):
        legend = figure.legend(handles=handles, loc="upper center", ncol=count, bbox_to_anchor=(0.5, top), title=title or None)
        extent = legend.get_window_extent(figure.canvas.get_renderer())
        if extent.width <= 0.995 * figure.bbox.width or count == 1:
            return extent.height / figure.bbox.height
        legend.remove()


def finish_grid(figure, page, grid, count, handles, x_label):
    """finish() of a matrix of panels of which the first `count` are drawn: one label of x below all, and the legend in
    the gap that a last row which is not full leaves, where it fits there."""
    bottom = 1.5 * page.text / 72
    gap = grid.size - count
    if not gap or 1.25 * page.small / 72 * len(handles) > 0.9 * figure.get_figheight() / len(grid):
        finish(figure, page, handles, rect=(0, bottom / figure.get_figheight(), 1, 1))
    else:
        finish(figure, page, rect=(0, bottom / figure.get_figheight(), 1, 1))
        cells = [panel.get_position() for panel in grid.flat[count:]]
        figure.legend(handles=handles, loc="center", bbox_to_anchor=((cells[0].x0 + cells[-1].x1) / 2, (cells[0].y0 + cells[0].y1) / 2))
    figure.text(0.5, 0.15 * bottom / figure.get_figheight(), x_label, ha="center", va="bottom", fontsize=page.text)


def grow(figure, inches):
    """Makes room for a legend without taking it from the panels."""
    figure.set_size_inches(figure.get_figwidth(), figure.get_figheight() + inches)


def finish(figure, page, handles=(), legend_title="", title="", mark="", labels=None, columns=6, rect=(0, 0, 1, 1)):
    """Lays out a figure whose panels are drawn.

    handles: of the legend above. labels: {panel: [EndLabel]}, where labels_fit() said so. title: of the whole figure.
    mark: a warning in the lower right corner (an unfinished sweep). rect: the part left to the panels.
    """
    inch = 1 / figure.get_figheight()
    line = 1.35 * page.small / 72
    if handles:
        first = put_legend(figure, list(handles), legend_title, 1.0, columns)
        figure.legends[-1].remove()
        grow(figure, first * figure.get_figheight())
    if title:
        grow(figure, line)
    if mark:
        grow(figure, line)
    inch = 1 / figure.get_figheight()
    top = 1 - 0.02 * inch
    if title:
        figure.text(0.5, top, title, ha="center", va="top", fontsize=page.text)
        top -= line * inch
    if handles:
        top -= put_legend(figure, list(handles), legend_title, top, columns) + 3 / 72 * inch
    bottom = rect[1]
    if mark:
        figure.text(0.995, 0.004, mark, ha="right", va="bottom", fontsize=page.small, color="#B00000", style="italic")
        bottom += line * inch
    right = rect[2]
    if labels:
        widest = texts_of_width(figure, {label.text for each in labels.values() for label in each}, page.small)
        right -= (widest + 1.25 * page.text / 72) / page.width
    for _ in range(2):  # the first pass may change the ticks
        figure.tight_layout(rect=(rect[0], bottom, right, min(top, rect[3])), pad=0.2, h_pad=0.7, w_pad=0.8)
    for panel, each in (labels or {}).items():
        draw_end_labels(panel, each, page)
