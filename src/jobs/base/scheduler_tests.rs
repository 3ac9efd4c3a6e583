use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::clock::Clock;
use crate::error::Code;
use crate::store::Location;

/// Jobs that never touch the database.
fn no_database() -> Store {
    Store::open(Location::Sqlite("unused.db".to_owned()), Clock::default()).expect("a store")
}

/// What a job was asked to do.
#[derive(Default)]
struct Seen {
    prepared: AtomicUsize,
    worked: AtomicUsize,
    ended: AtomicUsize,
}

impl Seen {
    fn counts(&self) -> [usize; 3] {
        [&self.prepared, &self.worked, &self.ended].map(|count| count.load(Ordering::SeqCst))
    }
}

/// A job that does as it is told, by the number of the piece of work.
struct Told {
    name: &'static str,
    wakes: Wakes,
    piece: fn(usize) -> Result<Step>,
    seen: Arc<Seen>,
}

impl Told {
    fn job(name: &'static str, piece: fn(usize) -> Result<Step>) -> (Box<dyn Job>, Arc<Seen>) {
        let seen = Arc::<Seen>::default();
        let wakes = Wakes::Every(Duration::from_secs(3_600));
        (Box::new(Self { name, wakes, piece, seen: seen.clone() }), seen)
    }
}

impl Job for Told {
    fn name(&self) -> &'static str {
        self.name
    }

    fn wakes(&self) -> Wakes {
        self.wakes
    }

    fn prepare(&mut self) -> Result<()> {
        self.seen.prepared.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        (self.piece)(self.seen.worked.fetch_add(1, Ordering::SeqCst))
    }

    fn end(&mut self) {
        self.seen.ended.fetch_add(1, Ordering::SeqCst);
    }
}

/// What `/metrics` shows of a job: pieces of work, and those that failed.
fn counted(job: &str) -> [String; 2] {
    let families = meter::collectors().iter().flat_map(|collector| collector.collect()).collect::<Vec<_>>();
    // A family that nobody has counted in yet can't be written.
    let families: Vec<_> = families.into_iter().filter(|family| !family.get_metric().is_empty()).collect();
    let text = prometheus::TextEncoder::new().encode_to_string(&families).expect("text");
    ["runs", "failures"].map(|what| {
        let start = format!("hearback_job_{what}_total{{job=\"{job}\"}} ");
        text.lines().find_map(|line| line.strip_prefix(&start)).expect("the job is known").to_owned()
    })
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_job_that_panics_is_counted_as_failed_and_goes_on_prepared_anew() {
    let (job, seen) = Told::job("test_panicking", |piece| match piece {
        0 => Ok(Step::More),
        1 => panic!("it is broken"),
        _ => Ok(Step::Done),
    });
    let mut stepped = Stepped::new(job);
    assert_eq!(stepped.step(&|| true).expect("the first"), Step::More);
    assert_eq!(stepped.step(&|| true).expect_err("the second").code, Code::Internal);
    assert_eq!(stepped.step(&|| true).expect("the third"), Step::Done);
    stepped.end();
    assert_eq!(seen.counts(), [2, 3, 1]);
    assert_eq!(counted("test_panicking"), ["3", "1"]);
}

#[test]
fn a_job_that_fails_is_counted_and_stays_prepared() {
    let (job, seen) = Told::job("test_failing", |piece| match piece {
        0 => Err(Code::Unavailable.into()),
        1 => Ok(Step::Idle),
        _ => Ok(Step::Waits(Duration::ZERO)),
    });
    let mut stepped = Stepped::new(job);
    assert_eq!(stepped.step(&|| true).expect_err("the first").code, Code::Unavailable);
    assert_eq!(stepped.step(&|| true).expect("the second"), Step::Idle);
    assert_eq!(stepped.step(&|| true).expect("the third"), Step::Waits(Duration::ZERO));
    assert_eq!(seen.counts(), [1, 3, 0]);
    assert_eq!(counted("test_failing"), ["1", "1"], "what found nothing to do is not counted");
}

#[test]
fn one_job_that_panics_keeps_no_other_from_working_and_goes_on_itself() {
    let (broken, of_broken) = Told::job("test_broken", |_| panic!("always"));
    let (sound, of_sound) = Told::job("test_sound", |piece| {
        Ok(if piece < 10 { Step::More } else { Step::Waits(Duration::from_millis(1)) })
    });
    let scheduler = Scheduler::start(&no_database(), vec![broken, sound]).expect("threads");
    wait_until("the sound one works on", || of_sound.counts()[1] > 20);
    wait_until("the broken one is tried", || of_broken.counts()[1] > 0);
    scheduler.stop();
    assert_eq!((of_broken.counts()[2], of_sound.counts()[2]), (1, 1), "both came to their end");
}

#[test]
fn jobs_that_pause_are_all_stopped_at_once_and_named_in_their_order() {
    let idle = |name| Told::job(name, |_| Ok(Step::Done));
    let ((first, of_first), (second, of_second)) = (idle("test_first"), idle("test_second"));
    let scheduler = Scheduler::start(&no_database(), vec![first, second]).expect("threads");
    wait_until("both pause", || of_first.counts()[1] == 1 && of_second.counts()[1] == 1);
    let (asked, mut named) = (Instant::now(), Vec::new());
    scheduler.stop_all(|name| named.push(name));
    assert_eq!(named, ["test_first", "test_second"]);
    assert!(asked.elapsed() < Duration::from_secs(10), "an hour's pause ends when the job is stopped");
    assert_eq!((of_first.counts(), of_second.counts()), ([1, 1, 1], [1, 1, 1]));
}

#[test]
fn jobs_stop_when_nobody_holds_them_any_more() {
    let (job, seen) = Told::job("test_dropped", |_| Ok(Step::Done));
    drop(Scheduler::start(&no_database(), vec![job]).expect("threads"));
    wait_until("it ends", || seen.counts()[2] == 1);
}

#[test]
fn after_an_error_a_job_rests_as_long_as_it_pauses_within_limits() {
    let rests = [Duration::from_millis(250), Duration::from_secs(10), Duration::from_secs(60)];
    let rests = rests.map(|pause| Wakes::Every(pause).after_error().as_secs());
    assert_eq!(rests, [1, 10, 30]);
    assert_eq!(Wakes::on_commit(Duration::from_millis(1)).after_error(), REST);
}
