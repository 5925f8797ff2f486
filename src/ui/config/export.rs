//! The scene as a configuration text: highlighted, to copy and to download. The text follows the scene on the stage.

use js_sys::Array;
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, HtmlAnchorElement, Url};

use crate::conf::highlight::{HighlightPiece, pieces};
use crate::conf::{ConfigFormat, export};
use crate::sim::scenario::Scenario;
use crate::t;

/// The longest text that is highlighted, in bytes. The elements of a longer one would slow the page down.
const MOST_COLOURED: usize = 100_000;

/// The configuration text of one program, with its buttons.
#[component]
pub fn Export(scene: Signal<Option<Scenario>>, dialect: ConfigFormat) -> impl IntoView {
    let text = Memo::new(move |_| {
        scene.with(|scene| {
            let scene = scene.as_ref();
            scene.map_or_else(String::new, |scene| export(scene, dialect))
        })
    });
    let said = RwSignal::new(String::new());
    let by_hand = RwSignal::new(false);
    let name = dialect.file_name();
    let copy = move |_| {
        let text = text.get_untracked();
        spawn_local(async move {
            let done = copied(&text).await;
            by_hand.set(!done);
            said.set(if done {
                t!("config.copied")
            } else {
                t!("config.copy_barred")
            });
        });
    };
    let download = move |_| {
        let done = text.with_untracked(|text| downloaded(text, name)).is_some();
        said.set(if done {
            t!("config.download_asked")
        } else {
            t!("config.download_barred")
        });
    };
    view! {
        <div class="config-do">
            <button type="button" class="button" on:click=copy>
                {t!("config.copy")}
            </button>
            <button type="button" class="button" on:click=download>
                {t!("config.download", name = name)}
            </button>
            <span role="status">{said}</span>
        </div>
        {move || by_hand.get().then(|| view! { <ByHand text=text /> })}
        <pre class="config-out" tabindex="0" role="region" aria-label=name>
            <code>{move || text.with(|text| coloured(text, dialect))}</code>
        </pre>
    }
}

/// The highlighted text. Each piece is a text node, whatever it holds, and never markup.
fn coloured(text: &str, dialect: ConfigFormat) -> AnyView {
    if text.len() > MOST_COLOURED {
        return text.to_owned().into_any();
    }
    let piece = |(piece, text): (HighlightPiece, &str)| {
        let text = text.to_owned();
        match piece {
            HighlightPiece::Plain => text.into_any(),
            _ => view! { <span class=piece.id()>{text}</span> }.into_any(),
        }
    };
    pieces(text, dialect)
        .into_iter()
        .map(piece)
        .collect_view()
        .into_any()
}

async fn copied(text: &str) -> bool {
    // Where the page is not from a safe place there is no clipboard at all.
    let navigator = window().navigator();
    let found = js_sys::Reflect::get(&navigator, &"clipboard".into());
    if found.map_or(true, |found| found.is_undefined()) {
        return false;
    }
    JsFuture::from(navigator.clipboard().write_text(text))
        .await
        .is_ok()
}

/// Asks the browser to save the text as a file. The browser does not say whether it did.
fn downloaded(text: &str, name: &str) -> Option<()> {
    let parts = Array::of1(&JsValue::from_str(text));
    let blob = Blob::new_with_str_sequence(&parts).ok()?;
    let address = Url::create_object_url_with_blob(&blob).ok()?;
    let link: HtmlAnchorElement = document().create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&address);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&address).ok()
}

/// The text, selected in a field, for browsers that refuse access to the clipboard.
#[component]
fn ByHand(text: Memo<String>) -> impl IntoView {
    let field = NodeRef::<Textarea>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            // Once the text is in it: an empty field has nothing to select.
            request_animation_frame(move || {
                let _ = field.focus();
                field.select();
            });
        }
    });
    view! {
        <textarea
            class="config-hand"
            node_ref=field
            readonly=true
            rows="4"
            aria-label=t!("config.text_to_copy")
            prop:value=text
        ></textarea>
    }
}
