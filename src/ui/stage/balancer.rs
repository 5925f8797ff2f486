//! The card of the balancer: algorithm, layer, health checks, and the last pick with its reason.

use leptos::prelude::*;

use super::Stage;
use super::checks::Checks;
use super::icon::hue;
use super::layer::LayerField;
use super::reasoning::Reasoning;
use super::settings_sheet::Choices;
use crate::scene::status::{balancer_state, processor_line};
use crate::scene::words;
use crate::sim::balance::spec::Layer;
use crate::t;
use crate::ui::algorithm::AlgorithmField;
use crate::ui::request_inspector::RequestInspector;
use crate::ui::session::Session;
use crate::ui::show::Show;

/// The card. With `fixed` its settings cannot be changed here.
#[component]
pub fn BalancerCard(
    session: Session,
    stage: Stage,
    choices: Choices,
    request_inspector: Option<RequestInspector>,
    fixed: bool,
    checks: bool,
) -> impl IntoView {
    let what = session.watch(|view| {
        let balancer = view.balancer();
        let layer = match balancer.layer() {
            Layer::L4 => "L4",
            Layer::L7 => "L7",
        };
        format!(
            "{layer} · {}",
            words::algorithm(balancer.picker().algorithm.row())
        )
    });
    let named = session.watch(|view| !view.balancer().name.is_empty());
    // Where there are several, each has a name.
    let name = session.watch(|view| match view.balancer().name.as_str() {
        "" => t!("stage.balancer"),
        name => t!("stage.balancer.named", name = name),
    });
    let state = session
        .watch(|view| balancer_state(view).map_or_else(String::new, |word| format!(" · {word}")));
    let load = session.watch(processor_line);
    let folded = Memo::new(move |_| stage.folded.get().settings);
    let picked = session.watch(|view| {
        let (id, _) = view.balancer().decision().picked?;
        view.balancer()
            .endpoint(id)
            .map(|endpoint| endpoint.config.server)
    });
    view! {
        <div
            class=move || format!("balancer {}", picked.get().map(hue).unwrap_or_default())
            role="group"
            aria-labelledby="balancer-name"
        >
            <h2 id="balancer-name" class:unseen=move || !named.get()>
                {name} <span class="out-of-work">{state}</span>
            </h2>
            {if fixed {
                view! { <p class="what">{what}</p> }.into_any()
            } else {
                view! {
                    <div class="how">
                        <LayerField session=session />
                        <AlgorithmField choice=choices.algorithm folded=folded />
                    </div>
                }
                    .into_any()
            }}
            <p class="load-line">{load}</p>
            <Reasoning session=session />
            {request_inspector.map(look_inside)}
            {checks
                .then(|| {
                    view! {
                        <Show when=move || !folded.get()>
                            <Checks settings=choices.checks />
                        </Show>
                    }
                })}
        </div>
    }
}

/// The button that opens the inspector of the algorithm.
fn look_inside(request_inspector: RequestInspector) -> impl IntoView {
    let open = request_inspector.inside;
    view! {
        <button
            type="button"
            class="quiet look"
            aria-expanded=move || open.get().to_string()
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {t!("inside.look")}
        </button>
    }
}
