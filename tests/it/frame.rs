//! What a frame of the page allocates, once it has run for a while: nothing.

use evenkeel::scene::build::{Motion, stage};
use evenkeel::scene::layout::{Layout, Point, Rect, ServerSpot, Side};
use evenkeel::scene::shape::Scene;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::SimDuration;

/// Frames until every list has had its longest length, and frames that are measured.
const WARM: u32 = 3_600;
const MEASURED: u32 = 600;

fn place(engine: &Engine) -> Layout {
    let view = engine.view();
    let row = |place: usize| 60.0 + place as f64 * 100.0;
    let clients = (0..view.clients().len()).map(|place| Point {
        x: 120.0,
        y: row(place),
    });
    let servers = view
        .members()
        .enumerate()
        .map(|(place, member)| ServerSpot {
            id: member.server.id,
            door: Point {
                x: 1_000.0,
                y: row(place),
            },
            side: Side::Left,
            work: Rect {
                x: 1_010.0,
                y: row(place) - 10.0,
                width: 150.0,
                height: 20.0,
            },
        });
    let mut layout = Layout {
        width: 1_200.0,
        height: 480.0,
        clients: clients.collect(),
        servers: servers.collect(),
        ..Layout::default()
    };
    let balancer = Rect {
        x: 500.0,
        y: 140.0,
        width: 200.0,
        height: 200.0,
    };
    layout.set_ports(balancer, &[]);
    layout
}

/// A sixtieth of a second passes, and the picture of it is made.
fn frame(engine: &mut Engine, layout: &Layout, scene: &mut Scene) -> [u64; 2] {
    let passing = allocation_counter::measure(|| {
        let until = engine.view().now() + SimDuration::from_us(16_667);
        engine.run_until(until, EventBudget::UNBOUNDED);
    });
    let drawing = allocation_counter::measure(|| {
        stage(engine.view(), layout, Motion::Flying, scene);
    });
    [passing.count_total, drawing.count_total]
}

#[test]
fn a_frame_allocates_nothing_in_the_steady_state() {
    for scale in [1.0, 20.0] {
        let mut scenario = default_scenario();
        scenario.arrivals.rate_rps *= scale;
        for server in &mut scenario.servers {
            server.workers *= scale as u32;
        }
        let mut engine = Engine::new(&scenario, 7);
        let layout = place(&engine);
        let mut scene = Scene::default();
        for _ in 0..WARM {
            frame(&mut engine, &layout, &mut scene);
        }
        let mut all = [0, 0];
        for _ in 0..MEASURED {
            let one = frame(&mut engine, &layout, &mut scene);
            all = [all[0] + one[0], all[1] + one[1]];
        }
        assert_eq!(all[1], 0, "drawing");
        assert_eq!(all[0], 0, "letting time pass");
    }
}
