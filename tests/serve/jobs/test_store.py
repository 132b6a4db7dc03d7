"""The clients' side of the jobs: what was sent is stored once, in order, until it is acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autocull.errors import Problem, RequestError
from autocull.serve.jobs.model import JobCounts, PhotoOutcome, RequestedPhoto
from autocull.serve.jobs.queue import ABANDONED_TIMEOUT, POLL_TIMEOUT, RETENTION, JobQueue
from autocull.serve.jobs.store import JobStore
from support.job_fixtures import (
    Clock,
    JobDatabase,
    job_request,
    photo_outcome,
    requested_photos,
    run_for_days,
)


@pytest.fixture
def clock() -> Clock:
    """Return the wall clock of `jobs`."""
    return Clock()


@pytest.fixture
def job_database(tmp_path: Path, clock: Clock) -> Iterator[JobDatabase]:
    """Open a database that must not warn; time passes only when a test moves the clocks."""
    with closing(JobDatabase(tmp_path / "jobs.sqlite", pytest.fail, clock, Clock(0))) as database:
        yield database


@pytest.fixture
def jobs(job_database: JobDatabase) -> JobStore:
    """Return the clients' side."""
    return job_database.jobs


@pytest.fixture
def queue(job_database: JobDatabase) -> JobQueue:
    """Return the runner's side."""
    return job_database.queue


def record_verdicts(queue: JobQueue, job: str, *answers: str | None) -> None:
    """Record these verdicts for the next photos of a job."""
    queue.begin(job)
    for answer, (_, photo) in zip(answers, queue.list_pending(job, 0, len(answers)), strict=True):
        queue.record(job, photo, photo_outcome(answer, "soft" if answer == "reject" else None))


def code_of(error: pytest.ExceptionInfo[RequestError]) -> str:
    """Return the code of a caught error."""
    return error.value.code


def test_job_has_the_fields_of_its_request(jobs: JobStore, clock: Clock) -> None:
    """And it waits."""
    job = jobs.create(
        job_request(*requested_photos("1"), source="import", purpose="look", catalog="C", more=True)
    )
    assert (job.source, job.purpose, job.catalog, job.more, job.state) == (
        "import",
        "look",
        "C",
        True,
        "waiting",
    )
    assert (job.created, job.problem, job.live) == (clock.now, None, True)
    assert jobs.get(job.id) == job


def test_photos_keep_order_and_facts(jobs: JobStore, queue: JobQueue) -> None:
    """Pending photos are read in the order in which they were sent, in batches of any size."""
    sent = [RequestedPhoto(f"{n}", f"/{n}", f"/f{n}" if n % 2 else None, '{"marks": {}}') for n in (3, 1, 2)]
    job = jobs.create(job_request(*sent, more=True))
    jobs.add_photos(job.id, requested_photos("9", "8"), more=False)
    assert [photo for _, photo in queue.list_pending(job.id, 0, 99)] == [
        *sent,
        *requested_photos("9", "8"),
    ]
    first, second = queue.list_pending(job.id, 0, 2)
    assert [photo.id for _, photo in queue.list_pending(job.id, second.position, 2)] == ["2", "9"]
    assert first.position < second.position


def test_repeated_id_is_one_photo(jobs: JobStore, queue: JobQueue) -> None:
    """Within one request or across two: the first counts."""
    job = jobs.create(job_request(RequestedPhoto("1", "/a"), RequestedPhoto("1", "/b"), more=True))
    jobs.add_photos(
        job.id, [RequestedPhoto("1", "/c"), RequestedPhoto("2", "/d"), RequestedPhoto("2", "/e")], more=True
    )
    assert [photo.path for _, photo in queue.list_pending(job.id, 0, 9)] == ["/a", "/d"]


def test_last_part_closes_the_job(jobs: JobStore) -> None:
    """No more photos are accepted; a part that is sent again because its response was lost is no error."""
    job = jobs.create(job_request(*requested_photos("1"), more=True))
    assert not jobs.add_photos(job.id, requested_photos("2"), more=False).more
    jobs.add_photos(job.id, requested_photos("2"), more=False)
    for photos, more in ((requested_photos("3"), False), ((), True)):
        with pytest.raises(RequestError) as caught:
            jobs.add_photos(job.id, photos, more=more)
        assert code_of(caught) == "wrong_state"
    assert jobs.counts(job.id).total == 2


def test_counts_add_up(jobs: JobStore, queue: JobQueue) -> None:
    """Done are verdicts and errors; rejects count by their reason."""
    job = jobs.create(job_request(*requested_photos(*"123456")))
    assert jobs.counts(job.id).total == 6
    record_verdicts(queue, job.id, "keep", "reject", None, "cannot_tell", "reject")
    verdicts = {"keep": 1, "reject": 2, "cannot_tell": 1}
    assert jobs.counts(job.id) == JobCounts(6, 5, 1, verdicts, {"soft": 2})


def test_results_are_numbered_in_order(jobs: JobStore, queue: JobQueue) -> None:
    """Pages have no gaps and no duplicates, and only the job's end completes them."""
    job = jobs.create(job_request(*requested_photos(*"12345")))
    record_verdicts(queue, job.id, "keep", "reject", None, "keep")
    page, complete = jobs.list_results(job.id, 0, 3)
    assert [(row["number"], row["id"]) for row in page] == [(1, "1"), (2, "2"), (3, "3")]
    assert not complete
    assert jobs.list_results(job.id, 3, 3)[1] is False
    record_verdicts(queue, job.id, "keep")
    assert queue.finish(job.id)
    assert jobs.list_results(job.id, 0, 4)[1] is False
    page, complete = jobs.list_results(job.id, 3, 3)
    assert [row["id"] for row in page] == ["4", "5"]
    assert complete


def test_photos_of_one_file_share_a_result(jobs: JobStore, queue: JobQueue) -> None:
    """Each has its own number; another fallback is another picture."""
    job = jobs.create(
        job_request(
            *(RequestedPhoto(id_, "/a") for id_ in "12"),
            RequestedPhoto("3", "/a", "/f"),
            RequestedPhoto("4", "/b"),
        )
    )
    queue.begin(job.id)
    assert queue.record(job.id, RequestedPhoto("1", "/a"), photo_outcome()) == 2
    assert queue.record(job.id, RequestedPhoto("2", "/a"), photo_outcome("reject")) == 0
    assert [(row["number"], row["id"]) for row in jobs.list_results(job.id, 0, 9)[0]] == [(1, "1"), (2, "2")]
    assert [photo.id for _, photo in queue.list_pending(job.id, 0, 9)] == ["3", "4"]


def test_cancelling_keeps_results_and_accepts_no_more(jobs: JobStore, queue: JobQueue) -> None:
    """It may be repeated; a job that has ended does not change."""
    job = jobs.create(job_request(*requested_photos(*"123"), more=True))
    record_verdicts(queue, job.id, "keep")
    assert [jobs.cancel(job.id).state for _ in range(2)] == ["cancelled", "cancelled"]
    assert queue.record(job.id, *requested_photos("2"), photo_outcome()) == 0
    assert len(jobs.list_results(job.id, 0, 9)[0]) == 1
    assert jobs.list_results(job.id, 0, 9)[1]
    done = jobs.create(job_request())
    record_verdicts(queue, done.id)
    assert queue.finish(done.id)
    assert jobs.cancel(done.id).state == "done"


def test_acknowledging_deletes_the_job(jobs: JobStore) -> None:
    """Not before it has ended; other jobs stay."""
    job, other = (
        jobs.create(job_request(*requested_photos("1"))),
        jobs.create(job_request(*requested_photos("1"))),
    )
    with pytest.raises(RequestError) as caught:
        jobs.acknowledge(job.id)
    assert code_of(caught) == "wrong_state"
    jobs.cancel(job.id)
    jobs.acknowledge(job.id)
    assert [job.id for job in jobs.list_newest()] == [other.id]
    assert jobs.counts(other.id).total == 1


@pytest.mark.parametrize("name", ["get", "counts", "cancel", "acknowledge"])
def test_unknown_job_is_reported(jobs: JobStore, name: str) -> None:
    """By every method that takes an id; its counts are zero."""
    if name == "counts":
        assert jobs.counts("none").total == 0
        return
    with pytest.raises(RequestError) as caught:
        getattr(jobs, name)("none")
    assert code_of(caught) == "unknown_job"


def test_newest_jobs_come_first(jobs: JobStore) -> None:
    """By order of creation, not by the clock, and no more than the limit."""
    created = [jobs.create(job_request()).id for _ in range(5)]
    assert [job.id for job in jobs.list_newest(3)] == created[:1:-1]
    assert jobs.count_waiting() == 5


def test_results_are_kept_for_a_week(jobs: JobStore, queue: JobQueue, clock: Clock) -> None:
    """For seven days on which the daemon ran after the job's end; a job that has not ended stays."""
    ended, open_ = jobs.create(job_request()), jobs.create(job_request(more=True))
    run_for_days(queue, clock, 3 * RETENTION)
    jobs.cancel(ended.id)
    queue.expire()
    run_for_days(queue, clock, RETENTION - 1)
    assert len(jobs.list_newest()) == 2
    run_for_days(queue, clock, 1)
    assert [job.id for job in jobs.list_newest()] == [open_.id]


def test_running_job_waits_after_a_restart(tmp_path: Path) -> None:
    """Opening the file is enough."""
    file = tmp_path / "jobs.sqlite"
    with closing(JobDatabase(file)) as database:
        jobs, queue = database.jobs, database.queue
        job = jobs.create(job_request(*requested_photos("1", "2")))
        record_verdicts(queue, job.id, "keep")
        assert jobs.get(job.id).state == "running"
    with closing(JobDatabase(file)) as database:
        jobs, queue = database.jobs, database.queue
        assert jobs.get(job.id).state == "waiting"
        assert [photo.id for _, photo in queue.list_pending(job.id, 0, 9)] == ["2"]


class TestRevise:
    """Results that the second pass revises."""

    def test_revision_comes_after_all_earlier_results(self, jobs: JobStore, queue: JobQueue) -> None:
        """With a new number and the new content; the photo is counted once, by its last verdict."""
        job = jobs.create(job_request(*requested_photos(*"1234")))
        record_verdicts(queue, job.id, "keep", "keep", "reject", "keep")
        read, _ = jobs.list_results(job.id, 0, 9)
        revised = [("2", photo_outcome("reject", "other")), ("4", photo_outcome("cannot_tell"))]
        assert queue.revise(job.id, revised) == 2
        news, _ = jobs.list_results(job.id, int(str(read[-1]["number"])), 9)
        assert [(row["number"], row["id"], row["verdict"]) for row in news] == [
            (5, "2", "reject"),
            (6, "4", "cannot_tell"),
        ]
        verdicts = {"keep": 1, "reject": 2, "cannot_tell": 1}
        assert jobs.counts(job.id) == JobCounts(4, 4, 0, verdicts, {"soft": 1, "other": 1})

    def test_late_reader_reads_each_photo_once(self, jobs: JobStore, queue: JobQueue) -> None:
        """In pages of any size, the revised ones last."""
        job = jobs.create(job_request(*requested_photos(*"123")))
        record_verdicts(queue, job.id, *["keep"] * 3)
        queue.revise(job.id, [("1", photo_outcome("reject", "other"))])
        assert queue.finish(job.id)
        ids, after, complete = [], 0, False
        while not complete:
            rows, complete = jobs.list_results(job.id, after, 1)
            ids += [row["id"] for row in rows]
            after = int(str(rows[-1]["number"]))
        assert ids == ["2", "3", "1"]

    def test_equal_result_is_not_revised(self, jobs: JobStore, queue: JobQueue) -> None:
        """So a repeated second pass changes nothing."""
        job = jobs.create(job_request(*requested_photos(*"12")))
        record_verdicts(queue, job.id, "keep", "keep")
        revised = [("1", photo_outcome("reject", "other")), ("2", photo_outcome("keep"))]
        assert queue.revise(job.id, revised) == 1
        assert queue.revise(job.id, revised) == 0
        assert [row["number"] for row in jobs.list_results(job.id, 0, 9)[0]] == [2, 3]

    def test_replaced_number_is_never_used_again(self, jobs: JobStore, queue: JobQueue) -> None:
        """Also when the newest result is revised twice."""
        job = jobs.create(job_request(*requested_photos("1")))
        record_verdicts(queue, job.id, "keep")
        for number, answer in enumerate(("reject", "keep"), 2):
            assert queue.revise(job.id, [("1", photo_outcome(answer))]) == 1
            assert [row["number"] for row in jobs.list_results(job.id, 0, 9)[0]] == [number]

    def test_only_results_of_a_running_job_are_revised(self, jobs: JobStore, queue: JobQueue) -> None:
        """Not a pending or unknown photo, nor one of a cancelled job."""
        job = jobs.create(job_request(*requested_photos(*"12")))
        record_verdicts(queue, job.id, "keep")
        for id_ in ("2", "unknown"):
            assert queue.revise(job.id, [(id_, photo_outcome("reject"))]) == 0
        assert [photo.id for _, photo in queue.list_pending(job.id, 0, 9)] == ["2"]
        jobs.cancel(job.id)
        assert queue.revise(job.id, [("1", photo_outcome("reject"))]) == 0
        assert [row["verdict"] for row in jobs.list_results(job.id, 0, 9)[0]] == ["keep"]

    def test_job_is_complete_without_pending_photos(self, jobs: JobStore, queue: JobQueue) -> None:
        """Not while it is open, and not when it is not running."""
        job = jobs.create(job_request(*requested_photos("1"), more=True))
        record_verdicts(queue, job.id, "keep")
        assert not queue.is_complete(job.id)
        jobs.add_photos(job.id, requested_photos("2"), more=False)
        assert not queue.is_complete(job.id)
        record_verdicts(queue, job.id, "keep")
        assert queue.is_complete(job.id)
        queue.requeue(job.id)
        assert not queue.is_complete(job.id)

    def test_judged_photos_are_listed_in_order(self, jobs: JobStore, queue: JobQueue) -> None:
        """With the picture that was judged, without unreadable ones, in batches."""
        job = jobs.create(job_request(*requested_photos(*"123")))
        queue.begin(job.id)
        for photo, answer, source in zip(
            requested_photos(*"321"), ("keep", None, "reject"), ("file", None, "fallback"), strict=True
        ):
            queue.record(job.id, photo, PhotoOutcome({"source": source}, answer, None))
        first, second = queue.list_judged(job.id, 0, 9)
        assert [(each.photo.id, each.picture) for each in (first, second)] == [
            ("1", "fallback"),
            ("3", "file"),
        ]
        assert queue.list_judged(job.id, first.position, 9) == [second]
        assert queue.list_judged(job.id, 0, 1) == [first]


class TestQueue:
    """The runner's side."""

    def test_users_jobs_come_before_imports(self, jobs: JobStore, queue: JobQueue) -> None:
        """Within each kind the oldest first."""
        created = [
            jobs.create(job_request(*requested_photos("1"), source=source)).id
            for source in ("import", "user", "import", "user")
        ]
        taken = []
        while job := queue.next_job():
            taken.append(created.index(job.id))
            record_verdicts(queue, job.id, "keep")
            assert queue.finish(job.id)
        assert taken == [1, 3, 0, 2]

    def test_open_job_without_photos_is_skipped(self, jobs: JobStore, queue: JobQueue) -> None:
        """The import goes on until the user's next part arrives."""
        user = jobs.create(job_request(*requested_photos("1"), more=True))
        import_ = jobs.create(job_request(*requested_photos("1"), source="import"))
        record_verdicts(queue, user.id, "keep")
        assert not queue.finish(user.id)
        assert queue.requeue(user.id)
        job = queue.next_job()
        assert job is not None
        assert job.id == import_.id
        queue.begin(import_.id)
        assert queue.is_active(import_)
        jobs.add_photos(user.id, requested_photos("2"), more=False)
        assert not queue.is_active(import_)

    def test_users_job_does_not_give_way(self, jobs: JobStore, queue: JobQueue) -> None:
        """Neither to an import nor to another user's job; but cancelling ends it."""
        job = jobs.create(job_request(*requested_photos("1")))
        jobs.create(job_request(*requested_photos("1"), source="import"))
        jobs.create(job_request(*requested_photos("1")))
        queue.begin(job.id)
        assert queue.is_active(job)
        jobs.cancel(job.id)
        assert not queue.is_active(job)
        assert not queue.begin(job.id)

    def test_only_one_job_is_running(self, jobs: JobStore, queue: JobQueue) -> None:
        """A job that was left because its file failed waits as soon as another begins."""
        first, second = (
            jobs.create(job_request(*requested_photos("1"))),
            jobs.create(job_request(*requested_photos("1"))),
        )
        assert queue.begin(first.id)
        assert queue.begin(second.id)
        assert [jobs.get(job.id).state for job in (first, second)] == ["waiting", "running"]

    def test_failed_job_has_a_message(self, jobs: JobStore, queue: JobQueue) -> None:
        """Its results stay; a job that has ended cannot fail."""
        job = jobs.create(job_request(*requested_photos("1")))
        queue.begin(job.id)
        problem = Problem("model", "The model is missing.", {"model": "focus"})
        queue.fail(job.id, problem)
        queue.fail(job.id, Problem("internal", "Again."))
        assert (jobs.get(job.id).state, jobs.get(job.id).problem) == ("failed", problem)

    def test_message_of_an_earlier_version_is_kept(self, tmp_path: Path) -> None:
        """It was stored without code and parameters."""
        with closing(JobDatabase(tmp_path / "jobs.sqlite")) as database:
            job = database.jobs.create(job_request(*requested_photos("1")))
            database.queue.fail(job.id, Problem("model", "Gone."))
            with database.database.transaction() as connection:
                connection.execute("UPDATE jobs SET message = 'The model is missing.'")
            assert database.jobs.get(job.id).problem == Problem("failed", "The model is missing.")

    def test_job_without_a_client_gives_way_to_a_polled_one(self, tmp_path: Path) -> None:
        """After `POLL_TIMEOUT` seconds by the monotonic clock; it goes on later."""
        elapsed = Clock(0)
        with closing(JobDatabase(tmp_path / "jobs.sqlite", pytest.fail, elapsed=elapsed)) as database:
            jobs, queue = database.jobs, database.queue
            left = jobs.create(job_request(*requested_photos("1")))
            polled = jobs.create(job_request(*requested_photos("1"), source="import"))
            assert queue.begin(left.id)
            elapsed.now += POLL_TIMEOUT - 1
            jobs.record_poll(polled.id)
            assert queue.is_active(left)
            elapsed.now += 1
            assert not queue.is_active(left)
            assert queue.next_job() == polled
            assert queue.begin(polled.id)
            assert queue.is_active(polled)
            record_verdicts(queue, polled.id, "keep")
            assert queue.finish(polled.id)
            job = queue.next_job()
            assert job is not None
            assert job.id == left.id
            assert queue.begin(left.id)
            assert queue.is_active(left)

    def test_jobs_without_requests_keep_their_order(self, tmp_path: Path) -> None:
        """Nothing gives way to a job without a client, and a restart changes nothing."""
        elapsed, file = Clock(0), tmp_path / "jobs.sqlite"
        with closing(JobDatabase(file, pytest.fail, elapsed=elapsed)) as database:
            first, _ = (database.jobs.create(job_request(*requested_photos("1"))) for _ in range(2))
            assert database.queue.begin(first.id)
            elapsed.now += 10 * POLL_TIMEOUT
            assert database.queue.is_active(first)
        with closing(JobDatabase(file, pytest.fail, elapsed=elapsed)) as database:
            job = database.queue.next_job()
            assert job is not None
            assert job.id == first.id

    def test_abandoned_job_is_closed(self, tmp_path: Path) -> None:
        """After ten minutes without photos by the monotonic clock, counted again after a restart."""
        wall, elapsed, file = Clock(), Clock(0), tmp_path / "jobs.sqlite"
        with closing(JobDatabase(file, pytest.fail, wall, elapsed)) as database:
            jobs, queue = database.jobs, database.queue
            job = jobs.create(job_request(more=True))
            elapsed.now += ABANDONED_TIMEOUT - 1
            wall.now += 10 * ABANDONED_TIMEOUT  # the machine slept, or the clock was set
            assert queue.close_abandoned() == []
            jobs.add_photos(job.id, requested_photos("1"), more=True)
            elapsed.now += ABANDONED_TIMEOUT - 1
            assert queue.close_abandoned() == []
        with closing(JobDatabase(file, pytest.fail, wall, elapsed)) as database:
            jobs, queue = database.jobs, database.queue
            assert queue.close_abandoned() == []
            elapsed.now += ABANDONED_TIMEOUT
            assert queue.close_abandoned() == [job.id]
            assert not jobs.get(job.id).more
            assert jobs.counts(job.id).total == 1
