// How lines of several experiments are told apart.

const DASHES = ["solid", "dash", "dot", "dashdot"];

/**
 * Colour and dash of line `i`: every colour of the palette comes once before any comes again, with
 * another dash.
 */
export const lookOf = (i, { symbols }) => ({
  color: symbols[i % symbols.length],
  dash: DASHES[Math.floor(i / symbols.length) % DASHES.length],
});
