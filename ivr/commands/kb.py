"""`ivr kb`: the knowledge base examined, searched and measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ivr.app.knowledge import open_knowledge, surroundings
from ivr.clock import SystemClock
from ivr.commands.opened import with_database
from ivr.commands.output import Format, FormatOption, emit
from ivr.dialogue.problems import Problem, Severity
from ivr.errors import Fault
from ivr.knowledge import utterances
from ivr.knowledge.articles import Segment
from ivr.knowledge.base import KnowledgeBase
from ivr.knowledge.lint import Linter
from ivr.knowledge.loading import Loaded, load
from ivr.knowledge.misses import Misses, Question
from ivr.knowledge.recognition import Classification
from ivr.knowledge.scoring import Judged, Score
from ivr.knowledge.words import Dictionary
from ivr.settings import Settings
from ivr.store import Database

app = typer.Typer(help="The knowledge base: examined, searched, measured.", no_args_is_help=True)

UtterancesArgument = Annotated[Path, typer.Argument(help="Tab-separated, UTF-8, columns in the first line")]


@app.command("lint")
def lint(
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="Folder; default from the settings")] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Examine the knowledge base; exit status 1 when there are errors, warnings alone do not count."""
    settings: Settings = context.obj
    folder = path or settings.knowledge.folder
    if not folder.is_dir():
        raise Fault("There is no such folder.", str(folder), "Name the folder of the articles.")
    loaded = load(folder)
    around = surroundings(settings, SystemClock(settings.company.zone))
    today = around.clock.now().date()
    rules = Linter(settings.knowledge.rules, lambda: today, around.profiles, around.forbidden)
    problems = sorted([*loaded.problems, *rules(loaded)])
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    warnings = [problem for problem in problems if problem.severity is Severity.WARNING]
    document = {
        "errors": [problem.document() for problem in errors],
        "warnings": [problem.document() for problem in warnings],
    }
    emit(document, "\n".join([*map(_line, problems), _counted(loaded, errors, warnings)]), output)
    if errors:
        raise typer.Exit(1)


@app.command("search")
def search(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="What is looked for")],
    segment: Annotated[Segment, typer.Option(help="Callers whose articles are looked at")] = Segment.ANY,
    limit: Annotated[int | None, typer.Option(min=1, help="Most articles; default from the settings")] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Find articles by words, whatever their endings and order."""
    hits = opened(context.obj).search(text, segment, limit)
    articles = [
        {
            "id": hit.article.id,
            "topic": hit.article.topic,
            "title": hit.article.title,
            "score": round(hit.score, 3),
        }
        for hit in hits
    ]
    lines = [f"{hit.score:6.3f}  {hit.article.id:28}  {hit.article.title}" for hit in hits]
    emit({"articles": articles}, "\n".join(lines) or "nothing found", output)


@app.command("classify")
def classify(
    context: typer.Context,
    file: UtterancesArgument,
    segment: Annotated[Segment, typer.Option(help="Callers who say it")] = Segment.ANY,
    output: FormatOption = Format.TEXT,
) -> None:
    """Tell the topic of each utterance (column `utterance`), and what decided."""
    said = utterances.read(file)
    base = opened(context.obj)
    results = [(one.text, base.classify(one.text, segment)) for one in said]
    document = {"results": [_result(text, found) for text, found in results]}
    lines = [f"{found.confidence:5.2f}  {found.topic or '-':24}  {text}" for text, found in results]
    emit(document, "\n".join(lines), output)


@app.command("score")
def score(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Columns `utterance` and `topic` (empty for off topic); without a file each phrase of the "
            "articles is held out of the training by turns"
        ),
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Measure the recognition of topics: share right, share of off-topic refused, what is mixed up."""
    said = None if file is None else utterances.read(file, with_topics=True)
    base = opened(context.obj)
    found = Score.of(_held_out(base) if said is None else _judged(base, said))
    document = {
        "on_topic": found.on_topic,
        "right": found.right,
        "accuracy": found.accuracy,
        "off_topic": found.off_topic,
        "refused": found.refused,
        "refusal": found.refusal,
        "confusions": [
            {"topic": topic or None, "taken_for": taken_for or None, "count": count}
            for topic, taken_for, count in found.confusions
        ],
        "misses": [
            {"utterance": miss.text, "topic": miss.topic or None, "taken_for": miss.taken_for or None}
            for miss in found.misses
        ],
    }
    emit(document, "\n".join(_score_lines(found)), output)


@app.command("misses")
def misses(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """List questions without an answer, those that ask the same together: candidates for new articles."""
    settings: Settings = context.obj

    async def grouped(database: Database) -> list[Question]:
        return await Misses(database, Dictionary(), settings.knowledge.similar_percent).questions()

    questions = with_database(settings.store, grouped)
    document = {"questions": [asdict(question) for question in questions]}
    lines = [
        f"{question.count:4}  {question.last:%Y-%m-%d}  {question.topic or '-':24}  {question.text}"
        for question in questions
    ]
    emit(document, "\n".join(lines) or "no misses", output)


def opened(settings: Settings) -> KnowledgeBase:
    """The company's knowledge base."""
    return open_knowledge(settings, SystemClock(settings.company.zone))


def _line(problem: Problem) -> str:
    place = f"{problem.file}:{problem.line}:{problem.column}"
    return f"{place}: {problem.severity}: {problem.message} [{problem.code}]"


def _counted(loaded: Loaded, errors: Sequence[Problem], warnings: Sequence[Problem]) -> str:
    offices = sum(map(len, loaded.offices.values()))
    return (
        f"{len(loaded.articles)} articles on {len(loaded.topics)} topics, {offices} offices: "
        f"{len(errors)} errors, {len(warnings)} warnings"
    )


def _result(text: str, found: Classification) -> dict[str, object]:
    return {
        "utterance": text,
        "topic": found.topic,
        "confidence": round(found.confidence, 3),
        "candidates": [
            {"topic": candidate.topic, "confidence": round(candidate.confidence, 3)}
            for candidate in found.candidates
        ],
        "because": [{"text": reason.text, "weight": round(reason.weight, 3)} for reason in found.because],
    }


def _judged(base: KnowledgeBase, said: Iterable[utterances.Utterance]) -> Iterator[Judged]:
    for one in said:
        yield Judged(one.text, one.topic, base.classify(one.text).topic or "")


def _held_out(base: KnowledgeBase) -> Iterator[Judged]:
    for text, topic, found in base.held_out():
        yield Judged(text, topic, found.topic or "")


def _score_lines(found: Score) -> Iterator[str]:
    yield from (f"{miss.topic or '-':24}  {miss.taken_for or '-':24}  {miss.text}" for miss in found.misses)
    if found.accuracy is not None:
        yield f"on topic: {found.right} of {found.on_topic} right, {found.accuracy:.1%}"
    if found.refusal is not None:
        yield f"off topic: {found.refused} of {found.off_topic} refused, {found.refusal:.1%}"
