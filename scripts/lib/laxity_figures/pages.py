"""Pages of venues: how wide a figure is, and what its letters look like.

A figure is drawn at the size at which it is printed, so that its letters have the size they say:
\\includegraphics{load-accuracy} without a width. Only fonts that come with matplotlib are used: STIX, whose letters are
those of Times, and DejaVu Sans.

Where the widths come from:
  ieee    IEEEtran: \\columnwidth 252 pt, \\textwidth 516 pt, a little less than the 3.5 and 7.16 in of IEEE Author Center,
          "Size Requirements for Graphics", which would be overfull boxes; captions and figure text 8 pt
  acm     acmart, format sigconf: \\columnwidth 241.14 pt, \\textwidth 506.29 pt; 9 pt text
  usenix  usenix2019_v3.sty: 7 in of text in two columns with 0.33 in between; 10 pt Times
A figure is at most as wide as that, to a thousandth of an inch; TeX has 72.27 pt to the inch.
  slides  the width of a 16:9 slide less its margins
"""

from dataclasses import dataclass

SERIF = "serif"  # STIXGeneral
SANS = "sans-serif"  # DejaVu Sans


@dataclass(frozen=True)
class Page:
    """One venue's page at one width. Sizes of letters in points, widths in inches."""

    name: str
    width: float
    text: float  # axis labels; ticks and legends are a little smaller
    family: str
    line: float = 1.1  # points, of an ordinary line
    tall: float = 0.62  # height of a single panel / width of a column
    column: float = 3.486

    @property
    def small(self):
        return self.text - (1 if self.text < 12 else 3)

    @property
    def letter(self):
        """Inches / 72 that a letter of axis labels takes, on average; DejaVu's are wide."""
        return (0.5 if self.family == SERIF else 0.58) * self.text

    @property
    def marker(self):
        return 3.1 * self.line

    def height(self, rows=1):
        """Inches for so many panels above one another; a page-wide figure is no taller than one of a column."""
        return self.column * (self.tall, 1.04, 1.38)[min(rows, 3) - 1] + self.column * 0.4 * max(0, rows - 3)

    def settings(self):
        """What matplotlib must be told (rcParams)."""
        thin = 0.5 * self.line
        return {
            "font.family": self.family, "font.serif": ["STIXGeneral"], "font.sans-serif": ["DejaVu Sans"],
            "font.size": self.text, "axes.labelsize": self.text,
            "axes.titlesize": self.text, "xtick.labelsize": self.small, "ytick.labelsize": self.small,
            "legend.fontsize": self.small, "legend.title_fontsize": self.small, "mathtext.fontset": "stix",
            "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": thin, "axes.grid": True,
            "grid.color": "#e3e3e3", "grid.linewidth": 0.8 * thin, "axes.axisbelow": True, "axes.labelpad": 0.35 * self.text,
            "lines.linewidth": self.line, "lines.markersize": self.marker, "lines.markeredgewidth": 0, "patch.linewidth": thin,
            "hatch.linewidth": 0.5, "legend.frameon": False, "legend.handlelength": 2.3, "legend.columnspacing": 1.1,
            "legend.handletextpad": 0.5, "legend.labelspacing": 0.3, "legend.borderaxespad": 0, "legend.borderpad": 0.1,
            "xtick.major.width": thin, "ytick.major.width": thin, "xtick.minor.width": 0.7 * thin,
            "ytick.minor.width": 0.7 * thin, "xtick.major.size": 0.33 * self.text, "ytick.major.size": 0.33 * self.text,
            "xtick.minor.size": 0.2 * self.text, "ytick.minor.size": 0.2 * self.text, "axes.unicode_minus": True,
            "pdf.fonttype": 42, "ps.fonttype": 42, "svg.hashsalt": "laxity", "svg.fonttype": "path", "figure.dpi": 300,
            "savefig.dpi": 300, "pgf.rcfonts": False, "text.parse_math": False,  # names are not formulae
        }


# name -> (column, page, text size, family of fonts, line width)
VENUES = {
    "ieee": (3.486, 7.139, 8, SERIF, 1.1),
    "acm": (3.336, 7.005, 9, SERIF, 1.1),
    "usenix": (3.335, 7.0, 10, SERIF, 1.2),
    "slides": (10.0, 10.0, 18, SANS, 2.4),
}
WIDTHS = ("column", "page")


def page_of(venue, width="column"):
    """The page called so, of VENUES and WIDTHS. Figures for slides are as tall as a slide is, not as their width suggests."""
    column, whole, text, family, line = VENUES[venue]
    return Page(venue, column if width == "column" else whole, text, family, line, *((0.8, 5.0) if venue == "slides" else (0.62, column)))
