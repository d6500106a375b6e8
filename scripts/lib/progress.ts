import { Listr, type ListrTask, PRESET_TIMER, PRESET_TIMESTAMP } from "listr2";

/** Reports what a long step is doing right now. */
export type Say = (text: string) => void;

export interface Step {
  title: string;
  run(say: Say, retitle: Say): Promise<void>;
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
    rendererOptions: { timer: PRESET_TIMER, collapseErrors: false, showErrorMessage: false },
    fallbackRendererOptions: { timer: PRESET_TIMER, timestamp: PRESET_TIMESTAMP },
  });
  await list.run();
}
