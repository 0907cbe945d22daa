"""The laxity executable that a reproduction runs on."""

from laxity_figures.executable import find_laxity, run_laxity
from laxity_figures.facts import ROOT
from laxity_figures.problem import Failure, Problem

__all__ = ["ROOT", "Failure", "Laxity", "Problem"]


class Laxity:
    """Calls one executable, wherever a relative path would lead later."""

    def __init__(self, path=None):
        self.path = str(find_laxity(path))

    def output(self, *arguments):
        """What the command prints on stdout."""
        return run_laxity(arguments, self.path)
