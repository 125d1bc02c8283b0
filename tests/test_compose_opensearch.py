"""What users start with docker compose is what the tests run against: the same server, set the same way."""

import re
from pathlib import Path

import pytest
import yaml

COMPOSE = yaml.safe_load((Path(__file__).parents[1] / "docker-compose.yml").read_text(encoding="utf-8"))
IMAGE_ONLY = {"DISABLE_SECURITY_PLUGIN", "DISABLE_INSTALL_DEMO_CONFIG", "OPENSEARCH_JAVA_OPTS"}
"""Variables of the image's start script: the test server has no security plugin to switch off."""


@pytest.fixture(scope="module")
def node(opensearch_server):
    (node,) = opensearch_server.ask("GET", "_nodes/settings?flat_settings=true")["nodes"].values()
    return node


def test_the_version_is_the_same(node):
    assert COMPOSE["services"]["opensearch"]["image"] == f"opensearchproject/opensearch:{node['version']}"


def test_every_setting_of_the_server_is_the_one_that_the_tests_use(node):
    environment = COMPOSE["services"]["opensearch"]["environment"]
    assert environment.keys() >= IMAGE_ONLY
    settings = {name: value for name, value in environment.items() if name not in IMAGE_ONLY}
    assert settings.keys() >= {"discovery.type", "action.auto_create_index", "path.repo"}
    for name, value in settings.items():
        if name == "path.repo":  # another folder, but there is one
            assert node["settings"][name]
        else:
            assert node["settings"][name] == value, name


def test_the_api_is_told_of_the_cluster_by_the_variable_that_the_tests_set():
    api = COMPOSE["services"]["api"]["environment"]
    assert re.fullmatch(r"\$\{KG_SEARCH_URL:-\}", api["KG_SEARCH_URL"])
