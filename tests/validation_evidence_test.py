#!/usr/bin/python3
"""What scripts/validation makes of studies whose answer is known by hand: validation_evidence_test.py [LAXITY]. With the executable it
also makes a whole folder. Exit code 77 (skipped) without matplotlib and pandas."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts/lib"))

try:
    import matplotlib  # noqa: F401
    import pandas as pd
except ImportError:
    print("skipped: no python3-matplotlib and python3-pandas")
    sys.exit(77)

from laxity_figures.problem import Problem
from laxity_validation import evidence, parts, studies
from laxity_validation.page import page

LAXITY = sys.argv.pop(1) if len(sys.argv) > 1 else None
HEADER = "point,policy,metric,unit,simulated,live,difference,ci95,low,high,margin,verdict,repeatability,drift"
POINT = "/tasks/0/arrival/load="
ROWS = [f"{POINT}0.4,edf,accuracy,1,0.9,0.9004,0.0004,0.0005,-0.0001,0.0009,0.003,equal,0.001,0.002",
        f"{POINT}0.8,edf,accuracy,1,0.8,0.796,-0.004,0.0003,-0.0045,-0.0035,0.003,different,0.001,0.002",
        f"{POINT}0.4,edf,response_p50,ms,2,2.01,0.01,0.001,0.008,0.012,0.04,equal,0.001,-0.02",
        f"{POINT}0.8,edf,response_p50,ms,4,,,,,,,,,"]
AGREEMENT = """point,policy_a,policy_b,live_difference,live_ci95,p_holm,significant,simulated_difference,same_order,tau,device_best,simulated_best,loss
/tasks/0/arrival/load=0.4,edf,lcf,0.1,0.01,0.001,1,0.2,1,0.5,edf,edf,0
/tasks/0/arrival/load=0.4,edf,rr,0.1,0.01,0.001,1,-0.2,0,0.5,edf,edf,0
/tasks/0/arrival/load=0.8,edf,lcf,0.1,0.3,0.4,0,-0.2,0,1,edf,lcf,0.002
"""
BUDGET = f"""point,policy,metric,part,value,low,high
{POINT}0.8,edf,accuracy,idle,0.001,,
{POINT}0.8,edf,accuracy,stage times,-0.005,-0.006,-0.004
{POINT}0.8,edf,accuracy,history,0.5,,
{POINT}0.8,edf,accuracy,replayed,0.0002,,
{POINT}0.8,edf,response_p50,rest,,,
"""


class Made(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "studies"
        self.make(studies.STUDIES[0])

    def make(self, study, device="Intel(R) Xeon(R) Processor"):
        folder = self.path / study.name
        (folder / "runs").mkdir(parents=True)
        (folder / "study.json").write_text(json.dumps(studies.description_of(study, studies.Protocol())))
        (folder / "trace.json").write_text(json.dumps({"device": {"name": device}}))
        for name, text in (("validation.csv", "\n".join([HEADER, *ROWS]) + "\n"), ("agreement.csv", AGREEMENT), ("budget.csv", BUDGET)):
            (folder / "runs" / name).write_text(text)

    def found(self):
        return evidence.studies_in(self.path)

    def rows(self):
        return evidence.all_rows(self.found())

    def test_shares_are_compared_in_points_and_times_in_percent(self):
        self.assertEqual(evidence.off(self.rows()).round(6).fillna(-1).tolist(), [0.04, 0.4, 0.5, -1])

    def test_the_table_against_the_aims(self):
        table = evidence.against_aims(self.rows()).set_index("metric")
        self.assertEqual(table[["mean", "worst"]].round(6).values.tolist(), [[0.22, 0.4], [0.5, 0.5]])
        self.assertEqual(table["met"].tolist(), [False, True])
        self.assertEqual(table[["repeatability", "drift"]].round(6).values.tolist(), [[0.1, 0.2], [0.05, 1.0]])
        self.assertEqual(table.loc["accuracy", ["equal", "different", "cannot tell"]].tolist(), [1, 1, 0])

    def test_the_summary_has_the_columns_that_were_agreed_and_no_number_where_there_is_none(self):
        table = evidence.summary(self.rows())
        self.assertEqual(list(table.columns), "network arrivals policy load metric simulation live difference low high".split())
        self.assertEqual(table["load"].tolist(), [0.4, 0.8, 0.4, 0.8])
        self.assertTrue(pd.isna(table["live"].iloc[3]))
        self.assertEqual(table["metric"].iloc[2], "response_p50_ms")

    def test_order_counts_only_what_the_device_tells_apart(self):
        order = evidence.order(evidence.agreement(self.found()))
        self.assertEqual([order[name] for name in ("points", "pairs", "told", "agreed", "tau", "loss", "worst_loss")], [2, 3, 2, 1, 0.75, 0.001, 0.002])

    def test_what_is_beyond_its_margin_comes_with_its_budget(self):
        found = evidence.beyond(self.rows(), evidence.budget(self.found()))
        self.assertEqual([(row["load"], row["metric"]) for row, _ in found], [(0.8, "accuracy")])
        self.assertEqual(found[0][1], [("stage times", -0.005), ("idle", 0.001)])

    def test_a_row_further_off_than_the_aim_allows_is_listed_though_its_margin_is_wider(self):
        rows = self.rows()
        rows.loc[0, ["difference", "margin", "verdict"]] = [0.0026, 0.01, "equal"]
        self.assertEqual(evidence.is_beyond(rows).tolist(), [True, True, False, False])

    def test_regimes_are_loads_of_a_study(self):
        table = evidence.by_regime(self.rows())
        self.assertEqual(table["load"].tolist(), [0.4, 0.8])
        self.assertEqual(table["equal"].tolist(), [1, 0])
        self.assertEqual(table["different"].tolist(), [0, 1])

    def test_the_page_says_what_the_tables_say(self):
        rows, found = self.rows(), self.found()
        text = page("A device", found, evidence.against_aims(rows), evidence.by_regime(rows), evidence.order(evidence.agreement(found)), rows,
                    evidence.budget(found), evidence.replayed(rows, evidence.budget(found)), None, "nobody asked", [])
        for said in ("| accuracy | points | 2 | 0.220 | 0.400 | 0.05 on average, 0.25 at most | **no** |", "Not met: accuracy.", "the device tells 2 apart",
                     "1 in the same order (50 %)", "stage times -0.5 points, idle +0.1 points", "| accuracy | points | 1 | 0.020 | 0.020 |", "Not known: nobody asked."):
            self.assertIn(said, text)

    def test_without_budgets_the_simulators_own_error_is_not_known(self):
        self.assertIsNone(evidence.replayed(self.rows(), None))
        (self.path / "fashion-ee-poisson/runs/budget.csv").write_text(BUDGET.replace(",replayed,", ",idle,"))
        self.assertIsNone(evidence.replayed(self.rows(), evidence.budget(self.found())))

    def test_devices_are_file_names(self):
        self.assertEqual(evidence.device_slug("Intel(R) Xeon(R) Processor"), "intel-xeon-processor")
        self.assertEqual(evidence.device_slug("NVIDIA H100 80GB/HBM3"), "nvidia-h100-80gb-hbm3")
        self.make(studies.STUDIES[1], "AMD EPYC")
        with self.assertRaisesRegex(Problem, "expected studies of one device, found AMD EPYC, Intel"):
            evidence.device_of(self.found())

    def test_what_cannot_be_read_is_refused_by_file(self):
        with self.assertRaisesRegex(Problem, "expected complete studies"):
            evidence.studies_in(self.path / "nothing")
        (self.path / "fashion-ee-poisson/runs/validation.csv").write_text(HEADER + "\n" + ROWS[0].replace("0.0004", "many") + "\n")
        with self.assertRaisesRegex(Problem, 'validation.csv: row 2: expected a number in "difference", found "many"'):
            self.rows()

    def test_a_study_counts_as_complete_only_as_it_would_be_made_now(self):
        study, folder = studies.STUDIES[0], self.path / "fashion-ee-poisson"
        self.assertTrue(studies.is_complete(folder, study, studies.Protocol()))
        self.assertFalse(studies.is_complete(folder, study, studies.Protocol(seconds=9)))
        (folder / "runs/validation.csv").unlink()
        self.assertFalse(studies.is_complete(folder, study, studies.Protocol()))

    def test_a_study_that_fails_is_not_complete(self):
        study, folder = studies.STUDIES[1], self.path / "cifar-ee-poisson"
        calls = []
        with self.assertRaisesRegex(Exception, "exit code 1 of laxity validate"):
            studies.run_study(study, folder, studies.Protocol(), "cpu", "data", lambda words: calls.append(words[0]) or int(words[0] == "validate"))
        self.assertEqual(calls, ["profile", "validate"])
        self.assertFalse((folder / "study.json").exists())
        with self.assertRaises(KeyboardInterrupt):
            studies.run_study(study, folder, studies.Protocol(), "cpu", "data", lambda words: 130)

    @unittest.skipUnless(LAXITY, "needs the executable")
    def test_the_whole_folder_is_the_same_each_time(self):
        made = []
        for name in ("one", "two"):
            out = self.path.parent / name
            subprocess.run([ROOT / "scripts/validation", "--from", self.path, "--out", out, "--laxity", LAXITY], check=True, capture_output=True)
            made.append({path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()})
        self.assertEqual(made[0], made[1])
        for name in ("README.md", "summary.csv", "agreement.csv", "budget.csv", "fashion-ee-poisson/validation.csv", "figures/fashion-ee-poisson-load-budget.png"):
            self.assertIn(name, made[0])
        self.assertIn(b"no records of live runs were kept", made[0]["README.md"])


class Parts(unittest.TestCase):
    def test_metrics_are_read_from_a_summary(self):
        found = parts.metrics_of({"accuracy": 0.9, "miss_ratio": 0, "mean_depth": None, "utilisation": 0.5, "response_ms": {"p50": 1.5}})
        self.assertEqual([found[name] for name in evidence.METRICS], [0.9, 0, None, 1.5, None, None, 0.5])

    def test_each_part_is_switched_off_in_its_turn(self):
        self.assertEqual(parts.WITHOUT["all parts"], ())
        self.assertEqual({forms for form in parts.WITHOUT.values() if len(form) == 1 for forms in form}, {"history", "path", "stalls"})


class CommandLine(unittest.TestCase):
    def run_script(self, *words):
        return subprocess.run([ROOT / "scripts/validation", *words], capture_output=True, text=True)

    def test_bad_input_is_one_line(self):
        for words, said in ((("--only", "nothing"), "--only: expected one of fashion-ee-poisson"), (("--seconds", "0"), "--seconds: expected 0.1 or more"),
                            (("--from", "/nowhere"), "expected complete studies"), (("--laxity", "/nowhere"), "--laxity: expected the executable")):
            with self.subTest(words):
                result = self.run_script(*words, *(("--laxity", LAXITY) if LAXITY and "--laxity" not in words else ()))
                self.assertEqual((result.returncode, result.stderr.count("\n")), (2, 1), result.stderr)
                self.assertIn(said if LAXITY else "expected", result.stderr)

    @unittest.skipUnless(LAXITY, "needs the executable")
    def test_a_dry_run_says_how_long_it_takes(self):
        result = self.run_script("--dry-run", "--laxity", LAXITY, "--studies", "/nowhere")
        self.assertEqual((result.returncode, result.stdout), (0, ""))
        self.assertIn("fashion-ee-poisson: 32 cells x 5 repetitions x 8 s, about ", result.stderr)
        self.assertIn("in all about ", result.stderr)


if __name__ == "__main__":
    unittest.main()
