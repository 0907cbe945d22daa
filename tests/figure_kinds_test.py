#!/usr/bin/python3
"""What the figures of distributions, task sets, capacities, plans, recorded runs and comparisons say, on data whose answer is
known by hand. Exit code 77 (skipped) without matplotlib and pandas."""

import sys
import tempfile
import unittest
import warnings
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

import page_pictures
from laxity_figures import distributions, histograms, proportions, recordings
from laxity_figures.comparisons import metric_of, point_values
from laxity_figures.kinds import BY_NAME, agreement, breakdown, budget, capacity, decisions, plan, responses
from laxity_figures.problem import Problem
from laxity_figures.request import Request, parser, request_of
from laxity_figures.selection import Series
from laxity_figures.sources import Source
from laxity_figures.styles import Style

RED = Series("edf", "edf", Style("#FF0000", "solid", "o"))


class Histograms(unittest.TestCase):
    def test_the_example_of_the_format(self):
        found = histograms.parse("3:1025:1038|3;2*2;1019", "there")
        self.assertEqual((list(found.buckets), list(found.counts), found.count), ([3, 5, 1024], [1, 2, 1], 4))
        self.assertEqual([found.quantile(q) for q in (0, 0.25, 0.5, 0.75, 0.76, 1)], [3, 3, 5, 5, 1025, 1025])
        self.assertIsNone(histograms.parse("", "there"))

    def test_what_is_none_is_refused_by_place(self):
        for text in ("x", "3:4|3", "3:1025:1038|3;2*2;1018", "3:9:1|3;-1;7", "3:5:8|3*0;2", "5:3:8|5;-2", "3:5:8|"):
            with self.subTest(text), self.assertRaisesRegex(Problem, "^runs.csv: row 7: expected a histogram"):
                histograms.parse(text, "runs.csv: row 7")

    def test_a_bucket_is_read_as_its_middle_to_a_thousandth(self):
        for time in [0, 1, 1023, 1024, 1025, 2047, 2048, 123456789, 2**40 + 7]:
            read = int(histograms.middles(np.array([histograms.bucket_of(time)]))[0])
            self.assertLessEqual(abs(read - time), time / 1024, time)

    def test_pooling_is_counting_all(self):
        a, b = [5, 5, 3000, 10**6], [7, 3000, 2 * 10**6]
        pooled, whole = histograms.pooled([histograms.of_times(a), None, histograms.of_times(b)]), histograms.of_times(a + b)
        self.assertEqual((list(pooled.buckets), list(pooled.counts), pooled.low, pooled.high),
                         (list(whole.buckets), list(whole.counts), whole.low, whole.high))
        self.assertIsNone(histograms.pooled([None]))


class Distributions(unittest.TestCase):
    """Five jobs, one of which missed: 1, 2, 2 and 4 ns."""

    def setUp(self):
        self.found = distributions.Distribution(RED, "", histograms.of_times([1, 2, 2, 4]), 5)

    def test_all_released_jobs_count(self):
        times, answered = self.found.curve(tail=False)
        self.assertEqual(([round(1e6 * time) for time in times], list(answered.round(9))), ([1, 2, 4], [20, 60, 80]))
        self.assertEqual(list(self.found.curve(tail=True)[1].round(9)), [80, 40, 20])
        self.assertAlmostEqual(self.found.never, 20)

    def test_quantiles_are_of_the_answered_jobs(self):
        times, shares = self.found.marks(tail=False)
        self.assertEqual(([round(1e6 * time) for time in times], list(shares.round(9))), ([2, 4, 4], [60, 80, 80]))

    def test_points_that_cannot_be_told_apart_are_not_drawn(self):
        x = np.array([0, 0.001, 0.002, 0.01, 0.0101])
        self.assertEqual(distributions.seen(x, 0 * x), [0, 3, 4])

    def test_a_deadline_is_marked_where_all_tasks_have_it(self):
        tasks = lambda *deadlines: {"tasks": [{"deadline": deadline} for deadline in deadlines]}
        fixed = lambda value, unit: {"fixed": value, "unit": unit}
        self.assertEqual(responses.fixed_deadline(tasks(fixed(25, "ms"), fixed(0.025, "s"))), 25)
        self.assertIsNone(responses.fixed_deadline(tasks(fixed(25, "ms"), fixed(10, "ms"))))
        self.assertIsNone(responses.fixed_deadline(tasks(fixed(3, "full"))))
        self.assertIsNone(responses.fixed_deadline(tasks({"uniform": [1, 2], "unit": "ms"})))


class Proportions(unittest.TestCase):
    def test_the_textbook_intervals(self):  # Clopper and Pearson, 95 %
        for (k, n), (low, high) in {(0, 10): (0, 0.3085), (5, 10): (0.1871, 0.8129), (10, 10): (0.6915, 1), (1, 20): (0.0013, 0.2487)}.items():
            found = proportions.interval(k, n)
            self.assertAlmostEqual(found[0], low, 4)
            self.assertAlmostEqual(found[1], high, 4)
        self.assertEqual(proportions.interval(0, 0), (0.0, 1.0))


class Breakdown(unittest.TestCase):
    def rows(self, *accepted):
        return pd.DataFrame({"x": np.arange(len(accepted)) / 10, "accepted": accepted})

    def test_what_is_accepted_again_further_up_does_not_count(self):
        self.assertEqual(breakdown.breakdown_of(self.rows(1, 1, 0, 1)), 0.1)
        self.assertEqual(breakdown.breakdown_of(self.rows(0, 1, 1)), -np.inf)
        self.assertEqual(breakdown.breakdown_of(self.rows(1, 1, 1).iloc[::-1]), 0.2)

    def test_sets_beyond_the_axis_count_for_the_quantiles(self):
        row = breakdown.row_of(np.array([-np.inf, -np.inf, 0.5, 0.9, 0.9]), 0.1, 0.9)
        self.assertEqual((row["q25"], row["q50"], row["q95"], row["below"], row["above"], row["sets"]), (-np.inf, 0.5, 0.9, 2, 2, 5))


class InFolder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)

    def write(self, name, text):
        (self.path / name).write_text(text)

    def drawn(self, kind, type_, *words):
        """The figures of a kind. What a library has to say fails the test: a layout without room for a panel, for one."""
        asked = request_of(parser("").parse_args([str(self.path), *words]))
        with warnings.catch_warnings(), matplotlib.rc_context(asked.page.settings()):
            warnings.simplefilter("error")
            drawings = list(BY_NAME[kind].draw(asked, self.source(type_)))
            for drawing in drawings:
                drawing.figure.draw_without_rendering()
        return drawings

    def source(self, type_):
        return Source(type_, self.path)


class Capacities(InFolder):
    HEAD = "policy,n,mean,low,high,difference,difference_low,difference_high,below,above,again\n"

    def read(self, rows, seeds, axes=""):
        self.write("manifest.json", '{"schema": "laxity.manifest/2", "configuration": {"along": {"target": "load", "low": 0.5, "high": 2}, "axes": '
                   '[{"name": "delta", "policy": "rtdeepiot", "parameter": "delta"}], "requirements": [{"measure": "miss_ratio", "at_most": 0.01}, {"measure": "accuracy", "at_least": 0.9}]}}')
        self.write("capacity.csv", axes + self.HEAD + rows)
        self.write("capacity-seeds.csv", axes + "policy,seed,capacity,below,above,again\n" + seeds)
        return capacity.Capacities(self.source("capacity"), Request(self.path, []))

    def test_seeds_beyond_the_range_count_at_its_ends(self):
        found = self.read("edf,3,1,0.9,1.1,,,,0,0,0\nlcf,3,,,,,,,1,2,0\n", "edf,1,1,0,0,0\nlcf,1,,1,0,0\nlcf,2,,0,1,0\nlcf,3,,0,1,0\n")
        self.assertEqual((found.middle("edf", ()), found.middle("lcf", ())), (1.0, np.inf))
        row = found.rows[found.rows["policy"] == "lcf"].iloc[0]
        self.assertEqual(capacity.beyond(row, found), "1 of 3 < 0.5, 2 of 3 > 2")
        self.assertEqual(capacity.order_of(found), ["lcf", "edf"])
        self.assertEqual(found.bounded(), "miss ratio \u2264 1 %, accuracy \u2265 90 %")

    def test_a_parameter_goes_into_the_name(self):
        found = self.read(",edf,3,1,0.9,1.1,,,,0,0,0\n0.1,rtdeepiot,3,1.5,1.4,1.6,0.5,0.4,0.6,0,0,0\n", ",edf,1,1,0,0,0\n0.1,rtdeepiot,1,1.5,0,0,0\n", "delta,")
        self.assertEqual((list(found.rows["policy"]), found.points), (["edf", "rtdeepiot:delta=0.1"], [()]))

    def test_a_number_that_is_none_is_refused_by_row(self):
        with self.assertRaisesRegex(Problem, 'capacity.csv: row 2: expected a number in "mean", found "much"'):
            self.read("edf,3,much,0.9,1.1,,,,0,0,0\n", "edf,1,1,0,0,0\n")

    def test_intervals_are_written_with_two_figures(self):
        self.assertEqual(capacity.plus_minus(0.43789, 0.45567), "0.438 \u00b1 0.018")
        self.assertEqual(capacity.plus_minus(4.9489, 5.9485, signed=True), "+4.95 \u00b1 1.00")
        self.assertEqual(capacity.plus_minus(float("nan"), float("nan")), "")


class Plans(InFolder):
    def test_the_front_and_what_is_too_large_are_marked(self):
        tried = pd.DataFrame({"loss": [0.1, 0.0, 0.05], "violation": [0, 0.5, 0.2], "worst_miss_ratio": [0.01, 0.5, 0.2],
                              "storage_bytes": [2e6, 9e6, 3e6], "feasible": [1, 0, 0]})
        found = plan.numbers_of(tried, tried.iloc[[2, 0]], 5.0)
        self.assertEqual((list(found["fits storage"]), list(found["on the front"]), list(found["chosen"])), ([1, 0, 1], [1, 0, 1], [1, 0, 0]))

    def test_a_plan_that_is_none_is_refused(self):
        self.write("plan.json", '{"miss_bound": 0.1}')
        with self.assertRaisesRegex(Problem, "plan.json: .*run `laxity plan` again"):
            plan.read_plan(self.path / "plan.json")
        self.write("plan.json", '{"miss_bound": 0.1, "policy": "rtmdl:storage_mb=3"}')
        self.assertEqual(plan.read_plan(self.path / "plan.json"), (0.1, 3.0))


class Recordings(InFolder):
    """Three jobs of one task, in ms: 0 to 4 answered at 3; 1 to 5 missed; 6 to 9, whose stage runs on to 12."""

    def setUp(self):
        super().setUp()
        ns = lambda *values: ",".join(str(int(value * 1e6)) if value is not None else "" for value in values)
        self.write("jobs.csv", "task,job,release_ns,deadline_ns,start_ns,exit_ns,left_ns,variant,depth,prediction,correct,missed\n"
                   f"a,0,{ns(0, 4, 1, 3, 3)},0,1,1,1,0\na,1,{ns(1, 5, None, None, 5)},0,0,,0,1\na,2,{ns(6, 9, 6, None, 9)},0,0,,0,1\n")
        self.write("stages.csv", "task,job,stage,resource,lane,start_ns,end_ns,counted_until_ns\n"
                   f"a,0,0,accelerator,0,{ns(1, 3, 3)}\na,2,0,accelerator,0,{ns(6, 12, 9)}\n")
        self.run_ = recordings.Recording(self.path)

    def test_jobs_in_the_system(self):
        times, counts = self.run_.active(recordings.Span(0.0, 12.0))
        self.assertEqual((list(times.round(6)), list(counts)), ([0, 1, 3, 5, 6, 9, 12], [1, 2, 1, 0, 1, 0, 0]))

    def test_a_row_is_free_when_nothing_is_left_to_draw(self):
        rows, after = recordings.packed(self.run_.jobs, 10)
        self.assertEqual((rows, after), ({("a", 0): 10, ("a", 1): 11, ("a", 2): 10}, 12))
        self.run_.jobs.loc[0, "over"] = 7.0
        self.run_.jobs.loc[1, "over"] = 7.0
        self.assertEqual(recordings.packed(self.run_.jobs, 10)[0][("a", 2)], 12)

    def test_the_moment_is_the_one_asked_for(self):
        whole, moment = recordings.spans(self.run_, 2.0, 5.0)
        self.assertEqual((whole, moment), (recordings.Span(0.0, 12.0), recordings.Span(2.0, 5.0)))
        self.assertEqual(len(self.run_.misses_within(moment)), 0)  # up to its end, which the next one has
        self.assertEqual(len(self.run_.misses_within(recordings.Span(2.0, 5.1))), 1)
        for start, end in ((5.0, 4.0), (12.0, None), (None, 0.0)):
            with self.subTest((start, end)), self.assertRaisesRegex(Problem, "--from, --to: expected FROM < TO within the run's 12 ms"):
                recordings.spans(self.run_, start, end)

    def test_a_run_without_a_time_is_refused(self):
        self.write("stages.csv", "task,job,stage,resource,lane,start_ns,end_ns,counted_until_ns\na,0,0,accelerator,0,,3,3\n")
        with self.assertRaisesRegex(Problem, 'stages.csv: row 2: expected a number in "start_ns"'):
            recordings.Recording(self.path)


class FewJobs(InFolder):
    """A run of one job, from 1 to 4 ms."""

    JOBS = "task,job,release_ns,deadline_ns,start_ns,exit_ns,left_ns,variant,depth,prediction,correct,missed\n"
    STAGES = "task,job,stage,resource,lane,start_ns,end_ns,counted_until_ns\n"

    def setUp(self):
        super().setUp()
        self.write("jobs.csv", self.JOBS + "a,0,1000000,4000000,1000000,2000000,2000000,0,1,1,1,0\n")
        self.write("stages.csv", self.STAGES + "a,0,0,accelerator,0,1000000,2000000,2000000\n")

    def test_every_panel_has_room(self):
        for kind in ("timeline", "cdf", "ccdf"):
            drawing, = self.drawn(kind, "run")
            for panel in drawing.figure.axes:
                box = panel.get_tightbbox(drawing.figure.canvas.get_renderer())
                self.assertTrue(drawing.figure.bbox.padded(1).containsx(box.x0) and drawing.figure.bbox.padded(1).containsx(box.x1), kind)

    def test_the_deadline_is_in_the_picture(self):
        self.assertGreater(self.drawn("cdf", "run")[0].figure.axes[0].get_xlim()[1], 3.0)
        self.assertLess(self.drawn("cdf", "run", "--xlim", ":2")[0].figure.axes[0].get_xlim()[1], 3.0)

    def test_a_job_that_was_never_run_is_drawn(self):
        self.write("jobs.csv", self.JOBS + "a,0,1000000,4000000,,,4000000,0,0,,0,1\n")
        self.write("stages.csv", self.STAGES)
        drawing, = self.drawn("timeline", "run")
        self.assertEqual(list(drawing.numbers["missed"]), [1])
        self.assertIn("1 job, 1 missed in 4 ms; all of it below", drawing.figure.axes[0].get_title())

    def test_a_run_that_lost_its_stages_is_refused(self):
        self.write("stages.csv", self.STAGES)
        with self.assertRaisesRegex(Problem, "stages.csv: expected the stages of the jobs that were run, found only the header"):
            self.drawn("timeline", "run")


class Surprise(InFolder):
    def test_the_moment_of_the_gallery_is_around_the_stage_that_took_longest_beyond_its_plan(self):
        self.write("stages.csv", "start_ns,end_ns,planned_ns\n0,500,400\n1000,1400,50\n2000,2900,880\n")
        self.assertEqual(page_pictures.surprise(self.path, 300, 900), "900-2100")
        self.assertEqual(page_pictures.surprise(self.path, 3000, 900), "0-2100")


class Comparisons(InFolder):
    def compared(self, *points, policies=("edf",)):
        rows = [f"{point},{policy},{metric},{unit},{value},{value},0,0.01" for point in points for policy in policies
                for metric, unit, value in (("accuracy", "1", 0.9), ("miss_ratio", "1", 0), ("response_p50", "ms", 2))]
        self.write("validation.csv", "\n".join(["point,policy,metric,unit,simulated,live,difference,ci95", *rows]) + "\n")
        return [self.drawn(kind, "validation")[0] for kind in ("validation", "agreement")]

    def test_one_point_stands_in_the_middle(self):
        for point, place in (("/tasks/0/arrival/load=0.4", 0.4), ("", 0.0)):
            low, high = self.compared(point)[0].figure.axes[0].get_xlim()
            self.assertAlmostEqual((low + high) / 2, place)

    def test_words_are_not_joined(self):
        panel = self.compared('/x="a.json"', '/x="b.json"')[0].figure.axes[0]
        self.assertEqual([panel.xaxis.get_major_formatter()(place) for place in panel.get_xticks()], ["a", "b"])
        self.assertEqual({line.get_linestyle() for line in panel.lines}, {"None"})

    def test_of_many_policies_most_are_grey(self):
        policies = ["edf", "lcf", "rr", "fifo", "sjf", "toll", "gittins", "density", "dm", "rm"]
        for drawing in self.compared(*(f"/x={x}" for x in range(30)), policies=policies):
            self.assertEqual(len(drawing.numbers), 30 * len(policies) * 3)
            texts = [text.get_text() for legend in drawing.figure.legends for text in legend.get_texts()]
            self.assertIn("3 others", texts)


class Margins(InFolder):
    """Files of repetitions: intervals need not be symmetric, and the margins were stated before."""

    def compared(self, *rows):
        header = "point,policy,metric,unit,simulated,live,difference,ci95,low,high,margin,verdict"
        self.write("validation.csv", "\n".join([header, *rows]) + "\n")
        return [self.drawn(kind, "validation")[0].numbers for kind in ("validation", "agreement")]

    def test_intervals_and_margins_are_drawn_as_the_file_says(self):
        rows = ("/x=1,edf,accuracy,1,0.9,0.901,0.001,0.002,-0.0005,0.0035,0.003,cannot tell",
                "/x=2,edf,accuracy,1,0.8,0.801,0.001,0.002,-0.0005,0.0025,0.003,equal", "/x=3,edf,accuracy,1,0.7,,,,,,0.003,")
        validation, agreed = self.compared(*rows)
        self.assertEqual(validation[["its low end", "its high end", "margin"]].round(9).iloc[0].tolist(), [-0.05, 0.35, 0.3])
        self.assertEqual(agreed["equivalent"].fillna(-1).tolist(), [0, 1, -1])

    def test_a_band_that_is_asked_for_takes_the_place_of_the_margins(self):
        self.compared("/x=1,edf,accuracy,1,0.9,0.901,0.001,0.002,-0.0005,0.0035,0.003,cannot tell")
        self.assertEqual(self.drawn("agreement", "validation", "--band", "0.005")[0].numbers["equivalent"].tolist(), [1])

    def test_margins_in_proportion_grow_with_what_is_simulated(self):
        rows = pd.DataFrame({"margin": [0.02, 0.04], "simulated": [1.0, 2.0]})
        np.testing.assert_allclose(agreement.stated_band(rows, [1.5, -3]), [0.03, 0.06])
        np.testing.assert_allclose(agreement.stated_band(rows.assign(margin=0.3), [1.5, -3]), [0.3, 0.3])


class Budgets(InFolder):
    HEADER = "point,policy,metric,part,value,low,high"

    def budget(self, *rows):
        self.write("budget.csv", "\n".join([self.HEADER, *rows]) + "\n")
        return self.drawn("budget", "budget")[0]

    def test_the_marker_is_the_difference_with_its_interval_and_the_parts_are_in_points(self):
        drawing = self.budget("/x=1,edf,accuracy,rest,-0.001,,", "/x=1,edf,accuracy,stage times,0.003,0.002,0.004",
                              "/x=1,edf,accuracy,difference,0.002,0.001,0.0035")
        row = drawing.numbers.iloc[0]
        found = row[["stage times", "rest", "live - simulated", "its low end", "its high end"]].astype(float).round(9).tolist()
        self.assertEqual(found, [0.3, -0.1, 0.2, 0.1, 0.35])
        self.assertEqual(row["metric"], "accuracy (points)")

    def test_without_the_whole_the_marker_is_the_sum_of_the_parts(self):
        drawing = self.budget("/x=1,edf,response_p50,idle,0.25,,", "/x=1,edf,response_p50,path,-0.05,,", "/x=1,lcf,response_p50,path,0.5,,")
        self.assertEqual(drawing.numbers["live - simulated"].round(9).tolist(), [0.2, 0.5])
        self.assertEqual(drawing.numbers["idle"].fillna(-1).tolist(), [0.25, -1])

    def test_parts_stack_away_from_zero_by_sign(self):
        panel = self.budget(*(f"/x=1,edf,accuracy,{part},{value},," for part, value in (("idle", 0.01), ("path", -0.02), ("drift", 0.03), ("odd", -0.04)))).figure.axes[0]
        spans = sorted((round(bar.get_y(), 9), round(bar.get_y() + bar.get_height(), 9)) for bar in panel.patches)
        self.assertEqual(spans, [(-2, -6), (0, -2), (0, 1), (1, 4)])

    def test_parts_have_colours_of_their_own(self):
        colours = budget.colours_of([*budget.COLOURS, "one", "two"])
        self.assertEqual(len(set(colours.values())), len(budget.COLOURS) + 2)

    def test_what_is_in_another_part_already_is_not_stacked(self):
        drawing = self.budget("/x=1,edf,accuracy,stage times,0.002,,", "/x=1,edf,accuracy,history,0.5,,", "/x=1,edf,accuracy,replayed,0.1,,", "/x=1,edf,accuracy,rest,,,")
        self.assertEqual(drawing.numbers["live - simulated"].round(9).tolist(), [0.2])
        self.assertNotIn("history", drawing.numbers.columns)
        self.assertNotIn("replayed", drawing.numbers.columns)

    def test_groups_stand_apart(self):
        places = budget.places_of(pd.DataFrame({"x": [0.4, 0.4, 0.8, 0.8, 1.2]}))
        self.assertEqual(places.tolist(), [0, 1, 3, 4, 6])

    def test_a_number_that_is_none_is_refused_by_row(self):
        with self.assertRaisesRegex(Problem, 'budget.csv: row 2: expected a number in "value", found "much"'):
            self.budget("/x=1,edf,accuracy,rest,much,,")


class Agreement(unittest.TestCase):
    def judged(self, column, simulated, difference, ci95):
        metric = metric_of(column, "ms" if column.startswith("response") else "1")
        rows = pd.DataFrame({"simulated": [simulated], "difference": [difference], "ci95": [ci95]}) * metric.scale
        return agreement.judged(metric, 0.01, rows)["equivalent"].iloc[0]

    def test_the_whole_interval_must_be_within(self):
        self.assertEqual(self.judged("accuracy", 0.9, 0.004, 0.005), 1)
        self.assertEqual(self.judged("accuracy", 0.9, 0.004, 0.007), 0)
        self.assertEqual(self.judged("accuracy", 0.9, -0.02, 0.001), 0)
        self.assertTrue(np.isnan(self.judged("accuracy", 0.9, 0.001, np.nan)))

    def test_times_are_judged_by_their_size(self):
        self.assertEqual(self.judged("response_p99", 100.0, 0.5, 0.4), 1)
        self.assertEqual(self.judged("response_p99", 1.0, 0.5, 0.4), 0)

    def test_points_are_read(self):
        self.assertEqual(point_values("/tasks/0/arrival/load=0.8,/x=a,b"), {"/tasks/0/arrival/load": 0.8, "/x": "a,b"})
        self.assertEqual(point_values(""), {})


class Decisions(unittest.TestCase):
    def test_the_dearest_are_in_colour(self):
        table = pd.DataFrame({"policy": ["edf", "a", "b", "c"], "event": "release", "active_jobs": 10, "decision_p50_ns": [40.0, 50, 60, 70]})
        found = decisions.series_of(table, "decision_p50_ns", Request(Path("."), [], top=2))
        self.assertEqual({series.label: series.emphasis for series in found}, {"edf": 0, "a": 0, "b": 1, "c": 1})


class Options(unittest.TestCase):
    def test_what_is_no_number_is_refused(self):
        for words in (["--from", "x"], ["--to", "-1"], ["--band", "0"], ["--band", "nan"], ["--from", "inf"]):
            with self.subTest(words), self.assertRaisesRegex(Problem, f"argument {words[0]}: "):
                parser("").parse_args(words)
        self.assertEqual(parser("").parse_args(["--from", "2.5", "--band", "0.02"]).start, 2.5)


if __name__ == "__main__":
    unittest.main()
