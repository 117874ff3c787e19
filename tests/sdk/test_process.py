"""What the process does with signals, and over IPv6."""

import signal
import socket
import subprocess
import threading

import invoke_endpoint
import pytest
from polling import eventually
from server_process import CarillonProcess, binary, clean_environment
from world import World, processor_entry

EXIT_TIMEOUT_S = 20


@pytest.mark.carillon("--shutdown-timeout", "1h")
@pytest.mark.parametrize("second, exit_code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_second_signal_ends_at_once(carillon, second, exit_code):
    # A request whose body does not come holds up the end.
    with socket.create_connection(("127.0.0.1", carillon.port)) as hanging:
        hanging.sendall(
            b"POST /app-instances HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        )
        assert hanging.recv(1024).startswith(b"HTTP/1.1 100 ")
        process, carillon.process = carillon.process, None
        try:
            process.send_signal(signal.SIGTERM)
            eventually(lambda: "shutting down" in carillon.log(), "it has seen the first signal")
            assert process.poll() is None
            process.send_signal(second)
            assert process.wait(EXIT_TIMEOUT_S) == exit_code
        finally:
            process.kill()
            process.wait()


class EndpointV6(invoke_endpoint.InvokeEndpoint):
    address_family = socket.AF_INET6


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.fixture
def carillon_v6(request, tmp_path):
    """Listens on ::1; None on a machine that has no such address, where it has to say so."""
    process = CarillonProcess(tmp_path / "carillon", host="::1")
    request.node.carillon_processes = [process]
    if not has_ipv6():
        with pytest.raises(AssertionError, match="cannot listen on ::1"):
            process.start()
        yield None
        return
    yield process.start()
    process.terminate()


def test_over_ipv6_clients_find_the_server(carillon_v6):
    if carillon_v6 is None:
        return
    world = World(carillon_v6)
    assert world.get(world.send("hello")["MessageId"])["Content"] == "hello"
    arguments = [binary(), "ready", "--host", "::1", "--port", str(carillon_v6.port)]
    asked = subprocess.run(
        arguments, env=clean_environment(), capture_output=True, timeout=EXIT_TIMEOUT_S
    )
    assert asked.returncode == 0, asked.stderr


def test_over_ipv6_processors_are_invoked(carillon_v6):
    if carillon_v6 is None:
        return
    world = World(carillon_v6)
    events = []
    endpoint = EndpointV6(("::1", 0), {"mask": lambda event, context: events.append(event)})
    thread = threading.Thread(target=endpoint.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        url = f"http://[::1]:{endpoint.server_address[1]}"
        status, _, answer = carillon_v6.request("PUT", "/_carillon/processors/mask", {"Url": url})
        assert status == 200, answer
        assert answer["Processor"]["Url"] == url
        world.add_flow(processor_entry("mask"))
        message_id = world.send("hello")["MessageId"]
        eventually(lambda: events, "the processor is invoked")
        assert events[0]["ChannelMessage"]["MessageId"] == message_id
        world.call_back(world.held(message_id), {"Content": "masked"})
        assert world.get(message_id)["Content"] == "masked"
    finally:
        endpoint.shutdown()
        thread.join()
        endpoint.server_close()
