"""Two rankings of the same people side by side, with the codes that moved people."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pandas as pd

from hhpu.errors import ArgumentError, expect
from hhpu.ranking._ranking import Ranking
from hhpu.ranking._scores import Scores

__all__ = ["Comparison", "compare"]


@attrs.frozen(eq=False, repr=False)
class Comparison:
    """Two rankings from one ledger at one date, under two definitions, indices or methods.

    Parameters
    ----------
    people : pandas.DataFrame
        ``offender_id, rank_a, rank_b, score_a, score_b, share_a, share_b, bracket, because``:
        everybody ranked under either, best rank first. ``bracket`` is ``enters``, ``leaves``,
        ``stays`` or empty; ``because`` names, for those who enter or leave, the code that pulls
        most that way.
    codes : pandas.DataFrame
        ``code, offences, harm_share_a, harm_share_b, pull, enters, leaves``: what each code
        holds of all harm under either, the difference, and how many people enter or leave the
        bracket because of it most.
    spearman : float
        Rank correlation over people ranked under both; NaN where it is not defined.
    kendall : float
        Kendall's tau-b over the same people.
    both : int
        How many people are ranked under both.
    labels : tuple of str
        What a and b are.
    k : int
        Seats of the bracket.

    Notes
    -----
    Scores in different units are made comparable by dividing by the sum over all people: a share of
    all harm. The pull of a code on a person is the difference of the shares that it contributes;
    over the codes it sums to the difference of the person's shares.
    """

    people: pd.DataFrame
    codes: pd.DataFrame
    spearman: float
    kendall: float
    both: int
    labels: tuple[str, str]
    k: int

    def __repr__(self) -> str:
        entering = int((self.people["bracket"] == "enters").sum())
        return (
            f"Comparison({self.labels[0]} with {self.labels[1]}: {entering} enter the top {self.k})"
        )

    def to_dict(self) -> dict[str, Any]:
        """Give the figures; nobody's score."""
        moves = self.people["bracket"].value_counts()
        return {
            "a": self.labels[0],
            "b": self.labels[1],
            "k": self.k,
            "people_in_both": self.both,
            "spearman": None if np.isnan(self.spearman) else self.spearman,
            "kendall_tau_b": None if np.isnan(self.kendall) else self.kendall,
            "enters": int(moves.get("enters", 0)),
            "leaves": int(moves.get("leaves", 0)),
            "stays": int(moves.get("stays", 0)),
        }

    def _repr_html_(self) -> str:
        html: str = self.codes.to_html(index=False)
        return html


def compare(a: Ranking, b: Ranking, *, k: int | float | str = 100) -> Comparison:
    """Set two rankings of one ledger at one date side by side.

    Parameters
    ----------
    a, b : Ranking
        Under two definitions, indices or methods.
    k : int, float or str
        The bracket: a number of people or a share; the tie block at its edge is inside.

    Returns
    -------
    Comparison
        Who enters and who leaves going from a to b, and because of which codes.

    Raises
    ------
    ArgumentError
        If they are not of the same ledger and date.
    """
    expect(a, Ranking, "compare()", "rank() makes one")
    expect(b, Ranking, "compare()", "rank() makes one")
    if a.scores.ledger is not b.scores.ledger or a.scores.as_of != b.scores.as_of:
        message = "compare() takes two rankings of one ledger at one date"
        raise ArgumentError(message)
    persons = np.union1d(a.scores.people, b.scores.people)
    table: dict[str, Any] = {"offender_id": a.scores.ledger.people.take(persons).tolist()}
    inside = []
    for letter, ranking in (("a", a), ("b", b)):
        scores = ranking.scores
        there = np.isin(persons, scores.people)
        at = np.searchsorted(scores.people, persons[there])
        ranks = pd.array([pd.NA] * len(persons), dtype="Int64")
        ranks[there] = ranking.ranks[at]
        table[f"rank_{letter}"] = ranks
        plain = np.full(len(persons), "", dtype=object)
        plain[there] = [scores.plain(amount) for amount in scores.amounts[at].tolist()]
        table[f"score_{letter}"] = plain.tolist()
        shares = np.zeros(len(persons))
        shares[there] = _shares(scores)[at]
        table[f"share_{letter}"] = shares
        top = ranking.top(k)
        inside.append(np.isin(persons, scores.people[np.concatenate([top.above, top.tied])]))
    in_a, in_b = inside
    bracket = np.select([in_a & in_b, in_b, in_a], ["stays", "enters", "leaves"], default="")
    pulls = _pulls(a.scores, b.scores)
    mover = np.where(bracket == "enters", 1.0, np.where(bracket == "leaves", -1.0, 0.0))
    table["bracket"] = bracket
    table["because"] = _because(pulls, persons, mover)
    frame = pd.DataFrame(table)
    frame["best"] = frame[["rank_a", "rank_b"]].min(axis=1)
    frame = frame.sort_values(["best", "offender_id"], ignore_index=True).drop(columns="best")
    both = frame.dropna(subset=["rank_a", "rank_b"])
    spearman, kendall = _correlations(both)
    seats = a.top(k).k
    return Comparison(
        people=frame,
        codes=_codes(pulls, frame),
        spearman=spearman,
        kendall=kendall,
        both=len(both),
        labels=(_label(a.scores), _label(b.scores)),
        k=seats,
    )


def _label(scores: Scores) -> str:
    index = f"{scores.index.name} {scores.index.edition}"
    return f"{scores.definition.name}, {index}, {scores.method.name}"


def _shares(scores: Scores) -> Any:
    amounts = scores.amounts.astype(float)
    total = amounts.sum()
    return amounts / total if total else amounts


def _pulls(a: Scores, b: Scores) -> pd.DataFrame:
    parts = []
    codes = np.array([code or "(no code)" for code in a.ledger.types.columns["code"]], dtype=object)
    for sign, scores in ((-1.0, a), (1.0, b)):
        amounts = scores.contributions.astype(float)
        total = amounts.sum()
        parts.append(
            pd.DataFrame(
                {
                    "person": scores.ledger.offender[scores.rows],
                    "code": codes[scores.ledger.kind[scores.rows]],
                    "row": scores.rows,
                    "share": sign * (amounts / total if total else amounts),
                    "side": sign,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _because(pulls: pd.DataFrame, persons: Any, mover: Any) -> list[str]:
    direction = dict(zip(persons[mover != 0].tolist(), mover[mover != 0].tolist(), strict=True))
    moved = pulls[pulls["person"].isin(direction)]
    net = pd.DataFrame(moved.groupby(["person", "code"])["share"].sum()).reset_index()
    net["toward"] = net["share"] * net["person"].map(direction)
    net = net.sort_values(["person", "toward", "code"], ascending=[True, False, True])
    first = net.drop_duplicates("person")
    names = dict(zip(first["person"], first["code"], strict=True))
    return [names.get(person, "") for person in persons.tolist()]


def _codes(pulls: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    sides = pulls.pivot_table(
        index="code", columns="side", values="share", aggfunc="sum", fill_value=0.0
    )
    offences = pulls.drop_duplicates("row").groupby("code").size()
    table = pd.DataFrame(
        {
            "code": sides.index.to_numpy(),
            "offences": offences.reindex(sides.index).to_numpy(),
            "harm_share_a": -sides.get(-1.0, pd.Series(0.0, index=sides.index)).to_numpy() + 0.0,
            "harm_share_b": sides.get(1.0, pd.Series(0.0, index=sides.index)).to_numpy(),
        }
    )
    table["pull"] = table["harm_share_b"] - table["harm_share_a"]
    for move in ("enters", "leaves"):
        counts = people.loc[people["bracket"] == move, "because"].value_counts()
        table[move] = table["code"].map(counts).fillna(0).astype("int64")
    table["size"] = table["pull"].abs()
    ordered = table.sort_values(["size", "code"], ascending=[False, True], ignore_index=True)
    return ordered.drop(columns="size")


def _correlations(both: pd.DataFrame) -> tuple[float, float]:
    if len(both) < 2:
        return float("nan"), float("nan")
    from scipy import stats

    one, other = (both[name].to_numpy(dtype=float) for name in ("rank_a", "rank_b"))
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan"), float("nan")
    return float(stats.spearmanr(one, other).statistic), float(
        stats.kendalltau(one, other).statistic
    )
