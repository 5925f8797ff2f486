//! Faults in a comparison: a fault hits the same server in every lane at the same instant.

use leptos::prelude::*;

use super::run::ComparisonRun;
use crate::scene::fleet::is_fleet;
use crate::sim::engine::command::{Command, FaultKind};
use crate::sim::engine::view::Member;
use crate::sim::fleet::server::ServerFault;
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::stage::fleet::{ManyFaults, ServerSelector};

/// The faults to choose from: the name of the choice, its label, and the fault.
fn choices() -> [(&'static str, String, FaultKind); 5] {
    [
        ("well", t!("race.fault.well"), FaultKind::Restore),
        ("crash", t!("race.fault.crash"), FaultKind::Crash),
        ("hang", t!("race.fault.hang"), FaultKind::Hang),
        ("slow", t!("race.fault.slow"), FaultKind::Slow(4_000)),
        ("fail", t!("race.fault.fail"), FaultKind::FailFast(1_000)),
    ]
}

const fn word_of(trouble: Option<ServerFault>) -> &'static str {
    match trouble {
        None => "well",
        Some(ServerFault::Crashed) => "crash",
        Some(ServerFault::Hanging) => "hang",
        Some(ServerFault::Slow(_)) => "slow",
        Some(ServerFault::Failing(_)) => "fail",
    }
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
        word_of(member.and_then(|member| member.server.trouble()))
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
        let found = choices().into_iter().find(|(word, _, _)| *word == chosen);
        if let Some((_, _, kind)) = found {
            compared.send(Command::Fault(id, kind));
        }
    };
    view! {
        <label>
            {t!("race.fault_of", name = name)} " "
            <select on:change:target=move |event| choose(event.target().value())>
                {options.into_iter().collect_view()}
            </select>
        </label>
    }
}
