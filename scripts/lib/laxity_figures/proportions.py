"""How well a share is known that was counted: k of n drawn sets were accepted.

The interval is that of Clopper and Pearson ("The use of confidence or fiducial limits illustrated in the case of the
binomial", Biometrika 26, 1934), as everywhere in Laxity where something is counted: exact, so that it covers the share at
least as often as it says, and of a width above 0 also where all sets are accepted, or none. Student's interval of the mean
of zeros and ones has no width there.
"""

import math
from functools import lru_cache

LEVEL = 0.95


def at_least(k, n, p):
    """P(at least k of n), each with probability p in (0, 1)."""
    logs = [math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * math.log(p) + (n - i) * math.log1p(-p)
            for i in range(k, n + 1)]
    return math.fsum(map(math.exp, logs))


def where_rising(function, wanted):
    """The p in (0, 1) at which a function that rises from 0 to 1 has this value, to 1e-12."""
    low, high = 0.0, 1.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < wanted else (low, middle)
    return (low + high) / 2


@lru_cache(maxsize=None)
def interval(k, n, level=LEVEL):
    """(low, high) of the share when k of n were counted. Of n = 0, (0, 1): nothing is known."""
    tail = (1 - level) / 2
    low = where_rising(lambda p: at_least(k, n, p), tail) if k > 0 else 0.0
    high = where_rising(lambda p: at_least(k + 1, n, p), 1 - tail) if k < n else 1.0
    return low, high
