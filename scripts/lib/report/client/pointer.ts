import { gutter } from "./theme.ts";
import type { Tell } from "./tooltip.ts";
import type { Zoom } from "./zoom.ts";

interface Followed {
  plots: HTMLElement;
  zoom: Zoom;
  tell: Tell;
}

/** As in the style sheet: what is right of the plots. */
const marginRight = 14;
/** A hand is not steady: less than this is no drag. */
const unsteady = 6;

/** A line through all charts at the moment pointed at, by mouse, finger or arrow keys; dragging a mouse zooms. */
export function followPointer({ plots, zoom, tell }: Followed): void {
  const crosshair = plots.querySelector<HTMLElement>("#crosshair") as HTMLElement;
  const selection = plots.querySelector<HTMLElement>("#selection") as HTMLElement;
  let pressedAt: number | undefined;
  let shown: number | undefined;

  const area = () => {
    const { left, width, top } = plots.getBoundingClientRect();
    return { left: left + gutter(), width: width - gutter() - marginRight, top };
  };
  const timeAt = (clientX: number) => {
    const { left, width } = area();
    return zoom.from + Math.min(1, Math.max(0, (clientX - left) / width)) * (zoom.to - zoom.from);
  };
  const inPlots = (time: number) => {
    const { width } = area();
    return gutter() + ((time - zoom.from) / (zoom.to - zoom.from)) * width;
  };

  function point(time: number, x: number, y: number, over: Element | null) {
    shown = time;
    crosshair.hidden = false;
    crosshair.style.left = `${inPlots(time)}px`;
    tell({ time, x, y, over, perPixel: (zoom.to - zoom.from) / area().width });
  }
  function leave() {
    shown = undefined;
    crosshair.hidden = true;
    tell(undefined);
  }
  function select(from: number, to: number) {
    selection.hidden = false;
    selection.style.left = `${inPlots(Math.min(from, to))}px`;
    selection.style.width = `${Math.abs(inPlots(to) - inPlots(from))}px`;
  }

  function follow(event: PointerEvent) {
    const { left, width } = area();
    if (event.clientX < left - 2 || event.clientX > left + width + 2) return leave();
    point(timeAt(event.clientX), event.clientX, event.clientY, event.target as Element);
  }

  plots.addEventListener("pointermove", (event) => {
    if (pressedAt !== undefined && Math.abs(event.clientX - pressedAt) > unsteady)
      select(timeAt(pressedAt), timeAt(event.clientX));
    follow(event);
  });
  // A finger that taps does not move; one that taps elsewhere has seen enough.
  addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" && !plots.contains(event.target as Node)) leave();
  });
  plots.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse") follow(event);
    if (event.pointerType === "mouse" && event.button === 0 && !(event.target as Element).closest("button")) {
      pressedAt = event.clientX;
      // Text under the way would be selected.
      event.preventDefault();
    }
  });
  addEventListener("pointerup", (event) => {
    selection.hidden = true;
    if (pressedAt !== undefined && Math.abs(event.clientX - pressedAt) > unsteady) {
      const ends = [timeAt(pressedAt), timeAt(event.clientX)].sort((a, b) => a - b);
      zoom.show(ends[0] ?? 0, ends[1] ?? 0);
      leave();
    }
    pressedAt = undefined;
  });
  plots.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse" && pressedAt === undefined) leave();
  });
  plots.addEventListener("dblclick", (event) => {
    if (!(event.target as Element).closest("button")) zoom.show(0, Number.POSITIVE_INFINITY);
  });
  plots.addEventListener("blur", leave);
  plots.addEventListener("keydown", (event) => {
    const steps: Record<string, number> = { ArrowLeft: -1_000, ArrowRight: 1_000 };
    const step = steps[event.key];
    if (event.key === "Escape") return leave();
    if (step === undefined) return;
    event.preventDefault();
    const time = Math.min(zoom.to, Math.max(zoom.from, (shown ?? zoom.from) + step));
    const { left, top } = plots.getBoundingClientRect();
    point(time, left + inPlots(time), Math.max(top, 0) + 40, null);
  });
}
