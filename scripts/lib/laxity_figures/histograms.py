"""The response times of runs as counts by bucket: what responses.csv holds (results/README.md, "Histograms").

A run's counts add up with those of others without loss, so that a distribution over all seeds is that of all their jobs.
A time that is read is the middle of its bucket, off by at most 0.1 %; quantiles are those of sim/results/log_histogram.
"""

import math
from dataclasses import dataclass

import numpy as np

from laxity_figures.problem import Problem

BUCKETS = 512  # in each power of two; below twice as many, a bucket is one nanosecond
FORM = "a histogram, MIN:MAX:SUM|BUCKET*COUNT;DELTA*COUNT;..."


@dataclass(frozen=True)
class Histogram:
    """`counts[i]` values lie in bucket `buckets[i]`, ascending, none empty. `low` and `high` are exact, in ns."""

    buckets: np.ndarray
    counts: np.ndarray
    low: int
    high: int

    @property
    def count(self):
        return int(self.counts.sum())

    def times(self):
        """What each bucket is read as, in ns."""
        return np.clip(middles(self.buckets), self.low, self.high)

    def quantile(self, q):
        """The smallest time, in ns, with at least a share q of the values at or below it."""
        rank = math.ceil(q * self.count * (1 - 1e-15))  # 0.07 * 100 is a little more than 7
        if rank <= 1:
            return self.low
        if rank >= self.count:
            return self.high
        return int(self.times()[np.searchsorted(np.cumsum(self.counts), rank)])


def middles(buckets):
    shift = np.maximum(buckets // BUCKETS - 1, 0)
    wide = ((buckets % BUCKETS + BUCKETS) << shift) + ((1 << shift) >> 1)
    return np.where(buckets < 2 * BUCKETS, buckets, wide)


def bucket_of(time):
    shift = max(0, time.bit_length() - 10)
    return shift * BUCKETS + (time >> shift)


def parse(text, place):
    """The Histogram of a field of responses.csv, None for an empty one. Throws Problem that begins with `place`."""
    if not text:
        return None
    try:
        ends, _, cells = text.partition("|")
        low, high, _ = (int(part) for part in ends.split(":"))
        steps, counts = zip(*((cell if "*" in cell else cell + "*1").split("*") for cell in cells.split(";")))
        buckets, counts = np.cumsum(np.array(steps, dtype=np.int64)), np.array(counts, dtype=np.int64)
        whole = bucket_of(low) == buckets[0] and bucket_of(high) == buckets[-1]
        if not whole or (np.diff(buckets) <= 0).any() or (counts <= 0).any():
            raise ValueError
    except (ValueError, OverflowError):
        shown = text if len(text) <= 60 else text[:57] + "..."
        raise Problem(f"{place}: expected {FORM}, found \"{shown}\"; is the file damaged?") from None
    return Histogram(buckets, counts, low, high)


def pooled(histograms):
    """All of their values in one; None of nothing."""
    parts = [part for part in histograms if part is not None]
    if not parts:
        return None
    buckets, places = np.unique(np.concatenate([part.buckets for part in parts]), return_inverse=True)
    counts = np.zeros(len(buckets), dtype=np.int64)
    np.add.at(counts, places, np.concatenate([part.counts for part in parts]))
    return Histogram(buckets, counts, min(part.low for part in parts), max(part.high for part in parts))


def of_times(times):
    """The Histogram of times in ns, as the simulator would count them; None of nothing."""
    if len(times) == 0:
        return None
    buckets, counts = np.unique([bucket_of(max(0, int(time))) for time in times], return_counts=True)
    return Histogram(buckets, counts, max(0, int(min(times))), max(0, int(max(times))))
