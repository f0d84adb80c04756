// Makes static/vendor/plotly: one file of plotly.js, the licences of all that went into it, and
// here the digest that the file is held to.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const HERE = new URL("./", import.meta.url);
const TARGET = new URL("../../static/vendor/plotly/", HERE);
const FILE = "plotly.min.js";
const PACKAGE = /^(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//;
const LICENCE = /^(licen[cs]e|copying|notice)/i;

const read = (path) => readFileSync(new URL(path, HERE), "utf-8");
const manifest = (folder) => JSON.parse(read(`${folder}/package.json`));

async function bundled() {
  const { version } = manifest("node_modules/plotly.js");
  const { metafile, outputFiles } = await build({
    absWorkingDir: HERE.pathname,
    entryPoints: ["bundle.cjs"],
    banner: { js: `/* plotly.js ${version}, in part: see LICENSES.txt */` },
    bundle: true,
    define: { global: "window" },
    format: "iife",
    globalName: "Plotly",
    legalComments: "none",
    metafile: true,
    minify: true,
    outfile: FILE,
    target: "es2020",
    write: false,
  });
  return { bytes: outputFiles[0].contents, inputs: Object.keys(metafile.inputs) };
}

/** Folders of the packages that any of `inputs` is of, in order of their names. */
function folders(inputs) {
  return [...new Set(inputs.map((path) => PACKAGE.exec(path)?.[1]).filter(Boolean))].sort();
}

function licence(folder) {
  const { name, version, license } = manifest(folder);
  const files = readdirSync(new URL(`${folder}/`, HERE)).filter((each) => LICENCE.test(each));
  const texts = files.map((each) => read(`${folder}/${each}`).trim());
  return [`${name} ${version} (${license})`, ...texts].join("\n\n");
}

if (!existsSync(new URL("node_modules", HERE))) throw new Error("npm ci comes first: make plotly");
const { bytes, inputs } = await bundled();
const rule = `\n\n${"-".repeat(80)}\n\n`;
writeFileSync(new URL(FILE, TARGET), bytes);
writeFileSync(new URL("LICENSES.txt", TARGET), `${folders(inputs).map(licence).join(rule)}\n`);
const digest = createHash("sha256").update(bytes).digest("hex");
writeFileSync(new URL(`${FILE}.sha256`, HERE), `${digest}  ${FILE}\n`);
console.log(`${FILE}: ${bytes.length} bytes, sha256 ${digest}`);
