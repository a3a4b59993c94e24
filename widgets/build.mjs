// Bundles every src/<name>.tsx into <name>.js and <name>.css, and gathers the licences of what went in.
//   node build.mjs [OUTPUT_FOLDER]
import { build } from "esbuild";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const output = resolve(process.argv[2] ?? join(here, "../dms_workbench/surfaces/widgets/static"));
const entries = JSON.parse(readFileSync(join(here, "package.json"), "utf8")).widgets;

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: entries.map((name) => `src/${name}.tsx`),
  outdir: output,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "none",
  banner: { js: "/*! Licences of what is bundled here: LEGAL.txt */" },
  metafile: true,
  logLevel: "warning",
});

mkdirSync(output, { recursive: true });
writeFileSync(join(output, "LEGAL.txt"), licences(packagesOf(metafile)));
for (const file of Object.keys(metafile.outputs)) {
  console.log(`${basename(file)} ${(metafile.outputs[file].bytes / 1000).toFixed(0)} kB`);
}

function packagesOf({ inputs }) {
  const found = Object.keys(inputs).map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path));
  return [...new Map(found.filter(Boolean).map((match) => [match[1], join(here, match[0])])).entries()].sort();
}

function licences(packages) {
  return packages
    .map(([name, folder]) => {
      const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      if (!file || !existsSync(join(folder, file))) throw new Error(`${name} ships no licence text: it cannot be bundled`);
      return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
    })
    .join(`\n${"-".repeat(72)}\n\n`);
}
