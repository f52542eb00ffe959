"""Spreads the runs of a seeded data directory over the last weeks, so that pictures show lists and charts as they are in use.

The server must not run. Only times, tokens and latencies change; ids keep their order.
"""
import random
import sqlite3
import sys
import time

DAY = 86_400_000
DAYS = 44


def moments(count, now):
    """Ascending times: more by day than by night, fewer at weekends, a little more each week."""
    times = []
    while len(times) < count:
        at = now - random.random() ** 1.15 * DAYS * DAY
        parts = time.gmtime(at / 1000)
        chance = (0.25 if parts.tm_wday >= 5 else 1) * (1 if 7 <= parts.tm_hour <= 19 else 0.3)
        if random.random() < chance:
            times.append(int(at))
    return sorted(times)


def age(path):
    random.seed(7)
    now = int(time.time() * 1000)
    db = sqlite3.connect(path)
    runs = db.execute("SELECT id, created_at FROM runs ORDER BY id").fetchall()
    for (run, before), at in zip(runs, moments(len(runs), now)):
        shift = at - before
        db.execute("UPDATE runs SET created_at = created_at + ?1, started_at = started_at + ?1, finished_at = finished_at + ?1 WHERE id = ?2", (shift, run))
        db.execute("UPDATE model_calls SET opened_at = opened_at + ?1, closed_at = closed_at + ?1 WHERE run_id = ?2", (shift, run))
    for (call,) in db.execute("SELECT id FROM model_calls WHERE outcome = 'succeeded'").fetchall():
        more = random.uniform(4, 60)
        first = random.lognormvariate(5.9, 0.35)
        db.execute(
            "UPDATE model_calls SET input_tokens = input_tokens * ?1, cache_read_tokens = cache_read_tokens * ?1, output_tokens = output_tokens * ?1, first_token_ms = ?2, latency_ms = ?3 WHERE id = ?4",
            (int(more), int(first), int(first + more * 90), call),
        )
    # The sums of budgets are made anew from the ledger.
    db.execute("DELETE FROM spending")
    ages = [2 / 1440, 18 / 1440, 1 / 24, 1, 1, 2, 3, 4, 5, 30]
    flows = db.execute("SELECT id FROM workflows ORDER BY id DESC").fetchall()
    for place, (flow,) in enumerate(flows):
        db.execute("UPDATE workflows SET updated_at = ?1 WHERE id = ?2", (now - int(ages[place % len(ages)] * DAY), flow))
    db.execute("UPDATE provider_credentials SET created_at = created_at - ?1 WHERE 1", (90 * DAY,))
    db.execute("UPDATE provider_credentials SET last_used_at = (SELECT max(opened_at) FROM model_calls WHERE credential_id = provider_credentials.id)")
    db.commit()
    db.close()


age(sys.argv[1])
