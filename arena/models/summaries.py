"""What pages show of a closed round, in few bytes: a page reads a row a round, whatever the number
of agents that ever lived.
"""

from django.db import models


def _array(text: str) -> models.BinaryField:
    return models.BinaryField(default=b"", help_text=f"{text} See arena.store.summaries.")


class RoundSummary(models.Model):
    """Made of the rows of its round and of the summary before; written in the transaction that
    closes the round, or made of older rows when they are first shown.
    """

    round = models.OneToOneField("arena.Round", on_delete=models.PROTECT, related_name="summary")
    format = models.PositiveSmallIntegerField(
        help_text="Of its arrays; one of another format is made again."
    )
    places = _array("Numbers of the agents that played it, by place.")
    measure_fitness = _array("Of each of them, by place, in half precision.")
    measure_return = _array("Of each of them, by place, in half precision.")
    measure_trust = _array("Of each of them, by place, in half precision.")
    measure_scars = _array("Of each of them, by place, in half precision.")
    measure_epsilon = _array("Of each of them, by place, in half precision.")
    lines = _array("A point of every curve, and counts of what happened so far.")
    lived = _array("Trades and earnings since birth of the agent that holds each place after it.")
    clades = _array("Agents, trades and equity of every line of descent that played it.")
    born = _array("Agents born at its close, with place and parents.")
    died = _array("Agents that died in it or at its close, with cause.")
    best_dead = _array("The fittest of all the dead.")

    class Meta:
        ordering = ["round"]


class FirstPaint(models.Model):
    """What a page is first shown of an experiment, as the bytes that are sent; of another moment
    than the experiment's it is made anew.
    """

    experiment = models.OneToOneField(
        "arena.Experiment", on_delete=models.PROTECT, related_name="first_paint"
    )
    format = models.PositiveSmallIntegerField(
        help_text="Of its frame; one of another format is made anew."
    )
    epoch = models.CharField(max_length=60)
    seq = models.PositiveBigIntegerField(help_text="Number of the last live message in it.")
    frame = models.BinaryField(help_text="A frame of arena.wire.messages, compressed by gzip.")

    class Meta:
        ordering = ["experiment"]
