import type { Charts } from "./charts.ts";

/** Paper is white and narrower than the window: what is drawn has to be drawn anew for it. */
export function onPaper(plots: HTMLElement, charts: Charts): void {
  const draw = (printing: boolean) => {
    document.documentElement.classList.toggle("printing", printing);
    // Asking for it settles the new layout.
    plots.getBoundingClientRect();
    charts.resize();
    charts.redraw();
  };
  addEventListener("beforeprint", () => draw(true));
  addEventListener("afterprint", () => draw(false));
}
