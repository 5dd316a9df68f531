// What answers to a checklist mean: an evaluator as a phone would have it, written from
// docs/checklist-format.md alone, to prove that the document is enough. No dependencies.

/** Findings, unanswered, ignored, unmet and score; or only {faults} where the answers are refused. */
export function evaluate({ checklist, answers, on, site, positioned }) {
  const items = checklist.sections.flatMap((section) => section.items);
  const faults = findFaults(items, answers);
  if (faults.length > 0) return { faults };

  const answerOf = new Map(answers.map((answer) => [answer.item, answer]));
  const outcome = { findings: [], unanswered: [], ignored: [], unmet: [], score: null };
  const values = new Map(); // what conditions see of the items so far
  const counted = new Map(); // answers that are not ignored
  for (const section of checklist.sections) {
    const begun = section.items.some((item) => answerOf.has(item.code));
    for (const item of section.items) {
      const answer = answerOf.get(item.code);
      const asked = !item.applies_when || decide(item.applies_when, values, site ?? {}) !== NO;
      if (!asked) {
        values.set(item.code, "na");
        if (answer) outcome.ignored.push(item.code);
      } else if (!answer) {
        if (begun || !section.optional) outcome.unanswered.push(item.code);
      } else {
        values.set(item.code, readValue(item, answer.value));
        counted.set(item.code, answer);
        outcome.findings.push(...findingsOf(item, answer, on, checklist.criteria_sets ?? []));
        outcome.unmet.push(...unmetOf(item, answer, on, positioned, checklist.criteria_sets ?? []));
      }
    }
  }
  outcome.score = scoreOf(checklist, counted, outcome.findings);
  return outcome;
}

// --- Fit -----------------------------------------------------------------------------------------

function findFaults(items, answers) {
  const known = new Map(items.map((item) => [item.code, item]));
  const seen = new Set();
  const faults = [];
  answers.forEach((answer, place) => {
    const fault = (path, code) => faults.push({ answer: place, path, code });
    const item = known.get(answer.item);
    if (!item) return fault("item", "unknown_item");
    if (seen.has(answer.item)) return fault("item", "duplicate_answer");
    seen.add(answer.item);

    const wrong = wrongValue(item, answer.value);
    if (wrong) fault("value", wrong);
    const failing = !wrong && fails(item, answer.value);
    const findings = answer.findings ?? [];
    if (findings.length > 0 && !failing) fault("findings", "finding_without_failure");
    findings.forEach(({ n }, at) => {
      if (n < 1 || findings.slice(0, at).some((earlier) => earlier.n === n)) {
        fault(`findings/${at}/n`, "finding_number");
      }
    });
    const deduct = answer.deduct ?? null;
    if (deduct !== null) {
      if (item.answer.type !== "deduct" || !failing) fault("deduct", "deduct_not_expected");
      else if (!(deduct >= 0 && Number.isFinite(deduct))) fault("deduct", "deduct_out_of_range");
    }
  });
  return faults;
}

/** The code of what is wrong with a value, or null. */
function wrongValue(item, value) {
  if (value === "na") return null;
  const options = (item.answer.options ?? []).map((option) => option.code);
  switch (item.answer.type) {
    case "pass_fail":
      if (!item.limbs) return wrongWord(value, ["pass", "fail"]);
      return value === "pass" ? null : wrongCodes(value, item.limbs.map((limb) => limb.code), "unknown_limb");
    case "deduct":
      return wrongWord(value, ["pass", "fail"]);
    case "choice":
      return wrongWord(value, options);
    case "multi":
      return wrongCodes(value, options, "unknown_value");
    case "number":
      if (typeof value !== "number") return "wrong_value_type";
      return Number.isFinite(value) ? null : "unknown_value";
    case "text":
      return typeof value === "string" ? null : "wrong_value_type";
  }
}

function wrongWord(value, words) {
  if (typeof value !== "string") return "wrong_value_type";
  return words.includes(value) ? null : "unknown_value";
}

function wrongCodes(value, codes, unknown) {
  if (!Array.isArray(value) || value.some((one) => typeof one !== "string")) return "wrong_value_type";
  if (value.some((one) => !codes.includes(one))) return unknown;
  return new Set(value).size < value.length ? "duplicate_value" : null;
}

function readValue(item, value) {
  return item.limbs && value === "pass" ? [] : value;
}

function fails(item, given) {
  const value = readValue(item, given);
  if (value === "na") return false;
  const { type, min, max, options } = item.answer;
  if (item.limbs) return value.length > 0;
  if (type === "number") return (min != null && value < min) || (max != null && value > max);
  if (type === "choice" || type === "multi") {
    const chosen = [value].flat();
    return options.some((option) => option.fails === true && chosen.includes(option.code));
  }
  return type !== "text" && value === "fail";
}

// --- Conditions ----------------------------------------------------------------------------------

const NO = 0;
const UNKNOWN = 1;
const YES = 2;

/** With no below unknown below yes, `all` is the least of its parts and `any` the greatest. */
function decide(condition, values, site) {
  switch (condition.op) {
    case "all":
      return Math.min(...condition.of.map((part) => decide(part, values, site)));
    case "any":
      return Math.max(...condition.of.map((part) => decide(part, values, site)));
    case "not":
      return YES - decide(condition.of, values, site);
  }
  const fact = condition.item != null ? values.get(condition.item) : site[condition.site];
  if (fact === undefined || fact === null) return UNKNOWN;
  return compare(condition, fact) ? YES : NO;
}

function compare(condition, fact) {
  const is = (value) => (Array.isArray(fact) ? fact.includes(value) : fact === value);
  switch (condition.op) {
    case "equals":
      return is(condition.value);
    case "in":
      return condition.values.some(is);
    case "less":
      return typeof fact === "number" && fact < condition.than;
    case "greater":
      return typeof fact === "number" && fact > condition.than;
  }
}

// --- Findings ------------------------------------------------------------------------------------

function findingsOf(item, answer, on, sets) {
  if (!fails(item, answer.value)) return [];
  const { on_fail: hazard } = item;
  const match = matchOf(item, answer, on, sets);
  return seenIn(answer).map(({ n, note }) => {
    const major = match !== null && (!match.catchAll || note !== null);
    return {
      item: item.code,
      n,
      title: titleOf(item, answer),
      category: hazard.category,
      grade: major ? "major" : "general",
      criterion: major ? match.id : null,
      criteria_set: major ? { key: match.set.key, version: match.set.version } : null,
      due_rule: hazard.due_rule ?? null,
      measure: hazard.measure ?? null,
      reason: major && match.catchAll ? note : null,
    };
  });
}

/** The findings of an answer, or the one that it is itself. */
function seenIn(answer) {
  const own = words(answer.note);
  const shot = (one) => (one.photos ?? []).length > 0;
  if (!answer.findings?.length) return [{ n: 1, note: own, photo: shot(answer), position: false }];
  return [...answer.findings]
    .sort((one, other) => one.n - other.n)
    .map((one) => ({
      n: one.n,
      note: words(one.note) ?? own,
      photo: shot(one) || shot(answer),
      position: one.position != null,
    }));
}

const SPACE = "[\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const ENDS = new RegExp(`^${SPACE}|${SPACE}$`, "g");

function words(note) {
  return (note ?? "").replace(ENDS, "") || null;
}

function onlySomeLimbs(item, answer) {
  return item.limbs !== undefined && answer.value.length < item.limbs.length;
}

function titleOf(item, answer) {
  if (!onlySomeLimbs(item, answer)) return item.on_fail.title;
  return item.limbs.filter((limb) => answer.value.includes(limb.code)).map((limb) => limb.text.zh).join("；");
}

/** The first criterion of the item whose set is in force that day, and its parent's, or null. */
function matchOf(item, answer, on, sets) {
  if (onlySomeLimbs(item, answer)) return null;
  const { criterion, earlier_criteria: earlier = [] } = item.on_fail;
  const covers = (set) => set.effective_from <= on && (set.effective_to == null || on <= set.effective_to);
  const inForce = (set) =>
    covers(set) && (set.parent == null || sets.some((other) => other.key === set.parent && covers(other)));
  for (const id of criterion ? [criterion, ...earlier] : earlier) {
    for (const set of sets.filter(inForce)) {
      const mark = set.criteria.find((one) => one.id === id);
      if (mark) return { id, set, catchAll: mark.catch_all === true };
    }
  }
  return null;
}

// --- Requirements --------------------------------------------------------------------------------

function unmetOf(item, answer, on, positioned, sets) {
  const failing = fails(item, answer.value);
  const seen = seenIn(answer);
  const missing = [];
  if (failing && matchOf(item, answer, on, sets)?.catchAll && seen.some(({ note }) => note === null)) {
    missing.push("reason");
  }
  if (failing && item.answer.type === "deduct" && answer.deduct == null) missing.push("deduct");
  if (item.requires && answer.value !== "na") {
    const met = {
      photo: seen.every(({ photo }) => photo),
      note: seen.every(({ note }) => note !== null),
      position: positioned || seen.every(({ position }) => position),
    };
    for (const [what, isMet] of Object.entries(met)) {
      const when = item.requires[what];
      if (!isMet && (when === "always" || (when === "failing" && failing))) missing.push(what);
    }
  }
  return missing.map((requirement) => ({ item: item.code, requirement }));
}

// --- Score ---------------------------------------------------------------------------------------

const NEAR = 1e-9;
const isZero = (figure) => figure < NEAR;
const isBelow = (figure, bound) => figure < bound - NEAR;
const sum = (list, figure) => list.reduce((total, one) => total + figure(one), 0);

function scoreOf(checklist, counted, findings) {
  const scheme = checklist.scoring;
  if (!scheme) return null;
  const sections = checklist.sections.map((section) => ({
    code: section.code,
    looked: section.items.map((item) => look(item, counted.get(item.code))).filter(Boolean),
  }));
  const score = scheme.type === "jgj59" ? tables(scheme, sections) : weights(scheme, sections);
  if (score.total === null) return null;
  const major = findings.some(({ grade }) => grade === "major");
  const failed =
    scheme.type === "jgj59" ? score.sections.some((one) => one.score === 0) : major && scheme.major_fails !== false;
  const { total } = score;
  const reached = isBelow(total, scheme.pass_from) ? "fail" : isBelow(total, scheme.excellent_from) ? "pass" : "excellent";
  return { total, rating: failed ? "fail" : reached, sections: score.sections };
}

/** What an item keeps of its full marks, or null where it does not count. */
function look(item, answer) {
  if (!answer || answer.value === "na" || !item.on_fail) return null;
  const { type, full_marks: marks, guarantee } = item.answer;
  const full = type === "deduct" ? marks : 1;
  const lost = !fails(item, answer.value) ? 0 : type === "deduct" ? (answer.deduct ?? full) : full;
  return { code: item.code, full, kept: Math.max(full - lost, 0), guarantee: guarantee === true };
}

const scored = (code, score, zero_reason = null, zero_items = []) => ({ code, score, max: 100, zero_reason, zero_items });
const codes = (list) => list.map(({ code }) => code);

function tables(scheme, sections) {
  const results = sections.map(({ code, looked }) => table(scheme.guarantee, code, looked));
  const byCode = new Map(results.map((one) => [one.code, one.score]));
  const lines = scheme.summary
    .map((line) => ({ full: line.full_marks, scores: line.sections.map((code) => byCode.get(code)).filter((one) => one !== null) }))
    .filter(({ scores }) => scores.length > 0);
  const got = sum(lines, ({ full, scores }) => (full * sum(scores, (one) => one)) / scores.length / 100);
  const full = sum(lines, (line) => line.full);
  return { total: lines.length ? (got * 100) / full : null, sections: results };
}

function table({ least, of, prorate = true }, code, looked) {
  if (looked.length === 0) return scored(code, null);
  const kept = (list) => sum(list, (one) => one.kept);
  const full = (list) => sum(list, (one) => one.full);
  const guarantee = looked.filter((one) => one.guarantee);
  const lost = guarantee.filter((one) => isZero(one.kept));
  if (lost.length) return scored(code, 0, "guarantee_item_zero", codes(lost));
  const bound = prorate ? (full(guarantee) * least) / of : least;
  if (guarantee.length && isBelow(kept(guarantee), bound)) {
    return scored(code, 0, "guarantee_subtotal_low", codes(guarantee.filter((one) => one.kept < one.full)));
  }
  if (looked.every((one) => isZero(one.kept))) return scored(code, 0, "no_marks_left", codes(looked));
  return scored(code, (kept(looked) * 100) / full(looked));
}

function weights(scheme, sections) {
  const weightOf = (list, code) => (list ?? []).find((one) => one.code === code)?.weight;
  const weighed = sections.map(({ code, looked }) => {
    const parts = looked.map((one) => ({ share: one.kept / one.full, weight: weightOf(scheme.item_weights, one.code) ?? one.full }));
    const whole = sum(parts, (one) => one.weight);
    const score = parts.length ? (sum(parts, (one) => one.weight * one.share) * 100) / whole : null;
    return { code, score, weight: weightOf(scheme.section_weights, code) ?? whole };
  });
  const inspected = weighed.filter(({ score }) => score !== null);
  const total = sum(inspected, (one) => one.score * one.weight) / sum(inspected, (one) => one.weight);
  return {
    total: inspected.length ? total : null,
    sections: weighed.map(({ code, score }) =>
      score !== null && isZero(score) ? scored(code, score, "no_marks_left") : scored(code, score),
    ),
  };
}
