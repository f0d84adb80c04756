// What a viewer may want to jump to in time: alarms, edits and rounds of heavy losses; pure.

// of the agents: so many scars in one round are a blow to all
const MANY = 0.5;
export const GLYPHS = { edit: "■", alarm: "▲", scar: "✕", champion: "◆" };

/**
 * [{round, kind, text}], rising, of the rounds of `state` and of `events`, which came from the
 * server: {kind: "alarm" or "intervention", round, text}.
 */
export function marksOf(state, events) {
  const found = events.map(({ round, kind, text }) => ({
    round: Math.max(0, round),
    kind: kind === "intervention" ? "edit" : kind,
    text,
  }));
  return [...found, ...blows(state)]
    .filter(({ kind }) => kind in GLYPHS)
    .sort((a, b) => a.round - b.round);
}

function blows({ curves, experiment }) {
  const many = Math.max(2, (experiment.population ?? Infinity) * MANY);
  return curves.rounds.flatMap((round, i) => {
    const count = curves.events.scars?.[i] ?? 0;
    return count >= many ? [{ round, kind: "scar", text: `${count} scars in one round` }] : [];
  });
}

/** Marks that stand closer than `least` become one: [{x, round, kind, count, texts}]. */
export function clustered(marks, xOf, least = 8) {
  const out = [];
  for (const { round, kind, text } of marks) {
    const x = xOf(round);
    const last = out.at(-1);
    if (last && x - last.x < least) {
      last.count += 1;
      last.texts.push(text);
    } else out.push({ x, round, kind, count: 1, texts: [text] });
  }
  return out;
}

/** The round of the next mark after `round`, or of the last one before it; null where none is. */
export function nextMark(marks, round, direction) {
  const beyond = marks.filter((mark) => (mark.round - round) * direction > 0);
  return (direction > 0 ? beyond[0] : beyond.at(-1))?.round ?? null;
}
