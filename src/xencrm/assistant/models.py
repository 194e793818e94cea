"""The model, as the settings name it: `<maker>:<name>`."""

from importlib import import_module
from typing import Any

from pydantic_ai.models import Model

from xencrm.kernel.settings import Settings


def build_model(settings: Settings) -> "Model[Any]":
    """Loads the library of that maker alone."""
    maker, _, name = settings.require("assistant_model").partition(":")
    url, key = settings.assistant_url, settings.assistant_api_key
    match maker:
        case "python":
            return _named(name)
        case "anthropic":
            from pydantic_ai.models.anthropic import AnthropicModel  # noqa: PLC0415
            from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: PLC0415

            return AnthropicModel(name, provider=AnthropicProvider(api_key=key, base_url=url))
        case "google":
            from pydantic_ai.models.google import GoogleModel  # noqa: PLC0415
            from pydantic_ai.providers.google import GoogleProvider  # noqa: PLC0415

            return GoogleModel(name, provider=GoogleProvider(api_key=key, base_url=url))
    from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415
    from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415

    return OpenAIChatModel(name, provider=OpenAIProvider(base_url=url, api_key=key or "none"))


def _named(path: str) -> "Model[Any]":
    """A model made in Python: `package.module:name`, for tests."""
    module, _, name = path.partition(":")
    model: Model[Any] = getattr(import_module(module), name)
    return model
