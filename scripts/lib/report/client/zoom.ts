import type { Charts } from "./charts.ts";

export interface Zoom {
  readonly from: number;
  readonly to: number;
  show(from: number, to: number): void;
}

interface Zoomed {
  plots: HTMLElement;
  /** The button that leads back to the whole run. */
  whole: HTMLElement;
  charts: Charts;
  lastsMs: number;
}

/** Less than this shows nothing more. */
const shortest = 500;

/** The stretch of time that is shown: by charts, which are drawn, and by what the style sheet places. */
export function zooming({ plots, whole, charts, lastsMs }: Zoomed): Zoom {
  const phases = [...plots.querySelectorAll<HTMLElement>("button[data-from]")];
  let [from, to] = [0, lastsMs];

  function show(first: number, last: number) {
    const lasting = Math.max(last - first, shortest);
    from = Math.max(0, Math.min(first, lastsMs - lasting));
    to = Math.min(lastsMs, from + lasting);
    plots.style.setProperty("--from", String(from));
    plots.style.setProperty("--to", String(to));
    const all = from === 0 && to === lastsMs;
    whole.hidden = all;
    for (const phase of phases) {
      const { a, b } = endsOf(phase);
      // What lies outside has no width, but its name would still be there.
      phase.hidden = b <= from || a >= to;
      phase.classList.toggle("late", a > from + (to - from) * 0.6);
    }
    charts.show(from, to);
  }

  whole.addEventListener("click", () => show(0, lastsMs));
  for (const phase of phases)
    phase.addEventListener("click", () => {
      const { a, b } = endsOf(phase);
      const margin = (b - a) * 0.15;
      show(a - margin, b + margin);
    });
  return {
    get from() {
      return from;
    },
    get to() {
      return to;
    },
    show,
  };
}

const endsOf = ({ dataset }: HTMLElement) => ({ a: Number(dataset.from), b: Number(dataset.to) });
