// The columns of a recorded run, as sim/study/timeline_columns.hpp describes them, made into typed arrays.

import { unpacked } from "../sections.js";

// LEB128 of zigzag codes. Beyond 28 bits, shifts would overflow: multiply instead (exact up to 2^53).
export function numbers_of(base64, count, Numbers = Int32Array) {
  const bytes = unpacked(base64, Uint8Array);
  const numbers = new Numbers(count);
  let at = 0;
  for (let i = 0; i < count; ++i) {
    let byte = bytes[at++],
      code = byte & 127,
      unit = 128;
    while (byte & 128) {
      byte = bytes[at++];
      code += (byte & 127) * unit;
      unit *= 128;
    }
    const half = Math.floor(code / 2);
    numbers[i] = code % 2 === 0 ? half : -half - 1;
  }
  return numbers;
}

// In place: each number is the difference to the one before.
export function summed(numbers) {
  for (let i = 1; i < numbers.length; ++i) numbers[i] += numbers[i - 1];
  return numbers;
}
