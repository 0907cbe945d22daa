// Numbers for people. Shares are in percent. Where there is no number there is an en dash, never a zero.

const kNone = "–";

const factor_of = (measure) => (measure.share ? 100 : 1);
export const unit_of = (measure) => (measure.share ? "%" : measure.unit === "1" ? "" : measure.unit);
export const title_of = (measure) => measure.name.replaceAll("_", " ");
export const labelled = (measure) => title_of(measure) + (unit_of(measure) ? ` (${unit_of(measure)})` : "");

// Of a difference of shares, which is not a percentage of anything.
export const difference_unit = (measure) => (measure.share ? "points" : unit_of(measure));

const is_number = (value) => typeof value === "number" && Number.isFinite(value);

// As many digits after the point as tell values of this size apart: five significant ones, two of a percentage at least.
function digits_for(size) {
  return size === 0 ? 2 : Math.min(8, Math.max(0, 4 - Math.floor(Math.log10(size))));
}

const with_minus = (text) => text.replace("-", "−");

export function shown(value, measure) {
  if (!is_number(value)) return kNone;
  const scaled = value * factor_of(measure);
  if (measure.share) return with_minus(scaled.toFixed(2));
  const size = Math.abs(scaled);
  return with_minus(
    size !== 0 && (size >= 1e9 || size < 1e-4) ? scaled.toExponential(4) : scaled.toFixed(digits_for(size)),
  );
}

// With its sign, and as many digits as `like`, a difference of the same measure, needs.
export function shown_difference(value, measure) {
  const text = shown(value, measure);
  return is_number(value) && value > 0 ? "+" + text : text;
}

export function shown_interval(estimate, measure) {
  if (!estimate || !is_number(estimate.half)) return "";
  return `[${shown(estimate.mean - estimate.half, measure)}, ${shown(estimate.mean + estimate.half, measure)}]`;
}

export const scaled = (value, measure) => (is_number(value) ? value * factor_of(measure) : null);
export const unscaled = (value, measure) => value / factor_of(measure);

export const level_text = (level) => `${Number((100 * level).toPrecision(6))} %`;

// "1 run", "8,000 runs"
export const counted = (count, noun) => `${count.toLocaleString("en-GB")} ${noun}${count === 1 ? "" : "s"}`;
