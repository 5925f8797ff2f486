//! The field for a configuration text: pasted, typed or dropped, with marks on its lines.

use gloo_timers::future::TimeoutFuture;
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::files::{FileField, drop_file, refusal, refuse_paste};
use super::gutter::Gutter;
use super::listener::ListenerChoice;
use super::remarks::{Remarks, summary};
use crate::conf::{Import, ImportChoice, MAX_TEXT, import_choice};
use crate::sim::scenario::Scenario;
use crate::sim::scenario::limits::MAX_TEXT as NAME;
use crate::t;

/// An example configuration.
const EXAMPLE: &str = "upstream shop {
    least_conn;
    server 10.0.0.1:8080 weight=3;
    server 10.0.0.2:8080;
    server 10.0.0.3:8080;
    server 10.0.0.4:8080 backup;
}

server {
    listen 443 ssl;
    location / {
        proxy_set_header Host $host;
        proxy_next_upstream error timeout http_503;
        proxy_pass http://shop;
    }
    location /static/ {
        root /var/www;
        expires 30d;
    }
}
";

/// The name of a scene whose configuration came from no file. The page shows it in its language.
const UNNAMED: &str = "Your configuration";

/// The pause in typing after which the text is read, in milliseconds.
const REST_MS: u32 = 250;

/// The field, and the remarks on its text.
#[component]
pub fn Source(scene: Signal<Option<Scenario>>, show: Callback<Scenario>) -> impl IntoView {
    let field = NodeRef::<Textarea>::new();
    let text = RwSignal::new(String::new());
    let refused = RwSignal::new(String::new());
    // The file that the text is, until it is edited.
    let file = RwSignal::new(None::<String>);
    let found = RwSignal::new_local(None::<Import>);
    let top = RwSignal::new(0);
    // The listener that the reader chose, by its name; another text forgets it if it has none of that name.
    let listener = RwSignal::new(None::<String>);
    let import_text = move |text: &str| {
        let listener = listener.get_untracked();
        let choice = ImportChoice {
            format: None,
            listener,
        };
        scene.with_untracked(|scene| Some(import_choice(text, scene.as_ref()?, &choice)))
    };
    let take = Callback::new(move |new: String| {
        if new.len() > MAX_TEXT {
            refused.set(refusal(new.len()));
            let old = text.get_untracked();
            if let Some(field) = field.get_untracked() {
                field.set_value(&old);
            }
            return;
        }
        refused.set(String::new());
        if let Some(field) = field.get_untracked()
            && field.value() != new
        {
            field.set_value(&new);
        }
        text.set(new);
    });
    let take_file = Callback::new(move |(name, new): (String, String)| {
        file.set(Some(name));
        take.run(new);
    });
    let write = Callback::new(move |new: String| {
        file.set(None);
        take.run(new);
    });
    let read = move |text: String| {
        found.set(import_text(&text).filter(|_| !text.trim().is_empty()));
    };
    read_at_rest(text, read);
    let choose = Callback::new(move |name: String| {
        listener.set(Some(name));
        read(text.get_untracked());
    });
    let use_it = move |_| {
        // Read again: the stage may have changed since, and clients and machines come from it.
        let import = import_text(&text.get_untracked());
        if let Some(mut made) = import.and_then(|import| import.scene) {
            let name = file.get_untracked().unwrap_or_else(|| UNNAMED.to_owned());
            made.name = name.chars().take(NAME).collect();
            show.run(made);
        }
    };
    let usable = move || found.with(|found| found.as_ref().is_some_and(|one| one.scene.is_some()));
    view! {
        <label class="config-label" for="config-text">
            {t!("config.label")}
        </label>
        <p class="config-hint" id="config-hint">
            {t!("config.hint")}
        </p>
        <div class="config-text">
            <Gutter text=text found=found top=top />
            <textarea
                id="config-text"
                node_ref=field
                rows="16"
                wrap="off"
                spellcheck="false"
                autocomplete="off"
                autocapitalize="off"
                aria-describedby="config-hint config-summary"
                on:input=move |event| write.run(event_target_value(&event))
                on:paste=move |event| refuse_paste(&event, refused)
                on:dragover=move |event| event.prevent_default()
                on:drop=move |event| drop_file(&event, take_file, refused)
                on:scroll=move |_| {
                    if let Some(field) = field.get_untracked() {
                        top.set(field.scroll_top());
                    }
                }
            ></textarea>
        </div>
        <ListenerChoice found=found choose=choose />
        <div class="config-do">
            <button type="button" class="button primary" prop:disabled=move || !usable() on:click=use_it>
                {t!("config.use")}
            </button>
            <FileField take=take_file refused=refused />
            <button type="button" class="button" on:click=move |_| write.run(EXAMPLE.to_owned())>
                {t!("config.example")}
            </button>
        </div>
        <p class="config-refused" role="alert">{refused}</p>
        <p id="config-summary" role="status">{move || found.with(summary)}</p>
        <Remarks found=found text=text field=field />
    }
}

/// Calls `read` when the text has not changed for [`REST_MS`].
fn read_at_rest(text: RwSignal<String>, read: impl Fn(String) + Copy + 'static) {
    let turn = StoredValue::new(0_u32);
    Effect::new(move |_| {
        text.track();
        turn.update_value(|turn| *turn += 1);
        let mine = turn.get_value();
        spawn_local(async move {
            TimeoutFuture::new(REST_MS).await;
            if turn.try_get_value() == Some(mine) {
                read(text.get_untracked());
            }
        });
    });
}
