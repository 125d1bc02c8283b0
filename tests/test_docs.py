"""The documents tell the truth: every command, setting, facet and public value is in them; links are alive."""

import dataclasses
import importlib
import re
import tomllib
from pathlib import Path

import pytest
import typer
from compose_spec import PyCompose

from cli.main import app
from engine.entry import FACETS
from engine.settings import Settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/data/**/*.md")])


def commands():
    group = typer.main.get_command(app)

    def walk(command, words):
        inner = getattr(command, "commands", None)
        if inner:
            for name, sub in inner.items():
                yield from walk(sub, [*words, name])
        else:
            yield " ".join(words), command

    return dict(walk(group, []))


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_is_documented(name):
    assert f"### `kompetansegraf {name}" in (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_option_has_a_help_text(name):
    for parameter in commands()[name].params:
        assert parameter.param_type_name == "argument" or parameter.help, f"{name} {parameter.name}"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name):
    assert f"`KG_{name.upper()}`" in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FACETS)
def test_every_facet_is_documented(name):
    assert f"`{name}`" in (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", ["vocab.concept", "graph.model", "engine.model"])
def test_every_public_value_is_in_the_glossary(module):
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    values = [
        name
        for name, value in vars(importlib.import_module(module)).items()
        if dataclasses.is_dataclass(value) and value.__module__ == module and not name.startswith("_")
    ]
    assert [name for name in values if f"`{name}`" not in glossary] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_to_files_are_alive(path):
    text = path.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text)
    assert [t for t in targets if not (path.parent / t).exists()] == []


def test_every_dependency_is_justified():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    wanted = [
        *project["dependencies"],
        *(d for extra in project["optional-dependencies"].values() for d in extra),
    ]
    names = {re.split(r"[\[<>=]", d)[0] for d in wanted}
    assert sorted(n for n in names if f"`{n}`" not in text) == []


COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


def test_the_compose_file_fits_the_compose_specification():
    compose = PyCompose.from_yaml(COMPOSE)
    compose.validate()
    assert set(compose.service_names()) == {"api", "postgres", "opensearch"}
    names = {f"KG_{n.upper()}" for n in Settings.model_fields}
    used = set(re.findall(r"^ +(KG_[A-Z_]+):", COMPOSE, re.MULTILINE))
    assert used
    assert used <= names


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("healthcheck:", "healthchek:"), ("command: [", "comand: ["), ("service_healthy", "whenever")],
)
def test_a_fault_in_the_compose_file_is_found(right, wrong):
    with pytest.raises(ValueError, match="services"):
        PyCompose.from_yaml(COMPOSE.replace(right, wrong)).validate()
