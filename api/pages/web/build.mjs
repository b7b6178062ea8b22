// Builds what pages load into ../static/site, with a manifest of hashes: of each file that is served, and of each source.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

const OUT = "../static/site";
const ENTRIES = { site: "site.js", style: "styles/site.css" };

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const { metafile } = await build({
  entryPoints: Object.entries(ENTRIES).map(([out, input]) => ({ in: input, out })),
  outdir: OUT,
  bundle: true,
  minify: true,
  metafile: true,
  legalComments: "none",
  charset: "utf8",
  target: ["es2022"],
});

const hash = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");
const walk = (folder) =>
  readdirSync(folder).flatMap((name) => {
    if (name === "node_modules") return [];
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : [path];
  });
const hashes = (folder, but = []) =>
  Object.fromEntries(
    walk(folder)
      .map((file) => relative(folder, file))
      .filter((file) => !but.includes(file))
      .sort()
      .map((file) => [file, hash(join(folder, file))]),
  );

// The notice of each package of which something is in a bundle.
const packages = new Set(
  Object.keys(metafile.inputs)
    .map((input) => input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1])
    .filter(Boolean),
);
const notices = [...packages].sort().map((name) => {
  const folder = join("node_modules", name);
  const said = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const licence = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  const text = licence && existsSync(join(folder, licence)) ? readFileSync(join(folder, licence), "utf8").trim() : "";
  return `${name} ${said.version} (${said.license})\n\n${text}\n`;
});
writeFileSync(join(OUT, "NOTICES.txt"), notices.join("\n---\n\n"));
const manifest = { served: hashes(OUT), sources: hashes(".") };
writeFileSync(join(OUT, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
