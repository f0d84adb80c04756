// What every part of an experiment's page says of it: its state, what it waits for, which controls
// apply, what to know of it, and the numbers of the house.

import { all, el, figure, one, show } from "../shared/dom.js";
import { money, number, percent, whole } from "../shared/format.js";
import { notes } from "../shared/notes.js";
import { headline, youngerAhead } from "../stream/state.js";

const CONTROLS = {
  draft: ["start"],
  running: ["pause", "stop"],
  pausing: ["stop"],
  paused: ["resume", "stop"],
  failed: ["again"],
};

/**
 * Which of start, pause, resume, again, stop apply in experiment state `state`; clone always does.
 */
export const controlsOf = (state) => CONTROLS[state] ?? [];

export function renderHeadline(state) {
  const { experiment } = state;
  const pill = one("[data-state]");
  pill.dataset.state = experiment.state;
  pill.title = experiment.state_sentence ?? "";
  figure("state", experiment.state_label ?? "");
  figure("reason", experiment.state_reason ?? "");
  show(one("[data-figure='reason']"), Boolean(experiment.state_reason));
  figure("digest", experiment.state_sha256 || "–");
  figure("waits", experiment.waits ?? "");
  show(one("[data-figure='waits']"), Boolean(experiment.waits));
  for (const form of all("[data-control]"))
    show(form, controlsOf(experiment.state).includes(form.dataset.control));
  numbers(state, headline(state));
  show(one(".trouble"), experiment.state === "failed");
  figure("retry", `Retry round ${experiment.rounds_done}`);
  for (const link of all("[data-fork]")) show(link, experiment.rounds_done > 0);
  show(one("[data-judge]"), experiment.judgement?.state === "failed");
  figure("evidence-when", experiment.judgement?.state === "done" ? "" : "at the end");
  const texts = notes(state);
  one("#notes").replaceChildren(...texts.map((text) => el("li", {}, text)));
  show(one("#notes"), texts.length > 0);
}

function numbers(
  state,
  {
    alive,
    meanReturn,
    holdReturn,
    births,
    immigrants,
    deaths,
    scars,
    trades,
    profit,
    putIn,
    best,
    lastRound,
    reused,
  },
) {
  figure("alive", whole(alive));
  figure(
    "alive-note",
    state.experiment.population ? `of ${whole(state.experiment.population)} places` : "",
  );
  figure("mean-return", percent(meanReturn, 2, true));
  figure(
    "hold-return",
    lastRound === null
      ? "waiting for the first round"
      : `buy and hold ${percent(holdReturn, 2, true)} · round ${lastRound}${reused ? ", in sample" : ""}`,
  );
  tone(one("[data-figure='mean-return']"), meanReturn);
  figure("births", whole(births + immigrants));
  const foreign = births + immigrants ? `, ${percent(immigrants / (births + immigrants), 0)}` : "";
  figure("births-note", `${whole(births)} children · ${whole(immigrants)} immigrants${foreign}`);
  figure("profit", money(profit, true));
  figure(
    "profit-note",
    lastRound === null
      ? "living + treasury − put in"
      : `living + treasury − ${money(putIn)} put in`,
  );
  tone(one("[data-figure='profit']"), profit);
  figure("deaths", whole(deaths));
  figure("deaths-note", `${whole(scars)} scars · ${whole(trades)} trades`);
  figure("best", best === null ? "–" : `agent ${best}`);
  const row = state.agents.get(best);
  figure(
    "best-note",
    row
      ? `fitness ${number(row.fitness, 3)} · generation ${row.generation}${ahead(youngerAhead(state, best))}`
      : "",
  );
}

/** Why the leaderboard may not begin with the fittest. */
function ahead(count) {
  return count ? ` · ${whole(count)} ${count === 1 ? "has" : "have"} more, too young to count` : "";
}

function tone(element, value) {
  element.dataset.tone = value > 0 ? "gain" : value < 0 ? "loss" : "";
}
