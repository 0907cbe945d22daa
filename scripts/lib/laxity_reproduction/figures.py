"""The papers' figures in the papers' layout: each a study and the options of scripts/figures.py that draw it."""

import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from laxity_figures.pictures import DPI, WIDTH, write_shrunk

from .executable import ROOT, Failure


@dataclass(frozen=True)
class Figure:
    """`name` is its file's name, `options` are those of scripts/figures.py."""

    name: str
    study: str
    caption: str
    options: list[str] = field(default_factory=list)

    @property
    def shown(self):
        """Its width in pixels of a page, so that letters have one size in all."""
        return 2 * WIDTH if "page" in self.options else WIDTH


def draw(papers, studies, folder):
    """Draws every figure as PNG. They are drawn over: they are made from the studies."""
    folder.mkdir(parents=True, exist_ok=True)
    for paper in papers:
        for figure in paper.FIGURES:
            print(f"reproduce: figure {figure.name}", file=sys.stderr, flush=True)
            draw_one(figure, studies, folder)


def draw_one(figure, studies, folder):
    study = studies[figure.study]
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, str(ROOT / "scripts/figures.py"), str(study.folder), "--out", scratch, "--format", "png", "--dpi", str(DPI),
                   "--laxity", studies.laxity.path, *figure.options]
        result = subprocess.run(command, capture_output=True, text=True)
        drawn = sorted(Path(scratch).glob("*.png"))
        if result.returncode != 0 or len(drawn) != 1:
            reason = result.stderr.strip() or f"expected one figure, found {len(drawn)}: {', '.join(path.name for path in drawn)}"
            raise Failure(f"figure {figure.name}: {reason.splitlines()[-1]}")
        write_shrunk(drawn[0], folder / f"{figure.name}.png")
