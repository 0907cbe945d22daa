#!/usr/bin/python3
"""The rules and the tables of claims of scripts/reproduce."""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts/lib"))
sys.dont_write_bytecode = True

from laxity_reproduction import assignment, claims, estimates, page  # noqa: E402
from laxity_reproduction.estimates import Estimate  # noqa: E402
from laxity_reproduction.reproduction import COMMITTED, PAPERS  # noqa: E402
from laxity_reproduction.studies import SCENARIOS  # noqa: E402


class Rules(unittest.TestCase):
    def test_an_interval_on_both_sides_of_a_limit_tells_nothing(self):
        self.assertTrue(estimates.above(Estimate(0.2, 0.1, 0.3), 0.05))
        self.assertFalse(estimates.above(Estimate(0.2, 0.1, 0.3), 0.3))
        self.assertIsNone(estimates.above(Estimate(0.2, 0.1, 0.3), 0.2))
        self.assertTrue(estimates.below(Estimate(0.2, 0.1, 0.3), 0.31))
        self.assertIsNone(estimates.below(Estimate(0.2, 0.1, 0.3), 0.2))
        self.assertFalse(estimates.within(Estimate(0.2, 0.1, 0.3), 0.05))

    def test_one_undecided_point_leaves_the_whole_undecided_unless_another_settles_it(self):
        self.assertIsNone(estimates.all_of([True, None]))
        self.assertFalse(estimates.all_of([None, False]))
        self.assertTrue(estimates.any_of([None, True]))
        self.assertIsNone(estimates.any_of([None, False]))
        self.assertTrue(estimates.at_least(2, [True, True, None]))
        self.assertIsNone(estimates.at_least(2, [True, None, False]))
        self.assertFalse(estimates.at_least(2, [True, False, False]))

    def test_means_are_apart_only_if_their_intervals_are(self):
        low, high = Estimate(1, 0.5, 1.5), Estimate(2, 1.6, 2.4)
        self.assertTrue(estimates.apart(low, high))
        self.assertFalse(estimates.apart(high, low))
        self.assertIsNone(estimates.apart(low, Estimate(1.4, 1.0, 1.8)))

    def test_undecided_is_a_verdict_of_quick_runs_only(self):
        claim = claims.Claim("c", "s", claims.OURS, "r", lambda studies: claims.Finding("text", None))
        quick, full = type("Quick", (), {"quick": True}), type("Full", (), {"quick": False})
        self.assertEqual(claims.judge(claim, quick).verdict, claims.UNDECIDED)
        self.assertEqual(claims.judge(claim, full), claims.Outcome(claims.NOT_REPRODUCED, "text (not shown)"))


class Assignment(unittest.TestCase):
    def test_the_optimum_drops_what_does_not_fit(self):
        jobs = [([2, 1, 2], [0.5, 0.6, 0.9], 2), ([2, 2, 2], [0.4, 0.5, 0.6], 4), ([9, 1, 1], [0.9, 0.95, 1], 5)]
        self.assertAlmostEqual(assignment.best_reward(jobs), 0.9)  # the first two to depth 1


class Tables(unittest.TestCase):
    def test_every_claim_has_a_name_of_its_own_and_a_rule_or_a_reason(self):
        for paper in PAPERS:
            names = [claim.name for claim in paper.CLAIMS]
            self.assertEqual(len(names), len(set(names)))
            for claim in paper.CLAIMS:
                self.assertTrue(claim.rule if claim.measure else claim.why and not claim.rule, claim.name)
                self.assertTrue(not claim.study or (SCENARIOS / f"{claim.study}.json").is_file(), claim.study)

    def test_nothing_recalled_is_written_as_a_figure_that_a_paper_reports(self):
        for paper in PAPERS:
            for claim in paper.CLAIMS:
                if claim.certainty == claims.RECALLED:
                    self.assertIsNone(re.search(r"\d\s*(%|points)", claim.statement), claim.name)

    def test_the_committed_verdicts_and_page_are_of_these_claims(self):
        found = page.read_verdicts(COMMITTED / "verdicts.json")
        self.assertEqual(page.verdicts_text(found), (COMMITTED / "verdicts.json").read_text())
        for paper in PAPERS:
            self.assertEqual(list(found[paper.NAME]), [claim.name for claim in paper.CLAIMS])
        self.assertEqual(page.readme_text(PAPERS, found, COMMITTED), (COMMITTED / "README.md").read_text())

    def test_the_committed_figures_are_these_and_small(self):
        sizes = {path.stem: path.stat().st_size for path in COMMITTED.glob("figures/*.png")}
        self.assertEqual(set(sizes), {figure.name for paper in PAPERS for figure in paper.FIGURES})
        self.assertEqual([name for name, size in sizes.items() if size > 60_000], [])

    def test_every_study_is_used(self):
        used = {path.stem for path in COMMITTED.glob("tables/*.csv")}
        sweeps = {path.stem for path in SCENARIOS.glob("*.json") if "laxity.sweep" in path.read_text()}
        self.assertEqual(used, sweeps)


if __name__ == "__main__":
    unittest.main()
