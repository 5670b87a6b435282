#!/usr/bin/env python3
"""Condenses recordings of a Kubernetes control plane into the fixtures beside this script.

usage: extract.py RECORDINGS SCENARIO...

A recording is a folder with manifest.yaml, steps.txt, job-watch.json, pods-watch.json and events*.json. What varies
from run to run (UIDs, times, addresses, random letters, the node chosen) is replaced by words in angle brackets; the
tests treat what the control plane makes in the same way before they compare. Each steps.txt is copied as it is, to
steps/SCENARIO.txt: the end-to-end tests give its commands to kubectl.
"""
import json, pathlib, re, shutil, sys
import yaml

RULES = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uid>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<time>"),
    (re.compile(r"\bnode-\d+"), "<node>"),
    (re.compile(r"\b\d+\.\d+\.\d+\.\d+\b"), "<ip>"),
]
DROPPED = {"managedFields", "resourceVersion", "uid", "imageID", "containerID", "observedGeneration"}


def names_in(pods):
    return sorted({p["metadata"]["name"] for p in pods}, key=len, reverse=True)


def normalise(value, names):
    if isinstance(value, dict):
        return {k: normalise(v, names) for k, v in value.items() if k not in DROPPED and v is not None}
    if isinstance(value, list):
        return [normalise(v, names) for v in value]
    if isinstance(value, str):
        for name in names:
            value = value.replace(name, name[:-5] + "<random>")
        for pattern, word in RULES:
            value = pattern.sub(word, value)
    return value


def documents(path):
    if not path.exists():
        return []
    text, decoder, at, found = path.read_text(), json.JSONDecoder(), 0, []
    while at < len(text):
        while at < len(text) and text[at].isspace():
            at += 1
        if at < len(text):
            document, at = decoder.raw_decode(text, at)
            found.append(document)
    return found


def distinct(states):
    return [s for i, s in enumerate(states) if i == 0 or states[i - 1] != s]


def job_state(change, names):
    job = normalise(change["object"], names)
    metadata = job["metadata"]
    return {
        "type": "DELETED" if change["type"] == "DELETED" else "present",
        "generation": metadata.get("generation"),
        "finalizers": metadata.get("finalizers", []),
        "isBeingDeleted": "deletionTimestamp" in metadata,
        "suspend": job["spec"].get("suspend"),
        "status": job.get("status", {}),
    }


def pod_state(change):
    pod = change["object"]
    metadata = pod["metadata"]
    return {
        "type": "DELETED" if change["type"] == "DELETED" else "present",
        "phase": pod["status"]["phase"],
        "hasNode": bool(pod["spec"].get("nodeName")),
        "finalizers": metadata.get("finalizers", []),
        "isBeingDeleted": "deletionTimestamp" in metadata,
        "isOwned": bool(metadata.get("ownerReferences")),
    }


def cron_job_state(change):
    """With its times, which are the schedule's."""
    cron_job = change["object"]
    status = dict(cron_job["status"])
    status["active"] = [{k: v for k, v in job.items() if k not in DROPPED} for job in status.get("active", [])]
    return {
        "generation": cron_job["metadata"]["generation"],
        "suspend": cron_job["spec"].get("suspend"),
        "status": status,
    }


def cron_job_facts(folder, names):
    """What there is of a cron job and of its jobs, in the order of their creation."""
    changes = documents(folder / "cronjob-watch.json")
    if not changes:
        return {}
    by_job = {}
    for change in documents(folder / "job-watch.json"):
        by_job.setdefault(change["object"]["metadata"]["name"], []).append(change)
    return {
        "created": changes[0]["object"]["metadata"]["creationTimestamp"],
        "cronJob": normalise(changes[-1]["object"], names),
        "cronJobStates": distinct([cron_job_state(c) for c in changes]),
        "jobs": [
            {
                "annotations": of_job[-1]["object"]["metadata"]["annotations"],
                "last": normalise(of_job[-1]["object"], names),
                "states": distinct([job_state(c, names) for c in of_job]),
            }
            for of_job in by_job.values()
        ],
    }


def completion_index(pod):
    return int(pod["metadata"].get("annotations", {}).get("batch.kubernetes.io/job-completion-index", 0))


def steps(path, pods):
    order, found, start = [], [], None
    for change in pods:
        name = change["object"]["metadata"]["name"]
        if name not in order:
            order.append(name)
    time = 0.0
    for line in path.read_text().splitlines():
        if match := re.match(r"--- t=([\d.]+)s", line):
            time = float(match[1])
        if line.startswith("$ ") and "create -f manifest" in line:
            start = time
        step = None
        if match := re.search(r"patch job (\S+) --type=merge -p (.*)", line):
            step = {"patch": json.loads(match[2])}
        elif match := re.search(r"patch cronjob (\S+) --type=merge -p (.*)", line):
            step = {"patch": json.loads(match[2])}
        elif match := re.search(r"create job --from=cronjob/\S+ (\S+)", line):
            step = {"trigger": match[1]}
        elif match := re.search(r"delete job (\S+) --cascade=(\w+)", line):
            step = {"deleteJob": match[2].capitalize()}
        elif match := re.search(r"delete pod (\S+)", line):
            step = {"deletePod": order.index(match[1])}
        elif match := re.search(r"pods/(\S+)/eviction", line):
            step = {"evictPod": order.index(match[1])}
        if step and line.startswith("$ "):
            found.append({"after": round(time - start, 2), **step})
    return found


def events(folder, names):
    latest = {}
    for path in sorted(folder.glob("events*.json")):
        for document in documents(path):
            items = document.get("items") or [document.get("object", document)]
            for event in items:
                if "involvedObject" not in event:
                    continue
                known = latest.get(event["metadata"]["uid"])
                if known is None or known.get("count", 1) <= event.get("count", 1):
                    latest[event["metadata"]["uid"]] = event
    counted = []
    for event in latest.values():
        counted.append({
            "kind": event["involvedObject"]["kind"],
            "fieldPath": event["involvedObject"].get("fieldPath", ""),
            "type": event["type"],
            "reason": event["reason"],
            "message": normalise(event["message"], names),
            "count": event.get("count") or 1,
            "source": event.get("source", {}).get("component") or event.get("reportingComponent", ""),
        })
    return sorted(counted, key=lambda e: json.dumps(e, sort_keys=True))


def extract(folder):
    job_changes = documents(folder / "job-watch.json")
    pod_changes = documents(folder / "pods-watch.json")
    names = names_in(c["object"] for c in pod_changes)
    by_pod = {}
    for change in pod_changes:
        by_pod.setdefault(change["object"]["metadata"]["name"], []).append(change)
    # The controller creates several pods at the same time: in which order is a race, except for what came later.
    lives = sorted(by_pod.values(), key=lambda changes: completion_index(changes[0]["object"]))
    return {
        "namespace": "ref-" + folder.name.split("-")[0],
        "manifest": yaml.safe_load((folder / "manifest.yaml").read_text()),
        "steps": steps(folder / "steps.txt", pod_changes),
        "job": normalise(job_changes[-1]["object"], names) if job_changes else None,
        "jobStates": distinct([job_state(c, names) for c in job_changes]),
        # By completion index and in the order of their creation: the last revision of every pod, and how it got there.
        "pods": [normalise(changes[-1]["object"], names) for changes in lives],
        "podStates": [distinct([pod_state(c) for c in changes]) for changes in lives],
        "events": events(folder, names),
        **cron_job_facts(folder, names),
    }


if __name__ == "__main__":
    source, target = pathlib.Path(sys.argv[1]), pathlib.Path(__file__).parent
    for scenario in sys.argv[2:]:
        facts = extract(source / scenario)
        with open(target / f"{scenario}.json", "w") as file:
            json.dump(facts, file, indent=1, sort_keys=True)
            file.write("\n")
        (target / "steps").mkdir(exist_ok=True)
        shutil.copy(source / scenario / "steps.txt", target / "steps" / f"{scenario}.txt")
