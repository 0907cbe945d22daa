"""A figure that is done, and its files: in every format asked for, with its facts (.txt) and its numbers (.csv).

The same results give the same bytes: no dates, no random identifiers, no paths.
"""

import io
import shutil
from dataclasses import dataclass, field

import pandas as pd
from matplotlib.backends.backend_pgf import LatexError

from laxity_figures.facts import manifest_lines
from laxity_figures.outputs import OwnFiles
from laxity_figures.problem import Failure, Problem

METADATA = {"pdf": {"CreationDate": None, "ModDate": None, "Producer": None, "Creator": None}, "png": {"Software": None},
            "svg": {"Date": None, "Creator": None}}
TEX_ENGINES = ("pdflatex", "xelatex", "lualatex")  # the first needs the fewest packages


@dataclass
class Drawing:
    """What a kind yields. `name` follows the source's prefix; `numbers` are exactly the plotted ones, a row per mark, in
    the units of the axes; `facts` are lines for the caption: what is drawn, which interval."""

    figure: object
    name: str
    numbers: pd.DataFrame
    facts: list = field(default_factory=list)


def tex_engine():
    """The TeX engine that measures letters for PGF. Throws Problem without one."""
    found = next((engine for engine in TEX_ENGINES if shutil.which(engine)), None)
    if not found:
        raise Problem("--format pgf: expected a TeX engine, which measures the letters, found none; install one "
                      "(Debian: texlive-latex-base and texlive-latex-recommended), or leave pgf out: LaTeX takes pdf as well")
    return found


def bytes_of(figure, kind):
    drawn = io.BytesIO()
    try:
        figure.savefig(drawn, format=kind, **({"metadata": METADATA[kind]} if kind in METADATA else {}))
    except (LatexError, ValueError) as error:  # a name that means something else to TeX
        raise Problem(f"--format {kind}: expected texts that TeX can set, found {' '.join(str(error).split())[:160]}; leave {kind} out") from None
    except (RuntimeError, OSError) as error:
        raise Failure(f"--format {kind}: {' '.join(str(error).split())[:300]}") from None
    return drawn.getvalue()


def text_of(drawing, name, source):
    return "".join(line.rstrip() + "\n" for line in [name, *drawing.facts, *manifest_lines(source)])


def numbers_of(table):
    """CSV with twelve digits, as the report's."""
    return table.to_csv(index=False, float_format="%.12g", lineterminator="\n")


class Output:
    """Keeps the files of all figures until the last is drawn, then writes them: all or none."""

    def __init__(self, formats):
        self.formats, self.files = formats, {}

    def free(self, name):
        """Two figures never share a name, not even on a disk that does not tell capitals from small letters."""
        taken = {file.rpartition(".")[0].lower() for file in self.files}
        number, found = 2, name
        while found.lower() in taken or found == "index":
            found, number = f"{name}-{number}", number + 1
        return found

    def add(self, drawing, source):
        name = self.free(source.prefix + drawing.name)
        for kind in self.formats:
            self.files[f"{name}.{kind}"] = bytes_of(drawing.figure, kind)
        self.files[f"{name}.txt"] = text_of(drawing, name, source).encode()
        self.files[f"{name}.csv"] = numbers_of(drawing.numbers).encode()

    def write(self, folder, replace):
        """Returns the paths, in the order in which they were drawn."""
        return OwnFiles(folder).write(self.files, replace)
