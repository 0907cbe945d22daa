"""One reproduction from end to end: studies, verdicts, pages and figures, or the check of a quick run."""

import sys

from . import claims, figures, page, rtdeepiot, rtmdl, zygarde
from .executable import ROOT, Laxity, Problem
from .studies import Studies

PAPERS = [rtdeepiot, rtmdl, zygarde]
COMMITTED = ROOT / "results/reproduction"


def run(options):
    """Returns whether a quick run has another verdict than the full one."""
    papers = [paper for paper in PAPERS if options.paper in (paper.NAME, "all")]
    folder = options.out or (ROOT / "results/reproduction-quick" if options.quick else COMMITTED)
    if options.threads < 0:
        raise Problem(f"--threads: expected 0 or more, found {options.threads}")
    expected = page.read_verdicts(options.verdicts or COMMITTED / "verdicts.json") if options.quick else {}
    laxity = Laxity(options.laxity)
    pages = page.Pages(folder)
    studies = Studies(laxity, folder / "studies", options.quick, ["--threads", options.threads, *(["--replace"] if options.replace else [])])
    outcomes = {paper.NAME: {claim.name: judge(claim, studies) for claim in paper.CLAIMS} for paper in papers}
    if options.quick:
        return report_changes(papers, outcomes, expected)
    if not options.no_figures:
        figures.draw(papers, studies, folder / "figures")
    pages.write(PAPERS, outcomes, studies)
    for line in page.counts(papers, outcomes):
        print(line)
    return False


def judge(claim, studies):
    print(f"reproduce: claim {claim.name}", file=sys.stderr, flush=True)
    return claims.judge(claim, studies)


def report_changes(papers, outcomes, expected):
    """Prints every claim with its verdict, and says on stderr which differ from the full run's."""
    changed, undecided = [], 0
    for paper in papers:
        for name, outcome in outcomes[paper.NAME].items():
            known = expected.get(paper.NAME, {}).get(name)
            if known is None:
                raise Problem(f"{paper.NAME}/{name}: expected its verdict in the full run's verdicts.json, found none; run scripts/reproduce all")
            print(f"{paper.NAME}/{name}: {outcome.verdict}")
            if outcome.verdict == claims.UNDECIDED:
                undecided += 1
            elif outcome.verdict != known.verdict:
                changed.append(f"{paper.NAME}/{name}: was {known.verdict} ({known.measured}), is {outcome.verdict} ({outcome.measured})")
    total = sum(len(found) for found in outcomes.values())
    print(f"{total} claims: {total - undecided - len(changed)} as in the full run, {undecided} undecided at this size, {len(changed)} changed")
    for line in changed:
        print(f"reproduce: {line}", file=sys.stderr)
    return bool(changed)
