"""What the papers behind three of the policies claim, tried on the traces that ship.

A paper is a module with one table of claims. A claim is a statement in our words, where it was read and how sure that
is, a measurement on the results of studies, and a rule, written down before the studies were run, that turns the
measurement into a verdict. Studies are ordinary sweep files; their statistics are those of `laxity report`.

    executable   finds and calls laxity
    estimates    means with intervals, and three-valued rules on them
    studies      runs sweeps, and looks up what the report says of them
    claims       what a claim, a finding and a verdict are
    rtdeepiot, rtmdl, zygarde   a paper each: its table of claims with their rules, what came of it in short, its figures
    *_findings   what is measured for these claims
    reproduction one run from end to end
    assignment   small depth assignments with known optima, for RTDeepIoT's quantum
    page         README.md, verdicts.json and the tables of a reproduction
    figures      the papers' figures, drawn by scripts/figures.py
"""
