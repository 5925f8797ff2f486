//! The language of the page: which one it is, how its texts load, and the field that changes it. A change builds the
//! page anew; the run goes on.

use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
// Not leptos's: a language is fetched before anything is mounted, and that sets leptos's up.
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlElement;

use crate::t;
use crate::ui::lesson::root;
use crate::ui::storage;
use crate::words::{LANGUAGES, add_english, choose, is_whole};

/// The storage key of the choice.
const KEPT: &str = "language";

/// The language of the page, as an index in [`LANGUAGES`].
#[derive(Clone, Copy)]
pub struct Language(RwSignal<usize>);

/// The language at the start: the one in the address (`?lang=es`), else the one that the reader chose before, else the
/// first of the browser's languages that the page has.
fn preferred(asked: Option<String>) -> usize {
    let browser = window().navigator().languages();
    let browser = browser.iter().filter_map(|tag| tag.as_string());
    let wishes = asked.into_iter().chain(storage::get(KEPT)).chain(browser);
    wishes.filter_map(|tag| place(&tag)).next().unwrap_or(0)
}

/// The index of the language of a tag such as `es` or `es-MX`; `None` if the page does not have it.
fn place(tag: &str) -> Option<usize> {
    let base = tag.split('-').next().unwrap_or_default();
    LANGUAGES
        .iter()
        .position(|(name, _)| name.eq_ignore_ascii_case(base))
}

/// Loads a language and uses it from now on. If it cannot be loaded, everything stays as it is.
async fn load(language: usize) -> Option<()> {
    let (name, _) = LANGUAGES.get(language)?;
    let json = match language {
        0 => None,
        _ => Some(fetch(&format!("words/{name}.json")).await?),
    };
    choose(json.as_deref()).then_some(())?;
    let page = document();
    page.document_element()?.set_attribute("lang", name).ok()?;
    page.set_title(&t!("page.title"));
    Some(())
}

/// Loads the English texts that the program does not hold; a part that loads on demand waits for them. Without them it
/// shows their keys.
pub async fn all_texts() {
    if is_whole() {
        return;
    }
    // A promise of the browser stays on this thread, the only one that there is.
    if let Some(json) = SendWrapper::new(fetch(&format!("{}words/en.json", root()))).await {
        add_english(&json);
    }
}

/// The text of a file beside the page; `None` if it cannot be loaded.
pub async fn fetch(path: &str) -> Option<String> {
    let answer = JsFuture::from(window().fetch_with_str(path)).await.ok()?;
    let answer: web_sys::Response = answer.dyn_into().ok()?;
    let text = answer.ok().then(|| answer.text().ok())??;
    JsFuture::from(text).await.ok()?.as_string()
}

/// Calls `begin` once the texts of the reader's language have loaded, or at once for English, which is built in.
pub fn begin(asked: Option<String>, begin: impl FnOnce(usize) + 'static) {
    let wanted = preferred(asked);
    if wanted == 0 {
        return begin(wanted);
    }
    spawn_local(async move {
        let spoken = load(wanted).await.map_or(0, |()| wanted);
        begin(spoken);
    });
}

/// Calls `begin` once the texts in the language of a chapter's page have loaded.
pub fn begin_chapter(begin: impl FnOnce() + 'static) {
    let root = document().document_element();
    let tag = root.as_ref().and_then(|root| root.get_attribute("lang"));
    let name = tag
        .as_deref()
        .and_then(place)
        .map_or("en", |at| LANGUAGES[at].0);
    if name == LANGUAGES[0].0 {
        return begin();
    }
    let path = format!("{}words/{name}.json", crate::ui::lesson::root());
    spawn_local(async move {
        if let Some(json) = fetch(&path).await {
            choose(Some(&json));
        }
        begin();
    });
}

impl Language {
    /// The language that the page started with.
    pub fn new(language: usize) -> Self {
        Self(RwSignal::new(language))
    }

    /// Subscribes the calling effect to changes of the language.
    pub fn track(self) {
        self.0.track();
    }

    /// The tag of the language, such as `es`.
    pub fn tag(self) -> &'static str {
        LANGUAGES[self.0.get_untracked()].0
    }

    fn change(self, language: usize) {
        spawn_local(async move {
            if load(language).await.is_some() {
                let _ = storage::set(KEPT, LANGUAGES[language].0);
                self.0.set(language);
            } else {
                // The control is built anew and shows what still holds.
                self.0.notify();
            }
            request_animation_frame(|| {
                let control = document().get_element_by_id("language");
                if let Some(control) = control.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
                    let _ = control.focus();
                }
            });
        });
    }
}

/// The field that changes the language. Its name is in the language of the page.
#[component]
pub fn LanguageField(language: Language) -> impl IntoView {
    let now = language.0.get_untracked();
    let options = LANGUAGES.iter().enumerate().map(|(place, (name, own))| {
        view! {
            <option value=*name lang=*name selected=place == now>
                {*own}
            </option>
        }
    });
    view! {
        <select
            id="language"
            class="language"
            aria-label=t!("page.language")
            on:change:target=move |event| {
                language.change(event.target().selected_index().unsigned_abs() as usize);
            }
        >
            {options.collect_view()}
        </select>
    }
}
