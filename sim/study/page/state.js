// What the reader has chosen. It is in the address after the #, so that a link shows the same view. A choice is a text or a
// list of texts; what equals its default is not written.

// Without the properties that every object has: the address may hold any key.
const nothing = () => Object.create(null);

export class State {
  #defaults = nothing();
  #chosen = nothing();
  #listeners = new Set();

  constructor() {
    this.#read();
    window.addEventListener("hashchange", () => {
      this.#read();
      this.#tell();
    });
  }

  // What a choice is until the reader makes it.
  default(key, value) {
    this.#defaults[key] = value;
  }

  get(key) {
    const chosen = this.#chosen[key];
    const fallback = this.#defaults[key];
    if (chosen === undefined) return fallback;
    return Array.isArray(fallback) ? chosen.filter((each) => each !== "") : chosen[0];
  }

  // The choice, or its default where that is not one of `list`: an address may be of another report.
  among(key, list) {
    const chosen = this.get(key);
    return list.includes(chosen) ? chosen : this.#defaults[key];
  }

  set(changes) {
    for (const [key, value] of Object.entries(changes)) {
      const list = Array.isArray(value) ? value : [String(value)];
      const same = JSON.stringify(value) === JSON.stringify(this.#defaults[key]);
      if (value === null || value === undefined || same) delete this.#chosen[key];
      else this.#chosen[key] = list.length > 0 ? list : [""];
    }
    this.#write();
    this.#tell();
  }

  // Calls `listener` after every change; returns what ends that.
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell() {
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) listener();
  }

  #read() {
    this.#chosen = nothing();
    for (const [key, value] of new URLSearchParams(location.hash.slice(1))) (this.#chosen[key] ??= []).push(value);
  }

  #write() {
    const parameters = new URLSearchParams();
    for (const [key, list] of Object.entries(this.#chosen)) list.forEach((value) => parameters.append(key, value));
    history.replaceState(null, "", "#" + parameters);
  }
}
