//! Checks that each request is where its phase says, and nowhere else.

use super::{Check, Mark, Marks, Tally};
use crate::engine::request::Phase;
use crate::engine::request_record::RequestRecord;
use crate::ids::RequestKey;

impl Check<'_> {
    /// Checks that every request in flight is in the lists of its phase, and that no list has an entry without a
    /// request.
    pub(super) fn check_requests(&self, tally: &mut Tally) {
        let mut live = 0;
        for (key, request) in self.engine.requests.iter() {
            live += 1;
            let phase = request.phase();
            let wanted = marks_of(phase);
            let found = std::mem::take(&mut tally.requests[key.slot as usize]);
            if found != wanted {
                self.misplaced(key, phase, wanted, found);
            }
            self.check_attempt(tally, key, request);
            tally.connections[request.connection.0 as usize].open += 1;
        }
        self.agree("requests in flight", (), self.engine.requests.len(), live);
        self.agree(
            "places of the table",
            (),
            self.engine.requests.places(),
            live + self.engine.requests.unused(),
        );
        // What is left was found in a list and is not in flight.
        for (place, marks) in tally.requests.iter().enumerate() {
            self.agree("marks of a free place", place, Marks::default(), *marks);
        }
    }

    /// Checks that an attempt in flight goes to an endpoint of the upstream that the request is at.
    fn check_attempt(&self, tally: &mut Tally, key: RequestKey, request: &RequestRecord) {
        let phase = request.phase();
        let Some(endpoint) = request.current() else {
            self.agree(
                "try under way",
                (key, phase),
                Self::is_under_way(phase),
                false,
            );
            return;
        };
        self.agree(
            "try under way",
            (key, phase),
            Self::is_under_way(phase),
            true,
        );
        let upstream_ref = request.upstream_ref();
        let whose = (key, endpoint);
        self.agree(
            "upstream of a try",
            whose,
            upstream_ref,
            self.engine.balancers.upstream_ref_of(endpoint),
        );
        tally.endpoints[endpoint.index()].tries += 1;
        tally.upstream_mut(upstream_ref).tries += 1;
    }

    #[cold]
    fn misplaced(&self, key: RequestKey, phase: Phase, wanted: Marks, found: Marks) {
        for mark in Mark::ALL {
            let place = mark as usize;
            self.agree(mark.name(), (key, phase), wanted[place], found[place]);
        }
    }
}

/// The lists that a request of that phase is in.
fn marks_of(phase: Phase) -> Marks {
    let mut marks = Marks::default();
    marks[Mark::Deadline as usize] = u8::from(Check::is_under_way(phase));
    let list = match phase {
        Phase::Resolving { .. }
        | Phase::Lost { .. }
        | Phase::ToBalancer(_)
        | Phase::AtBalancer { .. }
        | Phase::Dialling(_)
        | Phase::ToServer(_)
        | Phase::FromServer(..)
        | Phase::Direct(..)
        | Phase::ToClient(..) => Mark::Event,
        Phase::Connecting { .. } => Mark::Handshake,
        Phase::Queued { .. } => Mark::BalancerQueue,
        Phase::Waiting { .. } => Mark::ServerQueue,
        Phase::InService { .. } => Mark::Worker,
    };
    marks[list as usize] = 1;
    marks
}
