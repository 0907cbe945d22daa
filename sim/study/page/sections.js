// The data of the page: blocks of JSON that `laxity report` wrote into it, each of a kind. Parsed when first asked for.

const blocks = () => [...document.querySelectorAll('script[type="application/json"][data-kind]')];
const parsed = new Map();

export const kinds = () => new Set(blocks().map((block) => block.dataset.kind));

// All sections of a kind, in their order.
export function sections(kind) {
  if (!parsed.has(kind)) {
    const own = blocks().filter((block) => block.dataset.kind === kind);
    parsed.set(
      kind,
      own.map((block) => JSON.parse(block.textContent)),
    );
  }
  return parsed.get(kind);
}

// Base64 of little-endian numbers, as `packed` (sim/study/packed.hpp) writes it, to a typed array of `Type`.
export function unpacked(text, Type) {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; ++i) bytes[i] = characters.charCodeAt(i);
  return new Type(bytes.buffer);
}
