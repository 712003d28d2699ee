"""Sentences: every heading and conclusion of a report, built by rule from its numbers.

A rule has a case for over, under, equal, no budget and incomplete data. Words are in `say` and `say_many`, where a
translation replaces them; names from the bill are values, never part of a message.
"""

from finops.report.sentences.alerts import AlertWords
from finops.report.sentences.answer import AnswerWords
from finops.report.sentences.appendix import AppendixWords
from finops.report.sentences.bridge import BridgeWords
from finops.report.sentences.coverage import CoverageWords
from finops.report.sentences.detail import DetailWords
from finops.report.sentences.fan import FanWords
from finops.report.sentences.issued import IssuedWords
from finops.report.sentences.tco import TcoWords
from finops.report.sentences.variance import VarianceWords
from finops.report.sentences.year import YearWords

__all__ = ["Sentences"]


class Sentences(
    AnswerWords,
    FanWords,
    VarianceWords,
    BridgeWords,
    YearWords,
    AlertWords,
    CoverageWords,
    DetailWords,
    TcoWords,
    IssuedWords,
    AppendixWords,
):
    """The words of one report in one language."""

    __slots__ = ()
