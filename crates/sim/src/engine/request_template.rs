//! The rules of an L7 balancer, applied to a request once its head is read.

use std::fmt::Write as _;

use super::Engine;
use crate::balance::l7::RouteContext;
use crate::balance::l7::request_head::RequestHead;
use crate::balance::l7::rule_table::{DenyReason, RouteDecision, RouteVerdict};
use crate::balance::spec::Layer;
use crate::ids::{ClassId, RequestKey, UpstreamId, UpstreamRef};
use crate::metrics::outcome::{Outcome, Rejection};
use crate::scenario::Scenario;

/// The request head of a class, without the path.
#[derive(Clone, Debug)]
pub struct RequestTemplate {
    /// The method of the requests, like `GET`.
    pub method: String,
    /// The host of the requests.
    pub host: String,
    /// The headers, as name and value.
    pub headers: Vec<(String, String)>,
    /// The cookies, as name and value.
    pub cookies: Vec<(String, String)>,
}

/// The template of each class, in the order of the classes.
pub(super) fn templates(scenario: &Scenario) -> Vec<RequestTemplate> {
    let of = |class: &crate::fleet::spec::ClassSpec| RequestTemplate {
        method: class.method().to_string(),
        host: class.host.clone(),
        headers: class.all_headers(),
        cookies: class.cookies.clone().into_iter().collect(),
    };
    scenario.classes.iter().map(of).collect()
}

/// Writes a class's path, with the number of the item if there is more than one.
pub(super) fn write_path(text: &mut String, scenario: &Scenario, class: ClassId, item: u32) {
    let class = &scenario.classes[class.index()];
    text.push_str(&class.path);
    if class.items > 1 {
        // A String takes all that is written to it.
        let _ = write!(text, "{item}");
    }
}

impl Engine {
    /// Applies the rules to a request, once: `true` if it goes on to a pool, `false` if the balancer answered or
    /// rejected it itself. At L4 there is nothing to read.
    pub(super) fn passes_rules(&mut self, key: RequestKey) -> bool {
        let request = self.requests.in_flight(key);
        let balancer = self.balancers.get(request.balancer());
        let unruled =
            balancer.spec().layer == Layer::L4 || balancer.front().rules.rules().is_empty();
        let balancer = request.balancer();
        let mut seen = RouteContext {
            number: request.number,
            client: request.client(),
            port: self.clients.connection(request.connection).port,
            class: request.class(),
            item: request.item(),
            decision: RouteDecision::FIRST_POOL,
        };
        if unruled {
            self.balancers.get_mut(balancer).front_mut().note(seen);
            return true;
        }
        let source = self.clients.get(seen.client).spec.address;
        self.key_text.clear();
        write_path(&mut self.key_text, &self.scenario, seen.class, seen.item);
        let paper = &self.templates[seen.class.index()];
        let head = RequestHead {
            method: &paper.method,
            host: &paper.host,
            path: &self.key_text,
            headers: &paper.headers,
            cookies: &paper.cookies,
        };
        let front = self.balancers.get_mut(balancer).front_mut();
        let decision = front.rules.decide(self.now, source, &head);
        seen.decision = decision;
        front.note(seen);
        if decision.rule.is_some() && !matches!(decision.verdict, RouteVerdict::Deny(_)) {
            front.count_routed();
        }
        if decision.verdict == RouteVerdict::Answer {
            front.count_answer();
        }
        self.follow(key, decision)
    }

    fn follow(&mut self, key: RequestKey, decision: RouteDecision) -> bool {
        if let RouteVerdict::Pool(place) = decision.verdict {
            let request = self.requests.in_flight_mut(key);
            request.set_upstream_ref(UpstreamRef {
                upstream: UpstreamId(place as u32),
                ..request.upstream_ref()
            });
        }
        self.requests.extra_mut(key).decision = Some(decision);
        match decision.verdict {
            RouteVerdict::Pool(_) => return true,
            RouteVerdict::Answer => self.return_to_client(key, Outcome::Answered),
            RouteVerdict::Deny(denial) => self.turn_away(key, reason(denial)),
        }
        false
    }

    /// Whether a request is a WebSocket whose upgrade did not get through: an L7 balancer without a rule for it
    /// dropped the header.
    pub(super) fn lost_its_upgrade(&self, key: RequestKey) -> bool {
        let request = self.requests.in_flight(key);
        let class = &self.scenario.classes[request.class().index()];
        let layer = self.balancers.get(request.balancer()).spec().layer;
        class.kind == crate::fleet::spec::RequestKind::WebSocket
            && layer == Layer::L7
            && !self
                .requests
                .extra(key)
                .and_then(|extra| extra.decision)
                .is_some_and(|decision| decision.upgrades)
    }
}

const fn reason(denial: DenyReason) -> Rejection {
    match denial {
        DenyReason::Unauthorized => Rejection::Unauthorized,
        DenyReason::Forbidden => Rejection::Forbidden,
        DenyReason::TooMany => Rejection::RateLimited,
    }
}
