//! The settings sheet: the controls that the cards have no room for, below a narrow stage or beside a low one.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::Stage;
use super::card::Card;
use super::checks::{CheckSettings, Checks};
use super::controls::Weight;
use super::menu::ServerMenu;
use super::traffic::TrafficField;
use crate::sim::engine::command::Command;
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::algorithm::{AlgorithmChoice, ImplementationField, implementation_line};
use crate::ui::inspector::show_beside;
use crate::ui::lazy;
use crate::ui::session::Session;
use crate::ui::show::Show;

/// The state of the balancer's fields, wherever they stand: on its card or in the sheet.
#[derive(Clone, Copy)]
pub struct Choices {
    pub(super) algorithm: AlgorithmChoice,
    pub(super) checks: CheckSettings,
}

impl Choices {
    /// The state that the scene begins with.
    pub fn new(session: Session) -> Self {
        Self {
            algorithm: AlgorithmChoice::new(session),
            checks: CheckSettings::new(session),
        }
    }
}

/// The state of the sheet, and its button.
#[derive(Clone, Copy)]
pub struct SettingsSheet {
    stage: Stage,
    open: RwSignal<bool>,
    button: NodeRef<html::Button>,
}

impl SettingsSheet {
    /// The closed sheet of a stage.
    pub fn new(stage: Stage) -> Self {
        Self {
            stage,
            open: RwSignal::new(false),
            button: NodeRef::new(),
        }
    }

    /// Whether the sheet is visible: only while controls are folded.
    pub fn is_open(self) -> bool {
        self.open.get() && self.stage.folded.get().any()
    }

    /// Closes the sheet. The focus returns to its button, which is visible a frame later.
    pub fn close(self) {
        self.open.set(false);
        request_animation_frame(move || {
            if let Some(button) = self.button.try_get_untracked().flatten() {
                let _ = button.focus();
            }
        });
    }
}

/// The button of the sheet; nothing where no control is folded.
#[component]
pub fn SheetButton(sheet: SettingsSheet) -> impl IntoView {
    let needed = Memo::new(move |_| sheet.stage.folded.get().any());
    view! {
        <Show when=move || needed.get()>
            <button
                type="button"
                class="button tune"
                title=t!("tuning.title")
                node_ref=sheet.button
                aria-expanded=move || sheet.is_open().to_string()
                aria-controls=move || sheet.is_open().then_some("settings-sheet")
                on:click=move |_| sheet.open.update(|open| *open = !*open)
            >
                <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
                    <path fill="none" stroke="currentColor" stroke-width="1.6" d="M1.5 4.5h6M12.5 4.5h2M10 2.5a2 2 0 1 0 .01 0M1.5 11.5h2M8.5 11.5h6M6 9.5a2 2 0 1 0 .01 0"></path>
                </svg>
                <span class="word">{t!("tuning.title")}</span>
            </button>
        </Show>
    }
}

/// The place of the sheet; empty while it is closed.
#[component]
pub fn SheetPlace(session: Session, sheet: SettingsSheet, choices: Choices) -> impl IntoView {
    let open = Memo::new(move |_| sheet.is_open());
    let place = NodeRef::<html::Section>::new();
    Effect::new(move |_| {
        if open.get()
            && let Some(place) = place.get()
        {
            let _ = place.focus();
            show_beside(&place);
        }
    });
    let keys = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && !event.default_prevented() {
            sheet.close();
        }
    };
    view! {
        <Show when=move || open.get()>
            <section
                id="settings-sheet"
                class="seen settings-sheet"
                aria-labelledby="settings-sheet-title"
                tabindex="-1"
                node_ref=place
                on:keydown=keys
            >
                <h2 id="settings-sheet-title">{t!("tuning.title")}</h2>
                <button
                    type="button"
                    class="quiet put-away"
                    aria-label=t!("close")
                    on:click=move |_| sheet.close()
                >
                    "×"
                </button>
                {Suspend::new(lazy::settings_sheet(session, sheet, choices))}
            </section>
        </Show>
    }
}

/// The fields of the sheet.
#[component]
pub fn SettingsFields(session: Session, sheet: SettingsSheet, choices: Choices) -> impl IntoView {
    let folded = sheet.stage.folded;
    let settings = Memo::new(move |_| folded.get().settings);
    let servers = Memo::new(move |_| folded.get().weights || folded.get().menus);
    let members = session.watch(|view| {
        view.members()
            .map(|member| (member.server.id, member.server.spec.name.clone()))
            .collect::<Vec<(ServerId, String)>>()
    });
    let form = implementation_line(session);
    let add = move |_| {
        let _ = session.send(Command::AddServer);
    };
    view! {
        <Show when=move || settings.get()>
            <TrafficField session />
            <div class="form">
                <ImplementationField choice=choices.algorithm />
                <p class="form-line" id="form-line">{form}</p>
            </div>
            <Checks settings=choices.checks />
        </Show>
        <Show when=move || servers.get()>
            <ul class="each">
                <For each=move || members.get() key=|member| member.clone() let((id, name))>
                    <Each session sheet id name />
                </For>
            </ul>
        </Show>
        <Show when=move || settings.get()>
            <button type="button" class="button add-one" on:click=add>
                {t!("stage.add")}
            </button>
        </Show>
    }
}

/// The weight and the menu of one server, where its card has no room for them.
#[component]
fn Each(session: Session, sheet: SettingsSheet, id: ServerId, name: String) -> impl IntoView {
    let folded = sheet.stage.folded;
    let weights = Memo::new(move |_| folded.get().weights);
    let menus = Memo::new(move |_| folded.get().menus);
    let card = session.watch(move |view| Card::read(view, id));
    let title = t!("server.name", name = &name);
    let more = t!("server.more", name = &name);
    view! {
        <li>
            <span>{title}</span>
            <Show when=move || weights.get()>
                <Weight session id name=name.clone() card />
            </Show>
            <Show when=move || menus.get()>
                <ServerMenu session id title=more.clone() card />
            </Show>
        </li>
    }
}
