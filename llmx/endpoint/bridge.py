"""Lets instructor, or any code written for the openai client, send through our endpoint.

``instructor.patch(create=create(endpoint, "tools"), mode=instructor.Mode.TOOLS)`` gives instructor's own modes, hooks
and re-asks, over our cache, retries, limits and cassettes. llmx's extractor takes the straight path instead
(docs/decisions/instructor.md); this is for those who have instructor code already.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from llmx.request import Request

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion

    from llmx.endpoint.client import Endpoint
    from llmx.endpoint.completion import Completion


def create(endpoint: Endpoint, mode: str) -> Callable[..., Awaitable[ChatCompletion]]:
    """Return an async function with the arguments and the result of openai's ``chat.completions.create``.

    ``mode`` is one of ours and tells where the answer is (tools, or the content). Streams are not supported: raises
    TypeError. Raises EndpointError otherwise.
    """

    async def create_over_llmx(**body: Any) -> ChatCompletion:
        if body.get("stream"):
            raise TypeError("llmx keeps whole answers; leave out stream=True")
        completion = await endpoint.complete(Request(body, mode), accept=lambda answer: answer.complete)
        return _typed(completion, body, mode)

    return create_over_llmx


def _typed(completion: Completion, body: dict[str, Any], mode: str) -> ChatCompletion:
    """Return openai's typed object for ``completion``."""
    from openai.types.chat import ChatCompletion  # noqa: PLC0415 - heavy

    message: dict[str, Any] = {"role": "assistant", "content": completion.text, "refusal": completion.refusal}
    finish: str = "stop" if completion.finish_reason == "refusal" else completion.finish_reason
    if mode == "tools" and completion.text is not None:
        name = str(body.get("tool_choice", {}).get("function", {}).get("name", ""))
        function = {"name": name, "arguments": completion.text}
        message |= {"content": None, "tool_calls": [{"id": "call_0", "type": "function", "function": function}]}
        finish = "tool_calls" if finish == "stop" else finish
    usage = completion.usage
    return ChatCompletion.model_validate(
        {
            "id": completion.key, "object": "chat.completion", "created": 0, "model": completion.model,
            "choices": [{"index": 0, "finish_reason": finish, "message": message, "logprobs": None}],
            "usage": {
                "prompt_tokens": usage.input_tokens, "completion_tokens": usage.output_tokens,
                "total_tokens": usage.total_tokens,
                "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
            },
        }
    )  # fmt: skip
