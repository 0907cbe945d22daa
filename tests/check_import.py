#!/usr/bin/python3
"""A shipped network, exported by scripts/export_scores.py and imported, gives the trace that `laxity profile` measures,
but for the latencies.

usage: check_import.py LAXITY      exit code 77: PyTorch, onnx or the data set are not here
"""
import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NETWORK = ROOT / "workloads/models/fashion-ee.onnx"
SAMPLES = 1000
DATA = Path("/usr/share/datasets/fashion-mnist")

try:
    import numpy
    import onnx  # noqa: F401
    import torch  # noqa: F401
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)
if not DATA.is_dir():
    print("skipped: no data set (Debian: dataset-fashion-mnist)")
    sys.exit(77)

LAXITY = ""
DEVICE = ["--device-kind", "cpu", "--device-name", "here", "--backend", "PyTorch", "--dataset", "fashion-mnist", "--split", "test"]


def run(*command, **environment):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode != 0:
        raise AssertionError(f"{command}\n{done.stdout}{done.stderr}")
    return done.stdout


def outcomes(trace, key):
    return numpy.array(trace["samples"][key])


class ImportedNetwork(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = Path(cls.folder.name)
        run(LAXITY, "profile", "--model", NETWORK, "--data", "fashion-mnist", "--limit", SAMPLES, "--device", "cpu", "--runs", 100,
            "--warmup", 1, "--schedule-seconds", 0, "-o", cls.path / "profiled.json")
        run(ROOT / "scripts/export_scores.py", ROOT / "tests/import/shipped_network.py", "--out", cls.path / "out", "--passes", 30,
            "--warmup", 2, LAXITY_NETWORK=str(NETWORK), LAXITY_LIMIT=str(SAMPLES))
        cls.said = run(LAXITY, "import", "--latency", cls.path / "out/stages.csv", "--scores", cls.path / "out/exits.npz", "--labels",
                       cls.path / "out/labels.npy", "--network", NETWORK, *DEVICE, "-o", cls.path / "imported.json")
        cls.profiled, cls.imported = (json.loads((cls.path / name).read_text()) for name in ("profiled.json", "imported.json"))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_the_network_and_its_stages_are_the_same(self):
        self.assertEqual(self.imported["network"], self.profiled["network"])
        self.assertEqual(self.imported["stages"], self.profiled["stages"])

    def test_labels_predictions_and_confidences_are_the_same(self):
        for key in ("dataset", "split", "label"):
            self.assertEqual(self.imported["samples"][key], self.profiled["samples"][key])
        self.assertEqual(outcomes(self.imported, "prediction").shape, (SAMPLES, 6))
        self.assertEqual(int((outcomes(self.imported, "prediction") != outcomes(self.profiled, "prediction")).sum()), 0)
        difference = numpy.abs(outcomes(self.imported, "confidence") - outcomes(self.profiled, "confidence"))
        self.assertLess(float(difference.max()), 2e-5)

    def test_temperatures_are_the_same(self):
        here, there = (numpy.array(trace["calibration"]["temperature"]) for trace in (self.imported, self.profiled))
        self.assertLess(float(numpy.abs(here / there - 1).max()), 1e-4)
        self.assertEqual(self.imported["calibration"]["fitted_on"], self.profiled["calibration"]["fitted_on"])

    def test_latencies_are_those_of_the_file(self):
        with open(self.path / "out/stages.csv", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        self.assertEqual(rows[0], [f"stage{k}_ns" for k in range(6)])
        self.assertEqual(self.imported["latency_ns"], [[int(value) for value in row] for row in rows[1:]])
        self.assertEqual(len(self.imported["latency_ns"]), 30)
        self.assertIn("rows: 30 rows", self.said)
        self.assertIn("lacks: dispatch times", self.said)

    def test_the_imported_trace_is_simulated(self):
        workload = {"schema": "laxity.workload/1", "horizon": {"jobs": 200},
                    "tasks": [{"name": "t", "variants": [{"trace": "imported.json"}], "arrival": {"process": "poisson", "load": 0.5},
                               "deadline": {"fixed": 2, "unit": "full"}}]}
        (self.path / "workload.json").write_text(json.dumps(workload))
        summary = json.loads(run(LAXITY, "simulate", "--workload", self.path / "workload.json", "--policy", "edf"))
        self.assertEqual(summary["workload"], str(self.path / "workload.json"))


class Export(unittest.TestCase):
    def refused(self, *words):
        done = subprocess.run([ROOT / "scripts/export_scores.py", *words], capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        return done.stderr

    def test_nothing_is_written_over(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "exits.npz").write_text("kept")
            self.assertIn("is there already", self.refused("model.py", "--out", folder))
            self.assertEqual(Path(folder, "exits.npz").read_text(), "kept")

    def test_a_model_needs_both_functions(self):
        with tempfile.TemporaryDirectory() as folder:
            model = Path(folder, "model.py")
            self.assertIn("expected a Python file", self.refused(model, "--out", f"{folder}/out"))
            model.write_text("def stages():\n    return []\n")
            self.assertIn("expected a function loader()", self.refused(model, "--out", f"{folder}/out"))
            self.assertFalse(Path(folder, "out").exists())


if __name__ == "__main__":
    LAXITY = sys.argv.pop(1)
    unittest.main()
