"""Tools for agents by the Model Context Protocol: extract, look at a run, score it; in allowed folders alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from llmx.documents import Document
from llmx.errors import LlmxError, UsageError, choices
from llmx.evaluate import evaluate, load_gold, load_run
from llmx.run import OutputOptions, check_output, run_status
from llmx.schema.notation import is_notation

if TYPE_CHECKING:
    from llmx.service.extraction_service import ExtractionService

_ABOUT = (
    "Turns documents into records by a schema. Every value comes with the words of the document that prove it "
    "(evidence); a value that could not be proven has an issue. Call list_schemas first, or describe the fields in one "
    "line, such as 'name, founded: date, parties: [name, country: country]'."
)


@dataclass(frozen=True, slots=True)
class AllowedFolders:
    """The folders whose files the tools may read, and write outputs into."""

    folders: tuple[Path, ...]

    def path(self, name: str) -> Path:
        """Return the path ``name``, with links followed. Raises UsageError where it is in none of the folders."""
        found = Path(name).expanduser().resolve()
        if not any(found.is_relative_to(folder.resolve()) for folder in self.folders):
            allowed = ", ".join(str(folder) for folder in self.folders) or "none; start llmx mcp with --folder"
            raise UsageError(f"{name} is not in a folder that is allowed", hint=f"Allowed: {allowed}.")
        return found


def make_server(
    opened: Callable[[], AbstractAsyncContextManager[ExtractionService]], folders: Sequence[Path]
) -> MCPServer[None]:
    """Return the server; it opens the service by ``opened`` when it starts, and closes it when it ends."""
    tools = _Tools(AllowedFolders(tuple(folders)))

    @asynccontextmanager
    async def lifespan(_server: MCPServer[None]) -> AsyncIterator[None]:
        async with opened() as tools.service:
            yield

    server = MCPServer[None]("llmx", instructions=_ABOUT, lifespan=lifespan, log_level="WARNING")
    for call in (tools.list_schemas, tools.extract, tools.extract_folder, tools.run_status, tools.evaluate_run):
        server.tool(structured_output=False)(call)
    return server


@contextmanager
def _told() -> Iterator[None]:
    """Tell the agent what is wrong, in our words."""
    try:
        yield
    except LlmxError as error:
        raise ToolError(str(error)) from error


class _Tools:
    """The tools. Their names, parameters and descriptions are what an agent sees."""

    service: ExtractionService

    def __init__(self, allowed: AllowedFolders) -> None:
        self._allowed = allowed

    async def list_schemas(self) -> dict[str, Any]:
        """List the schemas by name, each with its fields in the notation of one line."""
        return {name: session.plan.schema.sketch for name, session in self.service.sessions.items()}

    async def extract(self, schema: str, text: str = "", path: str = "") -> list[dict[str, Any]]:
        """Extract the records of one document: of `text`, or of the file at `path` (PDF, office file, mail, web page).

        `schema` is a name of list_schemas, or fields in one line. A record has status, data, issues, and evidence: the
        quote that proves each value, by its JSON pointer.
        """
        with _told():
            if bool(text) == bool(path):
                raise UsageError("give either a text or a path")
            name = await self._known(schema)
            document = Document(text=text) if text else self._allowed.path(path)
            records = await self.service.extract(document, name)
            return [record.to_json() for record in records]

    async def extract_folder(self, folder: str, schema: str, output: str) -> dict[str, Any]:
        """Extract the records of all documents of `folder` into the file `output` (.jsonl, .csv, .xlsx, .sqlite …).

        A run that was cut off, or whose folder has new documents, goes on where it was. Returns the counts by status.
        """
        with _told():
            target, source = self._allowed.path(output), self._allowed.path(folder)
            output_options = OutputOptions(target, resume=target.exists())
            check_output(output_options)
            await self.service.extract_to(output_options, source, await self._known(schema))
            return run_status(target).to_json()

    async def run_status(self, output: str) -> dict[str, Any]:
        """Tell the progress of the run that writes, or has written, the file `output`: its documents by status."""
        with _told():
            return run_status(self._allowed.path(output)).to_json()

    async def evaluate_run(self, output: str, gold: str, schema: str = "") -> dict[str, Any]:
        """Score the records in `output` against right answers in the folder `gold`: precision, recall, F1 by field."""
        with _told():
            model = self.service.sessions[await self._known(schema)].plan.schema.model if schema else None
            run, right = load_run(self._allowed.path(output), model=model), load_gold(self._allowed.path(gold))
            return evaluate(right, run, spec=model).to_json()

    async def _known(self, schema: str) -> str:
        """Return the name of a schema that is served; fields in one line are served from now on."""
        if schema not in self.service.sessions and is_notation(schema):
            await self.service.open(schema)
        if schema not in self.service.sessions:
            hint = f"{choices(schema, self.service.sessions)} Fields in one line are a schema, too."
            raise UsageError(f"no schema is called {schema!r}", hint=hint)
        return schema
