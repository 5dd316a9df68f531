// Runs evaluate.mjs on the suite: node tests/conformance/run.mjs [folder]. Prints what differs, then one line.

import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { evaluate } from "./evaluate.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2] ?? join(here, "..", "..", "openapi", "conformance", "checklists");
const read = (...path) => JSON.parse(readFileSync(join(folder, ...path), "utf8"));
const lists = new Map();

function listOf(reference) {
  if (reference.sections) return reference;
  const name = `${reference.code}@${reference.version}.json`;
  if (!lists.has(name)) lists.set(name, read("lists", name));
  return lists.get(name);
}

/** The path of the first difference, or null. Numbers of a score may differ by a millionth. */
function difference(expected, actual, path) {
  if (typeof expected === "number" && typeof actual === "number" && path.startsWith("score")) {
    return Math.abs(expected - actual) <= 1e-6 ? null : path;
  }
  if (expected === null || actual === null || typeof expected !== "object" || typeof actual !== "object") {
    return expected === actual ? null : path;
  }
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  for (const key of keys) {
    const found = difference(expected[key], actual[key], path ? `${path}.${key}` : key);
    if (found !== null) return found;
  }
  return null;
}

function inAnyOrder(outcome) {
  if (!outcome.faults) return outcome;
  return { faults: outcome.faults.map((one) => JSON.stringify([one.answer, one.path, one.code])).sort() };
}

let passed = 0;
let failed = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith(".json")).sort()) {
  for (const { name, expect, ...asked } of read(file).cases) {
    const actual = evaluate({ ...asked, checklist: listOf(asked.checklist) });
    const where = difference(inAnyOrder(expect), inAnyOrder(actual), "");
    if (where === null) passed += 1;
    else {
      failed += 1;
      console.log(`${file}: ${name}: differs at ${where}`);
    }
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
