//! The simulation on the command line.

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    use evenkeel::sim::engine::{Engine, EventBudget};
    use evenkeel::sim::scenario::preset::default_scenario;
    use evenkeel::sim::time::SimTime;
    let scenario = default_scenario();
    let mut engine = Engine::new(&scenario, 7);
    engine.run_until(SimTime::from_us(600_000_000), EventBudget::UNBOUNDED);
    let view = engine.view();
    println!(
        "{:?} {} {:?}",
        view.totals(),
        view.in_flight(),
        view.recorder().run_percentiles()
    );
    println!("{} conserved {}", view.digest(), view.is_conserved());
    for m in view.members() {
        println!(
            "{} {:?} {:?}",
            m.server.spec.name,
            m.endpoint.counts,
            m.endpoint.belief()
        );
    }
}

#[cfg(target_arch = "wasm32")]
fn main() {}
