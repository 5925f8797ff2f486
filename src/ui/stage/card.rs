//! What a server's card shows, copied out of the world at each pulse.

use crate::scene::status::belief_detail;
use crate::sim::balance::endpoint::{AdminState, Belief};
use crate::sim::engine::view::View;
use crate::sim::fleet::server::ServerFault;
use crate::sim::ids::ServerId;

/// What one card shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// What the balancer believes.
    pub belief: Belief,
    /// What lies behind that word.
    pub detail: String,
    /// The truth, where something is wrong.
    pub trouble: Option<ServerFault>,
    /// What the operator wants.
    pub admin: AdminState,
    /// The balancer's weight.
    pub weight: u32,
    /// Requests sent to it and not finished.
    pub in_progress: u32,
    /// Requests that workers are on.
    pub in_work: usize,
    /// Requests that wait at the machine.
    pub queued: usize,
    /// Requests that it answered.
    pub answered: u64,
    /// Requests that failed at it, had no answer in time, or were turned away.
    pub failed: u64,
    /// Its share of the picks in thousandths, as finely as the bar can show it.
    pub share: Option<u32>,
    /// The share that is asked for, likewise.
    pub expected: Option<u32>,
}

impl Card {
    /// Reads a server. One that was removed leaves an empty card: it is on the page for a moment
    /// longer than in the world.
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
