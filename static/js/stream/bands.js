// Lines of descent through the rounds, as the server counted them and as rounds go on.

/** `bands` of a message, whose counts are rows by line, as lists. */
export const openedBands = ({ rounds, founders, agents }) => ({
  rounds: [...rounds],
  founders,
  agents: agents.map((row) => [...row]),
});

/** `bands` with round `round`, which those of `columns` played who were born and not dead by then. */
export function withBand(bands, round, columns) {
  if (!bands || bands.rounds.at(-1) >= round) return bands;
  const place = new Map(bands.founders.map((founder, i) => [founder, i]));
  const counts = Array(bands.founders.length + 1).fill(0);
  columns.number.forEach((_, i) => {
    const died = columns.death_round[i] ?? Infinity;
    if (columns.birth_round[i] > round || died < round) return;
    counts[place.get(columns.founder[i]) ?? bands.founders.length] += 1;
  });
  return {
    ...bands,
    rounds: [...bands.rounds, round],
    agents: bands.agents.map((row, i) => [...row, counts[i]]),
  };
}
