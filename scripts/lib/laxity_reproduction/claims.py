"""A claim of a paper, what was found of it, and the verdict.

The verdicts are three. "not reproduced" holds two cases that the text of the finding keeps apart: shown to be
otherwise, and not shown (the intervals of a full run include both). A quick run may also end "undecided at this size",
which is counted and is no change of verdict.
"""

from collections.abc import Callable
from dataclasses import dataclass

REPRODUCED, NOT_REPRODUCED, UNTESTABLE = "reproduced", "not reproduced", "cannot be tested here"
UNDECIDED = "undecided at this size"

# How sure we are of what a paper says. What is recalled is never a figure that a paper reports.
ABSTRACT = "read (abstract)"
AGAINST_RECALLED = "read (abstract); against whom: recalled"
SLIDES = "read (slides)"
CHART = "read off a chart (±1 point)"
CODE = "read (code)"
NOTE = "read (a reader's note)"
RECALLED = "recalled"
OURS = "our reading"


@dataclass(frozen=True)
class Finding:
    """What was measured, in words and numbers, and whether the rule holds: None where the intervals do not tell."""

    text: str
    holds: bool | None


@dataclass(frozen=True)
class Claim:
    """One statement of a paper. Without a measure it cannot be tested here, and `why` says what is missing."""

    name: str
    statement: str
    certainty: str
    rule: str = ""
    measure: Callable | None = None  # of Studies, to a Finding
    why: str = ""
    study: str = ""  # where to look further


@dataclass(frozen=True)
class Outcome:
    """A claim's verdict in one run."""

    verdict: str
    measured: str


def judge(claim, studies):
    """Runs what a claim needs and judges it."""
    if claim.measure is None:
        return Outcome(UNTESTABLE, "")
    finding = claim.measure(studies)
    if finding.holds is None:
        return Outcome(UNDECIDED if studies.quick else NOT_REPRODUCED, finding.text + ("" if studies.quick else " (not shown)"))
    return Outcome(REPRODUCED if finding.holds else NOT_REPRODUCED, finding.text)
