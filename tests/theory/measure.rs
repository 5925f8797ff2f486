//! A mean response time from a run, with the confidence interval that the run itself gives.
//!
//! Batch means, with two control variates: how many requests came in a batch and how much work they
//! brought. Both are drawn from the traffic's own streams, which are drawn here again, and their
//! expectations are known. At high loads they explain half of the variance, so that a run half as
//! long gives the same interval.

use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::fleet::traffic::Traffic;
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::time::{SimDuration, SimTime};

/// How a run is cut up. A batch must be long against the time that a system takes to forget its
/// state, or neighbours are alike and the interval comes out too narrow.
#[derive(Clone, Copy, Debug)]
pub struct Batches {
    /// Those that count.
    count: usize,
    /// Those before them, while the queues fill.
    warm_up: usize,
    /// Student's t for 99.9 % on both sides, with three degrees of freedom less than batches: for
    /// the mean and two controls.
    t: f64,
}

/// For one queue, which forgets within thousands of requests.
pub const MANY: Batches = Batches {
    count: 120,
    warm_up: 12,
    t: 3.374,
};

/// For a thousand queues, which forget within hundreds of thousands.
pub const FEW: Batches = Batches {
    count: 24,
    warm_up: 3,
    t: 3.819,
};

/// What a run gave; times in units of service.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// The mean response time.
    pub mean: f64,
    /// Half the width of its 99.9 % confidence interval.
    pub half_width: f64,
    /// The 99th percentile of the response times.
    pub p99: f64,
}

/// One batch: the mean response time, and how far arrivals and work lay from what is expected.
struct Batch {
    mean: f64,
    controls: [f64; 2],
}

/// Runs a scene for about so many requests. `unit` is one mean service time.
pub fn measure(
    scene: &Scenario,
    unit: SimDuration,
    seed: u64,
    requests: f64,
    cut: Batches,
) -> Measured {
    let unit = unit.as_us() as f64;
    let mut engine = Engine::new(scene, seed);
    let mut tape = Tape::new(scene, seed);
    let per_batch = requests / (cut.count + cut.warm_up) as f64;
    let length = SimDuration::from_us((per_batch / scene.arrivals.rate_rps * 1e6) as u64);
    let expected = length.as_us() as f64 / 1e6 * scene.arrivals.rate_rps;
    let mut batches = Vec::with_capacity(cut.count);
    let (mut sum, mut count) = (0_u128, 0_u64);
    for index in 0..cut.count + cut.warm_up {
        let until = engine.view().now() + length;
        engine.run_until(until, EventBudget::UNBOUNDED);
        let view = engine.view();
        let (new_sum, new_count) = (view.recorder().answered_us(), view.totals().answered);
        let (arrived, work) = tape.until(until);
        if index >= cut.warm_up {
            batches.push(Batch {
                mean: (new_sum - sum) as f64 / (new_count - count) as f64 / unit,
                controls: [
                    arrived as f64 / expected - 1.0,
                    work as f64 / arrived as f64 / unit - 1.0,
                ],
            });
        }
        (sum, count) = (new_sum, new_count);
    }
    let view = engine.view();
    assert_eq!(view.totals().unanswered(), 0);
    little(&engine);
    let (mean, half_width) = interval(&batches, cut.t);
    let p99 = view.recorder().run_percentiles().expect("answers came").p99;
    Measured {
        mean,
        half_width,
        p99: p99.as_us() as f64 / unit,
    }
}

/// The traffic of a run, drawn a second time beside it.
struct Tape {
    traffic: Traffic,
}

impl Tape {
    fn new(scene: &Scenario, seed: u64) -> Self {
        Self {
            traffic: Traffic::new(scene.arrivals, &scene.clients, &scene.classes, seed),
        }
    }

    /// How many requests come up to that time, from the last one asked for, and their work in
    /// microseconds.
    fn until(&mut self, until: SimTime) -> (u64, u128) {
        let (mut count, mut work) = (0, 0);
        while let Some(at) = self.traffic.next_at().filter(|at| *at <= until) {
            let draw = self.traffic.arrive(at);
            count += 1;
            work += u128::from(draw.work.as_us());
        }
        (count, work)
    }
}

/// Little's law, exactly: the time that requests spent here is the number in flight over time.
/// (What is still in flight has spent part of its time.)
fn little(engine: &Engine) {
    let view = engine.view();
    let unfinished: u128 = view
        .requests()
        .map(|(_, request)| u128::from(view.now().since(request.born).as_us()))
        .sum();
    assert_eq!(
        view.recorder().answered_us() + unfinished,
        view.recorder().in_flight_us(view.now())
    );
}

/// The mean at controls of zero, by least squares, and half the width of its interval.
fn interval(batches: &[Batch], t: f64) -> (f64, f64) {
    let n = batches.len() as f64;
    let average = |value: &dyn Fn(&Batch) -> f64| batches.iter().map(value).sum::<f64>() / n;
    let mean = average(&|batch| batch.mean);
    let centre = [
        average(&|batch| batch.controls[0]),
        average(&|batch| batch.controls[1]),
    ];
    // Sums of squares and products about the averages.
    let (mut a, mut b, mut c) = (0.0, 0.0, 0.0);
    let (mut u, mut v) = (0.0, 0.0);
    for batch in batches {
        let x = batch.controls[0] - centre[0];
        let y = batch.controls[1] - centre[1];
        let z = batch.mean - mean;
        (a, b, c) = (a + x * x, b + x * y, c + y * y);
        (u, v) = (u + x * z, v + y * z);
    }
    // Work that never varies explains nothing.
    let (slope, inverse) = if c < 1e-12 * a {
        ([u / a, 0.0], [1.0 / a, 0.0, 0.0])
    } else {
        let det = a * c - b * b;
        (
            [(u * c - v * b) / det, (v * a - u * b) / det],
            [c / det, -b / det, a / det],
        )
    };
    let adjusted = mean - slope[0] * centre[0] - slope[1] * centre[1];
    let rest: f64 = batches
        .iter()
        .map(|batch| {
            let fit = slope[0] * (batch.controls[0] - centre[0])
                + slope[1] * (batch.controls[1] - centre[1]);
            (batch.mean - mean - fit) * (batch.mean - mean - fit)
        })
        .sum::<f64>()
        / (n - 3.0);
    let far = centre[0] * centre[0] * inverse[0]
        + 2.0 * centre[0] * centre[1] * inverse[1]
        + centre[1] * centre[1] * inverse[2];
    (adjusted, t * (rest * (1.0 / n + far)).sqrt())
}
