"""What a caption needs to know of the results: the second half of the .txt beside a figure, from manifest.json."""

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def numbered(values):
    """[1, 2, 3, 7] -> "1 to 3, 7"."""
    runs = []
    for value in sorted(set(values)):
        if runs and value == runs[-1][1] + 1:
            runs[-1][1] = value
        else:
            runs.append([value, value])
    return ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in runs)


def device_of(path, sha256):
    """Name and backend of the device of a trace, if the file is still at hand with that content, else ""."""
    for folder in (Path.cwd(), ROOT):
        try:
            content = (folder / path).read_bytes()
            device = json.loads(content)["device"] if hashlib.sha256(content).hexdigest() == sha256 else None
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if isinstance(device, dict):
            return ", ".join(str(device[key]) for key in ("kind", "name", "backend") if device.get(key))
    return ""


def traces_named(value, under=""):
    """The file names of the traces that a configuration names: of each "trace", and of an axis that sets one."""
    if isinstance(value, dict):
        sets = any(str(pointer).endswith("/trace") for pointer in value.get("set", []) or [])
        return {name for key, entry in value.items() for name in traces_named(entry, "trace" if sets and key == "values" else key)}
    if isinstance(value, list):
        return {name for entry in value for name in traces_named(entry, under)}
    return {Path(value).name} if under in ("trace", "traces") and isinstance(value, str) else set()


def trace_lines(manifest):
    """A line per trace among the inputs, wherever they were when the results were made."""
    named = traces_named(manifest.get("configuration"))
    lines = []
    for entry in manifest.get("inputs", manifest.get("traces", [])):
        path = str(entry.get("path", "")) if isinstance(entry, dict) else ""
        if Path(path).name not in named:
            continue
        device = device_of(path, entry.get("sha256"))
        lines.append(f"trace: {Path(path).name}, SHA-256 {str(entry.get('sha256'))[:16]}{', device ' + device if device else ''}")
    return lines


def horizon_text(configuration):
    workload = configuration.get("workload", {})
    horizon = workload.get("horizon", {}) if isinstance(workload, dict) else {}
    jobs, seconds, warmup = (horizon.get(key) for key in ("jobs", "seconds", "warmup_jobs"))
    length = f"{jobs} jobs a run" if jobs else f"{seconds} s a run" if seconds else ""
    return length + (f", the first {warmup} not scored" if length and warmup else "")


def study_lines(source, runs, seeds):
    """What was run: `runs` rows, with these seeds."""
    parts = [f"runs: {runs}", f"seeds: {numbered(seeds)}" if seeds else "", horizon_text(source.configuration)]
    return ["; ".join(part for part in parts if part)]


def manifest_lines(source):
    """Where the numbers come from. Empty without a manifest."""
    manifest = source.manifest
    if not manifest:
        return ["manifest: none, so that nothing is known of what made these results"]
    host = manifest.get("host", {})
    lines = [f"results: {source.name} ({manifest.get('what', source.type)}), made {manifest.get('created', 'at an unknown time')}"]
    lines += [source.state()] if source.state() else []
    if source.configuration.get("workload_path"):
        lines.append(f"workload: {Path(source.configuration['workload_path']).name}")
    lines += trace_lines(manifest)
    unclean = " with uncommitted changes" if manifest.get("clean") is False else ""
    lines.append(f"made by: {manifest.get('tool', 'unknown')}, commit {manifest.get('commit', 'unknown')}{unclean}")
    if isinstance(host, dict) and host:
        lines.append(f"host: {host.get('processor', host.get('machine', ''))}, {host.get('cores', '?')} cores, {host.get('system', '')}")
    return lines
