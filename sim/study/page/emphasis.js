// With many lines, which of them have colour: by the rule of scripts/figures.py (scripts/lib/laxity_figures/policies.py), the
// best, the baseline, and the best form of each other policy, until there are enough. The rest is thin and grey, so that the
// field is seen but not read.

const kBearable = 12; // lines that a chart bears in colour
const kMost = 7; // that it gives colour to where there are more

const base_name = (policy) => policy.split(":")[0];

// `lines`: {key, policy, ranked, found: estimates}, in one `measure`. The keys of those in colour.
export function emphasised(lines, measure, baseline) {
  if (lines.length <= kBearable) return new Set(lines.map((line) => line.key));
  const sign = measure.better === "lower" ? 1 : -1;
  const able = lines.filter((line) => line.ranked).sort((a, b) => order(sign * mean_of(a), sign * mean_of(b)));
  const kept = able.slice(0, 1);
  const keep = (line) => kept.length < kMost && !kept.includes(line) && kept.push(line);
  lines.filter((line) => line.policy === baseline).forEach(keep);
  for (const line of able) if (!kept.some((other) => base_name(other.policy) === base_name(line.policy))) keep(line);
  able.forEach(keep);
  return new Set(kept.map((line) => line.key));
}

// Over the places where it has a value; without any it comes last.
function mean_of(line) {
  const means = line.found.flatMap((estimate) => (estimate && estimate.mean !== null ? [estimate.mean] : []));
  return means.length > 0 ? means.reduce((sum, mean) => sum + mean, 0) / means.length : NaN;
}

const order = (a, b) => (Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b);

export const ranked = (entry) =>
  entry.places.every((place) => !place || entry.study.competitors[place.competitor].ranked);
// Of what a view drew, which says how many lines are grey in it.
export const quiet_remark = ({ quiet }) =>
  quiet > 0 ? `Grey: the other ${quiet === 1 ? "line" : `${quiet} lines`}; point at a name to see which.` : "";
