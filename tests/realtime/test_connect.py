"""Who gets a messaging session, over ws and wss, and what the others are told."""

import datetime
import itertools
import json
import re
import ssl
import time
import urllib.parse

import botocore.auth
import pytest
from polling import eventually
from session import (
    FORBIDDEN,
    NOT_AUTHORISED,
    OVERLOADED,
    Session,
    credentials,
    origin_of,
    signed_url,
)
from websockets.exceptions import ConnectionClosed, InvalidStatus
from world import ACCOUNT, CREDENTIALS

SECRET = CREDENTIALS["aws_secret_access_key"]
ENFORCED = pytest.mark.carillon("--sigv4", "enforce", "--credential", f"{ACCOUNT}={SECRET}")
WARNED = pytest.mark.carillon(
    "--sigv4", "warn", "--credential", f"{ACCOUNT}={SECRET}", "--account", ACCOUNT
)
WARNING = re.compile(r"a request is not signed as it should be; .* error=(\w+) ")
SESSIONS_PER_USER_MAX = 10
ESTABLISHED = {
    "Headers": {
        "x-amz-chime-event-type": "SESSION_ESTABLISHED",
        "x-amz-chime-message-type": "SYSTEM",
    }
}


def test_the_first_frame_says_that_the_session_is_established(stage, world):
    assert json.loads(stage.open(world.alice).next_frame()) == ESTABLISHED


def test_nothing_else_is_sent_before_something_happens(stage, world):
    alice = stage.connect(world.alice)
    assert stage.types(alice) == [[]]


def test_the_endpoint_is_where_the_client_sees_the_server(stage, world):
    host = world.messaging.get_messaging_session_endpoint()["Endpoint"]["Url"]
    assert host == f"127.0.0.1:{world.carillon.port}"
    stage.connect(world.alice, origin=f"ws://{host}")


def test_the_query_is_all_that_counts(stage, world):
    # As other clients put it: their own parameters, a long life, blanks as plus signs.
    stage.connect(
        world.alice,
        sessionId="a session",
        **{"X-Amzn-Version": "3.32.0", "X-Amzn-User-Agent": "node-NaN"},
        expires=300,
    )


def test_http_https_ws_and_wss_share_the_port(stage, world, trust):
    # By name, too, but without a machine that resolves it.
    for name in ("127.0.0.1", "localhost"):
        secure = stage.connect(
            world.alice,
            origin=origin_of(world.carillon, "wss"),
            ssl=trust,
            socket_options={"server_hostname": name},
        )
        plain = stage.connect(world.alice, origin=origin_of(world.carillon, "ws"))
        message_id = world.send("both")["MessageId"]
        for events in stage.seen(secure, plain):
            assert [event.payload["MessageId"] for event in events] == [message_id]


def test_a_client_that_does_not_trust_the_ca_is_the_only_one_to_notice(stage, world, trust):
    secure = stage.connect(world.alice, origin=origin_of(world.carillon, "wss"), ssl=trust)
    with pytest.raises(ssl.SSLCertVerificationError):
        stage.open(
            world.alice,
            origin=origin_of(world.carillon, "wss"),
            ssl=ssl.create_default_context(),
        )
    assert stage.types(secure) == [[]]


@ENFORCED
@pytest.mark.parametrize("token", [None, "a/session+token=="])
def test_a_signed_query_is_let_in(stage, world, trust, token):
    signer = credentials(token=token)
    stage.connect(world.alice, signer=signer)
    stage.connect(
        world.alice,
        signer=signer,
        origin=origin_of(world.carillon, "wss"),
        ssl=trust,
        prefetch_on="connect",
    )


@ENFORCED
def test_a_wrong_signature_is_not_authorised(stage, world):
    good = signed_url(origin_of(world.carillon), world.alice)
    signature = good.rpartition("&X-Amz-Signature=")
    bob = "userArn=" + urllib.parse.quote(world.bob, safe="")
    refused = {
        "wrong secret": signed_url(
            origin_of(world.carillon), world.alice, signer=credentials(secret="another")
        ),
        "unknown key": signed_url(
            origin_of(world.carillon), world.alice, signer=credentials(key="AKIDUNKNOWN")
        ),
        "another user": good.replace("%2Fuser%2Falice", "%2Fuser%2Fbob"),
        "one parameter more": f"{signature[0]}&prefetch-on=connect{signature[1]}{signature[2]}",
        "a user before the one who is signed": good.replace("?", f"?{bob}&"),
        "a user after the one who is signed": f"{good}&{bob}",
        "a life longer than the one that is signed": f"{good}&X-Amz-Expires=604800",
        "a wrong signature after the right one": f"{good}&X-Amz-Signature={'0' * 64}",
        "no signature": signature[0],
        "nothing signed": good.partition("&X-Amz-Algorithm")[0],
    }
    assert good.count("%2Fuser%2Falice") == 1
    codes = {why: stage.open(None, url=url).close_code() for why, url in refused.items()}
    assert codes == dict.fromkeys(refused, NOT_AUTHORISED)
    # The one that all of them were made from is good, and stays so.
    stage.open(None, url=good).established()


@ENFORCED
@pytest.mark.parametrize(("seconds_ago", "welcome"), [(0, True), (11, False), (100_000, False)])
def test_a_signature_is_good_for_as_long_as_it_says(
    stage, world, monkeypatch, seconds_ago, welcome
):
    signed_at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(
        seconds=seconds_ago
    )
    with monkeypatch.context() as patched:
        patched.setattr(botocore.auth, "get_current_datetime", lambda: signed_at)
        url = signed_url(origin_of(world.carillon), world.alice, expires=10)
    session = stage.open(None, url=url)
    if welcome:
        session.established()
    else:
        assert session.close_code() == NOT_AUTHORISED


@WARNED
def test_a_wrong_signature_may_be_no_more_than_warned_of(stage, world):
    origin = origin_of(world.carillon)
    good = signed_url(origin, world.alice)
    stage.open(None, url=good).established()
    expected = []

    def let_in(url, error):
        stage.open(None, url=url).established()
        expected.append(error)

    let_in(
        signed_url(origin, world.alice, signer=credentials(secret="another")),
        "InvalidSignatureException",
    )
    let_in(
        signed_url(origin, world.alice, signer=credentials(key="AKIDUNKNOWN")),
        "UnrecognizedClientException",
    )
    let_in(good.partition("&X-Amz-Signature=")[0], "IncompleteSignatureException")
    let_in(good.partition("&X-Amz-Algorithm")[0], "MissingAuthenticationTokenException")

    def warnings():
        return WARNING.findall(world.carillon.log())

    eventually(lambda: len(warnings()) >= len(expected), "the log has the warnings")
    # Not of the first one, nor of what the world's clients have signed.
    assert warnings() == expected


def test_a_query_that_is_incomplete_is_not_authorised(stage, world):
    origin = origin_of(world.carillon)
    urls = {
        "no user": signed_url(origin, None),
        "empty user": signed_url(origin, ""),
        "no session": signed_url(origin, world.alice, sessionId=None),
        "prefetch on what": signed_url(origin, world.alice, prefetch_on="always"),
        "sorted by what": signed_url(
            origin, world.alice, prefetch_on="connect", prefetch_sort_by="name"
        ),
        "no query": f"{origin}/connect",
    }
    codes = {why: stage.open(None, url=url).close_code() for why, url in urls.items()}
    assert codes == dict.fromkeys(urls, NOT_AUTHORISED)


def test_users_that_are_not_the_callers_are_forbidden(stage, world):
    unknown = world.alice.replace("/user/alice", "/user/nobody")
    foreign = world.alice.replace(ACCOUNT, "444455556666")
    for user in (unknown, foreign, world.channel, world.app_instance, "not-an-arn"):
        assert stage.open(user).close_code() == FORBIDDEN, user
    # Another account asks for a user that is there.
    stranger = credentials(key="444455556666")
    assert stage.open(world.alice, signer=stranger).close_code() == FORBIDDEN
    stage.connect(world.alice)


@pytest.mark.carillon("--auto-provision")
def test_a_user_may_come_to_exist_with_its_session(stage, world):
    newcomer = world.alice.replace("/user/alice", "/user/newcomer")
    stage.open(newcomer).established()
    world.identity.describe_app_instance_user(AppInstanceUserArn=newcomer)
    session = stage.connect(newcomer)
    world.messaging.create_channel_membership(
        ChannelArn=world.channel, MemberArn=newcomer, Type="DEFAULT", ChimeBearer=world.admin
    )
    world.send("welcome")
    assert stage.types(session) == [["CREATE_CHANNEL_MEMBERSHIP", "CREATE_CHANNEL_MESSAGE"]]


def test_a_user_has_ten_sessions_and_no_more(stage, world):
    sessions = [stage.connect(world.alice) for _ in range(SESSIONS_PER_USER_MAX)]
    assert stage.open(world.alice).close_code() == FORBIDDEN
    bob = stage.connect(world.bob)
    message_id = world.send("to all")["MessageId"]
    for events in stage.seen(*sessions, bob):
        assert [event.payload["MessageId"] for event in events] == [message_id]

    sessions.pop().close()

    def another():
        try:
            return stage.open(world.alice).established()
        except ConnectionClosed:
            return None

    assert eventually(another, "there is room for a tenth session again")
    assert stage.open(world.alice).close_code() == FORBIDDEN


@pytest.mark.carillon("--quotas", "enforce")
def test_a_user_connects_once_in_a_second_if_quotas_are_enforced(stage, world):
    let_in_s = []  # of each session: before it was asked for, and when it was there

    def connect_again():
        asked_s = time.time()
        session = stage.open(world.alice)
        try:
            session.established()
        except ConnectionClosed as closed:
            return closed.rcvd.code
        let_in_s.append((asked_s, time.time()))
        session.close()
        return None

    # A busy machine may take a second for some of them, but not for all.
    assert eventually(connect_again, "a connect comes too soon") == OVERLOADED
    assert let_in_s
    # The others are not meant.
    bob = stage.connect(world.bob)
    eventually(lambda: connect_again() is None, "a second is over")
    for (asked_s, _), (_, there_s) in itertools.pairwise(let_in_s):
        assert there_s - asked_s > 0.998, "two in one second"
    world.send("hello")
    assert stage.types(bob) == [["CREATE_CHANNEL_MESSAGE"]]


def test_a_user_that_is_deleted_is_disconnected(stage, world):
    alice = [stage.connect(world.alice), stage.connect(world.alice)]
    bob = stage.connect(world.bob)
    world.identity.delete_app_instance_user(AppInstanceUserArn=world.alice)
    for session in alice:
        session.last_events()
        assert session.socket.close_code == FORBIDDEN
    assert stage.open(world.alice).close_code() == FORBIDDEN
    stage.seen(bob)


def test_an_app_instance_that_is_deleted_takes_its_users_along(stage, world):
    sessions = [stage.connect(user) for user in (world.alice, world.bob, world.admin)]
    world.identity.delete_app_instance(AppInstanceArn=world.app_instance)
    for session in sessions:
        session.last_events()
        assert session.socket.close_code == FORBIDDEN


@pytest.mark.parametrize("data", ["text", b"binary", ""])
def test_clients_have_nothing_to_say(stage, world, data):
    alice, bob = stage.connect(world.alice), stage.connect(world.bob)
    alice.socket.send(data)
    assert alice.close_code() == 1003
    assert stage.types(bob) == [[]]


def test_connect_without_an_upgrade_asks_for_one(world):
    status, headers, _ = world.carillon.request("GET", "/connect?userArn=x")
    assert status == 426
    assert headers["Upgrade"].lower() == "websocket"


def test_an_upgrade_is_for_connect_only(world):
    with pytest.raises(InvalidStatus) as refused:
        Session(f"{origin_of(world.carillon)}/channels")
    assert refused.value.response.status_code in (400, 404)
