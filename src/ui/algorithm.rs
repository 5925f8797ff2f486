//! The fields that choose the load-balancing algorithm and whose implementation of it.

use leptos::prelude::*;

use crate::scene::status::{form_line, rule_line};
use crate::scene::words;
use crate::sim::balance::algorithm::{Algorithm, CATALOGUE, CatalogueRow, Implementation};
use crate::sim::engine::command::Command;
use crate::sim::engine::view::View;
use crate::t;
use crate::ui::session::Session;
use crate::ui::show::Show;

/// The state of both fields: the algorithm, and the implementation (nginx, HAProxy, Envoy, …).
#[derive(Clone, Copy)]
pub struct AlgorithmChoice {
    session: Session,
    spec: Memo<(Algorithm, Implementation)>,
    /// The implementation that the reader asked for. An algorithm that this implementation does not have is shown in
    /// another one; the next algorithm that has it is shown in it again.
    wanted: StoredValue<Implementation>,
}

impl AlgorithmChoice {
    /// The choice that the scene begins with.
    pub fn new(session: Session) -> Self {
        let spec = session.watch(|view| {
            let picker = view.balancer().picker();
            (picker.algorithm, picker.implementation)
        });
        let wanted = StoredValue::new(spec.get_untracked().1);
        Effect::new(move |_| {
            session.run().track();
            wanted.set_value(session.read(|view| view.balancer().picker().implementation));
        });
        Self {
            session,
            spec,
            wanted,
        }
    }

    fn choose(self, id: &str) {
        if let Some(row) = CATALOGUE.iter().find(|row| row.id == id) {
            let form = row.form(self.wanted.get_value());
            let _ = self
                .session
                .send(Command::SetAlgorithm(row.algorithm, form));
        }
    }

    fn choose_implementation(self, id: &str) {
        if let Some(form) = Implementation::ALL.iter().find(|form| form.id() == id) {
            self.wanted.set_value(*form);
            let algorithm = self.spec.get_untracked().0;
            let _ = self.session.send(Command::SetAlgorithm(algorithm, *form));
        }
    }
}

/// One sentence on the implementation of the algorithm in use.
pub fn implementation_line(session: Session) -> Memo<String> {
    session.watch(form_line)
}

/// The two fields: algorithm and implementation. With `folded` there is no room for the second one.
#[component]
pub fn AlgorithmField(choice: AlgorithmChoice, folded: Memo<bool>) -> impl IntoView {
    let session = choice.session;
    let algorithm = Memo::new(move |_| choice.spec.get().0);
    let rule = session.watch(rule_line);
    let limited = session.watch(has_limits);
    let form = implementation_line(session);
    view! {
        <div class="algorithm asks">
            <label for="algorithm" class="unseen">{t!("algorithm")}</label>
            <select
                id="algorithm"
                aria-describedby="algorithm-rule"
                on:change:target=move |event| choice.choose(&event.target().value())
            >
                {move || algorithm_options(algorithm, limited.get())}
            </select>
            <p class="as">
                <Show when=move || !folded.get()>
                    <ImplementationField choice=choice />
                </Show>
            </p>
            <p class="says">
                <span id="algorithm-rule">{rule}</span>
                " "
                <Show when=move || !folded.get()>
                    <span id="form-line">{form}</span>
                </Show>
            </p>
        </div>
    }
}

/// The field that chooses the implementation.
#[component]
pub fn ImplementationField(choice: AlgorithmChoice) -> impl IntoView {
    let algorithm = Memo::new(move |_| choice.spec.get().0);
    view! {
        <label for="engine">{t!("algorithm.as_in")}</label>
        " "
        <select
            id="engine"
            aria-describedby="form-line"
            on:change:target=move |event| choice.choose_implementation(&event.target().value())
        >
            {move || implementation_options(choice.spec, algorithm.get().row())}
        </select>
    }
}

/// The algorithms that most readers look for; they stand first in the list.
const FIRST: [&str; 5] = [
    "round_robin",
    "weighted_round_robin",
    "least_connections",
    "power_of_two",
    "consistent_hash",
];

/// The algorithms as options: the five that matter most, then the others.
pub fn algorithm_options(algorithm: Memo<Algorithm>, limited: bool) -> impl IntoView {
    let option = move |row: &'static CatalogueRow| {
        let is_it = move || algorithm.get() == row.algorithm;
        view! {
            <option value=row.id prop:selected=is_it>
                {words::algorithm(row)}
            </option>
        }
    };
    let shown = |row: &&CatalogueRow| limited || !row.needs_limits;
    let first = FIRST
        .iter()
        .filter_map(|id| CATALOGUE.iter().find(|row| row.id == *id));
    let rest = CATALOGUE
        .iter()
        .filter(shown)
        .filter(|row| !FIRST.contains(&row.id));
    view! {
        <optgroup label=t!("algorithm.first")>{first.map(option).collect_view()}</optgroup>
        <optgroup label=t!("algorithm.others")>{rest.map(option).collect_view()}</optgroup>
    }
}

/// Whether any endpoint has a limit of connections: without one, the first server gets everything.
fn has_limits(view: View<'_>) -> bool {
    let endpoints = view.balancer().endpoints();
    endpoints
        .iter()
        .any(|endpoint| endpoint.config.max_conns.is_some())
}

/// The implementations of one algorithm, as options of a list.
pub fn implementation_options(
    spec: Memo<(Algorithm, Implementation)>,
    row: &'static CatalogueRow,
) -> impl IntoView {
    row.flavours
        .iter()
        .map(|form| {
            let is_it = move || spec.get().1 == *form;
            view! {
                <option value=form.id() prop:selected=is_it>
                    {words::implementation(*form)}
                </option>
            }
        })
        .collect_view()
}
