"""RTDeepIoT (Yao et al., RTCSA 2020): K clients that ask again at the reply, deadlines uniform in [D_l, D_u].

Read: abstracts and a reader's note; the axes of its figures are recalled, their values are not. Ours: cifar-ee with six
exits, D_l = 1 and D_u = 4 times the whole network, 6 clients where K is not swept. With deadlines of 2.5 network times
on average, K >= 3 is more than the accelerator can serve to full depth: "overloaded" below. All networks' numbers are
of one core of a CPU.
"""

from . import rtdeepiot_findings as find
from .claims import ABSTRACT, AGAINST_RECALLED, CODE, NOTE, OURS, RECALLED, Claim
from .figures import Figure
from .rtdeepiot_findings import OVERLOAD, SCHEDULERS

NAME, TITLE = "rtdeepiot", "RTDeepIoT (Yao et al., RTCSA 2020)"

TEN = ("reproduced if the lower end of the paired difference's 95 % interval is above 10 points at half or more "
       "of the K >= 3")

CLAIMS = [
    Claim("accuracy-over-edf",
          "Overall accuracy is 10-20 % higher [S1, S2]. Whom it is compared with, we read nowhere: here EDF",
          AGAINST_RECALLED,
          rule=TEN,
          measure=find.ten_points_over("edf"), study="rtdeepiot-clients",
          why="more than the paper's from K = 6 on: EDF goes on with jobs that can no longer end in time, so much of "
              "this is EDF's own doing; see accuracy-over-edf-skip"),
    Claim("accuracy-over-lcf",
          "The same against LCF, least confidence first",
          AGAINST_RECALLED,
          rule=TEN,
          measure=find.ten_points_over("lcf"), study="rtdeepiot-clients",
          why="LCF runs every first stage before any second. In a six-exit network whose first exit is right in 53 % "
              "of the cases after 15 % of the time that is strong, and it needs no forecast; only at K = 20, where not "
              "even the first stages fit, does it collapse. A better forecast closes most of the gap: see "
              "best-form-over-lcf"),
    Claim("accuracy-over-rr",
          "The same against RR, round robin",
          AGAINST_RECALLED,
          rule=TEN,
          measure=find.ten_points_over("rr"), study="rtdeepiot-clients",
          why="ahead at every K, but by 2 to 7 points: deadlines cut off what RR would run too deep, and each job "
              "keeps its deepest exit"),
    Claim("accuracy-over-edf-skip",
          "The same against an EDF that never starts a stage that must be late (a fairer baseline, ours)",
          OURS,
          rule=TEN,
          measure=find.ten_points_over("edf:skip=true"), study="rtdeepiot-clients"),
    Claim("no-misses",
          "Nearly no deadline is missed [S1, S2]",
          ABSTRACT,
          rule="reproduced if the upper end of the miss ratio is below 1 % at every K at which running mandatory parts "
               "alone (`edf:depth=m`) misses under 0.5 %",
          measure=find.nearly_no_misses, study="rtdeepiot-clients",
          why="1.3 % at K = 6. Single measured stages take 2 to 4 ms, longer than any deadline, and a policy that uses "
              "all the time has none to absorb them; where stages do not vary nothing is missed: see "
              "misses-by-variation"),
    Claim("misses-by-variation",
          "What is missed where all could be served is missed because stage times vary (single stages take up to 4 "
          "ms, longer than any deadline)",
          OURS,
          rule="reproduced if, with every stage at its mean time, under 0.1 % are missed at K = 6, whole interval",
          measure=find.misses_by_variation, study="rtdeepiot-replay"),
    Claim("preemption",
          "Networks can be preempted before completion (anytime inference) [S3]; ours: between stages",
          ABSTRACT,
          rule="reproduced if jobs are preempted at every K >= 2",
          measure=find.preempted, study="rtdeepiot-clients"),
    Claim("edf-order",
          "Stages are sent to the GPU in EDF order [S4]",
          NOTE,
          why="a rule of the method, not a result: `rtdeepiot` follows it, so nothing here could contradict it"),
    Claim("utility",
          "Optional stages of high confidence utility are preferred among those that keep deadlines [S4]",
          NOTE,
          rule="reproduced if the confidence of each input (`exp`) buys accuracy over a forecast that ignores it "
               "(`mean`), lower end > 0, at every K >= 3",
          measure=find.utility_aware, study="rtdeepiot-predictors",
          why="`exp` halves the remaining uncertainty with every stage, whatever the network; our exits 3 to 5 gain "
              "0.9 points in all, so that it buys stages that bring nothing. A forecast of the mean that knows the "
              "exits is better here, and one that knows both is best (`conditional`)"),
    Claim("depth-assignment",
          "The depths that are assigned maximise the sum of rewards, every finish time within its deadline [S4]",
          NOTE,
          rule="reproduced if the policy collects the optimum within 0.005 (five jobs x delta 0.001) on every random "
               "instance",
          measure=find.optimum_at_fine_quantum),
    Claim("quantum-loss",
          "Rewards are counted in quanta of delta (0.01; 0.2, 0.1 and 0.01 are compared) [S7]; our own earlier "
          "check: mean loss 3.67, 0.91, 0.21 and 0.009 % for delta 0.2, 0.1, 0.05 and 0.01",
          CODE,
          rule="reproduced if every loss lies between 0 and jobs x delta, the mean loss falls with delta, and is within "
               "a factor of two of the earlier check (full size only)",
          measure=find.quantum_losses),
    Claim("accuracy-against-k",
          "Accuracy against K: falls as clients are added (the figure is recalled, the direction is our reading)",
          RECALLED,
          rule="reproduced if accuracy falls over any two steps of K, intervals apart",
          measure=find.falls_with_clients, study="rtdeepiot-clients"),
    Claim("leads-at-every-k",
          "Accuracy against K: above EDF, LCF and RR (our reading of what the figure shows)",
          RECALLED,
          rule="reproduced if the lower end of each paired difference is > 0 at every K >= 3",
          measure=find.leads_at_every("rtdeepiot-clients", "clients", OVERLOAD), study="rtdeepiot-clients",
          why="LCF is ahead from K = 4 on, until the first stages no longer fit: see accuracy-over-lcf"),
    Claim("misses-under-edf",
          "Deadline misses against K: fewer than EDF (our reading of what the figure shows)",
          RECALLED,
          rule="reproduced if the upper end of the paired difference is < 0 at every K >= 3",
          measure=find.fewer_misses_than("edf"), study="rtdeepiot-clients"),
    Claim("misses-under-rr",
          "Deadline misses against K: fewer than RR (our reading of what the figure shows)",
          RECALLED,
          rule="reproduced if the upper end of the paired difference is < 0 at every K >= 3",
          measure=find.fewer_misses_than("rr"), study="rtdeepiot-clients",
          why="at K = 3 RR misses as little; from K = 6 on RTDeepIoT misses less"),
    Claim("grows-with-d-u",
          "Accuracy against D_u: grows with the longest deadline",
          RECALLED,
          rule="reproduced if it is higher at D_u = 8 than at 1.5, intervals apart",
          measure=find.grows_along("rtdeepiot-latest-deadline", "D_u"), study="rtdeepiot-latest-deadline"),
    Claim("leads-at-every-d-u",
          "Accuracy against D_u: above EDF, LCF and RR",
          RECALLED,
          rule="reproduced if the lower end of each paired difference is > 0 at every D_u",
          measure=find.leads_at_every("rtdeepiot-latest-deadline", "D_u"), study="rtdeepiot-latest-deadline",
          why="LCF again, by up to 1.2 points, at all but the longest deadlines"),
    Claim("grows-with-d-l",
          "Accuracy against D_l: grows with the shortest deadline",
          RECALLED,
          rule="reproduced if it is higher at D_l = 3 than at 0.25, intervals apart",
          measure=find.grows_along("rtdeepiot-earliest-deadline", "D_l"), study="rtdeepiot-earliest-deadline"),
    Claim("leads-at-every-d-l",
          "Accuracy against D_l: above EDF, LCF and RR",
          RECALLED,
          rule="reproduced if the lower end of each paired difference is > 0 at every D_l",
          measure=find.leads_at_every("rtdeepiot-earliest-deadline", "D_l"), study="rtdeepiot-earliest-deadline",
          why="LCF again, by up to 1.4 points"),
    Claim("exp-near-oracle",
          "The predictor Exp comes close to Oracle",
          RECALLED,
          rule="reproduced if they differ by less than 1 point at every K, whole interval",
          measure=find.exp_near_oracle, study="rtdeepiot-predictors",
          why="within 2 points up to K = 16, but on both sides. The oracle knows the confidence to come, not whether "
              "the answer will be right: counted in tenths, a sure first exit gains nothing more, and the plan stops "
              "where time is free (K = 1)"),
    Claim("oracle-leads",
          "Oracle is the upper reference of the predictors",
          RECALLED,
          rule="reproduced if no predictor is more than 0.1 points ahead of it, mean over K, whole interval",
          measure=find.oracle_leads, study="rtdeepiot-predictors",
          why="on average; at K = 1 to 3 it is behind `exp`, for the reason given above"),
    Claim("exp-practical",
          "Exp is the practical choice among Exp, Max and Lin",
          RECALLED,
          rule="reproduced if neither is more than half a point ahead of it, mean over K, whole interval",
          measure=find.exp_among_practical, study="rtdeepiot-predictors"),
    Claim("conditional",
          "A predictor learned from held-out inputs is stronger than Exp",
          OURS,
          rule="reproduced if its lead over `exp`, mean over K, has a lower end > 0",
          measure=find.conditional_leads, study="rtdeepiot-predictors"),
    Claim("coarse-delta",
          "Delta: a coarse quantum costs accuracy",
          RECALLED,
          rule="reproduced if delta 0.5 is less accurate than 0.1 at every K, upper end < 0",
          measure=find.coarse_quantum_costs, study="rtdeepiot-delta",
          why="12 points where there is time to spare, for halves hide what deeper exits gain. In overload the same "
              "blindness makes the plan serve all first stages before any second, as LCF does, and that is right there"),
    Claim("fine-delta",
          "Delta: the finer the quantum, the higher the accuracy",
          RECALLED,
          rule="reproduced if delta 0.01 is more accurate than 0.1 at every K, lower end > 0",
          measure=find.finer_is_better, study="rtdeepiot-delta",
          why="from 0.1 down nothing is gained, and half a point lost at K = 4: what `exp` forecasts is not worth "
              "counting in hundredths"),
    Claim("delta-misses",
          "Delta: misses stay the same",
          OURS,
          rule="reproduced if every delta and K is within 1 point of delta 0.01, whole interval",
          measure=find.quantum_spares_misses, study="rtdeepiot-delta"),
    Claim("overhead",
          "The overhead of its decisions does not eat up its gain",
          OURS,
          rule="reproduced if, charged 6.4 us a stage (its measured decision with 100 active jobs; a stage takes 58 "
               "us), it is more accurate than EDF, EDF with skip and LCF charged nothing, intervals apart",
          measure=find.overhead_is_bearable, study="rtdeepiot-overhead",
          why="LCF is ahead at K = 8 even when nothing is charged. Against EDF and EDF with skip the gain survives 6.4 "
              "us, and 20 us, a tenth and a third of a stage"),
    Claim("complexity",
          "Solving takes time in proportion to 1 / delta",
          OURS,
          why="a wall-clock time, which no verdict here rests on; measured once: a decision takes 0.77 us at delta 0.1 "
              "and 0.89 us at 0.05 with 10 active jobs, 6.4 and 8.6 us with 100 (`results/reference/decisions.txt`)"),
    Claim("greedy-enough",
          "A greedy step when a confidence is revealed replaces solving again",
          RECALLED,
          rule="reproduced if it is at most half a point less accurate at every K, whole interval (one-sided after the "
               "first look, which found it ahead)",
          measure=find.swap_near_resolve, study="rtdeepiot-update",
          why="it is even ahead of solving again, by up to 1.2 points. Why we did not find out"),
    Claim("greedy-helps",
          "The greedy step gains over keeping the plan (both without our `reclaim`)",
          RECALLED,
          rule="reproduced if its gain, mean over K, has a lower end > 0",
          measure=find.swap_helps, study="rtdeepiot-update"),
    Claim("best-form-over-lcf",
          "It is the predictor and the quantum that let LCF pass: with `conditional`, delta 0.02, solved again "
          "after every stage RTDeepIoT is not behind",
          OURS,
          rule="reproduced if that form is at most 0.1 points behind LCF at every K >= 3, whole interval",
          measure=find.best_form_over_lcf, study="rtdeepiot-update",
          why="ahead up to K = 8, but 0.6 points behind at K = 12; most of the gap is the forecast's (`conditional`), "
              "little the quantum's or the update's"),
    Claim("planned-with-p99",
          "Stage times are planned with the 99th percentile, so that misses stay rare",
          RECALLED,
          rule="reproduced if the miss ratio is lower than when planned with quantile 0.1, intervals apart",
          measure=find.cautious_planning_avoids_misses, study="rtdeepiot-planning",
          why="planned with the median, 8 % are missed and 6 points of accuracy lost"),
    Claim("ignores-weights",
          "Plain RTDeepIoT ignores how important a request is (seen in the plots of an independent "
          "re-implementation, obroadrick/imprecise [S7])",
          CODE,
          rule="reproduced if its accuracy on the important requests is exactly the same with weight 1 and 16, while a "
               "policy that knows weights (`toll`) raises it, intervals apart",
          measure=find.weights_are_ignored, study="rtdeepiot-weights"),
    Claim("priority-greedy",
          "Weighted by priority, two depth-assignment programs are nearly equal and above a simple greedy (plots "
          "of the same re-implementation [S7])",
          CODE,
          why="needs its priority-weighted program and its greedy as policies; neither ships"),
    Claim("closed-loop-trap",
          "A closed loop whose clients ask again at the reply is relieved by a slow scheduler",
          OURS,
          rule="reproduced if the requests a second differ between `edf` and `rtdeepiot` by more than 1 % when clients "
               "ask at the reply, and by less when they ask at the deadline",
          measure=find.closed_loop_relieves_itself, study="rtdeepiot-clients-deadline",
          why="by 2 to 5 % at K = 3, where LCF and RTDeepIoT are done earlier and asked more; at K = 20 hardly a job "
              "is done before its deadline, whoever schedules"),
    Claim("deadline-switch",
          "The lead over EDF, LCF and RR does not hang on when clients ask again (next at the deadline)",
          OURS,
          rule="reproduced if the lower end of each paired difference is > 0 at every K >= 3",
          measure=find.leads_at_every("rtdeepiot-clients-deadline", "clients", OVERLOAD), study="rtdeepiot-clients-deadline",
          why="LCF again; the numbers are those of the reply within 1.5 points, so the switch hardly matters to the "
              "comparison"),
    Claim("open-loop",
          "The lead holds where arrivals do not depend on the scheduler (Poisson)",
          OURS,
          rule="reproduced if at every load >= 1.5 the lower end is > 10 points over EDF and > 0 over LCF and RR",
          measure=find.open_loop, study="rtdeepiot-open",
          why="the lead over EDF and RR is the same; LCF is ahead from load 2 on"),
    Claim("other-networks",
          "The lead over EDF, LCF and RR does not hang on the network (K = 6)",
          OURS,
          rule="reproduced if the lower end of each paired difference is > 0 on all five",
          measure=find.leads_at_every("rtdeepiot-networks", "network"), study="rtdeepiot-networks",
          why="over EDF and RR on all five; LCF is level on fashion-ee, whose first exit is nearly free, and ahead by "
              "up to 1.3 points on the others"),
    Claim("gpu",
          "The figures were measured on a GPU (Core i7-4770, TITAN X Pascal) [S2, S4]",
          NOTE,
          why="we have no such machine; the traces are of one core of a CPU"),
    Claim("vision-network",
          "With one state-of-the-art vision network [S1]; three-stage residual networks on CIFAR-10 and ImageNet "
          "(recalled)",
          ABSTRACT,
          why="neither the network nor ImageNet is here; cifar-ee is ours, on CIFAR-10"),
    Claim("thesis-bound",
          "A simple scheduler has a proved bound on the utility that it loses (precursor thesis [S5])",
          ABSTRACT,
          why="a proof about another scheduler, whose text we did not read"),
    Claim("eugene",
          "Confidence curves fitted by Gaussian processes, scheduled greedily (Eugene [S6])",
          RECALLED,
          why="another scheduler; no policy here follows it"),
    Claim("np-hard",
          "Assigning depths is NP-hard",
          RECALLED,
          why="a theorem, not a measurement"),
]

SUMMARY = """
K clients ask again when they are answered; deadlines are uniform in [D_l, D_u] = [1, 4] network times where they are not swept, K is 6. Three or
more clients are more than the accelerator can serve to full depth.
In short: accuracy and misses against K look as claimed over EDF, and over RR by less. LCF, which knows no more than the confidences, is level or
ahead in between; a forecast learned from held-out inputs puts RTDeepIoT ahead of it up to K = 8. A greedy step is enough, the quantum hardly matters
up to 0.2, and plans need cautious stage times.
"""

FIGURES = [
    Figure("rtdeepiot-clients", "rtdeepiot-clients", "RTDeepIoT: accuracy and deadline misses against the number K of clients",
           ["--kind", "lines", "--policies", *SCHEDULERS]),
    Figure("rtdeepiot-latest-deadline", "rtdeepiot-latest-deadline", "RTDeepIoT: accuracy and deadline misses against the longest deadline D_u (network times)",
           ["--kind", "lines", "--policies", *SCHEDULERS]),
    Figure("rtdeepiot-earliest-deadline", "rtdeepiot-earliest-deadline", "RTDeepIoT: accuracy and deadline misses against the shortest deadline D_l (network times)",
           ["--kind", "lines", "--policies", *SCHEDULERS]),
    Figure("rtdeepiot-predictors", "rtdeepiot-predictors", "RTDeepIoT: accuracy and deadline misses by predictor (no suffix: exp)",
           ["--kind", "lines", "--policies", "rtdeepiot*"]),
    Figure("rtdeepiot-delta", "rtdeepiot-delta", "RTDeepIoT: accuracy and deadline misses against the quantum delta, for four K",
           ["--kind", "lines", "--x", "delta", "--logx", "--facet", "clients", "--width", "page", "--policies", "rtdeepiot*"]),
    Figure("rtdeepiot-open", "rtdeepiot-open", "Not in the paper: the same against the load of Poisson arrivals, which no scheduler can relieve",
           ["--kind", "lines", "--policies", *SCHEDULERS]),
]
