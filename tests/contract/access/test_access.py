from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import Connection, select

from ivr.access.audit import Action, Entry, Selection
from ivr.access.model import Role, User
from ivr.access.passwords import Busy, Hasher, Weakness
from ivr.access.service import Access, SignedIn, TooManyAttempts, WeakPassword, WrongPassword
from ivr.access.sessions import SessionEnd, csrf_token
from ivr.access.settings import AccessSettings, PasswordSettings
from ivr.access.tables import sessions, users
from ivr.access.users import Reason, UserRefused
from ivr.store import Database
from tests.contract.access.conftest import CHEAP
from tests.unit.customers.samples import ClockByHand

PASSWORD = "синий трамвай у реки"
HOME = "10.0.0.7"
ANNA = User(
    login="ivanova", name="Анна Иванова", role=Role.OPERATOR, extension="201", skills=("clients.billing",)
)
BOSS = User(login="boss", name="Борис Петрович", role=Role.ADMINISTRATOR)


@pytest.fixture(autouse=True)
async def _known(access: Access) -> None:
    for user in (ANNA, BOSS):
        await access.add(user, PASSWORD, by="setup", must_change=False)


async def signed_in(access: Access, login: str = "ivanova") -> SignedIn:
    return await access.sign_in(login, PASSWORD, HOME)


async def wrong(access: Access, login: str = "ivanova", address: str = HOME) -> None:
    with pytest.raises(WrongPassword):
        await access.sign_in(login, "nobody would take it", address)


async def test_a_sign_in_opens_a_session_whose_secret_is_not_kept(access: Access, database: Database) -> None:
    done = await signed_in(access)
    assert done.holder.user == ANNA
    assert await access.sessions.find(done.secret) == done.holder

    def kept(connection: Connection) -> str:
        rows = [*connection.execute(select(sessions)), *connection.execute(select(users))]
        return repr(rows)

    text = await database.read(kept)
    assert done.secret not in text
    assert PASSWORD not in text
    assert "$argon2id$" in text
    assert csrf_token(done.secret) not in text


async def test_secrets_and_tokens_differ(access: Access) -> None:
    one, other = await signed_in(access), await signed_in(access)
    assert one.secret != other.secret
    assert csrf_token(one.secret) != csrf_token(other.secret)
    assert one.holder.session.id != other.holder.session.id


async def test_unknown_wrong_and_inactive_look_the_same(access: Access) -> None:
    await wrong(access)
    await wrong(access, "nobody")
    await access.change("ivanova", by="boss", active=False)
    with pytest.raises(WrongPassword):
        await signed_in(access)


@pytest.mark.parametrize("login", ["ivanova", "nobody"])
async def test_failures_delay_then_lock_known_and_unknown_alike(
    access: Access, clock: ClockByHand, login: str
) -> None:
    settings = CHEAP.attempts
    waits = []
    for _ in range(settings.free + 11):
        await wrong(access, login)
        waits.append((await access.attempts.standing(login, HOME)).wait_seconds)
        clock.pass_by(waits[-1])
    assert waits[: settings.free] == [0.0] * settings.free
    assert waits[settings.free :] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]


async def test_who_has_to_wait_is_not_let_in_even_when_right(access: Access, clock: ClockByHand) -> None:
    for _ in range(4):
        await wrong(access)
    with pytest.raises(TooManyAttempts) as refused:
        await signed_in(access)
    assert 0 < refused.value.wait_seconds <= 1
    clock.pass_by(1)
    await signed_in(access)
    assert (await access.attempts.standing("ivanova", HOME)).wait_seconds == 0


async def test_an_address_that_tries_many_logins_has_to_wait(access: Access) -> None:
    for number in range(CHEAP.attempts.free_of_address + 1):
        await wrong(access, f"guess{number}")
    with pytest.raises(TooManyAttempts):
        await signed_in(access)
    await access.sign_in("ivanova", PASSWORD, "10.0.0.8")


async def test_an_office_is_never_locked_out_by_its_address(access: Access, clock: ClockByHand) -> None:
    for number in range(CHEAP.attempts.free_of_address + 8):
        await wrong(access, f"guess{number}")
        clock.pass_by(CHEAP.attempts.longest_of_address_seconds)
    await signed_in(access)


async def test_failures_are_forgotten_after_their_time(access: Access, clock: ClockByHand) -> None:
    for _ in range(4):
        await wrong(access)
    clock.pass_by(CHEAP.attempts.forget_seconds)
    assert (await access.attempts.standing("ivanova", HOME)).wait_seconds == 0
    await wrong(access)
    assert (await access.attempts.standing("ivanova", HOME)).wait_seconds == 0


async def test_a_parallel_storm_gets_one_attempt_at_a_time(access: Access) -> None:
    async def attempt() -> str:
        try:
            await access.sign_in("ivanova", "guess after guess", HOME)
        except Exception as error:
            return type(error).__name__
        raise AssertionError

    found = await asyncio.gather(*(attempt() for _ in range(50)))
    assert found.count("WrongPassword") == 1
    assert found.count("TooManyAttempts") == 49


async def test_an_administrator_unlocks(access: Access) -> None:
    for _ in range(4):
        await wrong(access)
    assert await access.unlock("ivanova", by="boss")
    await signed_in(access)


async def test_nobody_locks_out_who_has_signed_in_from_his_address_before(access: Access) -> None:
    await signed_in(access)
    for number in range(20):
        await _storm(access, "ivanova", f"127.0.0.{number + 1}")
    with pytest.raises(TooManyAttempts):
        await access.sign_in("ivanova", PASSWORD, "10.0.0.8")
    await signed_in(access)


async def test_a_storm_from_his_own_address_on_others_does_not_hold_him_up(access: Access) -> None:
    await signed_in(access)
    for number in range(CHEAP.attempts.free_of_address + 1):
        await wrong(access, f"guess{number}")
    await signed_in(access)


async def test_he_himself_has_no_more_attempts_than_anybody(access: Access, clock: ClockByHand) -> None:
    await signed_in(access)
    for _ in range(CHEAP.attempts.free + 1):
        await wrong(access)
    with pytest.raises(TooManyAttempts):
        await signed_in(access)
    assert await access.unlock("ivanova", by="boss")
    await signed_in(access)


async def test_his_sign_in_forgives_no_stranger(access: Access) -> None:
    await signed_in(access)
    for _ in range(CHEAP.attempts.free + 1):
        await wrong(access, address="10.0.0.8")
    await signed_in(access)
    assert (await access.attempts.standing("ivanova", "10.0.0.8")).wait_seconds > 0


async def test_he_does_not_wait_behind_a_parallel_storm(access: Access) -> None:
    await signed_in(access)
    waiting = CHEAP.passwords.waiting + 10
    storm = [
        asyncio.create_task(_storm(access, login, f"127.0.1.{number + 1}"))
        for number in range(waiting)
        for login in ("ivanova", f"guess{number}")
    ]
    await asyncio.wait(storm, return_when=asyncio.FIRST_COMPLETED)
    await signed_in(access)
    assert not all(each.done() for each in storm)
    assert Busy in await asyncio.gather(*storm)


async def _storm(access: Access, login: str, address: str) -> type[Exception]:
    try:
        await access.sign_in(login, "guess after guess", address)
    except (WrongPassword, TooManyAttempts, Busy) as refused:
        return type(refused)
    raise AssertionError


async def test_more_passwords_than_can_wait_are_refused_early() -> None:
    hasher = Hasher(PasswordSettings(memory_kib=19_456, passes=1, waiting=2))
    found = await asyncio.gather(*(hasher.verify(None, "x") for _ in range(8)), return_exceptions=True)
    assert [type(each) for each in found[:3]] == [bool] * 3
    assert all(isinstance(each, Busy) for each in found[3:])
    assert await hasher.verify(await hasher.hash(PASSWORD), PASSWORD)
    hasher.close()


# --- sessions ----------------------------------------------------------------------------------------------


async def test_a_session_ends_when_nobody_is_there(access: Access, clock: ClockByHand) -> None:
    done = await signed_in(access)
    clock.pass_by(59 * 60)
    assert await access.sessions.find(done.secret)
    clock.pass_by(59 * 60)
    assert await access.sessions.find(done.secret), "the look before kept it open"
    clock.pass_by(60 * 60)
    assert await access.sessions.find(done.secret) is None


async def test_an_open_page_keeps_it_up_to_the_absolute_limit(access: Access, clock: ClockByHand) -> None:
    done = await signed_in(access)
    session_id = done.holder.session.id
    for _ in range(23):
        clock.pass_by(30 * 60)
        holding = await access.sessions.holding([session_id, "forged"])
        assert list(holding) == [session_id]
        await access.sessions.seen([holding[session_id].session])
    clock.pass_by(30 * 60)
    assert await access.sessions.holding([session_id]) == {}
    assert await access.sessions.find(done.secret) is None


@pytest.mark.parametrize("forged", ["", "x", "' OR 1=1 --", "0" * 43, "\0", "я" * 400])
async def test_a_forged_secret_opens_nothing(access: Access, forged: str) -> None:
    await signed_in(access)
    assert await access.sessions.find(forged) is None


async def test_the_public_id_is_no_secret(access: Access) -> None:
    done = await signed_in(access)
    assert await access.sessions.find(done.holder.session.id) is None


async def test_signing_out_ends_one_and_tells(access: Access) -> None:
    ended: list[str] = []
    access.sessions.subscribe(ended.append)
    one, other = await signed_in(access), await signed_in(access)
    await access.sign_out(one.holder)
    assert await access.sessions.find(one.secret) is None
    assert await access.sessions.find(other.secret)
    assert ended == [one.holder.session.id]
    assert not await access.sessions.end(one.holder.session.id, SessionEnd.REVOKED)


async def test_a_new_password_ends_the_other_sessions(access: Access) -> None:
    one, other = await signed_in(access), await signed_in(access)
    with pytest.raises(WrongPassword):
        await access.change_password(one.holder, "not the old one", "kQ7-vagon-Lz", HOME)
    with pytest.raises(WeakPassword) as weak:
        await access.change_password(one.holder, PASSWORD, PASSWORD, HOME)
    assert weak.value.weakness is Weakness.SAME
    assert await access.sessions.find(other.secret)
    await access.change_password(one.holder, PASSWORD, "kQ7-vagon-Lz", HOME)
    assert await access.sessions.find(one.secret)
    assert await access.sessions.find(other.secret) is None
    await access.sign_in("ivanova", "kQ7-vagon-Lz", HOME)


async def test_a_password_that_was_given_has_to_be_changed(access: Access) -> None:
    before = await signed_in(access)
    await access.set_password("ivanova", "kQ7-vagon-Lz", by="boss")
    assert await access.sessions.find(before.secret) is None
    done = await access.sign_in("ivanova", "kQ7-vagon-Lz", HOME)
    assert done.holder.must_change
    await access.change_password(done.holder, "kQ7-vagon-Lz", PASSWORD, HOME)
    holder = await access.sessions.find(done.secret)
    assert holder is not None
    assert not holder.must_change


async def test_who_is_no_longer_active_is_out_at_once(access: Access) -> None:
    done = await signed_in(access)
    await access.change("ivanova", by="boss", active=False)
    assert await access.sessions.find(done.secret) is None


async def test_another_process_is_believed_after_the_trusted_seconds(
    access: Access, database: Database, clock: ClockByHand
) -> None:
    done = await signed_in(access)
    elsewhere = Access(database, CHEAP, clock)
    await elsewhere.change("ivanova", by="boss", active=False)
    elsewhere.close()
    clock.pass_by(CHEAP.sessions.trusted_seconds)
    assert await access.sessions.find(done.secret) is None


async def test_a_session_is_revoked_only_with_its_user(access: Access) -> None:
    done = await signed_in(access)
    session_id = done.holder.session.id
    assert [each.id for each in await access.sessions.of("ivanova")] == [session_id]
    assert not await access.revoke("boss", session_id, by="boss")
    assert await access.revoke("ivanova", session_id, by="boss")
    assert await access.sessions.of("ivanova") == []


# --- users -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({}, Reason.LOGIN_TAKEN, "login"),
        ({"login": "other"}, Reason.EXTENSION_TAKEN, "extension"),
        ({"login": "Иванова"}, Reason.MALFORMED, "login"),
        ({"login": "other", "extension": "20l"}, Reason.MALFORMED, "extension"),
        ({"login": "other", "name": "A\nB"}, Reason.MALFORMED, "name"),
        ({"login": "other", "skills": ("clients", "a b")}, Reason.MALFORMED, "skills"),
    ],
)
async def test_a_user_that_is_not_made(
    access: Access, changes: dict[str, object], reason: Reason, field: str
) -> None:
    with pytest.raises(UserRefused) as refused:
        await access.add(replace(ANNA, **changes), PASSWORD, by="boss")  # type: ignore[arg-type]
    assert (refused.value.reason, refused.value.field) == (reason, field)
    assert await access.users.all() == [BOSS, ANNA]


async def test_the_telephone_of_who_left_is_free(access: Access) -> None:
    await access.change("ivanova", by="boss", active=False)
    await access.add(replace(ANNA, login="other"), PASSWORD, by="boss")
    with pytest.raises(UserRefused) as refused:
        await access.change("ivanova", by="boss", active=True)
    assert refused.value.reason is Reason.EXTENSION_TAKEN


@pytest.mark.parametrize("changes", [{"active": False}, {"role": Role.OPERATOR}])
async def test_somebody_has_to_be_left_who_administers(access: Access, changes: dict[str, object]) -> None:
    with pytest.raises(UserRefused) as refused:
        await access.change("boss", by="boss", **changes)
    assert refused.value.reason is Reason.LAST_ADMINISTRATOR
    await access.add(replace(BOSS, login="deputy"), PASSWORD, by="boss")
    await access.change("boss", by="deputy", **changes)


async def test_changes_are_told(access: Access) -> None:
    told: list[User] = []
    access.users.subscribe(told.append)
    await access.change("ivanova", by="boss", skills=("clients",), name="Анна")
    assert told == [replace(ANNA, skills=("clients",), name="Анна")] == [await access.users.get("ivanova")]


async def test_hashes_are_renewed_with_the_settings(
    access: Access, database: Database, clock: ClockByHand
) -> None:
    dearer = AccessSettings(passwords=PasswordSettings(memory_kib=20_480, passes=1))
    renewing = Access(database, dearer, clock)
    await signed_in(renewing)
    credentials = await access.users.credentials("ivanova")
    assert credentials is not None
    assert "m=20480,t=1,p=1" in credentials.password
    await signed_in(renewing)
    renewing.close()


# --- audit -------------------------------------------------------------------------------------------------


async def test_the_audit_tells_who_saw_what_through_which_call(access: Access, clock: ClockByHand) -> None:
    entry = Entry(
        login="ivanova",
        action=Action.VIEWED,
        subject="320145678",
        call_id="c1",
        what="card",
        session_id="s1",
        address=HOME,
    )
    await access.audit.record(entry, replace(entry, subject="320145679"))
    (found,) = await access.audit.find(Selection(subject="320145678", call_id="c1", action=Action.VIEWED))
    assert (found.login, found.what, found.at) == ("ivanova", "card", clock.now())
    assert "320145678" not in repr(found)
    newest = await access.audit.find(Selection(login="ivanova", limit=1))
    assert [each.subject for each in newest] == ["320145679"]
    older = await access.audit.find(Selection(login="ivanova", before=newest[0].id))
    assert [each.subject for each in older] == ["320145678"]
    assert await access.audit.find(Selection(since=clock.now(), until=clock.now())) == []


async def test_sign_ins_refusals_and_changes_are_in_it(access: Access) -> None:
    await wrong(access, "password typed as a login")
    await wrong(access)
    done = await signed_in(access)
    await access.change("ivanova", by="boss", skills=())
    await access.sign_out(done.holder)
    found = [(each.login, each.action, each.what) for each in await access.audit.find(Selection(limit=5))]
    assert found == [
        ("ivanova", Action.SIGNED_OUT, ""),
        ("boss", Action.USER_CHANGED, "skills"),
        ("ivanova", Action.SIGNED_IN, ""),
        ("ivanova", Action.SIGN_IN_REFUSED, "wrong password"),
        ("", Action.SIGN_IN_REFUSED, "unknown login"),
    ]


async def test_entries_go_after_their_term(access: Access, clock: ClockByHand) -> None:
    before = len(await access.audit.find(Selection()))
    clock.pass_by((CHEAP.audit.keep_days - 1) * 86_400.0)
    await access.audit.record(Entry(login="ivanova", action=Action.VIEWED))
    assert await access.audit.purge() == 0
    clock.pass_by(2 * 86_400.0)
    assert await access.audit.purge() == before > 0
    assert len(await access.audit.find(Selection())) == 1
