"""Means with 95 % intervals as `laxity report` gives them, and rules on them that may have no answer.

A rule is True, False, or None where the intervals are too wide to tell. A whole table of points is judged by all_of and
any_of, so that one undecided point leaves the whole undecided unless another one settles it.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A mean and its interval. Shares are not in percent. Without an interval (one seed, a count) low = mean = high."""

    mean: float
    low: float
    high: float

    def scaled(self, factor):
        return Estimate(self.mean * factor, *sorted([self.low * factor, self.high * factor]))

    def __neg__(self):
        return self.scaled(-1)

    def percent(self, digits=1, sign=False):
        """12.3 +- 0.4, in percent or points."""
        half = 100 * max(self.high - self.mean, self.mean - self.low)
        return f"{100 * self.mean:{'+' if sign else ''}.{digits}f} ± {half:.{digits}f}"

    def points(self):
        return self.percent(sign=True)


def exactly(value):
    return Estimate(value, value, value)


def share_of(part, whole):
    """A difference as a share of a mean, which is taken as known: its own interval is left out."""
    return part.scaled(1 / whole.mean) if whole.mean else Estimate(math.nan, math.nan, math.nan)


def above(estimate, limit=0.0):
    return True if estimate.low > limit else False if estimate.high <= limit else None


def below(estimate, limit=0.0):
    return above(-estimate, -limit)


def within(estimate, limit):
    """Whether it lies between -limit and limit."""
    return all_of([above(estimate, -limit), below(estimate, limit)])


def apart(lower, higher):
    """Whether one mean is lower than the other, from their separate intervals."""
    return True if lower.high < higher.low else False if lower.low >= higher.high else None


def all_of(answers):
    answers = list(answers)
    return False if False in answers else None if None in answers else True


def any_of(answers):
    answers = list(answers)
    return True if True in answers else None if None in answers else False


def at_least(count, answers):
    """Whether at least so many of the answers are yes."""
    answers = list(answers)
    sure, possible = answers.count(True), len(answers) - answers.count(False)
    return True if sure >= count else False if possible < count else None
