"""A receiver of MLflow's webhooks as one is written with FastAPI: the same checks, the same answers, and no deployer behind it."""

import base64
import hashlib
import hmac
import json
import os
import time
from collections import OrderedDict

from fastapi import BackgroundTasks, FastAPI, Request
from fastapi.responses import JSONResponse

SECRET = os.environ["MLFLOW_WEBHOOK_SECRET"].encode()
TOLERANCE_S = 300
LARGEST = 1024 * 1024
REMEMBERED = 20_000

app = FastAPI()
seen: OrderedDict[str, None] = OrderedDict()


def refuse(status: int, reason: str) -> JSONResponse:
    return JSONResponse({"outcome": "refused", "reason": reason}, status)


def look_again(event: dict) -> None:
    """Where a deployer would start."""


@app.post("/webhook", status_code=202)
async def receive(request: Request, background: BackgroundTasks) -> JSONResponse:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return refuse(415, "the content type is not application/json")
    body = await request.body()
    if len(body) > LARGEST:
        return refuse(413, "the body has more than 1 MiB")
    given = request.headers.get("x-mlflow-signature", "")
    delivery = request.headers.get("x-mlflow-delivery-id", "")
    timestamp = request.headers.get("x-mlflow-timestamp", "")
    signed = f"{delivery}.{timestamp}.".encode() + body
    digest = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    if not hmac.compare_digest(f"v1,{digest}", given):
        return refuse(401, "the signature fits neither the body nor the secret")
    if abs(time.time() - int(timestamp)) > TOLERANCE_S:
        return refuse(401, "the event is too old")
    try:
        event = json.loads(body)
    except ValueError:
        return refuse(400, "the body is not JSON")
    if delivery in seen:
        return JSONResponse({"outcome": "repeated"}, 202)
    seen[delivery] = None
    if len(seen) > REMEMBERED:
        seen.popitem(last=False)
    background.add_task(look_again, event)
    return JSONResponse({"outcome": "accepted"}, 202)
