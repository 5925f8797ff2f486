//! Parts of the page whose code comes when they are first wanted.
//!
//! In a release these functions are split off into files of their own (feature `split`, see
//! `scripts/split.mjs`); otherwise they are part of the program and ready at once. What only they
//! reach is theirs: reading and writing scenes, above all, which the first view does without.

use leptos::html;
use leptos::prelude::*;

use crate::embed::address::EmbedSettings;
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
use crate::ui::inspector::{InspectorButtons, InspectorKind, InspectorPanel, OpenInspectors};
use crate::ui::language;
use crate::ui::legend::Legend;
use crate::ui::lesson;
use crate::ui::levels::{Overview, ZoomLevel, ZoomLevels};
use crate::ui::opening::Opening;
use crate::ui::panels::{DistributionPanel, LatencyPanel, OutcomesPanel, PanelScope};
use crate::ui::playback::Playback;
use crate::ui::presets::{Listed, PresetList, PresetPanel, Presets};
use crate::ui::request_inspector::RequestInspector;
use crate::ui::session::Session;
use crate::ui::share::Share;
use crate::ui::stage::card::Card;
use crate::ui::stage::checks::{CheckFields, CheckSettings};
use crate::ui::stage::fleet::Fleet;
use crate::ui::stage::menu::{ServerEntries, Shown};
use crate::ui::stage::{Choices, Following, SettingsFields, SettingsSheet, Stage};
use crate::ui::testing;
use crate::ui::timeline::{MomentsPanel, TimelineState};

/// The page itself, in the place of its first moving pictures.
#[cfg_attr(feature = "split", lazy)]
pub async fn page(settings: EmbedSettings, opening: Opening) {
    app::open(settings, opening);
}

/// The panels under the stage.
#[cfg_attr(feature = "split", lazy)]
pub async fn panels(session: Session, inspectors: OpenInspectors) -> AnyView {
    view! {
        <Legend session=session />
        <InspectorButtons inspectors />
        <div class="panels">
            <PanelScope session=session />
            <LatencyPanel session=session />
            <DistributionPanel session=session />
            <OutcomesPanel session=session />
            <EventsPanel session=session />
        </div>
    }
    .into_any()
}

/// What opens beside the line of time: a time to go to, the list of marks, the branches.
#[cfg_attr(feature = "split", lazy)]
pub async fn moments(line: TimelineState) -> AnyView {
    view! { <MomentsPanel line /> }.into_any()
}

/// What is told of a request that is followed.
#[cfg_attr(feature = "split", lazy)]
pub async fn following(
    session: Session,
    playback: Playback,
    request_inspector: RequestInspector,
) -> AnyView {
    view! { <Following session playback request_inspector /> }.into_any()
}

/// What else can happen to a server.
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

/// What is in the sheet of settings.
#[cfg_attr(feature = "split", lazy)]
pub async fn settings_sheet(
    session: Session,
    settings_sheet: SettingsSheet,
    choices: Choices,
) -> AnyView {
    view! { <SettingsFields session settings_sheet choices /> }.into_any()
}

/// The grid of many servers.
#[cfg_attr(feature = "split", lazy)]
pub async fn fleet(session: Session, stage: Stage) -> AnyView {
    view! { <Fleet session stage /> }.into_any()
}

/// The numbers of both kinds of health check.
#[cfg_attr(feature = "split", lazy)]
pub async fn check_settings(settings: CheckSettings) -> AnyView {
    view! { <CheckFields settings /> }.into_any()
}

/// What a reader opens to look closer.
#[cfg_attr(feature = "split", lazy)]
pub async fn inspector(
    kind: InspectorKind,
    session: Session,
    request_inspector: RequestInspector,
) -> AnyView {
    view! { <InspectorPanel kind session request_inspector /> }.into_any()
}

/// What can be broken: the list in its dialog, or what to watch on the stage.
#[cfg_attr(feature = "split", lazy)]
pub async fn presets(presets: Presets, list: Option<Listed>) -> AnyView {
    match list {
        Some(list) => view! { <PresetList presets list /> }.into_any(),
        None => view! { <PresetPanel presets /> }.into_any(),
    }
}

/// The race.
#[cfg_attr(feature = "split", lazy)]
pub async fn comparison(
    session: Session,
    playback: Playback,
    comparison: ComparisonView,
) -> AnyView {
    view! { <ComparisonPage session playback comparison /> }.into_any()
}

/// The inside of the dialog that gives the run away.
#[cfg_attr(feature = "split", lazy)]
pub async fn share(session: Session, dialog: NodeRef<html::Dialog>) -> AnyView {
    view! { <Share session dialog /> }.into_any()
}

/// The inside of the scene editor.
#[cfg_attr(feature = "split", lazy)]
pub async fn editor(session: Session, dialog: NodeRef<html::Dialog>) -> AnyView {
    view! { <Editor session dialog /> }.into_any()
}

/// A level above the stage.
#[cfg_attr(feature = "split", lazy)]
pub async fn level(session: Session, levels: ZoomLevels, level: ZoomLevel) -> AnyView {
    view! { <Overview session levels level /> }.into_any()
}

/// The configuration panel, once it was opened.
#[cfg_attr(feature = "split", lazy)]
pub async fn configuration(session: Session, configuration: Configuration) -> AnyView {
    view! { <ConfigurationPlace session configuration /> }.into_any()
}

/// What makes the page a good part of another one. Nothing of it is seen.
#[cfg_attr(feature = "split", lazy)]
pub async fn embedded(session: Session, playback: Playback) -> AnyView {
    embedded::start(session, playback);
    ().into_any()
}

/// Lets tests take the run on the stage to a simulated time. Called only where a program drives the
/// browser.
#[cfg_attr(feature = "split", lazy)]
pub async fn testing(session: Session) {
    testing::install(&window(), session);
}

/// Brings the figures of a chapter's page to life.
#[cfg_attr(feature = "split", lazy)]
pub async fn lesson() {
    crash_screen::install();
    language::begin_chapter(lesson::start);
}

/// Reads and writes scenes and links.
#[derive(Clone, Copy)]
pub struct LinkCodec {
    /// [`parse`]
    pub scene: fn(&str) -> Result<Scenario, ScenarioError>,
    /// [`share::decode`]
    pub run: fn(&str) -> Result<Run, LinkError>,
    /// [`share::fragment`]
    pub link: fn(&Run) -> Result<String, LinkError>,
}

/// What reads and writes scenes and links. One part: they share nearly all of their code.
#[cfg_attr(feature = "split", lazy)]
pub async fn link_codec() -> LinkCodec {
    LinkCodec {
        scene: parse,
        run: share::decode,
        link: share::fragment,
    }
}
