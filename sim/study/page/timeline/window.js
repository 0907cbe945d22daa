// The span of time that is shown. Several panels may share one, and all are told when it moves.

const kShortest = 20; // ns

export class TimeWindow {
  constructor(end) {
    this.end = end; // of the run; it starts at 0
    this.from = 0;
    this.to = end;
    this.listeners = [];
  }

  get span() {
    return this.to - this.from;
  }
  get whole() {
    return this.from <= 0 && this.to >= this.end;
  }

  // Half a span may lie beyond either end, so that what is there can be brought to the middle.
  set(from, to) {
    const span = Math.min(Math.max(to - from, kShortest), this.end * 1.02);
    const middle = Math.min(Math.max((from + to) / 2, 0), this.end);
    this.from = span >= this.end ? Math.min(0, (this.end - span) / 2) : middle - span / 2;
    this.to = this.from + span;
    for (const listener of this.listeners) listener();
  }

  show_all() {
    this.set(0, this.end);
  }
  pan(shift) {
    this.set(this.from + shift, this.to + shift);
  }
  // The moment `at` keeps its place.
  zoom(factor, at = (this.from + this.to) / 2) {
    this.set(at - (at - this.from) * factor, at + (this.to - at) * factor);
  }
  centre(time, span = this.span) {
    this.set(time - span / 2, time + span / 2);
  }
}
