"""The Python SDK of Vertex AI on a compiled pipeline: the jobs it makes of it, and its client on the test server.

vertex_peer.py PIPELINE.yaml HOST:PORT   prints JSON
"""

import json
import sys

import grpc
from google.auth.credentials import AnonymousCredentials
from google.cloud import aiplatform
from google.cloud.aiplatform_v1 import PipelineServiceClient, ScheduleServiceClient
from google.cloud.aiplatform_v1.services.pipeline_service.transports import PipelineServiceGrpcTransport
from google.cloud.aiplatform_v1.services.schedule_service.transports import ScheduleServiceGrpcTransport
from google.protobuf.json_format import MessageToDict

PROJECT, LOCATION = "newsroom-test", "europe-west4"
PARENT = f"projects/{PROJECT}/locations/{LOCATION}"


def job_with(caching):
    return aiplatform.PipelineJob(
        display_name="News",
        template_path=sys.argv[1],
        job_id="peer",
        pipeline_root="gs://newsroom/runs",
        parameter_values={"source": "gs://newsroom/a.csv", "seed": 7},
        enable_caching=caching,
        labels={"team": "news"},
        failure_policy="fast",
        encryption_spec_key_name=f"projects/p/locations/{LOCATION}/keyRings/r/cryptoKeys/k",
    )._gca_resource


def refused(call):
    try:
        call()
        return None
    except Exception as error:  # Which one is what is asked.
        return type(error).__name__


def main():
    aiplatform.init(project=PROJECT, location=LOCATION, credentials=AnonymousCredentials())
    jobs = {name: job_with(caching) for name, caching in {"compiled": None, "on": True, "off": False}.items()}
    channel = grpc.insecure_channel(sys.argv[2])
    pipelines = PipelineServiceClient(transport=PipelineServiceGrpcTransport(channel=channel))
    schedules = ScheduleServiceClient(transport=ScheduleServiceGrpcTransport(channel=channel))

    def create(job_id="peer"):
        return pipelines.create_pipeline_job(parent=PARENT, pipeline_job=jobs["off"], pipeline_job_id=job_id)

    job = create()
    again, misnamed = refused(create), refused(lambda: create("Peer"))
    deleted_early = refused(lambda: pipelines.delete_pipeline_job(name=job.name))
    states = ["PIPELINE_STATE_PENDING"]
    while states[-1] in ("PIPELINE_STATE_PENDING", "PIPELINE_STATE_RUNNING") and len(states) < 100:
        seen = pipelines.get_pipeline_job(name=job.name)
        states.append(seen.state.name)
    pipelines.delete_pipeline_job(name=job.name).result()
    (schedule,) = schedules.list_schedules(parent=PARENT)
    schedules.pause_schedule(name=schedule.name)
    told = {
        "jobs": {name: MessageToDict(each._pb) for name, each in jobs.items()},
        "again": again,
        "misnamed": misnamed,
        "deletedEarly": deleted_early,
        "end": states[-1],
        "tasks": [task.task_name for task in seen.job_detail.task_details],
        "left": len(list(pipelines.list_pipeline_jobs(parent=PARENT))),
        "schedule": {"name": schedule.display_name, "cron": schedule.cron},
        "pausedTwice": refused(lambda: schedules.pause_schedule(name=schedule.name)),
    }
    print(json.dumps(told))


main()
