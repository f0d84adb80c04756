// The heatmap as it is kept: lists by round and place, whatever bytes it came in.

// a byte that stands for no value
const NOTHING = 255;

/** {rounds, slots, measure, values, cells} of a message -> {rounds, slots, measures, [measure]}. */
export function opened({ rounds = [], slots = [], measure, values = [], cells = [] } = {}) {
  if (!measure) return { rounds, slots, measures: [] };
  // what a byte stands for, each number made once for all cells
  const table = Array.from({ length: NOTHING + 1 }, (_, code) => values[code] ?? null);
  const read = (column) => Array.from(slots, (_, place) => table[cells[place][column]]);
  return { rounds, slots, measures: [measure], [measure]: rounds.map((_, i) => read(i)) };
}

/** `heatmap` with one more measure, opened; a round that the other lacks has no values of it. */
export function withMeasure(heatmap, other) {
  const [measure] = other.measures;
  const column = new Map(other.rounds.map((round, i) => [round, other[measure][i]]));
  return {
    ...heatmap,
    measures: [...heatmap.measures.filter((name) => name !== measure), measure],
    [measure]: heatmap.rounds.map((round) => column.get(round) ?? []),
  };
}

/** `heatmap` with the column of a round that was closed; of measures that are not kept, nothing. */
export function withColumn(heatmap, added) {
  if (!added?.rounds?.length || heatmap.rounds.includes(added.rounds[0])) return heatmap;
  const more = Object.fromEntries(
    ["rounds", "agent", ...heatmap.measures].map((name) => [
      name,
      [...(heatmap[name] ?? []), ...added[name]],
    ]),
  );
  return { ...heatmap, ...more, slots: added.slots ?? heatmap.slots };
}

/** Numbers of those who held each place, by round; null where none of `agents` did. */
export function holders({ rounds, slots }, agents) {
  const held = rounds.map(() => Array(slots.length).fill(null));
  for (const { number, slot, birth_round: birth, death_round: death } of agents) {
    const last = death ?? Infinity;
    for (let i = firstFrom(rounds, birth); i < rounds.length && rounds[i] <= last; i += 1)
      held[i][slot] = number;
  }
  return held;
}

/** Place of the first of `rounds`, rising, that is `round` or later. */
function firstFrom(rounds, round) {
  let [low, high] = [0, rounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rounds[middle] < round) low = middle + 1;
    else high = middle;
  }
  return low;
}
