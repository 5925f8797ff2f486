//! What can happen to a server besides being killed, each with its way back.

use crate::sim::balance::endpoint::AdminState;
use crate::sim::engine::command::{Command, FaultKind};
use crate::sim::fleet::server::Trouble;
use crate::sim::ids::ServerId;

/// `Slow`: four times slower.
const SLOW_PERMILLE: u32 = 4_000;
/// `Fail a share`: half of the answers.
const FAIL_PERMILLE: u32 = 500;
/// One entry: its name, what it means, what it does.
pub type Entry = (&'static str, &'static str, Command);

/// The entries for a server in this state.
pub fn entries(id: ServerId, trouble: Option<Trouble>, admin: AdminState) -> [Entry; 5] {
    let fault = |kind| Command::Fault(id, kind);
    let well = fault(FaultKind::Restore);
    [
        if trouble == Some(Trouble::Hanging) {
            ("Stop hanging", "It goes on where it stood.", well)
        } else {
            (
                "Hang",
                "It accepts and never answers.",
                fault(FaultKind::Hang),
            )
        },
        if matches!(trouble, Some(Trouble::Slow(_))) {
            ("Full speed", "It works as fast as before.", well)
        } else {
            (
                "Slow",
                "Everything takes 4 times as long.",
                fault(FaultKind::Slow(SLOW_PERMILLE)),
            )
        },
        if matches!(trouble, Some(Trouble::Failing(_))) {
            ("Stop failing", "It answers well again.", well)
        } else {
            (
                "Fail a share",
                "Half of its answers are a 500.",
                fault(FaultKind::Fail(FAIL_PERMILLE)),
            )
        },
        if admin == AdminState::Ready {
            (
                "Drain",
                "It finishes what it has, and gets nothing new.",
                Command::SetAdmin(id, AdminState::Drain),
            )
        } else {
            (
                "Put back in use",
                "It gets requests again.",
                Command::SetAdmin(id, AdminState::Ready),
            )
        },
        (
            "Remove",
            "Out of the scene; what it had fails.",
            Command::RemoveServer(id),
        ),
    ]
}
