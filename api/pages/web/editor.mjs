// The editor of YASGUI without what it would ask of others: it brings completers that call a foreign host, an endpoint
// of somebody else, and a list of prefixes copied from a public site, with advertisements in it.
import { readFile } from "node:fs/promises";

const GONE = [
  [/(?<=\},) madsrdf = "[^]*?prefixes_default = \{[^}]*\}/, " prefixes_default = {}"],
  [/(?<=completers = \[)\s*conf\$3,\s*conf\$2,\s*conf\$1,\s*conf\s*(?=\])/, "conf$3"],
  [/`\$\{r\}lov\.linkeddata\.es[^`]*`/, '""'],
  [/"https:\/\/dbpedia\.org\/sparql"/, '""'],
];

export const editor = {
  name: "editor",
  setup(build) {
    build.onLoad({ filter: /@zazuko\/yasqe\/build\/yasqe\.esm\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      for (const [pattern, instead] of GONE) {
        if (!pattern.test(contents)) throw Error(`The editor no longer has what was taken from it: ${pattern}`);
        contents = contents.replace(pattern, () => instead);
      }
      return { contents, loader: "js" };
    });
  },
};
