// Everybody who ever lived: the living as rows that change, the dead as short rows that do not.

/** Rows of the dead of a lives message, by number. */
export function deadOf({ death, states, ...columns }) {
  const rows = [];
  death.forEach((round, i) => {
    if (round >= 0) rows.push(row(i, round, states, columns));
  });
  return rows;
}

function row(i, death_round, states, { birth, slot, mother, father, generation, state, fitness }) {
  return {
    number: i + 1,
    slot: slot[i],
    origin: mother[i] ? "child" : birth[i] ? "immigrant" : "founder",
    generation: generation[i],
    birth_round: birth[i],
    death_round,
    state: states[state[i]],
    fitness: fitness[i],
    parents: [mother[i], father[i]].filter(Boolean),
  };
}

let last = { agents: null, dead: null, all: null };

/** Rows by number of the living and of the dead that are known; the same as long as both are. */
export function everyone({ agents, dead }) {
  if (!dead?.length) return agents;
  if (last.agents !== agents || last.dead !== dead) {
    const all = new Map(dead.map((each) => [each.number, each]));
    for (const [number, each] of agents) all.set(number, each);
    last = { agents, dead, all };
  }
  return last.all;
}
