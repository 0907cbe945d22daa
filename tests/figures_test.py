#!/usr/bin/python3
"""Styles, the grammar, names and layout of scripts/figures.py: figures_test.py LAXITY. Exit code 77 (skipped) without
matplotlib and pandas. What figures.py does as a whole is in check_figures.sh."""

import contextlib
import io
import itertools
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts/lib"))
try:
    import matplotlib
    import numpy as np
    import pandas as pd
except ImportError:
    print("skipped: no python3-matplotlib and python3-pandas")
    sys.exit(77)

from laxity_figures import facts, insets, layout, measures, panels, policies, request, selection, styles  # noqa: E402
from laxity_figures.kinds import BY_NAME, KINDS, bars, heatmap, lines, pareto  # noqa: E402
from laxity_figures.pages import VENUES, WIDTHS, page_of  # noqa: E402
from laxity_figures.problem import Problem, nearest_first  # noqa: E402
from laxity_figures.sources import TYPES, Source  # noqa: E402

LAXITY = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
# Those that a study of early-exit scheduling compares first; rr and lcf are both there as the simple one.
USUAL = ["edf", "lcf", "rr", "rtdeepiot", "zygarde", "toll"]
LIGHTNESS_APART = 8  # of L* (0 to 100): what neighbouring greys must differ by to be told apart on paper


def alike_in_grey(named):
    """Pairs of {policy: Style} that a photocopy would not tell apart: as light, and dashed the same."""
    return [(a, b) for a, b in itertools.combinations(named, 2) if named[a].dash == named[b].dash
            and abs(styles.lightness(named[a].colour) - styles.lightness(named[b].colour)) < LIGHTNESS_APART]


# Machado, Oliveira and Fernandes 2009: how linear sRGB looks to readers without one type of cones.
COLOUR_BLIND = {"protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
                "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
                "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]}
SEEN_APART = 15  # CIELAB distance


def seen(colour, matrix):
    """A colour "#rrggbb" in CIELAB (white D65), as seen through this matrix."""
    encoded = np.array([int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(np.array(matrix) @ linear, 0, 1)
    ratio = xyz / np.array([0.9505, 1.0, 1.089])
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def without_defaults(spec):
    """As results spell it: parameters at their defaults are left out."""
    kept = [argument for argument in spec.partition(":")[2].split(",") if argument not in ("", "predictor=exp", "delta=0.1")]
    return spec.partition(":")[0] + (":" if kept else "") + ",".join(kept)


def words(*arguments):
    return request.request_of(request.parser("").parse_args(["DIR", *arguments]))


class Styles(unittest.TestCase):
    def test_the_usual_policies_can_be_told_apart_in_grey(self):
        self.assertEqual(alike_in_grey({name: styles.style_of(name) for name in USUAL}), [])

    def test_that_test_can_fail(self):
        bad = {name: styles.style_of(name) for name in USUAL}
        bad["toll"] = styles.Style("#007CB2", bad["edf"].dash, "o")  # another marker helps nobody between the points
        self.assertEqual(alike_in_grey(bad), [("edf", "toll")])

    def test_the_usual_policies_can_be_told_apart_with_any_colour_vision(self):
        for name, matrix in COLOUR_BLIND.items():
            for a, b in itertools.combinations(map(styles.style_of, USUAL), 2):
                apart = np.linalg.norm(seen(a.colour, matrix) - seen(b.colour, matrix))
                self.assertTrue(a.dash != b.dash or apart >= SEEN_APART, (name, a, b, apart))

    def test_lightness_is_that_of_cielab(self):
        for colour, expected in (("#000000", 0.0), ("#FFFFFF", 100.0), ("#777777", 50.03), ("#FF0000", 53.24), ("#0000FF", 32.30)):
            self.assertAlmostEqual(styles.lightness(colour), expected, delta=0.05, msg=colour)

    @unittest.skipUnless(LAXITY, "no executable")
    def test_every_policy_of_the_registry_has_its_own_style(self):
        known = subprocess.run([LAXITY, "policies"], capture_output=True, text=True, check=True).stdout
        names = [line.split()[0] for line in known.splitlines() if line.startswith("  ") and line[2:3].strip()]
        self.assertIn("rtdeepiot", names)
        self.assertEqual([name for name in names if name not in styles.KNOWN], [])
        self.assertEqual(len({styles.style_of(name) for name in names}), len(names))

    def test_no_two_policies_of_a_shipped_study_look_the_same(self):
        for path in sorted((ROOT / "workloads/scenarios").glob("*.json")):
            specs = {without_defaults(spec) for spec in json.loads(path.read_text()).get("policies", [])}
            seen = {}
            for spec in specs:
                seen.setdefault(styles.style_of(spec), []).append(spec)
            self.assertEqual([like for like in seen.values() if len(like) > 1], [], path.name)

    def test_a_form_keeps_the_hue_of_its_policy_whatever_the_order_of_its_parameters(self):
        first = styles.style_of("toll:window=3,share=0.5")
        self.assertEqual(first, styles.style_of("toll:share=0.5,window=3"))
        self.assertNotEqual((first.dash, first.marker), (styles.style_of("toll").dash, styles.style_of("toll").marker))
        self.assertIn(first.colour, [styles.shaded(styles.style_of("toll").colour, amount) for amount in (-0.35, 0.0, 0.3)])

    def test_an_unknown_policy_has_a_style_that_is_not_the_grey_of_the_rest(self):
        for name in ("mine", "yours", "theirs:a=1"):
            self.assertEqual(styles.style_of(name), styles.style_of(name))
            self.assertNotIn(styles.style_of(name).colour, (styles.PALE, styles.GREY, styles.KNOWN["random"].colour))


class Emphasis(unittest.TestCase):
    many = ["edf", "edf:skip=true", "fifo", "rr", "lcf", "a", "b", "c", "d", "toll", "toll:x=1", "rtdeepiot:predictor=oracle"]
    ranked = ["rtdeepiot:predictor=oracle", "toll", "toll:x=1", "a", "b", "c", "d", "lcf", "rr", "edf:skip=true", "edf", "fifo"]

    def test_a_few_are_all_in_colour(self):
        self.assertEqual(policies.emphasised(["b", "a"], ["a", "b"]), ["a", "b"])

    def test_of_many_the_winner_the_references_and_the_best_form_of_each(self):
        found = policies.emphasised(self.ranked, self.many, ["edf"])
        self.assertEqual(found, ["edf", "lcf", "a", "b", "c", "d", "toll"])

    def test_top_takes_the_best(self):
        self.assertEqual(policies.emphasised(self.ranked, self.many, ["edf"], top=2), ["rtdeepiot:predictor=oracle", "toll"])

    def test_patterns_keep_their_order(self):
        self.assertEqual(policies.named(self.many, ["toll*", "edf"]), ["toll", "toll:x=1", "edf"])
        with self.assertRaisesRegex(Problem, 'found "tol"; there is toll'):
            policies.named(self.many, ["tol"])


class Grammar(unittest.TestCase):
    def test_what_is_not_said_has_a_default(self):
        asked = words()
        self.assertEqual((asked.kinds, asked.formats, asked.page), ([], ("pdf", "png"), page_of("ieee")))

    def test_what_is_said(self):
        asked = words("--kind", "lines,pareto", "--where", "load=1,2", "--where", "delta=0.1", "--xlim", ":3", "--zoom", "0:1,80:90",
                      "--best-of", "best=rtdeepiot:*", "--style", "acm", "--width", "page", "--ylim=-5:0")
        self.assertEqual(asked.where, {"load": ["1", "2"], "delta": ["0.1"]})
        self.assertEqual((asked.xlim, asked.ylim, asked.zoom), ((None, 3.0), (-5.0, 0.0), ((0.0, 1.0), (80.0, 90.0))))
        self.assertEqual((asked.best, asked.page.width), ([("best", "rtdeepiot:*")], 7.005))
        self.assertEqual(words("--zoom").zoom, "corner")

    def test_bad_words_are_told_in_one_line(self):
        for arguments, expected in ((["--ylim", "3"], "--ylim: expected LOW:HIGH"), (["--ylim", "3:1"], "--ylim: expected LOW:HIGH"),
                                    (["--xlim", ":"], "--xlim: expected"), (["--xlim", "nan:2"], "--xlim: expected"),
                                    (["--ylim", "1:inf"], "--ylim: expected"), (["--zoom", "4"], "--zoom: expected X0:X1,Y0:Y1"),
                                    (["--where", "load"], "--where: expected AXIS=VALUE"), (["--best-of", "x"], "--best-of: expected NAME=PATTERN"),
                                    (["--style", "nature"], "--style: expected one of ieee"), (["--format", "gif"], "--format: expected one of pdf"),
                                    (["--format", ","], "--format: expected some of"), (["--top", "-1"], "--top: expected"),
                                    (["--cells", "ranks"], "--cells: expected one of value, rank"), (["--top", "x"], "invalid int"), (["--no-such"], "unrecognized arguments")):
            with self.assertRaisesRegex(Problem, expected) as raised:
                words(*arguments)
            self.assertNotIn("\n", str(raised.exception))

    def test_the_nearest_comes_first(self):
        self.assertEqual(nearest_first("acuracy", ["miss_ratio", "accuracy", "cut"])[0], "accuracy")

    def test_kinds_draw_sources_that_there_are(self):
        self.assertLessEqual({type_ for kind in KINDS for type_ in kind.source.split(", ")}, set(TYPES))
        self.assertEqual(len(BY_NAME), len(KINDS))


class Names(unittest.TestCase):
    def test_short_names(self):
        for spec, expected in (("edf", "edf"), ("edf:skip=true", "edf skip"), ("rtdeepiot:predictor=exp,delta=0.05", "rtdeepiot exp, delta=0.05")):
            self.assertEqual(policies.short_name(spec), expected)

    def test_values_of_axes(self):
        for value, expected in ((0.5, "0.5"), (2.0, "2"), ("../../traces/a.json", "a"), ("word", "word")):
            self.assertEqual(panels.value_text(value), expected)

    def test_labels_of_axes(self):
        for axis, expected in (("axis:D_u", "D_u"), ("load", "load (offered work / capacity)"), ("/energy/capacitor/capacity_mJ", "capacity (mJ)"),
                               ("storage_mb", "storage (MB)"), ("miss_bound", "miss bound"), ("ms", "ms")):
            self.assertEqual(measures.axis_label(axis), expected)

    def test_a_pointer_never_gets_into_a_file_name(self):
        view = selection.View(None, "/tasks/0/arrival/load", [1.0], [], "", [""], {"axis:deadline": 20.0, "trace": "../x/y.json"}, None)
        self.assertEqual((view.x_name, view.suffix), ("load", "-deadline=20-trace=y"))

    def test_runs_of_a_sweep(self):
        source = Source("sweep", Path("x"))
        source.__dict__["manifest"] = {"configuration": {
            "axes": [{"name": "a", "values": [1, 2]}, {"name": "b", "values": [1, 2]}, {"name": "delta", "policy": "rtdeepiot", "values": [1, 2, 3]}],
            "zip": [["a", "b"]], "policies": ["edf", "rtdeepiot"], "seeds": [1, 2]}}
        self.assertEqual(source.rows_expected(), 2 * (1 + 3) * 2)


class Ranks(unittest.TestCase):
    def ranks(self, mean, best, less_is_better=False):
        names = [f"policy {index}" for index in range(len(mean))]
        group = pd.DataFrame({0.5: [index in best for index in range(len(mean))]}, index=names)
        return heatmap.ranks_of(pd.DataFrame({0.5: mean}, index=names), group, less_is_better)[0.5].tolist()

    def test_who_cannot_be_told_from_the_best_shares_its_rank(self):
        self.assertEqual(self.ranks([90.0, 80.0, 89.0, 70.0], {0, 2}), [1, 3, 1, 4])
        self.assertEqual(self.ranks([1.0, 2.0, 3.0], {0}, less_is_better=True), [1, 2, 3])

    def test_a_better_mean_outside_the_group_comes_after_it(self):  # the last one varies so much that it may be the best
        self.assertEqual(self.ranks([90.0, 85.0, 84.0, 70.0], {0, 2}), [1, 3, 1, 4])

    def test_without_a_group_the_means_decide_and_equal_ones_share(self):
        self.assertEqual(self.ranks([90.0, 80.0, 90.0, 70.0], set()), [1, 3, 1, 4])

    def test_who_has_no_mean_has_no_rank_and_holds_none(self):
        np.testing.assert_equal(self.ranks([90.0, np.nan, 80.0], {0}), [1, np.nan, 2])


class Insets(unittest.TestCase):
    cluster = [[0.1, 0.9], [0.12, 0.91], [0.13, 0.88], [0.15, 0.9]]

    def test_who_stands_far_off_is_not_of_the_crowd(self):
        places = np.array([[0.9, 0.1], *self.cluster, [0.6, 0.5]])
        self.assertEqual(sorted(insets.crowd_of(places)), [1, 2, 3, 4])

    def test_where_all_stand_equally_far_all_are(self):
        self.assertEqual(len(insets.crowd_of(np.array([[0.2 * i, 0.1 * i] for i in range(6)]))), 6)

    def test_the_part_holds_the_crowd_on_a_logarithmic_axis_too(self):
        figure, ((panel,),) = panels.new_figure(page_of("ieee"))
        panel.set_xscale("log")
        panel.set_xlim(0.01, 100)
        panel.set_ylim(0, 100)
        points = [[0.025, 90], [0.03, 91], [0.04, 92], [20, 10], [80, 40], [0.035, 90.5]]
        (left, right), (low, high) = insets.densest_part(panel, points)
        self.assertTrue(0.01 < left < 0.025 and 0.04 < right < 0.1 and 85 < low < 90 and 92 < high < 97, (left, right, low, high))
        self.assertIsNone(insets.densest_part(panel, points[:3] + [[np.nan, 1]]))


class Layout(unittest.TestCase):
    def test_a_label_breaks_before_its_unit(self):
        page = page_of("ieee")
        self.assertEqual(panels.wrapped("accuracy, detail (% of jobs)", 26 * page.letter, page), "accuracy, detail\n(% of jobs)")
        self.assertEqual(panels.wrapped("accuracy behind the least bound (points)", 25 * page.letter, page), "accuracy behind\nthe least bound\n(points)")
        self.assertEqual(panels.wrapped("", 26 * page.letter, page), "")
        self.assertEqual(panels.wrapped("accuracy (%)", 26 * page.letter, page), "accuracy (%)")
        self.assertEqual(panels.wrapped("load (offered work / capacity)", 16 * page.letter, page), "load\n(offered work /\ncapacity)")

    def test_places_are_pushed_apart_no_further_than_needed(self):
        for wanted in ([0.5], [0.1, 0.5, 0.9], [0.5, 0.5, 0.5], [0.0, 0.0, 1.0, 1.0], [0.9, 0.91, 0.2, 0.95, 0.21], list(np.linspace(0.4, 0.45, 9))):
            placed = layout.pushed_apart(wanted, 0.1, 0.02, 0.98)
            order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
            gaps = np.diff([placed[i] for i in order])
            self.assertTrue((gaps > 0.1 - 1e-9).all(), (wanted, placed))
            self.assertTrue(all(0.02 - 1e-9 <= place <= 0.98 + 1e-9 for place in placed), (wanted, placed))
        self.assertEqual(layout.pushed_apart([0.1, 0.5, 0.9], 0.1, 0.02, 0.98), [0.1, 0.5, 0.9])
        np.testing.assert_allclose(layout.pushed_apart([0.5, 0.5], 0.1, 0, 1), [0.45, 0.55])

    def test_labels_of_ticks_stand_apart(self):
        kept = panels.spread_out([0.5, 0.8, 0.81, 1, 4], ["0.5", "0.8", "0.81", "1", "4"], 150, page_of("ieee"))
        self.assertEqual([text for _, text in kept][0::len(kept) - 1], ["0.5", "4"])
        self.assertLess(len(kept), 5)

    def test_pages_have_widths_and_letters(self):
        for venue, width in itertools.product(VENUES, WIDTHS):
            with matplotlib.rc_context(page_of(venue, width).settings()):
                self.assertEqual(matplotlib.rcParams["pdf.fonttype"], 42)
        self.assertEqual(page_of("usenix").text, 10)

    def test_a_figure_fills_its_column_and_is_no_wider(self):  # \columnwidth and \textwidth in TeX's points
        points = {"ieee": (252, 516), "acm": (241.14749, 506.295), "usenix": (3.335 * 72.27, 7 * 72.27)}
        for venue, widths in points.items():
            for width, room in zip(WIDTHS, widths):
                spare = room - 72.27 * page_of(venue, width).width
                self.assertTrue(-1e-9 <= spare < 0.1, (venue, width, spare))


@unittest.skipUnless(LAXITY, "no executable")
class Drawn(unittest.TestCase):
    """Figures of a sweep, looked at as a reader would: what covers what."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        command = [LAXITY, "sweep", "--workload", ROOT / "workloads/scenarios/mixed.json", "--axis", "/tasks/0/arrival/load=0.3,0.6,0.9,1.2",
                   "--seeds", "3", "--jobs", "400", "--out", cls.folder.name]
        names = ["fifo", "rr", "sjf", "edf", "edf:skip=true", "llf", "lcf", "dm", "rtdeepiot", "zygarde", "toll", "random"]
        subprocess.run(command + [word for name in names for word in ("--policy", name)], capture_output=True, check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def drawing(self, *arguments, kind=lines):
        asked = words("--laxity", str(LAXITY), *arguments)
        asked.results = Path(self.folder.name)
        with matplotlib.rc_context(asked.page.settings()):
            drawing = next(iter(kind.draw(asked, Source("sweep", asked.results))))
            drawing.figure.draw_without_rendering()
        return drawing

    def boxes(self, figure):
        renderer = figure.canvas.get_renderer()
        texts = [text for panel in figure.axes for text in panel.texts] + figure.texts
        return [text.get_window_extent(renderer) for text in texts if text.get_text()]

    def test_an_inset_shows_what_is_asked_for(self):
        for kind, zoom in ((lines, "0.5:1,60:80"), (pareto, "1:9,60:80")):
            drawing = self.drawing("--zoom", zoom, kind=kind)
            inset, = drawing.figure.axes[0].child_axes
            self.assertEqual(f"{inset.get_xlim()[0]:g}:{inset.get_xlim()[1]:g},{inset.get_ylim()[0]:g}:{inset.get_ylim()[1]:g}", zoom)
            self.assertIn(f"inset: x {zoom.replace(':', ' to ').replace(',', ', y ')}", drawing.facts)
        self.assertEqual(len(self.drawing("--zoom", kind=pareto).figure.axes[0].child_axes), 1)

    def test_the_ranks_of_a_heat_map_are_those_that_are_written(self):
        drawing = self.drawing("--cells", "rank", kind=heatmap)
        written = [text.get_text() for text in drawing.figure.axes[0].texts]
        self.assertEqual(written, [f"{rank:.0f}" for rank in drawing.numbers["rank"]])
        self.assertEqual(set(drawing.numbers["rank"][drawing.numbers["cannot be told from the best"]]), {1.0})

    def test_a_legend_covers_no_panel(self):
        for venue in VENUES:
            figure = self.drawing("--style", venue, "--top", "7", "--y", "accuracy,miss_ratio,mean_depth").figure
            for legend, panel in itertools.product(figure.legends, figure.axes):
                extent = legend.get_window_extent()
                self.assertFalse(extent.overlaps(panel.get_window_extent()), venue)
                self.assertGreaterEqual(extent.x0, -1, venue)

    def test_names_at_line_ends_overlap_nothing_and_stay_on_the_page(self):
        figure = self.drawing("--policies", "edf", "lcf", "rr", "rtdeepiot", "zygarde", "toll").figure
        self.assertEqual(figure.legends, [])
        boxes = self.boxes(figure)
        self.assertGreaterEqual(len(boxes), 12)
        for a, b in itertools.combinations(boxes, 2):
            self.assertFalse(a.shrunk(0.98, 0.8).overlaps(b.shrunk(0.98, 0.8)))
        for box in boxes:
            self.assertLessEqual(box.x1, figure.bbox.x1 + 1)

    def test_the_numbers_are_those_of_the_report(self):
        drawing = self.drawing("--policies", "toll", "edf", "--y", "accuracy", "--where", "load=0.3,1.2")
        table = subprocess.run([LAXITY, "report", self.folder.name, "--format", "csv", "--metric", "accuracy"], capture_output=True,
                               text=True, check=True)
        report = pd.read_csv(io.StringIO(table.stdout))
        report = report[(report["scope"] == "point") & report["policy"].isin(["toll", "edf"]) & report["load"].isin([0.3, 1.2])]
        expected = {(row["policy"], row["load"]): (100 * row["mean"], 100 * row["low"], 100 * row["high"]) for _, row in report.iterrows()}
        found = {(row["line"], row["load"]): (row["value"], row["low"], row["high"]) for _, row in drawing.numbers.iterrows()}
        self.assertEqual(set(found), set(expected))
        for key in expected:
            np.testing.assert_allclose(found[key], expected[key])
        self.assertEqual(list(dict.fromkeys(drawing.numbers["line"])), ["toll", "edf"])

    def test_a_policy_looks_the_same_alone_and_among_others(self):
        looks = []
        for patterns in (["toll"], ["edf", "toll"], ["*"]):
            figure = self.drawing("--policies", *patterns, "--y", "accuracy").figure
            colour = styles.style_of("toll").colour
            mine = [line for line in figure.axes[0].lines if line.get_color() == colour and line.get_marker() not in ("", "None")]
            looks.append({(line.get_color(), line.get_marker()) for line in mine})
        self.assertEqual(looks, [{(styles.style_of("toll").colour, styles.style_of("toll").marker)}] * 3)

    def test_words_that_name_nothing(self):
        for arguments, expected in ((["--y", "acuracy"], 'found "acuracy"; there is accuracy'), (["--x", "lod"], 'found "lod"; there is load'),
                                    (["--where", "load=7"], "there is 0.3, 0.6, 0.9, 1.2"), (["--policies", "x"], "--policies: expected"),
                                    (["--baseline", "x"], "--baseline: expected"), (["--hue", "load", "--x", "load"], "three different axes")):
            with self.assertRaisesRegex(Problem, expected):
                self.drawing(*arguments)


class Facts(unittest.TestCase):
    def test_traces_are_told_from_workloads_wherever_they_are(self):
        workload = {"tasks": [{"variants": [{"trace": "../traces/a.json"}, {"synthetic": {}}]}]}
        axes = [{"name": "network", "set": ["/tasks/0/variants/0/trace"], "values": ["b.json"]}, {"name": "word", "set": ["/x"], "values": ["w.json"]}]
        inputs = [{"path": f"{folder}/{name}.json", "sha256": 64 * "0"} for folder in ("..", "/x/workloads", "workloads") for name in "abw"]
        manifest = {"configuration": {"workload_path": "../w.json", "workload": workload, "axes": axes}, "inputs": inputs}
        self.assertEqual([line.split(",")[0] for line in facts.trace_lines(manifest)], ["trace: a.json", "trace: b.json"] * 3)
        self.assertRegex(facts.trace_lines(manifest)[0], "^trace: a.json, SHA-256 0{16}$")


class BarMarks(unittest.TestCase):
    def test_dashes_and_hatches_go_together(self):  # so that what holds of lines in grey holds of bars
        self.assertEqual(set(bars.HATCHES), set(styles.DASHES))
        self.assertEqual(len({hatch[:1] for hatch in bars.HATCHES.values()}), len(styles.DASHES))

    def pixels(self, value):
        """How many pixels a bar of this value colours, in a panel from 0 to 100."""
        red, page = selection.Series("edf", "edf", styles.Style("#FF0000", "solid", "o")), page_of("ieee")
        figure, grid = panels.new_figure(page)
        view = selection.View(None, "set", ["a", "b"], [red], "", [""], {}, None)
        table = pd.DataFrame({"x": ["a"], "value": [value], "low": [np.nan], "high": [np.nan]})
        bars.draw_bars_of(grid[0][0], view, red, table, 0.0, 0.8, page)
        grid[0][0].set(xlim=(-0.5, 1.5), ylim=(0, 100))
        figure.canvas.draw()
        drawn = np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)
        return int(((drawn[..., 0] > 240) & (drawn[..., 1] < 60) & (drawn[..., 2] < 60)).sum())

    def test_zero_is_seen_and_no_value_is_not(self):
        self.assertEqual(self.pixels(float("nan")), 0)
        self.assertGreater(self.pixels(0.0), 100)
        self.assertGreater(self.pixels(50.0), 20 * self.pixels(0.0))


@unittest.skipUnless(LAXITY, "no executable")
class Bars(unittest.TestCase):
    """Bars of a sweep over words."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        subprocess.run([LAXITY, "sweep", "--workload", ROOT / "workloads/scenarios/mixed.json", "--axis", "set:/tasks/1/name=left,right",
                        "--axis", "/tasks/0/arrival/load=0.3,0.9,1.2", "--seeds", "3", "--jobs", "400", "--out", cls.folder.name,
                        *(word for name in ("edf", "lcf", "toll") for word in ("--policy", name))], capture_output=True, check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def drawings(self, kind, *arguments):
        asked = words("--laxity", str(LAXITY), *arguments)
        asked.results = Path(self.folder.name)
        with matplotlib.rc_context(asked.page.settings()):
            found = list(kind.draw(asked, Source("sweep", asked.results)))
            for drawing in found:
                drawing.figure.draw_without_rendering()
        return found

    def test_words_make_bars_and_numbers_make_lines(self):
        for along, drawn in (("set", (3, 0)), ("load", (0, 2))):  # a figure per value of the other axis
            self.assertEqual((len(self.drawings(bars, "--x", along)), len(self.drawings(lines, "--x", along))), drawn, along)
        self.assertEqual(len(self.drawings(lines, "--x", "set", "--kind", "lines")), 3)
        self.assertEqual(len(self.drawings(bars, "--x", "load", "--kind", "bars")), 2)
        self.assertEqual((len(self.drawings(bars, "--x", "set", "--logy")), len(self.drawings(lines, "--x", "set", "--logy"))), (0, 3))
        with self.assertRaisesRegex(Problem, "^--kind bars: expected an axis from zero"):
            self.drawings(bars, "--kind", "bars", "--logy")

    def test_a_bar_is_as_long_as_its_value_and_stands_in_its_group(self):
        for along in ("set", "load"):
            drawing = self.drawings(bars, "--kind", "bars", "--x", along, "--y", "accuracy", "--policies", "toll", "edf", "lcf")[0]
            panel, numbers = drawing.figure.axes[0], drawing.numbers
            groups = list(dict.fromkeys(numbers[along]))
            found = {(round(bar.get_x() + bar.get_width() / 2), bar.get_facecolor()): bar.get_height() for bar in panel.patches}
            wanted = {(groups.index(row[along]), matplotlib.colors.to_rgba(styles.style_of(row["line"]).colour)): row["value"]
                      for _, row in numbers.iterrows()}
            self.assertEqual(found, wanted)
            self.assertEqual(panel.get_ylim()[0], 0)
            edges = sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in panel.patches)
            self.assertTrue(all(right < left for (_, right), (left, _) in zip(edges, edges[1:])), edges)

    def test_the_legend_is_above_and_in_the_order_of_the_bars(self):
        figure = self.drawings(bars, "--x", "set", "--policies", "toll", "edf", "lcf")[0].figure
        legend = figure.legends[0]
        self.assertEqual([text.get_text() for text in legend.get_texts()], ["toll", "edf", "lcf"])
        for panel in figure.axes:
            self.assertFalse(legend.get_window_extent().overlaps(panel.get_window_extent()))


@unittest.skipUnless(LAXITY, "no executable")
class OfParameters(unittest.TestCase):
    """Figures along a parameter that only one of the policies has."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        subprocess.run([LAXITY, "sweep", "--workload", ROOT / "workloads/scenarios/mixed.json", "--axis", "/tasks/0/arrival/load=0.9,1.5",
                        "--axis", "rtdeepiot/delta=0.05,0.2", "--seeds", "3", "--jobs", "400", "--out", cls.folder.name,
                        *(word for name in ("edf", "toll", "rtdeepiot") for word in ("--policy", name))], capture_output=True, check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def drawing(self, kind, *arguments):
        asked = words("--laxity", str(LAXITY), *arguments)
        asked.results = Path(self.folder.name)
        with matplotlib.rc_context(asked.page.settings()):
            drawing = next(iter(BY_NAME[kind].draw(asked, Source("sweep", asked.results))))
            drawing.figure.draw_without_rendering()
        return drawing

    def test_a_heat_map_has_a_number_in_every_cell(self):
        drawing = self.drawing("heatmap", "--x", "delta")
        self.assertEqual(sum(bool(text.get_text()) for text in drawing.figure.axes[0].texts), 6)
        self.assertEqual(len(drawing.numbers.dropna()), 6)
        edf = drawing.numbers[drawing.numbers["line"] == "edf"]
        self.assertEqual(edf.iloc[:, 2].nunique(), 1)
        self.assertNotIn("lack of seeds", " ".join(drawing.facts))
        self.assertIn("the same in all columns, for they have no delta: edf, toll", drawing.facts)

    def test_no_panel_of_exits_is_empty(self):
        drawing = self.drawing("exits", "--x", "delta")
        shown = [panel for panel in drawing.figure.axes if panel.get_visible()]
        self.assertEqual(len(shown), 3)
        for panel in shown:
            self.assertGreater(max(path.vertices[:, 1].max() for area in panel.collections for path in area.get_paths()), 99)
            self.assertEqual({value for area in panel.collections for path in area.get_paths() for value in path.vertices[:, 0]}, {0.05, 0.2})
        self.assertIn("the same all along, for they have no delta: edf, toll", drawing.facts)

    def test_policies_without_the_parameter_that_is_the_colour_are_told(self):
        said = "toll: left out, for want of delta, which is the colour"
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            drawing = self.drawing("lines", "--hue", "delta", "--policies", "rtdeepiot*", "toll")
        self.assertIn(said, drawing.facts)
        self.assertEqual(errors.getvalue().count(said), 1)
        self.assertNotIn("left out", " ".join(self.drawing("lines", "--hue", "delta", "--policies", "rtdeepiot*").facts))

    def test_the_baseline_is_no_gap_among_its_differences(self):
        for arguments in (["--hue", "delta"], ["--x", "delta"]):
            with contextlib.redirect_stderr(io.StringIO()) as errors:
                drawing = self.drawing("difference", "--baseline", "rtdeepiot:delta=0.05", *arguments)
            self.assertNotIn("a gap", errors.getvalue())
            self.assertTrue(drawing.numbers["value"].notna().any())

    def test_the_legend_of_responses_names_what_is_drawn(self):
        path = Path(self.folder.name) / "responses.csv"
        kept = path.read_text()
        named = lambda drawing: {text.get_text() for text in drawing.figure.legends[0].get_texts()}
        try:
            for edit, expected in ((lambda line: line, {"edf", "toll", "rtdeepiot"}),
                                   (lambda line: line if ",edf," not in line else line.rsplit(",", 1)[0] + ",", {"toll", "rtdeepiot"})):
                path.write_text("".join(edit(line) + "\n" for line in kept.splitlines()))
                drawing = self.drawing("ccdf", "--x", "delta")
                self.assertEqual(named(drawing), expected)
                self.assertEqual(set(drawing.numbers["line"]), expected)
                self.assertEqual(drawing.numbers.groupby("line")["delta"].nunique().unique().tolist(), [2])
        finally:
            path.write_text(kept)


if __name__ == "__main__":
    unittest.main()
