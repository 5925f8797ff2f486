//! The traffic slider at the clients.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use crate::sim::engine::command::Command;
use crate::sim::fleet::spec::ArrivalProcess;
use crate::t;
use crate::ui::session::Session;
use crate::ui::text::text;
use crate::words::number;

/// The largest rate of the slider in requests a second, where the scene starts with less than half of it.
const MAX_TRAFFIC: f64 = 100.0;

/// The slider with the request rate. In a closed loop there is no rate, so the number of users is shown.
#[component]
pub fn TrafficField(session: Session) -> impl IntoView {
    let rate = session.watch(|view| view.rate().rps());
    // Of the scene's start and not of the rate now: a scale that follows the hand is none.
    let most = session.watch(|view| {
        let start = view.scenario().arrivals.rate_rps;
        MAX_TRAFFIC.max((start * 2.0).ceil())
    });
    let resting = StoredValue::new(false);
    let latest = StoredValue::new(None::<u64>);
    let set = move |rps: f64| {
        if !rps.is_finite() {
            return;
        }
        latest.set_value(Some((rps * 1_000.0) as u64));
        if !resting.get_value() {
            resting.set_value(true);
            leptos::task::spawn_local(pass_on(session, latest, resting));
        }
    };
    let users = session.watch(|view| {
        let closed = view.scenario().arrivals.process == ArrivalProcess::ClosedLoop;
        closed.then(|| {
            view.clients()
                .iter()
                .map(|client| u64::from(client.spec.users))
                .sum::<u64>()
        })
    });
    view! {
        <p class="traffic users" hidden=move || users.get().is_none()>
            {text(move || users.get().map(|users| t!("bar.users", n = users)))}
        </p>
        <div class="traffic" hidden=move || users.get().is_some()>
            <label for="traffic">{t!("bar.traffic")}</label>
            <span class="amount" aria-hidden="true">
                {text(move || t!("bar.rate", rate = rate_text(rate.get())))}
            </span>
            <input
                type="range"
                id="traffic"
                min="0"
                max=move || most.get().to_string()
                step="1"
                prop:value=move || rate.get().to_string()
                aria-valuetext=move || t!("bar.rate_long", rate = rate_text(rate.get()))
                on:input:target=move |event| set(event.target().value_as_number())
            />
        </div>
    }
}

/// A rate as text: up to three digits after the point, with grouped digits if it is large.
fn rate_text(rps: f64) -> String {
    if rps < 1_000.0 {
        number::short(rps, 3)
    } else {
        number::count(rps.round() as u64)
    }
}

/// Sends the rate of the slider, at most eight times a second while it is dragged: each command stays in the run's log.
async fn pass_on(session: Session, latest: StoredValue<Option<u64>>, resting: StoredValue<bool>) {
    while let Some(rate) = latest.try_update_value(Option::take).flatten() {
        let _ = session.send(Command::SetTraffic(rate));
        TimeoutFuture::new(125).await;
    }
    resting.set_value(false);
}
