//! The entries of a server's menu: faults and admin states, each with the command that takes it back.

use crate::sim::balance::endpoint::AdminState;
use crate::sim::engine::command::{Command, FaultKind};
use crate::sim::fleet::server::ServerFault;
use crate::sim::ids::ServerId;
use crate::t;

/// `Slow`: four times slower.
const SLOW_PERMILLE: u32 = 4_000;
/// `Fail a share`: half of the answers.
const FAIL_PERMILLE: u32 = 500;
/// One entry: label, explanation, command.
pub type Entry = (String, String, Command);

/// The entries for a server in this state.
pub fn entries(id: ServerId, trouble: Option<ServerFault>, admin: AdminState) -> [Entry; 5] {
    let fault = |kind| Command::Fault(id, kind);
    let well = || fault(FaultKind::Restore);
    [
        if trouble == Some(ServerFault::Hanging) {
            (
                t!("menu.stop_hanging"),
                t!("menu.stop_hanging_means"),
                well(),
            )
        } else {
            (
                t!("menu.hang"),
                t!("menu.hang_means"),
                fault(FaultKind::Hang),
            )
        },
        if matches!(trouble, Some(ServerFault::Slow(_))) {
            (t!("menu.full_speed"), t!("menu.full_speed_means"), well())
        } else {
            (
                t!("menu.slow"),
                t!("menu.slow_means"),
                fault(FaultKind::Slow(SLOW_PERMILLE)),
            )
        },
        if matches!(trouble, Some(ServerFault::Failing(_))) {
            (
                t!("menu.stop_failing"),
                t!("menu.stop_failing_means"),
                well(),
            )
        } else {
            (
                t!("menu.fail"),
                t!("menu.fail_means"),
                fault(FaultKind::Fail(FAIL_PERMILLE)),
            )
        },
        if admin == AdminState::Ready {
            (
                t!("menu.drain"),
                t!("menu.drain_means"),
                Command::SetAdmin(id, AdminState::Drain),
            )
        } else {
            (
                t!("menu.ready"),
                t!("menu.ready_means"),
                Command::SetAdmin(id, AdminState::Ready),
            )
        },
        (
            t!("menu.remove"),
            t!("menu.remove_means"),
            Command::RemoveServer(id),
        ),
    ]
}
