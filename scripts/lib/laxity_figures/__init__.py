"""What scripts/figures.py is made of: results in, figures of a paper out.

A run goes through these, in this order; each depends only on those above it.
  problem     errors that the user can mend (exit code 2), and failures of the machine (1)
  outputs     nothing that is there is lost: which files may be written over
  pages       widths, letters and line widths of a venue's page
  request     the grammar: what the command line asks for
  sources     what a results folder holds: sweeps, plans, recorded runs, ... and the facts of their manifests
  measures    what a column is called in a label, and its unit
  sweeps      the statistics of a sweep, as `laxity report` computes them, and its runs
  selection   which rows are drawn: x, hue, facet, where; what is left over makes a figure of its own
  policies    short names; which policies are drawn, which of them in colour
  styles      the colour, dash and marker that a policy keeps, from policy_styles.json
  panels      axes: ticks, limits, bars where there is but one point; insets: the part of a panel that crowds, larger
  layout      legends, labels at line ends, margins
  facts       what a caption needs to know, from the manifest; notes: what is said on stderr
  drawing     a finished figure with its numbers and its facts, and its files in every format
  quantities  the points of lines, as tables; curves, bars: what several kinds draw of them
  histograms  response times as counts, which add up over runs; distributions: the curves that follow from them
  proportions the interval of a counted share
  recordings  a recorded run and the part of it that is worth looking at; comparisons: simulation and device
  pictures    how small a PNG for a page can be: gallery and reproduction
  kinds       one file a kind of figure, and the table of them

To add a kind: a file in kinds/ with draw(request, source), which yields Drawings, and its row in kinds/__init__.py.
Shapes everywhere: a "table" is a pandas DataFrame with a row per thing that is drawn; ratios are shares (0 to 1) in
tables and percent in figures and in the .csv files beside them, as the column names there say.
"""
