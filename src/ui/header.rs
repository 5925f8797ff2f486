//! The header of the page, one row.

use leptos::prelude::*;

use crate::t;
use crate::ui::comparison::{ComparisonButton, ComparisonView};
use crate::ui::configuration::{Configuration, ConfigurationButton};
use crate::ui::editor::EditorButton;
use crate::ui::fold::{Fold, FoldButton};
use crate::ui::language::{Language, LanguageField};
use crate::ui::options;
use crate::ui::presets::{Presets, PresetsButton};
use crate::ui::scenes::{GalleryButton, SceneField, SceneOpener};
use crate::ui::session::Session;
use crate::ui::share::{ShareButton, address};
use crate::ui::strip::TotalsLine;

/// The header: the choice of the scene, buttons and links; in a frame the totals and the link to the whole page.
#[component]
pub fn Header(
    session: Session,
    embed: bool,
    language: Language,
    presets: Presets,
    configuration: Configuration,
    comparison: ComparisonView,
) -> impl IntoView {
    // On a narrow page all but the scene folds into a menu.
    let fold = Fold::new(".top :is(.header-buttons, .header-links)");
    let opener = SceneOpener::new(session);
    let title = options::title().filter(|_| embed);
    view! {
        <header
            class="top"
            class:unfolded=move || fold.is_open()
            on:click:capture=move |event| fold.choose(&event)
            on:keydown=move |event| fold.key(&event)
            on:focusout=move |event| fold.left(&event)
        >
            <h1>"Evenkeel"</h1>
            {embed.then(|| view! {
                <p class="title">{title}</p>
                <TotalsLine session=session />
                <a
                    class="out"
                    href=whole_page()
                    target="_blank"
                    rel="noopener"
                    // The run as it is now goes with it.
                    on:click:target=move |event| {
                        event.target().set_href(&format!("{}{}", whole_page(), address::last()));
                    }
                >
                    {t!("page.open")}
                </a>
            })}
            {(!embed)
                .then(|| {
                    view! {
                        <SceneField session=session opener=opener />
                        <FoldButton fold name=t!("page.more") class="more-of-page" />
                        <div class="header-buttons">
                            <GalleryButton opener=opener />
                            <PresetsButton presets=presets language=language />
                            <ComparisonButton comparison=comparison />
                            <EditorButton session=session />
                            <ConfigurationButton configuration=configuration />
                        </div>
                        <div class="header-links">
                            <a class="out" href="chapters/index.html">{t!("page.chapters")}</a>
                            <ShareButton session=session />
                            <LanguageField language=language />
                        </div>
                    }
                })}
        </header>
    }
}

/// The address of the page without the parameters that made it a frame.
fn whole_page() -> String {
    window()
        .location()
        .pathname()
        .unwrap_or_else(|_| ".".to_string())
}
