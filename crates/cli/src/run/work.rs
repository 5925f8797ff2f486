//! What `evenkeel run` says of the work before the picks: what it cost, what the rules did, what became of WebSockets.

use evenkeel_scene::layers::LayerFigures;
use evenkeel_sim::balance::balancer::Balancer;
use evenkeel_sim::balance::l7::rules::Rule;
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::engine::view::View;
use serde::Serialize;

/// What one balancer's work came to.
#[derive(Serialize)]
pub struct WorkReport {
    #[serde(skip_serializing_if = "String::is_empty")]
    balancer: String,
    layer: &'static str,
    requests: u64,
    /// By how much it held a request up, on average.
    added_us: Option<u64>,
    /// Requests a second that one core could take.
    requests_per_core: Option<f64>,
    /// How many times its fair share the busiest server of a pool got.
    busiest_server: Option<f64>,
    /// Requests that went where what is written on them sent them.
    routed: u64,
    answered_itself: u64,
    full_handshakes: u64,
    resumed_handshakes: u64,
    server_connections_opened: u64,
    server_connections_reused: u64,
    processor: Option<ProcessorReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<RuleReport>,
}

#[derive(Serialize)]
struct ProcessorReport {
    cores: usize,
    busy_us: u64,
    /// Of the last two seconds.
    busy_permille: u32,
    waiting: usize,
    dropped: u64,
}

#[derive(Serialize)]
struct RuleReport {
    name: String,
    on: bool,
    matched: u64,
    denied: u64,
}

/// What became of WebSockets.
#[derive(Serialize)]
pub struct SocketReport {
    opened: u32,
    open: usize,
    closed: u32,
    broken: u32,
}

/// What every balancer's frontend did.
pub fn work(view: View<'_>) -> Vec<WorkReport> {
    view.balancers()
        .map(|balancer| of(view, balancer))
        .collect()
}

fn of(view: View<'_>, balancer: &Balancer) -> WorkReport {
    let front = balancer.front();
    let now = view.now();
    let tally = front.tally();
    let (sessions, kept) = (&front.sessions, &front.keepalive);
    let processor = front.processor().map(|one| ProcessorReport {
        cores: one.cores(),
        busy_us: one.busy_us(now),
        busy_permille: one.share_permille(now),
        waiting: one.waiting(now),
        dropped: one.dropped(),
    });
    let rules = front.rules.rules().iter().enumerate();
    let rule = |(place, rule): (usize, &Rule)| RuleReport {
        name: rule.name.clone(),
        on: rule.on,
        matched: front.rules.counts(place).matched,
        denied: front.rules.counts(place).denied,
    };
    WorkReport {
        balancer: balancer.name.clone(),
        layer: match balancer.layer() {
            Layer::L4 => "l4",
            Layer::L7 => "l7",
        },
        requests: tally.requests,
        added_us: front.added().map(|added| added.as_us()),
        requests_per_core: front.rate_per_core(now),
        busiest_server: LayerFigures::of_balancer(view, balancer).spread,
        routed: tally.routed,
        answered_itself: tally.answered,
        full_handshakes: sessions.full(),
        resumed_handshakes: sessions.resumed(),
        server_connections_opened: kept.opened(),
        server_connections_reused: kept.reused(),
        processor,
        rules: rules.map(rule).collect(),
    }
}

/// The WebSockets, where there were any.
pub fn sockets(view: View<'_>) -> Option<SocketReport> {
    let sockets = view.sockets();
    (sockets.opened() > 0).then(|| SocketReport {
        opened: sockets.opened(),
        open: sockets.count(),
        closed: sockets.closed(),
        broken: sockets.broken(),
    })
}
