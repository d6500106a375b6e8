// Nodes of any age evaluate this before they load anything that they may not understand; build.ts puts it in front of
// the bundle.
{
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 18)) {
    console.error(
      `wait-for-job needs Node 22.18 or later, and this is ${process.version}. Run it with a newer one; its image has Node 24.`,
    );
    process.exit(2);
  }
}
