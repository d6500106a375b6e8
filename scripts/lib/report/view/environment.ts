import type { Environment } from "../record/environment.ts";
import type { RunRecord } from "../run.ts";
import { type Html, html } from "./html.ts";
import { plural } from "./words.ts";

/** Where it ran: figures mean little without it. */
export function environmentList({ environment }: RunRecord): Html {
  return html`<section>
<h2>Environment</h2>
<dl class="facts">${factsOf(environment).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</section>`;
}

function factsOf(environment: Environment): [string, string][] {
  const {
    kubernetes,
    nodes = [],
    postgresql,
    node,
    helm,
    k6,
    replicas,
    rates,
    machine,
    commit,
  } = environment;
  const facts: [string, string | undefined][] = [
    ["Kubernetes", kubernetes],
    [
      "Nodes",
      nodes
        .map(
          ({ cpus, os, runtime }) =>
            `${plural(Number(cpus), "CPU")}, ${os}, ${runtime.replace("://", " ").replace("+unknown", "")}`,
        )
        .join("; "),
    ],
    ["PostgreSQL", postgresql],
    ["Node.js", node],
    ["Helm", helm],
    ["k6", k6],
    ["Replicas", String(replicas)],
    ["Load", `${rates.reused} requests/s on reused connections, ${rates.new}/s on new ones`],
    ["Machine", `${plural(machine.cores, "core")}, ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.os}`],
    ["Commit", commit],
  ];
  return facts.flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : []));
}
