//! Load reports, on their way from a server to the balancer that picked it.
//!
//! A report is true when its answer leaves the server, and is believed when the answer is back. So it travels with the
//! request, in [`super::request_table`]; where an answer never arrives, neither does its report.

use super::Engine;
use super::request::AttemptResult;
use crate::balance::picker::LoadReport;
use crate::balance::upstream::ObservedResult;
use crate::ids::{EndpointId, RequestKey};

impl Engine {
    /// Puts the server's report of its load into an answer that leaves it, if the upstream wants reports. A refusal or
    /// a reset comes from the machine, which has nothing to say.
    pub(super) fn attach_load_report(
        &mut self,
        key: RequestKey,
        endpoint: EndpointId,
        answer: AttemptResult,
    ) {
        let failed = match answer {
            AttemptResult::Ok | AttemptResult::NoUpgrade => false,
            AttemptResult::ServerError | AttemptResult::QueueFull => true,
            AttemptResult::Refused | AttemptResult::Reset => return,
        };
        if !self.balancers.upstream_of(endpoint).wants_load_reports() {
            return;
        }
        let server = self.balancers.server_of(endpoint);
        let server = self.servers.expect_mut(server);
        let load = server.report_load(self.schedule.now(), failed);
        self.requests.extra_mut(key).report = load.map(|load| LoadReport {
            qps: load.qps,
            eps: load.eps,
            utilization: load.utilization,
        });
    }

    /// Gives the upstream the report that came with an answer. An attempt that ended without an answer brought none.
    pub(super) fn deliver_load_report(
        &mut self,
        key: RequestKey,
        endpoint: EndpointId,
        response: ObservedResult,
    ) {
        if !self.balancers.upstream_of(endpoint).wants_load_reports() {
            return;
        }
        let report = self.requests.extra_mut(key).report.take();
        let answered = matches!(
            response,
            ObservedResult::Good | ObservedResult::ServerError | ObservedResult::Full
        );
        if let Some(report) = report.filter(|_| answered) {
            let upstream = self.balancers.upstream_of_mut(endpoint);
            upstream.on_load_report(self.schedule.now(), endpoint, report);
        }
    }
}
