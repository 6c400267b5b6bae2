"""Kinds of campaigns as the company has them, each rule broken by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from ivr.campaigns.entries import NewCampaign
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.lint import lint_campaign, lint_kinds
from ivr.dialogue import documents
from ivr.dialogue.documents import Document
from ivr.dialogue.flow import Flow
from ivr.dialogue.loader import Loaded, load, validated
from ivr.dialogue.problems import Problem, Severity
from ivr.dialogue.schema.files import FlowFile
from ivr.kpi.profiles import Profile, load_profiles

ROOT = Path(__file__).parents[3]
SCENARIOS = ROOT / "scenarios"
CAMPAIGNS = SCENARIOS / "campaigns"
LINE = "    say: {prompt:"
PAPERS = "    flow: campaign-documents-ready\n"


@cache
def company() -> Loaded:
    return load([SCENARIOS])


@cache
def profiles() -> dict[str, Profile]:
    return dict(load_profiles(ROOT / "metrics" / "standards"))


@cache
def kinds_text() -> str:
    return (CAMPAIGNS / "kinds.yaml").read_text(encoding="utf-8")


@cache
def kinds() -> Kinds:
    return Kinds.load(SCENARIOS)


@dataclass
class Company:
    """The company's campaigns with one text changed."""

    folder: Path
    kinds: str
    loaded: Loaded

    def with_kinds(self, old: str, new: str) -> Company:
        assert old in self.kinds
        return replace(self, kinds=self.kinds.replace(old, new))

    def with_flow(self, file: str, old: str, new: str) -> Company:
        text = (CAMPAIGNS / file).read_text(encoding="utf-8")
        assert old in text
        document = documents.parse(text.replace(old, new), file)
        assert isinstance(document, Document), document
        problems: list[Problem] = []
        read = validated(document, FlowFile, problems)
        assert read is not None, problems
        flow = Flow.of(read, document)
        return replace(self, loaded=replace(self.loaded, flows={**self.loaded.flows, flow.id: flow}))

    def without_flow(self, name: str) -> Company:
        left = {key: flow for key, flow in self.loaded.flows.items() if key != name}
        return replace(self, loaded=replace(self.loaded, flows=left))

    def problems(self) -> list[Problem]:
        if self.kinds == kinds_text():
            return lint_kinds(kinds(), self.loaded, profiles())
        (self.folder / "kinds.yaml").write_text(self.kinds, encoding="utf-8")
        return lint_kinds(Kinds.load(self.folder), self.loaded, profiles())

    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems() if problem.severity is Severity.ERROR]


@pytest.fixture
def here(tmp_path: Path) -> Company:
    return Company(tmp_path, kinds_text(), company())


def one(problems: list[Problem], code: str) -> Problem:
    """The first problem; all are of that code."""
    assert {problem.code for problem in problems} == {code}, problems
    return problems[0]


def test_the_companys_own_kinds_fit_all_five_standards(here: Company) -> None:
    assert here.errors() == []


def test_where_only_paper_is_a_notice_one_is_reminded_of_it(here: Company) -> None:
    assert {(one.code, one.severity) for one in here.problems()} == {("wrong-channel", Severity.WARNING)}


# --- nothing personal before the right person ---


def test_a_personal_field_in_the_greeting(here: Company) -> None:
    broken = here.with_flow(
        "person.yaml", "Вам удобно сейчас говорить?", '"Вы должны {target.amount|amount}?"'
    )
    found = [problem for problem in broken.errors() if problem.code == "before-right-person"]
    assert {Path(problem.file).name for problem in found} == {"person.yaml"}
    assert "'target.amount' is personal" in found[0].message
    assert "right-person" in found[0].message


def test_the_message_reached_around_the_question(here: Company) -> None:
    broken = here.with_flow(
        "debt.yaml", "      silent: silent\n      error: sorry", "      silent: message\n      error: sorry"
    )
    problem = one(broken.errors(), "before-right-person")
    text = (CAMPAIGNS / "debt.yaml").read_text(encoding="utf-8").splitlines()
    assert text[problem.line - 1].startswith(LINE)
    assert text[problem.line - 1][problem.column - 1 :].startswith("target.amount")


def test_a_personal_field_on_the_way_to_somebody_else(here: Company) -> None:
    broken = here.with_flow(
        "debt.yaml",
        "      stranger: stranger\n",
        '      stranger: {say: "Передайте, что долг {target.amount|amount}.", then: stranger}\n',
    )
    assert "target.amount" in one(broken.errors(), "before-right-person").message


def test_a_personal_field_that_a_sub_flow_says_too_early(here: Company) -> None:
    broken = here.with_flow(
        "people.yaml",
        "    say: to-operator\n    queue: {name: clients",
        '    say: "Долг {target.amount|amount}."\n    queue: {name: clients',
    )
    codes = {problem.code for problem in broken.errors()}
    assert "before-right-person" in codes


def test_a_personal_field_left_with_a_machine(here: Company) -> None:
    broken = here.with_flow(
        "machine.yaml", "У нас для Вас сообщение.", "{target.name|name}, у нас для Вас сообщение."
    )
    assert "whoever or whatever answers" in one(broken.errors(), "before-right-person").message


def test_the_name_said_elsewhere_than_in_its_question(here: Company) -> None:
    broken = here.with_flow(
        "person.yaml",
        "say: [outgoing-notice, campaign-purpose]",
        'say: [outgoing-notice, "{target.name|name}!"]',
    )
    assert one(broken.errors(), "before-right-person").message.startswith("'target.name'")


def test_a_kind_that_asks_for_nobody_says_nothing_personal(here: Company) -> None:
    broken = here.with_kinds(f"{PAPERS}    personal: true\n    asks_for: name\n", PAPERS)
    assert "target.papers" in one(broken.errors(), "before-right-person").message


def test_a_field_of_a_target_that_anybody_may_hear_is_no_fault(here: Company) -> None:
    public = here.with_kinds(
        "papers: {of: target, title: Какие документы, personal: true}",
        "papers: {of: target, title: Какие документы, personal: false}",
    ).with_kinds(f"{PAPERS}    personal: true\n    asks_for: name\n", PAPERS)
    assert public.errors() == []


def test_what_a_target_has_is_personal_unless_said_otherwise(here: Company) -> None:
    kept = here.with_kinds("Какие документы, personal: true", "Какие документы")
    assert kept.errors() == []
    assert Kinds.load(kept.folder)["documents-ready"].fields["papers"].personal


def test_personal_data_under_another_name(here: Company) -> None:
    broken = here.with_flow("people.yaml", "set: {about: =campaign.title}", "set: {about: =target.amount}")
    assert (
        "another variable"
        in one(
            [problem for problem in broken.errors() if problem.code != "unknown-field"], "hidden-personal"
        ).message
    )


def test_a_record_passed_on_under_another_name(here: Company) -> None:
    broken = here.with_flow(
        "debt.yaml",
        "    call: campaign-person\n    with: {target: =target,",
        "    call: campaign-person\n    with: {target: =campaign, campaign: =target}\n#",
    )
    assert "hidden-personal" in {problem.code for problem in broken.errors()}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "    silent: silent\n    otherwise: other_person\n\n  owner",
            "    silent: convenient\n    otherwise: other_person\n\n  owner",
        ),
        (
            '"Я говорю с {target.name|whom}? Нажмите один или скажите да."',
            '"Это Вы? Нажмите один или скажите да."',
        ),
        ("=digits == target.tail", '=digits != "0000"'),
        ('      - {if: =campaign.asks_for == "account", then: owner}\n', ""),
        ("    yes: tail", "    yes: convenient"),
    ],
)
def test_the_right_person_without_a_question(here: Company, old: str, new: str) -> None:
    found = here.with_flow("person.yaml", old, new).errors()
    assert "unverified-person" in {problem.code for problem in found}


def test_a_message_to_a_number_that_may_be_a_strangers(here: Company) -> None:
    broken = here.with_kinds(
        "moment: after, on: [told, confirmed, promised, paid-told, disputed],", "moment: before,"
    )
    found = [problem for problem in broken.problems() if problem.code == "message-to-strangers"]
    assert len(found) == 1
    assert found[0].severity is Severity.WARNING
    assert "'after' talks" in found[0].message


# --- what the standards oblige to ---


SEVEN = ("organisation", "works", "reason", "starts", "duration", "responsible", "phone")


@pytest.mark.parametrize("name", SEVEN)
def test_each_of_the_seven_fields_of_an_outage_is_declared(here: Company, name: str) -> None:
    line = next(
        line for line in here.kinds.splitlines() if line.strip().startswith(f"{name}: {{of: campaign")
    )
    found = [
        problem for problem in here.with_kinds(f"{line}\n", "").errors() if problem.code == "missing-field"
    ]
    assert found
    assert f"'{name}'" in found[0].message
    assert "kostroma" in found[0].message
    assert Path(found[0].file).name == "kinds.yaml"


@pytest.mark.parametrize("name", SEVEN)
@pytest.mark.parametrize("file", ["planned-outage.yaml", "machine-outage.yaml"])
def test_each_of_the_seven_is_said_to_people_and_machines(here: Company, file: str, name: str) -> None:
    text = (CAMPAIGNS / file).read_text(encoding="utf-8")
    holes = [part.partition("}")[0] for part in text.split("{")[1:] if part.startswith(f"campaign.{name}|")]
    broken = here
    for hole in holes[:1]:
        broken = here.with_flow(file, "{" + hole + "}", "что-то")
    if name == "starts":
        broken = here.with_flow(
            file, "Электричество отключат {campaign.starts|date} в {campaign.starts|time}.", "Скоро."
        )
    problem = one(broken.errors(), "unsaid-field")
    assert f"campaign.{name}" in problem.message
    assert "кострома" in problem.message


def test_an_obligatory_field_said_on_one_way_only(here: Company) -> None:
    broken = here.with_flow(
        "restriction.yaml",
        "      right-person: {set: {sure: true}, then: message}\n",
        "      right-person: {set: {sure: true}, then: amount}\n",
    )
    problem = one(broken.errors(), "unsaid-field")
    assert "campaign.ground" in problem.message
    assert Path(problem.file).name == "restriction.yaml"


def test_a_call_alone_where_the_standard_lists_other_ways(here: Company) -> None:
    start = here.kinds.index("    messages:\n      - {channel: account")
    end = here.kinds.index("      - {channel: sms, moment: asked", start)
    broken = here.with_kinds(here.kinds[start:end], "    messages:\n")
    assert "kostroma" in one(broken.errors(), "wrong-channel").message


# --- words ---


def test_a_forbidden_phrase_in_a_message(here: Company) -> None:
    broken = here.with_kinds(
        '"Энергосбыт Заречье: к оплате {target.amount|amount} до',
        '"Вы обязаны оплатить {target.amount|amount} до',
    )
    problem = one(broken.errors(), "forbidden-phrase")
    assert "вы обязаны" in problem.message
    assert "Вам нужно" in problem.message


@pytest.mark.parametrize("words", ["SMS", "100 руб.", "№ пять", "кВт·ч"])
def test_words_that_a_voice_reads_wrongly(here: Company, words: str) -> None:
    broken = here.with_flow("survey.yaml", "Оцените от одного до пяти", f"{words} Оцените от одного до пяти")
    assert "write it out" in one(broken.errors(), "unspeakable").message


def test_a_message_that_is_no_template(here: Company) -> None:
    broken = here.with_kinds(
        'лицевой счёт {target.account|text}."}\n    retries',
        'лицевой счёт {target.account|text."}\n    retries',
    )
    assert "brace" in one(broken.errors(), "template").message


# --- names ---


def test_a_kind_without_its_flow(here: Company) -> None:
    problem = one(here.without_flow("campaign-survey").errors(), "unknown-flow")
    assert "campaign-survey" in problem.message
    assert Path(problem.file).name == "kinds.yaml"


def test_a_kind_without_the_flow_for_machines(here: Company) -> None:
    assert one(here.without_flow("campaign-machine-tariff").errors(), "unknown-flow")


def test_a_flow_that_takes_something_else(here: Company) -> None:
    broken = here.with_flow(
        "agent.yaml", "takes: {target: record, campaign: record}", "takes: {campaign: record}"
    )
    assert "takes" in {problem.code for problem in broken.errors()}


def test_an_outcome_of_which_nobody_knows_what_follows(here: Company) -> None:
    broken = here.with_flow(
        "agent.yaml",
        "  no-callback: {complete",
        "  lost-in-thought: {complete: false}\n  no-callback: {complete",
    )
    assert "'lost-in-thought'" in one(broken.errors(), "unknown-outcome").message


def test_a_topic_that_there_is_not(here: Company) -> None:
    found = lint_kinds(kinds(), here.loaded, {}, {"balance.debts"})
    assert {problem.code for problem in found} == {"unknown-topic"}
    assert "did you mean 'balance.debts'" in found[0].message


def test_a_field_that_the_kind_does_not_have(here: Company) -> None:
    broken = here.with_flow("survey.yaml", "{campaign.question|text}", "{campaign.qestion|text}")
    found = [problem for problem in broken.errors() if problem.code == "unknown-field"]
    assert "did you mean 'question'" in found[0].message


def test_a_field_that_a_message_does_not_have(here: Company) -> None:
    broken = here.with_kinds("к оплате {target.amount|amount} до", "к оплате {target.sum|amount} до")
    assert "'target.sum'" in one(broken.errors(), "unknown-field").message


def test_a_filter_that_there_is_not(here: Company) -> None:
    broken = here.with_kinds("к оплате {target.amount|amount} до", "к оплате {target.amount|roubles} до")
    assert "'roubles'" in one(broken.errors(), "unknown-filter").message


def test_a_field_that_nobody_reads(here: Company) -> None:
    broken = here.with_kinds(
        "      question: {of: campaign,",
        "      colour: {of: campaign, title: Цвет}\n      question: {of: campaign,",
    )
    found = [problem for problem in broken.problems() if problem.code == "unused-field"]
    assert len(found) == 1
    assert found[0].severity is Severity.WARNING
    assert "campaign.colour" in found[0].message


def test_a_result_that_no_flow_leaves(here: Company) -> None:
    broken = here.with_kinds("results: {score: Оценка, words: Почему}", "results: {skore: Оценка}")
    assert "did you mean 'score'" in one(broken.errors(), "unknown-variable").message


@pytest.mark.parametrize("rule", ["{machine: {delay: 5}}", "{busy: {delay_minutes: -1, times: 1}}"])
def test_a_retry_rule_that_is_none(here: Company, rule: str) -> None:
    broken = here.with_kinds(
        "    retries: {machine: {delay_minutes: 180, times: 1, other_time: true}, most_tries: 2}",
        f"    retries: {rule}",
    )
    assert "no retry rule" in one(broken.errors(), "retries").message


def test_a_channel_instead_of_the_call_by_which_nothing_goes(here: Company) -> None:
    broken = here.with_kinds("      busy: {channel: sms}\n", "      busy: {channel: email}\n")
    assert "'email'" in one(broken.errors(), "no-message").message


# --- one campaign ---


def outage(**changed: object) -> NewCampaign:
    fields = {
        "organisation": "Заречные сети",
        "works": "замена опор",
        "reason": "износ линии",
        "starts": "26.11.2026 09:00",
        "duration": "четыре часа",
        "responsible": "главный инженер Орлов Сергей Иванович",
        "phone": "+74832000007",
    }
    return NewCampaign(
        name="zarechye",
        kind="planned-outage",
        title="Заречье",
        first_day=date(2026, 11, 20),
        last_day=date(2026, 11, 25),
        by="supervisor",
        fields={**fields, **changed},
    )


def linted(campaign: NewCampaign, profile: str = "kostroma") -> list[str]:
    found = lint_campaign(kinds(), campaign, forbidden=company().forbidden, profile=profiles()[profile])
    assert all(fault.where.endswith(campaign.name) and fault.fix for fault in found)
    return [fault.what for fault in found]


def test_a_campaign_in_order() -> None:
    assert linted(outage()) == []


@pytest.mark.parametrize("name", SEVEN)
def test_a_campaign_without_one_of_the_seven(name: str) -> None:
    (found,) = linted(outage(**{name: " "}))
    assert f"({name})" in found
    assert "кострома" in found


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("starts", "завтра", "a moment is expected"),
        ("colour", "red", "no field 'colour'"),
        ("reason", "Вас беспокоят из-за аварии", "forbids «вас беспоко*»"),
        ("works", "замена ТП 10 кВт", "'кВт'"),
    ],
)
def test_a_campaign_with_a_field_that_does_not_fit(name: str, value: str, told: str) -> None:
    (found,) = linted(outage(**{name: value}))
    assert told in found


def test_a_campaign_that_ends_after_the_outage() -> None:
    (found,) = linted(outage(starts="24.11.2026 09:00"))
    assert "before it" in found


def test_a_campaign_that_tells_later_than_the_standard_wants() -> None:
    (found,) = linted(outage(), profile="omsk")
    assert "10 days before it" in found
    assert linted(outage(starts="05.12.2026 09:00"), profile="omsk") == []


def test_a_campaign_of_a_kind_that_there_is_not() -> None:
    (fault,) = lint_campaign(kinds(), replace(outage(), kind="planed-outage"))
    assert "did you mean 'planned-outage'" in fault.what
