//! Looking into an upstream's picker: its state, and the endpoints it would pick for keys.

use std::net::IpAddr;

use super::Upstream;
use crate::balance::algorithm::KeyNeed;
#[cfg(debug_assertions)]
use crate::balance::endpoint::Tier;
use crate::balance::picker::{PickContext, PickKey};
use crate::balance::picker_state::{PickerState, PickerStateQuery};
use crate::balance::spec::Layer;
use crate::ids::EndpointId;
use crate::time::SimTime;

impl Upstream {
    /// The picker's internal state between picks.
    #[must_use]
    pub fn internals(&self, now: SimTime) -> PickerState {
        let endpoints = self.set.endpoints();
        self.picker.internals(PickerStateQuery { now, endpoints })
    }

    /// The endpoint that each of `count` sample keys would go to now; `None` if the algorithm takes no key. The keys
    /// are always the same: paths `/key/0`, `/key/1` … (L7) from addresses that differ in each of their first three
    /// parts, each with a port of its own. A copy picks, so that nothing changes.
    #[must_use]
    pub fn owners(&self, now: SimTime, count: u32) -> Option<Vec<Option<EndpointId>>> {
        if self.config.picker.algorithm.row().key == KeyNeed::None {
            return None;
        }
        let mut picker = self.picker.clone();
        let mut rng = self.rng.clone();
        let endpoints = self.set.endpoints();
        let owner = |number: u32| {
            let [_, _, high, low] = number.wrapping_mul(2_654_435_761).to_be_bytes();
            let source = IpAddr::from([20 + (number % 200) as u8, high, low, 7]);
            let text = match self.config.layer {
                Layer::L7 => format!("/key/{number}"),
                Layer::L4 => String::new(),
            };
            let mut cx = PickContext {
                now,
                endpoints,
                usable: self.set.usable_in(self.tier_for(&[])),
                tried: &[],
                takes_avoided: false,
                repick: 0,
                walked: 0,
                full_rule: self.full_rule,
                key: PickKey {
                    source,
                    port: 20_000 + (number % 40_000) as u16,
                    user: 0,
                    text: text.as_bytes(),
                },
                rng: &mut rng,
                rows: None,
            };
            let pick = picker.pick(&mut cx)?;
            Some(endpoints[pick.slot].id)
        };
        Some((0..count).map(owner).collect())
    }

    /// Whether an endpoint in either tier has room, whether or not that tier serves.
    #[cfg(debug_assertions)]
    pub(crate) fn has_room(&self) -> bool {
        let tiers = [Tier::Primary, Tier::Backup];
        tiers.iter().any(|tier| self.set.has_candidate(*tier, &[]))
    }
}
