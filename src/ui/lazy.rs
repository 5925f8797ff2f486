//! The parts of the page whose code loads when they are first needed.
//!
//! In a release these functions are split off into files of their own (feature `split`, see `scripts/split.mjs`);
//! otherwise they are part of the program and ready at once. Code that only such a part uses is in its file: above all
//! the reading and writing of scenes, which the first view does without.

use leptos::html;
use leptos::prelude::*;

use crate::embed::address::EmbedSettings;
use crate::lesson::figure::Drawing;
use crate::scene::refusal::refusal as reason;
use crate::sim::engine::command::CommandError;
use crate::sim::ids::ServerId;
use crate::sim::run::Run;
use crate::sim::scenario::Scenario;
use crate::sim::scenario::validate::{ScenarioError, parse};
use crate::sim::share::{self, LinkError};
use crate::ui::app;
use crate::ui::comparison::{ComparisonPage, ComparisonView};
use crate::ui::configuration::{Configuration, ConfigurationPlace};
use crate::ui::crash_screen;
use crate::ui::editor::Editor;
use crate::ui::embedded;
use crate::ui::events::EventsPanel;
use crate::ui::inspector::{InspectorKind, InspectorPanel};
use crate::ui::inspector_button::BalancerLooks;
use crate::ui::language;
use crate::ui::language::{Language, all_texts};
use crate::ui::legend::Legend;
use crate::ui::lesson;
use crate::ui::levels::{FigurePicture, Overview, ZoomLevel, ZoomLevels};
use crate::ui::opening::Opening;
use crate::ui::panels::figure::CHARTS;
use crate::ui::panels::{DistributionPanel, LatencyPanel, OutcomesPanel, PanelScope};
use crate::ui::playback::Playback;
use crate::ui::presets::{PresetList, PresetPanel, Presets};
use crate::ui::request_inspector::RequestInspector;
use crate::ui::scenes::{Gallery, SceneOpener};
use crate::ui::session::Session;
use crate::ui::share::{STYLE as SHARE, Share};
use crate::ui::stage::card::Card;
use crate::ui::stage::checks::{CheckFields, CheckSettings};
use crate::ui::stage::fleet::Fleet;
use crate::ui::stage::menu::{ServerEntries, Shown};
use crate::ui::stage::{Choices, Following, SettingsFields, SettingsSheet, Stage};
use crate::ui::stylesheet::{load_stylesheet, styled};
use crate::ui::testing;
use crate::ui::timeline::{BranchInfo, MomentsPanel, TimelineState};

/// The style sheet of the sheet of settings and of the settings of checks.
const SETTINGS: &str = "style/settings.css";
/// The style sheet of the lists of scenes and presets.
const PRESETS: &str = "style/presets.css";
/// The style sheet of the panel of moments and of the line on the position in time.
const MOMENTS: &str = "style/moments.css";

/// The page itself, in the place of the opening pictures.
#[cfg_attr(feature = "split", lazy)]
pub async fn page(settings: EmbedSettings, opening: Opening) {
    app::open(settings, opening);
}

/// The panels below the stage.
#[cfg_attr(feature = "split", lazy)]
pub async fn panels(session: Session) -> AnyView {
    let [first, second, third, fourth] = std::array::from_fn(|part| session.deeper(part));
    let panels = move || {
        view! {
            <Legend session=first />
            <div class="panels">
                <BalancerLooks />
                <PanelScope session=first />
                <LatencyPanel session=first />
                <DistributionPanel session=second />
                <OutcomesPanel session=third />
                <EventsPanel session=fourth />
            </div>
        }
    };
    styled(CHARTS, panels).into_any()
}

/// The panel beside the timeline: a time to go to, the list of marks, the branches.
#[cfg_attr(feature = "split", lazy)]
pub async fn moments(line: TimelineState) -> AnyView {
    styled(MOMENTS, move || view! { <MomentsPanel line /> }).into_any()
}

/// What to say of the position in time when it is not the end of the only branch.
#[cfg_attr(feature = "split", lazy)]
pub async fn branch_info(session: Session, playback: Playback) -> AnyView {
    styled(MOMENTS, move || view! { <BranchInfo session playback /> }).into_any()
}

/// The caption of the request that is followed.
#[cfg_attr(feature = "split", lazy)]
pub async fn following(
    session: Session,
    playback: Playback,
    request_inspector: RequestInspector,
) -> AnyView {
    all_texts().await;
    view! { <Following session playback request_inspector /> }.into_any()
}

/// The menu of a server.
#[cfg_attr(feature = "split", lazy)]
pub async fn server_menu(
    session: Session,
    id: ServerId,
    title: String,
    card: Memo<Card>,
    shown: Shown,
) -> AnyView {
    view! { <ServerEntries session id title card shown /> }.into_any()
}

/// The fields of the settings sheet.
#[cfg_attr(feature = "split", lazy)]
pub async fn settings_sheet(session: Session, sheet: SettingsSheet, choices: Choices) -> AnyView {
    let fields = move || view! { <SettingsFields session sheet choices /> };
    styled(SETTINGS, fields).into_any()
}

/// The grid of a fleet of servers.
#[cfg_attr(feature = "split", lazy)]
pub async fn fleet(session: Session, stage: Stage) -> AnyView {
    let fleet = move || view! { <Fleet session stage /> };
    styled("style/fleet.css", fleet).into_any()
}

/// The fields of both kinds of health check.
#[cfg_attr(feature = "split", lazy)]
pub async fn check_settings(settings: CheckSettings) -> AnyView {
    styled(SETTINGS, move || view! { <CheckFields settings /> }).into_any()
}

/// The panel of an inspector.
#[cfg_attr(feature = "split", lazy)]
pub async fn inspector(
    kind: InspectorKind,
    session: Session,
    request_inspector: RequestInspector,
) -> AnyView {
    all_texts().await;
    view! { <InspectorPanel kind session request_inspector /> }.into_any()
}

/// The reason why a command was refused.
#[cfg_attr(feature = "split", lazy)]
pub async fn refusal(error: CommandError) -> String {
    all_texts().await;
    reason(error)
}

/// The gallery of scenes, in its dialog.
#[cfg_attr(feature = "split", lazy)]
pub async fn scenes(opener: SceneOpener, dialog: NodeRef<html::Dialog>) -> AnyView {
    load_stylesheet(PRESETS);
    view! { <Gallery opener dialog /> }.into_any()
}

/// The presets: the list in its dialog, or the panel of the one on the stage.
#[cfg_attr(feature = "split", lazy)]
pub async fn presets(
    presets: Presets,
    language: Language,
    list: Option<NodeRef<html::Dialog>>,
) -> AnyView {
    load_stylesheet(PRESETS);
    match list {
        Some(dialog) => view! { <PresetList presets language dialog /> }.into_any(),
        None => view! { <PresetPanel presets language /> }.into_any(),
    }
}

/// The comparison of runs.
#[cfg_attr(feature = "split", lazy)]
pub async fn comparison(
    session: Session,
    playback: Playback,
    comparison: ComparisonView,
) -> AnyView {
    all_texts().await;
    view! { <ComparisonPage session playback comparison /> }.into_any()
}

/// The content of the share dialog.
#[cfg_attr(feature = "split", lazy)]
pub async fn share(session: Session, dialog: NodeRef<html::Dialog>) -> AnyView {
    all_texts().await;
    load_stylesheet(SHARE);
    view! { <Share session dialog /> }.into_any()
}

/// The content of the scene editor.
#[cfg_attr(feature = "split", lazy)]
pub async fn editor(session: Session, dialog: NodeRef<html::Dialog>) -> AnyView {
    all_texts().await;
    view! { <Editor session dialog /> }.into_any()
}

/// A level above the stage.
#[cfg_attr(feature = "split", lazy)]
pub async fn level(session: Session, levels: ZoomLevels, level: ZoomLevel) -> AnyView {
    all_texts().await;
    view! { <Overview session levels level /> }.into_any()
}

/// The picture of a world or a pair in a figure of a chapter.
#[cfg_attr(feature = "split", lazy)]
pub async fn figure_picture(session: Session, drawing: Drawing) -> AnyView {
    all_texts().await;
    view! { <FigurePicture session drawing /> }.into_any()
}

/// The configuration panel, once its part is loaded.
#[cfg_attr(feature = "split", lazy)]
pub async fn configuration(session: Session, configuration: Configuration) -> AnyView {
    all_texts().await;
    view! { <ConfigurationPlace session configuration /> }.into_any()
}

/// The messages of an embedded page to the page around it. It shows nothing.
#[cfg_attr(feature = "split", lazy)]
pub async fn embedded(session: Session, playback: Playback) -> AnyView {
    embedded::start(session, playback);
    ().into_any()
}

/// The hook by which tests take the run to a simulated time. Called only where a program drives the browser.
#[cfg_attr(feature = "split", lazy)]
pub async fn testing(session: Session) {
    testing::install(&window(), session);
}

/// Starts the figures of a chapter's page.
#[cfg_attr(feature = "split", lazy)]
pub async fn lesson() {
    crash_screen::install();
    language::begin_chapter(lesson::start);
}

/// The functions that read and write scenes and links.
#[derive(Clone, Copy)]
pub struct LinkCodec {
    /// Reads a scene file ([`parse`]).
    pub scene: fn(&str) -> Result<Scenario, ScenarioError>,
    /// Reads the run of a link's fragment ([`share::decode`]).
    pub run: fn(&str) -> Result<Run, LinkError>,
    /// Writes the fragment of a run's link ([`share::fragment`]).
    pub link: fn(&Run) -> Result<String, LinkError>,
}

/// The functions that read and write scenes and links. They load as one part, since they share nearly all of their
/// code.
#[cfg_attr(feature = "split", lazy)]
pub async fn link_codec() -> LinkCodec {
    LinkCodec {
        scene: parse,
        run: share::decode,
        link: share::fragment,
    }
}
