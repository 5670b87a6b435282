"""What a program does with a cluster through the client `kubernetes` of PyPI. usage: client.py KUBECONFIG"""

import json
import sys

from kubernetes import client, config, watch

config.load_kube_config(sys.argv[1])
batch = client.BatchV1Api()
core = client.CoreV1Api()
NAMESPACE = "default"


def job(name, command, labels=None):
    container = client.V1Container(name="main", image="local", command=command)
    pod = client.V1PodSpec(restart_policy="Never", termination_grace_period_seconds=1, containers=[container])
    return client.V1Job(
        metadata=client.V1ObjectMeta(name=name, labels=labels or {}),
        spec=client.V1JobSpec(backoff_limit=0, template=client.V1PodTemplateSpec(spec=pod)),
    )


def is_complete(job):
    return any(one.type == "Complete" and one.status == "True" for one in job.status.conditions or [])


def refusal(call):
    """The Status that answers a call which must fail."""
    try:
        call()
    except client.ApiException as error:
        status = json.loads(error.body)
        assert status["kind"] == "Status" and status["code"] == error.status, status
        return status
    raise AssertionError("it was not refused")


def create_and_watch():
    version = client.VersionApi().get_code()
    assert (version.major, version.minor) == ("1", "36"), version
    first = batch.list_namespaced_job(NAMESPACE).metadata.resource_version
    for number in range(5):
        made = batch.create_namespaced_job(NAMESPACE, job(f"job-{number}", ["echo", f"line of {number}"], {"set": "a"}))
        assert made.metadata.uid and made.spec.completions == 1, made
    # From before their creation: every change comes, in order.
    added, done, versions = [], set(), []
    stream = watch.Watch()
    for event in stream.stream(batch.list_namespaced_job, NAMESPACE, resource_version=first, timeout_seconds=120):
        one = event["object"]
        versions.append(int(one.metadata.resource_version))
        if event["type"] == "ADDED":
            added.append(one.metadata.name)
        if is_complete(one):
            done.add(one.metadata.name)
        if len(done) == 5:
            stream.stop()
    assert added == [f"job-{number}" for number in range(5)], added
    assert len(done) == 5, done
    assert versions == sorted(versions) and len(set(versions)) == len(versions), versions


def list_in_parts():
    names, token, parts = [], None, 0
    while True:
        part = batch.list_namespaced_job(NAMESPACE, limit=2, _continue=token)
        names += [one.metadata.name for one in part.items]
        parts += 1
        token = part.metadata._continue
        if not token:
            break
        assert len(part.items) == 2 and part.metadata.remaining_item_count == 5 - len(names), part.metadata
    assert names == [f"job-{number}" for number in range(5)] and parts == 3, (names, parts)


def patch_and_replace():
    patched = batch.patch_namespaced_job("job-0", NAMESPACE, {"metadata": {"labels": {"more": "yes"}}})
    assert patched.metadata.labels["more"] == "yes" and patched.metadata.labels["set"] == "a", patched.metadata.labels
    patched = batch.patch_namespaced_job(
        "job-0", NAMESPACE, [{"op": "remove", "path": "/metadata/labels/more"}])
    assert "more" not in patched.metadata.labels
    read = batch.read_namespaced_job("job-0", NAMESPACE)
    read.metadata.annotations = {"note": "replaced"}
    assert batch.replace_namespaced_job("job-0", NAMESPACE, read).metadata.annotations["note"] == "replaced"
    # That revision is no longer the latest.
    assert refusal(lambda: batch.replace_namespaced_job("job-0", NAMESPACE, read))["reason"] == "Conflict"


def read_logs():
    pods = core.list_namespaced_pod(NAMESPACE, label_selector="batch.kubernetes.io/job-name=job-3").items
    assert len(pods) == 1, pods
    name = pods[0].metadata.name
    assert core.read_namespaced_pod_log(name, NAMESPACE) == "line of 3\n"
    stamped = core.read_namespaced_pod_log(name, NAMESPACE, timestamps=True)
    assert stamped.endswith("Z line of 3\n"), stamped
    lines = list(watch.Watch().stream(core.read_namespaced_pod_log, name, NAMESPACE))
    assert lines == ["line of 3"], lines


def be_refused():
    status = refusal(lambda: batch.read_namespaced_job("none", NAMESPACE))
    assert status["reason"] == "NotFound" and status["message"] == 'jobs.batch "none" not found', status
    assert status["details"] == {"name": "none", "group": "batch", "kind": "jobs"}, status
    bad = job("bad", ["true"])
    bad.spec.parallelism = -1
    status = refusal(lambda: batch.create_namespaced_job(NAMESPACE, bad))
    assert status["code"] == 422 and status["details"]["causes"][0]["field"] == "spec.parallelism", status
    status = refusal(lambda: batch.create_namespaced_job(NAMESPACE, job("job-0", ["true"])))
    assert status["code"] == 409 and status["reason"] == "AlreadyExists", status


def watch_until(list_them, is_enough, **arguments):
    """Watches from a list on until `is_enough(event)`."""
    stream = watch.Watch()
    for event in stream.stream(list_them, NAMESPACE, timeout_seconds=120, **arguments):
        if is_enough(event):
            return
    raise AssertionError("it did not happen within two minutes")


def delete():
    version = batch.list_namespaced_job(NAMESPACE).metadata.resource_version
    batch.delete_namespaced_job("job-4", NAMESPACE, propagation_policy="Foreground")
    watch_until(
        batch.list_namespaced_job,
        lambda event: event["type"] == "DELETED" and event["object"].metadata.name == "job-4",
        resource_version=version,
    )
    assert refusal(lambda: batch.read_namespaced_job("job-4", NAMESPACE))["code"] == 404


def delete_collections():
    batch.create_namespaced_job(NAMESPACE, job("running", ["sleep", "600"], {"set": "b"}))
    watch_until(core.list_namespaced_pod, lambda event: event["object"].status.phase == "Running")
    batch.delete_collection_namespaced_job(NAMESPACE, label_selector="set=a", propagation_policy="Background")
    assert [one.metadata.name for one in batch.list_namespaced_job(NAMESPACE).items] == ["running"]
    pods = core.list_namespaced_pod(NAMESPACE)
    batch.delete_collection_namespaced_job(NAMESPACE, propagation_policy="Background")
    # With their jobs, pods go; the one that runs is ended first.
    left = {one.metadata.name for one in pods.items}
    assert any(name.startswith("running-") for name in left), left

    def is_last(event):
        if event["type"] == "DELETED":
            left.discard(event["object"].metadata.name)
        return not left

    watch_until(core.list_namespaced_pod, is_last, resource_version=pods.metadata.resource_version)
    assert not core.list_namespaced_pod(NAMESPACE).items


for step in [create_and_watch, list_in_parts, patch_and_replace, read_logs, be_refused, delete, delete_collections]:
    step()
    print(step.__name__, "ok")
