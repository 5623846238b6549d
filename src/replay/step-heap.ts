// Numbers of steps, the lowest first out. A sorted list would be moved as a whole with every step of a long window.
export class StepHeap {
  readonly #steps: number[] = [];

  lowest(): number | undefined {
    return this.#steps[0];
  }

  add(step: number): void {
    const steps = this.#steps;
    let at = steps.length;
    steps.push(step);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (steps[above]! <= step) break;
      steps[at] = steps[above]!;
      at = above;
    }
    steps[at] = step;
  }

  take(): number | undefined {
    const steps = this.#steps;
    const lowest = steps[0];
    const last = steps.pop();
    if (last === undefined || steps.length === 0) return lowest;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= steps.length) break;
      if (below + 1 < steps.length && steps[below + 1]! < steps[below]!) below += 1;
      if (steps[below]! >= last) break;
      steps[at] = steps[below]!;
      at = below;
    }
    steps[at] = last;
    return lowest;
  }
}
