"""`python -m benchmarks.engine AGENTS SHARE OF`: the bare engine in a process, with its share of a
population's blocks.

A line "ROUNDS" on standard input makes it play so many rounds with newborns; the answer is JSON:
[agent-steps].
"""

import json
import sys

from arena.engine import schedule
from arena.engine.generations.founders import founders
from arena.engine.play import fresh_block, play
from arena.settings_schema import Settings
from benchmarks.ours import BLOCK
from benchmarks.work import LAYERS, WINDOW, market, settings_of


def whole_settings(agents: int) -> Settings:
    """The default network and rounds of so many bars; plain DQN, as elsewhere."""
    return settings_of(LAYERS["L=2"], agents).model_copy(update={"round_bars": WINDOW})


def main(agents: int, share: int, of: int) -> None:
    """Warm first; then answer until the input ends."""
    settings, prices = whole_settings(agents), market()
    births = founders(settings)
    mine = [births[i : i + BLOCK] for i in range(0, agents, BLOCK)][share::of]
    play(
        fresh_block(births[:2], settings, 1),
        prices,
        schedule.plan(len(prices), settings, 0),
        settings,
    )
    for line in sys.stdin:
        if not line.strip():
            print("[]", flush=True)
            continue
        blocks = [fresh_block(each, settings, 1) for each in mine]
        plans = [schedule.plan(len(prices), settings, index) for index in range(int(line))]
        print(
            json.dumps(
                [
                    sum(
                        play(block, prices, plan, settings).agent_steps
                        for plan in plans
                        for block in blocks
                    )
                ]
            ),
            flush=True,
        )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:4]))
