//! The fields of active and passive health checks: a switch for each, and its settings on request.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::sim::engine::command::Command;
use crate::sim::health::active::ActiveConfig;
use crate::sim::health::passive::PassiveSpec;
use crate::sim::time::SimDuration;
use crate::t;
use crate::ui::lazy;
use crate::ui::number::NumberField;
use crate::ui::session::Session;
use crate::ui::show::Show;
use crate::ui::switch::Switch;

/// The present settings, and those to restore when a kind of check is switched on again.
#[derive(Clone, Copy)]
pub struct CheckSettings {
    session: Session,
    active: RwSignal<ActiveConfig>,
    active_on: Memo<bool>,
    passive: RwSignal<PassiveSpec>,
    passive_on: Memo<bool>,
}

impl CheckSettings {
    /// The settings that the scene begins with.
    pub fn new(session: Session) -> Self {
        let settings = Self {
            session,
            active: RwSignal::new(ActiveConfig::default()),
            active_on: session.watch(|view| view.balancer().active().is_some()),
            passive: RwSignal::new(PassiveSpec::default()),
            passive_on: session.watch(|view| view.balancer().passive().is_some()),
        };
        Effect::new(move |_| {
            session.run().track();
            let (active, passive) = session.read(|view| {
                let spec = &view.scenario().balancer;
                (spec.active_checks, spec.passive_checks)
            });
            settings.active.set(active.unwrap_or_default());
            settings.passive.set(passive.unwrap_or_default());
        });
        settings
    }

    fn switch_active(self, on: bool) {
        let config = on.then(|| self.active.get_untracked());
        let _ = self.session.send(Command::SetActiveChecks(config));
    }

    fn switch_passive(self, on: bool) {
        let config = on.then(|| self.passive.get_untracked());
        let _ = self.session.send(Command::SetPassiveChecks(config));
    }

    fn change_active(self, change: impl FnOnce(&mut ActiveConfig)) {
        self.active.update(change);
        if self.active_on.get_untracked() {
            self.switch_active(true);
        }
    }

    fn change_passive(self, change: impl FnOnce(&mut PassiveSpec)) {
        self.passive.update(change);
        if self.passive_on.get_untracked() {
            self.switch_passive(true);
        }
    }
}

/// The switches and the settings.
#[component]
pub fn Checks(settings: CheckSettings) -> impl IntoView {
    let holder = NodeRef::<html::Details>::new();
    let wanted = RwSignal::new(false);
    let close = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape"
            && let Some(holder) = holder.get_untracked()
        {
            holder.set_open(false);
            // What had the focus is no longer to be seen.
            let summary = holder.query_selector("summary").ok().flatten();
            if let Some(summary) = summary.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
                let _ = summary.focus();
            }
        }
    };
    view! {
        <div class="checks" role="group" aria-labelledby="checks-label">
            <span class="unseen" id="checks-label">
                {t!("checks.title")}
            </span>
            <Switch on=settings.active_on set=move |on| settings.switch_active(on)>
                {t!("checks.active")}
            </Switch>
            <Switch on=settings.passive_on set=move |on| settings.switch_passive(on)>
                {t!("checks.passive")}
            </Switch>
            <details node_ref=holder on:keydown=close on:toggle=move |_| wanted.set(true)>
                <summary aria-label=t!("checks.settings") title=t!("checks.settings")>"…"</summary>
                // A click on its ground keeps the focus inside, where Escape is heard.
                <div class="settings" tabindex="-1">
                    <Show when=move || wanted.get()>
                        {move || Suspend::new(lazy::check_settings(settings))}
                    </Show>
                </div>
            </details>
        </div>
    }
}

/// The settings of both kinds.
#[component]
pub fn CheckFields(settings: CheckSettings) -> impl IntoView {
    view! {
        <ActiveFields settings=settings />
        <PassiveFields settings=settings />
    }
}

fn secs(span: SimDuration) -> f64 {
    span.as_secs_f64()
}

fn span(secs: f64) -> SimDuration {
    SimDuration::from_us((secs * 1e6).round() as u64)
}

#[component]
fn ActiveFields(settings: CheckSettings) -> impl IntoView {
    let active = settings.active;
    let read = move |part: fn(&ActiveConfig) -> f64| Signal::derive(move || active.with(part));
    let change = move |part: fn(&mut ActiveConfig, f64)| {
        Callback::new(move |typed| settings.change_active(|config| part(config, typed)))
    };
    view! {
        <fieldset>
            <legend>{t!("checks.active_title")}</legend>
            <NumberField id="check-interval" label=t!("checks.interval") labelled=true unit=t!("unit.s") fraction=true
                min=0.5 max=600.0 value=read(|c| secs(c.interval_us))
                set=change(|c, typed| c.interval_us = span(typed)) />
            <NumberField id="check-fast" label=t!("checks.down_interval") labelled=true unit=t!("unit.s") fraction=true
                min=0.5 max=600.0 value=read(|c| secs(c.down_interval_us))
                set=change(|c, typed| {
                    c.fast_interval_us = span(typed);
                    c.down_interval_us = span(typed);
                }) />
            <NumberField id="check-timeout" label=t!("checks.timeout") labelled=true unit=t!("unit.s") fraction=true
                min=0.1 max=60.0 value=read(|c| secs(c.timeout_us))
                set=change(|c, typed| c.timeout_us = span(typed)) />
            <NumberField id="check-rise" label=t!("checks.rise") labelled=true means=t!("checks.rise_means")
                min=1.0 max=100.0 value=read(|c| f64::from(c.rise))
                set=change(|c, typed| c.rise = typed as u32) />
            <NumberField id="check-fall" label=t!("checks.fall") labelled=true means=t!("checks.fall_means")
                min=1.0 max=100.0 value=read(|c| f64::from(c.fall))
                set=change(|c, typed| c.fall = typed as u32) />
        </fieldset>
    }
}

#[component]
fn PassiveFields(settings: CheckSettings) -> impl IntoView {
    let passive = settings.passive;
    let read = move |part: fn(&PassiveSpec) -> f64| Signal::derive(move || passive.with(part));
    let change = move |part: fn(&mut PassiveSpec, f64)| {
        Callback::new(move |typed| settings.change_passive(|config| part(config, typed)))
    };
    view! {
        <fieldset>
            <legend>{t!("checks.passive_title")}</legend>
            <NumberField id="check-failures" label=t!("checks.failures") labelled=true
                min=1.0 max=100.0 value=read(|c| f64::from(c.consecutive_failures))
                set=change(|c, typed| c.consecutive_failures = typed as u32) />
            <NumberField id="check-ejection" label=t!("checks.ejection") labelled=true unit=t!("unit.s") fraction=true
                min=0.5 max=600.0 value=read(|c| secs(c.base_ejection_us))
                set=change(|c, typed| c.base_ejection_us = span(typed)) />
            <NumberField id="check-degraded" label=t!("checks.degraded") labelled=true means=t!("checks.degraded_means") unit=t!("unit.s") fraction=true
                min=0.1 max=60.0 value=read(|c| secs(c.degraded_over_us))
                set=change(|c, typed| c.degraded_over_us = span(typed)) />
        </fieldset>
    }
}
