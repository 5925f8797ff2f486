//! The share dialog: the run as a link, as snippets for other pages, and as files.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::file::Files;
use super::snippets::Snippets;
use crate::sim::share;
use crate::t;
use crate::ui::dialog::Sheet;
use crate::ui::lazy;
use crate::ui::options::page_address;
use crate::ui::session::Session;
use crate::words::scene_text;

/// The button in the header that opens the dialog. The dialog shares the run as it is when the dialog opens.
#[component]
pub fn ShareButton(session: Session) -> impl IntoView {
    view! {
        <Sheet
            button=t!("share.button")
            title=t!("share.title")
            id="share-title"
            class="share-dialog"
            inside=move |dialog| Suspend::new(lazy::share(session, dialog)).into_any()
        />
    }
}

/// The content of the dialog: link, snippets, files.
#[component]
pub fn Share(session: Session, dialog: NodeRef<html::Dialog>) -> impl IntoView {
    let fragment = fragment(session);
    let title = session.read(|view| scene_text(&view.scenario().name));
    let link = page_address() + &fragment;
    let length = link.chars().count();
    view! {
        <section>
            <h3>{t!("share.link.title")}</h3>
            <CopyField name=t!("share.link.name") text=link.into() />
            <p class="note">{t!("share.link.note", length = length)}</p>
        </section>
        <Snippets fragment title />
        <Files session dialog />
    }
}

/// The fragment of the present run; empty if the run is too long for a link.
fn fragment(session: Session) -> String {
    share::fragment(&session.present()).unwrap_or_default()
}

/// The characters in a row of a field, approximately.
const LINE: usize = 64;
/// Rows of a field at most, as in the style sheet: a longer text is scrolled.
const ROWS: usize = 12;

/// A text to copy: by a button, or by hand from the selected field where the browser refuses access to the clipboard.
#[component]
pub fn CopyField(
    /// The label.
    #[prop(into)]
    name: String,
    /// The text.
    text: Signal<String>,
) -> impl IntoView {
    let field = NodeRef::<html::Textarea>::new();
    let said = RwSignal::new(String::new());
    let select = move || {
        if let Some(field) = field.get_untracked() {
            let _ = field.focus();
            field.select();
        }
    };
    let copy = move |_| {
        select();
        let text = text.get_untracked();
        leptos::task::spawn_local(async move {
            // Where there is no clipboard (a page without TLS, a frame without leave) the promise
            // is rejected or the object is missing.
            let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into());
            let copied = match clipboard {
                Ok(there) if !there.is_undefined() => {
                    JsFuture::from(window().navigator().clipboard().write_text(&text))
                        .await
                        .is_ok()
                }
                _ => false,
            };
            said.set(if copied {
                t!("share.copied")
            } else {
                t!("share.copy_by_hand")
            });
        });
    };
    // Where the style sheet cannot fit the field to its text: about as many rows as it takes.
    let rows = move || {
        let rows = |line: &str| line.chars().count().div_ceil(LINE).max(1);
        let all = text.with(|text| text.lines().map(rows).sum::<usize>());
        all.clamp(1, ROWS).to_string()
    };
    view! {
        <div class="copy-field">
            <textarea
                readonly
                aria-label=name.clone()
                rows=rows
                node_ref=field
                on:focus=move |_| select()
                prop:value=text
            ></textarea>
            <button type="button" class="button" on:click=copy>
                {t!("share.copy")}
                <span class="unseen">": " {name}</span>
            </button>
            <span class="said" role="status">
                {said}
            </span>
        </div>
    }
}
