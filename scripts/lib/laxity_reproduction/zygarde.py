"""Zygarde (Islam & Nirjon, IMWUT 2020): inference on harvested power, mandatory until an exit is sure enough.

Read: the abstracts, a review, and the authors' code for eta. Ours: cifar-ee on 0.4 W of harvested power, taking 1 W while it
runs; a job every 1.25 network times; a confidence of 0.8 as the utility test. "EDF" runs all stages, "EDF-M" leaves at
the first sure exit (`edf:threshold=0.8`), which is the paper's input-dependent mandatory part. A job counts as
scheduled if it returned a sure answer, or one of full depth, by its deadline (`confident_ratio`).

Energy is execution time here, for the processor takes the same power whatever it runs: a job's mean execution time is
the energy used / jobs.
"""

from . import zygarde_findings as find
from .claims import ABSTRACT, CODE, NOTE, OURS, RECALLED, Claim
from .figures import Figure
from .zygarde_findings import MANDATORY, SCHEDULED, SCHEDULERS

NAME, TITLE = "zygarde", "Zygarde (Islam & Nirjon, IMWUT 2020)"

EVERY = ("reproduced if the lower end of the paired difference is > 0 on every system")

CLAIMS = [
    Claim("scheduled-over-edf",
          "9-34 % more tasks are scheduled than under EDF-like schedulers [S15]; here against EDF, all units",
          ABSTRACT,
          rule="reproduced if the lower end of the paired gain is above 9 % of EDF's on every system (more than 34 % is "
               "no contradiction)",
          measure=find.more_scheduled("edf", 0.09), study="zygarde-systems",
          why="more than the paper's 9-34 % on five systems, for EDF runs every job to full depth on power for 40 % of "
              "it"),
    Claim("scheduled-over-edf-m",
          "The same against EDF-M, mandatory units only",
          ABSTRACT,
          rule="reproduced if the lower end of the paired gain is above 9 % of EDF-M's on every system",
          measure=find.more_scheduled(MANDATORY, 0.09), study="zygarde-systems",
          why="EDF-M runs what Zygarde runs, mandatory parts, in a better order for deadlines, and saves what Zygarde "
              "spends on optional units at half a capacitor: see gate-against-edf-m. If the paper's \"EDF-like\" means "
              "EDF-M, our network and load leave no room for the gain"),
    Claim("accuracy-over-edf",
          "Accuracy is up to 21 % higher than under EDF-like schedulers [S15]; here points against EDF",
          ABSTRACT,
          rule="reproduced if the lower end of the paired difference is above 21 points on some system",
          measure=find.best_gain("accuracy", "accuracy", "edf", 0.21), study="zygarde-systems"),
    Claim("accuracy-over-edf-m",
          "The same against EDF-M",
          ABSTRACT,
          rule="reproduced if the lower end of the paired difference is above 21 points on some system",
          measure=find.best_gain("accuracy", "accuracy", MANDATORY, 0.21), study="zygarde-systems",
          why="as above: within 0.2 points on five systems, behind where outages are long"),
    Claim("execution-time",
          "Execution time is up to 26 % less [S15]; here by early exits (EDF-M against EDF, ample power)",
          ABSTRACT,
          rule="reproduced if at some load < 1 the lower end of the paired saving is above 26 %",
          measure=find.shorter_runs(0.26), study="zygarde-mains"),
    Claim("execution-time-zygarde",
          "The same, of Zygarde itself on ample power",
          ABSTRACT,
          rule="reproduced if at some load < 1 the lower end of the paired saving is above 26 %",
          measure=find.zygarde_runs_shorter, study="zygarde-mains",
          why="with power to spare Zygarde runs all optional units, so it takes as long as EDF and is as accurate"),
    Claim("v1-scheduled",
          "Version 1 (2019): 33 % more tasks [S16]; version 2 has other numbers",
          ABSTRACT,
          rule="reproduced if the lower end of the paired gain is above 33 % of EDF's on some system",
          measure=find.most_more_scheduled, study="zygarde-systems"),
    Claim("v1-accuracy",
          "Version 1: accuracy 9.45 points higher [S16]",
          ABSTRACT,
          rule="reproduced if the lower end of the paired difference to EDF is above 9.45 points on some system",
          measure=find.best_gain("accuracy", "accuracy", "edf", 0.0945), study="zygarde-systems"),
    Claim("v1-time",
          "Version 1: execution time 14 % less [S16]",
          ABSTRACT,
          rule="reproduced if at some load < 1 the lower end of the paired saving of early exits is above 14 %",
          measure=find.shorter_runs(0.14), study="zygarde-mains"),
    Claim("over-edf",
          "Jobs scheduled by harvester: more than EDF",
          RECALLED,
          rule=EVERY,
          measure=find.never_behind(SCHEDULED, "jobs scheduled", "edf"), study="zygarde-systems"),
    Claim("over-edf-m",
          "Jobs scheduled by harvester: more than EDF-M",
          RECALLED,
          rule=EVERY,
          measure=find.never_behind(SCHEDULED, "jobs scheduled", MANDATORY), study="zygarde-systems",
          why="as scheduled-over-edf-m"),
    Claim("over-rm",
          "Jobs scheduled by harvester: more than RM (one task: first come, first served)",
          RECALLED,
          rule=EVERY,
          measure=find.never_behind(SCHEDULED, "jobs scheduled", "rm"), study="zygarde-systems"),
    Claim("accurate-over-edf-m",
          "Accuracy over released jobs by harvester: higher than EDF-M",
          RECALLED,
          rule=EVERY,
          measure=find.never_behind("accuracy", "accuracy", MANDATORY), study="zygarde-systems",
          why="as accuracy-over-edf-m"),
    Claim("eta-persistent",
          "eta = 1 for persistent power [S18]",
          CODE,
          rule="reproduced if it is 1",
          measure=find.persistent_eta),
    Claim("eta-chance",
          "eta is about 0 for power by chance [S18]",
          CODE,
          rule="reproduced if it lies within 0.15 of 0",
          measure=find.chance_eta),
    Claim("eta-grows",
          "eta grows with predictability [S18] (the direction is our reading)",
          CODE,
          rule="reproduced if it grows with the mean stay of a bursty harvester",
          measure=find.eta_grows),
    Claim("scheduled-by-eta",
          "The more predictable the energy, the more jobs are scheduled (seven systems: persistent, three of "
          "solar, three of radio power)",
          RECALLED,
          rule="reproduced if each step of eta, within solar and within radio, schedules more, intervals apart",
          measure=find.rises_with_eta(SCHEDULED, "jobs scheduled"), study="zygarde-systems",
          why="at the same mean power and capacitor (20 mJ, 50 ms of it) the order is the reverse: predictable bursts "
              "are long, and so are the outages between them, which the capacitor does not bridge; see "
              "eta-and-storage. Real harvesters differ in more than eta"),
    Claim("accuracy-by-eta",
          "The more predictable the energy, the higher the accuracy",
          RECALLED,
          rule="reproduced if each step of eta, within solar and within radio, is more accurate, intervals apart",
          measure=find.rises_with_eta("accuracy", "accuracy"), study="zygarde-systems",
          why="as above"),
    Claim("eta-and-storage",
          "What eta does to the jobs scheduled hangs on the capacitor: at the same mean power predictable bursts "
          "mean long outages",
          OURS,
          rule="reproduced if the gap between eta 0.70 and 0.40 with 200 mJ is less than half of that with 10 mJ",
          measure=find.storage_explains_eta, study="zygarde-capacitor"),
    Claim("optional-with-plenty",
          "Optional units run only when energy is plentiful, mandatory ones alone otherwise",
          RECALLED,
          rule="reproduced if, against EDF-M, over 20 points more jobs end with the whole network at 1.2 W and under 2 "
               "at 0.1 W, whole intervals",
          measure=find.optional_with_plenty, study="zygarde-strength",
          why="at 0.4 W and below the capacitor is hardly ever half full"),
    Claim("gate",
          "Gating optional units saves energy for mandatory ones",
          RECALLED,
          rule="reproduced if the gate (`energy=on` against `off`) schedules more on every system, lower end > 0",
          measure=find.gate_saves_mandatory, study="zygarde-variations"),
    Claim("plenty-near-full",
          "Plentiful means a capacitor that is nearly full: optional work then takes what would be lost",
          RECALLED,
          rule="reproduced if a gate at 0.9 of the capacitor schedules no fewer jobs than one at 0.1 on any system "
               "(-0.1 points) and more on some",
          measure=find.plenty_near_full, study="zygarde-variations"),
    Claim("gate-against-edf-m",
          "It is the gate at half of the capacitor that costs jobs against EDF-M: optional units take what the "
          "night, or the next outage, would have needed",
          OURS,
          rule="reproduced if with a gate at 0.9 Zygarde schedules at most 1 point less than EDF-M on every system, "
               "whole interval",
          measure=find.near_full_over_mandatory, study="zygarde-variations"),
    Claim("gain-and-strength",
          "The stronger the harvester, the smaller the lead over EDF",
          OURS,
          rule="reproduced if the lead at 1.2 W is below the largest, intervals apart",
          measure=find.gain_shrinks_with_power, study="zygarde-strength"),
    Claim("on-mains",
          "Urgency, uncertainty and the mandatory bonus pay without harvesting, too",
          OURS,
          rule="reproduced if accuracy is above EDF's at every load >= 1, lower end > 0",
          measure=find.on_mains, study="zygarde-mains"),
    Claim("no-deadline-check",
          "The rule never checks that a unit can end in time; checking it helps (`skip=true`, ours)",
          OURS,
          rule="reproduced if accuracy is higher with the check on every system, lower end > 0",
          measure=find.checking_deadlines_helps, study="zygarde-variations"),
    Claim("queue",
          "Jobs wait in a short queue (here of 3); one that comes to a full one is lost",
          RECALLED,
          rule="reproduced (as harmless) if a queue of 3 costs less than 1 point of the jobs scheduled on every system, "
               "whole interval",
          measure=find.short_queue_is_cheap, study="zygarde-variations",
          why="during an outage jobs pile up, and a queue of three loses those that would have been served after it"),
    Claim("utility",
          "The utility is the margin between the two nearest classes",
          RECALLED,
          rule="reproduced (as harmless to our reading) if margin and confidence differ by less than 1 point of "
               "accuracy on every system, whole interval",
          measure=find.margin_or_confidence, study="zygarde-variations"),
    Claim("k-means",
          "Exits are k-means classifiers whose centroids adapt at run time [S17]",
          NOTE,
          why="our exits are softmax classifiers; a trace holds what was measured, so nothing can adapt"),
    Claim("runtime",
          "Intermittent execution in the manner of SONIC, batteryless microcontrollers, 256 KB [S15, S17]",
          NOTE,
          why="no such board; power failures are simulated, between stages, and cost nothing but the wait"),
    Claim("data",
          "Four data sets (MNIST, ESC-10, CIFAR-100, Visual Wake Words) and six deployments",
          ABSTRACT,
          why="neither the data nor the sites; the names of the data sets are recalled"),
    Claim("schedulability",
          "A necessary condition counts outages as a sporadic task",
          RECALLED,
          why="its exact form we do not know, so there is nothing to hold against a measurement"),
    Claim("contrastive",
          "Networks trained so that early layers tell classes apart (layer-aware loss)",
          RECALLED,
          why="our networks are trained with the sum of the exits' losses"),
]

SUMMARY = """
Seven energy systems of the same mean power (0.4 W, half of what the jobs would take), named by their eta. "Scheduled" is a job that returned
a sure answer (confidence 0.8), or one of full depth, in time; EDF-M is `edf:threshold=0.8`.
In short: against EDF and RM Zygarde schedules far more and is far more accurate, as claimed. Against EDF-M, which runs
the same mandatory parts, it is level or behind, for optional units at half a capacitor cost energy that is missed later. Predictability alone is no
virtue: what counts at a given mean power is how long the outages are against the capacitor.
"""

FIGURES = [
    Figure("zygarde-systems", "zygarde-systems", "Zygarde: jobs scheduled (confident answers) and accuracy by harvester, named by eta",
           ["--kind", "bars", "--x", "system", "--width", "page", "--y", "confident_ratio,accuracy", "--policies", *SCHEDULERS]),
    Figure("zygarde-strength", "zygarde-strength", "Zygarde: jobs scheduled and accuracy against the strength of a persistent harvester (mW)",
           ["--kind", "lines", "--y", "confident_ratio,accuracy", "--policies", *SCHEDULERS]),
    Figure("zygarde-strength-radio", "zygarde-strength-radio", "Zygarde: the same against the power of a radio harvester while it is on, 40 % of the time (mW, eta 0.51)",
           ["--kind", "lines", "--y", "confident_ratio,accuracy", "--policies", *SCHEDULERS]),
    Figure("zygarde-capacitor", "zygarde-capacitor", "Zygarde: jobs scheduled against the capacitor (mJ), by eta of a radio harvester",
           ["--kind", "lines", "--x", "capacity_mJ", "--logx", "--facet", "system", "--width", "page", "--y", "confident_ratio", "--policies", "edf", "edf:threshold=0.8", "zygarde"]),
    Figure("zygarde-mains", "zygarde-mains", "Zygarde: accuracy and energy used (which is execution time) on ample power, against load",
           ["--kind", "lines", "--y", "accuracy,used_mj", "--policies", *SCHEDULERS]),
]
