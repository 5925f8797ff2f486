//! The entries of a server's menu: faults and admin states, each with the command that takes it back.

use crate::scene::words;
use crate::sim::balance::endpoint::AdminState;
use crate::sim::engine::command::{Command, FaultKind};
use crate::sim::fleet::server::ServerFault;
use crate::sim::fleet::server::fault::FAULTS;
use crate::sim::ids::ServerId;
use crate::t;

/// One entry: label, explanation, command.
pub type Entry = (String, String, Command);

/// The entries for a server in this state.
pub fn entries(id: ServerId, trouble: Option<ServerFault>, admin: AdminState) -> Vec<Entry> {
    let faults = FAULTS.iter().filter_map(|row| {
        let here = trouble.is_some_and(|one| one.row() == *row);
        let (act, kind) = match row.menu? {
            _ if here => ("stop", FaultKind::Restore),
            kind => ("menu", kind),
        };
        let text = |what: &str| words::fault(row, what, &[]);
        let means = text(&format!("{act}_means"));
        Some((text(act), means, Command::Fault(id, kind)))
    });
    let others = [
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
    ];
    faults.chain(others).collect()
}
