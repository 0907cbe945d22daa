// Means and paired differences with Student-t intervals, as sim/results/statistics.cpp has them. A series is {seeds, values},
// ascending by seed, without the seeds that have no value. `t` gives half an interval in standard errors by degrees of
// freedom. An estimate is {count, mean, half}; null where there is none.

const kNothing = Object.freeze({ count: 0, mean: null, half: null });

export function estimate(series, t) {
  return mean_over_points([series], t);
}

// a - b over the seeds that both have.
export function paired(a, b) {
  const seeds = [];
  const values = [];
  for (let i = 0, k = 0; i < a.seeds.length && k < b.seeds.length;) {
    const x = a.seeds[i];
    const y = b.seeds[k];
    if (x === y) {
      seeds.push(x);
      values.push(a.values[i++] - b.values[k++]);
    } else if (before(x, y)) {
      ++i;
    } else {
      ++k;
    }
  }
  return { seeds, values };
}

// Seeds from 2^53 on are texts.
function before(x, y) {
  return typeof x === "number" && typeof y === "number" ? x < y : BigInt(x) < BigInt(y);
}

const mean_of = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// The mean over points of each point's mean over its seeds, its interval clustered by seed. Nothing if a point is empty.
export function mean_over_points(points, t) {
  const count = points.length === 0 ? 0 : Math.min(...points.map((point) => point.values.length));
  if (count === 0) return kNothing;
  const means = points.map((point) => mean_of(point.values));
  const mean = mean_of(means);
  if (count < 2) return { count, mean, half: null };
  const moved = new Map();
  points.forEach((point, at) => {
    const n = point.values.length;
    const weight = Math.sqrt(n / (n - 1)) / (n * points.length);
    point.values.forEach((value, i) => {
      const seed = point.seeds[i];
      moved.set(seed, (moved.get(seed) ?? 0) + weight * (value - means[at]));
    });
  });
  let variance = 0;
  for (const residual of moved.values()) variance += residual * residual;
  return { count, mean, half: t(count - 1) * Math.sqrt(variance) };
}
