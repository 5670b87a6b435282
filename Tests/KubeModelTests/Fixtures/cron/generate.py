#!/usr/bin/env python3
"""Writes times.json beside itself: random cron schedules in random time zones, and when they run.

usage: generate.py

The reference goes another way than the program. It lists the days that a schedule allows, every hour and minute of
them, and asks Python's zoneinfo which moments show that reading on a clock of the zone: none where the clock skips
it, two where it repeats it. Croniter and cronsim have rules of their own for such days and are no reference.

robfig/cron, which Kubernetes uses, agrees but where clocks skip midnight or move by half an hour: there it loses its
place within the day. These tests go by the calendar.

The zones' own files are part of the fixture, so that it stays true when the world changes its clocks.
"""
import base64, datetime, json, pathlib, random, zoneinfo

COUNT, TIMES, FEW = 1000, 1000, 100
ZONES = [
    "UTC", "Europe/Paris", "Europe/Dublin", "Europe/Moscow", "America/New_York", "America/Los_Angeles",
    "America/St_Johns", "America/Havana", "America/Santiago", "America/Sao_Paulo", "America/Nuuk",
    "America/Scoresbysund", "Atlantic/Azores", "Africa/Cairo", "Africa/Casablanca", "Antarctica/Troll", "Asia/Beirut",
    "Asia/Gaza", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Apia",
    "Pacific/Auckland", "Pacific/Chatham",
]
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WEEKDAYS = "sun mon tue wed thu fri sat".split()
BOUNDS = [(0, 59, []), (0, 23, []), (1, 31, []), (1, 12, MONTHS), (0, 6, WEEKDAYS)]
DESCRIPTORS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}


def random_item(rng, low, high, names):
    def word(number):
        if names and rng.random() < 0.5:
            name = names[number - low]
            return rng.choice([name, name.upper(), name.capitalize()])
        return str(number)

    kind = rng.randrange(5)
    first = rng.randint(low, high)
    last = rng.randint(first, high)
    step = rng.randint(1, high)
    return [word(first), word(first), f"{word(first)}-{word(last)}", f"{word(first)}-{word(last)}/{step}",
            f"{word(first)}/{step}"][kind]


def random_field(rng, low, high, names):
    kind = rng.random()
    if kind < 0.35:
        return rng.choice(["*", "*", "?"])
    if kind < 0.5:
        return f"*/{rng.randint(1, high)}"
    return ",".join(random_item(rng, low, high, names) for _ in range(rng.choice([1, 1, 1, 2, 3])))


def random_schedule(rng):
    if rng.random() < 0.02:
        return rng.choice(sorted(DESCRIPTORS))
    return " ".join(random_field(rng, *bounds) for bounds in BOUNDS)


def read_field(text, low, high, names):
    """The values that a field allows, and whether it is a star."""
    values, is_star = set(), False
    for item in text.split(","):
        span, _, step = item.partition("/")
        step_size = int(step) if step else 1
        if span in "*?":
            start, end = low, high
            is_star = is_star or step_size == 1
        else:
            ends = [low + names.index(w.lower()) if w.lower() in names else int(w) for w in span.split("-")]
            start, end = ends[0], ends[-1] if len(ends) == 2 or not step else high
        values.update(range(start, end + 1, step_size))
    return values, is_star


def run_times(text, zone, start):
    """The first TIMES runs after `start`, seconds since the epoch; fewer where the next is too far."""
    fields = DESCRIPTORS.get(text, text).split()
    (minutes, _), (hours, _), (days, any_day), (months, _), (weekdays, any_weekday) = [
        read_field(field, *bounds) for field, bounds in zip(fields, BOUNDS)
    ]
    both = any_day or any_weekday
    minutes, hours = sorted(minutes), sorted(hours)
    found, last = [], start
    date = datetime.datetime.fromtimestamp(start, zone).date()
    day = datetime.timedelta(days=1)
    while len(found) < TIMES:
        # Beyond five years the search is given up; a leap day may be eight years away.
        if date.year > datetime.datetime.fromtimestamp(last + 1, zone).year + 5:
            break
        by_day, by_weekday = date.day in days, date.isoweekday() % 7 in weekdays
        if date.month in months and (by_day and by_weekday if both else by_day or by_weekday):
            moments = set()
            for hour in hours:
                for minute in minutes:
                    reading = datetime.datetime(date.year, date.month, date.day, hour, minute)
                    for fold in (0, 1):
                        moment = int(reading.replace(tzinfo=zone, fold=fold).timestamp())
                        if datetime.datetime.fromtimestamp(moment, zone).replace(tzinfo=None) == reading:
                            moments.add(moment)
            found += sorted(m for m in moments if m > start)
            last = found[-1] if found else last
        if date.month not in months and date.day == 1 and date.month != 12:
            date = date.replace(month=date.month + 1)
        else:
            date += day
    return found[:TIMES]


def digest(times):
    value = 0xCBF29CE484222325
    for time in times:
        value = ((value ^ time) * 0x100000001B3) % 2**64
    return f"{value:016x}"


def main():
    rng = random.Random(2026)
    cases = []
    while len(cases) < COUNT:
        schedule, zone = random_schedule(rng), rng.randrange(len(ZONES))
        start = rng.randint(1_577_836_800, 2_208_988_800)
        times = run_times(schedule, zoneinfo.ZoneInfo(ZONES[zone]), start)
        cases.append([schedule, zone, start, times[:2], len(times), digest(times[:FEW]), digest(times)])
    folder = pathlib.Path(zoneinfo.TZPATH[0])
    zones = [[name, base64.b64encode((folder / name).read_bytes()).decode()] for name in ZONES]
    with open(pathlib.Path(__file__).parent / "times.json", "w") as file:
        file.write('{"zones": [\n' + ",\n".join(map(json.dumps, zones)) + '\n], "cases": [\n')
        file.write(",\n".join(map(json.dumps, cases)) + "\n]}\n")


if __name__ == "__main__":
    main()
