"""Is it alive, is it ready, what has it done? Health and metrics."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.answers import engine_of, json_response
from api.schemas import ReadyOut
from engine.errors import BackendUnavailable, KompetansegrafError

router = APIRouter(tags=["operations"])


@router.get("/healthz", summary="Alive", responses={200: {"content": {"application/json": {}}}})
async def healthz() -> Response:
    """Answer as long as the process does."""
    return json_response({"status": "ok"})


@router.get(
    "/readyz",
    summary="Ready",
    responses={
        200: {"model": ReadyOut},
        503: {"model": ReadyOut, "description": "Not ready to answer searches."},
    },
)
def readyz(request: Request) -> Response:
    """Tell whether searches can be answered, and what is not at its best."""
    body = readiness(request)
    response = json_response(body, 200 if body["ready"] else 503)
    response.headers["Cache-Control"] = "no-store"
    return response


def readiness(request: Request) -> dict[str, Any]:
    """Return what the service stands on."""
    engine = engine_of(request)
    degraded: list[str] = []
    indexed = 0
    body: dict[str, Any] = {
        "ready": False,
        "reason": None,
        "catalogue": False,
        "index": False,
        "degraded": degraded,
        "build": None,
        "resources": None,
        "pending": None,
        "embedder": engine.embedder.model_id if engine.embedder else None,
        "vocabulary": engine.vocabulary.version,
    }
    unreachable = ""
    try:
        engine.catalogue.last_seq()
        body["catalogue"] = True
        status = engine.status()
        body.update(resources=status.resources, pending=status.pending)
        if status.build is not None:
            engine.graph()  # opens the build
            body.update(index=True, build=status.build.id)
            indexed = status.build.resources
            if engine.embedder is None:
                degraded.append("no_model")
            elif status.build.model_id != engine.embedder.model_id:
                degraded.append("index_has_other_model")
            if status.build.vectors_missing:
                degraded.append("vectors_incomplete")
    except BackendUnavailable:
        unreachable = "the search index cannot be reached"
    except KompetansegrafError:
        pass  # what failed is what stayed false
    if not body["catalogue"]:
        body["reason"] = "the catalogue cannot be reached"
    elif not body["index"]:
        body["reason"] = unreachable or "nothing has been indexed yet, or the index cannot be opened"
    elif not indexed and not body["resources"]:
        body["reason"] = "there are no resources yet: none is published and none is indexed"
    body["ready"] = body["reason"] is None
    return body


@router.get(
    "/metrics",
    summary="Metrics",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    response_class=Response,
)
def metrics(request: Request) -> Response:
    """Counters in the Prometheus text format: by route and status, never by what was asked."""
    body = readiness(request)
    info = {"version": request.app.version, "build": body["build"] or "", "embedder": body["embedder"] or ""}
    gauges = {
        "kompetansegraf_ready": float(body["ready"]),
        "kompetansegraf_resources": float(body["resources"] or 0),
        "kompetansegraf_changes_pending": float(body["pending"] or 0),
    }
    text = request.app.state.metrics.text(info, gauges)
    return Response(text, media_type="text/plain; version=0.0.4")
