#!/usr/bin/python3
"""Figures of a results folder, ready for a paper: PDF and PNG, with the caption's facts (.txt) and the plotted numbers (.csv).

RESULTS_DIR is what `laxity sweep` and the other commands wrote with --out, or a folder of such folders. Without options
the usual figures of everything in it are drawn (--kind help lists the kinds), one paper column wide. Figures drawn here
before (index.json lists them) are drawn anew; any other file in the way is refused. Exit codes: 0 done, 1 the run failed
(a full disk), 2 bad input.
"""

import logging
import os
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))

import matplotlib  # noqa: E402

matplotlib.use("Agg")

from laxity_figures.drawing import Output, tex_engine  # noqa: E402
from laxity_figures.kinds import BY_NAME, KINDS, table_text  # noqa: E402
from laxity_figures.problem import Failure, NothingToDraw, Problem, not_among  # noqa: E402
from laxity_figures.request import parser, request_of  # noqa: E402
from laxity_figures.sources import find_sources  # noqa: E402


def kinds_for(request, sources):
    """(kind, source) in the order of the sources, then of the kinds. Throws Problem where there is nothing to draw."""
    for name in request.kinds:
        if name not in BY_NAME:
            raise not_among("--kind", name, BY_NAME, "a kind of figure (--kind help lists them)")
    kinds = [BY_NAME[name] for name in dict.fromkeys(request.kinds)] or [kind for kind in KINDS if kind.usual]
    found = [(kind, source) for source in sources for kind in kinds if kind.draws(source.type)]
    for kind in kinds if request.kinds else []:
        if kind not in (drawn for drawn, _ in found):
            raise Problem(f"--kind {kind.name}: expected a {kind.source.replace(', ', ' or ')} in {request.results}, found "
                          f"{', '.join(dict.fromkeys(source.type for source in sources))}")
    return found


def draw_all(request):
    """Every figure asked for, as the files of an Output."""
    settings = {**request.page.settings(), "savefig.dpi": request.dpi}
    if "pgf" in request.formats:
        settings["pgf.texsystem"] = tex_engine()
    output, drawn, refused = Output(request.formats), set(), {}
    with matplotlib.rc_context(settings):
        for kind, source in kinds_for(request, find_sources(request.results)):
            try:
                for drawing in kind.draw(request, source):
                    output.add(drawing, source)
                    drawn.add(kind.name)
            except NothingToDraw as nothing:
                refused.setdefault(kind.name, nothing)
    for name in request.kinds:
        if name in refused and name not in drawn:  # in none of the sources
            raise refused[name]
    if not output.files:
        raise Problem(f"{request.results}: expected results with at least one number to draw, found none")
    return output


def run(words):
    arguments = parser(__doc__).parse_args(words)
    if arguments.kinds or arguments.kind == "help":
        print(table_text())
        return
    if arguments.results is None:
        raise Problem("expected a results folder, found none; see --help")
    request = request_of(arguments)
    for path in draw_all(request).write(request.out or request.results / "figures", request.replace):
        print(path)


def main():
    warnings.simplefilter("ignore")  # of libraries; what users should know is said in lines of our own
    logging.disable(logging.CRITICAL)
    try:
        run(sys.argv[1:])
        sys.stdout.flush()
    except Problem as problem:
        print(f"figures: {problem}", file=sys.stderr)
        return 2
    except (Failure, OSError) as failure:
        if isinstance(failure, BrokenPipeError):  # nobody reads on; what was drawn is drawn
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        print(f"figures: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("figures: interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
