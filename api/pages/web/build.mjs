// Builds what pages load into ../static/site, with a manifest of hashes: of each file that is served, and of each source.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { editor } from "./editor.mjs";
import { world } from "./world.mjs";

const OUT = "../static/site";
const ENTRIES = { site: "site.js", style: "styles/site.css", sparql: "sparql.js", vocabulary: "styles/vocabulary.css", docs: "styles/docs.css" };
// Packages of which something is in what is built here without a bundler.
const DRAWN = ["d3-geo", "topojson-client", "world-atlas"];

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
  plugins: [editor],
});
writeFileSync(join(OUT, "world.json"), `${JSON.stringify(world())}\n`);

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

// The notice of each package of which something is in a bundle, and of those that a package has in itself already.
const inputs = Object.keys(metafile.inputs).filter((input) => input.startsWith("node_modules/"));
const within = inputs
  .filter((input) => existsSync(`${input}.map`))
  .flatMap((input) => JSON.parse(readFileSync(`${input}.map`, "utf8")).sources);
const packages = new Set([
  ...DRAWN,
  ...[...inputs, ...within].map((input) => input.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]).filter(Boolean),
]);
// What those grant that bring no file of it.
const MIT = readFileSync("node_modules/codemirror/LICENSE", "utf8").split("\n\n").slice(2).join("\n\n").trim();
const author = ({ author = "" }) => author.name ?? author;
const notices = [...packages].sort().map((name) => {
  const folder = join("node_modules", name);
  const said = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const licence = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  const text = licence ? readFileSync(join(folder, licence), "utf8").trim() : `Copyright ${author(said)}\n\n${MIT}`;
  return `${name} ${said.version} (${said.license})\n\n${text}\n`;
});
writeFileSync(join(OUT, "NOTICES.txt"), notices.join("\n---\n\n"));
const manifest = { served: hashes(OUT), sources: hashes(".") };
writeFileSync(join(OUT, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
