//! The head of the last request: hidden at L4, where only addresses can be seen; open at L7, with its lines, the
//! decision of the rules, and what the server gets to see.

use evenkeel_sim::balance::l7::RouteContext;
use evenkeel_sim::balance::l7::rule_table::{DenyReason, RouteVerdict};
use evenkeel_sim::balance::l7::rules::{
    AddedHeader, HeaderMatch, INJECTED, RouteAction, RouteMatch, Rule,
};
use evenkeel_sim::balance::spec::{Layer, ReturnPath};
use evenkeel_sim::engine::observer::request_traces::RequestTrace;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ids::UpstreamId;
use evenkeel_words::t;
use evenkeel_words::{number, scene_text};

/// The view of a request head, ready to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestHeadView {
    /// Whether the balancer cannot read it (L4).
    pub sealed: bool,
    /// The visible lines: name and value.
    pub lines: Vec<(String, String)>,
    /// The balancer's decision about it, in words.
    pub verdict: String,
    /// What the server sees of its origin: name and value.
    pub at_server: Vec<(String, String)>,
}

/// The last request that the balancer decided on; `None` before the first.
#[must_use]
pub fn letter(view: View<'_>) -> Option<RequestHeadView> {
    let seen = view.balancer().front().last()?;
    let client = view.clients().get(seen.client.index())?;
    let from = format!("{}:{}", client.spec.address, seen.port);
    let layer = view.balancer().layer();
    Some(match layer {
        Layer::L4 => sealed(view, &from),
        Layer::L7 => open(view, seen, &client.spec.address.to_string(), &from),
    })
}

/// The request of a trace; `None` if it belongs to another scene, which the reader may have opened meanwhile.
#[must_use]
pub fn letter_of(view: View<'_>, life: &RequestTrace) -> Option<RequestHeadView> {
    let seen = &life.seen;
    let has_class = view.scenario().classes.len() > seen.class.index();
    if !has_class || view.path_at(seen.class, seen.item) != life.path {
        return None;
    }
    if let RouteVerdict::Pool(place) = seen.decision.verdict
        && place >= view.balancer().upstreams().len()
    {
        return None;
    }
    let now = view.balancer().layer();
    let layer = life.choices.last().map_or(now, |choice| choice.layer);
    let address = life.source.to_string();
    let from = format!("{address}:{}", life.seen.port);
    Some(match layer {
        Layer::L4 => sealed(view, &from),
        Layer::L7 => open(view, seen, &address, &from),
    })
}

fn sealed(view: View<'_>, from: &str) -> RequestHeadView {
    let direct = view.balancer().front().config().return_path == ReturnPath::Direct;
    let source = if direct {
        from.to_string()
    } else {
        t!("letter.balancers_address")
    };
    RequestHeadView {
        sealed: true,
        lines: vec![
            (t!("letter.from"), from.to_string()),
            (t!("letter.inside"), t!("letter.cannot_be_read")),
        ],
        verdict: if direct {
            t!("letter.passed_direct")
        } else {
            t!("letter.passed_nat")
        },
        at_server: vec![(t!("letter.source"), source)],
    }
}

fn open(view: View<'_>, seen: &RouteContext, address: &str, from: &str) -> RequestHeadView {
    let paper = view.request_template(seen.class);
    let path = view.path_at(seen.class, seen.item);
    let mut lines = vec![
        (t!("letter.from"), from.to_string()),
        (t!("letter.request"), format!("{} {path}", paper.method)),
        ("host".to_string(), paper.host.clone()),
    ];
    lines.extend(paper.headers.iter().cloned());
    let cookie =
        |(name, value): &(String, String)| ("cookie".to_string(), format!("{name}={value}"));
    lines.extend(paper.cookies.iter().map(cookie));
    let mut at_server = vec![(t!("letter.source"), t!("letter.balancers_address"))];
    for header in INJECTED {
        if seen.decision.injects(header) {
            let value = match header {
                AddedHeader::XRealIp | AddedHeader::XForwardedFor => address.to_string(),
                AddedHeader::XForwardedProto => proto(view),
                AddedHeader::XRequestId => seen.number.to_string(),
            };
            at_server.push((header.name().to_string(), value));
        }
    }
    RequestHeadView {
        sealed: false,
        lines,
        verdict: verdict(view, seen),
        at_server: match seen.decision.verdict {
            RouteVerdict::Pool(_) => at_server,
            _ => Vec::new(),
        },
    }
}

fn proto(view: View<'_>) -> String {
    let plain = view.scenario().connections.is_some_and(|spec| !spec.tls);
    if plain { "http" } else { "https" }.to_string()
}

fn verdict(view: View<'_>, seen: &RouteContext) -> String {
    let rule = seen.decision.rule.map_or(0, |place| place + 1);
    let pool = |place: usize| pool_name(view, place);
    match (seen.decision.verdict, seen.decision.rule) {
        (RouteVerdict::Pool(place), Some(_)) => {
            t!("letter.rule_pool", rule = rule, pool = pool(place))
        }
        (RouteVerdict::Pool(place), None) => t!("letter.pool", pool = pool(place)),
        (RouteVerdict::Answer, _) => t!("letter.rule_answers", rule = rule),
        (RouteVerdict::Deny(DenyReason::Unauthorized), _) => t!("letter.rule_401", rule = rule),
        (RouteVerdict::Deny(DenyReason::Forbidden), _) => t!("letter.rule_403", rule = rule),
        (RouteVerdict::Deny(DenyReason::TooMany), _) => t!("letter.rule_429", rule = rule),
    }
}

/// The name of a pool, by its index.
#[must_use]
pub fn pool_name(view: View<'_>, place: usize) -> String {
    scene_text(view.balancer().pool_name(UpstreamId(place as u32)))
}

/// The name of a rule; its action in words if it has none.
#[must_use]
pub fn rule_name(rule: &Rule) -> String {
    if rule.name.is_empty() {
        action(&rule.then)
    } else {
        scene_text(&rule.name)
    }
}

/// The conditions of a rule, one sentence for each.
#[must_use]
pub fn condition(when: &RouteMatch) -> String {
    let pair = |pair: &HeaderMatch| (pair.name.clone(), pair.value.clone());
    let parts = [
        when.path.as_ref().map(|path| t!("when.path", path = path)),
        when.contains
            .as_ref()
            .map(|text| t!("when.contains", text = text)),
        when.host.as_ref().map(|host| t!("when.host", host = host)),
        when.method
            .as_ref()
            .map(|method| t!("when.method", method = method)),
        when.header
            .as_ref()
            .map(pair)
            .map(|(name, value)| match value {
                Some(value) => t!("when.header", name = name, value = value),
                None => t!("when.has_header", name = name),
            }),
        when.cookie
            .as_ref()
            .map(pair)
            .map(|(name, value)| match value {
                Some(value) => t!("when.cookie", name = name, value = value),
                None => t!("when.has_cookie", name = name),
            }),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        t!("when.all")
    } else {
        parts.join(" ")
    }
}

/// The action of a rule, in a few words.
#[must_use]
pub fn action(action: &RouteAction) -> String {
    match action {
        RouteAction::Pool(pool) => t!("rule.pool", pool = scene_text(pool)),
        RouteAction::Split(parts) => {
            let sum: u32 = parts.iter().map(|part| part.share).sum();
            let first = parts.first();
            let share = first.map_or(0, |part| part.share * 100 / sum.max(1));
            let pool = first.map_or_else(String::new, |part| scene_text(&part.pool));
            t!("rule.split", share = share, pool = pool)
        }
        RouteAction::Static => t!("rule.static"),
        RouteAction::Block => t!("rule.block"),
        RouteAction::Auth(header) => t!("rule.auth", header = header),
        RouteAction::Limit(limit) => t!(
            "rule.limit",
            rate = number::short(f64::from(limit.rate_permille) / 1e3, 3),
            burst = limit.burst
        ),
        RouteAction::Inject(headers) => {
            let names: Vec<&str> = headers.iter().map(|header| header.name()).collect();
            t!("rule.inject", names = names.join(", "))
        }
        RouteAction::Upgrade => t!("rule.upgrade"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::command::Command;
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::scenario::validate::parse;
    use evenkeel_sim::time::SimTime;

    #[test]
    fn the_envelope_is_open_at_l7_and_shut_at_l4() {
        let text = include_str!("../../../assets/scenarios/l7_routing.json");
        let mut engine = Engine::new(&parse(text).expect("the scene is valid"), 7);
        engine.set_watched(true);
        assert_eq!(letter(engine.view()), None);
        let run = |engine: &mut Engine, secs: u64| {
            engine.run_until(SimTime::from_us(secs * 1_000_000), EventBudget::UNBOUNDED);
        };
        run(&mut engine, 20);
        let seen = letter(engine.view()).expect("requests came");
        assert!(!seen.sealed);
        let has = |name: &str| seen.lines.iter().any(|(line, _)| line == name);
        assert!(has("host") && has("Request"), "{:?}", seen.lines);
        // A request that was looked at shows what the rules made of it, and what was added to it.
        let trail = engine.view().trail().expect("it is watched");
        let lives: Vec<RequestHeadView> = trail
            .ended()
            .filter_map(|life| letter_of(engine.view(), life))
            .collect();
        let added =
            |one: &&RequestHeadView| one.at_server.iter().any(|(name, _)| name == "X-Real-IP");
        assert!(lives.iter().filter(added).count() > 10);
        assert!(lives.iter().any(|one| one.verdict.contains("pay")));
        // Another scene has other classes and pools: nothing can be said there of these.
        let text = include_str!("../../../assets/scenarios/plain.json");
        let plain = Engine::new(&parse(text).expect("the scene is valid"), 7);
        for life in trail.ended() {
            let here = letter_of(plain.view(), life);
            assert!(
                here.is_none() || life.path.starts_with("/page/"),
                "{here:?}"
            );
        }
        engine
            .apply(Command::SetLayer(Layer::L4))
            .expect("the layer can be changed");
        run(&mut engine, 40);
        let seen = letter(engine.view()).expect("requests came");
        assert!(seen.sealed && seen.lines.len() == 2, "{seen:?}");
    }
}
