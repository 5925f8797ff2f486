//! The layout of the page: which component stands where.

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

use crate::embed::address::{Controls, EmbedSettings};
use crate::sim::engine::EventBudget;
use crate::sim::time::SimTime;
use crate::ui::below::Deeper;
use crate::ui::comparison::{ComparisonPlace, ComparisonView};
use crate::ui::configuration::{Configuration, LazyConfiguration};
use crate::ui::crash_screen;
use crate::ui::events::LiveRegion;
use crate::ui::frame;
use crate::ui::header::Header;
use crate::ui::inspector::{InspectorPlaces, OpenInspectors};
use crate::ui::language::{self, Language};
use crate::ui::lazy;
use crate::ui::levels::{LevelView, ZoomLevels};
use crate::ui::notices::{Missing, Refusal};
use crate::ui::opening::Opening;
use crate::ui::options;
use crate::ui::playback::Playback;
use crate::ui::presets::{PresetPlace, Presets};
use crate::ui::request_inspector::RequestInspector;
use crate::ui::scenes;
use crate::ui::session::Session;
use crate::ui::share::address::{self, LinkNotice};
use crate::ui::stage::{Choices, SettingsSheet, SheetPlace, Stage, StageView};
use crate::ui::staged::{Staged, Staging};
use crate::ui::strip::Strip;
use crate::ui::testing;
use crate::ui::transport::Transport;

/// Mounts the page in the place of the opening pictures, once the texts of its language have loaded. The run goes on
/// from the instant at which the pictures stood.
pub fn open(settings: EmbedSettings, opening: Opening) {
    crash_screen::install();
    language::begin(options::language(), move |language| {
        let page = document();
        let place = page.get_element_by_id("app");
        let place = place.and_then(|found| found.dyn_into::<HtmlElement>().ok());
        let place = place.or_else(|| page.body()).expect("a page has a body");
        mount_to(place, move || view! { <App settings language opening /> }).forget();
    });
}

/// The page: whole, or as a frame in another page.
#[component]
fn App(
    settings: EmbedSettings,
    language: usize,
    /// The opening pictures, whose run the page continues.
    opening: Opening,
) -> impl IntoView {
    let session = Session::new();
    let catch_up = move |at: SimTime| {
        session.drive(|history| history.run_until(at, EventBudget::UNBOUNDED));
    };
    catch_up(opening.now());
    let shown = RwSignal::new(false);
    Staging::begin(move || {
        if opening.now() > session.read(|view| view.now()) {
            catch_up(opening.now());
            session.notify();
        }
        opening.end();
        shown.set(true);
    });
    let playback = Playback::new();
    let language = Language::new(language);
    let notice = RwSignal::new(None::<String>);
    playback.playing.set(settings.autoplay);
    scenes::open_asked(session, notice);
    let read = address::listen(session, playback, notice);
    address::follow(session, playback, settings.embed);
    let comparison = ComparisonView::new(playback);
    let read = Memo::new(move |before| before == Some(&true) || read.get());
    let presets = Presets::new(session, playback, read);
    let framed = move || {
        let framed = || lazy::embedded(session, playback);
        // Not before it is all there: the page around is told its height.
        (settings.embed && read.get() && shown.get()).then(|| Suspend::new(framed()))
    };
    Effect::new(move |_| {
        // Not before the run that the address asks for is there.
        if read.get() && testing::is_driven() {
            spawn_local(lazy::testing(session));
        }
    });
    // Built anew in another language, round the same run.
    let page = move || {
        language.track();
        view! { <Page session playback language settings notice presets comparison /> }
    };
    view! {
        {page}
        {framed}
    }
}

#[component]
fn Page(
    session: Session,
    playback: Playback,
    language: Language,
    presets: Presets,
    comparison: ComparisonView,
    settings: EmbedSettings,
    notice: RwSignal<Option<String>>,
) -> impl IntoView {
    let embed = settings.embed;
    let controls = if embed {
        settings.controls
    } else {
        Controls::Full
    };
    let few = controls != Controls::Full;
    provide_context(playback);
    let stage = Stage::new();
    stage
        .root
        .on_load(move |place| testing::show_marks(&place, stage));
    let choices = Choices::new(session);
    let sheet = (!few).then(|| SettingsSheet::new(stage));
    let request_inspector = RequestInspector::new();
    let inspectors = OpenInspectors::new(session, request_inspector);
    if !embed {
        provide_context(inspectors);
    }
    let levels = ZoomLevels::new(session);
    frame::run(session, playback, stage);
    let configuration = Configuration::new();
    view! {
        <Staged>
            <Header
                session=session
                embed=embed
                language=language
                presets=presets
                configuration=configuration
                comparison=comparison
            />
        </Staged>
        <main>
            <LinkNotice playback notice />
            <Missing />
            <ComparisonPlace session playback comparison />
            <div class="workbench" hidden=move || comparison.is_on()>
                <Refusal session=session />
                <div class="first">
                    <LevelView session=session levels=levels />
                    <div class="scene-place" hidden=move || !levels.on_stage()>
                        <Staged>
                            <StageView
                                session=session
                                playback=playback
                                stage=stage
                                choices=choices
                                controls=controls
                                request_inspector=(!embed).then_some(request_inspector)
                            />
                        </Staged>
                    </div>
                    <Staged>
                        <Transport
                            session=session
                            playback=playback
                            embed=few
                            request_inspector=(!embed).then_some(request_inspector)
                            sheet=sheet
                        />
                    </Staged>
                    <Staged>
                        <Strip session=session />
                    </Staged>
                </div>
                <div class="side">
                    <PresetPlace presets=presets language=language />
                    {sheet.map(|sheet| view! { <SheetPlace session sheet choices /> })}
                    {(!embed).then(|| view! {
                        <InspectorPlaces session inspectors />
                        <LazyConfiguration session=session configuration=configuration />
                    })}
                </div>
                {(!embed).then(|| view! {
                    <Staged>
                        <Deeper session playback />
                    </Staged>
                })}
            </div>
        </main>
        <LiveRegion session=session />
    }
}
