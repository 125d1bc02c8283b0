"""The HTTP interface keeps what its OpenAPI document promises, for generated input too."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from small_bank import WRITER


@pytest.fixture(scope="session")
def document(site):
    return site.get("/openapi.json").json()


@pytest.fixture(scope="session")
def api(site, document):
    load_all_checks()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=str(site.base_url))
    return schema


def test_generated_requests_get_documented_answers(api):
    tried = []
    for found in api.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=10,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def check(case):
            case.call_and_validate(
                checks=[
                    not_a_server_error,
                    status_code_conformance,
                    content_type_conformance,
                    response_schema_conformance,
                ]
            )

        check()
        tried.append(operation.label)
    assert "GET /v1/search" in tried
    assert len(tried) > 20


def test_every_operation_is_described_with_examples_and_problem_answers(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert operation["description"], (method, path)
            for status, answer in operation["responses"].items():
                if status >= "400" and not (path == "/readyz" and status == "503"):
                    assert list(answer["content"]) == ["application/problem+json"], (method, path, status)
    parameters = [p for o in document["paths"]["/v1/search"].values() for p in o["parameters"]]
    assert all(p.get("description") for p in parameters)
    assert "HTTPValidationError" not in str(document)


def test_writing_operations_name_the_keys(document):
    for path, method in (
        ("/v1/resources", "post"),
        ("/v1/resources/{id}", "put"),
        ("/v1/resources/{id}", "delete"),
    ):
        assert document["paths"][path][method]["security"] == [{"bearer": []}, {"key": []}, {"session": []}]


def test_the_document_is_made_once(bank):
    app = create_app(bank)
    assert app.openapi() is app.openapi()


ADMINISTRATORS = "/v1/editor/audit"
"""What a key that may write may not read."""


def test_generated_writes_with_a_key_are_never_a_fault_of_ours(own_site, document):
    load_all_checks()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=str(own_site.base_url))
    for found in schema.get_all_operations():
        operation = found.ok()
        if not operation.definition.raw.get("security") or operation.path == ADMINISTRATORS:
            continue

        @settings(
            max_examples=15,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def check(case):
            case.headers = {"X-API-Key": WRITER}
            answer = case.call()
            assert answer.status_code in {200, 201, 400, 404, 422}, answer.text

        check()
