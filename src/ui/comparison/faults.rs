//! Faults in a comparison: a fault hits the same server in every lane at the same instant.

use std::iter;

use leptos::prelude::*;

use super::run::ComparisonRun;
use crate::scene::fleet::is_fleet;
use crate::scene::words;
use crate::sim::engine::command::{Command, FaultKind};
use crate::sim::engine::view::Member;
use crate::sim::fleet::server::fault::FAULTS;
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::stage::fleet::{ManyFaults, ServerSelector};

/// What a server that has no fault is called here.
const WELL: &str = "well";

/// The faults to choose from: the name of the choice, its label, and the fault.
fn choices() -> impl Iterator<Item = (&'static str, String, FaultKind)> {
    let faults = FAULTS.iter();
    let faults = faults.map(|row| (row.id, words::fault(row, "compared", &[]), row.compared));
    iter::once((WELL, t!("race.fault.well"), FaultKind::Restore)).chain(faults)
}

/// A choice of a fault for each server. It applies to all lanes at once.
#[component]
pub fn Faults(compared: ComparisonRun) -> impl IntoView {
    let servers = compared.watch(|race| {
        let view = race.lanes()[0].view();
        let one = |member: Member<'_>| (member.server.id, member.server.spec.name.clone());
        (!is_fleet(view)).then(|| view.members().map(one).collect::<Vec<_>>())
    });
    let fault = move |which: ServerSelector, kind| {
        for id in compared.read(|race| which(race.lanes()[0].view())) {
            compared.send(Command::Fault(id, kind));
        }
    };
    view! {
        <fieldset class="comparison-row faults">
            <legend>{t!("race.faults")}</legend>
            {move || match servers.get() {
                Some(servers) => {
                    servers
                        .into_iter()
                        .map(|(id, name)| view! { <Fault compared id name /> })
                        .collect_view()
                        .into_any()
                }
                None => view! { <ManyFaults fault /> }.into_any(),
            }}
        </fieldset>
    }
}

#[component]
fn Fault(compared: ComparisonRun, id: ServerId, name: String) -> impl IntoView {
    let trouble = compared.watch(move |race| {
        let member = race.lanes()[0].view().member(id);
        let fault = member.and_then(|member| member.server.trouble());
        fault.map_or(WELL, |fault| fault.row().id)
    });
    let options = choices().map(|(word, text, _)| {
        let is_it = move || trouble.get() == word;
        view! {
            <option value=word prop:selected=is_it>
                {text}
            </option>
        }
    });
    let choose = move |chosen: String| {
        let found = choices().find(|(word, _, _)| *word == chosen);
        if let Some((_, _, kind)) = found {
            compared.send(Command::Fault(id, kind));
        }
    };
    view! {
        <label>
            {t!("race.fault_of", name = name)} " "
            <select on:change:target=move |event| choose(event.target().value())>
                {options.collect_view()}
            </select>
        </label>
    }
}
