//! Scenes that come with the program.

use std::net::IpAddr;

use super::{Scale, Scenario, ServerSpec};
use crate::balance::config::PickerConfig;
use crate::balance::endpoint::Tier;
use crate::balance::picker::Picker;
use crate::balance::pickers::smooth_wrr::SmoothWrr;
use crate::balance::spec::BalancerSpec;
use crate::fleet::spec::{
    ArrivalProcess, Arrivals, ClassSpec, ClientSpec, Discipline, Links, RequestKind, Work,
};
use crate::health::active::ActiveConfig;
use crate::health::passive::PassiveSpec;
use crate::time::SimDuration;
use crate::units::Permille;

/// The file of the default scene: also the format's example.
pub const DEFAULT_JSON: &str = include_str!("../../../../assets/scenarios/default.json");

/// Each scene: its file in `assets/scenarios` (without `.json`) and its name. The first is built in.
pub const SCENES: &[(&str, &str)] = &[
    ("start", "Four servers, one strong"),
    ("default", "Four equal servers"),
    ("l4_keepalive", "Long connections at L4"),
    ("grpc_trap", "One gRPC connection at L4"),
    ("direct_return", "Answers that pass the balancer by"),
    ("l7_routing", "Routing by what is written"),
    ("ab_split", "A new version for one in ten"),
    ("rate_limit", "Who may come in"),
    ("websocket", "A WebSocket that fails"),
    ("l7_saturated", "A balancer with one slow core"),
    ("active_passive", "Two balancers, one address"),
    (
        "active_active_40",
        "Two balancers, both at work, each at 40 %",
    ),
    (
        "active_active_70",
        "Two balancers, both at work, each at 70 %",
    ),
    ("world", "The whole world behind one name"),
    ("fleet", "A thousand servers"),
];

/// The picker of the first scene and no other, for
/// [`Engine::with_picker_factory`](crate::engine::Engine::with_picker_factory): the first view shows that scene, and
/// does without the code of all other algorithms.
#[must_use]
pub fn start_picker(_: &PickerConfig) -> Box<dyn Picker> {
    Box::new(SmoothWrr::new(true))
}

/// The first scene: requests come slowly enough to be followed one by one, all are of one kind, and server A is three
/// times as strong as the others, but has the same weight. It is written a second time here, since reading its file
/// would bring the parser of scenario files into the first view; a test compares the two.
#[must_use]
pub fn start_scenario() -> Scenario {
    let page = Work::Fixed {
        us: SimDuration::from_ms(900),
    };
    let mut scene = Scenario {
        name: SCENES[0].1.to_owned(),
        classes: vec![ClassSpec {
            items: 40,
            ..ClassSpec::plain(RequestKind::Page, "/page/", page)
        }],
        links: Links {
            client_us: SimDuration::from_ms(700),
            server_us: SimDuration::from_ms(900),
        },
        ..default_scenario()
    };
    scene.arrivals.process = ArrivalProcess::Steady;
    scene.arrivals.rate_rps = 8.0;
    scene.balancer.tls_us = SimDuration::ZERO;
    scene.balancer.parse_us = SimDuration::from_ms(150);
    scene.servers[0].speed_permille = Permille(3_000);
    scene
}

/// The default scene: four equal servers behind weighted round robin, at about 60 % load. It is written a second time
/// here, since reading its file would bring the parser of scenario files into the first view; a test compares the two.
#[must_use]
pub fn default_scenario() -> Scenario {
    Scenario {
        version: 1,
        name: SCENES[1].1.to_owned(),
        scale: Scale::Human,
        seed: 7,
        arrivals: Arrivals {
            process: ArrivalProcess::Poisson,
            rate_rps: 30.0,
            in_turn: false,
            think_us: SimDuration::ZERO,
            bursts: None,
            spike: None,
        },
        clients: clients(),
        classes: classes(),
        links: Links {
            client_us: SimDuration::from_ms(350),
            server_us: SimDuration::from_ms(350),
        },
        connections: None,
        balancer: balancer(),
        servers: [(1, "A"), (2, "B"), (3, "C"), (4, "D")]
            .map(|(number, name)| server(number, name))
            .into(),
        pools: Vec::new(),
        rules: Vec::new(),
        pair: None,
        dns: None,
        world: None,
        patience: None,
    }
}

fn clients() -> Vec<ClientSpec> {
    let client = |name: &str, note: &str, address, users, share| ClientSpec {
        name: name.to_owned(),
        note: note.to_owned(),
        address,
        users,
        share,
        requests_per_connection: 1,
    };
    let (office, phone) = (
        IpAddr::from([203, 0, 113, 7]),
        IpAddr::from([198, 51, 100, 21]),
    );
    let browser = IpAddr::from([192, 0, 2, 55]);
    let crawler = IpAddr::from([0x2001, 0xDB8, 0, 0, 0, 0, 0, 9]);
    vec![
        client("α", "office NAT, 40 people", office, 40, 4),
        client("β", "phone", phone, 1, 2),
        ClientSpec {
            requests_per_connection: 200,
            ..client("γ", "browser, keep-alive", browser, 1, 3)
        },
        client("δ", "crawler, IPv6", crawler, 1, 1),
    ]
}

fn classes() -> Vec<ClassSpec> {
    use RequestKind::{Checkout, Grpc, Page, Static};
    let class = |kind, share, path: &str, items, work| ClassSpec {
        share,
        items,
        ..ClassSpec::plain(kind, path, work)
    };
    let ms = SimDuration::from_ms;
    let page = Work::Exponential { mean_us: ms(200) };
    let file = Work::Fixed { us: ms(100) };
    let checkout = Work::LogNormal {
        median_us: ms(450),
        sigma: 0.4,
    };
    let grpc = Work::Bimodal {
        us: ms(150),
        rare_us: ms(600),
        rare_permille: Permille(100),
    };
    vec![
        ClassSpec {
            method: "GET".to_owned(),
            ..class(Page, 5, "/page/", 40, page)
        },
        class(Static, 2, "/static/", 60, file),
        class(Checkout, 2, "/checkout", 1, checkout),
        class(Grpc, 1, "/cart.Service/", 8, grpc),
    ]
}

fn balancer() -> BalancerSpec {
    BalancerSpec {
        forward_us: SimDuration::from_ms(2),
        tls_us: SimDuration::from_ms(120),
        parse_us: SimDuration::from_ms(40),
        active_checks: Some(ActiveConfig::default()),
        passive_checks: Some(PassiveSpec::default()),
        ..BalancerSpec::plain(Default::default())
    }
}

fn server(number: u8, name: &str) -> ServerSpec {
    ServerSpec {
        name: name.to_owned(),
        address: format!("10.0.0.{number}:8080"),
        weight: 1,
        tier: Tier::Primary,
        workers: 3,
        queue: 12,
        max_conns: None,
        max_queue: None,
        speed_permille: Permille::ONE,
        discipline: Discipline::Fifo,
        pool: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Engine, EventBudget};
    use crate::scenario::validate::parse;
    use crate::time::SimTime;

    #[test]
    fn the_default_scene_is_what_its_file_says() {
        assert_eq!(parse(DEFAULT_JSON), Ok(default_scenario()));
    }

    #[test]
    fn the_first_scene_is_what_its_file_says() {
        let file = include_str!("../../../../assets/scenarios/start.json");
        assert_eq!(parse(file), Ok(start_scenario()));
    }

    #[test]
    fn its_own_picker_makes_the_run_that_all_of_them_make() {
        let scene = start_scenario();
        let run = |mut engine: Engine| {
            engine.run_until(SimTime::from_us(20_000_000), EventBudget::UNBOUNDED);
            assert!(engine.view().totals().answered > 100);
            engine.view().digest()
        };
        let alone = run(Engine::with_picker_factory(
            &scene,
            scene.seed,
            start_picker,
        ));
        assert_eq!(alone, run(Engine::new(&scene, scene.seed)));
    }
}
