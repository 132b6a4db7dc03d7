"""The jobs as clients see them: what was sent is there once, in order, and stays until it is acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autocull.errors import RequestError
from autocull.serve.jobs.model import JobCounts, PhotoOutcome, RequestedPhoto
from autocull.serve.jobs.queue import ABANDONED_TIMEOUT
from autocull.serve.jobs.store import RETENTION, JobStore
from support.job_fixtures import Clock, order, outcome, wanted


@pytest.fixture
def clock() -> Clock:
    """Return the wall clock of `jobs`."""
    return Clock()


@pytest.fixture
def jobs(tmp_path: Path, clock: Clock) -> Iterator[JobStore]:
    """Open a store that must not complain; time passes only where a test says so."""
    with closing(JobStore(tmp_path / "jobs.sqlite", pytest.fail, clock, Clock(0))) as opened:
        yield opened


def work_off(jobs: JobStore, job: str, *answers: str | None) -> None:
    """Give the next photos of a job these verdicts."""
    jobs.queue.begin(job)
    for answer, (_, photo) in zip(answers, jobs.queue.list_pending(job, 0, len(answers)), strict=True):
        jobs.queue.record(job, photo, outcome(answer, "soft" if answer == "reject" else None))


def codes(error: pytest.ExceptionInfo[RequestError]) -> str:
    """Return the code of a caught error."""
    return error.value.code


def test_a_job_comes_back_as_it_was_sent(jobs: JobStore, clock: Clock) -> None:
    """Every field of the order is in the job, which waits."""
    job = jobs.create(order(*wanted("1"), source="import", purpose="look", catalog="C", more=True))
    assert (job.source, job.purpose, job.catalog, job.more, job.state) == (
        "import",
        "look",
        "C",
        True,
        "waiting",
    )
    assert (job.created, job.message, job.live) == (clock.now, None, True)
    assert jobs.get(job.id) == job


def test_photos_keep_their_order_and_their_facts(jobs: JobStore) -> None:
    """What waits comes in the order in which it was sent, as it was sent, in pieces of any size."""
    sent = [RequestedPhoto(f"{n}", f"/{n}", f"/f{n}" if n % 2 else None, '{"marks": {}}') for n in (3, 1, 2)]
    job = jobs.create(order(*sent, more=True))
    jobs.add_photos(job.id, wanted("9", "8"), more=False)
    assert [photo for _, photo in jobs.queue.list_pending(job.id, 0, 99)] == [*sent, *wanted("9", "8")]
    first, second = jobs.queue.list_pending(job.id, 0, 2)
    assert [photo.id for _, photo in jobs.queue.list_pending(job.id, second.position, 2)] == ["2", "9"]
    assert first.position < second.position


def test_an_id_is_one_photo(jobs: JobStore) -> None:
    """Twice in one piece or in two: the first counts."""
    job = jobs.create(order(RequestedPhoto("1", "/a"), RequestedPhoto("1", "/b"), more=True))
    jobs.add_photos(
        job.id, [RequestedPhoto("1", "/c"), RequestedPhoto("2", "/d"), RequestedPhoto("2", "/e")], more=True
    )
    assert [photo.path for _, photo in jobs.queue.list_pending(job.id, 0, 9)] == ["/a", "/d"]


def test_the_last_piece_closes_a_job(jobs: JobStore) -> None:
    """Nothing more is taken, but a piece that is repeated because its answer was lost is no error."""
    job = jobs.create(order(*wanted("1"), more=True))
    assert not jobs.add_photos(job.id, wanted("2"), more=False).more
    jobs.add_photos(job.id, wanted("2"), more=False)
    for photos, more in ((wanted("3"), False), ((), True)):
        with pytest.raises(RequestError) as caught:
            jobs.add_photos(job.id, photos, more=more)
        assert codes(caught) == "wrong_state"
    assert jobs.counts(job.id).total == 2


def test_counts_add_up(jobs: JobStore) -> None:
    """Done are verdicts and errors; rejects count under their reason."""
    job = jobs.create(order(*wanted(*"123456")))
    assert jobs.counts(job.id).total == 6
    work_off(jobs, job.id, "keep", "reject", None, "cannot_tell", "reject")
    verdicts = {"keep": 1, "reject": 2, "cannot_tell": 1}
    assert jobs.counts(job.id) == JobCounts(6, 5, 1, verdicts, {"soft": 2})


def test_results_are_numbered_as_they_are_made(jobs: JobStore) -> None:
    """Pages follow each other without a gap or a double, and only the end of the job completes them."""
    job = jobs.create(order(*wanted(*"12345")))
    work_off(jobs, job.id, "keep", "reject", None, "keep")
    page, complete = jobs.list_results(job.id, 0, 3)
    assert [(row["number"], row["id"]) for row in page] == [(1, "1"), (2, "2"), (3, "3")]
    assert not complete
    assert jobs.list_results(job.id, 3, 3)[1] is False
    work_off(jobs, job.id, "keep")
    assert jobs.queue.finish(job.id)
    assert jobs.list_results(job.id, 0, 4)[1] is False
    page, complete = jobs.list_results(job.id, 3, 3)
    assert [row["id"] for row in page] == ["4", "5"]
    assert complete


def test_photos_of_one_file_are_judged_at_once(jobs: JobStore) -> None:
    """Virtual copies get their master's result, each its own number; another fallback is another picture."""
    job = jobs.create(
        order(
            *(RequestedPhoto(id_, "/a") for id_ in "12"),
            RequestedPhoto("3", "/a", "/f"),
            RequestedPhoto("4", "/b"),
        )
    )
    jobs.queue.begin(job.id)
    assert jobs.queue.record(job.id, RequestedPhoto("1", "/a"), outcome()) == 2
    assert jobs.queue.record(job.id, RequestedPhoto("2", "/a"), outcome("reject")) == 0
    assert [(row["number"], row["id"]) for row in jobs.list_results(job.id, 0, 9)[0]] == [(1, "1"), (2, "2")]
    assert [photo.id for _, photo in jobs.queue.list_pending(job.id, 0, 9)] == ["3", "4"]


def test_cancelling_keeps_what_was_done_and_takes_no_more(jobs: JobStore) -> None:
    """It may be said twice; a job that ended stays as it ended."""
    job = jobs.create(order(*wanted(*"123"), more=True))
    work_off(jobs, job.id, "keep")
    assert [jobs.cancel(job.id).state for _ in range(2)] == ["cancelled", "cancelled"]
    assert jobs.queue.record(job.id, *wanted("2"), outcome()) == 0
    assert len(jobs.list_results(job.id, 0, 9)[0]) == 1
    assert jobs.list_results(job.id, 0, 9)[1]
    done = jobs.create(order())
    work_off(jobs, done.id)
    assert jobs.queue.finish(done.id)
    assert jobs.cancel(done.id).state == "done"


def test_acknowledging_forgets_the_results(jobs: JobStore) -> None:
    """Not before the job has ended; afterwards it is unknown, and the others are there."""
    job, other = jobs.create(order(*wanted("1"))), jobs.create(order(*wanted("1")))
    with pytest.raises(RequestError) as caught:
        jobs.acknowledge(job.id)
    assert codes(caught) == "wrong_state"
    jobs.cancel(job.id)
    jobs.acknowledge(job.id)
    assert [found.id for found in jobs.list_newest()] == [other.id]
    assert jobs.counts(other.id).total == 1


@pytest.mark.parametrize("name", ["job", "counts", "cancel", "acknowledge"])
def test_an_unknown_job_is_said_to_be_unknown(jobs: JobStore, name: str) -> None:
    """By everything that names one; counting nothing is harmless."""
    if name == "counts":
        assert jobs.counts("none").total == 0
        return
    with pytest.raises(RequestError) as caught:
        getattr(jobs, name)("none")
    assert codes(caught) == "unknown_job"


def test_the_newest_jobs_come_first(jobs: JobStore) -> None:
    """In the order in which they came, whatever the clock says, and no more than asked."""
    made = [jobs.create(order()).id for _ in range(5)]
    assert [job.id for job in jobs.list_newest(3)] == made[:1:-1]
    assert jobs.count_waiting() == 5


def test_results_that_nobody_fetched_are_kept_for_a_week(jobs: JobStore, clock: Clock) -> None:
    """From the job's end on, not from its beginning; a job that has not ended stays for good."""
    ended, open_ = jobs.create(order()), jobs.create(order(more=True))
    clock.now += 3 * RETENTION
    jobs.cancel(ended.id)
    clock.now += RETENTION - 1
    jobs.expire()
    assert len(jobs.list_newest()) == 2
    clock.now += 1
    jobs.expire()
    assert [job.id for job in jobs.list_newest()] == [open_.id]


def test_what_ran_when_the_daemon_died_waits_again(tmp_path: Path) -> None:
    """Opening the file is all that it takes."""
    file = tmp_path / "jobs.sqlite"
    with closing(JobStore(file, pytest.fail)) as jobs:
        job = jobs.create(order(*wanted("1", "2")))
        work_off(jobs, job.id, "keep")
        assert jobs.get(job.id).state == "running"
    with closing(JobStore(file, pytest.fail)) as jobs:
        assert jobs.get(job.id).state == "waiting"
        assert [photo.id for _, photo in jobs.queue.list_pending(job.id, 0, 9)] == ["2"]


class TestRevising:
    """A photo that is judged again, beside the others of its job."""

    def test_a_revision_comes_behind_all_that_was_read(self, jobs: JobStore) -> None:
        """With a number of its own and the new content; the photo is counted once, under its last verdict."""
        job = jobs.create(order(*wanted(*"1234")))
        work_off(jobs, job.id, "keep", "keep", "reject", "keep")
        read, _ = jobs.list_results(job.id, 0, 9)
        revised = [("2", outcome("reject", "other")), ("4", outcome("cannot_tell"))]
        assert jobs.queue.revise(job.id, revised) == 2
        news, _ = jobs.list_results(job.id, int(str(read[-1]["number"])), 9)
        assert [(row["number"], row["id"], row["verdict"]) for row in news] == [
            (5, "2", "reject"),
            (6, "4", "cannot_tell"),
        ]
        verdicts = {"keep": 1, "reject": 2, "cannot_tell": 1}
        assert jobs.counts(job.id) == JobCounts(4, 4, 0, verdicts, {"soft": 1, "other": 1})

    def test_who_reads_only_afterwards_reads_each_photo_once(self, jobs: JobStore) -> None:
        """In pages of any size, the revised ones last."""
        job = jobs.create(order(*wanted(*"123")))
        work_off(jobs, job.id, *["keep"] * 3)
        jobs.queue.revise(job.id, [("1", outcome("reject", "other"))])
        assert jobs.queue.finish(job.id)
        seen, after, complete = [], 0, False
        while not complete:
            rows, complete = jobs.list_results(job.id, after, 1)
            seen += [row["id"] for row in rows]
            after = int(str(rows[-1]["number"]))
        assert seen == ["2", "3", "1"]

    def test_what_says_the_same_stays_as_it_is(self, jobs: JobStore) -> None:
        """So a second pass that is made twice is heard of once."""
        job = jobs.create(order(*wanted(*"12")))
        work_off(jobs, job.id, "keep", "keep")
        revised = [("1", outcome("reject", "other")), ("2", outcome("keep"))]
        assert jobs.queue.revise(job.id, revised) == 1
        assert jobs.queue.revise(job.id, revised) == 0
        assert [row["number"] for row in jobs.list_results(job.id, 0, 9)[0]] == [2, 3]

    def test_what_was_left_behind_is_never_given_again(self, jobs: JobStore) -> None:
        """The newest result is revised twice: its number grows on."""
        job = jobs.create(order(*wanted("1")))
        work_off(jobs, job.id, "keep")
        for number, answer in enumerate(("reject", "keep"), 2):
            assert jobs.queue.revise(job.id, [("1", outcome(answer))]) == 1
            assert [row["number"] for row in jobs.list_results(job.id, 0, 9)[0]] == [number]

    def test_only_what_has_a_result_in_a_running_job_is_revised(self, jobs: JobStore) -> None:
        """Neither a photo that waits, nor one that is unknown, nor a job that was cancelled meanwhile."""
        job = jobs.create(order(*wanted(*"12")))
        work_off(jobs, job.id, "keep")
        for id_ in ("2", "unknown"):
            assert jobs.queue.revise(job.id, [(id_, outcome("reject"))]) == 0
        assert [photo.id for _, photo in jobs.queue.list_pending(job.id, 0, 9)] == ["2"]
        jobs.cancel(job.id)
        assert jobs.queue.revise(job.id, [("1", outcome("reject"))]) == 0
        assert [row["verdict"] for row in jobs.list_results(job.id, 0, 9)[0]] == ["keep"]

    def test_a_job_is_complete_when_nothing_waits_and_nothing_can_come(self, jobs: JobStore) -> None:
        """Not while it is open, nor while a photo waits, nor when nobody works on it."""
        job = jobs.create(order(*wanted("1"), more=True))
        work_off(jobs, job.id, "keep")
        assert not jobs.queue.is_complete(job.id)
        jobs.add_photos(job.id, wanted("2"), more=False)
        assert not jobs.queue.is_complete(job.id)
        work_off(jobs, job.id, "keep")
        assert jobs.queue.is_complete(job.id)
        jobs.queue.requeue(job.id)
        assert not jobs.queue.is_complete(job.id)

    def test_the_judged_come_in_their_order_with_their_picture(self, jobs: JobStore) -> None:
        """Without the unreadable, piece by piece."""
        job = jobs.create(order(*wanted(*"123")))
        jobs.queue.begin(job.id)
        for photo, answer, source in zip(
            wanted(*"321"), ("keep", None, "reject"), ("file", None, "fallback"), strict=True
        ):
            jobs.queue.record(job.id, photo, PhotoOutcome({"source": source}, answer, None))
        first, second = jobs.queue.list_judged(job.id, 0, 9)
        assert [(each.photo.id, each.picture) for each in (first, second)] == [
            ("1", "fallback"),
            ("3", "file"),
        ]
        assert jobs.queue.list_judged(job.id, first.position, 9) == [second]
        assert jobs.queue.list_judged(job.id, 0, 1) == [first]


class TestWork:
    """The runner's side."""

    def test_users_come_before_imports_and_the_oldest_first(self, jobs: JobStore) -> None:
        """Whatever the order in which they were sent."""
        made = [
            jobs.create(order(*wanted("1"), source=source)).id
            for source in ("import", "user", "import", "user")
        ]
        taken = []
        while job := jobs.queue.next_job():
            taken.append(made.index(job.id))
            work_off(jobs, job.id, "keep")
            assert jobs.queue.finish(job.id)
        assert taken == [1, 3, 0, 2]

    def test_an_open_job_without_photos_keeps_nobody_waiting(self, jobs: JobStore) -> None:
        """The import goes on until the user's next piece is there."""
        user = jobs.create(order(*wanted("1"), more=True))
        import_ = jobs.create(order(*wanted("1"), source="import"))
        work_off(jobs, user.id, "keep")
        assert not jobs.queue.finish(user.id)
        assert jobs.queue.requeue(user.id)
        found = jobs.queue.next_job()
        assert found is not None
        assert found.id == import_.id
        jobs.queue.begin(import_.id)
        assert jobs.queue.is_active(import_)
        jobs.add_photos(user.id, wanted("2"), more=False)
        assert not jobs.queue.is_active(import_)

    def test_a_users_job_gives_way_to_nobody(self, jobs: JobStore) -> None:
        """Neither to an import nor to another user's job; but it ends when it is cancelled."""
        job = jobs.create(order(*wanted("1")))
        jobs.create(order(*wanted("1"), source="import"))
        jobs.create(order(*wanted("1")))
        jobs.queue.begin(job.id)
        assert jobs.queue.is_active(job)
        jobs.cancel(job.id)
        assert not jobs.queue.is_active(job)
        assert not jobs.queue.begin(job.id)

    def test_only_one_job_is_running(self, jobs: JobStore) -> None:
        """One that was left in haste, its file failing, waits as soon as another is taken up."""
        first, second = jobs.create(order(*wanted("1"))), jobs.create(order(*wanted("1")))
        assert jobs.queue.begin(first.id)
        assert jobs.queue.begin(second.id)
        assert [jobs.get(job.id).state for job in (first, second)] == ["waiting", "running"]

    def test_a_failed_job_says_why(self, jobs: JobStore) -> None:
        """And keeps what it has; one that has ended already does not fail."""
        job = jobs.create(order(*wanted("1")))
        jobs.queue.begin(job.id)
        jobs.queue.fail(job.id, "The model is missing.")
        jobs.queue.fail(job.id, "Again.")
        assert (jobs.get(job.id).state, jobs.get(job.id).message) == ("failed", "The model is missing.")

    def test_an_open_job_that_gets_nothing_is_closed(self, tmp_path: Path) -> None:
        """After ten minutes without a photo, by a clock that does not jump, and after a restart anew."""
        wall, elapsed, file = Clock(), Clock(0), tmp_path / "jobs.sqlite"
        with closing(JobStore(file, pytest.fail, wall, elapsed)) as jobs:
            job = jobs.create(order(more=True))
            elapsed.now += ABANDONED_TIMEOUT - 1
            wall.now += 10 * ABANDONED_TIMEOUT  # the machine slept, or somebody set the clock
            assert jobs.queue.close_abandoned() == []
            jobs.add_photos(job.id, wanted("1"), more=True)
            elapsed.now += ABANDONED_TIMEOUT - 1
            assert jobs.queue.close_abandoned() == []
        with closing(JobStore(file, pytest.fail, wall, elapsed)) as jobs:
            assert jobs.queue.close_abandoned() == []
            elapsed.now += ABANDONED_TIMEOUT
            assert jobs.queue.close_abandoned() == [job.id]
            assert not jobs.get(job.id).more
            assert jobs.counts(job.id).total == 1
