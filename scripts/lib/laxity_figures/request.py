"""The grammar: what the command line asks for.

    figures.py DIR --kind lines --x load --y accuracy,miss_ratio --hue policy --facet deadline --where load=0.5,1.6

says which kinds of figure, what stands on the axes, what the colours and the panels are for, and which points are
drawn. Whatever is not said has a default that depends on what DIR holds. Words are only read here; whether an axis or
a measure of that name exists is known where the results are read (selection, sweeps), and said there.
"""

import argparse
import re
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from laxity_figures.pages import VENUES, WIDTHS, Page, page_of
from laxity_figures.problem import Problem, not_among

FORMATS = ("pdf", "png", "svg", "pgf")
CELLS = ("value", "rank")

EXAMPLES = """
examples:
  figures.py results/sweep                                          the usual figures, one paper column wide
  figures.py results/sweep --kind difference,regret --baseline edf --style ieee --format pdf
  figures.py results/sweep --y response_p99_ms --logy --policies edf 'rtdeepiot*' toll
  figures.py results/sweep --best-of 'best RTDeepIoT=rtdeepiot:*' --top 4 --zoom
  figures.py results/sweep --kind heatmap --cells rank              who ranks where at each point
  figures.py results/delta --x delta --where load=1.6               a policy's parameter as the axis
  figures.py results/delta --hue delta --policies 'rtdeepiot*'      a line per value, a panel per policy
  figures.py results/delta --facet deadline --width page            a panel per value
  figures.py --kind help                                            the table of kinds
"""


@dataclass
class Request:
    """What was asked for. An empty text, list or None means: the default of the kind."""

    results: Path
    kinds: list  # names, in the order given
    x: str = ""
    y: list = field(default_factory=list)  # measures, or columns of the results
    hue: str = ""  # "policy" or an axis
    facet: str = ""  # "policy" or an axis
    where: dict = field(default_factory=dict)  # axis -> values (texts), any of which
    baseline: str = ""
    policies: list = field(default_factory=list)  # patterns of a shell; their order is the order of the figure
    best: list = field(default_factory=list)  # (name, pattern)
    top: int = 0
    xlim: tuple = (None, None)
    ylim: tuple = (None, None)
    logx: bool = False
    logy: bool = False
    start: float = None  # of a timeline, in ms
    end: float = None
    cells: str = "value"  # of CELLS: what a heat map writes in its cells
    band: float = None  # what counts as equal: a share, or a part of a value
    zoom: object = None  # None, "corner", or ((x0, x1), (y0, y1))
    page: Page = field(default_factory=lambda: page_of("ieee"))
    formats: tuple = ("pdf", "png")
    dpi: float = 300
    out: Path = None
    replace: bool = False
    laxity: Path = None


class OneLineParser(argparse.ArgumentParser):
    """What is wrong with a command line is told like any other bad input."""

    def error(self, message):
        raise Problem(f"{message}; see --help")


def parser(description):
    result = OneLineParser(prog="figures.py", description=description, epilog=EXAMPLES, allow_abbrev=False,
                           formatter_class=argparse.RawDescriptionHelpFormatter)
    add = result.add_argument
    add("results", type=Path, nargs="?", metavar="RESULTS_DIR")
    group = result.add_argument_group("what is drawn")
    add = group.add_argument
    add("--kind", default="", metavar="KIND,...", help="kinds of figure; \"help\" lists them; default: the usual ones")
    add("--kinds", action="store_true", help="list the kinds of figure")
    add("--x", default="", metavar="AXIS", help="the horizontal axis: what was swept; default: the first axis")
    add("--y", default="", metavar="METRIC,...", help="columns of runs.csv, a panel each; default: accuracy,miss_ratio")
    add("--hue", default="", metavar="policy|AXIS", help="what the colours are for; default: policy")
    add("--facet", default="", metavar="policy|AXIS", help="a panel per value of this axis, side by side")
    add("--cells", default="value", metavar="value|rank", help="of a heat map: the means, or at each point the ranks; default: value")
    add("--where", action="append", default=[], metavar="AXIS=VALUE,...", help="only these points; may be repeated")
    group = result.add_argument_group("which policies")
    add = group.add_argument
    add("--policies", nargs="+", action="extend", default=[], metavar="PATTERN", help="only policies like these, in this order: edf 'rtdeepiot:*'")
    add("--baseline", default="", metavar="POLICY", help="whom the others are compared with; default: the winner")
    add("--best-of", action="append", default=[], metavar="NAME=PATTERN",
        help="one more line: at each point the best of the policies like PATTERN, chosen after the fact")
    add("--top", type=int, default=0, metavar="N", help="how many are in colour; the rest is grey; default: at most 7")
    group = result.add_argument_group("axes")
    add = group.add_argument
    add("--xlim", default="", metavar="A:B", help="limits as on the axis; either may be left out; --ylim=-5:0 if negative")
    add("--ylim", default="", metavar="A:B", help="the same for the (first) vertical axis")
    add("--logx", action="store_true", help="a logarithmic axis")
    add("--logy", action="store_true", help="a logarithmic axis")
    add("--zoom", nargs="?", const="corner", metavar="X0:X1,Y0:Y1", help="an inset of this part of the (first) panel of lines, differences, regret or paths; without a value: where they crowd")
    add("--band", type=positive, metavar="B", help="of agreement: differences up to this count as none; 0.01: a point of a share, 1 %% of a time; default: 0.01")
    add("--from", dest="start", type=milliseconds, metavar="MS", help="where the moment begins that a timeline shows; default: the busiest")
    add("--to", dest="end", type=milliseconds, metavar="MS", help="where it ends; default: as much as can be read")
    group = result.add_argument_group("files")
    add = group.add_argument
    add("--style", default="ieee", metavar="VENUE", help=f"{', '.join(VENUES)}: widths and letters; default: ieee")
    add("--width", default="column", metavar="WIDTH", help="column or page; default: column")
    add("--format", default="pdf,png", metavar="LIST", help="pdf, png, svg, pgf (needs a TeX engine); default: pdf,png")
    add("--dpi", type=positive, default=300, metavar="N", help="pixels of a png per inch; default: 300")
    add("--out", type=Path, metavar="DIR", help="where to write; default: RESULTS_DIR/figures")
    add("--replace", action="store_true",
        help="files in the way, other than figures drawn here before, move aside, to NAME.old, NAME.old.2, ...")
    add("--laxity", type=Path, metavar="FILE", help="the executable; default: build/release/laxity of this checkout, or this tarball's")
    return result


def milliseconds(text):
    """The type of --from and --to: a number from 0."""
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ValueError
    return value


def positive(text):
    """The type of --band and --dpi."""
    value = milliseconds(text)
    if value == 0:
        raise ValueError
    return value


def words(text):
    return [word.strip() for word in text.split(",") if word.strip()]


def limits(option, text):
    """"1:2", ":2", "1:" -> (low, high), None where there is none."""
    low, colon, high = text.partition(":")
    try:
        found = tuple(float(part) if part else None for part in (low, high))
        finite = all(value is None or isfinite(value) for value in found)
    except ValueError:
        finite = False
    if text and (not colon or not finite or found == (None, None) or (None not in found and found[0] >= found[1])):
        raise Problem(f"{option}: expected LOW:HIGH with LOW < HIGH, found \"{text}\"; e.g. {option} 0:10, or {option} :10")
    return found


def window(text):
    """"0.9:1.1,80:85" -> ((0.9, 1.1), (80, 85)); "corner" and None stay."""
    if text in (None, "corner"):
        return text
    if not re.fullmatch(r"[^:,]+:[^:,]+,[^:,]+:[^:,]+", text):
        raise Problem(f"--zoom: expected X0:X1,Y0:Y1, found \"{text}\"; with no value, write --zoom after the folder, as the last option")
    return tuple(limits("--zoom", part) for part in text.split(","))


def pairs(option, texts, example):
    """"A=B" -> (A, B), for each."""
    found = [text.partition("=")[::2] for text in texts]
    for text, (name, value) in zip(texts, found):
        if not name or not value:
            raise Problem(f"{option}: expected {example}, found \"{text}\"")
    return found


def chosen(option, word, choices):
    if word not in choices:
        raise not_among(option, word, choices, f"one of {', '.join(choices)}")
    return word


def request_of(arguments):
    """The Request of parsed arguments. Throws Problem where the form of an option is wrong."""
    if arguments.top < 0:
        raise Problem(f"--top: expected how many policies are in colour, at least 1, found {arguments.top}")
    formats = tuple(dict.fromkeys(chosen("--format", word, FORMATS) for word in words(arguments.format)))
    if not formats:
        raise Problem(f"--format: expected some of {', '.join(FORMATS)}, found none")
    return Request(
        results=arguments.results, kinds=words(arguments.kind), x=arguments.x, y=words(arguments.y), hue=arguments.hue,
        facet=arguments.facet, baseline=arguments.baseline, policies=arguments.policies, top=arguments.top,
        where={axis: words(values) for axis, values in pairs("--where", arguments.where, "AXIS=VALUE,..., e.g. load=1.6")},
        best=pairs("--best-of", arguments.best_of, "NAME=PATTERN, e.g. 'best=rtdeepiot:*'"),
        xlim=limits("--xlim", arguments.xlim), ylim=limits("--ylim", arguments.ylim), logx=arguments.logx, logy=arguments.logy,
        zoom=window(arguments.zoom), start=arguments.start, end=arguments.end, band=arguments.band, cells=chosen("--cells", arguments.cells, CELLS),
        formats=formats, dpi=arguments.dpi, out=arguments.out, replace=arguments.replace, laxity=arguments.laxity,
        page=page_of(chosen("--style", arguments.style, list(VENUES)), chosen("--width", arguments.width, list(WIDTHS))))
