// Binary searches in sorted typed arrays.

// The first place in [from, to) whose value is above `value`; `to` if there is none.
export function first_above(sorted, value, from = 0, to = sorted.length) {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (sorted[middle] > value) to = middle;
    else from = middle + 1;
  }
  return from;
}

// The first place in [from, to) whose value is `value` or above.
export function first_from(sorted, value, from = 0, to = sorted.length) {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (sorted[middle] >= value) to = middle;
    else from = middle + 1;
  }
  return from;
}
