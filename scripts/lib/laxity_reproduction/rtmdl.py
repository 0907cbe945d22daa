"""RT-mDL (Ling et al., SenSys 2021): periodic pipelines, a variant and a priority for each planned before the run.

Read: the author's slides in full, with figures off their charts, and the abstract. Ours: cifar-ee and fashion-ee with five
variants each (width, depth, exit) of networks trained one by one; "light" is the load
of three like tasks (rtmdl-three.json) at which DM-NMC misses about 10 %, as in the slides, "high" 1.5 accelerators' worth of original
networks; the rates of four sets of four pipelines (rtmdl-four.json) were set so that DM-NMC misses 14 to 54 %, as in the slides. DM-NMC is
`dm`, DM-MC `dm:variant=smallest`, UM-NMC `um`; the bound on the misses is the slides' 10 %.

The accuracy that RT-mDL gives up is its plan's, over the calibration half of the inputs, without misses: it has no interval.
"""

from . import rtmdl_findings as find
from .claims import ABSTRACT, CHART, NOTE, OURS, SLIDES, Claim
from .figures import Figure
from .rtmdl_findings import BASELINES, HIGH, LIGHT

NAME, TITLE = "rtmdl", "RT-mDL (Ling et al., SenSys 2021)"

CLAIMS = [
    Claim("headline-relative",
          "Misses are lower by 40.12 % for 1.7 % accuracy loss [S9, S10]; read as a share of DM-NMC's misses",
          ABSTRACT,
          rule="reproduced if, mean of four task sets, the lower end of the paired reduction is above 40.12 % of "
               "DM-NMC's misses and its plans give up at most 1.7 points a task",
          measure=find.headline_relative, study="rtmdl-sets"),
    Claim("headline-points",
          "The same, read as percentage points",
          ABSTRACT,
          rule="reproduced if, mean of four task sets, the lower end of the paired reduction is above 40.12 points and "
               "its plans give up at most 1.7 points a task",
          measure=find.headline_points, study="rtmdl-sets",
          why="DM-NMC misses 14 to 54 % on our sets, as on theirs, and 29 % on average: more than that cannot be "
              "saved. RT-mDL leaves 2 %"),
    Claim("light-load",
          "Light load, AlexNet-2 / -3: RT-mDL misses 6 / 6 %, DM-NMC 11 / 9 %",
          CHART,
          rule="reproduced if RT-mDL misses less on both tasks, upper end of the paired difference < 0, and DM-NMC "
               "under 20 %",
          measure=find.light_load, study="rtmdl-load",
          why="DM-NMC's misses fall on the third task alone (29 %) where the paper's are spread; RT-mDL's are below on "
              "both"),
    Claim("high-load",
          "High load, AlexNet-2 / -3: RT-mDL misses 2 / 2 %, DM-NMC 56 / 72 %",
          CHART,
          rule="reproduced if RT-mDL misses under 10 % and DM-NMC over 50 % on both tasks, whole intervals",
          measure=find.high_load, study="rtmdl-load",
          why="RT-mDL holds the misses down as in the paper, and DM-NMC loses its third task altogether, but its "
              "second only 43 % of its jobs, not 56 %"),
    Claim("dm-mc-misses",
          "DM-MC misses least: 2.5 / 2.5 % at light and 1 / 1 % at high load, RT-mDL 6 / 6 and 2 / 2 %",
          CHART,
          rule="reproduced if RT-mDL misses more on both tasks at both loads, lower end of the paired difference > 0",
          measure=find.smallest_misses_least, study="rtmdl-load",
          why="true at light load, by half a point; at high load the two cannot be told apart on these tasks (RT-mDL "
              "puts its misses on the first)"),
    Claim("accuracy-loss",
          "Accuracy-loss ratio, light / high: RT-mDL .010 / .017, DM-MC .040 / .040",
          CHART,
          rule="reproduced if light <= high < DM-MC",
          measure=find.accuracy_loss, study="rtmdl-load",
          why="close to the paper's for RT-mDL by chance; twice the paper's for DM-MC, whose smallest network here "
              "gives up 7.7 points"),
    Claim("right-answers",
          "So RT-mDL answers more of all jobs right than DM-MC",
          OURS,
          rule="reproduced if the lower end of the paired difference is > 0 at every load",
          measure=find.answered_right, study="rtmdl-load"),
    Claim("task-sets",
          "Task sets 1 to 4: RT-mDL misses 3, 3, 5, 3 %, DM-NMC 22, 19, 54, 14 %, UM-NMC 17, 20, 47, 5 %",
          CHART,
          rule="reproduced if RT-mDL misses under 10 % on each of our sets, whole interval, and less than either "
               "baseline, upper end of the paired difference < 0",
          measure=find.task_sets, study="rtmdl-sets"),
    Claim("um-against-dm",
          "UM-NMC misses less than DM-NMC on three of the four sets",
          CHART,
          rule="reproduced if it does on three or more of ours, upper end of the paired difference < 0",
          measure=find.utilisation_monotone, study="rtmdl-sets",
          why="which order is better hangs on the set: where a demanding task has a late deadline, UM makes urgent "
              "ones wait (sets 1, 2, 4). Theirs are not known to us"),
    Claim("platforms",
          "Xavier, TX2, Nano: RT-mDL misses 4, 3, 2 %, DM-NMC 31, 11, 8 %, UM-NMC 17, 12, 11 %",
          CHART,
          why="none of these boards is here"),
    Claim("bound",
          "Misses are held below a bound (10 % in the charts)",
          SLIDES,
          rule="reproduced if every task's miss ratio is below 10 % at every load, upper end",
          measure=find.keeps_the_bound, study="rtmdl-load"),
    Claim("requirement-kept",
          "Requirement levels: every bound on the misses is held",
          SLIDES,
          rule="reproduced if the worst task's miss ratio is below its bound at every level, upper end",
          measure=find.requirements_kept, study="rtmdl-requirements",
          why="all but 1 % are held. Of thousands of plans the one is taken that just kept it (0.997 %) in 4,000 jobs "
              "of arrivals of their own, and in others it does less well; planned on 20,000 jobs (`plan_jobs`), the "
              "worst task misses 1.1 to 1.6 % in three seeds"),
    Claim("requirement-loss",
          "Requirement levels: a looser bound costs less accuracy",
          OURS,
          rule="reproduced if the accuracy given up never grows by more than 0.1 points from level to level, and is "
               "less at 40 % than at 1 %",
          measure=find.requirements, study="rtmdl-requirements"),
    Claim("memory",
          "The storage is bounded, at some cost of accuracy",
          SLIDES,
          rule="reproduced if every plan fits its budget, misses stay under 10 %, and the accuracy given up never grows "
               "by more than 0.1 points with the budget and is less at 16 MB than at 1.5 MB",
          measure=find.memory, study="rtmdl-memory"),
    Claim("order-matters",
          "The miss rate varies strongly with the priority order",
          SLIDES,
          rule="reproduced if at some load two fixed orders of the same networks differ by more than 10 points, lower "
               "end",
          measure=find.order_matters, study="rtmdl-priorities"),
    Claim("scheduling-alone",
          "Scheduling alone is not enough",
          SLIDES,
          rule="reproduced if the original networks miss more than 10 % at high load under every order, EDF and "
               "searched ones included, lower end",
          measure=find.scheduling_is_not_enough, study="rtmdl-priorities"),
    Claim("joint-over-priorities",
          "Variants and priorities are chosen jointly (ablation: priorities alone)",
          SLIDES,
          rule="reproduced if the joint plan misses less at high load, intervals apart",
          measure=find.joint_over_priorities, study="rtmdl-priorities"),
    Claim("joint-over-scaling",
          "Variants and priorities are chosen jointly (ablation: one level for all, deadline monotonic)",
          SLIDES,
          rule="reproduced if the joint plan answers more of all jobs right at high load than any of five levels, lower "
               "end of the paired difference > 0",
          measure=find.joint_over_scaling, study="rtmdl-scaling",
          why="one level for all does as well (w050, within 0.5 points): the planner minimises the loss of the answers "
              "given and lets tasks miss up to 10 % for it, so what it gains in answers it loses in misses"),
    Claim("packing",
          "Packing uses idle capacity of the accelerator (ablation: `epsilon=0`)",
          SLIDES,
          rule="reproduced if the right answers gained, mean over the loads, have a lower end > 0",
          measure=find.packing_helps, study="rtmdl-packing",
          why="with the measured slowdown of two CPU cores (1.00 to 1.03); a GPU's would be larger"),
    Claim("queues",
          "Host and accelerator subtasks have queues of their own (ablation: one resource for all)",
          SLIDES,
          rule="reproduced if more of all jobs are answered right with separate queues at a period of 26 ms, under `dm` "
               "and under `rtmdl`, intervals apart",
          measure=find.separate_queues_help, study="rtmdl-queues",
          why="host times are synthetic here (30 %, as the slides say of AlexNet): those of our traces are 0.3 %"),
    Claim("analysis",
          "Response-time analysis is pessimistic",
          SLIDES,
          rule="reproduced if at some utilisation fewer task sets pass the analysis of `dm` than run without a miss, "
               "intervals apart (drawn sets, 60 s each)",
          measure=find.analysis_is_pessimistic, study="rtmdl-analysis"),
    Claim("host-share",
          "The CPU part is 30 % of AlexNet's delay",
          SLIDES,
          why="of their board; on ours the host's part is 0.3 % of a pipeline, which is why the study of queues has "
              "synthetic times"),
    Claim("gpu-waste",
          "14.54-36.25 % of the GPU is wasted",
          SLIDES,
          why="occupancy of a GPU; the traces are of a CPU core, which is either busy or not"),
    Claim("weight-sharing",
          "Variants share weights to bound the storage",
          SLIDES,
          why="our variants were trained one by one and share none; `shared_bytes` would count them"),
    Claim("proxy",
          "A learned proxy of the miss rate saves measurements",
          SLIDES,
          why="our planner measures every candidate by an exact simulation and needs no proxy"),
    Claim("weighted-objectives",
          "Posed as a weighted multi-objective optimisation [S11]",
          NOTE,
          why="a rule of the method, not a result; ours is NSGA-II on both objectives, which is recalled"),
    Claim("their-networks",
          "AlexNet, VGG, ResNet, tiny-YOLO, SBCNN and an LSTM on CIFAR-10, GTSRB, traffic lights, UrbanSound and "
          "Ravdess",
          SLIDES,
          why="of these only CIFAR-10 is here, with networks of our own"),
    Claim("car",
          "It drives an F1/10 car",
          SLIDES,
          why="no car"),
    Claim("dynamic",
          "Left for future work: uncertain workloads, dynamic scheduling",
          SLIDES,
          why="an intention, not a result"),
    Claim("no-release",
          "Student re-implementation with training parts only [S14]",
          NOTE,
          why="has no scheduler to compare with"),
]

SUMMARY = """
DM-NMC is `dm`, DM-MC `dm:variant=smallest`, UM-NMC `um`; the planner may let 10 % of a task's jobs miss. "Light" is the load at which DM-NMC misses
about 10 % of three like tasks, "high" 1.5 accelerators; the rates of the four sets were chosen so that DM-NMC misses 14 to 54 %, as in the slides.
In short: joint planning takes nearly all misses for under a point of accuracy, and holds its bounds and budgets. As percentage points the headline
is out of reach of our sets. One mild level for all tasks does as well as the joint choice on three like tasks.
"""

FIGURES = [
    Figure("rtmdl-levels", "rtmdl-load", "RT-mDL: misses of the second and third task at light load (0.35 each) and at high (0.5 each)",
           ["--kind", "bars", "--where", f"load={LIGHT},{HIGH}", "--y", "net-2.miss_ratio,net-3.miss_ratio", "--policies", *BASELINES, "rtmdl"]),
    Figure("rtmdl-sets", "rtmdl-sets", "RT-mDL: misses and right answers on four task sets",
           ["--kind", "bars", "--x", "set", "--y", "miss_ratio,accuracy", "--policies", *BASELINES, "rtmdl"]),
    Figure("rtmdl-load", "rtmdl-load", "RT-mDL: misses of the second and third task and right answers of all jobs, against the load of each of three tasks",
           ["--kind", "lines", "--y", "net-2.miss_ratio,net-3.miss_ratio,accuracy", "--policies", *BASELINES, "rtmdl"]),
    Figure("rtmdl-requirements", "rtmdl-requirements", "RT-mDL: right answers and misses by requirement level (bound on each task's misses), 1.7 accelerators' worth of original networks",
           ["--kind", "lines", "--x", "miss_bound", "--policies", "dm:variant=smallest", "rtmdl*"]),
    Figure("rtmdl-memory", "rtmdl-memory", "RT-mDL: right answers and misses by memory budget (MB)",
           ["--kind", "lines", "--x", "storage_mb", "--policies", "dm:variant=smallest", "rtmdl*"]),
    Figure("rtmdl-packing", "rtmdl-packing", "RT-mDL: ablation of packing (epsilon=0) on two slots, against the load of each task (a slot)",
           ["--kind", "lines", "--policies", "dm", "rtmdl*"]),
]
