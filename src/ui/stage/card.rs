//! The content of a server's card, copied from the view at each pulse.

use crate::scene::status::belief_detail;
use crate::sim::balance::endpoint::{AdminState, Belief};
use crate::sim::engine::view::View;
use crate::sim::fleet::server::ServerFault;
use crate::sim::ids::ServerId;

/// The content of one card.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// What the balancer believes of the server.
    pub belief: Belief,
    /// The details of the belief, in words.
    pub detail: String,
    /// The fault of the server, if it has one: the truth.
    pub trouble: Option<ServerFault>,
    /// Whether the balancer uses it, drains it, or keeps it out.
    pub admin: AdminState,
    /// The weight that the balancer gives it.
    pub weight: u32,
    /// Requests in progress at the server.
    pub in_progress: u32,
    /// Requests that workers work on.
    pub in_work: usize,
    /// Requests in the server's queue.
    pub queued: usize,
    /// How many requests it has answered.
    pub answered: u64,
    /// Requests that failed, timed out or were rejected at the server.
    pub failed: u64,
    /// The share of the picks in thousandths, as finely as the bar can show it.
    pub share: Option<u32>,
    /// The share that the weight asks for, likewise.
    pub expected: Option<u32>,
}

impl Card {
    /// Reads a server. A removed server gives an empty card: its card stays on the page for a moment.
    pub fn read(view: View<'_>, id: ServerId) -> Self {
        let Some(member) = view.member(id) else {
            return Self::gone();
        };
        let endpoint = member.endpoint;
        let permille = |share: f64| (share * 1_000.0).round() as u32;
        Self {
            belief: endpoint.belief(),
            detail: belief_detail(view, &member),
            trouble: member.server.trouble(),
            admin: endpoint.admin,
            weight: endpoint.config.weight,
            in_progress: endpoint.in_progress,
            in_work: member.server.running().len(),
            queued: member.server.waiting().len(),
            answered: endpoint.counts.answered,
            failed: endpoint.counts.failed + endpoint.counts.timed_out + endpoint.counts.rejected,
            share: view.share(endpoint.id).map(permille),
            expected: view.balancer().expected_share(endpoint.id).map(permille),
        }
    }

    const fn gone() -> Self {
        Self {
            belief: Belief::Maintenance,
            detail: String::new(),
            trouble: None,
            admin: AdminState::Maint,
            weight: 0,
            in_progress: 0,
            in_work: 0,
            queued: 0,
            answered: 0,
            failed: 0,
            share: None,
            expected: None,
        }
    }
}
