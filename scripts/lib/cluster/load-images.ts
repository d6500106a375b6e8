import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot } from "@schema-rollout/toolchain";
import { Failure } from "../failure.ts";
import type { Say } from "../progress.ts";
import { saidBy, sh } from "../shell.ts";
import { type Kind, kind } from "./kind-commands.ts";

/** Puts images of the local engine into every node; those that are there already are left alone. */
export async function loadImages(here: Kind, images: string[], say: Say): Promise<void> {
  const wanted = [...new Set(images)];
  const nodes = (await kind(here, ["get", "nodes", "--name", here.target.name])).stdout
    .split("\n")
    .filter(Boolean);
  const held = await Promise.all(nodes.map((node) => imagesOf(here, node)));
  const missing = wanted.filter((image) => held.some((names) => !names.has(image)));
  if (missing.length === 0) return;
  say(
    `loading ${missing.length} image${missing.length > 1 ? "s" : ""} into ${nodes.length > 1 ? `${nodes.length} nodes` : "the node"}`,
  );
  const folder = await mkdtemp(join(cacheRoot(), "images-"));
  const archive = join(folder, "images.tar");
  try {
    const { path, kind: engine, env } = here.engine;
    // One archive for all: layers they share are written and read once.
    const several = engine === "podman" ? ["--multi-image-archive"] : [];
    await sh({ env: { ...process.env, ...env } })`${path} save ${several} -o ${archive} ${missing}`;
    await kind(here, ["load", "image-archive", archive, "--name", here.target.name]);
  } catch (error) {
    throw new Failure(`The images could not be loaded into the cluster: ${saidBy(error)}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Names of the images one node has; a name without a registry gets the one containerd gives it. */
async function imagesOf(here: Kind, node: string): Promise<Set<string>> {
  const { path, env } = here.engine;
  const { stdout } = await sh({
    env: { ...process.env, ...env },
  })`${path} exec ${node} ctr --namespace k8s.io images ls -q`;
  return new Set(stdout.split("\n"));
}
