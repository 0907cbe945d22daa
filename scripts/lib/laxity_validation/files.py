"""Makes the folder results/validation/DEVICE from the complete studies: all of it anew each time, the same bytes from the same studies."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from laxity_figures.facts import ROOT
from laxity_figures.problem import Failure
from laxity_validation import evidence, parts
from laxity_validation.page import page

KINDS = "validation,agreement,budget"
COPIED = ("validation.csv", "budget.csv", "protocol.json")  # of each study, so that the figures can be drawn again


def write_csv(table, path):
    table.to_csv(path, index=False, float_format="%.9g", lineterminator="\n")
    return path


def write_tables(out, rows, agreement, budget):
    written = [write_csv(evidence.summary(rows), out / "summary.csv")]
    for name, table in (("agreement.csv", agreement), ("budget.csv", budget)):
        if table is not None:
            written.append(write_csv(table, out / name))
    return written


def copy_studies(out, studies):
    for study in studies:
        (out / study.name).mkdir(parents=True, exist_ok=True)
        for name in COPIED:
            if (study.runs / name).exists():
                shutil.copyfile(study.runs / name, out / study.name / name)


def draw_figures(out, studies, laxity):
    """figures/STUDY-*.png; returns the names without the ending."""
    folder = out / "figures"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for study in studies:
        with tempfile.TemporaryDirectory() as drawn:
            source = Path(drawn) / study.name
            source.mkdir()
            for name in ("validation.csv", "budget.csv", "manifest.json"):
                if (study.runs / name).exists():
                    shutil.copyfile(study.runs / name, source / name)
            words = [sys.executable, ROOT / "scripts/figures.py", source, "--kind", KINDS, "--width", "page", "--format", "png", "--dpi", "150",
                     "--laxity", laxity.path, "--out", Path(drawn) / "figures"]
            result = subprocess.run(list(map(str, words)), capture_output=True, text=True)
            if result.returncode != 0:
                raise Failure(f"{study.name}: the figures: {result.stderr.strip().splitlines()[-1] if result.stderr.strip() else 'failed'}")
            for picture in (Path(drawn) / "figures").glob("*.png"):
                shutil.copyfile(picture, folder / f"{study.name}-{picture.name}")
    return sorted(path.stem for path in folder.glob("*.png"))


def make(folder, options, laxity, say):
    """Returns the paths that were written."""
    studies = evidence.studies_in(Path(folder))
    device = evidence.device_of(studies)
    out = options.out or ROOT / "results/validation" / evidence.device_slug(device)
    rows, agreement, budget = evidence.all_rows(studies), evidence.agreement(studies), evidence.budget(studies)
    means, why = (None, "left out with --no-parts") if options.no_parts else parts.brings(studies, laxity, say)
    out.mkdir(parents=True, exist_ok=True)
    written = write_tables(out, rows, agreement, budget)
    copy_studies(out, studies)
    figures = [] if options.no_figures else draw_figures(out, studies, laxity)
    text = page(device, studies, evidence.against_aims(rows), evidence.by_regime(rows), evidence.order(agreement), rows, budget,
                evidence.replayed(rows, budget), means, why, figures)
    (out / "README.md").write_text(text)
    return [out / "README.md", *written, *[out / "figures" / f"{name}.png" for name in figures]]
