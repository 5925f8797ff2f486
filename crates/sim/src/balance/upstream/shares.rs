//! An upstream's record of its picks: the counts behind the shares, and the last picks in order.

use super::Upstream;
use crate::balance::algorithm::ShareModel;
use crate::balance::endpoint::Endpoint;
use crate::ids::EndpointId;
use crate::time::SimTime;

/// How many of the last picks an upstream remembers.
pub const LAST_PICKS: usize = 16;

impl Upstream {
    /// Counts shares anew, and updates the picker's usable endpoints.
    pub(super) fn restart_shares(&mut self, now: SimTime) {
        self.count_shares_from(now);
        self.refresh(now);
    }

    /// Counts shares anew from now on.
    pub(super) fn count_shares_from(&mut self, now: SimTime) {
        self.shares_since = now;
        for slot in 0..self.set.endpoints().len() {
            self.set.at_mut(slot).counts.recent_picks = 0;
        }
    }

    /// Keeps the last pick for the page.
    pub(super) fn remember_pick(&mut self) {
        if let Some((id, _)) = self.decision.picked {
            if self.last_picks.len() == LAST_PICKS {
                self.last_picks.pop_front();
            }
            self.last_picks.push_back(id);
        }
    }

    /// Since when shares are counted: the last change of weights, algorithm, layer, members or usable endpoints.
    #[must_use]
    pub const fn shares_since(&self) -> SimTime {
        self.shares_since
    }

    /// The last picks, oldest first, at most [`LAST_PICKS`]; empty unless the run is watched.
    pub fn last_picks(&self) -> impl ExactSizeIterator<Item = EndpointId> + '_ {
        self.last_picks.iter().copied()
    }

    /// The share of picks that the algorithm and the weights aim at, 0 to 1; `None` if they aim at none. 0 for an
    /// endpoint that is not in use.
    #[must_use]
    pub fn expected_share(&self, id: EndpointId) -> Option<f64> {
        let slot = self.set.slot_of(id)?;
        if !self.set.usable()[slot] {
            return Some(0.0);
        }
        let part = |endpoint: &Endpoint| match self.config.picker.algorithm.row().asks {
            ShareModel::Equal => Some(1.0),
            ShareModel::ByWeight => Some(f64::from(endpoint.effective_weight())),
            ShareModel::Nothing => None,
        };
        let mut all = 0.0;
        for (endpoint, usable) in self.set.endpoints().iter().zip(self.set.usable()) {
            if *usable {
                all += part(endpoint)?;
            }
        }
        Some(part(&self.set.endpoints()[slot])? / all)
    }
}
