//! The rules of an L7 balancer, applied to a request once its head is read.

use std::fmt::Write as _;

use super::Engine;
use crate::balance::l7::RouteContext;
use crate::balance::l7::request_head::RequestHead;
use crate::balance::l7::rule_table::{DenyReason, RouteDecision, RouteVerdict};
use crate::balance::spec::Layer;
use crate::fleet::spec::ClassSpec;
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

/// The request heads of all classes, and the text that paths are written into.
#[derive(Clone, Debug)]
pub(super) struct RequestTemplates {
    classes: Vec<ClassTemplate>,
    /// The path that was written last. Kept, so that a path allocates nothing.
    text: String,
}

#[derive(Clone, Debug)]
struct ClassTemplate {
    head: RequestTemplate,
    path: String,
    items: u32,
}

impl ClassTemplate {
    fn new(class: &ClassSpec) -> Self {
        let head = RequestTemplate {
            method: class.method().to_string(),
            host: class.host.clone(),
            headers: class.all_headers(),
            cookies: class.cookies.clone().into_iter().collect(),
        };
        Self {
            head,
            path: class.path.clone(),
            items: class.items,
        }
    }

    /// Writes the path, with the number of the item if there is more than one.
    fn write_path(&self, text: &mut String, item: u32) {
        text.push_str(&self.path);
        if self.items > 1 {
            // A String takes all that is written to it.
            let _ = write!(text, "{item}");
        }
    }
}

impl RequestTemplates {
    /// The templates of a scenario's classes, in their order.
    pub(super) fn new(scenario: &Scenario) -> Self {
        Self {
            classes: scenario.classes.iter().map(ClassTemplate::new).collect(),
            text: String::new(),
        }
    }

    /// The template of a class.
    pub(super) fn of(&self, class: ClassId) -> &RequestTemplate {
        &self.classes[class.index()].head
    }

    /// The path of a request.
    pub(super) fn path(&mut self, class: ClassId, item: u32) -> &str {
        self.text.clear();
        self.classes[class.index()].write_path(&mut self.text, item);
        &self.text
    }

    /// The path of a request, in a text of its own.
    pub(super) fn path_text(&self, class: ClassId, item: u32) -> String {
        let mut text = String::new();
        self.classes[class.index()].write_path(&mut text, item);
        text
    }

    /// The head of a request.
    pub(super) fn head(&mut self, class: ClassId, item: u32) -> RequestHead<'_> {
        self.path(class, item);
        let head = &self.classes[class.index()].head;
        RequestHead {
            method: &head.method,
            host: &head.host,
            path: &self.text,
            headers: &head.headers,
            cookies: &head.cookies,
        }
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
        let head = self.workload.templates.head(seen.class, seen.item);
        let front = self.balancers.get_mut(balancer).front_mut();
        let decision = front.rules.decide(self.schedule.now(), source, &head);
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
