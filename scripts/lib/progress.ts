import { Listr, type ListrTask, PRESET_TIMER, PRESET_TIMESTAMP, Spinner } from "listr2";
import { isInteractive } from "./live/terminal.ts";

/** Reports what a long step is doing right now. */
export type Say = (text: string) => void;

export interface Step {
  title: string;
  run(say: Say, retitle: Say): Promise<void>;
}

/** Turns, and so redraws the list, two or three times a second: a process that measures has other things to do. */
class CalmSpinner extends Spinner {
  override start(redraw?: () => void): void {
    super.start(redraw, 400);
  }
}

/** Runs steps in order: a live list with elapsed times on a terminal, plain lines elsewhere. */
export async function runSteps(steps: Step[]): Promise<void> {
  const tasks: ListrTask[] = steps.map((step) => ({
    title: step.title,
    task: (_, task) =>
      step.run(
        (text) => {
          task.output = text;
        },
        (title) => {
          task.title = title;
        },
      ),
  }));
  const list = new Listr(tasks, {
    // We end the process ourselves, after the clean-up.
    registerSignalListeners: false,
    fallbackRenderer: "verbose",
    fallbackRendererCondition: () => !isInteractive(),
    rendererOptions: {
      timer: PRESET_TIMER,
      collapseErrors: false,
      showErrorMessage: false,
      spinner: new CalmSpinner(),
    },
    fallbackRendererOptions: { timer: PRESET_TIMER, timestamp: PRESET_TIMESTAMP },
  });
  await list.run();
}
