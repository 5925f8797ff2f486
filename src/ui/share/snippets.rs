//! Snippets that embed the scene in another page, with a preview.

use leptos::prelude::*;

use super::dialog::CopyField;
use crate::embed::address::{Controls, EmbedSettings, Theme};
use crate::embed::snippet::Snippet;
use crate::t;
use crate::ui::options::page_address;
use crate::ui::show::Show;
use crate::ui::switch::Switch;

/// The heights that can be chosen, in CSS pixels.
const HEIGHTS: [u32; 4] = [480, 640, 760, 960];

/// The settings, the snippets and the preview.
#[component]
pub fn Snippets(fragment: String, title: String) -> impl IntoView {
    let theme = RwSignal::new(None::<Theme>);
    let controls = RwSignal::new(Controls::default());
    let autoplay = RwSignal::new(true);
    let transparent = RwSignal::new(false);
    let height = RwSignal::new(HEIGHTS[2]);
    let snippet = Memo::new(move |_| Snippet {
        page: page_address(),
        fragment: fragment.clone(),
        title: title.clone(),
        height: height.get(),
        settings: EmbedSettings {
            embed: true,
            theme: theme.get(),
            controls: controls.get(),
            autoplay: autoplay.get(),
            transparent: transparent.get(),
        },
    });
    let text = move |part: fn(&Snippet) -> String| Signal::derive(move || snippet.with(part));
    let shown = RwSignal::new(false);
    view! {
        <details class="snippets" on:toggle=move |_| shown.set(true)>
            <summary>{t!("share.embed.title")}</summary>
            <div class="choices">
                <Choice
                    id="embed-theme"
                    label=t!("share.embed.theme")
                    options=vec![
                        ("auto", t!("share.embed.theme.auto")),
                        ("light", t!("share.embed.theme.light")),
                        ("dark", t!("share.embed.theme.dark")),
                    ]
                    choose=move |word: String| theme.set(Theme::read(&word))
                />
                <Choice
                    id="embed-controls"
                    label=t!("share.embed.controls")
                    options=vec![
                        ("min", t!("share.embed.controls.min")),
                        ("full", t!("share.embed.controls.full")),
                        ("none", t!("share.embed.controls.none")),
                    ]
                    choose=move |word: String| {
                        let is_it = |choice: &Controls| choice.word() == word;
                        controls.set(Controls::ALL.into_iter().find(is_it).unwrap_or_default());
                    }
                />
                <Choice
                    id="embed-height"
                    label=t!("share.embed.height")
                    options=vec![
                        ("760", "760 px".to_string()),
                        ("480", "480 px".to_string()),
                        ("640", "640 px".to_string()),
                        ("960", "960 px".to_string()),
                    ]
                    choose=move |word: String| height.set(word.parse().unwrap_or(HEIGHTS[2]))
                />
                <Switch on=autoplay set=move |on| autoplay.set(on)>
                    {t!("share.embed.autoplay")}
                </Switch>
                <Switch on=transparent set=move |on| transparent.set(on)>
                    {t!("share.embed.transparent")}
                </Switch>
            </div>
            <p>{t!("share.embed.iframe.note")}</p>
            <CopyField name=t!("share.embed.iframe") text=text(Snippet::iframe) />
            <p>{t!("share.embed.element.note")}</p>
            <CopyField name=t!("share.embed.element") text=text(Snippet::element) />
            <p>{t!("share.embed.markdown.note")}</p>
            <CopyField name=t!("share.embed.markdown") text=text(Snippet::markdown) />
            <p>{t!("share.embed.mediawiki.note")}</p>
            <CopyField name=t!("share.embed.mediawiki") text=text(Snippet::mediawiki) />
            <Show when=move || shown.get()>
                <h4>{t!("share.embed.preview")}</h4>
                <iframe
                    class="preview"
                    title=t!("share.embed.preview")
                    sandbox="allow-scripts"
                    height=move || height.get().to_string()
                    src=move || snippet.with(Snippet::frame_address)
                ></iframe>
            </Show>
        </details>
    }
}

/// A choice among a few words.
#[component]
fn Choice(
    id: &'static str,
    label: String,
    options: Vec<(&'static str, String)>,
    #[prop(into)] choose: Callback<String>,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(word, said)| view! { <option value=word>{said}</option> })
        .collect_view();
    view! {
        <div class="choice">
            <label for=id>{label}</label>
            <select id=id on:change:target=move |event| choose.run(event.target().value())>
                {options}
            </select>
        </div>
    }
}
