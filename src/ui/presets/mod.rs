//! "Break something": incidents of production, each with its fix. The presets are figures, whose data the build writes
//! to `presets/LANG.json`. The page loads the file when the list is opened.

mod list;
mod panel;

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::Deserialize;

pub use self::list::PresetList;
pub use self::panel::PresetPanel;
use crate::lesson::figure::Figure;
use crate::lesson::figure_texts::FigureWords;
use crate::lesson::part::{FigurePart, part};
use crate::sim::run::Run;
use crate::sim::time::SimTime;
use crate::t;
use crate::ui::dialog::Sheet;
use crate::ui::language::Language;
use crate::ui::lazy;
use crate::ui::options;
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

/// The figure that the address asks for (`?figure=pair-fails&part=0`), as a chapter's link to the workbench names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedFigure {
    /// The name of the figure.
    pub name: String,
    /// The part that ran; `None` where the reader had changed the scene, of which no answer speaks.
    pub part: Option<usize>,
}

/// The preset on the stage: which part of it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    /// The part; `None` where the reader has changed the scene.
    part: Option<usize>,
    end: SimTime,
    /// The number of the run in which it was opened. Another run removes the preset.
    run: u32,
}

/// The presets, and the one that is shown.
#[derive(Clone, Copy)]
pub struct Presets {
    session: Session,
    playback: Playback,
    /// The texts around presets.
    frame: StoredValue<BTreeMap<String, String>>,
    /// The preset on the stage, or the last that was.
    preset: StoredValue<Option<Preset>>,
    shown: RwSignal<Option<Shown>>,
    /// The figure that the address asks for, until it is on the stage.
    asked: RwSignal<Option<AskedFigure>>,
}

impl Presets {
    /// No preset is shown. A figure that the address asks for is loaded once the address is `read`.
    pub fn new(session: Session, playback: Playback, read: Memo<bool>) -> Self {
        let asked = RwSignal::new(None);
        Effect::new(move |_| {
            if read.get() {
                asked.set(options::figure());
            }
        });
        Self {
            session,
            playback,
            frame: StoredValue::new(BTreeMap::new()),
            preset: StoredValue::new(None),
            shown: RwSignal::new(None),
            asked,
        }
    }

    /// Makes a part of the preset.
    fn made(self, number: usize) -> Option<FigurePart> {
        self.preset
            .with_value(|preset| part(&preset.as_ref()?.figure, number))
    }

    /// Opens a part of the preset on the stage, at its beginning.
    fn begin(self, number: usize) {
        let Some(made) = self.made(number) else {
            return;
        };
        self.put(number, &made.run, made.end);
        self.playback.playing.set(true);
    }

    /// Runs the shown part to its end, and pauses there.
    fn finish(self) {
        let shown = self.shown.get_untracked();
        let Some(number) = shown.and_then(|shown| shown.part) else {
            return;
        };
        let Some(FigurePart { run, end }) = self.made(number) else {
            return;
        };
        self.playback.playing.set(false);
        self.put(number, &Run { at: end, ..run }, end);
    }

    /// Puts a part on the stage.
    fn put(self, number: usize, run: &Run, end: SimTime) {
        self.session.open(run);
        self.shown.set(Some(Shown {
            part: Some(number),
            end,
            run: self.session.run().get_untracked(),
        }));
    }

    /// Shows the figure that the address asks for. A run that the address has gave the time, and the reader's changes.
    fn arrive(self, book: Book, asked: &AskedFigure) {
        self.frame.set_value(book.frame);
        self.preset.set_value(book.presets.into_iter().next());
        let now = self.session.read(|view| view.now());
        match asked.part {
            Some(number) => {
                if let Some(FigurePart { run, end }) = self.made(number) {
                    let at = now.max(run.at).min(end);
                    self.put(number, &Run { at, ..run }, end);
                }
            }
            None => self.shown.set(Some(Shown {
                part: None,
                end: SimTime::FAR,
                run: self.session.run().get_untracked(),
            })),
        }
    }
}

/// The button in the header that opens the list.
#[component]
pub fn PresetsButton(presets: Presets, language: Language) -> impl IntoView {
    let inside =
        move |dialog| Suspend::new(lazy::presets(presets, language, Some(dialog))).into_any();
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
pub fn PresetPlace(presets: Presets, language: Language) -> impl IntoView {
    let some = Memo::new(move |_| presets.shown.get().is_some() || presets.asked.get().is_some());
    move || {
        some.get()
            .then(|| Suspend::new(lazy::presets(presets, language, None)))
    }
}
