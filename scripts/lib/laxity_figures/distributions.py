"""Distributions of response times as curves: of all released jobs, the share answered within a time, or not yet.

A job that missed was never answered, so that a curve levels off at the miss ratio: a policy does not look fast for having
answered only what was easy. Times are in ms, shares in percent.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from laxity_figures.histograms import Histogram
from laxity_figures.selection import Series

SHARES = (0.5, 0.95, 0.99)  # of the answered jobs, as in the report
NEAR = 0.004  # of an axis: what is nearer to the last point than this is not seen


@dataclass
class Distribution:
    """The response times of the jobs of one line in one panel. `jobs`: how many were released."""

    series: Series
    panel: str
    histogram: Histogram
    jobs: int

    @property
    def never(self):
        """Percent of the jobs that were not answered."""
        return 100 * (1 - self.histogram.count / self.jobs)

    def share(self, counted, tail):
        return 100 * (1 - counted / self.jobs) if tail else 100 * counted / self.jobs

    def curve(self, tail):
        """(times, shares) at each time at which one was answered, to 0.1 %. `tail`: of those that still wait."""
        return self.histogram.times() / 1e6, self.share(np.cumsum(self.histogram.counts), tail)

    def marks(self, tail):
        """Where the curve passes SHARES of the answered jobs: (times, shares)."""
        times = [self.histogram.quantile(share) for share in SHARES]
        counted = [self.histogram.counts[self.histogram.times() <= time].sum() for time in times]
        return np.array(times) / 1e6, self.share(np.array(counted), tail)


def places(values, low, high, log):
    """Where values stand on an axis, 0 to 1."""
    if log:
        values, low, high = np.log(np.maximum(values, low)), np.log(low), np.log(high)
    return (values - low) / (high - low)


def seen(x, y):
    """Indices of the points of a curve that can be told from the one before. x, y: places on the axes."""
    kept = [0]
    for i in range(1, len(x)):
        if max(abs(x[i] - x[kept[-1]]), abs(y[i] - y[kept[-1]])) >= NEAR or i == len(x) - 1:
            kept.append(i)
    return kept


@dataclass(frozen=True)
class Window:
    """What the axes show: times, logarithmic, and shares; of a tail logarithmic from `floor` on."""

    first: float
    last: float
    floor: float
    tail: bool

    @classmethod
    def of(cls, distributions, tail):
        """From where the first line begins to differ from level on; of a tail, down to the least miss ratio, or one job."""
        first = min(each.histogram.quantile(0.05 if tail else 0.01) for each in distributions) / 1e6
        last = max(each.histogram.high for each in distributions) / 1e6
        floor = max(min(each.never if each.never > 0 else 100 / each.jobs for each in distributions), 1e-6) if tail else 0.0
        first = max(first, 1e-6)
        return cls(first, max(last, 1.01 * first), 0.7 * min(floor, 50.0), tail)

    def drawn(self, distribution):
        """The points of a curve that are drawn, as a table."""
        times, shares = distribution.curve(self.tail)
        kept = seen(places(times, self.first, self.last, True), places(shares, self.floor or 1e-9, 100.0, self.tail))
        return pd.DataFrame({"what": "curve", "response (ms)": times[kept], "jobs (%)": shares[kept]})

    def marked(self, distribution):
        times, shares = distribution.marks(self.tail)
        return pd.DataFrame({"what": [f"{100 * share:g} % of the answered jobs" for share in SHARES], "response (ms)": times, "jobs (%)": shares})
