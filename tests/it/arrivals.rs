//! When requests come: at the rate asked for, in bursts, in a spike, or in a closed loop.

use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::Command;
use evenkeel::sim::fleet::spec::{ArrivalProcess, Bursts, Spike, Work};
use evenkeel::sim::time::SimDuration;
use evenkeel::sim::units::Permille;

use crate::support::{run_ms, run_secs, send, world};

fn arrived(engine: &Engine) -> u64 {
    engine.view().totals().arrived
}

/// Whether a Poisson count is within five standard deviations of its mean.
fn near(count: u64, mean: f64) {
    assert!(
        (count as f64 - mean).abs() < 5.0 * mean.sqrt() + 1.0,
        "{count} for {mean}"
    );
}

#[test]
fn bursts_keep_the_mean_rate_and_leave_gaps() {
    let mut engine = world(|scene| {
        scene.arrivals.bursts = Some(Bursts {
            on_us: SimDuration::from_secs(2),
            off_us: SimDuration::from_secs(6),
        });
    });
    for period in 1..=20_u64 {
        run_ms(&mut engine, 2_000);
        let after_on = arrived(&engine);
        run_ms(&mut engine, 6_000);
        assert_eq!(
            arrived(&engine),
            after_on,
            "none come while off, period {period}"
        );
    }
    near(arrived(&engine), 30.0 * 160.0);
}

#[test]
fn a_spike_comes_and_goes() {
    let mut engine = world(|scene| {
        scene.arrivals.process = ArrivalProcess::Steady;
        scene.arrivals.spike = Some(Spike {
            at_us: SimDuration::from_secs(10),
            for_us: SimDuration::from_secs(5),
            times_permille: Permille(4_000),
        });
    });
    let mut seen = Vec::new();
    for secs in [10, 5, 10] {
        let before = arrived(&engine);
        run_secs(&mut engine, secs);
        seen.push(arrived(&engine) - before);
    }
    assert!(
        seen[0].abs_diff(300) <= 1 && seen[1].abs_diff(600) <= 1 && seen[2].abs_diff(300) <= 1,
        "{seen:?}"
    );
}

#[test]
fn in_a_closed_loop_each_user_waits_for_the_answer() {
    let mut engine = world(|scene| {
        scene.arrivals.process = ArrivalProcess::ClosedLoop;
        scene.arrivals.think_us = SimDuration::from_secs(1);
        for class in &mut scene.classes {
            class.work = Work::Fixed {
                us: SimDuration::from_ms(100),
            };
        }
    });
    let users: u32 = engine
        .view()
        .clients()
        .iter()
        .map(|client| client.spec.users)
        .sum();
    for _ in 0..600 {
        run_ms(&mut engine, 100);
        assert!(engine.view().in_flight() <= users as usize);
    }
    // One round is a second of thought and some 1.5 s to 1.7 s of ways, TLS, parsing and work.
    let rounds = arrived(&engine) as f64 / f64::from(users) / 60.0;
    assert!(rounds > 1.0 / 2.75 && rounds < 1.0 / 2.45, "{rounds}");
    let refused = engine
        .apply(Command::SetTraffic(5_000))
        .expect_err("a closed loop has no rate");
    assert!(refused.to_string().contains("closed loop"), "{refused}");
}

#[test]
fn with_half_the_rate_half_as_many_come() {
    let mut engine = world(|_| ());
    run_secs(&mut engine, 100);
    near(arrived(&engine), 3_000.0);
    let before = arrived(&engine);
    send(&mut engine, Command::SetTraffic(15_000));
    run_secs(&mut engine, 100);
    near(arrived(&engine) - before, 1_500.0);
}
