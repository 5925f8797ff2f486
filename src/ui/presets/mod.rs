//! "Break something": incidents of production, each with its fix. The presets are figures, whose data the build writes
//! to `presets/LANG.json`. The page loads the file when the list is opened.

mod list;
mod panel;

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::Deserialize;

pub use self::list::{Listed, PresetList};
pub use self::panel::PresetPanel;
use crate::lesson::figure::Figure;
use crate::lesson::figure_texts::FigureWords;
use crate::lesson::part::part;
use crate::sim::time::SimTime;
use crate::t;
use crate::ui::dialog::Sheet;
use crate::ui::language::Language;
use crate::ui::lazy;
use crate::ui::playback::Playback;
use crate::ui::session::Session;

/// A preset in the file.
#[derive(Clone, Deserialize)]
struct Preset {
    figure: Figure,
    words: FigureWords,
}

/// The file.
#[derive(Clone, Default, Deserialize)]
struct Book {
    frame: BTreeMap<String, String>,
    presets: Vec<Preset>,
}

/// The preset on the stage, and its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    preset: usize,
    part: usize,
    end: SimTime,
    /// The number of the run in which it was opened. Another run removes the preset.
    run: u32,
}

/// The presets, and the one that is shown.
#[derive(Clone, Copy)]
pub struct Presets {
    session: Session,
    playback: Playback,
    book: StoredValue<Book>,
    shown: RwSignal<Option<Shown>>,
}

impl Presets {
    /// No preset is shown.
    pub fn new(session: Session, playback: Playback) -> Self {
        Self {
            session,
            playback,
            book: StoredValue::new(Book::default()),
            shown: RwSignal::new(None),
        }
    }

    /// Opens a part of a preset on the stage, at its beginning.
    fn begin(self, preset: usize, number: usize) {
        let made = self.book.with_value(|book| {
            let preset = book.presets.get(preset)?;
            part(&preset.figure, number)
        });
        let Some(part) = made else { return };
        self.session.open(&part.run);
        self.shown.set(Some(Shown {
            preset,
            part: number,
            end: part.end,
            run: self.session.run().get_untracked(),
        }));
        self.playback.playing.set(true);
    }

    /// Runs the shown part to its end, and pauses there.
    fn finish(self) {
        let Some(shown) = self.shown.get_untracked() else {
            return;
        };
        let made = self.book.with_value(|book| {
            let preset = book.presets.get(shown.preset)?;
            part(&preset.figure, shown.part)
        });
        let Some(part) = made else { return };
        self.playback.playing.set(false);
        self.session.open(&crate::sim::run::Run {
            at: part.end,
            ..part.run
        });
        let run = self.session.run().get_untracked();
        self.shown.set(Some(Shown { run, ..shown }));
    }
}

/// The button in the header that opens the list.
#[component]
pub fn PresetsButton(presets: Presets, language: Language) -> impl IntoView {
    let inside = move |dialog| {
        let listed = Listed { language, dialog };
        Suspend::new(lazy::presets(presets, Some(listed))).into_any()
    };
    view! {
        <Sheet
            button=t!("presets.open")
            title=t!("presets.open")
            id="presets-name"
            class="presets"
            inside
        />
    }
}

/// The panel, while a preset is on the stage.
#[component]
pub fn PresetPlace(presets: Presets) -> impl IntoView {
    let some = Memo::new(move |_| presets.shown.get().is_some());
    move || {
        some.get()
            .then(|| Suspend::new(lazy::presets(presets, None)))
    }
}
